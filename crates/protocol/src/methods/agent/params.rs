//! The parameters of `agent`.

use super::InternalEvent;
use crate::{
    field::{Int, Label, MAX_SAFE_INTEGER, Ms, NonEmpty},
    handled,
    methods::common::{Attachment, InputProvenance, Object},
    params, words,
};

words! {
    /// How much of the system prompt is used (protocol 4).
    pub enum PromptMode: any_of {
        /// All of it.
        Full = "full",
        /// The least.
        Minimal = "minimal",
        /// Nothing.
        None = "none",
    }

    /// How much of the workspace's files is given (protocol 4).
    pub enum BootstrapContextMode: any_of {
        /// All of it.
        Full = "full",
        /// A little.
        Lightweight = "lightweight",
    }

    /// For what kind of run (protocol 4).
    pub enum BootstrapContextRunKind: any_of {
        /// A turn.
        Default = "default",
        /// A heartbeat.
        Heartbeat = "heartbeat",
        /// A schedule.
        Cron = "cron",
    }

    /// Where a turn of another program's agent came from (protocol 4).
    pub enum AcpTurnSource: any_of {
        /// A person started it.
        ManualSpawn = "manual_spawn",
    }

    /// Whether a turn can be seen in its session (protocol 4).
    pub enum SessionEffects: any_of {
        /// It can.
        Visible = "visible",
        /// It cannot.
        Internal = "internal",
    }

    /// How an answer reaches its source (protocol 4).
    pub enum SourceReplyDeliveryMode: any_of {
        /// By itself.
        Automatic = "automatic",
        /// Only when the agent sends it.
        MessageToolOnly = "message_tool_only",
    }
}

params! {
    /// Starts one turn of an agent; answers twice with the same id, first `accepted`, then the end.
    pub struct AgentParams {
        /// What the agent is told.
        message: NonEmpty,
        /// The agent; the session's or the default when absent.
        agent_id?: NonEmpty,
        /// Another provider for this turn; needs admin in protocol 4.
        provider?: String,
        /// Another model for this turn; needs admin in protocol 4.
        model?: String,
        /// A recipient, from which a session is derived.
        to?: String,
        /// Another recipient for the answer.
        reply_to?: String,
        /// A transcript, from which the session is found.
        session_id?: String,
        /// The session.
        session_key?: String,
        /// Refuses the turn unless the session has this transcript (protocol 4).
        expected_existing_session_id?: NonEmpty,
        /// How much to think.
        thinking?: String,
        /// Whether the answer is delivered to the channel.
        deliver?: bool,
        /// Files.
        attachments?: Vec<Attachment>,
        /// The channel.
        channel?: String,
        /// Another channel for the answer.
        reply_channel?: String,
        /// The channel's account.
        account_id?: String,
        /// Another account for the answer.
        reply_account_id?: String,
        /// The thread in the channel.
        thread_id?: String,
        /// The group.
        group_id?: String,
        /// The channel inside the group.
        group_channel?: String,
        /// The space of the group.
        group_space?: String,
        /// The longest time of the turn, in seconds; 0 for none.
        timeout?: Ms,
        /// Whether a failed delivery is forgiven.
        best_effort_deliver?: bool,
        /// The lane that it waits in.
        lane?: String,
        /// The folder; needs admin (protocol 4).
        cwd?: NonEmpty,
        /// Whether to stop the run's own MCP servers at its end (protocol 4).
        cleanup_bundle_mcp_on_run_end?: bool,
        /// Whether only the model is asked, without tools (protocol 4).
        model_run?: bool,
        /// How much of the system prompt is used (protocol 4).
        prompt_mode?: PromptMode,
        /// A text that is added to the system prompt; needs admin in protocol 4.
        extra_system_prompt?: String,
        /// How much of the workspace's files is given (protocol 4).
        bootstrap_context_mode?: BootstrapContextMode,
        /// For what kind of run (protocol 4).
        bootstrap_context_run_kind?: BootstrapContextRunKind,
        /// Where a turn of another program's agent came from (protocol 4).
        acp_turn_source?: AcpTurnSource,
        /// A handoff between the gateway's components (protocol 4).
        internal_runtime_handoff_id?: NonEmpty,
        /// A retry by the gateway's components (protocol 4).
        internal_execution_identity_retry?: bool,
        /// The number of that retry (protocol 4).
        internal_execution_identity_recovery_attempt?: Int<1, MAX_SAFE_INTEGER>,
        /// The transcript that an approved command belongs to (protocol 4).
        exec_approval_followup_expected_session_id?: NonEmpty,
        /// What ended elsewhere and is told to this session.
        internal_events?: Vec<InternalEvent>,
        /// Where the input really came from.
        input_provenance?: InputProvenance,
        /// Whether the input stays out of the transcript (protocol 4).
        suppress_prompt_persistence?: bool,
        /// Whether the turn can be seen (protocol 4).
        session_effects?: SessionEffects,
        /// How the answer reaches its source (protocol 4).
        source_reply_delivery_mode?: SourceReplyDeliveryMode,
        /// Whether the agent may not send messages itself (protocol 4).
        disable_message_tool?: bool,
        /// Whether it collects a swarm's answers (protocol 4).
        swarm_collector?: bool,
        /// The JSON Schema of such an answer (protocol 4).
        swarm_output_schema?: Object,
        /// Whether only tools that can be run again are offered (protocol 4).
        force_restart_safe_tools?: bool,
        /// Whether tools are called by code (protocol 4).
        force_code_mode_tools?: bool,
        /// The word that woke the device (protocol 4).
        voice_wake_trigger?: String,
        /// Becomes the run's id; a repetition returns the first run.
        idempotency_key: NonEmpty,
        /// A label for the session.
        label?: Label,
    }
}

handled! { AgentParams {
    used: message, agent_id, provider, model, to, session_id, session_key,
        expected_existing_session_id, thinking, deliver, attachments, channel, account_id,
        thread_id, timeout, extra_system_prompt, idempotency_key, label;
    refused:
        cwd: "an agent works in its workspace",
        model_run: "a turn always has the agent's tools",
        prompt_mode unless "full": "there is one system prompt",
        bootstrap_context_mode unless "full": "the workspace's files are always given",
        bootstrap_context_run_kind unless "default": "there is one kind of run",
        acp_turn_source: "no other program's agent runs turns",
        internal_runtime_handoff_id: "it is for the gateway's own components",
        internal_execution_identity_retry: "it is for the gateway's own components",
        internal_execution_identity_recovery_attempt: "it is for the gateway's own components",
        exec_approval_followup_expected_session_id: "it is for the gateway's own components",
        internal_events: "they are for the gateway's own components",
        input_provenance: "it is for the gateway's own components",
        suppress_prompt_persistence: "every input is kept",
        session_effects unless "visible": "every turn can be seen",
        source_reply_delivery_mode unless "automatic": "agents send no messages themselves",
        swarm_collector: "there are no swarms",
        swarm_output_schema: "there are no swarms",
        force_restart_safe_tools: "tools are chosen by the config alone",
        force_code_mode_tools: "tools are not called by code";
    hints:
        reply_to: "nothing is delivered, since there is no channel",
        reply_channel: "nothing is delivered, since there is no channel",
        reply_account_id: "nothing is delivered, since there is no channel",
        best_effort_deliver: "nothing is delivered, since there is no channel",
        group_id: "no rule depends on a group",
        group_channel: "no rule depends on a group",
        group_space: "no rule depends on a group",
        lane: "each session is a lane of its own",
        cleanup_bundle_mcp_on_run_end: "a run has no servers of its own that could stay",
        disable_message_tool: "agents have no tool to send messages",
        voice_wake_trigger: "it says how the message came to be and nothing of what it asks";
} }

impl AgentParams {
    /// Whether a field is set that an ordinary caller may not set in protocol 4.
    pub(super) fn claims_authority(&self) -> bool {
        [
            self.provider.is_some(),
            self.model.is_some(),
            self.cwd.is_some(),
            self.prompt_mode.is_some(),
            self.extra_system_prompt.is_some(),
            self.bootstrap_context_mode.is_some(),
            self.bootstrap_context_run_kind.is_some(),
            self.acp_turn_source.is_some(),
            self.internal_runtime_handoff_id.is_some(),
            self.internal_execution_identity_retry.is_some(),
            self.internal_execution_identity_recovery_attempt.is_some(),
            self.exec_approval_followup_expected_session_id.is_some(),
            self.internal_events.is_some(),
            self.input_provenance.is_some(),
            self.suppress_prompt_persistence.is_some(),
            self.session_effects.is_some(),
            self.source_reply_delivery_mode.is_some(),
            self.swarm_collector.is_some(),
            self.swarm_output_schema.is_some(),
            self.force_code_mode_tools.is_some(),
        ]
        .contains(&true)
    }
}
