//! `node.list`: devices that run commands for the gateway.

use std::collections::BTreeMap;

use crate::{methods, params, results};

methods! {
    "node.list": NodeListParams => NodeListResult, v3 READ, v4 READ;
}

params! {
    /// Lists the paired and the connected nodes.
    #[derive(Default)]
    pub struct NodeListParams {
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
        /// What it can do.
        caps: Vec<String>,
        /// The commands that it may run.
        commands: Vec<String>,
        /// What its operating system lets it do.
        permissions?: BTreeMap<String, bool>,
        /// Where programs are looked for.
        path_env?: String,
        /// Whether it can host sessions (protocol 4).
        session_host?: bool,
        /// `approved`, `pending` or another state (protocol 4).
        approval_state?: String,
        /// Since when it is connected, in milliseconds since 1970.
        connected_at_ms?: u64,
        /// When it was last connected (protocol 4).
        last_connected_at_ms?: u64,
        /// When it was last disconnected (protocol 4).
        last_disconnected_at_ms?: u64,
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
}
