//! `sessions.patch`: change what a person may choose about a session.

use openclaw_agent::{
    session::SessionEntry,
    store::{Reject, session_edit},
};
use openclaw_protocol::{
    RpcError,
    field::{Clearable, Ms},
    handled::Handled as _,
    ids::AgentId,
    methods::sessions::{SessionsPatchParams, SessionsPatchResult},
};
use serde_json::Value;

use super::{change::reject, changed, entry_object, keys, resolved, store_path};
use crate::{context::Cx, error::OrRefuse as _, observer::ListReason};

const THINKING: &[&str] = &["off", "minimal", "low", "medium", "high", "xhigh", "adaptive"];
const VERBOSE: &[&str] = &["off", "on", "full"];
const REASONING: &[&str] = &["off", "on", "stream"];
/// When a session was marked as not read, in its entry.
const MARKED_UNREAD: &str = "markedUnreadAt";

pub(super) async fn patch(
    cx: Cx,
    params: SessionsPatchParams,
) -> Result<SessionsPatchResult, RpcError> {
    // Recorded rule of both versions: a chat widget may not change sessions, the page may.
    let client = &cx.peer().client;
    if client.mode == "webchat" && client.id != "openclaw-control-ui" {
        return Err(RpcError::invalid("webchat clients cannot patch sessions"));
    }
    params.supported()?;
    let key = keys::canonical(&cx, &params.key, params.agent_id.as_deref())?;
    let agent = keys::agent_of(&cx, &key);
    if let Some(Clearable::Set(label)) = &params.label {
        let taken = cx.app().store.session_by_label(label).await.or_refuse()?;
        if taken.is_some_and(|row| row.key != key) {
            return Err(RpcError::invalid(format!("label already in use: {label}")));
        }
    }
    let chosen = match params.model.as_ref().map(Clearable::as_option) {
        None => None,
        Some(None) => Some(None),
        Some(Some(sent)) => Some(Some(model(&cx, &agent, sent)?)),
    };
    let now = cx.app().clock.now_ms();
    let edit = session_edit(move |entry| {
        super::change::check_session(entry.as_ref(), params.expected_session_id.as_deref())?;
        let mut entry = SessionEntry { updated_at: now, ..entry.unwrap_or_default() };
        apply(&mut entry, &params, now)?;
        if let Some(chosen) = chosen {
            (entry.provider_override, entry.model_override) = chosen.unzip();
        }
        Ok(entry)
    });
    let row = cx.app().store.update_session(&key, edit).await.or_refuse()?;
    changed(&cx, &row, ListReason::Patch);
    Ok(SessionsPatchResult {
        ok: true,
        path: store_path(&cx, &agent),
        key: key.to_string(),
        entry: entry_object(&row.entry),
        resolved: resolved(&cx, &row),
    })
}

/// The provider and id of a model that the agent may use.
pub(super) fn model(cx: &Cx, agent: &AgentId, sent: &str) -> Result<(String, String), RpcError> {
    let resolved = cx.app().catalog.resolve(agent.as_str(), Some(sent));
    let resolved = resolved.map_err(|error| RpcError::invalid(error.to_string()))?;
    Ok((resolved.info.provider.clone(), resolved.info.id.clone()))
}

fn apply(entry: &mut SessionEntry, params: &SessionsPatchParams, now: i64) -> Result<(), Reject> {
    set(&mut entry.label, params.label.as_ref());
    set_level(&mut entry.thinking_level, params.thinking_level.as_ref())?;
    set_word(&mut entry.verbose_level, params.verbose_level.as_ref(), "verboseLevel", VERBOSE)?;
    set_word(
        &mut entry.reasoning_level,
        params.reasoning_level.as_ref(),
        "reasoningLevel",
        REASONING,
    )?;
    if let Some(usage) = &params.response_usage {
        entry.response_usage = usage.as_option().map(word_of);
    }
    put_back(entry, params);
    set_spawn(entry, params)?;
    set_unread(entry, params, now)?;
    set_list_marks(entry, params);
    Ok(())
}

/// What nothing here acts on cannot be set. What another program has left in an entry can still be
/// set back.
fn put_back(entry: &mut SessionEntry, params: &SessionsPatchParams) {
    if params.fast_mode.is_some() {
        entry.fast_mode = None;
    }
    let named = [
        (&mut entry.elevated_level, params.elevated_level.is_some()),
        (&mut entry.exec_host, params.exec_host.is_some()),
        (&mut entry.exec_security, params.exec_security.is_some()),
        (&mut entry.exec_ask, params.exec_ask.is_some()),
        (&mut entry.exec_node, params.exec_node.is_some()),
        (&mut entry.send_policy, params.send_policy.is_some()),
        (&mut entry.group_activation, params.group_activation.is_some()),
    ];
    for (field, _) in named.into_iter().filter(|(_, named)| *named) {
        *field = None;
    }
}

/// A mark as read that came after another mark as not read would take that one away.
fn set_unread(
    entry: &mut SessionEntry,
    params: &SessionsPatchParams,
    now: i64,
) -> Result<(), Reject> {
    let marked = entry.extra.get(MARKED_UNREAD).and_then(Value::as_u64);
    let stale = params
        .expected_marked_unread_at
        .as_ref()
        .is_some_and(|expected| expected.as_option().map(|at: &Ms| at.get()) != marked);
    if stale {
        return Err(reject("the session was marked since; load it again"));
    }
    let Some(unread) = params.unread else { return Ok(()) };
    entry.extra.insert("unread".to_owned(), unread.into());
    if unread {
        entry.extra.insert(MARKED_UNREAD.to_owned(), now.into());
    } else {
        entry.extra.remove(MARKED_UNREAD);
    }
    Ok(())
}

/// Where a session was spawned from is written once.
fn set_spawn(entry: &mut SessionEntry, params: &SessionsPatchParams) -> Result<(), Reject> {
    if let Some(by) = &params.spawned_by {
        let by = by.as_option().map(ToString::to_string);
        if entry.spawned_by.is_some() && entry.spawned_by != by {
            return Err(reject("spawnedBy cannot be changed once set"));
        }
        entry.spawned_by = by;
    }
    if let Some(depth) = &params.spawn_depth {
        let depth = depth.as_option().map(|depth| depth.get());
        if entry.spawn_depth.is_some() && entry.spawn_depth != depth {
            return Err(reject("spawnDepth cannot be changed once set"));
        }
        entry.spawn_depth = depth;
    }
    Ok(())
}

/// What only lists show is kept beside the fields that this program uses itself.
fn set_list_marks(entry: &mut SessionEntry, params: &SessionsPatchParams) {
    let texts = [
        ("icon", params.icon.as_ref().map(|value| value.as_option().map(ToString::to_string))),
        ("color", params.color.as_ref().map(|value| value.as_option().map(ToString::to_string))),
        (
            "category",
            params.category.as_ref().map(|value| value.as_option().map(ToString::to_string)),
        ),
        (
            "autoLabel",
            params.auto_label.as_ref().map(|value| value.as_option().map(ToString::to_string)),
        ),
    ];
    for (name, change) in texts {
        match change {
            Some(Some(text)) => drop(entry.extra.insert(name.to_owned(), Value::from(text))),
            Some(None) => drop(entry.extra.remove(name)),
            None => {}
        }
    }
    for (name, flag) in [("archived", params.archived), ("pinned", params.pinned)] {
        if let Some(flag) = flag {
            entry.extra.insert(name.to_owned(), Value::from(flag));
        }
    }
}

fn set<T: ToString>(field: &mut Option<String>, change: Option<&Clearable<T>>) {
    if let Some(change) = change {
        *field = change.as_option().map(ToString::to_string);
    }
}

/// A thinking level, or none.
fn set_level<T: ToString>(
    field: &mut Option<String>,
    change: Option<&Clearable<T>>,
) -> Result<(), Reject> {
    set_word(field, change, "thinkingLevel", THINKING)
}

/// A thinking level of a new session.
pub(super) fn thinking_level(sent: &str) -> Result<(), RpcError> {
    if THINKING.contains(&sent) {
        return Ok(());
    }
    Err(RpcError::invalid(format!("invalid thinkingLevel (use {})", THINKING.join("|"))))
}

fn set_word<T: ToString>(
    field: &mut Option<String>,
    change: Option<&Clearable<T>>,
    name: &str,
    words: &[&str],
) -> Result<(), Reject> {
    let Some(change) = change else { return Ok(()) };
    let word = change.as_option().map(ToString::to_string);
    if word.as_deref().is_some_and(|word| !words.contains(&word)) {
        return Err(reject(format!("invalid {name} (use {})", words.join("|"))));
    }
    *field = word;
    Ok(())
}

/// The wire name of a word.
fn word_of<T: serde::Serialize>(word: &T) -> String {
    match serde_json::to_value(word) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}
