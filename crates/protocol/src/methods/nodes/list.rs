//! What nodes there are: `node.list`, `node.describe`, `node.rename`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::HostStats;
use crate::{field::NonEmpty, params, results};

params! {
    /// Lists the paired and the connected nodes.
    #[derive(Default)]
    pub struct NodeListParams {
    }

    /// Tells everything about one node.
    pub struct NodeDescribeParams {
        /// The node.
        node_id: NonEmpty,
    }

    /// Gives a node the name that people see instead of the one it tells.
    pub struct NodeRenameParams {
        /// The node.
        node_id: NonEmpty,
        /// The name.
        display_name: NonEmpty,
    }
}

results! {
    /// The nodes.
    #[derive(Default)]
    pub struct NodeListResult {
        /// When the list was made, in milliseconds since 1970.
        ts: u64,
        /// The nodes, connected ones first.
        nodes: Vec<NodeSummary>,
    }

    /// What was named.
    pub struct NodeRenameResult {
        /// The node.
        node_id: String,
        /// Its name.
        display_name: String,
    }

    /// A node.
    #[derive(Default)]
    pub struct NodeSummary {
        /// Its device.
        node_id: String,
        /// Its name.
        display_name?: String,
        /// Its operating system.
        platform?: String,
        /// Its version.
        version?: String,
        /// The version of its core.
        core_version?: String,
        /// The version of its surface.
        ui_version?: String,
        /// Its `client.id` (protocol 4).
        client_id?: String,
        /// Its `client.mode` (protocol 4).
        client_mode?: String,
        /// Its kind of device.
        device_family?: String,
        /// Its model.
        model_identifier?: String,
        /// Its address.
        remote_ip?: String,
        /// What it can do, as far as that was approved.
        caps: Vec<String>,
        /// The commands that it may be asked for: those that it knows and that were approved.
        commands: Vec<String>,
        /// What its operating system lets it do.
        permissions?: BTreeMap<String, bool>,
        /// Where programs are looked for.
        path_env?: String,
        /// How its machine does, when it tells (protocol 4).
        host_stats?: NodeHostStats,
        /// Whether it can host sessions (protocol 4).
        session_host?: bool,
        /// `approved`, `pending-approval`, `pending-reapproval` or `unapproved` (protocol 4).
        approval_state?: String,
        /// The request that waits; for those who may decide it (protocol 4).
        pending_request_id?: String,
        /// What it would be able to do.
        pending_declared_caps?: Vec<String>,
        /// The commands that it could be asked for.
        pending_declared_commands?: Vec<String>,
        /// What its operating system would let it do.
        pending_declared_permissions?: BTreeMap<String, bool>,
        /// Since when it is connected, in milliseconds since 1970.
        connected_at_ms?: u64,
        /// When it was last connected (protocol 4).
        last_connected_at_ms?: u64,
        /// When it was last disconnected (protocol 4).
        last_disconnected_at_ms?: u64,
        /// When a person was last at its machine, while it is connected and tells (protocol 4).
        last_active_at_ms?: u64,
        /// When it told so (protocol 4).
        presence_updated_at_ms?: u64,
        /// When it was last heard of (protocol 4).
        last_seen_at_ms?: u64,
        /// By what (protocol 4).
        last_seen_reason?: String,
        /// When it was approved (protocol 4).
        approved_at_ms?: u64,
        /// Whether it is paired.
        paired: bool,
        /// Whether it is connected.
        connected: bool,
    }

    /// What a node told of its machine, and when.
    pub struct NodeHostStats {
        /// Processors.
        cpu_count: u64,
        /// How many processes waited on average for one, five and fifteen minutes.
        load_average?: [f64; 3],
        /// Bytes of memory.
        memory_total_bytes: u64,
        /// Bytes of it that were free.
        memory_free_bytes: u64,
        /// Bytes of the disk that the home folder is on.
        disk_total_bytes?: u64,
        /// Bytes of it that were free.
        disk_available_bytes?: u64,
        /// When it told, in milliseconds since 1970.
        updated_at_ms: u64,
    }
}

impl NodeHostStats {
    /// What was told at this moment.
    pub fn new(told: &HostStats, updated_at_ms: u64) -> Self {
        Self {
            cpu_count: told.cpu_count.get(),
            load_average: told.load_average,
            memory_total_bytes: told.memory_total_bytes.get(),
            memory_free_bytes: told.memory_free_bytes.get(),
            disk_total_bytes: told.disk_total_bytes.map(u64::from),
            disk_available_bytes: told.disk_available_bytes.map(u64::from),
            updated_at_ms,
        }
    }
}

/// A node, and when it was looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeDescribeResult {
    /// When the node was looked at, in milliseconds since 1970.
    pub ts: u64,
    /// The node.
    #[serde(flatten)]
    pub node: NodeSummary,
}
