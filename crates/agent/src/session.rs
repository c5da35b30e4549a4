//! A session: its key, its entry in `sessions.json`, and the row that lists are made of.
//!
//! The spelling of keys and the fields of an entry are those of OpenClaw 2026.3.28.

pub mod entry;
pub mod key;

use openclaw_protocol::ids::{AgentId, SessionKey};

pub use entry::{SessionEntry, SessionRow};
pub use key::{
    KeyError, SessionKind, agent_of, canonical_key, is_cron, is_main, is_subagent, kind_of,
    main_key, normalize_agent_id, rest_of,
};

use crate::store::Reject;

/// The longest session id. Ids are file names, so they are short and plain.
pub const MAX_SESSION_ID: usize = 128;

/// A new session id: a random UUID.
pub fn new_session_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The text can be a session's id, and so a file's name: letters, digits, `.`, `_` and `-`, not a dot first.
pub fn is_session_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=MAX_SESSION_ID).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(plain)
}

/// The agent whose store has a session: the one it is in already, else that of the key, else the
/// caller's, else `main`.
pub fn store_of(
    key: &SessionKey,
    caller: Option<&AgentId>,
    present: Option<&SessionRow>,
) -> AgentId {
    let present = present.map(|row| row.agent_id.clone());
    present
        .or_else(|| agent_of(key))
        .or_else(|| caller.cloned())
        .unwrap_or_else(|| AgentId::new("main"))
}

/// Gives a new entry its id, and refuses one that cannot be a file's name.
pub fn complete(entry: &mut SessionEntry) -> Result<(), Reject> {
    if entry.session_id.is_empty() {
        entry.session_id = new_session_id();
    }
    if is_session_id(&entry.session_id) {
        Ok(())
    } else {
        Err(Reject::new("session id must be letters, digits, dots, dashes and underscores"))
    }
}

/// Notes in an entry when its session was made and when its transcript began; `old` is what it takes the place of.
pub fn stamp(entry: &mut SessionEntry, old: Option<&SessionRow>, at: i64) {
    match old.map(|row| &row.entry) {
        None => entry.created_at = entry.created_at.or(Some(at)),
        Some(old) => entry.created_at = entry.created_at.or(old.created_at),
    }
    if old.is_none_or(|old| old.entry.session_id != entry.session_id) {
        entry.session_started_at = Some(at);
    }
}

/// The refusal of a label that another session has.
pub fn label_taken(label: &str) -> Reject {
    Reject::new(format!("label already in use: {label}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_is_a_plain_file_name() {
        for good in ["acd88934-b1da-46b8-9d69-064b1fe34426", "a", "x.y_z-1-topic-7"] {
            assert!(is_session_id(good), "{good}");
        }
        for bad in ["", ".", "..", ".x", "a/b", "a\\b", "a b", "a\0", &"x".repeat(129)] {
            assert!(!is_session_id(bad), "{bad}");
        }
    }

    #[test]
    fn the_entry_keeps_what_it_does_not_know() {
        let json = r#"{"sessionId":"s","updatedAt":5,"totalTokens":7,"skillsSnapshot":{"prompt":"x"},"queueCap":3}"#;
        let entry: SessionEntry = serde_json::from_str(json).unwrap();
        assert_eq!(entry.total_tokens, Some(7));
        assert_eq!(entry.extra["queueCap"], 3);
        let back: serde_json::Value = serde_json::to_value(&entry).unwrap();
        assert_eq!(back, serde_json::from_str::<serde_json::Value>(json).unwrap());
    }
}
