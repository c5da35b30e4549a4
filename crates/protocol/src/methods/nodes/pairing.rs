//! What nodes may: requests for approval and what was approved.

use std::collections::BTreeMap;

use crate::{field::NonEmpty, params, results};

params! {
    /// Asks for a node's approval on its behalf (protocol 3). A node that connects asks by itself.
    pub struct NodePairRequestParams {
        /// The node.
        node_id: NonEmpty,
        /// Its name.
        display_name?: NonEmpty,
        /// Its operating system.
        platform?: NonEmpty,
        /// Its version.
        version?: NonEmpty,
        /// The version of its core.
        core_version?: NonEmpty,
        /// The version of its surface.
        ui_version?: NonEmpty,
        /// Its kind of device.
        device_family?: NonEmpty,
        /// Its model.
        model_identifier?: NonEmpty,
        /// What it can do.
        caps?: Vec<NonEmpty>,
        /// The commands that it knows.
        commands?: Vec<NonEmpty>,
        /// Its address.
        remote_ip?: NonEmpty,
        /// Whether no person has to be asked; kept for the list, and grants nothing.
        silent?: bool,
    }

    /// Lists the requests that wait, and the nodes that were approved.
    #[derive(Default)]
    pub struct NodePairListParams {
    }

    /// Approves a request: the node may be asked for the commands that the request shows. Commands need
    /// `operator.write` of the caller, those that run programs `operator.admin`.
    pub struct NodePairApproveParams {
        /// The request. One that was replaced by a newer one of the same node approves nothing.
        request_id: NonEmpty,
    }

    /// Rejects a request; what was approved before stays approved.
    pub struct NodePairRejectParams {
        /// The request.
        request_id: NonEmpty,
    }

    /// Compares the token that an approval on request has made (protocol 3).
    pub struct NodePairVerifyParams {
        /// The node.
        node_id: NonEmpty,
        /// The token.
        token: NonEmpty,
    }

    /// Takes a device's role as a node, what was approved for it and what waits for it, and closes its
    /// connections of that role (protocol 4).
    pub struct NodePairRemoveParams {
        /// The node.
        node_id: NonEmpty,
    }
}

results! {
    /// The request that waits now.
    pub struct NodePairRequestResult {
        /// Always `pending`.
        status: String,
        /// The request.
        request: PendingNode,
        /// Whether it is a new one.
        created: bool,
    }

    /// Requests and nodes.
    #[derive(Default)]
    pub struct NodePairListResult {
        /// Requests that wait for a decision, the latest first.
        pending: Vec<PendingNode>,
        /// Nodes that were approved, the last approved first.
        paired: Vec<PairedNode>,
    }

    /// What was approved.
    pub struct NodePairApproveResult {
        /// The request.
        request_id: String,
        /// The node as it is now.
        node: PairedNode,
    }

    /// What was rejected.
    pub struct NodePairRejectResult {
        /// The request.
        request_id: String,
        /// The node that had asked.
        node_id: String,
    }

    /// Whether the token is the node's.
    pub struct NodePairVerifyResult {
        /// It is.
        ok: bool,
        /// Then the node.
        node?: PairedNode,
    }

    /// What was removed.
    pub struct NodePairRemoveResult {
        /// The node.
        node_id: String,
    }

    /// A node that asks to be approved, or for more than was approved; also the payload of
    /// `node.pair.requested`.
    #[derive(Default, Eq)]
    pub struct PendingNode {
        /// The request, to be approved or rejected.
        request_id: String,
        /// The node.
        node_id: String,
        /// Its `client.id` (protocol 4).
        client_id?: String,
        /// Its `client.mode` (protocol 4).
        client_mode?: String,
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
        /// Its kind of device.
        device_family?: String,
        /// Its model.
        model_identifier?: String,
        /// What it would be able to do.
        caps: Vec<String>,
        /// The commands that it could be asked for.
        commands: Vec<String>,
        /// The scopes that approving it needs (protocol 4).
        required_approve_scopes?: Vec<String>,
        /// What its operating system lets it do.
        permissions?: BTreeMap<String, bool>,
        /// Its address.
        remote_ip?: String,
        /// Whether no person had to be asked for its device.
        silent?: bool,
        /// Whether something was approved for it before.
        is_repair?: bool,
        /// When it asked, in milliseconds since 1970.
        ts: u64,
    }

    /// A node that was approved.
    #[derive(Default, Eq)]
    pub struct PairedNode {
        /// The node.
        node_id: String,
        /// The token of an approval on request, told once (protocol 3).
        token?: String,
        /// Its `client.id` (protocol 4).
        client_id?: String,
        /// Its `client.mode` (protocol 4).
        client_mode?: String,
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
        /// Its kind of device.
        device_family?: String,
        /// Its model.
        model_identifier?: String,
        /// What it may do.
        caps: Vec<String>,
        /// The commands that were approved.
        commands: Vec<String>,
        /// What its operating system let it do.
        permissions?: BTreeMap<String, bool>,
        /// Its address.
        remote_ip?: String,
        /// When it was first approved, in milliseconds since 1970.
        created_at_ms: u64,
        /// When it was last approved.
        approved_at_ms: u64,
        /// When it was last connected.
        last_connected_at_ms?: u64,
        /// When it was last disconnected (protocol 4).
        last_disconnected_at_ms?: u64,
        /// When it was last heard of (protocol 4).
        last_seen_at_ms?: u64,
        /// By what (protocol 4).
        last_seen_reason?: String,
    }
}
