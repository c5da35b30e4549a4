//! `logs.tail`: the end of the gateway's log file.

use crate::{
    field::{Int, Offset},
    methods, params, results,
};

methods! {
    "logs.tail": LogsTailParams => LogsTailResult, v3 READ, v4 READ;
}

params! {
    /// Returns the lines of the log file after a cursor, or its last lines.
    #[derive(Default)]
    pub struct LogsTailParams {
        /// The byte to begin at; the `cursor` of the last answer.
        cursor?: Offset,
        /// The most lines; 500 when absent.
        limit?: Int<1, 5000>,
        /// The most bytes; 250 000 when absent.
        max_bytes?: Int<1, 1_000_000>,
    }
}

results! {
    /// A part of the log file.
    #[derive(Default, Eq)]
    pub struct LogsTailResult {
        /// The file.
        file: String,
        /// Where the next part begins.
        cursor: u64,
        /// The size of the file in bytes.
        size: u64,
        /// The lines.
        lines: Vec<String>,
        /// Whether lines before these were left out.
        truncated?: bool,
        /// Whether the cursor was of another file and the part begins anew.
        reset?: bool,
        /// Bytes that were left out (protocol 4).
        skipped_bytes?: u64,
    }
}
