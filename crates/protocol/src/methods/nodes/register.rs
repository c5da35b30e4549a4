//! Nodes of an older description: they register over a connection of no role and send signs of life.

use crate::{field::NonEmpty, open_params, results};

open_params! {
    /// Makes a node that waits for an operator, and gives it an id at once. Until it is approved, and
    /// has connected as a node, it may be asked for nothing.
    #[derive(Default)]
    pub struct NodeRegisterParams {
        /// Its id; one is made when absent. No device's.
        node_id?: NonEmpty,
        /// Its name.
        display_name?: NonEmpty,
        /// Its operating system.
        platform?: NonEmpty,
        /// Its version.
        version?: NonEmpty,
        /// What it can do.
        caps?: Vec<NonEmpty>,
        /// The commands that it knows.
        commands?: Vec<NonEmpty>,
    }

    /// Tells that a registered node lives.
    #[derive(Default)]
    pub struct NodeHeartbeatParams {
        /// The node; the one that this connection has registered when absent.
        node_id?: NonEmpty,
    }
}

results! {
    /// The node.
    #[derive(Default, Eq)]
    pub struct NodeRegisterResult {
        /// Its id.
        node_id: String,
        /// `pending`, or `approved` when an operator has approved this id before.
        status: String,
    }

    /// The node lives.
    #[derive(Default, Eq)]
    pub struct NodeHeartbeatResult {
        /// Always true.
        ok: bool,
        /// The node.
        node_id: String,
        /// When it was last heard of, in milliseconds since 1970.
        last_seen_at_ms: u64,
    }
}
