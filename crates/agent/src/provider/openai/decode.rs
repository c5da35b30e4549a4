//! The events of a chat completions stream.

use std::{collections::VecDeque, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use super::request::THINKING_FIELDS;
use crate::{
    message::{StopReason, Usage},
    provider::{
        Delta, ProviderError, ToolCall,
        error::clean,
        events::{Dialect, Step},
        http::error_text,
        sse::SseEvent,
    },
};

/// The most tool calls of one answer; more end the call.
const MAX_TOOL_CALLS: usize = 1024;

/// Collects what comes in pieces.
#[derive(Debug)]
pub(super) struct Decoder {
    provider: Arc<str>,
    response_id: Option<String>,
    calls: Vec<Partial>,
    /// The field that thinking comes in; its end is told when something else comes.
    thinking: Option<&'static str>,
    finish: Option<StopReason>,
    done: bool,
    anything: bool,
}

#[derive(Debug)]
struct Partial {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

#[derive(Debug, Deserialize)]
struct Chunk {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<ChunkUsage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Option<ChunkDelta>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    usage: Option<ChunkUsage>,
}

#[derive(Debug, Default, Deserialize)]
struct ChunkDelta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    reasoning_content: Option<String>,
    #[serde(default)]
    reasoning: Option<Value>,
    #[serde(default)]
    reasoning_text: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Debug, Deserialize)]
struct CallPiece {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<FunctionPiece>,
}

#[derive(Debug, Deserialize)]
struct FunctionPiece {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct ChunkUsage {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default)]
    prompt_cache_hit_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<u64>,
    #[serde(default)]
    cache_write_tokens: Option<u64>,
}

impl Decoder {
    /// A decoder for one answer.
    pub(super) fn new(provider: Arc<str>) -> Self {
        Self {
            provider,
            response_id: None,
            calls: Vec::new(),
            thinking: None,
            finish: None,
            done: false,
            anything: false,
        }
    }

    fn malformed(&self, reason: impl Into<String>) -> ProviderError {
        ProviderError::malformed(&self.provider, reason)
    }

    fn chunk(&mut self, chunk: Chunk, out: &mut VecDeque<Delta>) -> Result<Step, ProviderError> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(self.failed(&error));
        }
        if self.response_id.is_none() {
            self.response_id = chunk.id.filter(|id| !id.is_empty());
        }
        let mut step = Step::Nothing;
        let mut usage = chunk.usage;
        if let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() {
            if self.delta(choice.delta.unwrap_or_default(), out)? {
                step = Step::Progress;
                self.anything = true;
            }
            if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
                self.finish = Some(self.stop_reason(&reason)?);
                step = Step::Progress;
            }
            usage = usage.or(choice.usage);
        }
        if let Some(usage) = usage {
            out.push_back(Delta::Usage(usage.into()));
        }
        Ok(step)
    }

    /// Whether the delta said anything.
    fn delta(
        &mut self,
        delta: ChunkDelta,
        out: &mut VecDeque<Delta>,
    ) -> Result<bool, ProviderError> {
        let before = out.len();
        let thinking = [
            delta.reasoning_content,
            delta.reasoning.and_then(|value| value.as_str().map(str::to_owned)),
            delta.reasoning_text,
        ];
        let thought = THINKING_FIELDS.into_iter().zip(thinking).find_map(|(field, text)| {
            text.filter(|text| !text.is_empty()).map(|text| (field, text))
        });
        if let Some((field, text)) = thought {
            self.thinking = Some(field);
            out.push_back(Delta::Thinking { text, signature: None, redacted: false });
        }
        for text in [delta.content, delta.refusal].into_iter().flatten() {
            if !text.is_empty() {
                self.end_thinking(out);
                out.push_back(Delta::Text(text));
            }
        }
        let mut called = false;
        for piece in delta.tool_calls.unwrap_or_default() {
            called |= self.call(piece)?;
        }
        Ok(called || out.len() > before)
    }

    fn end_thinking(&mut self, out: &mut VecDeque<Delta>) {
        if let Some(field) = self.thinking.take() {
            let signature = Some(field.to_owned());
            out.push_back(Delta::Thinking { text: String::new(), signature, redacted: false });
        }
    }

    /// Adds a piece to its call. Pieces belong together by index; where a server sends none, or
    /// the same for several calls, a new id begins a new call.
    fn call(&mut self, piece: CallPiece) -> Result<bool, ProviderError> {
        let id = piece.id.filter(|id| !id.is_empty());
        let function = piece.function.unwrap_or(FunctionPiece { name: None, arguments: None });
        let name = function.name.filter(|name| !name.is_empty());
        let found = match piece.index {
            Some(index) => self.calls.iter().rposition(|call| call.index == Some(index)),
            None => self.calls.len().checked_sub(1),
        };
        let found = found.filter(|at| {
            id.as_ref().is_none_or(|id| self.calls[*at].id.is_empty() || self.calls[*at].id == *id)
                && (piece.index.is_some() || id.is_some() || name.is_none())
        });
        let at = found.unwrap_or(self.calls.len());
        if found.is_none() {
            if self.calls.len() >= MAX_TOOL_CALLS {
                return Err(self.malformed(format!("more than {MAX_TOOL_CALLS} tool calls")));
            }
            let empty = String::new;
            self.calls.push(Partial {
                index: piece.index,
                id: empty(),
                name: empty(),
                arguments: empty(),
            });
        }
        let call = &mut self.calls[at];
        let mut new = found.is_none();
        if call.id.is_empty() {
            call.id = id.unwrap_or_default();
        }
        if call.name.is_empty() {
            call.name = name.unwrap_or_default();
        }
        match function.arguments {
            Some(Value::String(text)) => {
                new |= !text.is_empty();
                call.arguments.push_str(&text);
            }
            Some(value @ Value::Object(_)) => {
                new = true;
                call.arguments = value.to_string();
            }
            _ => {}
        }
        Ok(new)
    }

    fn stop_reason(&self, reason: &str) -> Result<StopReason, ProviderError> {
        Ok(match reason {
            "length" | "max_tokens" => StopReason::Length,
            "tool_calls" | "function_call" => StopReason::ToolUse,
            "content_filter" => {
                return Err(ProviderError::ContentFilter {
                    provider: self.provider.to_string(),
                    message: "content filter".to_owned(),
                });
            }
            "error" => return Err(self.malformed("finish reason error")),
            _ => StopReason::Stop,
        })
    }

    /// An error in the middle of a stream that began well.
    fn failed(&self, error: &Value) -> ProviderError {
        let code = ["code", "status"].iter().find_map(|key| error.get(key).and_then(Value::as_u64));
        let status = code.and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
        let mut words = error_text(error.to_string().as_bytes());
        if let Some(kind) = error.get("code").or_else(|| error.get("type")).and_then(Value::as_str)
        {
            words = format!("{words} ({kind})");
        }
        ProviderError::refused(&self.provider, status, &words, None)
    }
}

impl Dialect for Decoder {
    fn event(&mut self, event: SseEvent, out: &mut VecDeque<Delta>) -> Result<Step, ProviderError> {
        let data = event.data.trim();
        if data == "[DONE]" {
            self.done = true;
            return Ok(Step::End);
        }
        if data.is_empty() {
            return Ok(Step::Nothing);
        }
        match serde_json::from_str(data) {
            Ok(chunk) => self.chunk(chunk, out),
            Err(error) => {
                let near = clean(data.get(..80).unwrap_or(data));
                Err(self
                    .malformed(format!("an event is not a completion chunk: {error}, in {near:?}")))
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.finish.is_some()
    }

    fn end(&mut self, out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        // A server may forget the finish reason or the end mark, but not both.
        let stop = match self.finish {
            Some(stop) => stop,
            None if self.done && (self.anything || !self.calls.is_empty()) => StopReason::Stop,
            None if self.done => return Err(self.malformed("an end without an answer")),
            None => return Err(self.malformed("the answer broke off before its end")),
        };
        self.end_thinking(out);
        let called = !self.calls.is_empty();
        for call in self.calls.drain(..) {
            // Unique beyond this answer: steps of a run are told apart by it.
            let made_up = || format!("call_{}", uuid::Uuid::new_v4().simple());
            let id = if call.id.is_empty() { made_up() } else { call.id };
            out.push_back(Delta::ToolCall(ToolCall::parse(id, call.name, call.arguments)));
        }
        let stop = if called && stop == StopReason::Stop { StopReason::ToolUse } else { stop };
        out.push_back(Delta::Done { stop, response_id: self.response_id.take() });
        Ok(())
    }
}

impl From<ChunkUsage> for Usage {
    fn from(usage: ChunkUsage) -> Self {
        let (cached, written) = match usage.prompt_tokens_details {
            Some(details) => (details.cached_tokens, details.cache_write_tokens),
            None => (None, None),
        };
        let cached = cached.or(usage.prompt_cache_hit_tokens).unwrap_or(0);
        let written = written.unwrap_or(0);
        let prompt = usage.prompt_tokens.unwrap_or(0);
        let input = prompt.saturating_sub(cached).saturating_sub(written);
        Self::tokens(input, usage.completion_tokens.unwrap_or(0), cached, written)
    }
}

#[cfg(test)]
mod tests;
