//! `sessions.preview`, `.resolve`, `.get`, `.describe`: look at one session.

use openclaw_agent::{
    session::SessionRow,
    store::{HistoryQuery, SessionQuery, StoredEntry},
};
use openclaw_protocol::{
    RpcError,
    field::Int,
    ids::AgentId,
    methods::sessions::{
        PreviewItem, PreviewStatus, SessionPreview, SessionsDescribeParams, SessionsDescribeResult,
        SessionsGetParams, SessionsGetResult, SessionsPreviewParams, SessionsPreviewResult,
        SessionsResolveParams, SessionsResolveResult,
    },
};

use super::{keys, list, row};
use crate::{context::Cx, error::OrRefuse as _, handlers::chat::messages};

/// Keys in one preview request.
const MAX_PREVIEWS: usize = 64;
/// Messages of a preview when the client does not say how many, and at most.
const PREVIEW_ITEMS: (usize, usize) = (12, 50);
/// Characters of a previewed message when the client does not say how many, and at most.
const PREVIEW_CHARS: (usize, usize) = (240, 2000);
/// Entries that are looked at for each item of a preview: messages without words have no place there.
const ENTRIES_PER_ITEM: usize = 4;
/// Messages of `sessions.get` when the client does not say how many, and at most.
const GET_LIMIT: (u64, u64) = (200, 1000);

pub(super) async fn preview(
    cx: Cx,
    params: SessionsPreviewParams,
) -> Result<SessionsPreviewResult, RpcError> {
    let limit = params.limit.map_or(PREVIEW_ITEMS.0, Int::to_usize).min(PREVIEW_ITEMS.1);
    let chars = params.max_chars.map_or(PREVIEW_CHARS.0, Int::to_usize).min(PREVIEW_CHARS.1);
    let mut previews = Vec::new();
    for sent in params.keys.iter().take(MAX_PREVIEWS) {
        previews.push(preview_one(&cx, sent, limit, chars).await?);
    }
    Ok(SessionsPreviewResult { ts: row::millis(cx.app().clock.now_ms()), previews })
}

async fn preview_one(
    cx: &Cx,
    sent: &str,
    limit: usize,
    chars: usize,
) -> Result<SessionPreview, RpcError> {
    let answer = |status, items| SessionPreview { key: sent.to_owned(), status, items };
    let Ok(key) = keys::canonical(cx, sent, None) else {
        return Ok(answer(PreviewStatus::Missing, Vec::new()));
    };
    let Some(found) = keys::find(cx, &key).await? else {
        return Ok(answer(PreviewStatus::Missing, Vec::new()));
    };
    let query = HistoryQuery::last_messages(&found.entry.session_id, limit * ENTRIES_PER_ITEM);
    let entries = match cx.app().store.history(query).await {
        Ok(entries) => entries,
        // The others are shown all the same.
        Err(error) => {
            tracing::warn!(key = %found.key, %error, "a transcript cannot be read for its preview");
            return Ok(answer(PreviewStatus::Error, Vec::new()));
        }
    };
    let mut items: Vec<PreviewItem> =
        entries.iter().rev().filter_map(|entry| item(entry, chars)).take(limit).collect();
    items.reverse();
    let status = if items.is_empty() { PreviewStatus::Empty } else { PreviewStatus::Ok };
    Ok(answer(status, items))
}

/// A message in short; `None` when it has no words.
fn item(entry: &StoredEntry, chars: usize) -> Option<PreviewItem> {
    let message = messages::shown(entry, None)?;
    let words = messages::words(&message);
    let text = Some(words.trim()).filter(|text| !text.is_empty())?;
    let role = match message.role.as_str() {
        role @ ("user" | "assistant" | "system") => role,
        "tool" | "toolResult" => "tool",
        _ => "other",
    };
    Some(PreviewItem { role: role.to_owned(), text: cut(text, chars) })
}

/// At most so many characters, the dots that stand for the rest among them.
fn cut(text: &str, chars: usize) -> String {
    const DOTS: &str = "...";
    if text.chars().nth(chars).is_none() {
        return text.to_owned();
    }
    text.chars().take(chars.saturating_sub(DOTS.len())).chain(DOTS.chars()).collect()
}

pub(super) async fn resolve(
    cx: Cx,
    params: SessionsResolveParams,
) -> Result<SessionsResolveResult, RpcError> {
    let ways = [
        params.key.is_some(),
        params.session_id.is_some(),
        params.label.is_some(),
        params.reference.is_some(),
        params.short_id.is_some(),
    ];
    match ways.iter().filter(|way| **way).count() {
        0 => return Err(RpcError::invalid("Either key, sessionId, or label is required")),
        1 => {}
        _ => {
            return Err(RpcError::invalid(
                "Provide either key, sessionId, or label (not multiple)",
            ));
        }
    }
    match resolve_row(&cx, &params).await {
        Ok(found) => Ok(SessionsResolveResult {
            ok: true,
            agent_id: Some(found.agent_id.to_string()),
            display_name: found.entry.label.clone(),
            key: Some(found.key.to_string()),
            ..SessionsResolveResult::default()
        }),
        Err(_) if params.allow_missing == Some(true) => Ok(SessionsResolveResult::default()),
        Err(error) => Err(error),
    }
}

async fn resolve_row(cx: &Cx, params: &SessionsResolveParams) -> Result<SessionRow, RpcError> {
    let agent = params.agent_id.as_deref().map(|id| keys::known_agent(cx, id)).transpose()?;
    let store = &cx.app().store;
    let reference = params.reference.as_ref().map(|reference| &reference.key);
    let (found, sent) = if let Some(key) = params.key.as_ref().or(reference) {
        let canonical = keys::canonical(cx, key, params.agent_id.as_deref())?;
        (store.session(&canonical).await.or_refuse()?, key.to_string())
    } else if let Some(id) = &params.session_id {
        (store.session_by_id(id).await.or_refuse()?, id.to_string())
    } else if let Some(label) = &params.label {
        (store.session_by_label(label).await.or_refuse()?, label.to_string())
    } else if let Some(short) = &params.short_id {
        return find_by_short_id(cx, short, agent.as_ref()).await;
    } else {
        (None, String::new())
    };
    let fits = |row: &SessionRow| {
        agent.as_ref().is_none_or(|agent| *agent == row.agent_id)
            && params
                .spawned_by
                .as_deref()
                .is_none_or(|by| row.entry.spawned_by.as_deref() == Some(by))
    };
    found.filter(fits).ok_or_else(|| RpcError::invalid(format!("No session found: {sent}")))
}

/// The session whose id begins so.
pub(crate) async fn find_by_short_id(
    cx: &Cx,
    short: &str,
    agent: Option<&AgentId>,
) -> Result<SessionRow, RpcError> {
    let query = SessionQuery {
        agent_id: agent.cloned(),
        search: Some(short.to_owned()),
        ..SessionQuery::default()
    };
    let page = cx.app().store.sessions(query).await.or_refuse()?;
    let mut fitting = page.rows.into_iter().filter(|row| row.entry.session_id.starts_with(short));
    match (fitting.next(), fitting.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => Err(RpcError::invalid(format!(
            "More than one session begins with {short}; give more of its id"
        ))),
        _ => Err(RpcError::invalid(format!("No session found: {short}"))),
    }
}

pub(super) async fn get(cx: Cx, params: SessionsGetParams) -> Result<SessionsGetResult, RpcError> {
    let sent = params.key.or(params.session_key).filter(|key| !key.trim().is_empty());
    let sent = sent.ok_or_else(|| RpcError::invalid("key required"))?;
    let key = keys::canonical(&cx, &sent, None)?;
    let Some(found) = keys::find(&cx, &key).await? else { return Ok(SessionsGetResult::default()) };
    let limit = params.limit.unwrap_or(GET_LIMIT.0).clamp(1, GET_LIMIT.1);
    let query =
        HistoryQuery::last_messages(&found.entry.session_id, usize::try_from(limit).unwrap_or(200));
    let entries = cx.app().store.history(query).await.or_refuse()?;
    let messages = entries.iter().filter_map(|entry| messages::shown(entry, None)).collect();
    Ok(SessionsGetResult { messages })
}

pub(super) async fn describe(
    cx: Cx,
    params: SessionsDescribeParams,
) -> Result<SessionsDescribeResult, RpcError> {
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    let Some(found) = keys::find(&cx, &key).await? else {
        return Ok(SessionsDescribeResult::default());
    };
    let mut wire = row::describe(&cx, &key, Some(&found));
    let last = HistoryQuery::last_messages(&found.entry.session_id, 1);
    let last = cx.app().store.history(last).await.or_refuse()?.pop();
    wire.active_leaf_entry_id = Some(last.map(|entry| entry.entry_id).into());
    if params.include_derived_titles == Some(true) {
        wire.derived_title = list::title(&cx, &found.entry.session_id).await?;
    }
    if params.include_last_message == Some(true) {
        wire.last_message_preview = list::last_message(&cx, &found.entry.session_id).await?;
    }
    Ok(SessionsDescribeResult { session: Some(Box::new(wire)), reason: None })
}
