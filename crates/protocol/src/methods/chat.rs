//! `chat.*`: talk to a session and read what was said.

use crate::{
    field::{IdText, Int, NonEmpty, Text},
    handled, methods, params, results,
};

mod history;
mod message;
mod metadata;
mod send;

pub use history::{
    ChatHistoryKind, ChatHistoryParams, ChatHistoryResult, ChatStartupByShortId, ChatStartupParams,
    ChatStartupResult, InFlightRun, PendingInput, PendingInputState, PendingInputs,
};
pub use message::{AbortMark, ChatMessage, ContentPart, MessageContent, MessageMeta};
pub use metadata::{
    AccountSelection, ChatMetadataParams, ChatMetadataResult, CommandArg, CommandChoice,
    CommandEntry,
};
pub use send::{
    ChatIntent, ChatIntentKind, ChatSendParams, ChatSendResult, ChatSendStatus, QueueMode,
    ServerTiming, WorkContext,
};

methods! {
    "chat.send": ChatSendParams => ChatSendResult, v3 WRITE, v4 WRITE, lane session(session_key);
    "chat.history": ChatHistoryParams => ChatHistoryResult, v3 READ, v4 READ;
    "chat.startup": ChatStartupParams => ChatStartupResult, v4 READ;
    "chat.metadata": ChatMetadataParams => ChatMetadataResult, v4 READ;
    "chat.message.get": ChatMessageGetParams => ChatMessageGetResult, v4 READ;
    "chat.abort": ChatAbortParams => ChatAbortResult, v3 WRITE, v4 WRITE;
    "chat.inject": ChatInjectParams => ChatInjectResult, v3 ADMIN, v4 ADMIN, lane session(session_key), is hidden;
}

params! {
    /// Returns one message in full.
    pub struct ChatMessageGetParams {
        /// The session.
        session_key: NonEmpty,
        /// The agent, for a key without one.
        agent_id?: NonEmpty,
        /// The message.
        message_id: NonEmpty,
        /// The most characters.
        max_chars?: Int<1, 2_000_000>,
    }

    /// Aborts one run, or all runs of a session that the caller may abort.
    pub struct ChatAbortParams {
        /// The session.
        session_key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Only this run.
        run_id?: NonEmpty,
        /// Whether side questions go on (protocol 4).
        preserve_side_runs?: bool,
    }

    /// Adds a note of the assistant to a transcript, without asking a model.
    pub struct ChatInjectParams {
        /// The session.
        session_key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// The note.
        message: NonEmpty,
        /// A title for it.
        label?: Text<0, 100>,
    }
}

handled! { ChatAbortParams {
    used: session_key, agent_id, run_id;
    refused: ;
    hints: preserve_side_runs: "there are no side questions, so all go on";
} }

results! {
    /// One message.
    #[derive(Default)]
    pub struct ChatMessageGetResult {
        /// Whether it is there.
        ok: bool,
        /// The message.
        message?: ChatMessage,
        /// Why it is not: `not_found`, `oversized` or `not_visible`.
        unavailable_reason?: String,
    }

    /// What was aborted.
    #[derive(Default, Eq)]
    pub struct ChatAbortResult {
        /// Always true.
        ok: bool,
        /// Whether a run was.
        aborted: bool,
        /// The runs.
        run_ids: Vec<String>,
    }

    /// The note.
    #[derive(Default, Eq)]
    pub struct ChatInjectResult {
        /// Always true.
        ok: bool,
        /// The entry in the transcript.
        message_id: String,
    }
}

/// A list of 1 to 50 run ids, none twice.
pub type RunIds = crate::field::List<IdText, 1, 50, true>;
