//! `node.pending.*`: what waits for a node.

use openclaw_auth::node::book::Wanted;
use openclaw_protocol::{
    Role, RpcError, Version,
    events::nodes::NodePendingChangedEvent,
    field::{Int, NonEmpty},
    methods::nodes::{
        NodePendingAckParams, NodePendingAckResult, NodePendingDrainParams, NodePendingDrainResult,
        NodePendingEnqueueParams, NodePendingEnqueueResult, NodePendingPullParams,
        NodePendingPullResult,
    },
};

use super::{device, own, pairing_changed, unreadable};
use crate::{bus::To, context::Cx, handlers::millis};

/// Ids in one acknowledgement; more never wait.
const MAX_ACKNOWLEDGED: usize = 256;

pub(super) async fn enqueue(
    cx: Cx,
    params: NodePendingEnqueueParams,
) -> Result<NodePendingEnqueueResult, RpcError> {
    let node_id = params.node_id.trim().to_owned();
    let paired = cx.app().authority.device_of(&device(&node_id), Role::Node).await;
    match paired {
        Ok(Some(_)) => {}
        Ok(None) if cx.peer().version == Version::V4 => {
            return Err(pairing_changed("pending work"));
        }
        Ok(None) => return Err(RpcError::invalid("unknown nodeId")),
        Err(_) => return Err(RpcError::busy("node records are not available, try again", 1000)),
    }
    let wanted = Wanted {
        kind: params.r#type,
        urgency: params.priority,
        expires_in_ms: params.expires_in_ms.map(u64::from),
        asker: cx.caller().principal(),
    };
    let now = millis(cx.app().clock.now_ms());
    let left = cx.app().nodes.book.enqueue(&node_id, wanted, now).await;
    let (queued, revision) = left.map_err(unreadable)?;
    let wake_triggered = params.wake != Some(false) && tell(&cx, &node_id, revision);
    Ok(NodePendingEnqueueResult { node_id, revision, queued, wake_triggered })
}

/// Tells a node that is here that work waits for it; whether it is here. Nothing wakes one that is away.
fn tell(cx: &Cx, node_id: &str, revision: u64) -> bool {
    let Some(peer) = cx.app().nodes.live.peer(node_id) else { return false };
    let event = NodePendingChangedEvent { node_id: node_id.to_owned(), revision };
    cx.app().bus.emit(&event, To::Peer(&peer));
    true
}

pub(super) async fn drain(
    cx: Cx,
    params: NodePendingDrainParams,
) -> Result<NodePendingDrainResult, RpcError> {
    let node_id = own(&cx)?.node_id.clone();
    let now = millis(cx.app().clock.now_ms());
    let most = params.max_items.map(Int::to_usize);
    let drained = cx.app().nodes.book.drain(&node_id, most, now).await.map_err(unreadable)?;
    Ok(NodePendingDrainResult {
        node_id,
        revision: drained.revision,
        items: drained.items,
        has_more: drained.more,
    })
}

pub(super) async fn pull(
    cx: Cx,
    _: NodePendingPullParams,
) -> Result<NodePendingPullResult, RpcError> {
    let session = own(&cx)?;
    let (node_id, now) = (session.node_id.clone(), millis(cx.app().clock.now_ms()));
    let actions = cx.app().nodes.book.pull(&node_id, &session.effective(), now).await;
    Ok(NodePendingPullResult { node_id, actions: actions.map_err(unreadable)? })
}

pub(super) async fn acknowledge(
    cx: Cx,
    params: NodePendingAckParams,
) -> Result<NodePendingAckResult, RpcError> {
    let node_id = own(&cx)?.node_id.clone();
    if params.ids.len() > MAX_ACKNOWLEDGED {
        return Err(RpcError::invalid("too many ids at once; acknowledge them in parts"));
    }
    let mut acked_ids: Vec<String> = Vec::new();
    for id in params.ids.into_vec().into_iter().map(NonEmpty::into_string) {
        if !acked_ids.contains(&id) {
            acked_ids.push(id);
        }
    }
    let now = millis(cx.app().clock.now_ms());
    let left = cx.app().nodes.book.acknowledge(&node_id, &acked_ids, now).await;
    let remaining_count = left.map_err(unreadable)? as u64;
    Ok(NodePendingAckResult { node_id, acked_ids, remaining_count })
}
