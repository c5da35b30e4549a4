//! `local/demo`: the model that is built in, for a first try and for tests without a network.
//!
//! It is no language model and says so in its first words. It repeats what it is told, and it runs
//! tools on request (`run tool NAME {"key": "value"}`, `read FILE`), so that the whole path from a
//! client to a tool and back can be tried.

use std::{fmt::Write as _, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::{
    Api, Compat, Delta, DeltaStream, ModelInfo, ModelRequest, Price, Provider, ProviderError,
    ToolCall,
};
use crate::message::{Message, StopReason, Usage};

/// The provider's id.
pub const PROVIDER: &str = "local";
/// The model's id.
pub const MODEL: &str = "demo";
/// The first words of every answer.
pub const INTRODUCTION: &str = "This is local/demo, the model built into OpenClaw. It is not a language \
    model: it repeats what you say and runs tools on request.";

/// What to do to get a better one.
const ADVICE: &str = "To talk to a real model, set a key such as ANTHROPIC_API_KEY or OPENAI_API_KEY, or start \
    Ollama, LM Studio, llama.cpp or vLLM on this machine.";
/// A text is given in pieces of about this many bytes.
const PIECE: usize = 24;
/// What it repeats is cut at this many bytes.
const MAX_ECHO: usize = 4000;
/// The most tools that one message runs.
const MAX_CALLS: usize = 16;
/// About how many bytes make a token.
const BYTES_A_TOKEN: usize = 4;

/// The built-in model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demo {
    /// The pause before the first piece of an answer; none by default.
    pub thought: Option<Duration>,
    /// The pause between two pieces of an answer; none by default.
    pub pace: Option<Duration>,
}

impl Demo {
    /// How long a first word takes that everyone can follow. OpenClaw's terminal chat loses track of an
    /// answer whose events it reads together with the acknowledgement of the message (it waits for a run
    /// that is over, and holds the next message back); no real model is that fast.
    pub const THOUGHT: Duration = Duration::from_millis(30);

    /// What is known of it.
    pub fn model() -> ModelInfo {
        ModelInfo {
            provider: PROVIDER.to_owned(),
            id: MODEL.to_owned(),
            name: "Demo (built in, not a language model)".to_owned(),
            api: Api::Demo,
            reasoning: false,
            images: false,
            context_window: 32_000,
            max_tokens: None,
            price: Price::default(),
            compat: Compat::default(),
        }
    }
}

#[async_trait]
impl Provider for Demo {
    fn id(&self) -> &'static str {
        PROVIDER
    }

    async fn stream(&self, request: ModelRequest) -> Result<DeltaStream, ProviderError> {
        let deltas = answer(&request);
        let Self { thought, pace } = *self;
        let stream =
            stream::iter(deltas.into_iter().enumerate()).then(move |(at, delta)| async move {
                if let Some(pause) = if at == 0 { thought } else { pace } {
                    tokio::time::sleep(pause).await;
                }
                Ok(delta)
            });
        Ok(stream.boxed())
    }
}

/// The whole answer.
fn answer(request: &ModelRequest) -> Vec<Delta> {
    let (text, calls) = match results(&request.messages) {
        Some(report) => (report, Vec::new()),
        None => reply(request),
    };
    let bytes_in: usize = request.system.len()
        + request.messages.iter().map(|message| message.text().len()).sum::<usize>();
    let tokens = |bytes: usize| u64::try_from(bytes.div_ceil(BYTES_A_TOKEN)).unwrap_or(u64::MAX);
    let usage = Usage::tokens(tokens(bytes_in), tokens(text.len()), 0, 0);
    let stop = if calls.is_empty() { StopReason::Stop } else { StopReason::ToolUse };
    let mut deltas: Vec<Delta> = pieces(&text).map(|piece| Delta::Text(piece.to_owned())).collect();
    deltas.extend(calls.into_iter().map(Delta::ToolCall));
    deltas.push(Delta::Usage(usage));
    deltas.push(Delta::Done { stop, response_id: None });
    deltas
}

/// The report on the tools that have just run, if any have.
fn results(messages: &[Message]) -> Option<String> {
    let start = messages.iter().rposition(|message| !matches!(message, Message::ToolResult(_)));
    let results = &messages[start.map_or(0, |start| start + 1)..];
    if results.is_empty() {
        return None;
    }
    let mut report = INTRODUCTION.to_owned();
    for message in results {
        let Message::ToolResult(result) = message else { continue };
        let verb = if result.is_error { "failed" } else { "answered" };
        let said = message.text();
        add(&mut report, format_args!("\n\nThe tool {} {verb}:\n{}", result.tool_name, cut(&said)));
    }
    Some(report)
}

/// The reply to what the user said last.
fn reply(request: &ModelRequest) -> (String, Vec<ToolCall>) {
    let user = request.messages.iter().rfind(|message| matches!(message, Message::User(_)));
    let said = user.map(Message::text).unwrap_or_default();
    let wishes: Vec<(String, String)> = said.lines().filter_map(wish).take(MAX_CALLS).collect();
    let (known, unknown): (Vec<_>, Vec<_>) =
        wishes.into_iter().partition(|(name, _)| request.tools.contains(name));
    let mut text = INTRODUCTION.to_owned();
    for (name, _) in &unknown {
        let names: Vec<&str> = request.tools.specs().iter().map(|spec| &*spec.name).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        add(&mut text, format_args!("\n\nThere is no tool {name}. On offer: {names}."));
    }
    if !known.is_empty() {
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        add(&mut text, format_args!("\n\nRunning {}.", names.join(", ")));
    } else if unknown.is_empty() {
        add(&mut text, format_args!(" {ADVICE}\n\nYou said: {}", cut(&said)));
    }
    let call = |(name, arguments)| {
        ToolCall::parse(format!("call_{}", uuid::Uuid::new_v4().simple()), name, arguments)
    };
    (text, known.into_iter().map(call).collect())
}

/// `run tool NAME [JSON]` or `read FILE`: the tool and its arguments as text. A leading
/// `[time] ` of a channel's envelope is passed over.
fn wish(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((_, rest)) => rest.trim_start(),
        None => line,
    };
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next()?);
    if first.eq_ignore_ascii_case("read") && words.next().is_none() {
        return Some(("read".to_owned(), serde_json::json!({ "path": second }).to_string()));
    }
    if !first.eq_ignore_ascii_case("run") || !second.eq_ignore_ascii_case("tool") {
        return None;
    }
    let rest = line[first.len()..].trim_start()[second.len()..].trim_start();
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name.trim_end_matches(['.', ',', '!']);
    (!name.is_empty()).then(|| (name.to_owned(), arguments.trim().to_owned()))
}

/// Adds to a text.
fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    #[expect(clippy::expect_used, reason = "a string takes everything")]
    text.write_fmt(more).expect("writing to a string");
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_ECHO)]
}

/// Cuts a text into pieces at word ends.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let from = rest.floor_char_boundary(PIECE);
        let end = rest[from..].find(' ').map_or(rest.len(), |at| from + at + 1);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::TryStreamExt as _;
    use serde_json::json;

    use super::{Demo, INTRODUCTION, wish};
    use crate::{
        message::{Message, StopReason},
        provider::{Delta, ModelRequest, Provider as _, ToolSpec, ToolSpecs},
    };

    async fn ask(messages: Vec<Message>) -> (String, Vec<Delta>) {
        let mut request = ModelRequest::new(Arc::new(Demo::model()), messages);
        request.tools = Arc::new(ToolSpecs::new(vec![ToolSpec {
            name: "session_status".into(),
            description: String::new(),
            parameters: json!({}),
        }]));
        let stream = Demo::default().stream(request).await.unwrap();
        let deltas: Vec<Delta> = stream.try_collect().await.unwrap();
        let mut text = String::new();
        for delta in &deltas {
            if let Delta::Text(piece) = delta {
                text.push_str(piece);
            }
        }
        (text, deltas)
    }

    #[tokio::test]
    async fn it_says_what_it_is_and_repeats() {
        let (text, deltas) = ask(vec![Message::user("grüße 🦞", 0)]).await;
        assert!(text.starts_with(INTRODUCTION) && text.ends_with("You said: grüße 🦞"), "{text}");
        assert!(deltas.len() > 5, "{deltas:?}");
        let end = Delta::Done { stop: StopReason::Stop, response_id: None };
        assert_eq!(deltas.last(), Some(&end));
    }

    #[tokio::test]
    async fn it_runs_a_tool_and_reports() {
        let user = Message::user("[Fri 2026-11-20 23:30 UTC] Run tool session_status", 0);
        let (_, deltas) = ask(vec![user.clone()]).await;
        let call = deltas.iter().find_map(|delta| match delta {
            Delta::ToolCall(call) => Some(call),
            _ => None,
        });
        assert_eq!(call.unwrap().name, "session_status");
        let end = Delta::Done { stop: StopReason::ToolUse, response_id: None };
        assert_eq!(deltas.last(), Some(&end));

        let result = json!({"role": "toolResult", "toolCallId": "1", "toolName": "session_status",
            "content": [{"type": "text", "text": "all well"}], "isError": false});
        let (text, _) = ask(vec![user, serde_json::from_value(result).unwrap()]).await;
        assert!(text.ends_with("The tool session_status answered:\nall well"), "{text}");
    }

    #[tokio::test]
    async fn it_names_the_tools_when_one_is_unknown() {
        let (text, deltas) = ask(vec![Message::user("read README.md", 0)]).await;
        assert!(text.ends_with("There is no tool read. On offer: session_status."), "{text}");
        assert!(!deltas.iter().any(|delta| matches!(delta, Delta::ToolCall(_))));
    }

    #[test]
    fn wishes_are_lines_of_their_own() {
        let wish = |line| wish(line).map(|(name, arguments)| format!("{name} {arguments}"));
        assert_eq!(wish("read a.md").unwrap(), r#"read {"path":"a.md"}"#);
        assert_eq!(wish(r#"RUN  tool exec {"a": 1}"#).unwrap(), r#"exec {"a": 1}"#);
        for none in ["read the news to me", "run tool", "run", "", "please run tool x"] {
            assert_eq!(wish(none), None, "{none}");
        }
    }
}
