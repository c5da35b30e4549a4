//! `chat`, `chat.metadata.changed`: what an assistant says.

use crate::{
    events,
    methods::{
        chat::ChatMessage,
        common::{Object, Usage},
    },
    results, words,
};

events! {
    "chat": ChatEvent, to READ, droppable_if(ChatEvent::is_passing);
    "chat.metadata.changed": ChatMetadataChangedEvent, to READ, droppable, v4only, unsent;
}

words! {
    /// How far an answer is.
    pub enum ChatState: one_of {
        /// Something is prepared (protocol 4).
        Status = "status",
        /// A part of it is there.
        Delta = "delta",
        /// It is complete.
        Final = "final",
        /// It was aborted.
        Aborted = "aborted",
        /// It failed.
        Error = "error",
    }

    /// What is prepared (protocol 4).
    pub enum ChatPhase: any_of {
        /// The folder.
        PreparingWorkspace = "preparing_workspace",
        /// The name of a worktree.
        NamingWorktree = "naming_worktree",
        /// A worktree.
        CreatingWorktree = "creating_worktree",
        /// The worktree's own setup.
        RunningSetup = "running_setup",
        /// A machine.
        ProvisioningEnvironment = "provisioning_environment",
        /// The context.
        PreparingContext = "preparing_context",
        /// Notes are written before the context is cut.
        MemoryFlushing = "memory_flushing",
        /// The model.
        StartingModel = "starting_model",
    }

    /// Why an answer failed (protocol 4).
    pub enum ChatErrorKind: any_of {
        /// The model refused.
        Refusal = "refusal",
        /// It took too long.
        Timeout = "timeout",
        /// There were too many requests.
        RateLimit = "rate_limit",
        /// The context is too long.
        ContextLength = "context_length",
        /// Anything else.
        Unknown = "unknown",
    }
}

results! {
    /// A step of an answer. `message` of a `delta` holds the whole text so far, so that a missed
    /// one does no harm.
    pub struct ChatEvent {
        /// The run.
        run_id: String,
        /// The session's canonical key.
        session_key: String,
        /// The agent (protocol 4).
        agent_id?: String,
        /// The session that started it (protocol 4).
        spawned_by?: String,
        /// The place among the events of the run; the same as that of its `agent` event.
        seq: u64,
        /// How far the answer is.
        state: ChatState,
        /// What is prepared, with `status`.
        phase?: ChatPhase,
        /// What is tried again, with `status`.
        retry?: Object,
        /// The text since the last `delta`, with `delta` (protocol 4).
        delta_text?: String,
        /// Whether that text replaces all before it (protocol 4).
        replace?: bool,
        /// The answer so far.
        message?: ChatMessage,
        /// Tokens and their price.
        usage?: Usage,
        /// Why it stopped.
        stop_reason?: String,
        /// Whether the turn ended to be continued (protocol 4).
        yielded?: bool,
        /// What went wrong.
        error_message?: String,
        /// The kind of it (protocol 4).
        error_kind?: ChatErrorKind,
        /// More about it (protocol 4).
        error_detail?: ChatErrorDetail,
    }

    /// More about a failed answer (protocol 4).
    #[derive(Default, Eq)]
    pub struct ChatErrorDetail {
        /// The provider.
        provider?: String,
        /// The model.
        model?: String,
        /// Why another model was tried.
        failover_reason?: String,
        /// The kind of failure.
        provider_runtime_failure_kind?: String,
        /// The provider's own name for it.
        provider_error_type?: String,
        /// The HTTP status.
        http_status?: u16,
        /// The beginning of the provider's message.
        provider_error_message_preview?: String,
    }

    /// Models or commands of chats changed; ask again.
    #[derive(Default, Eq)]
    pub struct ChatMetadataChangedEvent {
    }
}

impl ChatEvent {
    /// Whether a later event makes this one needless: a slow reader may miss it.
    pub fn is_passing(&self) -> bool {
        matches!(self.state, ChatState::Status | ChatState::Delta)
    }
}
