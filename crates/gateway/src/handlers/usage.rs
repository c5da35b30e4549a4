//! `sessions.usage`, `usage.*`: what sessions used, counted from their transcripts.

use std::collections::BTreeSet;

use openclaw_agent::{
    session::SessionRow,
    store::{HistoryQuery, SessionQuery},
    usage::{Fact, Said, Tally, UsageQuery, answer_totals},
};
use openclaw_protocol::{
    RpcError, Version,
    ids::AgentId,
    methods::usage::{
        SessionsUsageLog, SessionsUsageLogsParams, SessionsUsageLogsResult, SessionsUsageParams,
        SessionsUsageResult, SessionsUsageTimeseriesParams, SessionsUsageTimeseriesResult,
        UsageCostParams, UsageCostResult, UsageGroup, UsageStatusParams, UsageStatusResult,
    },
};

use self::{range::Asked, rows::Plan};
use super::{chat::messages, keys, millis};
use crate::{context::Cx, error::OrRefuse as _, router::RouterBuilder};

mod answers;
mod range;
mod rows;
mod shape;

/// Rows when the client does not say how many.
const DEFAULT_LIMIT: usize = 50;
/// Messages of a log when the client does not say how many, and at most.
const LOG_LIMIT: (u64, u64) = (200, 1000);
/// Characters of a message in a log.
const LOG_CHARS: usize = 2000;
/// The creator of a session whose creator is not known, which here are all.
const UNKNOWN_CREATOR: &str = "[\"unknown\"]";

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(sessions).handle(timeseries).handle(logs).handle(cost).handle(status)
}

/// No account with a quota is asked, so no quota is known.
async fn status(cx: Cx, _: UsageStatusParams) -> Result<UsageStatusResult, RpcError> {
    let updated_at = millis(cx.app().clock.now_ms());
    Ok(UsageStatusResult { updated_at, providers: Vec::new() })
}

async fn sessions(cx: Cx, params: SessionsUsageParams) -> Result<SessionsUsageResult, RpcError> {
    let now = cx.app().clock.now_ms();
    let days = Asked::from(&params).days(now)?;
    let families =
        params.group_by == Some(UsageGroup::Family) || params.include_historical == Some(true);
    let plan = Plan { families, weight: params.include_context_weight == Some(true) };
    let (mut agents, sessions) = asked_sessions(&cx, &params).await?;
    if params.creator_key.as_deref().is_some_and(|creator| creator != UNKNOWN_CREATOR) {
        agents.clear();
    }
    let session_ids = params.key.is_some().then(|| ids(&sessions, families));
    let query = UsageQuery { agents, session_ids, span: days.span };
    let used = cx.app().store.used(query).await.or_refuse()?;
    let rows = rows::rows(&sessions, used, plan);
    let (totals, aggregates) = shape::aggregates(&rows);
    let limit = params.limit.map_or(DEFAULT_LIMIT, openclaw_protocol::field::Int::to_usize);
    Ok(SessionsUsageResult {
        updated_at: millis(now),
        start_date: days.first.to_string(),
        end_date: days.last.to_string(),
        sessions: rows.into_iter().map(|(row, _)| row).take(limit).collect(),
        totals,
        aggregates,
    })
}

/// The agents that are asked about, and the sessions of theirs that are.
async fn asked_sessions(
    cx: &Cx,
    params: &SessionsUsageParams,
) -> Result<(Vec<AgentId>, Vec<SessionRow>), RpcError> {
    if params.agent_scope.is_some() && (params.key.is_some() || params.agent_id.is_some()) {
        return Err(RpcError::invalid("agentScope cannot be combined with key or agentId"));
    }
    if let Some(key) = &params.key {
        let key = keys::canonical(cx, key, params.agent_id.as_deref())?;
        let row = keys::find(cx, &key).await?;
        let agent =
            row.as_ref().map_or_else(|| keys::agent_of(cx, &key), |row| row.agent_id.clone());
        return Ok((vec![agent], row.into_iter().collect()));
    }
    // Protocol 3 knows no agent here, and means all.
    let all = params.agent_scope.is_some()
        || (params.agent_id.is_none() && cx.peer().version == Version::V3);
    let agents = agents(cx, params.agent_id.as_deref(), all)?;
    let page = cx.app().store.sessions(SessionQuery::default()).await.or_refuse()?;
    let rows = page.rows.into_iter().filter(|row| agents.contains(&row.agent_id)).collect();
    Ok((agents, rows))
}

/// One agent, the default one, or all.
fn agents(cx: &Cx, sent: Option<&str>, all: bool) -> Result<Vec<AgentId>, RpcError> {
    let agents = &cx.app().agents;
    match sent {
        Some(sent) => Ok(vec![keys::known_agent(cx, sent)?]),
        None if all => Ok(agents.iter().map(|agent| agent.id.clone()).collect()),
        None => Ok(vec![agents.default_id().clone()]),
    }
}

/// The transcripts of these sessions.
fn ids(sessions: &[SessionRow], families: bool) -> BTreeSet<String> {
    let family = |row: &SessionRow| if families { row.entry.family() } else { Vec::new() };
    let present = sessions.iter().map(|row| row.entry.session_id.clone());
    present.chain(sessions.iter().flat_map(family)).collect()
}

async fn cost(cx: Cx, params: UsageCostParams) -> Result<UsageCostResult, RpcError> {
    let now = cx.app().clock.now_ms();
    let days = Asked::from(&params).days(now)?;
    let agent = params.agent_id.as_deref().map(str::trim).filter(|agent| !agent.is_empty());
    if params.agent_scope.is_some() && agent.is_some() {
        return Err(RpcError::invalid("agentScope cannot be combined with agentId"));
    }
    let agents = agents(&cx, agent, params.agent_scope.is_some())?;
    let count = days.count();
    let query = UsageQuery { agents, session_ids: None, span: days.span };
    let mut all = Tally::default();
    for used in cx.app().store.used(query).await.or_refuse()? {
        all.add(&used.tally);
    }
    Ok(UsageCostResult {
        updated_at: millis(now),
        days: count,
        daily: shape::daily(&all),
        totals: all.sum().totals,
    })
}

async fn timeseries(
    cx: Cx,
    params: SessionsUsageTimeseriesParams,
) -> Result<SessionsUsageTimeseriesResult, RpcError> {
    let row = session(&cx, params.key.as_deref(), params.agent_id.as_deref()).await?;
    answers::timeseries(&*cx.app().store, &row.entry.session_id).await.or_refuse()
}

async fn logs(
    cx: Cx,
    params: SessionsUsageLogsParams,
) -> Result<SessionsUsageLogsResult, RpcError> {
    let row = session(&cx, params.key.as_deref(), params.agent_id.as_deref()).await?;
    let limit = params.limit.unwrap_or(LOG_LIMIT.0).clamp(1, LOG_LIMIT.1);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let query = HistoryQuery::last_messages(&row.entry.session_id, limit);
    let entries = cx.app().store.history(query).await.or_refuse()?;
    let logs = entries.iter().filter_map(|entry| {
        let message = messages::shown(entry, Some(LOG_CHARS))?;
        let content = messages::words(&message);
        let fact = Fact::of_line(entry.line.as_bytes())?;
        let totals = match &fact.said {
            Said::Assistant { usage: Some(usage), .. } => Some(answer_totals(usage)),
            _ => None,
        };
        (!content.is_empty()).then(|| SessionsUsageLog {
            timestamp: fact.at.map(millis).unwrap_or_default(),
            role: message.role,
            content,
            tokens: totals.as_ref().map(|totals| totals.total_tokens),
            cost: totals.map(|totals| totals.total_cost),
        })
    });
    Ok(SessionsUsageLogsResult { logs: logs.collect() })
}

/// The session that a request is about.
async fn session(cx: &Cx, key: Option<&str>, agent: Option<&str>) -> Result<SessionRow, RpcError> {
    let key = key.map(str::trim).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| RpcError::invalid("key is required: name a session"))?;
    let canonical = keys::canonical(cx, key, agent)?;
    let row = keys::find(cx, &canonical).await?;
    row.ok_or_else(|| RpcError::invalid(format!("there is no session {key}")))
}
