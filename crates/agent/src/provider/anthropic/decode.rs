//! The events of a messages stream.

use std::{collections::VecDeque, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    message::{StopReason, Usage},
    provider::{
        Delta, ProviderError, ToolCall,
        error::clean,
        events::{Dialect, Step},
        sse::SseEvent,
    },
};

/// Collects what comes in pieces.
#[derive(Debug)]
pub(super) struct Decoder {
    provider: Arc<str>,
    response_id: Option<String>,
    block: Option<Block>,
    called: bool,
    usage: Counts,
    stop: Option<StopReason>,
    ended: bool,
}

/// The block that is open.
#[derive(Debug)]
enum Block {
    Text,
    Thinking {
        signature: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Value,
        json: String,
    },
    /// A kind of another version, or one that is complete when it starts.
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Start,
    },
    ContentBlockStart {
        content_block: Value,
    },
    ContentBlockDelta {
        delta: Piece,
    },
    ContentBlockStop {},
    MessageDelta {
        delta: End,
        #[serde(default)]
        usage: Counts,
    },
    MessageStop {},
    Error {
        error: Fault,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Start {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    usage: Counts,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece {
    TextDelta {
        text: String,
    },
    ThinkingDelta {
        thinking: String,
    },
    SignatureDelta {
        signature: String,
    },
    InputJsonDelta {
        partial_json: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct End {
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
struct Counts {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    message: String,
}

impl Counts {
    /// Later counts replace earlier ones; what they leave out stays.
    fn update(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_read_input_tokens =
            later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation_input_tokens =
            later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
    }

    fn usage(&self) -> Usage {
        Usage::tokens(
            self.input_tokens.unwrap_or(0),
            self.output_tokens.unwrap_or(0),
            self.cache_read_input_tokens.unwrap_or(0),
            self.cache_creation_input_tokens.unwrap_or(0),
        )
    }
}

impl Decoder {
    /// A decoder for one answer.
    pub(super) fn new(provider: Arc<str>) -> Self {
        Self {
            provider,
            response_id: None,
            block: None,
            called: false,
            usage: Counts::default(),
            stop: None,
            ended: false,
        }
    }

    fn malformed(&self, reason: impl Into<String>) -> ProviderError {
        ProviderError::malformed(&self.provider, reason)
    }

    /// Opens a block; gives the redacted thinking, which comes whole.
    fn open(&mut self, block: &Value) -> Option<Delta> {
        let field = |name: &str| block[name].as_str().unwrap_or_default().to_owned();
        self.block = Some(match block["type"].as_str() {
            Some("text") => Block::Text,
            Some("thinking") => Block::Thinking { signature: field("signature") },
            Some("tool_use") => Block::ToolUse {
                id: field("id"),
                name: field("name"),
                input: block["input"].clone(),
                json: String::new(),
            },
            _ => Block::Other,
        });
        match block["type"].as_str() {
            Some("redacted_thinking") => Some(Delta::Thinking {
                text: String::new(),
                signature: Some(field("data")),
                redacted: true,
            }),
            Some("text") => Some(Delta::Text(field("text"))).filter(says_something),
            Some("thinking") => Some(thinking(field("thinking"))).filter(says_something),
            _ => None,
        }
    }

    /// Adds to the open block. The flag tells whether anything new came.
    fn add(&mut self, piece: Piece) -> (Option<Delta>, bool) {
        let delta = match (piece, &mut self.block) {
            (Piece::TextDelta { text }, _) => Delta::Text(text),
            (Piece::ThinkingDelta { thinking: text }, _) => thinking(text),
            (Piece::SignatureDelta { signature: more }, Some(Block::Thinking { signature })) => {
                signature.push_str(&more);
                return (None, !more.is_empty());
            }
            (Piece::InputJsonDelta { partial_json }, Some(Block::ToolUse { json, .. })) => {
                json.push_str(&partial_json);
                return (None, !partial_json.is_empty());
            }
            _ => return (None, false),
        };
        let delta = Some(delta).filter(says_something);
        let new = delta.is_some();
        (delta, new)
    }

    /// Closes the open block and gives what it was collected for.
    fn close(&mut self) -> Option<Delta> {
        match self.block.take()? {
            Block::Thinking { signature } => {
                let signature = Some(signature).filter(|signature| !signature.is_empty());
                Some(Delta::Thinking { text: String::new(), signature, redacted: false })
            }
            Block::ToolUse { id, name, input, json } => {
                self.called = true;
                // A server that does not stream the input sends it whole at the start.
                let whole =
                    json.is_empty() && input.as_object().is_some_and(|input| !input.is_empty());
                let json = if whole { input.to_string() } else { json };
                let made_up = || format!("toolu_{}", uuid::Uuid::new_v4().simple());
                let id = if id.is_empty() { made_up() } else { id };
                Some(Delta::ToolCall(ToolCall::parse(id, name, json)))
            }
            Block::Text | Block::Other => None,
        }
    }

    fn stop_reason(&self, reason: &str) -> Result<StopReason, ProviderError> {
        Ok(match reason {
            "tool_use" => StopReason::ToolUse,
            "max_tokens" | "model_context_window_exceeded" => StopReason::Length,
            "refusal" => {
                return Err(ProviderError::ContentFilter {
                    provider: self.provider.to_string(),
                    message: "the model refused".to_owned(),
                });
            }
            _ => StopReason::Stop,
        })
    }

    fn failed(&self, fault: &Fault) -> ProviderError {
        let status = match fault.kind.as_str() {
            "overloaded_error" => 529,
            "rate_limit_error" => 429,
            "authentication_error" => 401,
            "permission_error" => 403,
            "not_found_error" => 404,
            "request_too_large" => 413,
            "invalid_request_error" => 400,
            _ => 500,
        };
        ProviderError::refused(&self.provider, status, &fault.message, None)
    }
}

fn thinking(text: String) -> Delta {
    Delta::Thinking { text, signature: None, redacted: false }
}

fn says_something(delta: &Delta) -> bool {
    match delta {
        Delta::Text(text) | Delta::Thinking { text, .. } => !text.is_empty(),
        _ => true,
    }
}

impl Dialect for Decoder {
    fn event(&mut self, event: SseEvent, out: &mut VecDeque<Delta>) -> Result<Step, ProviderError> {
        let event = serde_json::from_str(&event.data).map_err(|error| {
            let near = clean(event.data.get(..80).unwrap_or(&event.data));
            self.malformed(format!("an event is not a message event: {error}, in {near:?}"))
        })?;
        let new = match event {
            Event::MessageStart { message } => {
                self.response_id = message.id;
                self.usage.update(message.usage);
                out.push_back(Delta::Usage(self.usage.usage()));
                true
            }
            Event::ContentBlockStart { content_block } => {
                out.extend(self.open(&content_block));
                true
            }
            Event::ContentBlockDelta { delta } => {
                let (delta, new) = self.add(delta);
                out.extend(delta);
                new
            }
            Event::ContentBlockStop {} => {
                out.extend(self.close());
                true
            }
            Event::MessageDelta { delta, usage } => {
                if let Some(reason) = delta.stop_reason {
                    self.stop = Some(self.stop_reason(&reason)?);
                }
                self.usage.update(usage);
                out.push_back(Delta::Usage(self.usage.usage()));
                true
            }
            Event::MessageStop {} => {
                self.ended = true;
                return Ok(Step::End);
            }
            Event::Error { error } => return Err(self.failed(&error)),
            Event::Other => false,
        };
        Ok(if new { Step::Progress } else { Step::Nothing })
    }

    fn is_complete(&self) -> bool {
        self.stop.is_some() && self.block.is_none()
    }

    fn end(&mut self, out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        if self.block.is_some() || (self.stop.is_none() && !self.ended) {
            return Err(self.malformed("the answer broke off before its end"));
        }
        let default = if self.called { StopReason::ToolUse } else { StopReason::Stop };
        let stop = self.stop.unwrap_or(default);
        let stop = if self.called && stop == StopReason::Stop { StopReason::ToolUse } else { stop };
        out.push_back(Delta::Done { stop, response_id: self.response_id.take() });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
