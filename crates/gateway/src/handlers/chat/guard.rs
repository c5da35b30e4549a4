//! What a client saw of a session and wants to be so still when its message is taken.

use openclaw_protocol::{
    RpcError,
    field::Clearable,
    ids::{RunId, SessionKey},
    methods::chat::{ChatSendParams, QueueMode},
};

use super::super::keys;
use crate::{context::Cx, error::OrRefuse as _, handlers::sessions::CHANGED};

/// Refuses a message that was meant for another transcript or another branch of it. Runs in the
/// session's lane, where transcripts are reset and rewound too.
pub(super) async fn check(
    cx: &Cx,
    key: &SessionKey,
    params: &ChatSendParams,
) -> Result<(), RpcError> {
    if params.session_id.is_none() && params.expected_leaf_entry_id.is_none() {
        return Ok(());
    }
    if as_expected(cx, key, params).await? || is_repetition(cx, params).await? {
        return Ok(());
    }
    Err(RpcError::invalid(CHANGED))
}

async fn as_expected(cx: &Cx, key: &SessionKey, params: &ChatSendParams) -> Result<bool, RpcError> {
    let row = keys::find(cx, key).await?;
    let current = row.as_ref().map(|row| row.entry.session_id.as_str());
    if params.session_id.is_some() && params.session_id.as_deref() != current {
        return Ok(false);
    }
    let store = &cx.app().store;
    let Some(leaf) = &params.expected_leaf_entry_id else { return Ok(true) };
    let Some(current) = current else { return Ok(*leaf == Clearable::Clear) };
    Ok(match leaf {
        Clearable::Clear => {
            store.transcript(current).await.or_refuse()?.is_none_or(|info| info.messages == 0)
        }
        Clearable::Set(entry) => store.entry(current, entry).await.or_refuse()?.is_some(),
    })
}

/// A message that was taken before is answered as it was then, whatever the session is now.
async fn is_repetition(cx: &Cx, params: &ChatSendParams) -> Result<bool, RpcError> {
    let run = RunId::from(params.idempotency_key.as_str());
    Ok(cx.app().store.run(&run).await.or_refuse()?.is_some())
}

/// A message cannot be given to a run that goes on, nor wait for others to share a run with; with
/// nothing going on all modes are the same.
pub(super) fn check_mode(
    cx: &Cx,
    key: &SessionKey,
    mode: Option<QueueMode>,
) -> Result<(), RpcError> {
    let mode = match mode {
        Some(QueueMode::Steer) => "steer",
        Some(QueueMode::Collect) => "collect",
        Some(QueueMode::Followup | QueueMode::Interrupt) | None => return Ok(()),
    };
    if cx.app().runtime.active(key).is_empty() {
        return Ok(());
    }
    Err(RpcError::invalid(format!(
        "queueMode {mode} is not supported here while a run goes on: use followup or interrupt"
    )))
}
