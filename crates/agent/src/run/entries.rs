//! The transcript entries that a run writes.

use openclaw_protocol::ids::RunId;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    message::{
        AssistantMessage, Content, Message, Part, StopReason, ToolResultMessage, Usage, UserMessage,
    },
    runtime::{Attachment, Submission},
    transcript::{EntryBody, NewEntry},
};

/// The provider and model that OpenClaw gives to what the gateway itself says.
pub(crate) const INJECTED: (&str, &str) = ("openclaw", "gateway-injected");

/// What the user said.
pub(crate) fn user(submission: &Submission, at: i64) -> NewEntry {
    let mut parts = vec![Part::text(&submission.text)];
    parts.extend(submission.attachments.iter().map(attachment));
    let mut message =
        UserMessage { content: Content::Parts(parts), timestamp: at, ..UserMessage::default() };
    // OpenClaw's own name of the user's side of a request.
    let key = format!("{}:user", submission.run_id);
    message.extra.insert("idempotencyKey".to_owned(), Value::String(key));
    if let Some(label) = &submission.origin.sender_label {
        message.extra.insert("senderLabel".to_owned(), Value::String(label.clone()));
    }
    entry(at, &Message::User(message))
}

/// A picture, or a note in place of what is none.
fn attachment(attachment: &Attachment) -> Part {
    if attachment.mime_type.starts_with("image/") {
        return Part::image(&attachment.data, &attachment.mime_type);
    }
    let name = attachment.file_name.as_deref().unwrap_or("a file");
    Part::text(format!(
        "[{name} ({}) was attached; only pictures can be read]",
        attachment.mime_type
    ))
}

/// What the model said.
pub(crate) fn assistant(message: &AssistantMessage) -> NewEntry {
    #[derive(Serialize)]
    struct Tagged<'a> {
        role: &'static str,
        #[serde(flatten)]
        message: &'a AssistantMessage,
    }
    entry(message.timestamp, &Tagged { role: "assistant", message })
}

/// What was said before, as the client has it.
pub(crate) fn said(message: &Message, at: i64) -> NewEntry {
    entry(at, message)
}

/// What a tool gave.
pub(crate) fn tool_result(message: &ToolResultMessage) -> NewEntry {
    entry(message.timestamp, &Message::ToolResult(message.clone()))
}

/// What the gateway says itself.
pub(crate) fn injected(text: &str, at: i64) -> AssistantMessage {
    AssistantMessage {
        content: vec![Part::text(text)],
        api: "openai-responses".to_owned(),
        provider: INJECTED.0.to_owned(),
        model: INJECTED.1.to_owned(),
        usage: Some(zero_usage()),
        stop_reason: Some(StopReason::Stop),
        timestamp: at,
        ..AssistantMessage::default()
    }
}

/// What the model had said when somebody stopped it, with the marks that OpenClaw gives it: it is told
/// as a note of the gateway that ended well, and `openclawAbort` says the truth.
pub(crate) fn stopped(text: &str, run_id: &RunId, reason: &str, at: i64) -> AssistantMessage {
    let mut message = injected(text, at);
    let origin = if reason == "stop" { "stop-command" } else { reason };
    let mark = json!({"aborted": true, "origin": origin, "runId": run_id});
    message.extra.insert("idempotencyKey".to_owned(), json!(format!("{run_id}:assistant")));
    message.extra.insert("openclawAbort".to_owned(), mark);
    message
}

/// Nothing, spelled out as OpenClaw does.
pub(crate) fn zero_usage() -> Usage {
    let mut usage = Usage::default();
    let zero = Some(0.0);
    (usage.cost.input, usage.cost.output, usage.cost.total) = (zero, zero, zero);
    (usage.cost.cache_read, usage.cost.cache_write) = (zero, zero);
    usage
}

/// From here on another model answers.
pub(crate) fn model_change(provider: &str, model: &str, at: i64) -> NewEntry {
    let (provider, model_id) = (provider.to_owned(), model.to_owned());
    NewEntry::new(at, EntryBody::ModelChange { provider, model_id })
}

/// From here on the model thinks that much.
pub(crate) fn thinking_change(level: &str, at: i64) -> NewEntry {
    NewEntry::new(at, EntryBody::ThinkingLevelChange { thinking_level: level.to_owned() })
}

fn entry(at: i64, message: &impl Serialize) -> NewEntry {
    let body = EntryBody::message(message).unwrap_or_else(|error| {
        // Messages are plain data with text keys, so this cannot be; a note is better than a lost turn.
        let text = format!("[this message could not be written: {error}]");
        let note = json!({"role": "assistant", "content": [{"type": "text", "text": text}], "timestamp": at});
        EntryBody::Message { message: raw(&note) }
    });
    NewEntry::new(at, body)
}

#[expect(clippy::expect_used, reason = "a JSON value always has a text")]
fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("a value's text is JSON")
}
