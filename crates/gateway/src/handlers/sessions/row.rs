//! A session's row as clients see it.

use openclaw_agent::{
    provider::ModelInfo,
    session::{self, SessionEntry},
    store::RunState,
};
use openclaw_protocol::{
    ids::SessionKey,
    methods::{
        common::FastMode,
        sessions::{SessionKind, SessionRow, SessionStatus},
    },
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{context::Cx, state::App};

/// The row of a session, or of a key that has none yet.
pub(crate) fn describe(cx: &Cx, key: &SessionKey, row: Option<&session::SessionRow>) -> SessionRow {
    build(cx.app(), key, row)
}

/// The same for events, which no request asks for.
pub(crate) fn build(app: &App, key: &SessionKey, row: Option<&session::SessionRow>) -> SessionRow {
    let default = SessionEntry::default();
    let entry = row.map_or(&default, |row| &row.entry);
    let agent = session::agent_of(key).unwrap_or_else(|| app.agents.default_id().clone());
    let active = app.runtime.active(key);
    let model = app.catalog.resolve(agent.as_str(), chosen_model(entry).as_deref()).ok();
    let mut wire = from_entry(key, entry);
    wire.is_main = Some(session::key::is_main(key));
    wire.is_background = Some(session::key::is_cron(key) || session::key::is_subagent(key));
    wire.classification = Some(wire.kind.name().to_owned());
    wire.agent_id = Some(agent.to_string());
    wire.updated_at = row.map(|row| millis(row.entry.updated_at));
    wire.snapshot_at = Some(millis(app.clock.now_ms()));
    wire.has_active_run = Some(active.iter().any(|run| run.state == RunState::Running));
    wire.active_run_ids = Some(active.iter().map(|run| run.info.run_id.to_string()).collect());
    if let Some(model) = model {
        // The entry tells the model of the last run; the row that of the next one.
        wire.model_provider = Some(model.info.provider.clone());
        wire.model = Some(model.info.id.clone());
        wire.context_tokens = window(entry, Some(&model.info));
        let thinking = app.thinking(&agent, &model.info);
        wire.thinking_levels = Some(thinking.levels);
        wire.thinking_options = Some(thinking.options);
        wire.thinking_default = thinking.default;
    }
    wire
}

/// What the entry alone tells.
pub(crate) fn from_entry(key: &SessionKey, entry: &SessionEntry) -> SessionRow {
    let kind = match session::kind_of(key, Some(entry)).as_str() {
        "group" => SessionKind::Group,
        "global" => SessionKind::Global,
        "unknown" => SessionKind::Unknown,
        _ => SessionKind::Direct,
    };
    let mut wire = SessionRow::new(key.as_str(), kind);
    let owned = |text: &Option<String>| text.clone();
    let extra = |name: &str| entry.extra.get(name);
    wire.session_id = (!entry.session_id.is_empty()).then(|| entry.session_id.clone());
    wire.label = owned(&entry.label);
    wire.display_name = entry.label.clone().or_else(|| entry.display_name.clone());
    wire.channel = owned(&entry.channel);
    wire.subject = owned(&entry.subject);
    wire.chat_type = owned(&entry.chat_type);
    wire.origin = entry.origin.as_ref().and_then(read);
    wire.delivery_context = entry.delivery_context.as_ref().and_then(read);
    wire.last_channel = owned(&entry.last_channel);
    wire.last_to = owned(&entry.last_to);
    wire.last_account_id = owned(&entry.last_account_id);
    wire.archived = extra("archived").and_then(Value::as_bool).or(Some(false));
    wire.pinned = extra("pinned").and_then(Value::as_bool).or(Some(false));
    wire.unread = extra("unread").and_then(Value::as_bool).or(Some(false));
    wire.marked_unread_at = extra("markedUnreadAt").and_then(Value::as_u64);
    wire.last_interaction_at = entry.last_interaction().map(millis);
    wire.icon = extra("icon").and_then(read);
    wire.color = extra("color").and_then(read);
    wire.category = extra("category").and_then(read);
    wire.auto_label = extra("autoLabel").and_then(read);
    wire.status = entry.status.as_deref().and_then(status);
    wire.created_at = entry.created_at.map(millis);
    wire.last_run_id = owned(&entry.last_run_id);
    wire.started_at = entry.started_at.map(millis);
    wire.ended_at = entry.ended_at.map(millis);
    wire.runtime_ms = entry.runtime_ms.map(millis);
    wire.system_sent = entry.system_sent;
    wire.aborted_last_run = entry.aborted_last_run;
    wire.thinking_level = owned(&entry.thinking_level);
    wire.fast_mode = entry.fast_mode.map(FastMode::Switch);
    wire.verbose_level = owned(&entry.verbose_level);
    wire.reasoning_level = owned(&entry.reasoning_level);
    wire.elevated_level = owned(&entry.elevated_level);
    wire.send_policy = owned(&entry.send_policy);
    wire.response_usage = owned(&entry.response_usage);
    wire.model_provider = owned(&entry.model_provider);
    wire.model = owned(&entry.model);
    wire.model_override_source = entry.model_override.as_ref().map(|_| "user".to_owned());
    wire.context_tokens = entry.context_tokens;
    wire.input_tokens = entry.input_tokens;
    wire.output_tokens = entry.output_tokens;
    wire.total_tokens = entry.total_tokens;
    wire.total_tokens_fresh = entry.total_tokens_fresh.or(Some(false));
    wire.estimated_cost_usd = entry.estimated_cost_usd;
    wire.spawned_by = owned(&entry.spawned_by);
    wire.spawn_depth = entry.spawn_depth;
    wire.parent_session_key = owned(&entry.parent_session_key);
    wire
}

/// The size of the context window of the next turn: that of the last one, unless another model was
/// chosen since.
pub(crate) fn window(entry: &SessionEntry, next: Option<&ModelInfo>) -> Option<u64> {
    let Some(next) = next else { return entry.context_tokens };
    let last = (entry.model_provider.as_deref(), entry.model.as_deref());
    let same = last == (Some(&next.provider), Some(&next.id));
    entry.context_tokens.filter(|_| same).or(Some(next.context_window))
}

/// The model that the user chose for a session, as `provider/model`.
pub(crate) fn chosen_model(entry: &SessionEntry) -> Option<String> {
    let model = entry.model_override.as_ref()?;
    Some(match &entry.provider_override {
        Some(provider) => format!("{provider}/{model}"),
        None => model.clone(),
    })
}

fn status(word: &str) -> Option<SessionStatus> {
    read(&Value::from(word))
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// Times on the wire are never negative.
pub(crate) fn millis(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default()
}
