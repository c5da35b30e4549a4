//! `node.*`: nodes that ask to be approved, and what they are asked for.
#![expect(non_snake_case, reason = "paramsJSON is spelt so on the wire")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    events,
    methods::nodes::{NodeHostStats, PendingNode},
    results, words,
};

events! {
    "node.pair.requested": NodePairRequestedEvent, to PAIRING, droppable;
    "node.pair.resolved": NodePairResolvedEvent, to PAIRING, droppable;
    "node.invoke.request": NodeInvokeRequestEvent, to TARGET;
    "node.invoke.cancel": NodeInvokeCancelEvent, to TARGET, v4only;
    "node.pending.changed": NodePendingChangedEvent, to TARGET, droppable;
    "node.presence": NodePresenceEvent, to READ, droppable, v4only;
    "node.hostStats": NodeHostStatsEvent, to READ, droppable, v4only;
}

/// A node asks to be approved, or for more than was approved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct NodePairRequestedEvent(pub PendingNode);

words! {
    /// What became of a request, or of a node.
    pub enum NodeDecision: one_of {
        /// The node may what the request showed.
        Approved = "approved",
        /// It may not.
        Rejected = "rejected",
        /// The node was removed.
        Removed = "removed",
    }
}

results! {
    /// A request was decided, or a node removed.
    #[derive(Eq)]
    pub struct NodePairResolvedEvent {
        /// The request; empty when a node was removed.
        request_id: String,
        /// The node.
        node_id: String,
        /// What became of it.
        decision: NodeDecision,
        /// When, in milliseconds since 1970.
        ts: u64,
    }

    /// A node is asked for a command; it answers with `node.invoke.result`.
    #[derive(Eq)]
    pub struct NodeInvokeRequestEvent {
        /// The id for the answer.
        id: String,
        /// The node itself.
        node_id: String,
        /// The command.
        command: String,
        /// What it needs, as JSON text.
        params_JSON: Option<String>,
        /// How long the answer is waited for, in milliseconds.
        timeout_ms?: u64,
        /// The key of who asks.
        idempotency_key?: String,
        /// The session on whose behalf it is asked (protocol 4).
        session_key?: String,
    }

    /// Nobody waits for a command any longer: the node may stop it (protocol 4).
    #[derive(Eq)]
    pub struct NodeInvokeCancelEvent {
        /// The id of the request.
        invoke_id: String,
        /// The node itself.
        node_id: String,
    }

    /// Work was left for a node that is here: it finds it with `node.pending.drain`. Of this gateway alone; a
    /// node that does not know it finds the work when it next looks.
    #[derive(Eq)]
    pub struct NodePendingChangedEvent {
        /// The node itself.
        node_id: String,
        /// Counts the changes of what waits for it.
        revision: u64,
    }

    /// A node told whether a person is at its machine (protocol 4).
    #[derive(Eq)]
    pub struct NodePresenceEvent {
        /// The node.
        node_id: String,
        /// When a person last was, in milliseconds since 1970; nothing when it does not tell any longer.
        last_active_at_ms: Option<u64>,
        /// When it told so.
        presence_updated_at_ms: Option<u64>,
    }

    /// A node told how its machine does (protocol 4).
    pub struct NodeHostStatsEvent {
        /// The node.
        node_id: String,
        /// The figures.
        host_stats: NodeHostStats,
    }
}
