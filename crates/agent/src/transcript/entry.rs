//! Entries on their way into a transcript.

use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::LineKind;
use crate::clock::iso;

/// The version of the transcript format that this program writes.
pub const TRANSCRIPT_VERSION: u32 = 3;

/// What an entry says; the tag is the line's `type`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum EntryBody {
    /// A message of the user, the assistant or a tool, as JSON text of one object.
    Message {
        /// `{role, content, timestamp, ...}`.
        message: Box<RawValue>,
    },
    /// From here on another model answers.
    ModelChange {
        /// The provider's id.
        provider: String,
        /// The model's id at that provider.
        model_id: String,
    },
    /// From here on the model thinks more, or less.
    ThinkingLevelChange {
        /// The new level.
        thinking_level: String,
    },
    /// Data of a feature; the model does not see it.
    Custom {
        /// Whose data.
        custom_type: String,
        /// The data.
        data: Value,
    },
    /// A message of a feature; the model sees it as one of the user.
    CustomMessage {
        /// Whose message.
        custom_type: String,
        /// Text, or an array of content blocks.
        content: Value,
        /// It is shown to the user too.
        display: bool,
        /// Data beside it.
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<Value>,
    },
    /// What came before `first_kept_entry_id` is replaced by a summary.
    Compaction {
        /// The summary.
        summary: String,
        /// The first entry that the model still sees as it was.
        first_kept_entry_id: String,
        /// Tokens in the context before.
        tokens_before: u64,
        /// Data beside it, for example the files that were read.
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<Value>,
    },
    /// What happened on a branch that was left.
    BranchSummary {
        /// The entry where the branch begins.
        from_id: String,
        /// The summary.
        summary: String,
    },
}

impl EntryBody {
    /// A message body from anything that serialises to one JSON object.
    pub fn message(message: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self::Message { message: serde_json::value::to_raw_value(message)? })
    }
}

/// An entry that is to be appended. The store puts it behind the transcript's last entry.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Eight lower-case hex digits. Where the transcript has this id already the store takes the
    /// next free one, and says so in its answer.
    pub id: String,
    /// Milliseconds since the epoch.
    pub at: i64,
    /// What it says.
    pub body: EntryBody,
}

impl EntryBody {
    /// The type of the line it becomes.
    pub fn kind(&self) -> LineKind {
        match self {
            Self::Message { .. } => LineKind::Message,
            Self::ModelChange { .. } => LineKind::ModelChange,
            Self::ThinkingLevelChange { .. } => LineKind::ThinkingLevelChange,
            Self::Custom { .. } => LineKind::Custom,
            Self::CustomMessage { .. } => LineKind::CustomMessage,
            Self::Compaction { .. } => LineKind::Compaction,
            Self::BranchSummary { .. } => LineKind::BranchSummary,
        }
    }
}

impl NewEntry {
    /// An entry with a random id.
    pub fn new(at: i64, body: EntryBody) -> Self {
        Self { id: random_id(), at, body }
    }

    /// The line, without its line feed. `id` is the one that is used, `parent` the entry before.
    pub fn line(&self, id: &str, parent: Option<&str>) -> serde_json::Result<String> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Head<'a> {
            id: &'a str,
            parent_id: Option<&'a str>,
            timestamp: String,
        }
        // Type first, then the head, then the body, as the recorded files have it. Joined as text:
        // a flattened enum would have to copy the raw message.
        let head = serde_json::to_string(&Head { id, parent_id: parent, timestamp: iso(self.at) })?;
        let mut body = serde_json::to_string(&self.body)?;
        if body.contains(['\n', '\r']) {
            // Inside a JSON string they would be escaped: these are space between tokens of a raw message.
            body = body.replace(['\n', '\r'], " ");
        }
        let (tag, rest) = body[1..].split_once(',').unwrap_or((&body[1..body.len() - 1], "}"));
        Ok(format!("{{{tag},{},{rest}", &head[1..head.len() - 1]))
    }
}

/// The first line of a transcript, without its line feed. `cwd` is the agent's workspace.
pub fn header_line(session_id: &str, at: i64, cwd: &str) -> String {
    serde_json::json!({
        "type": "session", "version": TRANSCRIPT_VERSION, "id": session_id,
        "timestamp": iso(at), "cwd": cwd,
    })
    .to_string()
}

/// The id after `id`, for when that one is taken.
pub fn next_id(id: &str) -> String {
    let number = u32::from_str_radix(id, 16).unwrap_or_else(|_| {
        id.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
    });
    format!("{:08x}", number.wrapping_add(1))
}

/// A random entry id.
pub fn random_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_line_has_the_recorded_shape() {
        let message = serde_json::json!({"role": "user", "content": "a,b"});
        let body = EntryBody::message(&message).unwrap();
        let entry = NewEntry { id: "0a1b2c3d".into(), at: 1_795_217_431_434, body };
        assert_eq!(
            entry.line("0a1b2c3d", None).unwrap(),
            r#"{"type":"message","id":"0a1b2c3d","parentId":null,"timestamp":"2026-11-20T23:30:31.434Z","message":{"content":"a,b","role":"user"}}"#
        );
        let body = EntryBody::Compaction {
            summary: "x".into(),
            first_kept_entry_id: "00000001".into(),
            tokens_before: 9,
            details: None,
        };
        let line = NewEntry { id: "1".into(), at: 0, body }.line("1", Some("0a1b2c3d")).unwrap();
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["parentId"], "0a1b2c3d");
        assert_eq!(value["firstKeptEntryId"], "00000001");
    }

    #[test]
    fn a_raw_message_with_a_line_feed_stays_one_line() {
        let raw = RawValue::from_string("{\n\"role\":\n\"user\"}".into()).unwrap();
        let entry = NewEntry::new(0, EntryBody::Message { message: raw });
        let line = entry.line(&entry.id, None).unwrap();
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["message"]["role"], "user");
    }

    #[test]
    fn the_next_id_is_another_one() {
        assert_eq!(next_id("0000000f"), "00000010");
        assert_eq!(next_id("ffffffff"), "00000000");
        assert_ne!(next_id("custom"), "custom");
    }
}
