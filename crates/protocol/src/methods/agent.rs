//! `agent`, `agent.wait`: one turn of an agent, and its end.

use std::borrow::Cow;

use crate::{
    field::{Ms, NonEmpty},
    methods, params, results,
    scope::Scope,
    words,
};

mod events;
mod params;
mod result;

pub use events::{
    InternalEvent, InternalEventAttachment, InternalEventSource, InternalEventStatus,
    InternalEventType, MediaKind,
};
pub use params::{
    AcpTurnSource, AgentParams, BootstrapContextMode, BootstrapContextRunKind, PromptMode,
    SessionEffects, SourceReplyDeliveryMode,
};
pub use result::{AgentPayload, AgentRunOutput, AgentRunResult, AgentRunStatus};

methods! {
    "agent": AgentParams => AgentRunResult, v3 WRITE, v4 dynamic(AgentParams::scope), lane session(session_key);
    "agent.wait": AgentWaitParams => AgentWaitResult, v3 WRITE, v4 WRITE;
}

params! {
    /// Waits until a run ends or the time is over.
    pub struct AgentWaitParams {
        /// The run.
        run_id: NonEmpty,
        /// How long to wait, in milliseconds; 30 000 when absent.
        timeout_ms?: Ms,
    }
}

words! {
    /// How far a run is.
    pub enum WaitStatus: one_of {
        /// It ended well.
        Ok = "ok",
        /// It failed or was aborted.
        Error = "error",
        /// It is not known, or has not ended in time.
        Timeout = "timeout",
    }
}

results! {
    /// How a run ended, if it did.
    pub struct AgentWaitResult {
        /// The run.
        run_id: String,
        /// How far it is.
        status: WaitStatus,
        /// When it began, in milliseconds since 1970.
        started_at?: u64,
        /// When it ended.
        ended_at?: u64,
        /// Why it failed.
        error?: String,
        /// Why it stopped, for example `stop` or `rpc` (protocol 4).
        stop_reason?: String,
        /// `working`, `blocked` or `paused` (protocol 4).
        liveness_state?: String,
        /// Which model answered (protocol 4).
        terminal_receipt?: TerminalReceipt,
        /// What the person saw (protocol 4).
        terminal_reply?: TerminalReply,
    }

    /// Which model was asked and which one answered (protocol 4).
    pub struct TerminalReceipt {
        /// The run.
        run_id: String,
        /// The session's transcript.
        session_id?: String,
        /// The turn.
        turn_id?: String,
        /// The model that was asked.
        requested?: ModelRef,
        /// The model that answered.
        effective?: ModelRef,
        /// Tools that were called with success.
        successful_tool_names: Vec<String>,
        /// Whether another model than the requested one answered.
        rerouted: bool,
        /// `visible` or `silent`.
        terminal_disposition?: String,
    }

    /// A model.
    #[derive(Eq)]
    pub struct ModelRef {
        /// Its provider.
        provider: String,
        /// Its id.
        model: String,
        /// The id that the provider named in its answer.
        response_model?: String,
    }

    /// What the person saw (protocol 4).
    #[derive(Eq)]
    pub struct TerminalReply {
        /// `visible` or `silent`.
        disposition: Cow<'static, str>,
        /// The text.
        text?: String,
    }
}

impl AgentParams {
    /// The scope of `agent` in protocol 4: choosing the model, the folder or the prompt of a turn,
    /// and everything that only the gateway's own components send, needs admin; a plain turn needs
    /// write.
    pub fn scope(&self) -> Scope {
        if self.claims_authority() { Scope::Admin } else { Scope::Write }
    }
}
