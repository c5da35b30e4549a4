//! The two answers of `agent`.

use crate::{methods::common::Object, results, words};

words! {
    /// How far a turn is.
    pub enum AgentRunStatus: one_of {
        /// It will run; the second answer follows.
        Accepted = "accepted",
        /// It ended well.
        Ok = "ok",
        /// It failed.
        Error = "error",
        /// It was aborted or took too long.
        Timeout = "timeout",
        /// It runs already, for the same idempotency key.
        InFlight = "in_flight",
    }
}

results! {
    /// First that a turn was accepted, then how it ended.
    pub struct AgentRunResult {
        /// The run; the caller's idempotency key.
        run_id: String,
        /// The session (protocol 4).
        session_key?: String,
        /// The agent (protocol 4).
        agent_id?: String,
        /// How far it is.
        status: AgentRunStatus,
        /// When it was accepted, in milliseconds since 1970.
        accepted_at?: u64,
        /// The end in a word or a sentence, for example `completed`.
        summary?: String,
        /// What the agent said.
        result?: AgentRunOutput,
        /// Why it stopped (protocol 4).
        stop_reason?: String,
    }

    /// What the agent said.
    #[derive(Default)]
    pub struct AgentRunOutput {
        /// The messages.
        payloads: Vec<AgentPayload>,
        /// Facts about the run: `durationMs`, `agentMeta`, `aborted`, `stopReason` and more.
        meta: Object,
        /// Whether the answer reached its source (protocol 4).
        source_reply_delivery_state?: String,
    }

    /// One message.
    #[derive(Default, Eq)]
    pub struct AgentPayload {
        /// The text.
        text?: String,
        /// A file, or null.
        media_url: Option<String>,
    }
}
