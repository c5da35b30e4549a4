//! The body of a chat completions request, as far as it is read. Other fields are passed over.

use openclaw_protocol::scan;
use serde::Deserialize;
use serde_json::Value;

use super::super::problem::Problem;

/// The body.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ChatRequest {
    /// `openclaw`, or which agent.
    pub(super) model: Option<String>,
    /// The conversation.
    pub(super) messages: Option<Vec<Said>>,
    /// Whether the answer comes piece by piece.
    pub(super) stream: Option<bool>,
    pub(super) stream_options: Option<StreamOptions>,
    /// Whose session it is.
    pub(super) user: Option<String>,
    /// Tools that the client carries out.
    pub(super) tools: Option<Vec<Value>>,
    pub(super) tool_choice: Option<Value>,
    /// The older name of the limit.
    pub(super) max_tokens: Option<u32>,
    pub(super) max_completion_tokens: Option<u32>,
    /// How much the model shall think.
    pub(super) reasoning_effort: Option<String>,
}

/// `stream_options`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StreamOptions {
    /// Asks for a last chunk with the tokens.
    pub(super) include_usage: Option<bool>,
}

/// One message.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) role: String,
    pub(super) content: Option<Content>,
    pub(super) tool_calls: Option<Vec<Called>>,
    pub(super) tool_call_id: Option<String>,
}

/// A text, or parts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) image_url: Option<ImageUrl>,
}

/// Where an image is: `{url}`, or the address alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ImageUrl {
    Object { url: String },
    Plain(String),
}

/// A call that the model made before.
#[derive(Debug, Deserialize)]
pub(super) struct Called {
    #[serde(default)]
    pub(super) id: String,
    pub(super) function: Option<CalledFunction>,
}

/// What was called.
#[derive(Debug, Deserialize)]
pub(super) struct CalledFunction {
    pub(super) name: String,
    #[serde(default)]
    pub(super) arguments: String,
}

impl ChatRequest {
    /// Reads a body; an empty one is an empty request, as recorded.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        // What two parsers would read differently is refused, as in a frame.
        let text = scan::scan_bytes(body).map_err(|error| Problem::invalid(error.to_string()))?;
        if !text.trim_start().starts_with('{') {
            return Err(Problem::invalid("the request body must be an object"));
        }
        serde_json::from_str(text).map_err(|error| Problem::invalid(error.to_string()))
    }

    /// Whether the last chunk of a stream tells the tokens.
    pub(super) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().and_then(|options| options.include_usage).unwrap_or(false)
    }
}
