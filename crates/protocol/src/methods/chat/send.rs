//! `chat.send`.

use serde_json::Value;

use crate::{
    field::{Clearable, Dict, Int, Limit, Ms, NonEmpty, SessionKeyText, Text},
    handled,
    methods::common::{
        Attachment, FastMode, InputProvenance, Mentions, PermissionMode, ToolOverrides,
    },
    params, results, words,
};

words! {
    /// What happens with a message during a run (protocol 4).
    pub enum QueueMode: one_of {
        /// It is given to the run at the next step.
        Steer = "steer",
        /// It starts the next run.
        Followup = "followup",
        /// It starts the next run together with others.
        Collect = "collect",
        /// It aborts the run and starts another.
        Interrupt = "interrupt",
    }

    /// What a message begins (protocol 4).
    pub enum ChatIntentKind: any_of {
        /// Work towards a goal.
        SessionGoalStart = "session-goal-start",
    }

    /// What became of a message.
    pub enum ChatSendStatus: one_of {
        /// A run was started.
        Started = "started",
        /// The run of this key goes on.
        InFlight = "in_flight",
        /// The run of this key ended well.
        Ok = "ok",
        /// The run of this key failed.
        Error = "error",
        /// The run of this key was aborted or took too long.
        Timeout = "timeout",
        /// It waits for the run before it (protocol 4).
        Queued = "queued",
    }
}

params! {
    /// Sends a message or a command to a session; the answer comes as events.
    pub struct ChatSendParams {
        /// The session.
        session_key: SessionKeyText,
        /// The agent, for a key without one (protocol 4).
        agent_id?: NonEmpty,
        /// Refuses the message unless the session has this transcript (protocol 4).
        session_id?: NonEmpty,
        /// The message.
        message: String,
        /// People who are named in it (protocol 4).
        mentions?: Mentions,
        /// What the person was looking at (protocol 4).
        work_context?: WorkContext,
        /// What the message begins (protocol 4).
        intent?: ChatIntent,
        /// How much to think.
        thinking?: String,
        /// Whether to be fast (protocol 4).
        fast_mode?: FastMode,
        /// After how many seconds `auto` becomes fast (protocol 4).
        fast_auto_on_seconds?: Limit,
        /// What happens if something runs (protocol 4).
        queue_mode?: QueueMode,
        /// Whether the answer is delivered to the session's channel.
        deliver?: bool,
        /// The channel that it came from.
        originating_channel?: String,
        /// The recipient there.
        originating_to?: String,
        /// The account there.
        originating_account_id?: String,
        /// The thread there.
        originating_thread_id?: String,
        /// The message that it answers (protocol 4).
        reply_to_id?: NonEmpty,
        /// Files.
        attachments?: Vec<Attachment>,
        /// Values for tools (protocol 4).
        tool_bindings?: Dict<Value, 16>,
        /// The longest time of the turn, in milliseconds.
        timeout_ms?: Ms,
        /// Where the input really came from; needs admin.
        system_input_provenance?: InputProvenance,
        /// A proof of it; needs admin.
        system_provenance_receipt?: String,
        /// Whether a message that looks like a command is none (protocol 4).
        suppress_command_interpretation?: bool,
        /// Refuses the message when the transcript went on from before this entry, so that it is
        /// shown no more; null refuses it unless the transcript is empty (protocol 4).
        expected_leaf_entry_id?: Clearable<NonEmpty>,
        /// Refuses the message unless it is routed this way (protocol 4).
        expected_session_routing_contract?: NonEmpty,
        /// Refuses the message unless this mode is set (protocol 4).
        expected_permission_mode?: Clearable<PermissionMode>,
        /// Refuses the message unless these overrides are set (protocol 4).
        expected_tool_overrides?: Clearable<ToolOverrides>,
        /// Becomes the run's id; a repetition returns the first run.
        idempotency_key: NonEmpty,
    }

    /// What the person was looking at (protocol 4).
    pub struct WorkContext {
        /// The page.
        page: Text<1, 64>,
        /// Its title.
        title?: Text<0, 96>,
        /// The session on it.
        session_key?: Text<0, 192>,
        /// Its transcript.
        session_id?: Text<0, 64>,
        /// The agent on it.
        agent_id?: Text<0, 64>,
        /// The folder on it.
        workspace?: Text<0, 224>,
        /// The file on it.
        file?: Text<0, 224>,
        /// The selected text.
        selection?: Text<0, 640>,
    }

    /// What a message begins (protocol 4).
    pub struct ChatIntent {
        /// What.
        kind: ChatIntentKind,
        /// Always 1.
        version: Int<1, 1>,
        /// When, in milliseconds since 1970.
        issued_at_ms: Ms,
    }
}

handled! { ChatSendParams {
    used: session_key, agent_id, session_id, message, thinking, queue_mode, originating_channel,
        originating_to, originating_account_id, originating_thread_id, attachments, timeout_ms,
        system_input_provenance, system_provenance_receipt, suppress_command_interpretation,
        expected_leaf_entry_id, idempotency_key;
    refused:
        mentions: "there are no profiles of people who could be told",
        work_context: "the agent is not shown it; say it in the message",
        intent: "sessions have no goals",
        reply_to_id: "the agent is not shown it; quote it in the message",
        tool_bindings: "no tool takes values from a message",
        expected_session_routing_contract: "messages are not routed by contract",
        expected_permission_mode: "no session has a permission mode, so only null is true",
        expected_tool_overrides: "no session overrides tools, so only null is true";
    hints:
        fast_mode: "no model has a fast variant: the answer is the same, only not sooner",
        fast_auto_on_seconds: "the same",
        deliver: "there is no channel to deliver to: the answer comes as events either way";
} }

results! {
    /// What became of a message. A stop word aborts, and answers with `ok`, `aborted` and `runIds`
    /// alone.
    #[derive(Default)]
    pub struct ChatSendResult {
        /// The run; the caller's idempotency key.
        run_id?: String,
        /// What became of it.
        status?: ChatSendStatus,
        /// Its place in the transcript (`sessions.send`).
        message_seq?: u64,
        /// Whether a run was aborted for it (`sessions.steer`).
        interrupted_active_run?: bool,
        /// True for a stop word.
        ok?: bool,
        /// Whether the stop word aborted a run.
        aborted?: bool,
        /// The runs that it aborted.
        run_ids?: Vec<String>,
        /// How long accepting it took (protocol 4).
        server_timing?: ServerTiming,
    }

    /// How long accepting a message took, in milliseconds (protocol 4).
    #[derive(Default)]
    pub struct ServerTiming {
        /// From the frame's arrival to the answer.
        received_to_ack_ms: f64,
        /// Of it, loading the session.
        load_session_ms?: f64,
    }
}
