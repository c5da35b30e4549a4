//! What a node tells: `node.event`, and the figures of its machine.
#![expect(non_snake_case, reason = "payloadJSON is spelt so on the wire")]

use serde_json::Value;

use crate::{
    field::{Int, MAX_SAFE_INTEGER, NonEmpty},
    params, results,
};

params! {
    /// Tells what happened on the node. What a node may tell of a command counts only while that command
    /// runs on this very connection.
    pub struct NodeEventParams {
        /// What, for example `exec.finished` or `node.presence.alive`.
        event: NonEmpty,
        /// More.
        payload?: Value,
        /// The same as text.
        payload_JSON?: Option<String>,
    }

    /// How a node's machine does: the payload of `node.host.stats` (protocol 4).
    pub struct HostStats {
        /// Processors.
        cpu_count: Int<1, 4096>,
        /// How many processes waited on average for one, five and fifteen minutes.
        load_average?: [f64; 3],
        /// Bytes of memory.
        memory_total_bytes: Int<0, MAX_SAFE_INTEGER>,
        /// Bytes of it that are free.
        memory_free_bytes: Int<0, MAX_SAFE_INTEGER>,
        /// Bytes of the disk that the home folder is on.
        disk_total_bytes?: Int<0, MAX_SAFE_INTEGER>,
        /// Bytes of it that are free.
        disk_available_bytes?: Int<0, MAX_SAFE_INTEGER>,
    }
}

results! {
    /// What became of it.
    #[derive(Default, Eq)]
    pub struct NodeEventResult {
        /// Always true: it has arrived.
        ok: bool,
        /// What was told.
        event: String,
        /// Whether it changed or started anything.
        handled: bool,
        /// Why not, or what.
        reason?: String,
    }
}
