//! `sessions.create`, `sessions.reset`, `sessions.delete`.

use openclaw_agent::{
    runtime::AbortReach,
    session::{self, SessionEntry, SessionRow},
    store::{Reject, Reset, SessionEdit, session_edit},
};
use openclaw_protocol::{
    RpcError,
    ids::SessionKey,
    methods::sessions::{
        SessionsCreateParams, SessionsCreateResult, SessionsDeleteParams, SessionsDeleteResult,
        SessionsResetParams, SessionsResetResult,
    },
};
use uuid::Uuid;

use super::{changed, entry_object, keys, resolved};
use crate::{context::Cx, error::OrRefuse as _, handlers::chat::send, observer::ListReason};

pub(super) async fn create(
    cx: Cx,
    params: SessionsCreateParams,
) -> Result<SessionsCreateResult, RpcError> {
    refuse_unsupported(&params)?;
    let key = new_key(&cx, &params)?;
    let agent = keys::agent_of(&cx, &key);
    let model =
        params.model.as_ref().map(|sent| super::patch::model(&cx, &agent, sent)).transpose()?;
    let fresh = SessionEntry {
        label: params.label.as_ref().map(ToString::to_string),
        display_name: params.display_name.as_ref().map(ToString::to_string),
        thinking_level: params.thinking_level.as_ref().map(ToString::to_string),
        parent_session_key: params.parent_session_key.as_ref().map(ToString::to_string),
        chat_type: Some("direct".to_owned()),
        updated_at: cx.app().clock.now_ms(),
        provider_override: model.as_ref().map(|(provider, _)| provider.clone()),
        model_override: model.map(|(_, model)| model),
        ..SessionEntry::default()
    };
    let row = cx.app().store.update_session(&key, create_edit(fresh)).await.or_refuse()?;
    changed(&cx, &row, ListReason::Create);
    let mut result = SessionsCreateResult {
        ok: true,
        key: key.to_string(),
        session_id: Some(row.entry.session_id.clone()),
        entry: Some(entry_object(&row.entry)),
        run_started: Some(false),
        ..SessionsCreateResult::default()
    };
    let text = params.message.or(params.task).filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return Ok(result) };
    let run_id = params.idempotency_key.map_or_else(|| Uuid::new_v4().to_string(), String::from);
    let mut submission = send::prepare(&cx, key, &run_id, text);
    submission.attachments = send::attachments(params.attachments.as_deref().unwrap_or_default())?;
    match send::submit(&cx, submission).await {
        Ok(sent) => {
            result.run_started = Some(true);
            result.run_id = sent.run_id;
            result.status = sent.status.map(|status| status.name().to_owned());
        }
        // The session exists; only its first message was refused.
        Err(error) => result.run_error = Some(error),
    }
    Ok(result)
}

/// What this gateway cannot give is refused rather than ignored.
fn refuse_unsupported(params: &SessionsCreateParams) -> Result<(), RpcError> {
    let unsupported = [
        (params.fork == Some(true), "fork"),
        (params.incognito == Some(true), "incognito"),
        (params.worktree == Some(true), "worktree"),
        (params.repository.is_some(), "repository"),
        (params.project_git_url.is_some(), "projectGitUrl"),
        (params.exec_node.is_some(), "execNode"),
        (params.cwd.is_some(), "cwd"),
        (params.permission_mode.is_some(), "permissionMode"),
        (params.tool_overrides.is_some(), "toolOverrides"),
    ];
    match unsupported.iter().find(|(asked, _)| *asked) {
        Some((_, name)) => {
            Err(RpcError::invalid(format!("this gateway cannot create a session with {name}")))
        }
        None => Ok(()),
    }
}

fn new_key(cx: &Cx, params: &SessionsCreateParams) -> Result<SessionKey, RpcError> {
    if let Some(key) = &params.key {
        return keys::canonical(cx, key, params.agent_id.as_deref());
    }
    let agent = match &params.agent_id {
        Some(agent) => keys::known_agent(cx, agent)?,
        None => cx.app().agents.default_id().clone(),
    };
    Ok(SessionKey::from(format!("agent:{agent}:dashboard:{}", Uuid::new_v4())))
}

/// An existing session keeps what it has and takes what the request names.
fn create_edit(fresh: SessionEntry) -> SessionEdit {
    session_edit(move |existing| {
        let Some(existing) = existing else { return Ok(fresh) };
        Ok(SessionEntry {
            label: fresh.label.or(existing.label),
            thinking_level: fresh.thinking_level.or(existing.thinking_level),
            model_override: fresh.model_override.or(existing.model_override),
            provider_override: fresh.provider_override.or(existing.provider_override),
            updated_at: fresh.updated_at,
            ..existing
        })
    })
}

pub(super) async fn reset(
    cx: Cx,
    params: SessionsResetParams,
) -> Result<SessionsResetResult, RpcError> {
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    expect_session(&cx, &key, params.expected_session_id.as_deref()).await?;
    stop_runs(&cx, &key).await;
    let at = cx.app().clock.now_ms();
    let reset = Reset {
        new_session_id: Uuid::new_v4().to_string(),
        edit: session_edit(move |old| Ok(after_reset(old.unwrap_or_default(), at))),
        at,
    };
    let row = cx.app().store.reset_session(&key, reset).await.or_refuse()?;
    changed(&cx, &row, ListReason::Reset);
    Ok(SessionsResetResult {
        ok: true,
        key: key.to_string(),
        entry: entry_object(&row.entry),
        resolved: Some(resolved(&cx, &row)),
    })
}

/// Choices of the person stay, counters and the last run's marks go; as recorded from 2026.3.28.
fn after_reset(old: SessionEntry, at: i64) -> SessionEntry {
    SessionEntry {
        updated_at: at,
        system_sent: Some(false),
        aborted_last_run: Some(false),
        input_tokens: Some(0),
        output_tokens: Some(0),
        total_tokens: None,
        total_tokens_fresh: Some(false),
        cache_read: None,
        cache_write: None,
        estimated_cost_usd: None,
        compaction_count: None,
        status: None,
        started_at: None,
        ended_at: None,
        runtime_ms: None,
        ..old
    }
}

pub(super) async fn delete(
    cx: Cx,
    params: SessionsDeleteParams,
) -> Result<SessionsDeleteResult, RpcError> {
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    if session::key::is_main(&key) {
        return Err(RpcError::invalid(format!("Cannot delete the main session ({key}).")));
    }
    let found = expect_session(&cx, &key, params.expected_session_id.as_deref()).await?;
    if params.archived_only == Some(true) && !found.as_ref().is_some_and(is_archived) {
        return Err(RpcError::invalid("only an archived session can be deleted this way"));
    }
    stop_runs(&cx, &key).await;
    let with_transcript = params.delete_transcript != Some(false);
    let deleted = cx.app().store.delete_session(&key, with_transcript).await.or_refuse()?;
    if deleted.row.is_some() {
        cx.app().observer.list_changed(&key, ListReason::Delete);
    }
    Ok(SessionsDeleteResult {
        ok: true,
        key: key.to_string(),
        deleted: deleted.row.is_some(),
        archived: deleted.archived,
    })
}

fn is_archived(row: &SessionRow) -> bool {
    row.entry.extra.get("archived").and_then(serde_json::Value::as_bool).unwrap_or(false)
}

/// The session, unless it has become another one since the client looked.
async fn expect_session(
    cx: &Cx,
    key: &SessionKey,
    expected: Option<&str>,
) -> Result<Option<SessionRow>, RpcError> {
    let found = keys::find(cx, key).await?;
    let current = found.as_ref().map(|row| row.entry.session_id.as_str());
    match expected {
        Some(expected) if current != Some(expected) => {
            Err(RpcError::invalid("the session has changed since; load it again"))
        }
        _ => Ok(found),
    }
}

async fn stop_runs(cx: &Cx, key: &SessionKey) {
    if !cx.app().runtime.active(key).is_empty() {
        cx.app().runtime.abort(key, None, AbortReach::RunningAndQueued, "rpc").await;
    }
}

/// A refusal from inside an edit.
pub(super) fn reject(message: impl Into<String>) -> Reject {
    Reject::new(message)
}
