//! Calls from within the process: what a host or a one-off command asks of its own gateway, without a
//! socket. The same dispatch answers them as answers every client.

use std::sync::Arc;

use bytes::Bytes;
use openclaw_protocol::{Role, RpcError, ScopeSet, Version, ids::ConnId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    connection::outbox::Item,
    dispatch::{self, Progress},
    edge::Voice,
    peer::{Caller, ClientInfo, Peer},
    state::App,
};

/// An answer; `payload` or `error`.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    payload: Value,
    error: Option<RpcError>,
}

/// Asks as the owner of the machine. A method that answers twice is waited for to its end.
pub(crate) async fn call(app: &Arc<App>, method: &str, params: &Value) -> Result<Value, RpcError> {
    let caller = Caller { role: Role::Operator, scopes: ScopeSet::all(), device: None, user: None };
    let client = ClientInfo { id: "cli".into(), mode: "cli".into(), ..ClientInfo::default() };
    let voice = Voice::Protocol(Version::V4);
    let peer = Arc::new(Peer::new(ConnId::new("inside"), voice, caller, client));
    let request = json!({"type": "req", "id": "1", "method": method, "params": params});
    let mut progress = Progress::default();
    dispatch::frame(app, &peer, &mut progress, &Bytes::from(request.to_string()));
    loop {
        match peer.outbox.pop() {
            Some(Ok(Item::Response(text))) => {
                let answer = read(&text)?;
                // Recorded behaviour: what answers twice says so by its first status.
                if answer["status"] != "accepted" {
                    return Ok(answer);
                }
            }
            // It follows nothing, so there is nothing else for it.
            Some(Ok(Item::Event(_) | Item::Live(..))) => {}
            Some(Err(close)) => return Err(RpcError::unavailable(close.reason.to_string())),
            None => peer.outbox.changed().await,
        }
    }
}

fn read(text: &[u8]) -> Result<Value, RpcError> {
    let answer: Answer =
        serde_json::from_slice(text).map_err(|error| RpcError::unavailable(error.to_string()))?;
    answer.error.map_or(Ok(answer.payload), Err)
}
