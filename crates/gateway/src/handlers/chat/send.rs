//! `chat.send`, and what `sessions.send` and `sessions.steer` share with it.

use std::time::Duration;

use openclaw_agent::runtime::{
    AbortReach, Attachment, Origin, QueueMode, Submission, Submitted, is_stop_phrase,
};
use openclaw_protocol::{
    RpcError,
    handled::Handled as _,
    ids::{RunId, SessionKey},
    methods::{
        chat::{self, ChatSendParams, ChatSendResult, ChatSendStatus},
        common,
    },
    scope::Scope,
};

use super::{super::keys, guard};
use crate::{context::Cx, error::OrRefuse as _};

/// Bytes of one attachment, decoded; OpenClaw's limit.
const MAX_ATTACHMENT: usize = 5_000_000;

pub(crate) async fn send(cx: Cx, params: ChatSendParams) -> Result<ChatSendResult, RpcError> {
    let key = keys::canonical(&cx, &params.session_key, params.agent_id.as_deref())?;
    refuse_reserved(&params)?;
    params.supported()?;
    let attachments = attachments(params.attachments.as_deref().unwrap_or_default())?;
    if params.message.trim().is_empty() && attachments.is_empty() {
        return Err(RpcError::invalid("message or attachment required"));
    }
    let plain = params.suppress_command_interpretation == Some(true);
    if !plain && is_stop_phrase(&params.message) {
        return stop(&cx, &key).await;
    }
    guard::check(&cx, &key, &params).await?;
    guard::check_mode(&cx, &key, params.queue_mode)?;
    let mode = match params.queue_mode {
        Some(chat::QueueMode::Interrupt) => QueueMode::Interrupt,
        _ => QueueMode::Queue,
    };
    let submission = Submission {
        thinking: params.thinking.filter(|level| !level.is_empty()),
        timeout: params.timeout_ms.map(|ms| Duration::from_millis(ms.get())),
        origin: Origin {
            channel: params.originating_channel.unwrap_or_else(|| "webchat".to_owned()),
            to: params.originating_to,
            account_id: params.originating_account_id,
            thread_id: params.originating_thread_id,
            ..origin(&cx)
        },
        attachments,
        mode,
        may_ask: !plain,
        may_reset: !plain && cx.require(Scope::Admin).is_ok(),
        ..prepare(&cx, key, params.idempotency_key.as_str(), params.message)
    };
    submit(&cx, submission).await
}

/// Fields that only the gateway's own components may set.
fn refuse_reserved(params: &ChatSendParams) -> Result<(), RpcError> {
    if params.system_input_provenance.is_some() || params.system_provenance_receipt.is_some() {
        return Err(RpcError::invalid(
            "system provenance fields are reserved for the gateway's own bridges",
        ));
    }
    Ok(())
}

/// A message that means "stop" aborts the session's runs and starts none.
async fn stop(cx: &Cx, key: &SessionKey) -> Result<ChatSendResult, RpcError> {
    let reach = AbortReach::RunningAndQueued;
    let aborted = cx.app().runtime.abort(key, None, reach, "stop").await;
    let run_ids: Vec<String> = aborted.run_ids.iter().map(ToString::to_string).collect();
    Ok(ChatSendResult {
        ok: Some(true),
        aborted: Some(!run_ids.is_empty()),
        run_ids: Some(run_ids),
        ..ChatSendResult::default()
    })
}

/// A submission of the calling connection.
pub(crate) fn prepare(cx: &Cx, key: SessionKey, run_id: &str, text: String) -> Submission {
    Submission {
        principal: cx.caller().principal(),
        agent_id: keys::agent_of(cx, &key),
        origin: origin(cx),
        may_reset: cx.require(Scope::Admin).is_ok(),
        ..Submission::new(RunId::from(run_id), key, text)
    }
}

fn origin(cx: &Cx) -> Origin {
    let client = &cx.peer().client;
    Origin {
        channel: "webchat".to_owned(),
        chat_type: Some("direct".to_owned()),
        sender_label: Some(client.display_name.clone().unwrap_or_else(|| client.id.clone())),
        ..Origin::default()
    }
}

/// Hands a message to the runtime. Its sender has started the run, and joined those of the session that it
/// waits for.
pub(crate) async fn start(cx: &Cx, submission: Submission) -> Result<Submitted, RpcError> {
    let (run_id, key) = (submission.run_id.clone(), submission.session_key.clone());
    // Before it is handed over: the first tool may be quick.
    let joined = cx.peer().join_run(&run_id);
    let submitted = cx.app().runtime.submit(submission).await.or_refuse();
    match &submitted {
        Ok(Submitted::Started { .. }) => {
            for run in cx.app().runtime.active(&key) {
                cx.peer().join_run(&run.info.run_id);
            }
        }
        Ok(Submitted::Finished(_)) | Err(_) if joined => cx.peer().leave_run(&run_id),
        Ok(Submitted::InFlight(_) | Submitted::Finished(_)) | Err(_) => {}
    }
    submitted
}

/// Hands a message to the runtime; the answer comes after its row is committed.
pub(crate) async fn submit(cx: &Cx, submission: Submission) -> Result<ChatSendResult, RpcError> {
    let run_id = submission.run_id.to_string();
    let submitted = start(cx, submission).await?;
    let (status, interrupted) = match submitted {
        Submitted::Started { interrupted, .. } => {
            (ChatSendStatus::Started, !interrupted.is_empty())
        }
        Submitted::InFlight(_) => (ChatSendStatus::InFlight, false),
        Submitted::Finished(outcome)
            if outcome.status == openclaw_agent::outcome::RunStatus::Ok =>
        {
            (ChatSendStatus::Ok, false)
        }
        Submitted::Finished(_) => (ChatSendStatus::Error, false),
    };
    Ok(ChatSendResult {
        run_id: Some(run_id),
        status: Some(status),
        interrupted_active_run: interrupted.then_some(true),
        ..ChatSendResult::default()
    })
}

/// Pictures that came with a message.
pub(crate) fn attachments(sent: &[common::Attachment]) -> Result<Vec<Attachment>, RpcError> {
    sent.iter().enumerate().map(|(n, one)| attachment(n, one)).collect()
}

fn attachment(n: usize, sent: &common::Attachment) -> Result<Attachment, RpcError> {
    let name = sent.file_name.clone().unwrap_or_else(|| format!("attachment-{}", n + 1));
    let Some(content) = sent.content.as_ref().and_then(serde_json::Value::as_str) else {
        return Err(RpcError::invalid(format!("attachment {name}: content must be base64 string")));
    };
    // A data URL is as good as the bare base64 behind its comma.
    let data = content.split_once("base64,").map_or(content, |(_, data)| data);
    if data.len() / 4 * 3 > MAX_ATTACHMENT {
        return Err(RpcError::invalid(format!(
            "attachment {name}: exceeds size limit ({MAX_ATTACHMENT} bytes)"
        )));
    }
    let mime = sent.mime_type.clone().unwrap_or_default();
    if !mime.starts_with("image/") {
        return Err(RpcError::invalid(format!("attachment {name}: only images are supported")));
    }
    if base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).is_err() {
        return Err(RpcError::invalid(format!("attachment {name}: invalid base64 content")));
    }
    Ok(Attachment { mime_type: mime, data: data.to_owned(), file_name: sent.file_name.clone() })
}
