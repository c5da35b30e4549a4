//! `chat.history` and `chat.startup`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChatMessage, ChatMetadataResult, RunIds};
use crate::{
    field::{Int, Limit, MAX_SAFE_INTEGER, NonEmpty, Offset},
    methods::{
        agents::AgentsListResult,
        common::FastMode,
        sessions::{SessionRow, SessionsListDefaults},
    },
    params, results, words,
};

params! {
    /// Returns the last messages of a session, ready to be shown.
    pub struct ChatHistoryParams {
        /// The session; answered as it was sent.
        session_key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// The `deltaCursor` of the last answer: returns only what is new (protocol 4).
        cursor?: String,
        /// The most messages; 200 when absent.
        limit?: Int<1, 1000>,
        /// The most bytes (protocol 4).
        max_bytes?: Int<1024, MAX_SAFE_INTEGER>,
        /// How many of the newest messages are skipped (protocol 4).
        offset?: Offset,
        /// Only inputs that wait before this one (protocol 4).
        pending_before?: Limit,
        /// Runs whose inputs are asked about (protocol 4).
        input_run_ids?: RunIds,
        /// The page around this message (protocol 4).
        message_id?: NonEmpty,
        /// An older transcript of the session (protocol 4).
        session_id?: NonEmpty,
        /// The most characters of a message (protocol 4).
        max_chars?: Int<1, 500_000>,
    }

    /// A session by its short id from an address.
    pub struct ChatStartupByShortId {
        /// The short id.
        short_id: NonEmpty,
        /// The name from the address.
        slug_hint?: NonEmpty,
        /// The agent.
        agent_id: NonEmpty,
        /// The most messages; 200 when absent.
        limit?: Int<1, 1000>,
        /// The most bytes.
        max_bytes?: Int<1024, MAX_SAFE_INTEGER>,
    }
}

/// Returns everything that a chat needs to be shown: messages, row, agents, models and commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ChatStartupParams {
    /// By key, with all that `chat.history` takes.
    Session(ChatHistoryParams),
    /// By short id.
    ShortId(ChatStartupByShortId),
}

words! {
    /// What an answer to a cursor is.
    pub enum ChatHistoryKind: one_of {
        /// Only what is new.
        Delta = "delta",
        /// The cursor is of no use any more; ask without one.
        Reset = "reset",
    }

    /// How an input that waits stands.
    pub enum PendingInputState: one_of {
        /// It waits.
        Queued = "queued",
        /// It was withdrawn.
        Cancelled = "cancelled",
        /// A stop of the gateway came before it.
        Interrupted = "interrupted",
    }
}

results! {
    /// The messages of a session. With a `cursor` that still holds, `kind` is `delta` and the
    /// messages are only the new ones; with one that does not, `kind` is `reset` and nothing else.
    #[derive(Default)]
    pub struct ChatHistoryResult {
        /// What an answer to a cursor is (protocol 4).
        kind?: ChatHistoryKind,
        /// The session's key as it was sent.
        session_key?: String,
        /// Its transcript.
        session_id?: String,
        /// The messages, the oldest first.
        messages?: Vec<ChatMessage>,
        /// How much it thinks.
        thinking_level?: String,
        /// Whether it is fast.
        fast_mode?: FastMode,
        /// How much it tells about tools.
        verbose_level?: String,
        /// What tools did, by message (protocol 4).
        activity?: Vec<Value>,
        /// Inputs that wait (protocol 4).
        pending_inputs?: PendingInputs,
        /// To ask for what is new (protocol 4).
        delta_cursor?: String,
        /// Whether there are older messages (protocol 4).
        has_more?: bool,
        /// Where the next page begins (protocol 4).
        next_offset?: u64,
        /// How many messages there are (protocol 4).
        total_messages?: u64,
        /// What a new session uses (protocol 4).
        defaults?: SessionsListDefaults,
        /// The session's row (protocol 4).
        session_info?: Box<SessionRow>,
        /// The run that goes on (protocol 4).
        in_flight_run?: InFlightRun,
    }

    /// The run that goes on (protocol 4).
    #[derive(Default, Eq)]
    pub struct InFlightRun {
        /// The run.
        run_id: String,
        /// What it said so far.
        text?: String,
    }

    /// Inputs that wait (protocol 4).
    #[derive(Default)]
    pub struct PendingInputs {
        /// The inputs, at most 20.
        items: Vec<PendingInput>,
        /// How many there are.
        total: u64,
        /// Where the next page begins.
        next_before?: u64,
    }

    /// An input that waits (protocol 4).
    pub struct PendingInput {
        /// Its id.
        id: String,
        /// Its run.
        run_id?: String,
        /// The message.
        message: ChatMessage,
        /// When it was accepted, in milliseconds since 1970.
        accepted_at: u64,
        /// How it stands.
        state: PendingInputState,
    }
}

/// All of `chat.history`, with the agents and the metadata.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatStartupResult {
    /// The history.
    #[serde(flatten)]
    pub history: ChatHistoryResult,
    /// The agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents_list: Option<AgentsListResult>,
    /// Models and commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ChatMetadataResult>,
}
