//! `sessions.create`, `sessions.reset`, `sessions.delete`.

use std::time::Duration;

use openclaw_agent::{
    runtime::{AbortReach, Submission},
    session::{self, SessionEntry},
    store::{Delete, Reject, Reset, SessionEdit, SessionGuard, session_edit},
};
use openclaw_protocol::{
    RpcError, field,
    handled::Handled as _,
    ids::SessionKey,
    methods::sessions::{
        SessionsCreateParams, SessionsCreateResult, SessionsDeleteParams, SessionsDeleteResult,
        SessionsResetParams, SessionsResetResult,
    },
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{changed, entry_object, keys, resolved, row::millis};
use crate::{context::Cx, error::OrRefuse as _, handlers::chat::send, observer::ListReason};

/// What a client is told whose picture of a session is old.
pub(crate) const CHANGED: &str = "the session has changed since; load it again";

pub(super) async fn create(
    cx: Cx,
    params: SessionsCreateParams,
) -> Result<SessionsCreateResult, RpcError> {
    params.supported()?;
    if let Some(level) = &params.thinking_level {
        super::patch::thinking_level(level)?;
    }
    if params.spawn_depth.is_some() && params.parent_session_key.is_none() {
        return Err(RpcError::invalid("spawnDepth needs parentSessionKey"));
    }
    let key = new_key(&cx, &params)?;
    let first = first_message(&cx, &key, &params)?;
    let fresh = fresh_entry(&cx, &key, &params)?;
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
    let Some(submission) = first else { return Ok(result) };
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

/// The first turn, when there is something to say.
fn first_message(
    cx: &Cx,
    key: &SessionKey,
    params: &SessionsCreateParams,
) -> Result<Option<Submission>, RpcError> {
    let text = params.message.as_ref().or(params.task.as_ref());
    let text = text.filter(|text| !text.trim().is_empty());
    let attachments = send::attachments(params.attachments.as_deref().unwrap_or_default())?;
    if text.is_none() && attachments.is_empty() {
        return Ok(None);
    }
    let run_id = params.idempotency_key.as_ref();
    let run_id = run_id.map_or_else(|| Uuid::new_v4().to_string(), ToString::to_string);
    Ok(Some(Submission {
        attachments,
        timeout: params.timeout_ms.map(|ms| Duration::from_millis(ms.get())),
        ..send::prepare(cx, key.clone(), &run_id, text.cloned().unwrap_or_default())
    }))
}

fn fresh_entry(
    cx: &Cx,
    key: &SessionKey,
    params: &SessionsCreateParams,
) -> Result<SessionEntry, RpcError> {
    let agent = keys::agent_of(cx, key);
    let model =
        params.model.as_ref().map(|sent| super::patch::model(cx, &agent, sent)).transpose()?;
    let mut entry = SessionEntry {
        label: params.label.as_ref().map(ToString::to_string),
        display_name: params.display_name.as_ref().map(ToString::to_string),
        thinking_level: params.thinking_level.as_ref().map(ToString::to_string),
        parent_session_key: params.parent_session_key.as_ref().map(ToString::to_string),
        spawn_depth: params.spawn_depth.map(field::Int::get),
        chat_type: Some("direct".to_owned()),
        updated_at: cx.app().clock.now_ms(),
        provider_override: model.as_ref().map(|(provider, _)| provider.clone()),
        model_override: model.map(|(_, model)| model),
        ..SessionEntry::default()
    };
    if let Some(category) = &params.category {
        entry.extra.insert("category".to_owned(), category.to_string().into());
    }
    Ok(entry)
}

fn new_key(cx: &Cx, params: &SessionsCreateParams) -> Result<SessionKey, RpcError> {
    if let Some(key) = &params.key {
        return keys::canonical(cx, key, params.agent_id.as_deref());
    }
    let agent = match &params.agent_id {
        Some(agent) => keys::known_agent(cx, agent)?,
        None => cx.app().agents.default_id().clone(),
    };
    let id = match &params.idempotency_key {
        Some(sent) => repeatable(&cx.caller().principal(), sent),
        None => Uuid::new_v4(),
    };
    Ok(SessionKey::from(format!("agent:{agent}:dashboard:{id}")))
}

/// The same id for the same key of the same caller: a repetition finds the session of the first time.
fn repeatable(principal: &str, sent: &str) -> Uuid {
    let digest = Sha256::digest(format!("{principal}\0{sent}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
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
    params.supported()?;
    // Looked at before runs are stopped for it, and again in the commit.
    let found = keys::find(&cx, &key).await?;
    let expected = params.expected_session_id.map(String::from);
    check_session(found.as_ref().map(|row| &row.entry), expected.as_deref())
        .map_err(|reject| refused(&reject))?;
    stop_runs(&cx, &key).await;
    let at = cx.app().clock.now_ms();
    let reset = Reset {
        new_session_id: Uuid::new_v4().to_string(),
        edit: session_edit(move |old| {
            check_session(old.as_ref(), expected.as_deref())?;
            Ok(after_reset(old.unwrap_or_default(), at))
        }),
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
    let old = old.noting_interaction();
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
    params.supported()?;
    // Looked at before runs are stopped for it, and again in the commit.
    let found = keys::find(&cx, &key).await?;
    let wanted = Wanted::of(&params);
    wanted.check(found.as_ref().map(|row| &row.entry)).map_err(|reject| refused(&reject))?;
    // A run that is stopped changes the session, which is no reason not to delete it.
    let wanted = if stop_runs(&cx, &key).await { wanted.at_any_time() } else { wanted };
    let guard: SessionGuard = Box::new(move |entry| wanted.check(Some(entry)));
    let transcript = params.delete_transcript != Some(false);
    let delete = Delete { transcript, guard: Some(guard) };
    let deleted = cx.app().store.delete_session(&key, delete).await.or_refuse()?;
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

/// What a session must still be to be deleted.
struct Wanted {
    session_id: Option<String>,
    updated_at: Option<u64>,
    archived: bool,
}

impl Wanted {
    fn of(params: &SessionsDeleteParams) -> Self {
        Self {
            session_id: params.expected_session_id.as_ref().map(ToString::to_string),
            updated_at: params.expected_session_updated_at.map(field::Int::get),
            archived: params.archived_only == Some(true),
        }
    }

    fn at_any_time(self) -> Self {
        Self { updated_at: None, ..self }
    }

    fn check(&self, entry: Option<&SessionEntry>) -> Result<(), Reject> {
        check_session(entry, self.session_id.as_deref())?;
        let changed = |at: u64| entry.map(|entry| millis(entry.updated_at)) != Some(at);
        if self.updated_at.is_some_and(changed) {
            return Err(reject(CHANGED));
        }
        if self.archived && !entry.is_some_and(is_archived) {
            return Err(reject("only an archived session can be deleted this way"));
        }
        Ok(())
    }
}

fn is_archived(entry: &SessionEntry) -> bool {
    entry.extra.get("archived").and_then(serde_json::Value::as_bool).unwrap_or(false)
}

/// Refuses a change when the session has become another one since the client looked.
pub(super) fn check_session(
    entry: Option<&SessionEntry>,
    expected: Option<&str>,
) -> Result<(), Reject> {
    let current = entry.map(|entry| entry.session_id.as_str());
    if expected.is_some() && current != expected { Err(reject(CHANGED)) } else { Ok(()) }
}

/// Whether there was something to stop.
async fn stop_runs(cx: &Cx, key: &SessionKey) -> bool {
    let busy = !cx.app().runtime.active(key).is_empty();
    if busy {
        cx.app().runtime.abort(key, None, AbortReach::RunningAndQueued, "rpc").await;
    }
    busy
}

fn refused(reject: &Reject) -> RpcError {
    RpcError::invalid(reject.to_string())
}

/// A refusal from inside an edit.
pub(super) fn reject(message: impl Into<String>) -> Reject {
    Reject::new(message)
}
