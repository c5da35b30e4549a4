//! `sessions.patch`: change what a person may choose about a session.

use openclaw_agent::{
    session::SessionEntry,
    store::{Reject, session_edit},
};
use openclaw_protocol::{
    RpcError,
    field::Clearable,
    ids::AgentId,
    methods::{
        common::FastMode,
        sessions::{SessionsPatchParams, SessionsPatchResult},
    },
};
use serde_json::Value;

use super::{change::reject, changed, entry_object, keys, resolved, store_path};
use crate::{context::Cx, error::OrRefuse as _, observer::ListReason};

const THINKING: &[&str] = &["off", "minimal", "low", "medium", "high", "xhigh", "adaptive"];
const VERBOSE: &[&str] = &["off", "on", "full"];
const REASONING: &[&str] = &["off", "on", "stream"];
const ELEVATED: &[&str] = &["off", "on", "ask", "full"];

pub(super) async fn patch(
    cx: Cx,
    params: SessionsPatchParams,
) -> Result<SessionsPatchResult, RpcError> {
    // Recorded rule of both versions: a chat widget may not change sessions, the page may.
    let client = &cx.peer().client;
    if client.mode == "webchat" && client.id != "openclaw-control-ui" {
        return Err(RpcError::invalid("webchat clients cannot patch sessions"));
    }
    refuse_unsupported(&params)?;
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
        let mut entry = SessionEntry { updated_at: now, ..entry.unwrap_or_default() };
        apply(&mut entry, &params)?;
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

/// Fields whose effect this gateway does not have are refused, never stored as if they worked.
fn refuse_unsupported(params: &SessionsPatchParams) -> Result<(), RpcError> {
    let unsupported = [
        (params.permission_mode.is_some(), "permissionMode"),
        (params.sandbox_mode.is_some(), "sandboxMode"),
        (params.tool_overrides.is_some(), "toolOverrides"),
        (params.native_runtime_consent.is_some(), "nativeRuntimeConsent"),
        (params.agent_runtime.is_some(), "agentRuntime"),
        (params.context_window.is_some(), "contextWindow"),
    ];
    match unsupported.iter().find(|(asked, _)| *asked) {
        Some((_, name)) => Err(RpcError::invalid(format!("this gateway cannot change {name}"))),
        None => Ok(()),
    }
}

/// The provider and id of a model that the agent may use.
pub(super) fn model(cx: &Cx, agent: &AgentId, sent: &str) -> Result<(String, String), RpcError> {
    let resolved = cx.app().catalog.resolve(agent.as_str(), Some(sent));
    let resolved = resolved.map_err(|error| RpcError::invalid(error.to_string()))?;
    Ok((resolved.info.provider.clone(), resolved.info.id.clone()))
}

fn apply(entry: &mut SessionEntry, params: &SessionsPatchParams) -> Result<(), Reject> {
    let SessionsPatchParams { label, response_usage, send_policy, group_activation, .. } = params;
    set(&mut entry.label, label.as_ref());
    set_word(&mut entry.thinking_level, params.thinking_level.as_ref(), "thinkingLevel", THINKING)?;
    set_word(&mut entry.verbose_level, params.verbose_level.as_ref(), "verboseLevel", VERBOSE)?;
    set_word(
        &mut entry.reasoning_level,
        params.reasoning_level.as_ref(),
        "reasoningLevel",
        REASONING,
    )?;
    set_word(&mut entry.elevated_level, params.elevated_level.as_ref(), "elevatedLevel", ELEVATED)?;
    if let Some(fast) = &params.fast_mode {
        entry.fast_mode = match fast.as_option() {
            Some(FastMode::Switch(on)) => Some(*on),
            Some(FastMode::Word(_)) | None => None,
        };
    }
    if let Some(usage) = response_usage {
        entry.response_usage = usage.as_option().map(word_of);
    }
    if let Some(policy) = send_policy {
        entry.send_policy = policy.as_option().map(word_of);
    }
    if let Some(activation) = group_activation {
        entry.group_activation = activation.as_option().map(word_of);
    }
    set(&mut entry.exec_host, params.exec_host.as_ref());
    set(&mut entry.exec_security, params.exec_security.as_ref());
    set(&mut entry.exec_ask, params.exec_ask.as_ref());
    set(&mut entry.exec_node, params.exec_node.as_ref());
    set_spawn(entry, params)?;
    set_list_marks(entry, params);
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
    let flags =
        [("archived", params.archived), ("pinned", params.pinned), ("unread", params.unread)];
    for (name, flag) in flags {
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
