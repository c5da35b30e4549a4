//! `sessions.rewind` and `sessions.branches.*`: going back in a session, and its branches.

use openclaw_agent::{
    clock,
    session::{SessionEntry, SessionRow},
    store::{Branch, Checkout, Place, SessionEdit, StoreError, session_edit},
};
use openclaw_protocol::{
    RpcError,
    ids::SessionKey,
    methods::{
        chat::{ChatMessage, MessageContent},
        sessions::{
            EditorAttachment, SessionBranch, SessionsBranchesListParams,
            SessionsBranchesListResult, SessionsBranchesSwitchParams, SessionsBranchesSwitchResult,
            SessionsRewindParams, SessionsRewindResult,
        },
    },
};

use super::{change::check_session, changed, keys};
use crate::{context::Cx, error::OrRefuse as _, handlers::chat::messages, observer::ListReason};

/// Characters of a headline, as recorded from 2026.9.6.
const HEADLINE_CHARS: usize = 120;

pub(super) async fn rewind(
    cx: Cx,
    params: SessionsRewindParams,
) -> Result<SessionsRewindResult, RpcError> {
    let (key, row) = found(&cx, &params.session_key, params.agent_id.as_deref()).await?;
    let entry = cx.app().store.entry(&row.entry.session_id, &params.entry_id).await.or_refuse()?;
    let message = entry.and_then(|entry| messages::shown(&entry, None));
    let message = message.ok_or_else(|| no_message(&params.entry_id))?;
    if message.role != "user" {
        return Err(RpcError::invalid(
            "a session goes back to a message of its user, not to another one",
        ));
    }
    go_on(&cx, &key, &row, Place::Before(params.entry_id.to_string())).await?;
    Ok(for_editor(message))
}

pub(super) async fn list(
    cx: Cx,
    params: SessionsBranchesListParams,
) -> Result<SessionsBranchesListResult, RpcError> {
    let (_, row) = found(&cx, &params.session_key, params.agent_id.as_deref()).await?;
    let branches = cx.app().store.branches(&row.entry.session_id).await.or_refuse()?;
    Ok(SessionsBranchesListResult { branches: branches.into_iter().map(told).collect() })
}

pub(super) async fn switch(
    cx: Cx,
    params: SessionsBranchesSwitchParams,
) -> Result<SessionsBranchesSwitchResult, RpcError> {
    let (key, row) = found(&cx, &params.session_key, params.agent_id.as_deref()).await?;
    go_on(&cx, &key, &row, Place::Tip(params.leaf_entry_id.to_string())).await?;
    Ok(SessionsBranchesSwitchResult::default())
}

async fn found(
    cx: &Cx,
    sent: &str,
    agent: Option<&str>,
) -> Result<(SessionKey, SessionRow), RpcError> {
    let key = keys::canonical(cx, sent, agent)?;
    let row = keys::find(cx, &key).await?;
    Ok((key, row.ok_or_else(|| RpcError::invalid("session not found"))?))
}

/// Moves the session there and says so.
async fn go_on(cx: &Cx, key: &SessionKey, row: &SessionRow, place: Place) -> Result<(), RpcError> {
    let (what, reason) = match &place {
        Place::Before(_) => ("Rewind", ListReason::Rewind),
        Place::Tip(_) => ("Branch switch", ListReason::BranchSwitch),
    };
    let at = cx.app().clock.now_ms();
    let checkout = Checkout::new(place, edit(row.entry.session_id.clone(), at), at);
    let row = match cx.app().store.checkout(key, checkout).await {
        Err(StoreError::Conflict(_)) => {
            return Err(RpcError::unavailable(format!(
                "{what} is unavailable while the agent is working."
            )));
        }
        Err(StoreError::NotFound { what: "entry", id }) => return Err(no_message(&id)),
        Err(StoreError::NotFound { what: "branch", id }) => {
            return Err(RpcError::invalid(format!("branch entry not found: {id}")));
        }
        other => other.or_refuse()?,
    };
    changed(cx, &row, reason);
    Ok(())
}

fn no_message(id: &str) -> RpcError {
    RpcError::invalid(format!("message entry not found: {id}"))
}

/// What is in the model's context now is counted with the next turn.
fn edit(session_id: String, at: i64) -> SessionEdit {
    session_edit(move |entry| {
        check_session(entry.as_ref(), Some(&session_id))?;
        let entry = entry.unwrap_or_default();
        Ok(SessionEntry { updated_at: at, total_tokens_fresh: Some(false), ..entry })
    })
}

fn for_editor(message: ChatMessage) -> SessionsRewindResult {
    let text = Some(messages::words(&message)).filter(|text| !text.is_empty());
    let parts = match message.content {
        Some(MessageContent::Parts(parts)) => parts,
        _ => Vec::new(),
    };
    let pictures = parts
        .into_iter()
        .filter(|part| part.kind == "image")
        .filter_map(|part| Some(EditorAttachment { mime_type: part.mime_type?, data: part.data? }));
    let pictures: Vec<_> = pictures.collect();
    SessionsRewindResult {
        editor_text: text,
        editor_attachments: (!pictures.is_empty()).then_some(pictures),
    }
}

fn told(branch: Branch) -> SessionBranch {
    let Branch { tip, messages: message_count, active } = branch;
    let message = messages::message_of(&tip.line, &tip.entry_id, 0);
    let words = message.as_ref().map(messages::words).unwrap_or_default();
    let at = message.and_then(|message| i64::try_from(message.timestamp?).ok());
    SessionBranch {
        leaf_entry_id: tip.entry_id,
        headline: messages::excerpt(&words, HEADLINE_CHARS),
        message_count,
        updated_at: at.filter(|at| *at > 0).map(clock::iso),
        active,
    }
}
