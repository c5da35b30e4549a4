//! The conversation as a model may see it: whole exchanges, newest first, every tool call with its
//! result. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    message::{
        AssistantMessage, Content, Message, Part, StopReason, ToolCallPart, ToolResultMessage,
    },
    store::{EntryKind, StoredEntry},
};

/// What a picture is taken for, in characters.
const IMAGE_CHARS: usize = 6_400;
/// What the frame of a message is taken for, in characters.
const FRAME_CHARS: usize = 16;

/// The messages of transcript entries, oldest first. After a compaction its summary stands for what it replaced.
pub fn messages(entries: &[StoredEntry]) -> Vec<Message> {
    let compaction = entries.iter().rposition(|entry| entry.kind == EntryKind::Compaction);
    let mut messages = Vec::new();
    let mut rest = entries;
    if let Some((at, line)) = compaction
        .and_then(|at| Some((at, serde_json::from_str::<CompactionLine>(&entries[at].line).ok()?)))
    {
        let summary = format!("Summary of the conversation so far:\n{}", line.summary);
        messages.push(Message::user(summary, 0));
        let kept =
            entries[..at].iter().position(|entry| entry.entry_id == line.first_kept_entry_id);
        messages.extend(entries[kept.unwrap_or(at)..at].iter().filter_map(message));
        rest = &entries[at + 1..];
    }
    messages.extend(rest.iter().filter_map(message));
    messages
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompactionLine {
    #[serde(default)]
    summary: String,
    #[serde(default)]
    first_kept_entry_id: String,
}

fn message(entry: &StoredEntry) -> Option<Message> {
    #[derive(Deserialize)]
    struct Line {
        message: Message,
    }
    if entry.kind != EntryKind::Message {
        return None;
    }
    // A line that this version cannot read is not shown to the model; the file keeps it.
    let message = serde_json::from_str::<Line>(&entry.line).ok()?.message;
    // What a person asked the gateway about itself is no part of the conversation.
    let left_out = message.extra().get("excludeFromContext").is_some_and(|mark| *mark == true);
    (!left_out).then_some(message)
}

/// One thing that stays or goes as a whole: a user's message, or an answer with its tool results.
struct Unit {
    head: Message,
    /// The answer's calls, each with its result once that is found.
    calls: Vec<(ToolCallPart, Option<ToolResultMessage>)>,
}

/// The newest part of a conversation that fits into `room` characters and begins with a user's message.
/// What came after the last user's message always stays, whatever its size.
pub fn fit(messages: Vec<Message>, room: usize) -> Vec<Message> {
    let units = units(messages);
    let last_user = units.iter().rposition(Unit::is_user).unwrap_or(0);
    let mut used = 0_usize;
    let mut first = units.len();
    for (at, unit) in units.iter().enumerate().rev() {
        used = used.saturating_add(unit.chars());
        if used > room && at < last_user {
            break;
        }
        first = at;
    }
    let kept = units.into_iter().skip(first).skip_while(|unit| !unit.is_user());
    kept.flat_map(Unit::into_messages).collect()
}

/// The calls of the last answer that no result answers yet.
pub fn open_calls(messages: &[Message]) -> Vec<ToolCallPart> {
    let mut answered = Vec::new();
    for message in messages.iter().rev() {
        match message {
            Message::ToolResult(result) => answered.push(&result.tool_call_id),
            Message::Assistant(answer) if answer.tool_calls().next().is_some() => {
                let open = answer.tool_calls().filter(|call| !answered.contains(&&call.id));
                return open.cloned().collect();
            }
            Message::User(_) => return Vec::new(),
            Message::Assistant(_) | Message::Other(_) => {}
        }
    }
    Vec::new()
}

fn units(messages: Vec<Message>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    // Where the result of a call goes. Some models use the same ids again and again: the last call counts.
    let mut open = BTreeMap::new();
    for message in messages {
        match message {
            Message::User(_) => units.push(Unit { head: message, calls: Vec::new() }),
            Message::Assistant(answer) => {
                let Some(answer) = speaking(answer) else { continue };
                let calls: Vec<_> = answer.tool_calls().map(|call| (call.clone(), None)).collect();
                for (at, (call, _)) in calls.iter().enumerate() {
                    open.insert(call.id.clone(), (units.len(), at));
                }
                units.push(Unit { head: Message::Assistant(answer), calls });
            }
            // A result without a call would be refused by providers.
            Message::ToolResult(result) => {
                if let Some((unit, at)) = open.remove(&result.tool_call_id) {
                    units[unit].calls[at].1 = Some(result);
                }
            }
            Message::Other(_) => {}
        }
    }
    units
}

/// An answer that says something. A failed or stopped call leaves at most its text: what it was about
/// to call was never called.
fn speaking(mut answer: AssistantMessage) -> Option<AssistantMessage> {
    if matches!(answer.stop_reason, Some(StopReason::Error | StopReason::Aborted)) {
        answer.content.retain(|part| matches!(part, Part::Text(_)));
    }
    let empty = |part: &Part| matches!(part, Part::Text(text) if text.text.is_empty());
    answer.content.retain(|part| !empty(part) && !matches!(part, Part::Other(_)));
    (!answer.content.is_empty()).then_some(answer)
}

/// Stands for a result that was never recorded.
fn unknown_result(call: &ToolCallPart, timestamp: i64) -> ToolResultMessage {
    let text =
        "No result was recorded: the run stopped before. Whether the call took effect is unknown.";
    ToolResultMessage {
        tool_call_id: call.id.clone(),
        tool_name: call.name.clone(),
        content: vec![Part::text(text)],
        is_error: true,
        timestamp,
        ..ToolResultMessage::default()
    }
}

impl Unit {
    fn is_user(&self) -> bool {
        matches!(self.head, Message::User(_))
    }

    fn chars(&self) -> usize {
        let results = self.calls.iter().filter_map(|(_, result)| result.as_ref());
        let results = results.map(|result| FRAME_CHARS + parts_chars(&result.content));
        chars(&self.head) + results.sum::<usize>()
    }

    fn into_messages(self) -> impl Iterator<Item = Message> {
        let at = self.head.timestamp();
        let results = self.calls.into_iter().map(move |(call, result)| {
            Message::ToolResult(result.unwrap_or_else(|| unknown_result(&call, at)))
        });
        std::iter::once(self.head).chain(results)
    }
}

/// How much of the window a message takes, in characters.
fn chars(message: &Message) -> usize {
    FRAME_CHARS
        + match message {
            Message::User(user) => match &user.content {
                Content::Text(text) => text.chars().count(),
                Content::Parts(parts) => parts_chars(parts),
            },
            Message::Assistant(answer) => parts_chars(&answer.content),
            Message::ToolResult(result) => parts_chars(&result.content),
            Message::Other(_) => 0,
        }
}

fn parts_chars(parts: &[Part]) -> usize {
    parts.iter().map(part_chars).sum()
}

fn part_chars(part: &Part) -> usize {
    match part {
        Part::Text(text) => text.text.chars().count(),
        Part::Thinking(thinking) => thinking.thinking.chars().count(),
        Part::ToolCall(call) => call.name.len() + call.arguments.to_string().len(),
        Part::Image(_) => IMAGE_CHARS,
        Part::Other(_) => 0,
    }
}

#[cfg(test)]
mod tests;
