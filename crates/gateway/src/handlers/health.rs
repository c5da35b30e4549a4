//! `health`, `status`, `last-heartbeat`: what the gateway is doing now.

use std::sync::Arc;

use openclaw_agent::{
    session::{SessionEntry, SessionRow, kind_of},
    store::SessionPage,
};
use openclaw_protocol::{
    RpcError, Scope,
    ids::AgentId,
    methods::health::{
        AgentStatus, HealthParams, HealthResult, HeartbeatAgentStatus, HeartbeatSummary,
        LastHeartbeatParams, LastHeartbeatResult, ModelRuntime, StatusDefaults, StatusParams,
        StatusResult, StatusSession, StatusSessions,
    },
};
use serde_json::Value;

use super::sessions::{self, row::millis};
use crate::{context::Cx, error::OrRefuse as _, machine, router::RouterBuilder, state::VERSION};

/// Sessions that `status` names.
const RECENT: usize = 10;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(health).handle(status).handle(last_heartbeat)
}

async fn health(cx: Cx, params: HealthParams) -> Result<Arc<HealthResult>, RpcError> {
    let health = &cx.app().health;
    let summary = match params.probe {
        Some(true) => health.look(true).await,
        _ => health.now().await,
    };
    summary.or_refuse()
}

async fn status(cx: Cx, _: StatusParams) -> Result<StatusResult, RpcError> {
    let app = cx.app();
    let all = sessions::latest(app.store.as_ref(), None, RECENT).await?;
    let mut by_agent = Vec::new();
    let (mut heartbeats, mut paths) = (Vec::new(), Vec::new());
    for agent in app.agents.iter() {
        let page = sessions::latest(app.store.as_ref(), Some(agent.id.clone()), RECENT).await?;
        by_agent.push(of_agent(&cx, &agent.id, &page));
        paths.push(shown_path(&cx, &agent.id));
        // Heartbeats do not exist in this build; every agent's is off.
        heartbeats.push(HeartbeatAgentStatus {
            agent_id: agent.id.to_string(),
            enabled: false,
            every: "disabled".to_owned(),
            ..HeartbeatAgentStatus::default()
        });
    }
    let defaults = sessions::defaults(&cx, app.agents.default_id());
    Ok(StatusResult {
        runtime_version: VERSION.to_owned(),
        heartbeat: HeartbeatSummary {
            default_agent_id: app.agents.default_id().to_string(),
            agents: heartbeats,
        },
        sessions: StatusSessions {
            paths,
            count: all.total,
            defaults: StatusDefaults {
                model: defaults.model,
                context_tokens: defaults.context_tokens,
            },
            recent: all.rows.iter().map(|row| session(&cx, row)).collect(),
            by_agent,
        },
        model_runtime: Some(ModelRuntime::default()),
        process_memory: machine::process_memory(),
        pid: Some(std::process::id()),
        ..StatusResult::default()
    })
}

/// Where files lie is told to administrators alone.
fn shown_path(cx: &Cx, agent: &AgentId) -> String {
    match cx.require(Scope::Admin) {
        Ok(()) => sessions::store_path(cx, agent),
        Err(_) => "[redacted]".to_owned(),
    }
}

fn of_agent(cx: &Cx, agent: &AgentId, page: &SessionPage) -> AgentStatus {
    AgentStatus {
        agent_id: agent.to_string(),
        path: shown_path(cx, agent),
        count: page.total,
        recent: page.rows.iter().map(|row| session(cx, row)).collect(),
    }
}

fn session(cx: &Cx, row: &SessionRow) -> StatusSession {
    let entry = &row.entry;
    let chosen = sessions::row::chosen_model(entry);
    let model = cx.app().catalog.resolve(row.agent_id.as_str(), chosen.as_deref()).ok();
    let window = sessions::row::window(entry, model.as_ref().map(|model| &*model.info));
    let used = entry.total_tokens;
    StatusSession {
        agent_id: Some(row.agent_id.to_string()),
        key: row.key.to_string(),
        kind: kind_of(&row.key, Some(entry)).as_str().to_owned(),
        session_id: Some(entry.session_id.clone()),
        updated_at: Some(millis(entry.updated_at)),
        age: Some(millis(cx.app().clock.now_ms() - entry.updated_at)),
        thinking_level: entry.thinking_level.clone(),
        fast_mode: entry.fast_mode.map(Value::from),
        verbose_level: entry.verbose_level.clone(),
        reasoning_level: entry.reasoning_level.clone(),
        elevated_level: entry.elevated_level.clone(),
        system_sent: entry.system_sent,
        aborted_last_run: entry.aborted_last_run,
        input_tokens: entry.input_tokens,
        output_tokens: entry.output_tokens,
        cache_read: entry.cache_read,
        cache_write: entry.cache_write,
        total_tokens: used,
        total_tokens_fresh: entry.total_tokens_fresh.unwrap_or(false),
        remaining_tokens: window.zip(used).map(|(window, used)| window.saturating_sub(used)),
        percent_used: window
            .zip(used)
            .filter(|(window, _)| *window > 0)
            .map(|(w, used)| (used * 100 / w).min(999)),
        model: model.map(|model| model.info.id.clone()),
        context_tokens: window,
        flags: flags(entry),
    }
}

/// What is special about a session, in the words that the command line prints.
fn flags(entry: &SessionEntry) -> Vec<String> {
    let level = |name: &str, level: &Option<String>| level.as_ref().map(|l| format!("{name}:{l}"));
    let flags = [
        entry.system_sent.filter(|sent| *sent).map(|_| "system".to_owned()),
        entry.aborted_last_run.filter(|aborted| *aborted).map(|_| "aborted".to_owned()),
        level("think", &entry.thinking_level),
        level("verbose", &entry.verbose_level),
        level("reasoning", &entry.reasoning_level),
        level("elevated", &entry.elevated_level),
        Some(format!("id:{}", entry.session_id)),
    ];
    flags.into_iter().flatten().collect()
}

/// No heartbeat has run in this process.
async fn last_heartbeat(_: Cx, _: LastHeartbeatParams) -> Result<LastHeartbeatResult, RpcError> {
    Ok(LastHeartbeatResult(None))
}
