//! `sessions.send`, `.steer`, `.abort`: talk to a session by its key.

use std::time::Duration;

use openclaw_agent::runtime::{AbortReach, QueueMode};
use openclaw_protocol::{
    RpcError,
    field::{Ms, NonEmpty},
    handled::Handled as _,
    ids::{RunId, SessionKey},
    methods::{
        chat::ChatSendResult,
        common::Attachment,
        sessions::{
            AbortStatus, SessionsAbortParams, SessionsAbortResult, SessionsSendParams,
            SessionsSteerParams,
        },
    },
};
use uuid::Uuid;

use super::keys;
use crate::{context::Cx, handlers::chat::send};

/// What both requests carry.
struct Say {
    message: String,
    thinking: Option<String>,
    attachments: Option<Vec<Attachment>>,
    timeout_ms: Option<Ms>,
    idempotency_key: Option<NonEmpty>,
}

pub(super) async fn send(cx: Cx, params: SessionsSendParams) -> Result<ChatSendResult, RpcError> {
    params.supported()?;
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    let SessionsSendParams { message, thinking, attachments, timeout_ms, idempotency_key, .. } =
        params;
    let say = Say { message, thinking, attachments, timeout_ms, idempotency_key };
    speak(&cx, key, say, QueueMode::Queue).await
}

pub(super) async fn steer(cx: Cx, params: SessionsSteerParams) -> Result<ChatSendResult, RpcError> {
    params.supported()?;
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    let SessionsSteerParams { message, thinking, attachments, timeout_ms, idempotency_key, .. } =
        params;
    let say = Say { message, thinking, attachments, timeout_ms, idempotency_key };
    speak(&cx, key, say, QueueMode::Interrupt).await
}

async fn speak(
    cx: &Cx,
    key: SessionKey,
    say: Say,
    mode: QueueMode,
) -> Result<ChatSendResult, RpcError> {
    if keys::find(cx, &key).await?.is_none() {
        return Err(RpcError::invalid(format!("session not found: {key}")));
    }
    let attachments = send::attachments(say.attachments.as_deref().unwrap_or_default())?;
    if say.message.trim().is_empty() && attachments.is_empty() {
        return Err(RpcError::invalid("message or attachment required"));
    }
    let run_id = say.idempotency_key.map_or_else(|| Uuid::new_v4().to_string(), String::from);
    let mut submission = send::prepare(cx, key, &run_id, say.message);
    submission.thinking = say.thinking.filter(|level| !level.is_empty());
    submission.timeout = say.timeout_ms.map(|ms| Duration::from_millis(ms.get()));
    submission.attachments = attachments;
    submission.mode = mode;
    submission.may_ask = true;
    send::submit(cx, submission).await
}

pub(super) async fn abort(
    cx: Cx,
    params: SessionsAbortParams,
) -> Result<SessionsAbortResult, RpcError> {
    let runtime = &cx.app().runtime;
    let run = params.run_id.as_deref().map(RunId::from);
    let key = match (&params.key, &run) {
        (Some(key), _) => Some(keys::canonical(&cx, key, params.agent_id.as_deref())?),
        (None, Some(run)) => {
            let active = runtime.active_all();
            active.into_iter().find(|a| a.info.run_id == *run).map(|a| a.info.session_key)
        }
        (None, None) => return Err(RpcError::invalid("key or runId is required")),
    };
    let reach = match params.clear_queued {
        Some(true) => AbortReach::RunningAndQueued,
        _ => AbortReach::Running,
    };
    let aborted = match &key {
        Some(key) => runtime.abort(key, run.as_ref(), reach, "rpc").await.run_ids,
        None => Vec::new(),
    };
    let first = aborted.first().map(ToString::to_string);
    let status = if first.is_some() { AbortStatus::Aborted } else { AbortStatus::NoActiveRun };
    Ok(SessionsAbortResult { ok: true, aborted_run_id: first, status })
}
