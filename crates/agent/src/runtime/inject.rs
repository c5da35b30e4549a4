//! Notes that the gateway writes into a session itself.

use std::sync::Arc;

use openclaw_protocol::ids::SessionKey;
use serde_json::Value;

use super::{Injected, Shared};
use crate::{
    error::AgentError,
    message::Message,
    observer::AppendedEntry,
    run::entries,
    session::{SessionEntry, SessionRow},
    store::{Append, Reject, StoreError, session_edit},
};

/// Appends an assistant note, as `chat.inject` does: `[label]`, an empty line, the text.
pub(super) async fn inject(
    shared: &Shared,
    key: &SessionKey,
    text: &str,
    label: Option<&str>,
) -> Result<Injected, AgentError> {
    if text.trim().is_empty() {
        return Err(AgentError::Invalid("the message is empty".to_owned()));
    }
    let row = shared.store.session(key).await?;
    let row = row.ok_or_else(|| AgentError::SessionNotFound(key.clone()))?;
    let text = match label {
        Some(label) if !label.trim().is_empty() => format!("[{}]\n\n{text}", label.trim()),
        _ => text.to_owned(),
    };
    let at = shared.clock.now_ms();
    let message = entries::injected(&text, at);
    let session = session_edit(move |entry: Option<SessionEntry>| {
        // Deleted meanwhile: a note does not bring a session back.
        let entry = entry.ok_or_else(|| Reject::new("session not found"))?;
        Ok(SessionEntry { updated_at: at, ..entry })
    });
    let cwd = shared.workspace(&row.agent_id).to_string_lossy().into_owned();
    let append =
        Append { session: Some(session), cwd, entries: vec![entries::assistant(&message)], at };
    let stored = match shared.store.append(key, append).await {
        Err(StoreError::Rejected(_)) => return Err(AgentError::SessionNotFound(key.clone())),
        other => other?,
    };
    let session_id: Arc<str> = row.entry.session_id.as_str().into();
    let row = SessionRow { entry: SessionEntry { updated_at: at, ..row.entry }, ..row };
    for entry in &stored {
        shared.observer.entry_appended(AppendedEntry {
            session_key: key,
            session_id: &session_id,
            message_seq: entry.message_seq,
            entry_id: &entry.entry_id,
            line: &entry.line,
            run_id: None,
            session: Some(&row),
        });
    }
    let entry_id = stored.first().map(|entry| entry.entry_id.clone()).unwrap_or_default();
    let message = serde_json::to_value(Message::Assistant(message)).unwrap_or(Value::Null);
    Ok(Injected { entry_id, session_id, message })
}
