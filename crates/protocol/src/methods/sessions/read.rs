//! `sessions.preview`, `.resolve`, `.get`, `.describe`, `.subscribe`, `.unsubscribe`.

use serde_json::Value;

use super::SessionRow;
use crate::{
    field::{Int, Label, Limit, List, MAX_SAFE_INTEGER, NonEmpty},
    lenient,
    methods::chat::ChatMessage,
    params, results, words,
};

params! {
    /// Returns short previews of up to 64 transcripts.
    pub struct SessionsPreviewParams {
        /// The sessions.
        keys: List<NonEmpty, 1, { usize::MAX }>,
        /// The most messages of each; 12 when absent.
        limit?: Limit,
        /// The most characters of each message; 240 when absent.
        max_chars?: Int<20, MAX_SAFE_INTEGER>,
    }

    /// Finds the key of a session by key, transcript, label, short id or reference.
    #[derive(Default)]
    pub struct SessionsResolveParams {
        /// A key, perhaps not canonical.
        key?: NonEmpty,
        /// A transcript.
        session_id?: NonEmpty,
        /// A label.
        label?: Label,
        /// A reference from a text (protocol 4).
        reference?: SessionReference,
        /// The short id from an address (protocol 4).
        short_id?: NonEmpty,
        /// The name from an address (protocol 4).
        slug_hint?: NonEmpty,
        /// Only of this agent.
        agent_id?: NonEmpty,
        /// Only of those that this session started.
        spawned_by?: NonEmpty,
        /// Whether the global session may be found.
        include_global?: bool,
        /// Whether sessions of unknown kind may be found.
        include_unknown?: bool,
        /// Whether finding none is an answer and not an error (protocol 4).
        allow_missing?: bool,
    }

    /// A reference to a session in a text (protocol 4).
    pub struct SessionReference {
        /// The key.
        key: NonEmpty,
        /// The name in the address.
        slug?: NonEmpty,
    }

    /// Returns the row of one session.
    pub struct SessionsDescribeParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one.
        agent_id?: NonEmpty,
        /// Whether to make a title from the first message.
        include_derived_titles?: bool,
        /// Whether to add the beginning of the last message.
        include_last_message?: bool,
    }
}

lenient! {
    /// Returns the messages of a transcript as they are stored.
    #[derive(Default)]
    pub struct SessionsGetParams {
        /// The session; required, under this name or the next.
        key?: String,
        /// The session.
        session_key?: String,
        /// The most messages; 200 when absent.
        limit?: u64,
    }

    /// Subscribes to changes, messages and tool calls of all sessions.
    #[derive(Default)]
    pub struct SessionsSubscribeParams {
    }

    /// Ends the subscription to all sessions.
    #[derive(Default)]
    pub struct SessionsUnsubscribeParams {
    }
}

words! {
    /// What became of a preview.
    pub enum PreviewStatus: one_of {
        /// There are messages.
        Ok = "ok",
        /// There are none.
        Empty = "empty",
        /// There is no such session.
        Missing = "missing",
        /// The transcript cannot be read.
        Error = "error",
    }
}

results! {
    /// The previews.
    #[derive(Default)]
    pub struct SessionsPreviewResult {
        /// When they were made, in milliseconds since 1970.
        ts: u64,
        /// One for each key, in the same order.
        previews: Vec<SessionPreview>,
    }

    /// The last messages of a transcript.
    pub struct SessionPreview {
        /// The key as it was asked for.
        key: String,
        /// What became of it.
        status: PreviewStatus,
        /// The messages, the oldest first.
        items: Vec<PreviewItem>,
    }

    /// A message in short.
    #[derive(Eq)]
    pub struct PreviewItem {
        /// `user`, `assistant`, `tool`, `system` or `other`.
        role: String,
        /// Its text.
        text: String,
    }

    /// The session that was found.
    #[derive(Default)]
    pub struct SessionsResolveResult {
        /// Whether one was found.
        ok: bool,
        /// Its key.
        key?: String,
        /// Its agent (protocol 4).
        agent_id?: String,
        /// How it is shown (protocol 4).
        display_name?: String,
        /// `chat` or `dashboard` (protocol 4).
        board_face?: String,
        /// `split` or `expanded` (protocol 4).
        board_presentation?: String,
        /// What else it may have been, at most ten (protocol 4).
        candidates?: Vec<ResolveCandidate>,
    }

    /// A session that may have been meant (protocol 4).
    #[derive(Eq)]
    pub struct ResolveCandidate {
        /// Its key.
        key: String,
        /// Its agent.
        agent_id: String,
        /// How it is shown.
        display_name?: String,
        /// `chat` or `dashboard`.
        board_face?: String,
        /// `split` or `expanded`.
        board_presentation?: String,
    }

    /// The messages of a transcript.
    #[derive(Default)]
    pub struct SessionsGetResult {
        /// The messages, the oldest first.
        messages: Vec<ChatMessage>,
    }

    /// A session.
    #[derive(Default)]
    pub struct SessionsDescribeResult {
        /// Its row, or null when there is no such session.
        session: Option<Box<SessionRow>>,
        /// Why there is none.
        reason?: Value,
    }

    /// Whether the caller is subscribed now.
    #[derive(Default, Eq)]
    pub struct SessionsSubscribeResult {
        /// Whether it is.
        subscribed: bool,
    }
}
