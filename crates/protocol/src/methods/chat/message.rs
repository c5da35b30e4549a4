//! A message of a transcript, as history and events show it.
//!
//! Transcripts are shared with other programs, so names that we do not know are kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    methods::common::{Object, Usage},
    results,
};

/// A message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// `user`, `assistant`, `toolResult`, `custom` and others.
    pub role: String,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<MessageContent>,
    /// When, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// The kind of the provider's interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The provider; `openclaw` for notes of the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The model; `gateway-injected` for notes of the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens and their price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// `stop`, `toolUse`, `length`, `error` or `aborted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
    /// The provider's id of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The call that this is the result of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// The tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
    /// Whether the call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_error: Option<bool>,
    /// The request that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The client that sent it (protocol 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_label: Option<String>,
    /// How it was aborted.
    #[serde(default, rename = "openclawAbort", skip_serializing_if = "Option::is_none")]
    pub abort: Option<AbortMark>,
    /// Its place in the transcript.
    #[serde(default, rename = "__openclaw", skip_serializing_if = "Option::is_none")]
    pub meta: Option<MessageMeta>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Object,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MessageContent {
    /// A text.
    Text(String),
    /// Texts, pictures, thoughts and calls.
    Parts(Vec<ContentPart>),
}

/// A part of a message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentPart {
    /// `text`, `thinking`, `toolCall`, `image` and others.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text of a `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The text of a `thinking`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// The id of a `toolCall`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tool of a `toolCall`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The arguments of a `toolCall`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
    /// The bytes of an `image` as Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The MIME type of an `image`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Object,
}

/// The place of a message in its transcript.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageMeta {
    /// The transcript entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its place, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The run that it belongs to (protocol 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// The request that it belongs to (protocol 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// When the entry was written, in milliseconds since 1970 (protocol 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_timestamp_ms: Option<u64>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Object,
}

results! {
    /// How a message was aborted.
    #[derive(Eq)]
    pub struct AbortMark {
        /// Always true.
        aborted: bool,
        /// `rpc`, `stop-command` and others.
        origin: String,
        /// The run.
        run_id: String,
    }
}

impl ChatMessage {
    /// A message of one text part.
    pub fn text(role: impl Into<String>, text: impl Into<String>, timestamp: u64) -> Self {
        let part = ContentPart {
            kind: "text".to_owned(),
            text: Some(text.into()),
            ..ContentPart::default()
        };
        Self {
            role: role.into(),
            content: Some(MessageContent::Parts(vec![part])),
            timestamp: Some(timestamp),
            ..Self::default()
        }
    }

    /// Its words, without tool calls, pictures and thinking; several texts a line each.
    pub fn words(&self) -> String {
        match &self.content {
            Some(MessageContent::Text(text)) => text.clone(),
            Some(MessageContent::Parts(parts)) => {
                let texts = parts.iter().filter(|part| part.kind == "text");
                texts.filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n")
            }
            None => String::new(),
        }
    }
}
