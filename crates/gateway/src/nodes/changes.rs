//! Nodes that come and go, and what operators are told of them.

use std::sync::Arc;

use openclaw_auth::{
    Approver,
    node::{NodeEvent, record::HEARTBEAT},
};
use openclaw_protocol::{
    events::nodes::{NodePairRequestedEvent, NodePairResolvedEvent},
    ids::DeviceId,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tracing::warn;

use super::live::Left;
use crate::{bus::To, handlers::millis, peer::Peer, state::App};

impl App {
    /// A node's connection stands: what was approved since it declared itself counts too.
    pub(crate) async fn refresh_node(&self, peer: &Peer) {
        let Some(session) = &peer.node else { return };
        match self.nodes.book.standing(&session.node_id, &session.declared).await {
            Ok(surface) => session.approve(&surface),
            Err(error) => warn!(%error, node = session.node_id, "a node's record cannot be read"),
        }
    }

    /// A frame came over a connection: it is a sign of life of the node that has registered over it.
    pub(crate) fn heard_of(&self, peer: &Peer) {
        let now = millis(self.clock.now_ms());
        let Some(node_id) = peer.sign_of_life(now) else { return };
        let nodes = Arc::clone(&self.nodes);
        self.tasks.spawn("node heard of", async move {
            if let Err(error) = nodes.book.beat(&node_id, HEARTBEAT, now).await {
                warn!(%error, node_id, "it cannot be noted that a node was heard of");
            }
        });
    }

    /// A node's connection does not count any longer.
    pub(crate) fn node_gone(&self, peer: &Peer, why: Left) {
        let Some(session) = &peer.node else { return };
        if !self.nodes.live.leave(peer, why) {
            return;
        }
        let (nodes, node_id) = (Arc::clone(&self.nodes), session.node_id.clone());
        let now = millis(self.clock.now_ms());
        self.tasks.spawn("node gone", async move {
            if let Err(error) = nodes.book.disconnected(&node_id, now).await {
                warn!(%error, node_id, "it cannot be noted that a node has gone");
            }
        });
    }

    /// A device is gone, and what it was as a node with it.
    pub(crate) async fn forget_node(&self, device: &DeviceId, by: &Approver) {
        let now = millis(self.clock.now_ms());
        if let Err(error) = self.nodes.book.forget(device.as_str(), by, now).await {
            warn!(%error, %device, "a removed device cannot be forgotten as a node");
        }
    }

    /// Tells operators of requests and decisions, and a node of its own.
    pub(crate) async fn watch_nodes(self: Arc<Self>, mut events: Receiver<NodeEvent>) {
        loop {
            match events.recv().await {
                Ok(NodeEvent::Requested(pending)) => {
                    self.bus.emit(&NodePairRequestedEvent(*pending), To::Audience);
                }
                Ok(NodeEvent::Resolved { request_id, node_id, decision, at_ms }) => {
                    let peers = self.nodes.live.peers(&node_id);
                    let event = NodePairResolvedEvent { request_id, node_id, decision, ts: at_ms };
                    self.bus.emit(&event, To::Audience);
                    for peer in peers {
                        self.bus.emit(&event, To::Peer(&peer));
                    }
                }
                // What was missed is in `node.pair.list`.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}
