//! `sessions.rewind` and `sessions.branches.*`: going back in a session, and its branches (protocol 4).

use crate::{field::NonEmpty, params, results};

params! {
    /// Takes a session back to the state before a message of its user, and gives the message back. What
    /// was said since stays as a branch.
    pub struct SessionsRewindParams {
        /// The session.
        session_key: NonEmpty,
        /// The agent, for a key without one.
        agent_id?: NonEmpty,
        /// The message: its `__openclaw.id`.
        entry_id: NonEmpty,
    }

    /// Lists the branches of a session's transcript, the newest first; at most 100.
    pub struct SessionsBranchesListParams {
        /// The session.
        session_key: NonEmpty,
        /// The agent, for a key without one.
        agent_id?: NonEmpty,
    }

    /// Lets a session go on at the end of another branch.
    pub struct SessionsBranchesSwitchParams {
        /// The session.
        session_key: NonEmpty,
        /// The agent, for a key without one.
        agent_id?: NonEmpty,
        /// The branch.
        leaf_entry_id: NonEmpty,
    }
}

results! {
    /// The message that the session was taken back to, to be changed and sent again.
    #[derive(Default, Eq)]
    pub struct SessionsRewindResult {
        /// Its text.
        editor_text?: String,
        /// Its pictures.
        editor_attachments?: Vec<EditorAttachment>,
    }

    /// A picture of a message.
    #[derive(Default, Eq)]
    pub struct EditorAttachment {
        /// Its media type.
        mime_type: String,
        /// The picture in Base64.
        data: String,
    }

    /// The branches.
    #[derive(Default, Eq)]
    pub struct SessionsBranchesListResult {
        /// The newest first.
        branches: Vec<SessionBranch>,
    }

    /// A branch of a transcript.
    #[derive(Default, Eq)]
    pub struct SessionBranch {
        /// The id of its last message, by which it is called.
        leaf_entry_id: String,
        /// The beginning of its last message.
        headline: String,
        /// How many messages lie on it.
        message_count: u64,
        /// The time of its last message, in ISO 8601.
        updated_at?: String,
        /// Whether the session goes on here.
        active: bool,
    }

    /// The session goes on there.
    #[derive(Default, Eq)]
    pub struct SessionsBranchesSwitchResult {
    }
}
