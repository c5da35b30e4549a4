//! A session as lists and events show it.

use serde_json::Value;

use crate::{
    methods::common::{AgentRuntime, FastMode, Object, ThinkingLevel, ToolOverrides},
    results, words,
};

words! {
    /// What a session is.
    pub enum SessionKind: one_of {
        /// With one person.
        Direct = "direct",
        /// With several.
        Group = "group",
        /// The one session of everything.
        Global = "global",
        /// Nobody knows.
        Unknown = "unknown",
    }

    /// How the last run stands.
    pub enum SessionStatus: one_of {
        /// It waits.
        Queued = "queued",
        /// It runs.
        Running = "running",
        /// It ended well.
        Done = "done",
        /// It failed.
        Failed = "failed",
        /// It was aborted.
        Killed = "killed",
        /// It took too long.
        Timeout = "timeout",
    }
}

results! {
    /// A session.
    pub struct SessionRow {
        /// Its key.
        key: String,
        /// What it is.
        kind: SessionKind,
        /// Its transcript.
        session_id?: String,
        /// Its agent (protocol 4).
        agent_id?: String,
        /// Its name, given by a person.
        label?: String,
        /// Its name, given by the gateway (protocol 4).
        auto_label?: String,
        /// How it is shown.
        display_name?: String,
        /// A title from its first message.
        derived_title?: String,
        /// The beginning of its last message.
        last_message_preview?: String,
        /// Its symbol (protocol 4).
        icon?: String,
        /// Its colour (protocol 4).
        color?: String,
        /// Its group in the list (protocol 4).
        category?: String,
        /// `main`, `direct`, `custom`, `cron` and others (protocol 4).
        classification?: String,
        /// Whether it is the agent's main session (protocol 4).
        is_main?: bool,
        /// Whether it belongs to the gateway's own work (protocol 4).
        is_background?: bool,
        /// `chat` or `dashboard` (protocol 4).
        board_face?: String,
        /// `split` or `expanded` (protocol 4).
        board_presentation?: String,
        /// Its channel.
        channel?: String,
        /// The group in the channel (protocol 3).
        group_channel?: String,
        /// The space in the channel (protocol 3).
        space?: String,
        /// The subject of the group (protocol 3).
        subject?: String,
        /// `direct`, `group` or `channel`.
        chat_type?: String,
        /// Where it came from (protocol 3).
        origin?: SessionOrigin,
        /// Where answers go (protocol 3).
        delivery_context?: DeliveryContext,
        /// The last channel (protocol 3).
        last_channel?: String,
        /// The last recipient (protocol 3).
        last_to?: String,
        /// The last account (protocol 3).
        last_account_id?: String,
        /// The last change, in milliseconds since 1970, or null.
        updated_at: Option<u64>,
        /// When it was made (protocol 4).
        created_at?: u64,
        /// `operator`, `run`, `channel`, `cron`, `spawn` and others (protocol 4).
        created_via?: String,
        /// When the row was made (protocol 4).
        snapshot_at?: u64,
        /// Whether it is archived (protocol 4).
        archived?: bool,
        /// Since when (protocol 4).
        archived_at?: u64,
        /// Why (protocol 4).
        archive_reason?: String,
        /// Whether it is pinned (protocol 4).
        pinned?: bool,
        /// Since when (protocol 4).
        pinned_at?: u64,
        /// Whether something in it was not read (protocol 4).
        unread?: bool,
        /// When it was last read (protocol 4).
        last_read_at?: u64,
        /// When a person marked it as not read (protocol 4).
        marked_unread_at?: u64,
        /// When something last happened in it (protocol 4).
        last_activity_at?: u64,
        /// When a person last wrote to it (protocol 4).
        last_interaction_at?: u64,
        /// How its last run stands.
        status?: SessionStatus,
        /// When the run began.
        started_at?: u64,
        /// When it ended.
        ended_at?: u64,
        /// How long it took.
        runtime_ms?: u64,
        /// Why it failed (protocol 4).
        last_run_error?: String,
        /// The run (protocol 4).
        last_run_id?: String,
        /// Whether a run is active (protocol 4).
        has_active_run?: bool,
        /// The active runs (protocol 4).
        active_run_ids?: Vec<String>,
        /// The last entry of the transcript's active branch, or null (protocol 4).
        active_leaf_entry_id?: Value,
        /// Whether the system prompt was sent.
        system_sent?: bool,
        /// Whether the last run was aborted.
        aborted_last_run?: bool,
        /// How much it thinks.
        thinking_level?: String,
        /// The levels of its model (protocol 4).
        thinking_levels?: Vec<ThinkingLevel>,
        /// Their labels (protocol 4).
        thinking_options?: Vec<String>,
        /// The level when none is set (protocol 4).
        thinking_default?: String,
        /// Whether it is fast.
        fast_mode?: FastMode,
        /// Whether it is fast in the end (protocol 4).
        effective_fast_mode?: FastMode,
        /// Which setting says so (protocol 4).
        effective_fast_mode_source?: String,
        /// After how many seconds `auto` becomes fast (protocol 4).
        fast_auto_on_seconds?: u64,
        /// How much it tells about tools.
        verbose_level?: String,
        /// How much it tells about itself (protocol 4).
        trace_level?: String,
        /// Whether it tells its reasoning.
        reasoning_level?: String,
        /// Whether it runs commands with more rights.
        elevated_level?: String,
        /// `allow` or `deny`.
        send_policy?: String,
        /// Whether it tells what an answer cost.
        response_usage?: String,
        /// The same in the end (protocol 4).
        effective_response_usage?: String,
        /// What happens with a message during a run (protocol 4).
        effective_queue_mode?: String,
        /// `read-only`, `guarded`, `workspace` or `full` (protocol 4).
        permission_mode?: String,
        /// Whether a change of it waits (protocol 4).
        permission_mode_pending?: bool,
        /// What it changes about tools (protocol 4).
        tool_overrides?: ToolOverrides,
        /// The node that runs its commands (protocol 4).
        exec_node?: String,
        /// The folder of its commands (protocol 4).
        exec_cwd?: String,
        /// The provider.
        model_provider?: String,
        /// The model.
        model?: String,
        /// The provider of the running turn (protocol 4).
        active_model_provider?: String,
        /// The model of the running turn (protocol 4).
        active_model?: String,
        /// Who chose the model: `user`, `auto`, `inherited` (protocol 4).
        model_override_source?: String,
        /// Whether its runtime is fixed (protocol 4).
        runtime_selection_locked?: bool,
        /// What runs its turns (protocol 4).
        agent_runtime?: AgentRuntime,
        /// The size of the context window.
        context_tokens?: u64,
        /// How full the context was before the last turn (protocol 4).
        context_budget_status?: Object,
        /// Tokens read.
        input_tokens?: u64,
        /// Tokens written.
        output_tokens?: u64,
        /// Tokens in the context.
        total_tokens?: u64,
        /// Whether that number is of the last turn.
        total_tokens_fresh?: bool,
        /// What it cost, in US dollars.
        estimated_cost_usd?: f64,
        /// The session that started it.
        spawned_by?: String,
        /// The folder that it was given.
        spawned_workspace_dir?: String,
        /// Through how many sessions it was started.
        spawn_depth?: u64,
        /// `orchestrator` or `leaf`.
        subagent_role?: String,
        /// `children` or `none`.
        subagent_control_scope?: String,
        /// The session that it branched off.
        parent_session_key?: String,
        /// Sessions that it started.
        child_sessions?: Vec<String>,
        /// Whether it began as a copy (protocol 4).
        forked_from_parent?: bool,
        /// Whether schedules write to it (protocol 4).
        has_automation?: bool,
        /// Who may see it (protocol 4).
        visibility?: String,
        /// What the caller is to it (protocol 4).
        sharing_role?: String,
        /// Who took part, at most four (protocol 4).
        participants?: Vec<Value>,
        /// Who took part, at most 32 (protocol 4).
        expanded_participants?: Vec<Value>,
        /// How many took part (protocol 4).
        participant_count?: u64,
        /// Whether the caller hid it (protocol 4).
        hidden_from_involving_me?: bool,
        /// What happened in it (protocol 4).
        activity_summary?: ActivitySummary,
        /// Where it runs (protocol 4).
        placement?: SessionPlacement,
    }

    /// Where a session came from.
    #[derive(Default, Eq)]
    pub struct SessionOrigin {
        /// How the sender is called.
        label?: String,
        /// The channel or the kind of event.
        provider?: String,
        /// The client.
        surface?: String,
        /// `direct`, `group` or `channel`.
        chat_type?: String,
        /// The sender.
        from?: String,
        /// The recipient.
        to?: String,
        /// The account.
        account_id?: String,
        /// The thread.
        thread_id?: Value,
    }

    /// Where answers go.
    #[derive(Default, Eq)]
    pub struct DeliveryContext {
        /// The channel.
        channel?: String,
        /// The recipient.
        to?: String,
        /// The account.
        account_id?: String,
        /// The thread.
        thread_id?: Value,
    }

    /// What happened in a session (protocol 4).
    #[derive(Eq)]
    pub struct ActivitySummary {
        /// `current`, `stale`, `updating` or `unavailable`.
        state: String,
        /// Whether a summary can be made.
        can_ensure?: bool,
        /// The summary.
        text?: String,
        /// When it was made, in milliseconds since 1970.
        updated_at?: u64,
    }

    /// Where a session runs (protocol 4).
    #[derive(Eq)]
    pub struct SessionPlacement {
        /// `local` and others.
        state: String,
        /// Counts its moves.
        generation: u64,
        /// When it was placed, in milliseconds since 1970.
        created_at_ms: u64,
        /// The last change.
        updated_at_ms: u64,
        /// The last change of the state.
        state_changed_at_ms: u64,
    }
}

impl SessionRow {
    /// A row with nothing but its key and kind.
    pub fn new(key: impl Into<String>, kind: SessionKind) -> Self {
        let bare = Object::from_iter([
            ("key".to_owned(), Value::from(key.into())),
            ("kind".to_owned(), Value::from(kind.name())),
        ]);
        #[expect(clippy::expect_used, reason = "both required fields are there")]
        serde_json::from_value(Value::Object(bare)).expect("a key and a kind are a row")
    }
}
