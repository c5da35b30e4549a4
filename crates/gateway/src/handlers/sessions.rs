//! `sessions.*`: list, read, make and change sessions, and talk to one by its key.

use openclaw_agent::{
    session::{SessionEntry, SessionRow},
    store::SessionQuery,
};
use openclaw_protocol::{
    RpcError,
    ids::AgentId,
    methods::{
        common::Object,
        sessions::{
            SessionsListDefaults, SessionsMessagesResult, SessionsMessagesSubscribeParams,
            SessionsMessagesUnsubscribeParams, SessionsPatchResolved, SessionsSubscribeParams,
            SessionsSubscribeResult, SessionsUnsubscribeParams,
        },
    },
};
use serde_json::Value;

use super::keys;
use crate::{
    context::Cx, error::OrRefuse as _, observer::ListReason, peer::MAX_FOLLOWED_SESSIONS,
    router::RouterBuilder,
};

mod branches;
mod change;
mod groups;
mod list;
mod patch;
mod read;
pub(crate) mod row;
mod talk;

pub(crate) use change::CHANGED;
pub(crate) use read::find_by_short_id;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    let builder = builder.handle(list::list).handle(read::preview).handle(read::resolve);
    let builder = builder.handle(read::get).handle(read::describe).handle(patch::patch);
    let builder = builder.handle(change::reset).handle(change::delete).handle(change::create);
    let builder = builder.handle(branches::rewind);
    let builder = builder.handle(branches::list).handle(branches::switch);
    let builder = builder.handle(talk::send).handle(talk::steer).handle(talk::abort);
    let builder = builder.handle(groups::list).handle(groups::defaults);
    let builder = builder.handle(subscribe).handle(unsubscribe);
    builder.handle(subscribe_messages).handle(unsubscribe_messages)
}

async fn subscribe(
    cx: Cx,
    _: SessionsSubscribeParams,
) -> Result<SessionsSubscribeResult, RpcError> {
    cx.peer().follow_sessions(true);
    Ok(SessionsSubscribeResult { subscribed: true })
}

async fn unsubscribe(
    cx: Cx,
    _: SessionsUnsubscribeParams,
) -> Result<SessionsSubscribeResult, RpcError> {
    cx.peer().follow_sessions(false);
    Ok(SessionsSubscribeResult { subscribed: false })
}

async fn subscribe_messages(
    cx: Cx,
    params: SessionsMessagesSubscribeParams,
) -> Result<SessionsMessagesResult, RpcError> {
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    if !cx.peer().follow_messages(key.clone()) {
        return Err(RpcError::invalid(format!(
            "a connection may follow {MAX_FOLLOWED_SESSIONS} sessions; unsubscribe from one first"
        )));
    }
    Ok(SessionsMessagesResult { subscribed: true, key: key.to_string() })
}

async fn unsubscribe_messages(
    cx: Cx,
    params: SessionsMessagesUnsubscribeParams,
) -> Result<SessionsMessagesResult, RpcError> {
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    cx.peer().unfollow_messages(key.as_str());
    Ok(SessionsMessagesResult { subscribed: false, key: key.to_string() })
}

/// What a session of this agent begins with.
pub(crate) fn defaults(cx: &Cx, agent: &AgentId) -> SessionsListDefaults {
    let model = cx.app().catalog.resolve(agent.as_str(), None).ok();
    let info = model.as_ref().map(|model| &model.info);
    let thinking = info.map(|info| cx.app().thinking(agent, info));
    let (levels, options, default) =
        thinking.map(|t| (Some(t.levels), Some(t.options), t.default)).unwrap_or_default();
    SessionsListDefaults {
        model_provider: info.map(|info| info.provider.clone()),
        model: info.map(|info| info.id.clone()),
        context_tokens: info.map(|info| info.context_window),
        thinking_levels: levels,
        thinking_options: options,
        thinking_default: default,
        model_selection_target: Some("session".to_owned()),
        ..SessionsListDefaults::default()
    }
}

/// A handler has changed a session's row: events say so, and those of its run carry the new one.
fn changed(cx: &Cx, row: &SessionRow, reason: ListReason) {
    if let Some(run) = cx.app().runtime.live(&row.key) {
        run.set_session(row.clone());
    }
    cx.app().observer.list_changed(&row.key, reason);
}

/// Where an agent's sessions are kept, for the `path` of results.
pub(crate) fn store_path(cx: &Cx, agent: &AgentId) -> String {
    cx.app().agents.sessions_file(agent).display().to_string()
}

/// A session's entry as it is kept.
fn entry_object(entry: &SessionEntry) -> Object {
    match serde_json::to_value(entry) {
        Ok(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// The model that a session's next turn uses.
fn resolved(cx: &Cx, row: &SessionRow) -> SessionsPatchResolved {
    let chosen = row::chosen_model(&row.entry);
    let model = cx.app().catalog.resolve(row.agent_id.as_str(), chosen.as_deref()).ok();
    SessionsPatchResolved {
        model_provider: model.as_ref().map(|model| model.info.provider.clone()),
        model: model.as_ref().map(|model| model.info.id.clone()),
        thinking_level: row.entry.thinking_level.clone(),
        thinking_levels: model
            .as_ref()
            .map(|model| cx.app().thinking(&row.agent_id, &model.info).levels),
        ..SessionsPatchResolved::default()
    }
}

/// The latest sessions of an agent and how many it has.
pub(crate) async fn latest(
    store: &dyn openclaw_agent::store::TurnStore,
    agent: Option<AgentId>,
    limit: usize,
) -> Result<openclaw_agent::store::SessionPage, RpcError> {
    let query = SessionQuery { agent_id: agent, limit: Some(limit), ..SessionQuery::default() };
    store.sessions(query).await.or_refuse()
}
