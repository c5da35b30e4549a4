//! `chat.*`: talk to a session and read what was said.

use openclaw_agent::runtime::AbortReach;
use openclaw_protocol::{
    RpcError,
    handled::Handled as _,
    ids::RunId,
    methods::chat::{
        ChatAbortParams, ChatAbortResult, ChatInjectParams, ChatInjectResult, ChatMessageGetParams,
        ChatMessageGetResult, ChatMetadataParams, ChatMetadataResult,
    },
};

use super::keys;
use crate::{context::Cx, error::OrRefuse as _, router::RouterBuilder};

mod envelope;
mod guard;
pub(crate) mod history;
pub(crate) mod messages;
pub(crate) mod send;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder
        .handle(send::send)
        .handle(history::history)
        .handle(history::startup)
        .handle(metadata)
        .handle(message_get)
        .handle(abort)
        .handle(inject)
}

async fn abort(cx: Cx, params: ChatAbortParams) -> Result<ChatAbortResult, RpcError> {
    params.supported()?;
    let key = keys::canonical(&cx, &params.session_key, params.agent_id.as_deref())?;
    let run = params.run_id.as_deref().map(RunId::from);
    let reach = AbortReach::RunningAndQueued;
    let aborted = cx.app().runtime.abort(&key, run.as_ref(), reach, "rpc").await;
    let run_ids: Vec<String> = aborted.run_ids.iter().map(ToString::to_string).collect();
    Ok(ChatAbortResult { ok: true, aborted: !run_ids.is_empty(), run_ids })
}

async fn inject(cx: Cx, params: ChatInjectParams) -> Result<ChatInjectResult, RpcError> {
    let key = keys::canonical(&cx, &params.session_key, params.agent_id.as_deref())?;
    let label = params.label.as_deref();
    let injected = cx.app().runtime.inject(&key, &params.message, label).await.or_refuse()?;
    let agent = keys::agent_of(&cx, &key);
    cx.app().observer.injected(&key, &agent, &injected);
    Ok(ChatInjectResult { ok: true, message_id: injected.entry_id })
}

async fn message_get(
    cx: Cx,
    params: ChatMessageGetParams,
) -> Result<ChatMessageGetResult, RpcError> {
    let key = keys::canonical(&cx, &params.session_key, params.agent_id.as_deref())?;
    let missing = |reason: &str| ChatMessageGetResult {
        ok: false,
        message: None,
        unavailable_reason: Some(reason.to_owned()),
    };
    let Some(row) = keys::find(&cx, &key).await? else { return Ok(missing("not_found")) };
    let entry =
        cx.app().store.entry(&row.entry.session_id, &params.message_id).await.or_refuse()?;
    let max_chars = params.max_chars.map(openclaw_protocol::field::Int::to_usize);
    match entry.as_ref().and_then(|entry| messages::shown(entry, max_chars)) {
        Some(message) => {
            Ok(ChatMessageGetResult { ok: true, message: Some(message), unavailable_reason: None })
        }
        None => Ok(missing("not_found")),
    }
}

async fn metadata(cx: Cx, params: ChatMetadataParams) -> Result<ChatMetadataResult, RpcError> {
    if let Some(agent) = &params.agent_id {
        keys::known_agent(&cx, agent)?;
    }
    Ok(metadata_of(&cx))
}

/// What a chat can choose from.
pub(crate) fn metadata_of(cx: &Cx) -> ChatMetadataResult {
    ChatMetadataResult {
        models: super::models::choices(cx),
        commands: super::commands::entries(cx, true),
        ..ChatMetadataResult::default()
    }
}
