//! `agent`, `agent.wait`: one turn of an agent, and its end.

use std::{sync::Arc, time::Duration};

use openclaw_agent::{
    outcome::{Outcome, RunStatus, RunUsage},
    runtime::{Origin, Submitted},
    session::{self, SessionEntry},
    store::session_edit,
};
use openclaw_protocol::{
    RpcError,
    handled::Handled as _,
    ids::{RunId, SessionKey},
    methods::{
        agent::{
            AgentParams, AgentPayload, AgentRunOutput, AgentRunResult, AgentRunStatus,
            AgentWaitParams, AgentWaitResult, WaitStatus,
        },
        common::Object,
    },
};
use serde_json::{Value, json};

use super::{
    chat::send::{self, start},
    keys,
    sessions::{CHANGED, row::millis},
};
use crate::{context::Cx, error::OrRefuse as _, router::RouterBuilder};

/// How long `agent.wait` waits when the client does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);
/// The longest wait for the second answer; a run's own limits end it long before.
const LONGEST_RUN: Duration = Duration::from_hours(48);

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(agent).handle(wait)
}

async fn agent(cx: Cx, params: AgentParams) -> Result<AgentRunResult, RpcError> {
    refuse_unsupported(&params)?;
    let key = session_key(&cx, &params).await?;
    expect_session(&cx, &key, &params).await?;
    let run_id = params.idempotency_key.to_string();
    let attachments = send::attachments(params.attachments.as_deref().unwrap_or_default())?;
    let prepared = send::prepare(&cx, key.clone(), &run_id, params.message.to_string());
    let submission = openclaw_agent::runtime::Submission {
        scope: "agent".to_owned(),
        attachments,
        model: chosen_model(&cx, &key, &params)?,
        thinking: params.thinking.clone().filter(|level| !level.is_empty()),
        // This method counts in seconds, `chat.send` in milliseconds.
        timeout: params.timeout.map(|seconds| Duration::from_secs(seconds.get())),
        extra_system_prompt: params.extra_system_prompt.clone(),
        origin: Origin {
            channel: params.channel.clone().unwrap_or_else(|| "webchat".to_owned()),
            to: params.to.clone(),
            account_id: params.account_id.clone(),
            thread_id: params.thread_id.clone(),
            ..prepared.origin.clone()
        },
        ..prepared
    };
    name_session(&cx, &key, &params).await?;
    let agent_id = submission.agent_id.to_string();
    let base = AgentRunResult {
        run_id: run_id.clone(),
        session_key: Some(key.to_string()),
        agent_id: Some(agent_id),
        status: AgentRunStatus::Accepted,
        accepted_at: Some(millis(cx.app().clock.now_ms())),
        summary: None,
        result: None,
        stop_reason: None,
    };
    match start(&cx, submission).await? {
        Submitted::Started { accepted_at, .. } => {
            answer_at_end(&cx, &base);
            Ok(AgentRunResult { accepted_at: Some(millis(accepted_at)), ..base })
        }
        Submitted::InFlight(_) => Ok(AgentRunResult { status: AgentRunStatus::InFlight, ..base }),
        Submitted::Finished(outcome) => finished(&cx, &base, &outcome).await,
    }
}

/// What this gateway cannot do is refused rather than ignored.
fn refuse_unsupported(params: &AgentParams) -> Result<(), RpcError> {
    if params.deliver == Some(true) {
        return Err(RpcError::invalid(
            "Channel is required (no configured channels detected): this gateway has no channel to deliver to.",
        ));
    }
    params.supported()
}

/// Refuses a turn that was meant for another transcript of the session.
async fn expect_session(cx: &Cx, key: &SessionKey, params: &AgentParams) -> Result<(), RpcError> {
    let Some(expected) = &params.expected_existing_session_id else { return Ok(()) };
    let row = keys::find(cx, key).await?;
    let current = row.as_ref().map(|row| row.entry.session_id.as_str());
    if current == Some(expected.as_str()) { Ok(()) } else { Err(RpcError::invalid(CHANGED)) }
}

/// Gives the session the label that came with the turn.
async fn name_session(cx: &Cx, key: &SessionKey, params: &AgentParams) -> Result<(), RpcError> {
    let Some(label) = params.label.as_ref().map(ToString::to_string) else { return Ok(()) };
    let now = cx.app().clock.now_ms();
    let edit = session_edit(move |entry| {
        let entry = entry.unwrap_or_default();
        Ok(SessionEntry { label: Some(label), updated_at: now, ..entry })
    });
    cx.app().store.update_session(key, edit).await.or_refuse().map(drop)
}

async fn session_key(cx: &Cx, params: &AgentParams) -> Result<SessionKey, RpcError> {
    let named = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    if let Some(agent) = &params.agent_id {
        keys::known_agent(cx, agent).map_err(|_| {
            RpcError::invalid(format!("invalid agent params: unknown agent id \"{agent}\""))
        })?;
    }
    if let Some(key) = named(&params.session_key) {
        let key = keys::canonical(cx, &key, params.agent_id.as_deref())?;
        let owner = keys::agent_of(cx, &key);
        let differs =
            params.agent_id.as_deref().is_some_and(|id| session::normalize_agent_id(id) != owner);
        if differs {
            return Err(RpcError::invalid(format!(
                "invalid agent params: agentId does not match session key agent \"{owner}\""
            )));
        }
        return Ok(key);
    }
    if let Some(id) = named(&params.session_id)
        && let Some(row) = cx.app().store.session_by_id(&id).await.or_refuse()?
    {
        return Ok(row.key);
    }
    let agent = match &params.agent_id {
        Some(agent) => keys::known_agent(cx, agent)?,
        None => cx.app().agents.default_id().clone(),
    };
    Ok(session::main_key(&agent))
}

fn chosen_model(
    cx: &Cx,
    key: &SessionKey,
    params: &AgentParams,
) -> Result<Option<String>, RpcError> {
    let chosen = match (&params.provider, &params.model) {
        (Some(provider), Some(model)) => format!("{provider}/{model}"),
        (None, Some(model)) => model.clone(),
        (Some(_), None) => {
            return Err(RpcError::invalid("invalid agent params: provider without model"));
        }
        (None, None) => return Ok(None),
    };
    let resolved = cx.app().catalog.resolve(keys::agent_of(cx, key).as_str(), Some(&chosen));
    resolved.map_err(|error| RpcError::invalid(error.to_string()))?;
    Ok(Some(chosen))
}

/// Answers a second time when the run has ended.
fn answer_at_end(cx: &Cx, accepted: &AgentRunResult) {
    let (cx, accepted) = (cx.clone(), accepted.clone());
    let app = Arc::clone(cx.app());
    app.tasks.spawn("agent answer", async move {
        let run = RunId::from(accepted.run_id.as_str());
        let result = match cx.app().runtime.wait(&run, LONGEST_RUN).await {
            Ok(Some(outcome)) => finished(&cx, &accepted, &outcome).await,
            Ok(None) => Err(RpcError::busy("the run has not ended; ask with agent.wait", 1000)),
            Err(error) => Err(error).or_refuse(),
        };
        cx.answer_again::<AgentParams>(result.as_ref().map_err(Clone::clone));
    });
}

async fn finished(
    cx: &Cx,
    accepted: &AgentRunResult,
    outcome: &Outcome,
) -> Result<AgentRunResult, RpcError> {
    let (status, summary) = match outcome.status {
        RunStatus::Ok => (AgentRunStatus::Ok, "completed"),
        RunStatus::Aborted | RunStatus::Timeout => (AgentRunStatus::Timeout, "aborted"),
        RunStatus::Error | RunStatus::Interrupted => {
            let message = outcome.error.clone().unwrap_or_else(|| "the run failed".to_owned());
            return Err(RpcError::unavailable(message));
        }
    };
    let payload = AgentPayload { text: Some(outcome.text.clone()), media_url: None };
    let payloads = if outcome.text.is_empty() { Vec::new() } else { vec![payload] };
    let meta = meta(outcome, session_file(cx, accepted, outcome).await?);
    let result = AgentRunOutput { payloads, meta, ..AgentRunOutput::default() };
    Ok(AgentRunResult {
        status,
        summary: Some(summary.to_owned()),
        result: Some(result),
        stop_reason: Some(outcome.stop_reason.clone()),
        ..accepted.clone()
    })
}

/// Where the transcript of the run is; `None` when its session has another one by now.
async fn session_file(
    cx: &Cx,
    accepted: &AgentRunResult,
    outcome: &Outcome,
) -> Result<Option<String>, RpcError> {
    let Some(key) = &accepted.session_key else { return Ok(None) };
    let row = keys::find(cx, &SessionKey::from(key.as_str())).await?;
    let own = row.filter(|row| row.entry.session_id == outcome.session_id);
    Ok(own.and_then(|row| row.entry.session_file))
}

fn meta(outcome: &Outcome, session_file: Option<String>) -> Object {
    let mut agent = json!({
        "provider": outcome.provider,
        "model": outcome.model,
        "usage": usage(&outcome.usage),
    });
    if !outcome.session_id.is_empty() {
        agent["sessionId"] = json!(outcome.session_id);
    }
    if let Some(file) = session_file {
        agent["sessionFile"] = json!(file);
    }
    if outcome.context_window > 0 {
        agent["contextTokens"] = json!(outcome.context_window);
    }
    if let Some(last) = &outcome.last_call {
        agent["lastCallUsage"] = usage(last);
        agent["promptTokens"] = json!(last.context);
    }
    let meta = json!({
        "durationMs": u64::try_from(outcome.duration().as_millis()).unwrap_or_default(),
        "aborted": matches!(outcome.status, RunStatus::Aborted | RunStatus::Timeout),
        "stopReason": outcome.stop_reason,
        "agentMeta": agent,
    });
    match meta {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

fn usage(usage: &RunUsage) -> Value {
    let total = usage.input + usage.output + usage.cache_read + usage.cache_write;
    let mut told = json!({"input": usage.input, "output": usage.output, "cacheRead": usage.cache_read,
        "cacheWrite": usage.cache_write, "total": total});
    if let Some(total) = usage.cost {
        told["cost"] = json!({"total": total});
    }
    told
}

async fn wait(cx: Cx, params: AgentWaitParams) -> Result<AgentWaitResult, RpcError> {
    let timeout = params.timeout_ms.map_or(DEFAULT_WAIT, |ms| Duration::from_millis(ms.get()));
    let run = RunId::from(params.run_id.as_str());
    let outcome = cx.app().runtime.wait(&run, timeout.min(LONGEST_RUN)).await.or_refuse()?;
    let base = AgentWaitResult {
        run_id: params.run_id.to_string(),
        status: WaitStatus::Timeout,
        started_at: None,
        ended_at: None,
        error: None,
        stop_reason: None,
        liveness_state: None,
        terminal_receipt: None,
        terminal_reply: None,
    };
    let Some(outcome) = outcome else { return Ok(base) };
    let status = if outcome.status == RunStatus::Ok { WaitStatus::Ok } else { WaitStatus::Error };
    Ok(AgentWaitResult {
        status,
        started_at: (outcome.started_at > 0).then(|| millis(outcome.started_at)),
        ended_at: Some(millis(outcome.ended_at)),
        error: outcome.error,
        stop_reason: Some(outcome.stop_reason),
        ..base
    })
}
