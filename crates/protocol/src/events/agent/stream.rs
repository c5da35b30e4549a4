//! The streams of a run and what each carries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    methods::{
        agent::{TerminalReceipt, TerminalReply},
        common::Object,
    },
    results, words,
};

use crate::events::chat::ChatPhase;

/// What happened, with `stream` as its name and `data` as its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stream", content = "data", rename_all = "snake_case")]
pub enum AgentStream {
    /// The run began or ended.
    Lifecycle(Box<LifecycleData>),
    /// The assistant said more.
    Assistant(AssistantData),
    /// A tool was called.
    Tool(ToolData),
    /// The model thought more.
    Thinking(ThinkingData),
    /// The transcript was made shorter.
    Compaction(CompactionData),
    /// A piece of work, in words for people (protocol 4).
    Item(ItemData),
    /// What a command printed (protocol 4).
    CommandOutput(CommandOutputData),
    /// What is prepared (protocol 4).
    RunStatus(RunStatusData),
    /// Tokens so far (protocol 4).
    Usage(UsageData),
    /// Something is missing.
    Error(AgentErrorData),
}

words! {
    /// The steps of a run.
    pub enum LifecyclePhase: one_of {
        /// It began.
        Start = "start",
        /// A model was chosen (protocol 4).
        Model = "model",
        /// Another model is tried (protocol 4).
        FallbackStep = "fallback_step",
        /// The model is done, the rest follows (protocol 4).
        Finishing = "finishing",
        /// It ended.
        End = "end",
        /// It failed.
        Error = "error",
    }

    /// The steps of a tool call.
    pub enum ToolPhase: one_of {
        /// It began.
        Start = "start",
        /// A part of its result is there.
        Update = "update",
        /// It ended.
        Result = "result",
    }

    /// How a piece of work stands (protocol 4).
    pub enum ItemStatus: one_of {
        /// It goes on.
        Running = "running",
        /// It ended well.
        Completed = "completed",
        /// It failed.
        Failed = "failed",
        /// It was refused.
        Blocked = "blocked",
    }
}

results! {
    /// The run began or ended.
    pub struct LifecycleData {
        /// Which step.
        phase: LifecyclePhase,
        /// When the run began, in milliseconds since 1970.
        started_at?: u64,
        /// When it ended.
        ended_at?: u64,
        /// Why it failed.
        error?: String,
        /// Whether it was aborted.
        aborted?: bool,
        /// Why it stopped.
        stop_reason?: String,
        /// `cancelled` (protocol 4).
        status?: String,
        /// The provider, with `model` (protocol 4).
        provider?: String,
        /// The model, with `model` (protocol 4).
        model?: String,
        /// `working`, `blocked` or `paused` (protocol 4).
        liveness_state?: String,
        /// Whether nothing of it goes on (protocol 4).
        execution_settled?: bool,
        /// Whether it cannot be run again (protocol 4).
        replay_invalid?: bool,
        /// Which model answered (protocol 4).
        terminal_receipt?: TerminalReceipt,
        /// What the person saw (protocol 4).
        terminal_reply?: TerminalReply,
        /// More about a failure (protocol 4).
        error_observation?: Object,
        /// Always `fallback_step`, with that phase (protocol 4).
        fallback_step_type?: String,
        /// The model that failed (protocol 4).
        fallback_step_from_model?: String,
        /// The model that is tried (protocol 4).
        fallback_step_to_model?: String,
        /// Why it failed (protocol 4).
        fallback_step_from_failure_reason?: String,
        /// The same in words (protocol 4).
        fallback_step_from_failure_detail?: String,
        /// The place in the list of models (protocol 4).
        fallback_step_chain_position?: u64,
        /// How the list ended, for example `chain_exhausted` (protocol 4).
        fallback_step_final_outcome?: String,
        /// Where the time went, for example `provider` (protocol 4).
        timeout_phase?: String,
        /// Whether the provider had answered (protocol 4).
        provider_started?: bool,
    }

    /// The assistant said more.
    #[derive(Default, Eq)]
    pub struct AssistantData {
        /// The whole text so far.
        text: String,
        /// What is new in it.
        delta: String,
        /// The piece of work (protocol 4).
        item_id?: String,
        /// Whether the text replaces the one before (protocol 4).
        replace?: bool,
        /// Files.
        media_urls?: Vec<String>,
    }

    /// A tool was called.
    pub struct ToolData {
        /// Which step.
        phase: ToolPhase,
        /// The tool.
        name: String,
        /// The call.
        tool_call_id: String,
        /// Its arguments, with `start`.
        args?: Value,
        /// Its result so far, with `update`, when the session tells all.
        partial_result?: Value,
        /// Its result, with `result`, when the session tells all.
        result?: Value,
        /// What it works on, in words.
        meta?: String,
        /// Whether it failed.
        is_error?: bool,
        /// Why, in a line (protocol 4).
        tool_error_summary?: String,
        /// Whether it runs a command (protocol 4).
        command_bearing?: bool,
    }

    /// The model thought more.
    #[derive(Default, Eq)]
    pub struct ThinkingData {
        /// The whole text so far.
        text: String,
        /// What is new in it.
        delta: String,
    }

    /// The transcript was made shorter.
    #[derive(Default)]
    pub struct CompactionData {
        /// `start` or `end`.
        phase: String,
        /// Whether the turn is tried again after it.
        will_retry?: bool,
        /// Whether it was done.
        completed?: bool,
    }

    /// A piece of work, in words for people (protocol 4).
    pub struct ItemData {
        /// The piece of work.
        item_id: String,
        /// `preamble`, `tool` or `command`.
        kind: String,
        /// `start`, `update` or `end`.
        phase: String,
        /// What it is.
        title: String,
        /// How it stands.
        status?: ItemStatus,
        /// The tool.
        name?: String,
        /// The call.
        tool_call_id?: String,
        /// What it works on.
        meta?: String,
        /// What it says.
        progress_text?: String,
        /// Whether it runs a command.
        command_bearing?: bool,
        /// When it began, in milliseconds since 1970.
        started_at?: u64,
        /// When it ended.
        ended_at?: u64,
        /// Why it failed.
        error?: String,
    }

    /// What a command printed (protocol 4).
    #[derive(Default)]
    pub struct CommandOutputData {
        /// The piece of work.
        item_id: String,
        /// `delta` or `end`.
        phase: String,
        /// What it is.
        title: String,
        /// The call.
        tool_call_id?: String,
        /// The tool.
        name?: String,
        /// All that was printed so far.
        output?: String,
        /// How it stands.
        status?: String,
        /// The exit code.
        exit_code?: i64,
        /// How long it took.
        duration_ms?: u64,
        /// The folder.
        cwd?: String,
    }

    /// What is prepared (protocol 4).
    #[derive(Eq)]
    pub struct RunStatusData {
        /// What.
        phase: ChatPhase,
    }

    /// Tokens so far (protocol 4).
    #[derive(Default, Eq)]
    pub struct UsageData {
        /// Tokens read.
        input_tokens?: u64,
        /// Tokens written.
        output_tokens?: u64,
    }

    /// Something is missing.
    #[derive(Default, Eq)]
    pub struct AgentErrorData {
        /// What, for example `seq gap`.
        reason: String,
        /// The place that was expected.
        expected?: u64,
        /// The place that came.
        received?: u64,
    }
}
