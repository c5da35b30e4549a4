//! `config.changed`: the config file was written.

use crate::{events, results};

events! {
    "config.changed": ConfigChangedEvent, to READ, droppable, v4only, unsent;
}

results! {
    /// The config file was written.
    #[derive(Eq)]
    pub struct ConfigChangedEvent {
        /// The file.
        path: String,
        /// Identifies its text.
        hash: String,
        /// When, in milliseconds since 1970.
        ts: u64,
    }
}
