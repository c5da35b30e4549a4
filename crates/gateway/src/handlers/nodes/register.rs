//! `node.register`, `node.heartbeat`: nodes of an older description, which have no role of their own.
//! They are listed and can be approved; what runs commands is a connection of role node alone.

use openclaw_auth::node::{
    NodeAbout, Surface,
    book::OnBehalf,
    record::{HEARTBEAT, REGISTERED},
};
use openclaw_protocol::{
    Role, RpcError,
    field::NonEmpty,
    methods::nodes::{
        NodeHeartbeatParams, NodeHeartbeatResult, NodeRegisterParams, NodeRegisterResult,
    },
};
use uuid::Uuid;

use super::{device, unreadable};
use crate::{context::Cx, handlers::millis};

const NOT_REGISTERED: &str = "unknown node; register it first";

pub(super) async fn register(
    cx: Cx,
    params: NodeRegisterParams,
) -> Result<NodeRegisterResult, RpcError> {
    let node_id = params.node_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let node_id = node_id.unwrap_or_else(|| Uuid::new_v4().to_string());
    refuse_taken(&cx, &node_id).await?;
    let text = |text: Option<NonEmpty>| text.map(NonEmpty::into_string);
    let names = |list: Option<Vec<NonEmpty>>| -> Vec<String> {
        list.into_iter().flatten().map(NonEmpty::into_string).collect()
    };
    let none: [(String, bool); 0] = [];
    let asked = OnBehalf {
        node_id,
        about: NodeAbout {
            display_name: text(params.display_name),
            platform: text(params.platform),
            version: text(params.version),
            ..NodeAbout::default()
        },
        surface: Surface::declared(names(params.caps), names(params.commands), none),
        silent: false,
    };
    let (book, now) = (&cx.app().nodes.book, millis(cx.app().clock.now_ms()));
    let (request, _) =
        book.request(asked, now).await.map_err(|error| error.rpc(cx.peer().version))?;
    book.beat(&request.node_id, REGISTERED, now).await.map_err(unreadable)?;
    cx.peer().has_registered(&request.node_id, now);
    let record = book.record(&request.node_id).await.map_err(unreadable)?;
    let approved = record.is_some_and(|record| record.approved.is_some());
    let status = if approved { "approved" } else { "pending" }.to_owned();
    Ok(NodeRegisterResult { node_id: request.node_id, status })
}

/// An id that a device has proved, or that an operator asked for, is nobody else's to speak for.
async fn refuse_taken(cx: &Cx, node_id: &str) -> Result<(), RpcError> {
    let paired = cx.app().authority.device_of(&device(node_id), Role::Node).await;
    let paired = paired.map_err(|error| {
        tracing::error!(%error, "the devices cannot be read");
        RpcError::unavailable("the devices cannot be read; see the gateway's log")
    })?;
    let record = cx.app().nodes.book.record(node_id).await.map_err(unreadable)?;
    if paired.is_some() || record.is_some_and(|record| !record.is_registered()) {
        return Err(RpcError::invalid("this id is another node's; register without one"));
    }
    Ok(())
}

pub(super) async fn heartbeat(
    cx: Cx,
    params: NodeHeartbeatParams,
) -> Result<NodeHeartbeatResult, RpcError> {
    let named = params.node_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let node_id = named.or_else(|| cx.peer().registered());
    let node_id = node_id.ok_or_else(|| RpcError::invalid(NOT_REGISTERED))?;
    let now = millis(cx.app().clock.now_ms());
    let known = cx.app().nodes.book.beat(&node_id, HEARTBEAT, now).await.map_err(unreadable)?;
    if !known {
        return Err(RpcError::invalid(NOT_REGISTERED));
    }
    Ok(NodeHeartbeatResult { ok: true, node_id, last_seen_at_ms: now })
}
