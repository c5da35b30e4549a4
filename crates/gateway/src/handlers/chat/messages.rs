//! From transcript lines to the messages that clients are shown.

use openclaw_agent::store::StoredEntry;
use openclaw_protocol::methods::chat::{ChatMessage, ContentPart, MessageContent, MessageMeta};
use serde::Deserialize;

use super::envelope;

/// What replaces the end of a text that is longer than the client wants.
const CUT: &str = "\n...(truncated)...";

#[derive(Deserialize)]
struct Line {
    message: ChatMessage,
}

#[derive(Deserialize)]
struct Compaction {
    summary: String,
}

/// A transcript entry as a message, or `None` for entries that people do not see.
pub(crate) fn shown(entry: &StoredEntry, max_chars: Option<usize>) -> Option<ChatMessage> {
    let mut message = message_of(&entry.line, &entry.entry_id, entry.message_seq?)?;
    if let Some(max) = max_chars {
        cut(&mut message, max);
    }
    Some(message)
}

/// A transcript line as a message, marked with its id and number.
pub(crate) fn message_of(line: &str, id: &str, seq: u64) -> Option<ChatMessage> {
    let mut message = if let Ok(line) = serde_json::from_str::<Line>(line) {
        line.message
    } else {
        let compaction: Compaction = serde_json::from_str(line).ok()?;
        ChatMessage::text("system", compaction.summary, 0)
    };
    plain(&mut message);
    let meta = message.meta.take().unwrap_or_default();
    message.meta = Some(MessageMeta { id: Some(id.to_owned()), seq: Some(seq), ..meta });
    Some(message)
}

/// A person's plain text is a string in protocol 4; protocol 3 gets its list of one part at the edge.
fn plain(message: &mut ChatMessage) {
    if message.role != "user" {
        return;
    }
    let only = match &mut message.content {
        Some(MessageContent::Parts(parts)) if parts.len() == 1 && parts[0].kind == "text" => {
            parts[0].text.take()
        }
        _ => None,
    };
    if let Some(text) = only {
        message.content = Some(MessageContent::Text(text));
    }
    match &mut message.content {
        Some(MessageContent::Text(text)) => without_envelope(text),
        Some(MessageContent::Parts(parts)) => {
            parts.iter_mut().filter_map(|part| part.text.as_mut()).for_each(without_envelope);
        }
        None => {}
    }
}

fn without_envelope(text: &mut String) {
    let envelope = text.len() - envelope::strip(text).len();
    if envelope > 0 {
        text.drain(..envelope);
    }
}

fn cut(message: &mut ChatMessage, max: usize) {
    match &mut message.content {
        Some(MessageContent::Text(text)) => cut_text(text, max),
        Some(MessageContent::Parts(parts)) => {
            for ContentPart { text, thinking, .. } in parts {
                [text, thinking].into_iter().flatten().for_each(|text| cut_text(text, max));
            }
        }
        None => {}
    }
}

fn cut_text(text: &mut String, max: usize) {
    if let Some((end, _)) = text.char_indices().nth(max) {
        text.truncate(end);
        text.push_str(CUT);
    }
}

/// The words of a message, without tool calls and thinking.
pub(crate) fn words(message: &ChatMessage) -> String {
    message.words()
}

/// The first characters of a text on one line.
pub(crate) fn excerpt(text: &str, max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(max) {
        None => line,
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use openclaw_agent::store::EntryKind;

    use super::*;

    fn entry(line: &str) -> StoredEntry {
        StoredEntry {
            seq: 3,
            message_seq: Some(2),
            entry_id: "0614aee2".into(),
            kind: EntryKind::Message,
            line: line.into(),
        }
    }

    #[test]
    fn unknown_fields_of_foreign_transcripts_survive() {
        let line = r#"{"type":"message","id":"0614aee2","parentId":null,"timestamp":"x",
            "message":{"role":"user","content":"hällo","timestamp":1,"foreign":{"a":1}}}"#;
        let message = shown(&entry(line), None).unwrap();
        assert_eq!(words(&message), "hällo");
        let value = serde_json::to_value(&message).unwrap();
        assert_eq!(value["foreign"]["a"], 1);
        assert_eq!(value["__openclaw"]["seq"], 2);
        assert_eq!(value["__openclaw"]["id"], "0614aee2");
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let line = r#"{"message":{"role":"user","content":[{"type":"text","text":"üüüü"}]}}"#;
        let message = shown(&entry(line), Some(2)).unwrap();
        assert_eq!(words(&message), format!("üü{CUT}"));
        assert_eq!(excerpt("a \n b  c", 3), "a b…");
        assert_eq!(excerpt("abc", 3), "abc");
    }
}
