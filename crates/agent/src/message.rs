//! Messages: what a user, an assistant or a tool said, in OpenClaw's own transcript form.
//!
//! The same types travel in transcripts, in `chat.history` and to the model providers. Fields that
//! are not known here are kept in `extra`, so that a transcript of another version survives a
//! rewrite.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Fields of a record that this version does not know, kept as they were found.
pub type Extra = Map<String, Value>;

/// One message of a transcript, told apart by `role`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "half of all messages are answers")]
pub enum Message {
    /// What a person, a channel or a schedule said.
    User(UserMessage),
    /// What the model answered, complete or cut short.
    Assistant(AssistantMessage),
    /// What a tool returned for one call.
    ToolResult(ToolResultMessage),
    /// A role of another version: kept in the file, never sent to a model.
    #[serde(untagged)]
    Other(Extra),
}

impl Message {
    /// A user's text.
    pub fn user(text: impl Into<String>, timestamp: i64) -> Self {
        Self::User(UserMessage {
            content: Content::Parts(vec![Part::text(text)]),
            timestamp,
            extra: Extra::new(),
        })
    }

    /// The `role` field.
    pub fn role(&self) -> &str {
        match self {
            Self::User(_) => "user",
            Self::Assistant(_) => "assistant",
            Self::ToolResult(_) => "toolResult",
            Self::Other(fields) => fields.get("role").and_then(Value::as_str).unwrap_or("unknown"),
        }
    }

    /// When it was said, in milliseconds since the Unix epoch; 0 when it does not say.
    pub fn timestamp(&self) -> i64 {
        match self {
            Self::User(message) => message.timestamp,
            Self::Assistant(message) => message.timestamp,
            Self::ToolResult(message) => message.timestamp,
            Self::Other(fields) => fields.get("timestamp").and_then(Value::as_i64).unwrap_or(0),
        }
    }

    /// All text parts, joined by a line break. Thinking, tool calls and images are left out.
    pub fn text(&self) -> String {
        match self {
            Self::User(message) => message.content.text(),
            Self::Assistant(message) => join_text(&message.content),
            Self::ToolResult(message) => join_text(&message.content),
            Self::Other(_) => String::new(),
        }
    }

    /// The unknown fields, where `__openclaw` and `idempotencyKey` live.
    pub fn extra(&self) -> &Extra {
        match self {
            Self::User(message) => &message.extra,
            Self::Assistant(message) => &message.extra,
            Self::ToolResult(message) => &message.extra,
            Self::Other(fields) => fields,
        }
    }

    /// The unknown fields, to add to.
    pub fn extra_mut(&mut self) -> &mut Extra {
        match self {
            Self::User(message) => &mut message.extra,
            Self::Assistant(message) => &mut message.extra,
            Self::ToolResult(message) => &mut message.extra,
            Self::Other(fields) => fields,
        }
    }
}

/// A user's message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UserMessage {
    /// A plain text (2026.9.6) or parts (2026.3.28).
    pub content: Content,
    /// Milliseconds since the Unix epoch.
    #[serde(default)]
    pub timestamp: i64,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssistantMessage {
    /// Text, thinking and tool calls in the order they came. Empty when the call failed at once.
    #[serde(default, deserialize_with = "parts_or_text")]
    pub content: Vec<Part>,
    /// The wire dialect, for example `openai-completions`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub api: String,
    /// The provider's id in the configuration; `openclaw` for what the gateway injected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// The model's id at that provider; `gateway-injected` for what the gateway injected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// What it cost; absent in records that only point at a stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
    /// Milliseconds since the Unix epoch.
    #[serde(default)]
    pub timestamp: i64,
    /// The provider's own id of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// What went wrong, when `stop_reason` is error or aborted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

impl AssistantMessage {
    /// The tool calls, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCallPart> {
        self.content.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
    }
}

/// A tool's answer to one call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolResultMessage {
    /// The id of the call that this answers.
    pub tool_call_id: String,
    /// The tool's name.
    #[serde(default)]
    pub tool_name: String,
    /// Text and images.
    #[serde(default, deserialize_with = "parts_or_text")]
    pub content: Vec<Part>,
    /// What the user interface shows beside the text; never sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// Whether the tool failed.
    #[serde(default)]
    pub is_error: bool,
    /// Milliseconds since the Unix epoch.
    #[serde(default)]
    pub timestamp: i64,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A user's content: a text, or parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// The whole message as one text.
    Text(String),
    /// Text and images.
    Parts(Vec<Part>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Parts(Vec::new())
    }
}

impl Content {
    /// All text, joined by a line break.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => join_text(parts),
        }
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Parts(parts) => parts.is_empty(),
        }
    }
}

/// One part of a content, told apart by `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Part {
    /// Text.
    Text(TextPart),
    /// The model's reasoning.
    Thinking(ThinkingPart),
    /// A call of a tool.
    ToolCall(ToolCallPart),
    /// An image.
    Image(ImagePart),
    /// A type of another version: kept in the file, never sent to a model.
    #[serde(untagged)]
    Other(Extra),
}

impl Part {
    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextPart { text: text.into(), extra: Extra::new() })
    }

    /// An image part from base64 text.
    pub fn image(data: impl Into<String>, mime_type: impl Into<String>) -> Self {
        Self::Image(ImagePart {
            data: data.into(),
            mime_type: mime_type.into(),
            extra: Extra::new(),
        })
    }
}

/// Text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TextPart {
    /// The text.
    pub text: String,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The model's reasoning, with the signature that the provider wants back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThinkingPart {
    /// The readable text; empty when the provider gave only ciphertext.
    pub thinking: String,
    /// Opaque proof of origin; for redacted thinking the ciphertext itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking_signature: Option<String>,
    /// Whether the provider hid the text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A call of a tool by the model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ToolCallPart {
    /// The provider's id of the call, repeated by its result.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, an object.
    #[serde(default)]
    pub arguments: Value,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImagePart {
    /// The bytes in base64; absent in history, where they are left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// For example `image/png`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mime_type: String,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StopReason {
    /// The model was done.
    Stop,
    /// The model waits for the results of its tool calls.
    ToolUse,
    /// The limit of output tokens was reached.
    Length,
    /// The call failed.
    Error,
    /// The call was cut by the user or a limit.
    Aborted,
    /// A reason of another version; its name is not kept.
    #[serde(other)]
    Unknown,
}

/// Tokens and money of one call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Input tokens that were not read from a cache.
    #[serde(default)]
    pub input: u64,
    /// Output tokens, thinking included.
    #[serde(default)]
    pub output: u64,
    /// Input tokens read from the provider's cache.
    #[serde(default)]
    pub cache_read: u64,
    /// Input tokens written to the provider's cache.
    #[serde(default)]
    pub cache_write: u64,
    /// The sum of the four.
    #[serde(default)]
    pub total_tokens: u64,
    /// In US dollars.
    #[serde(default)]
    pub cost: Cost,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Usage {
    /// A usage whose total is the sum of its parts, without a cost.
    pub fn tokens(input: u64, output: u64, cache_read: u64, cache_write: u64) -> Self {
        let total_tokens =
            input.saturating_add(output).saturating_add(cache_read).saturating_add(cache_write);
        Self { input, output, cache_read, cache_write, total_tokens, ..Self::default() }
    }

    /// What the model was given: input, read from and written to the cache.
    pub fn context_tokens(&self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_write)
    }

    /// Adds the tokens and the cost of another call.
    pub fn add(&mut self, other: &Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.total_tokens = self.total_tokens.saturating_add(other.total_tokens);
        self.cost.add(&other.cost);
    }
}

/// Money in US dollars. Whole amounts are written without a decimal point, as OpenClaw does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// For input tokens.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "dollars")]
    pub input: Option<f64>,
    /// For output tokens.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "dollars")]
    pub output: Option<f64>,
    /// For tokens read from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "dollars")]
    pub cache_read: Option<f64>,
    /// For tokens written to the cache.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "dollars")]
    pub cache_write: Option<f64>,
    /// The sum.
    #[serde(default, serialize_with = "dollars")]
    pub total: Option<f64>,
    /// Fields of other versions.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Cost {
    fn add(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cache_read, other.cache_read),
            (&mut self.cache_write, other.cache_write),
            (&mut self.total, other.total),
        ] {
            if let Some(more) = more {
                *own = Some(own.unwrap_or(0.0) + more);
            }
        }
    }
}

/// The largest whole number that a client's `Number` holds exactly.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn dollars<S: Serializer>(amount: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    let amount = amount.unwrap_or(0.0);
    if amount.fract() == 0.0 && amount.abs() <= MAX_SAFE_INTEGER {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the checked range")]
        serializer.serialize_i64(amount as i64)
    } else {
        serializer.serialize_f64(amount)
    }
}

fn parts_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Part>, D::Error> {
    Ok(match Content::deserialize(deserializer)? {
        Content::Text(text) => vec![Part::text(text)],
        Content::Parts(parts) => parts,
    })
}

fn join_text(parts: &[Part]) -> String {
    let mut joined = String::new();
    let mut first = true;
    for part in parts {
        if let Part::Text(part) = part {
            if !first {
                joined.push('\n');
            }
            first = false;
            joined.push_str(&part.text);
        }
    }
    joined
}

#[cfg(test)]
mod tests;
