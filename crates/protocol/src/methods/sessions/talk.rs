//! `sessions.send`, `.steer`, `.abort` and the subscription to one session.

use crate::{
    field::{Ms, NonEmpty},
    handled,
    methods::common::{Attachment, Mentions},
    params, results, words,
};

params! {
    /// Sends a message to a session, as `chat.send` does.
    pub struct SessionsSendParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// The message.
        message: String,
        /// People who are named in it (protocol 4).
        mentions?: Mentions,
        /// How much to think.
        thinking?: String,
        /// Files.
        attachments?: Vec<Attachment>,
        /// The longest time of the turn, in milliseconds.
        timeout_ms?: Ms,
        /// Becomes the run's id; one is made when absent.
        idempotency_key?: NonEmpty,
    }

    /// Sends a message to a session after aborting what runs there.
    pub struct SessionsSteerParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// The message.
        message: String,
        /// People who are named in it (protocol 4).
        mentions?: Mentions,
        /// How much to think.
        thinking?: String,
        /// Files.
        attachments?: Vec<Attachment>,
        /// The longest time of the turn, in milliseconds.
        timeout_ms?: Ms,
        /// Becomes the run's id; one is made when absent.
        idempotency_key?: NonEmpty,
    }

    /// Aborts what runs in a session.
    #[derive(Default)]
    pub struct SessionsAbortParams {
        /// The session; protocol 3 requires it, protocol 4 takes a run instead.
        key?: NonEmpty,
        /// Only this run.
        run_id?: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Whether what waits is dropped too (protocol 4).
        clear_queued?: bool,
    }

    /// Subscribes to the messages of one session.
    pub struct SessionsMessagesSubscribeParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Whether approvals of the session are sent too (protocol 4).
        include_approvals?: bool,
    }

    /// Ends the subscription to the messages of one session.
    pub struct SessionsMessagesUnsubscribeParams {
        /// The session.
        key: NonEmpty,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
    }
}

handled! { SessionsSendParams {
    used: key, agent_id, message, thinking, attachments, timeout_ms, idempotency_key;
    refused: mentions: "there are no profiles of people who could be told";
    hints: ;
} }

handled! { SessionsSteerParams {
    used: key, agent_id, message, thinking, attachments, timeout_ms, idempotency_key;
    refused: mentions: "there are no profiles of people who could be told";
    hints: ;
} }

words! {
    /// What an abort did.
    pub enum AbortStatus: one_of {
        /// It aborted a run.
        Aborted = "aborted",
        /// Nothing ran.
        NoActiveRun = "no-active-run",
    }
}

results! {
    /// What an abort did.
    pub struct SessionsAbortResult {
        /// Always true.
        ok: bool,
        /// The run that was aborted, or null.
        aborted_run_id: Option<String>,
        /// What it did.
        status: AbortStatus,
    }

    /// Whether the caller is subscribed to one session now.
    #[derive(Default, Eq)]
    pub struct SessionsMessagesResult {
        /// Whether it is.
        subscribed: bool,
        /// The session's canonical key.
        key: String,
    }
}
