//! What a run comes to, as a completion or as chunks of one.

use openclaw_agent::outcome::{ClientCall, Outcome, RunStatus, RunUsage};
use serde::Serialize;
use serde_json::{Value, json};

use http::StatusCode;

use super::super::problem::Problem;

/// What stands for an answer without words; OpenClaw's own.
const NOTHING: &str = "No response from OpenClaw.";

/// What all answers of a request repeat.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) created: i64,
    /// The model as the client wrote it.
    pub(super) model: String,
}

/// One chunk of a stream.
#[derive(Serialize)]
struct Chunk<'a, D> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: [Choice<D>; 1],
}

#[derive(Serialize)]
struct Choice<D> {
    index: u8,
    delta: D,
    finish_reason: Option<&'static str>,
}

impl Head {
    /// The first chunk: who speaks.
    pub(super) fn role(&self) -> String {
        self.chunk(json!({"role": "assistant"}), None)
    }

    /// A piece of text.
    pub(super) fn text(&self, piece: &str) -> String {
        #[derive(Serialize)]
        struct Delta<'a> {
            content: &'a str,
        }
        self.chunk(Delta { content: piece }, None)
    }

    /// The last chunks: calls of the client's tools, the reason, and the tokens when they are asked for.
    pub(super) fn end(&self, outcome: &Outcome, seen: usize, usage: bool) -> String {
        let mut out = String::new();
        if let Some(rest) = outcome.text.get(seen..).filter(|rest| !rest.is_empty()) {
            out.push_str(&self.text(rest));
        }
        if let Some(problem) = failure(outcome) {
            out.push_str(&event(&problem.body()));
            return out + DONE;
        }
        if seen == 0 && outcome.text.is_empty() && outcome.client_calls.is_empty() {
            out.push_str(&self.text(NOTHING));
        }
        for (index, call) in outcome.client_calls.iter().enumerate() {
            let mut call = tool_call(call);
            call["index"] = json!(index);
            out.push_str(&self.chunk(json!({"tool_calls": [call]}), None));
        }
        out.push_str(&self.chunk(json!({}), Some(finish_reason(outcome))));
        if usage {
            let chunk = json!({"id": self.id, "object": "chat.completion.chunk", "created": self.created,
                "model": self.model, "choices": [], "usage": tokens(&outcome.usage)});
            out.push_str(&event(&chunk));
        }
        out + DONE
    }

    /// The end of a stream that the gateway could not finish.
    pub(super) fn broken_off() -> String {
        event(&Problem::stopping().body()) + DONE
    }

    fn chunk<D: Serialize>(&self, delta: D, finish_reason: Option<&'static str>) -> String {
        event(&Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices: [Choice { index: 0, delta, finish_reason }],
        })
    }

    /// The whole answer at once.
    pub(super) fn completion(&self, outcome: &Outcome) -> Result<Value, Problem> {
        if let Some(problem) = failure(outcome) {
            return Err(problem);
        }
        let calls: Vec<Value> = outcome.client_calls.iter().map(tool_call).collect();
        let mut message = json!({"role": "assistant", "content": outcome.text});
        if outcome.text.is_empty() {
            message["content"] = if calls.is_empty() { json!(NOTHING) } else { Value::Null };
        }
        if !calls.is_empty() {
            message["tool_calls"] = Value::Array(calls);
        }
        Ok(json!({
            "id": self.id, "object": "chat.completion", "created": self.created, "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason(outcome)}],
            "usage": tokens(&outcome.usage),
        }))
    }
}

const DONE: &str = "data: [DONE]\n\n";

fn event(data: &impl Serialize) -> String {
    // Plain data with text keys: it always has a text.
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("data: {data}\n\n")
}

/// Why there is no answer, when there is none. A run that somebody stopped is one that ends early.
fn failure(outcome: &Outcome) -> Option<Problem> {
    let status = match outcome.status {
        RunStatus::Ok | RunStatus::Aborted => return None,
        RunStatus::Timeout => StatusCode::GATEWAY_TIMEOUT,
        RunStatus::Error | RunStatus::Interrupted => StatusCode::BAD_GATEWAY,
    };
    Some(Problem::failed(status, outcome.error.as_deref().unwrap_or("the run failed")))
}

fn finish_reason(outcome: &Outcome) -> &'static str {
    if !outcome.client_calls.is_empty() {
        "tool_calls"
    } else if outcome.stop_reason == "length" {
        "length"
    } else {
        "stop"
    }
}

fn tool_call(call: &ClientCall) -> Value {
    json!({"id": call.id, "type": "function",
        "function": {"name": call.name, "arguments": call.arguments}})
}

/// What the providers counted, over all model calls of the run.
fn tokens(usage: &RunUsage) -> Value {
    let prompt = usage.input + usage.cache_read + usage.cache_write;
    json!({"prompt_tokens": prompt, "completion_tokens": usage.output,
        "total_tokens": prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read}})
}
