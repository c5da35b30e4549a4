//! The fields of a session's row that events repeat at the top (recorded from both versions).

use serde::Serialize;
use serde_json::Value;

use crate::methods::{
    common::{AgentRuntime, FastMode, Object, ToolOverrides},
    sessions::{
        ActivitySummary, DeliveryContext, SessionKind, SessionOrigin, SessionRow, SessionStatus,
    },
};

/// The repeated fields.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionMirror<'a> {
    kind: SessionKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a SessionOrigin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_context: Option<&'a DeliveryContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_via: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sharing_role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<&'a [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_read_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_activity_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_interaction_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_summary: Option<&'a ActivitySummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_mode_pending: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fast_mode: Option<FastMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_fast_mode: Option<FastMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_fast_mode_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fast_auto_on_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbose_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elevated_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_usage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_response_usage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_sent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aborted_last_run: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens_fresh: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_budget_status: Option<&'a Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_cost_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_runtime: Option<&'a AgentRuntime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_selection_locked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<SessionStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_automation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_active_run: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_run_ids: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spawned_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_session_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    child_sessions: Option<&'a [String]>,
    #[serde(flatten)]
    clearable: Clearable<'a>,
}

impl<'a> SessionMirror<'a> {
    /// The repeated fields of a row.
    pub fn of(row: &'a SessionRow) -> Self {
        Self {
            kind: row.kind,
            session_id: row.session_id.as_deref(),
            updated_at: row.updated_at,
            channel: row.channel.as_deref(),
            chat_type: row.chat_type.as_deref(),
            subject: row.subject.as_deref(),
            group_channel: row.group_channel.as_deref(),
            space: row.space.as_deref(),
            origin: row.origin.as_ref(),
            delivery_context: row.delivery_context.as_ref(),
            last_channel: row.last_channel.as_deref(),
            last_to: row.last_to.as_deref(),
            last_account_id: row.last_account_id.as_deref(),
            created_at: row.created_at,
            created_via: row.created_via.as_deref(),
            visibility: row.visibility.as_deref(),
            sharing_role: row.sharing_role.as_deref(),
            participants: row.participants.as_deref(),
            participant_count: row.participant_count,
            archived: row.archived,
            pinned: row.pinned,
            unread: row.unread,
            last_read_at: row.last_read_at,
            last_activity_at: row.last_activity_at,
            last_interaction_at: row.last_interaction_at,
            activity_summary: row.activity_summary.as_ref(),
            permission_mode_pending: row.permission_mode_pending,
            fast_mode: row.fast_mode,
            effective_fast_mode: row.effective_fast_mode,
            effective_fast_mode_source: row.effective_fast_mode_source.as_deref(),
            fast_auto_on_seconds: row.fast_auto_on_seconds,
            verbose_level: row.verbose_level.as_deref(),
            reasoning_level: row.reasoning_level.as_deref(),
            elevated_level: row.elevated_level.as_deref(),
            send_policy: row.send_policy.as_deref(),
            response_usage: row.response_usage.as_deref(),
            effective_response_usage: row.effective_response_usage.as_deref(),
            system_sent: row.system_sent,
            aborted_last_run: row.aborted_last_run,
            input_tokens: row.input_tokens,
            output_tokens: row.output_tokens,
            total_tokens: row.total_tokens,
            total_tokens_fresh: row.total_tokens_fresh,
            context_tokens: row.context_tokens,
            context_budget_status: row.context_budget_status.as_ref(),
            estimated_cost_usd: row.estimated_cost_usd,
            model_provider: row.model_provider.as_deref(),
            model: row.model.as_deref(),
            agent_runtime: row.agent_runtime.as_ref(),
            runtime_selection_locked: row.runtime_selection_locked,
            status: row.status,
            has_automation: row.has_automation,
            has_active_run: row.has_active_run,
            active_run_ids: row.active_run_ids.as_deref(),
            started_at: row.started_at,
            spawned_by: row.spawned_by.as_deref(),
            parent_session_key: row.parent_session_key.as_deref(),
            child_sessions: row.child_sessions.as_deref(),
            clearable: Clearable::of(row),
        }
    }
}

/// What a person or a run can clear: `null` when it is not set, because clients merge these fields
/// into the row that they have. Protocol 3 leaves them out then.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Clearable<'a> {
    label: Option<&'a str>,
    auto_label: Option<&'a str>,
    display_name: Option<&'a str>,
    icon: Option<&'a str>,
    color: Option<&'a str>,
    category: Option<&'a str>,
    board_presentation: Option<&'a str>,
    archived_at: Option<u64>,
    archive_reason: Option<&'a str>,
    pinned_at: Option<u64>,
    marked_unread_at: Option<u64>,
    permission_mode: Option<&'a str>,
    thinking_level: Option<&'a str>,
    tool_overrides: Option<&'a ToolOverrides>,
    active_model_provider: Option<&'a str>,
    active_model: Option<&'a str>,
    model_override_source: Option<&'a str>,
    last_run_error: Option<&'a str>,
    last_run_id: Option<&'a str>,
    ended_at: Option<u64>,
    runtime_ms: Option<u64>,
}

impl<'a> Clearable<'a> {
    fn of(row: &'a SessionRow) -> Self {
        Self {
            label: row.label.as_deref(),
            auto_label: row.auto_label.as_deref(),
            display_name: row.display_name.as_deref(),
            icon: row.icon.as_deref(),
            color: row.color.as_deref(),
            category: row.category.as_deref(),
            board_presentation: row.board_presentation.as_deref(),
            archived_at: row.archived_at,
            archive_reason: row.archive_reason.as_deref(),
            pinned_at: row.pinned_at,
            marked_unread_at: row.marked_unread_at,
            permission_mode: row.permission_mode.as_deref(),
            thinking_level: row.thinking_level.as_deref(),
            tool_overrides: row.tool_overrides.as_ref(),
            active_model_provider: row.active_model_provider.as_deref(),
            active_model: row.active_model.as_deref(),
            model_override_source: row.model_override_source.as_deref(),
            last_run_error: row.last_run_error.as_deref(),
            last_run_id: row.last_run_id.as_deref(),
            ended_at: row.ended_at,
            runtime_ms: row.runtime_ms,
        }
    }
}
