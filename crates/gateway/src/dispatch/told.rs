//! What the log tells of every request, when somebody wants to watch them.

use std::sync::Arc;

use openclaw_protocol::ids::ConnId;
use tokio::time::Instant;
use tracing::info;

use crate::{
    edge::{Asked, Fault},
    peer::Peer,
};

/// OpenClaw's name for this part of its log.
const WS: &str = "gateway/ws";

/// How much the log tells of requests over sockets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WsLog {
    /// Nothing of those that go as they should.
    #[default]
    Auto,
    /// A line for each answer.
    Compact,
    /// A line for each request and one for its answer.
    Full,
}

/// A request that is told of.
#[derive(Debug)]
pub(super) struct Told {
    conn: ConnId,
    id: Arc<str>,
    method: String,
    since: Instant,
}

impl Told {
    pub(super) fn begin(style: WsLog, peer: &Peer, asked: &Asked<'_>) -> Option<Self> {
        if style == WsLog::Auto {
            return None;
        }
        let (conn, id) = (peer.id.clone(), Arc::clone(&asked.back.id));
        let told = Self { conn, id, method: asked.said.to_string(), since: Instant::now() };
        if style == WsLog::Full {
            info!(target: WS, conn = %told.conn, request = %told.id, method = told.method, "request");
        }
        Some(told)
    }

    pub(super) fn end(&self, result: &Result<Vec<u8>, Fault>) {
        let Self { conn, id, method, since } = self;
        let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        match result {
            Ok(payload) => {
                let bytes = payload.len();
                info!(target: WS, %conn, request = %id, method, micros, bytes, "answered");
            }
            Err(fault) => {
                let reason = fault.reason();
                info!(target: WS, %conn, request = %id, method, micros, reason, "refused");
            }
        }
    }
}
