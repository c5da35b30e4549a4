//! How a run ended. Every accepted run reaches exactly one outcome.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::message::Usage;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// The model answered.
    Ok,
    /// It failed; [`Outcome::error`] says why.
    Error,
    /// Somebody stopped it.
    Aborted,
    /// Its time was up.
    Timeout,
    /// The gateway stopped in the middle and the run must not be repeated.
    Interrupted,
}

impl RunStatus {
    /// The `status` of a session's row after such a run, in OpenClaw's words.
    pub fn session_status(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Error | Self::Interrupted => "failed",
            Self::Aborted => "killed",
            Self::Timeout => "timeout",
        }
    }
}

/// Tokens of a run, as the provider counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunUsage {
    /// Input tokens of all model calls of the run.
    pub input: u64,
    /// Output tokens of all model calls of the run.
    pub output: u64,
    /// Input tokens served by the provider's cache.
    pub cache_read: u64,
    /// Input tokens written to the provider's cache.
    pub cache_write: u64,
    /// Tokens in the context at the last model call.
    pub context: u64,
    /// In US dollars, as the price table has it; `None` when nothing was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

impl RunUsage {
    /// The tokens and the cost of some model calls; `context` are those of the last one.
    pub(crate) fn new(usage: &Usage, context: u64) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            context,
            cost: usage.cost.total,
        }
    }
}

/// A call of a tool that the client carries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCall {
    /// The model's id of the call; the client's result repeats it.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments as JSON text; what the model sent, when that is none.
    pub arguments: String,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// How it ended.
    pub status: RunStatus,
    /// `stop`, `length`, `error`; for an aborted run who stopped it (`rpc`, `stop`, `steer`, ..), for a run out of time `timeout`.
    pub stop_reason: String,
    /// Why it failed, one line for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Calls of the client's own tools: the run ended so that the client carries them out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_calls: Vec<ClientCall>,
    /// The text for people, of the whole run; what there was when it did not end well.
    #[serde(default)]
    pub text: String,
    /// The provider that answered; empty when none was asked.
    #[serde(default)]
    pub provider: String,
    /// The model that answered.
    #[serde(default)]
    pub model: String,
    /// The context window of that model, in tokens; 0 when none was asked.
    #[serde(default)]
    pub context_window: u64,
    /// The transcript that the run wrote to (a UUID); empty when it never began.
    #[serde(default)]
    pub session_id: String,
    /// Tokens.
    #[serde(default)]
    pub usage: RunUsage,
    /// Those of the last model call; `None` when no call was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_call: Option<RunUsage>,
    /// When the run began, milliseconds since the epoch; 0 when it never began.
    #[serde(default)]
    pub started_at: i64,
    /// When it ended, milliseconds since the epoch.
    pub ended_at: i64,
}

impl Outcome {
    /// How long it ran; zero when it never began.
    pub fn duration(&self) -> Duration {
        if self.started_at == 0 {
            return Duration::ZERO;
        }
        Duration::from_millis(u64::try_from(self.ended_at - self.started_at).unwrap_or(0))
    }
}
