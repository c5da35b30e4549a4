//! `sessions get KEY`: what was said, as text, as one document, or as flat entries, one a line.
//!
//! The flat form is that of a workspace's `session.jsonl`, which a gateway takes over at its first start.

use std::time::Duration;

use jiff::Timestamp;
use openclaw_protocol::methods::chat::{
    ChatHistoryParams, ChatMessage, ContentPart, MessageContent,
};
use serde_json::{Value, json};

use crate::{
    args::{RemoteArgs, SessionFormat, SessionGetArgs},
    commands::Context,
    connect::{Gateway, Manner, READ},
    failure::Failure,
    output::{self, Output, Style},
};

/// Longest wait for one page.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Messages that are asked for at a time.
const PAGE: u64 = 500;

/// What a gateway has of a session.
struct Told {
    session_id: Option<String>,
    messages: Vec<ChatMessage>,
    /// How many there are, when the gateway tells.
    total: Option<u64>,
}

pub(crate) async fn run(cx: &Context, args: &SessionGetArgs) -> Result<(), Failure> {
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(READ, TIMEOUT)).await?;
    let told = pages(&gateway, args).await?;
    if told.session_id.is_none() && told.messages.is_empty() {
        let message = format!("there is no session {}; `openclaw sessions` lists them", args.key);
        return Err(Failure::new("NO_SESSION", message));
    }
    show(cx, args, &told)?;
    let wanted = told.total.map(|total| args.limit.unwrap_or(total).min(total));
    match wanted.filter(|wanted| *wanted > told.messages.len() as u64) {
        // Half a transcript that looks whole would be a loss.
        Some(wanted) => Err(Failure::new(
            "INCOMPLETE",
            format!(
                "the gateway gave the last {} of {wanted} messages; the transcript's file has all of them",
                told.messages.len()
            ),
        )),
        None => Ok(()),
    }
}

/// Asks for page after page, the newest first.
async fn pages(gateway: &Gateway, args: &SessionGetArgs) -> Result<Told, Failure> {
    let mut told = Told { session_id: None, messages: Vec::new(), total: None };
    let mut offset = 0;
    loop {
        let left = args.limit.map_or(PAGE, |limit| limit - told.messages.len() as u64);
        let mut params = json!({ "sessionKey": args.key, "limit": left.min(PAGE) });
        if offset > 0 {
            params["offset"] = offset.into();
        }
        let page = gateway.read::<ChatHistoryParams>(params).await?;
        told.session_id = told.session_id.or(page.session_id);
        told.total = told.total.or(page.total_messages);
        let older = page.messages.unwrap_or_default();
        let got = older.len();
        told.messages.splice(..0, older).for_each(drop);
        let enough = args.limit.is_some_and(|limit| told.messages.len() as u64 >= limit);
        match page.next_offset.filter(|next| got > 0 && !enough && *next > offset) {
            Some(next) => offset = next,
            None => return Ok(told),
        }
    }
}

fn show(cx: &Context, args: &SessionGetArgs, told: &Told) -> Result<(), Failure> {
    let format = args.format.or(args.json.then_some(SessionFormat::Json));
    match format {
        Some(SessionFormat::Json) => output::json(&json!({
            "key": args.key, "sessionId": told.session_id, "count": told.messages.len(),
            "messages": told.messages,
        })),
        Some(SessionFormat::Jsonl) => {
            let id = told.session_id.as_deref().unwrap_or(&args.key);
            told.messages.iter().try_for_each(|message| output::json_line(&flat(id, message)))
        }
        None => told.messages.iter().try_for_each(|message| person(message, cx.out)),
    }
}

/// `{sessionId, role, content, timestamp}`: the content is a text where it is nothing else.
fn flat(session_id: &str, message: &ChatMessage) -> Value {
    let content = match &message.content {
        Some(MessageContent::Parts(parts)) if parts.iter().all(|part| part.kind == "text") => {
            json!(text(parts))
        }
        Some(content) => json!(content),
        None => json!(""),
    };
    json!({
        "sessionId": session_id, "role": message.role, "content": content,
        "timestamp": message.timestamp.and_then(time),
    })
}

fn text(parts: &[ContentPart]) -> String {
    let texts = parts.iter().filter_map(|part| part.text.as_deref());
    texts.collect::<Vec<_>>().join("\n")
}

fn time(ms: u64) -> Option<String> {
    let at = Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Who said it and when, then what.
fn person(message: &ChatMessage, out: Output) -> Result<(), Failure> {
    let at = message.timestamp.and_then(time).unwrap_or_default();
    output::line(format!(
        "{} {}",
        out.style(Style::Bold, &message.role),
        out.style(Style::Dim, &at)
    ))?;
    match &message.content {
        Some(MessageContent::Text(text)) => output::line(text)?,
        Some(MessageContent::Parts(parts)) => {
            for part in parts {
                match &part.text {
                    Some(text) => output::line(text)?,
                    None => output::line(out.style(Style::Dim, &format!("[{}]", part.kind)))?,
                }
            }
        }
        None => {}
    }
    output::line("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_flat() {
        let read = |value: Value| serde_json::from_value::<ChatMessage>(value).unwrap();
        let said =
            read(json!({"role": "user", "content": "hello", "timestamp": 1_795_217_416_168_u64}));
        assert_eq!(
            flat("s", &said),
            json!({"sessionId": "s", "role": "user", "content": "hello", "timestamp": "2026-11-20T23:30:16.168Z"})
        );
        let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
        let said = read(json!({"role": "assistant", "content": parts}));
        assert_eq!(flat("s", &said)["content"], "a\nb");
        let parts = json!([{"type": "text", "text": "a"}, {"type": "toolCall", "id": "1", "name": "read", "arguments": {}}]);
        let said = read(json!({"role": "assistant", "content": parts.clone()}));
        assert_eq!(flat("s", &said)["content"], parts, "what is more than text stays whole");
    }
}
