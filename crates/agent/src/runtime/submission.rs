//! What is handed to the runtime, and what it says at once.

use std::{sync::Arc, time::Duration};

use openclaw_protocol::ids::{AgentId, RunId, SessionKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::supplied::Supplied;
use crate::{live::RunInfo, outcome::Outcome, session, store::RunState};

/// What becomes of a message that comes while a run of its session runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueMode {
    /// It waits and becomes a turn of its own (`followup`).
    #[default]
    Queue,
    /// What runs and waits is aborted, then this one runs (`interrupt`, `sessions.steer`).
    Interrupt,
}

/// Where a message came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Origin {
    /// The channel or surface: `webchat`, `telegram`, `cron`, `hook`, ...
    pub channel: String,
    /// The recipient of the answer on that channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The channel account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The thread on that channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// `direct`, `group` or `channel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_type: Option<String>,
    /// The sender's label for people, untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_label: Option<String>,
}

/// A picture that came with a message. Bounds are the caller's (5,000,000 bytes each).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// For example `image/png`.
    pub mime_type: String,
    /// The content in base64.
    pub data: String,
    /// The file's name, untrusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// A message for an agent. It becomes one committed row before [`crate::runtime::Runtime::submit`] returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    /// The run's id: the caller's idempotency key.
    pub run_id: RunId,
    /// Who asks, from the gateway's records. Idempotency is per principal.
    pub principal: String,
    /// The scope of the idempotency key: `chat`, `agent`, `send`, a channel account, ...
    pub scope: String,
    /// The canonical session key.
    pub session_key: SessionKey,
    /// The agent that answers.
    pub agent_id: AgentId,
    /// What the user says.
    pub text: String,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// A thinking level for this run only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// A time limit for this run only; `None` or zero means that of the config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// `provider/model` or an alias, for this run only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Text added to the system prompt of this run. Never from an unauthorised sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_system_prompt: Option<String>,
    /// Where it came from.
    #[serde(default)]
    pub origin: Origin,
    /// What happens when the session is busy.
    #[serde(default)]
    pub mode: QueueMode,
    /// The sender may reset the session by a message that is just `/new` or `/reset`. The caller
    /// decides, from the sender's scopes; without it such a message is text like any other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_reset: bool,
    /// The sender may ask the gateway itself by a message that is just `/help`, `/status` or `/model`;
    /// to change the model that way is for who may reset. Without it such a message is text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_ask: bool,
    /// What the client supplies besides; boxed, since few do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplied: Option<Box<Supplied>>,
}

impl Submission {
    /// SHA-256 of what the message asks for, to tell a repetition from another request with the same key.
    pub fn digest(&self) -> [u8; 32] {
        let mut body = serde_json::json!([
            self.session_key,
            self.agent_id,
            self.text,
            self.attachments,
            self.thinking,
            self.timeout,
            self.model,
            self.extra_system_prompt,
        ]);
        // Rows that were written before there was such a thing keep their digest.
        if let (Some(supplied), Some(list)) = (&self.supplied, body.as_array_mut()) {
            list.push(serde_json::json!(supplied));
        }
        Sha256::digest(body.to_string()).into()
    }

    /// Whether it has neither words nor pictures.
    pub(crate) fn is_silent(&self) -> bool {
        self.text.trim().is_empty() && self.attachments.is_empty()
    }

    /// A plain message with nothing special about it.
    pub fn new(run_id: RunId, session_key: SessionKey, text: impl Into<String>) -> Self {
        Self {
            run_id,
            principal: "local".to_owned(),
            scope: "chat".to_owned(),
            agent_id: session::agent_of(&session_key).unwrap_or_else(|| AgentId::new("main")),
            session_key,
            text: text.into(),
            attachments: Vec::new(),
            thinking: None,
            timeout: None,
            model: None,
            extra_system_prompt: None,
            origin: Origin { channel: "webchat".to_owned(), ..Origin::default() },
            mode: QueueMode::Queue,
            may_reset: false,
            may_ask: false,
            supplied: None,
        }
    }
}

/// What [`crate::runtime::Runtime::submit`] says.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// A new run: its row is committed.
    Started {
        /// When it was accepted, milliseconds since the epoch.
        accepted_at: i64,
        /// The runs that it interrupts (mode [`QueueMode::Interrupt`]).
        interrupted: Vec<RunId>,
    },
    /// The same key was accepted before and its run has not ended: it is queued or running.
    InFlight(RunState),
    /// The same key was accepted before and its run has ended.
    Finished(Box<Outcome>),
}

/// What an abort reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aborted {
    /// The runs that were stopped, in the order they would have run.
    pub run_ids: Vec<RunId>,
}

/// Which runs of a session an abort reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AbortReach {
    /// Only the run that runs.
    Running,
    /// That and all that wait.
    #[default]
    RunningAndQueued,
}

/// A run that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveRun {
    /// What is known of it.
    pub info: RunInfo,
    /// Queued or running.
    pub state: RunState,
}

/// An entry made by [`crate::runtime::Runtime::inject`].
#[derive(Debug, Clone, PartialEq)]
pub struct Injected {
    /// The entry's 8-hex id, the `messageId` of the reply.
    pub entry_id: String,
    /// The transcript it is in.
    pub session_id: Arc<str>,
    /// The message, as `chat` shows it.
    pub message: Value,
}

/// Whether a message, alone, means "stop" (case, outer space and closing `.` or `!` do not count).
pub fn is_stop_phrase(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', '!']).trim_end();
    let text = text.strip_prefix('/').unwrap_or(text).to_lowercase();
    STOP_PHRASES.contains(&text.as_str())
}

/// English ones are OpenClaw's; the others say the same.
const STOP_PHRASES: &[&str] = &[
    "abort",
    "anhalten",
    "arrête",
    "detente",
    "detener",
    "esc",
    "exit",
    "halt",
    "interrupt",
    "pare",
    "parar",
    "para",
    "please stop",
    "stop",
    "stop agent",
    "stop run",
    "stopp",
    "wait",
    "стоп",
    "توقف",
    "रुको",
    "停止",
    "停",
    "止めて",
    "やめて",
    "멈춰",
];

#[cfg(test)]
mod tests {
    use super::is_stop_phrase;

    #[test]
    fn stop_phrases_are_whole_messages() {
        for text in ["stop", " STOP! ", "/stop", "Please stop.", "停止", "Esc"] {
            assert!(is_stop_phrase(text), "{text}");
        }
        for text in ["", "stop it now", "do not stop", "stopping", "/"] {
            assert!(!is_stop_phrase(text), "{text}");
        }
    }
}
