//! What waits for a node: work for when it comes back, and commands for when its screen is on.
#![expect(non_snake_case, reason = "paramsJSON is spelt so on the wire")]

use serde_json::{Map, Value};

use crate::{
    field::{Int, List, NonEmpty},
    params, results, words,
};

words! {
    /// What a node may find waiting.
    pub enum WorkType: one_of {
        /// It is to tell how it does.
        Status = "status.request",
        /// It is to tell where it is.
        Location = "location.request",
    }

    /// How urgent somebody says that it is.
    pub enum WorkUrgency: one_of {
        /// In its turn.
        Normal = "normal",
        /// Before the others.
        High = "high",
    }

    /// How urgent it is.
    pub enum WorkPriority: one_of {
        /// Nobody asked for it; a node that drains always finds something to do.
        Default = "default",
        /// In its turn.
        Normal = "normal",
        /// Before the others.
        High = "high",
    }
}

params! {
    /// Leaves work for a node, which it finds when it comes back. Work of a kind that waits already is
    /// not left twice.
    pub struct NodePendingEnqueueParams {
        /// The node.
        node_id: NonEmpty,
        /// What it is to do.
        r#type: WorkType,
        /// How urgent it is; `normal` when absent.
        priority?: WorkUrgency,
        /// How long it is worth doing, in milliseconds; a day when absent.
        expires_in_ms?: Int<1000, 86_400_000>,
        /// Whether the node may be woken; kept for clients, since this gateway cannot push to phones.
        wake?: bool,
    }

    /// Gives the node what waits for it. Items stay until they are acknowledged or run out.
    #[derive(Default)]
    pub struct NodePendingDrainParams {
        /// At most so many; 4 when absent.
        max_items?: Int<1, 10>,
    }

    /// Gives the node the commands that waited until its screen is on. They stay until they are
    /// acknowledged or run out.
    #[derive(Default)]
    pub struct NodePendingPullParams {
    }

    /// Takes out what the node has done, whether work or commands.
    pub struct NodePendingAckParams {
        /// The ids.
        ids: List<NonEmpty, 1, { usize::MAX }>,
    }
}

results! {
    /// What was left.
    pub struct NodePendingEnqueueResult {
        /// The node.
        node_id: String,
        /// Counts the changes of what waits for it.
        revision: u64,
        /// What waits now: this one, or the one of its kind that waited already.
        queued: NodePendingItem,
        /// Whether the node was told: it is connected, and `wake` was not false.
        wake_triggered: bool,
    }

    /// What waits.
    pub struct NodePendingDrainResult {
        /// The node.
        node_id: String,
        /// Counts the changes of what waits for it.
        revision: u64,
        /// The items, the most urgent first.
        items: Vec<NodePendingItem>,
        /// Whether there are more.
        has_more: bool,
    }

    /// One piece of work.
    pub struct NodePendingItem {
        /// Its id.
        id: String,
        /// What is to be done.
        r#type: WorkType,
        /// How urgent it is.
        priority: WorkPriority,
        /// When it was left, in milliseconds since 1970.
        created_at_ms: u64,
        /// When it runs out; null when never.
        expires_at_ms: Option<u64>,
        /// More about it.
        payload?: Map<String, Value>,
    }

    /// The commands that wait.
    pub struct NodePendingPullResult {
        /// The node.
        node_id: String,
        /// The commands, the oldest first.
        actions: Vec<NodePendingAction>,
    }

    /// A command that waits.
    pub struct NodePendingAction {
        /// Its id.
        id: String,
        /// The command.
        command: String,
        /// What it needs, as JSON text.
        params_JSON: Option<String>,
        /// When it was left, in milliseconds since 1970.
        enqueued_at_ms: u64,
    }

    /// What is left.
    pub struct NodePendingAckResult {
        /// The node.
        node_id: String,
        /// The ids that were given.
        acked_ids: Vec<String>,
        /// Commands that still wait.
        remaining_count: u64,
    }
}
