//! The latest heartbeat: the result of `last-heartbeat` and the payload of the event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{results, words};

words! {
    /// How a heartbeat ended.
    pub enum HeartbeatStatus: one_of {
        /// Something was delivered.
        Sent = "sent",
        /// The agent had nothing to say.
        OkEmpty = "ok-empty",
        /// The agent said the quiet token.
        OkToken = "ok-token",
        /// It was not run, or its answer had no target.
        Skipped = "skipped",
        /// It failed.
        Failed = "failed",
    }
}

results! {
    /// One heartbeat.
    pub struct Heartbeat {
        /// When it ended, in milliseconds since 1970.
        ts: u64,
        /// How it ended.
        status: HeartbeatStatus,
        /// The recipient.
        to?: String,
        /// The channel's account.
        account_id?: String,
        /// The beginning of the answer.
        preview?: String,
        /// How long it took.
        duration_ms?: u64,
        /// Whether the answer had media.
        has_media?: bool,
        /// Why it was skipped or failed, for example `target-none`.
        reason?: String,
        /// The channel.
        channel?: String,
        /// Whether it was delivered without a notification.
        silent?: bool,
        /// How it is shown: `ok`, `alert` or `error`.
        indicator_type?: String,
        /// What a person can do about it (protocol 4).
        message?: String,
    }
}

/// The latest heartbeat, or null when there was none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LastHeartbeatResult(pub Option<Heartbeat>);
