//! Model providers: one streaming call, its limits, its deltas and its errors.
//!
//! A provider turns a [`ModelRequest`] into a stream of [`Delta`]s. It knows nothing of sessions,
//! runs or transcripts, never retries after the first delta, and stops when its stream is dropped.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tokio::time::Instant;

use crate::message::{Message, StopReason, Usage};

pub mod anthropic;
pub mod demo;
pub mod error;
mod events;
#[cfg(test)]
mod faults;
pub(crate) mod http;
pub mod openai;
pub mod retry;
pub mod scripted;
pub mod sse;
#[cfg(test)]
pub(crate) mod test_server;
mod turns;

pub use error::{Limit, ProviderError};

/// What a model call gives, piece by piece. Dropping it cancels the call.
///
/// A stream that ends well ends with exactly one [`Delta::Done`]; after an error it gives nothing
/// more.
pub type DeltaStream = BoxStream<'static, Result<Delta, ProviderError>>;

/// Something that answers model calls.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The provider's id in the configuration, for example `openai` or `local`.
    fn id(&self) -> &str;

    /// Starts one model call. The future resolves when the provider has begun to answer; dropping
    /// it or the stream cancels the call.
    async fn stream(&self, request: ModelRequest) -> Result<DeltaStream, ProviderError>;
}

/// One model call.
#[derive(Debug, Clone)]
pub struct ModelRequest {
    /// The model to call.
    pub model: Arc<ModelInfo>,
    /// The system prompt; empty sends none.
    pub system: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// The tools on offer, rendered once for all calls that share them.
    pub tools: Arc<ToolSpecs>,
    /// Whether a tool must be called; absent leaves it to the model.
    pub tool_choice: Option<ToolChoice>,
    /// How much the model shall think; absent leaves it to the provider.
    pub thinking: Option<ThinkingLevel>,
    /// The limit of output tokens; absent takes the model's.
    pub max_tokens: Option<u32>,
    /// How long each stage may take.
    pub limits: Limits,
}

impl ModelRequest {
    /// A request without tools, thinking or a token limit, under the default [`Limits`].
    pub fn new(model: Arc<ModelInfo>, messages: Vec<Message>) -> Self {
        Self {
            model,
            system: String::new(),
            messages,
            tools: Arc::default(),
            tool_choice: None,
            thinking: None,
            max_tokens: None,
            limits: Limits::default(),
        }
    }
}

/// How long each stage of a model call may take. Each is named in the error that it ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the call to an open connection, name lookup and TLS included.
    pub connect: Duration,
    /// From the open connection to the first byte of the answer's body. Long, since a local server
    /// may first load the model and read the whole prompt.
    pub first_byte: Duration,
    /// From one meaningful event to the next. Comments, pings and empty deltas do not count.
    pub idle: Duration,
    /// The whole call.
    pub total: Duration,
}

impl Limits {
    /// When the first byte of the body of a call must be there, headers and redirections of an
    /// address included: a stage does not begin again with each of its parts.
    pub(crate) fn first_byte_by(&self, started: Instant) -> Instant {
        started + self.connect + self.first_byte
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_mins(3),
            idle: Duration::from_mins(2),
            total: Duration::from_mins(10),
        }
    }
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// More reasoning.
    Thinking {
        /// More readable text; may be empty when only the signature comes.
        text: String,
        /// The signature; ends this block of thinking. For redacted thinking the ciphertext.
        signature: Option<String>,
        /// Whether the provider hid the text.
        redacted: bool,
    },
    /// One complete tool call.
    ToolCall(ToolCall),
    /// Tokens so far; a later one replaces an earlier one.
    Usage(Usage),
    /// The end.
    Done {
        /// Why it ended.
        stop: StopReason,
        /// The provider's id of the answer.
        response_id: Option<String>,
    },
}

/// A tool call as the model made it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The provider's id of the call; made up here when the provider sent none.
    pub id: String,
    /// The tool's name; may be one that does not exist.
    pub name: String,
    /// The arguments, always an object, or what is wrong with them. The caller answers the model
    /// with the error's text as a failed tool result.
    pub arguments: Result<Value, InvalidArguments>,
}

/// Arguments of a tool call that are not a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the arguments are not a JSON object ({reason}); send the call again with valid JSON")]
pub struct InvalidArguments {
    /// What the model sent.
    pub raw: String,
    /// What the parser said.
    pub reason: String,
}

impl ToolCall {
    /// A call whose arguments are still text. Empty text means no arguments.
    pub fn parse(id: String, name: String, raw: String) -> Self {
        let arguments = match raw.trim() {
            "" => Ok(Value::Object(serde_json::Map::new())),
            text => match serde_json::from_str::<Value>(text) {
                Ok(value @ Value::Object(_)) => Ok(value),
                Ok(_) => Err(InvalidArguments { raw, reason: "another JSON type".to_owned() }),
                Err(error) => Err(InvalidArguments { raw, reason: error.to_string() }),
            },
        };
        Self { id, name, arguments }
    }
}

/// What a model is told of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// The name the model calls it by.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of the arguments, an object.
    pub parameters: Value,
}

/// What a model must do with the tools on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToolChoice {
    /// Call one of them.
    Any,
    /// Call this one.
    Named(String),
}

/// The tools of a call, rendered at most once for each wire dialect.
#[derive(Debug, Default)]
pub struct ToolSpecs {
    specs: Vec<ToolSpec>,
    openai: OnceLock<Option<Box<RawValue>>>,
    anthropic: OnceLock<Option<Box<RawValue>>>,
}

impl ToolSpecs {
    /// Keeps the specs in this order.
    pub fn new(specs: Vec<ToolSpec>) -> Self {
        Self { specs, ..Self::default() }
    }

    /// The specs.
    pub fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    /// Whether a tool of that name is on offer.
    pub fn contains(&self, name: &str) -> bool {
        self.specs.iter().any(|spec| spec.name == name)
    }

    /// The `tools` of an `openai-completions` request; `None` when there are none.
    pub(crate) fn openai(&self) -> Option<&RawValue> {
        let render = |spec: &ToolSpec| {
            serde_json::json!({ "type": "function", "function": {
                "name": spec.name, "description": spec.description, "parameters": spec.parameters,
            }})
        };
        self.openai.get_or_init(|| self.render(render)).as_deref()
    }

    /// The `tools` of an `anthropic-messages` request; `None` when there are none.
    pub(crate) fn anthropic(&self) -> Option<&RawValue> {
        let render = |spec: &ToolSpec| {
            serde_json::json!({
                "name": spec.name, "description": spec.description, "input_schema": spec.parameters,
            })
        };
        self.anthropic.get_or_init(|| self.render(render)).as_deref()
    }

    fn render(&self, render: impl Fn(&ToolSpec) -> Value) -> Option<Box<RawValue>> {
        if self.specs.is_empty() {
            return None;
        }
        let rendered: Vec<Value> = self.specs.iter().map(render).collect();
        serde_json::value::to_raw_value(&rendered).ok()
    }
}

/// How much a model shall think before it answers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ThinkingLevel {
    /// Not at all.
    Off,
    /// As little as the provider allows.
    Minimal,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// As much as the provider allows.
    Xhigh,
    /// The model decides.
    Adaptive,
}

impl ThinkingLevel {
    /// Every level, in the order that clients list them.
    pub const ALL: [Self; 7] = [
        Self::Off,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Xhigh,
        Self::Adaptive,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Adaptive => "adaptive",
        }
    }

    /// The level of that name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(name.trim()))
    }
}

/// A wire dialect that this gateway speaks to models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Api {
    /// `POST {baseUrl}/chat/completions`.
    OpenaiCompletions,
    /// `POST {baseUrl}/v1/messages`.
    AnthropicMessages,
    /// The built-in model: no wire at all.
    Demo,
}

impl Api {
    /// The name in configurations and transcripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiCompletions => "openai-completions",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Demo => "openclaw-demo",
        }
    }
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInfo {
    /// The provider's id.
    pub provider: String,
    /// The model's id at the provider; may contain slashes.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The dialect.
    pub api: Api,
    /// Whether it can think.
    pub reasoning: bool,
    /// Whether it takes images.
    pub images: bool,
    /// How many tokens it can take in all.
    pub context_window: u64,
    /// How many tokens it may answer; `None` leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// US dollars for a million tokens: input, output, read from and written to the cache.
    pub price: Price,
    /// What the server does not understand.
    pub compat: Compat,
}

impl ModelInfo {
    /// `provider/id`, as configurations and clients write it.
    pub fn reference(&self) -> String {
        format!("{}/{}", self.provider, self.id)
    }

    /// Fills in the cost of a usage from the model's price.
    pub fn priced(&self, mut usage: Usage) -> Usage {
        let dollars = |tokens: u64, price: f64| {
            #[expect(clippy::cast_precision_loss, reason = "money for people, not for accounts")]
            let tokens = tokens as f64;
            tokens * price / 1_000_000.0
        };
        let input = dollars(usage.input, self.price.input);
        let output = dollars(usage.output, self.price.output);
        let cache_read = dollars(usage.cache_read, self.price.cache_read);
        let cache_write = dollars(usage.cache_write, self.price.cache_write);
        usage.cost.input = Some(input);
        usage.cost.output = Some(output);
        usage.cost.cache_read = Some(cache_read);
        usage.cost.cache_write = Some(cache_write);
        usage.cost.total = Some(input + output + cache_read + cache_write);
        usage
    }
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Price {
    /// Input.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Read from the cache.
    pub cache_read: f64,
    /// Written to the cache.
    pub cache_write: f64,
}

/// Differences between servers of one dialect, as `models.providers.<id>.models[].compat` sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compat {
    /// It takes tools.
    pub tools: bool,
    /// It takes `stream_options.include_usage`.
    pub usage_in_streaming: bool,
    /// It takes `reasoning_effort`.
    pub reasoning_effort: bool,
    /// The limit of output tokens is `max_completion_tokens` instead of `max_tokens`; `None` goes
    /// by the host.
    pub max_completion_tokens: Option<bool>,
}

impl Default for Compat {
    fn default() -> Self {
        Self {
            tools: true,
            usage_in_streaming: true,
            reasoning_effort: true,
            max_completion_tokens: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ThinkingLevel, ToolCall, ToolSpec, ToolSpecs};

    #[test]
    fn arguments_are_an_object_or_an_error_that_names_the_fault() {
        let parse = |raw: &str| ToolCall::parse("1".into(), "t".into(), raw.into()).arguments;
        assert_eq!(parse(""), Ok(json!({})));
        assert_eq!(parse(r#" {"a":1} "#), Ok(json!({"a": 1})));
        assert_eq!(parse("[1]").unwrap_err().reason, "another JSON type");
        let half = parse(r#"{"a":"#).unwrap_err();
        assert_eq!(half.raw, r#"{"a":"#);
        assert!(half.reason.contains("EOF"), "{half}");
    }

    #[test]
    fn tools_are_rendered_once_and_absent_when_there_are_none() {
        assert!(ToolSpecs::default().openai().is_none());
        let specs = ToolSpecs::new(vec![ToolSpec {
            name: "read".into(),
            description: "Reads a file.".into(),
            parameters: json!({"type": "object"}),
        }]);
        let first = specs.openai().unwrap().get();
        assert!(first.contains(r#""type":"function""#), "{first}");
        assert!(std::ptr::eq(first, specs.openai().unwrap().get()));
        assert!(specs.anthropic().unwrap().get().contains("input_schema"));
    }

    #[test]
    fn thinking_levels_are_found_by_their_name() {
        for level in ThinkingLevel::ALL {
            assert_eq!(ThinkingLevel::parse(&level.as_str().to_uppercase()), Some(level));
        }
        assert_eq!(ThinkingLevel::parse("deep"), None);
    }
}
