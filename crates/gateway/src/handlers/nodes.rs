//! `node.*`: devices that run commands for the gateway.

use openclaw_auth::{Approver, node::NodeError, store::StoreError};
use openclaw_protocol::{ErrorCode, RpcError, Version, ids::DeviceId};
use serde_json::json;
use tracing::error;

use crate::{context::Cx, nodes::session::NodeSession, router::RouterBuilder};

mod event;
mod invoke;
mod list;
mod pairing;
mod pending;
mod register;

pub(super) use invoke::ask_node;

/// The methods of this domain.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    let builder = builder.handle(list::list).handle(list::describe).handle(list::rename);
    let builder = builder.handle(pairing::request).handle(pairing::list);
    let builder = builder.handle(pairing::approve).handle(pairing::reject);
    let builder = builder.handle(pairing::verify).handle(pairing::remove);
    let builder = builder.handle(invoke::invoke).handle(invoke::result).handle(invoke::progress);
    let builder = builder.handle(event::event).handle(pending::enqueue);
    let builder = builder.handle(register::register).handle(register::heartbeat);
    builder.handle(pending::drain).handle(pending::pull).handle(pending::acknowledge)
}

/// Who asks, for a decision about a node.
fn approver(cx: &Cx) -> Approver {
    cx.peer().approver()
}

/// The node that asks, with the session of its connection.
fn own(cx: &Cx) -> Result<&NodeSession, RpcError> {
    cx.peer().node.as_deref().ok_or_else(|| RpcError::invalid("this connection is no node's"))
}

/// The records cannot be read or written.
fn unreadable(problem: StoreError) -> RpcError {
    error!(%problem, "the nodes' records cannot be used");
    NodeError::Store(problem).rpc(Version::V4)
}

/// Nobody knows this node. Protocol 4 sees in it a node that was there a moment ago.
fn pairing_changed(what: &str) -> RpcError {
    let message = format!("node pairing changed while {what} was active");
    RpcError { retryable: Some(true), ..RpcError::new(ErrorCode::Unavailable, message) }
        .with_details(json!({ "code": "PAIRING_CHANGED" }))
}

/// A node's id is its device's.
fn device(node_id: &str) -> DeviceId {
    DeviceId::from(node_id)
}
