//! One value of `sessions.json`, and the row of the sessions index around it.

use openclaw_protocol::ids::{AgentId, SessionKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One value of `sessions.json`: what is known and set of a session.
///
/// Fields that this program does not use itself are kept unchanged in `extra`, so that a state
/// directory of OpenClaw goes through here without loss. Times are milliseconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionEntry {
    /// The current transcript's id, a UUID. Empty only in a value that has not been stored yet.
    pub session_id: String,
    /// Last activity.
    pub updated_at: i64,
    /// When the session was made; unknown of those that older programs made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    /// When its current transcript began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_started_at: Option<i64>,
    /// When somebody last said something in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_interaction_at: Option<i64>,
    /// The last run that began in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_run_id: Option<String>,
    /// The transcript's path as other programs look for it; set by the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_file: Option<String>,
    /// A name given by the user, unique in the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A name shown instead of the key, made by the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The system prompt has been sent to the model in this session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_sent: Option<bool>,
    /// The last run was aborted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aborted_last_run: Option<bool>,
    /// `direct`, `group` or `channel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_type: Option<String>,
    /// The channel the conversation lives in, for example `telegram`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The group's id on its platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The group's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Where the conversation came from: `{provider, surface, chatType, from?, to?, ...}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Value>,
    /// Where answers go: `{channel, to?, accountId?, threadId?}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_context: Option<Value>,
    /// The channel of the last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_channel: Option<String>,
    /// The recipient of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_to: Option<String>,
    /// The account of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_account_id: Option<String>,
    /// The thread of the last answer: a string or a number, as the platform has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_thread_id: Option<Value>,
    /// `off`, `minimal`, `low`, `medium`, `high`, `xhigh` or `adaptive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_level: Option<String>,
    /// Prefer speed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast_mode: Option<bool>,
    /// `off`, `on` or `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbose_level: Option<String>,
    /// `off`, `on` or `stream`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_level: Option<String>,
    /// `off`, `on`, `ask` or `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elevated_level: Option<String>,
    /// What is told about tokens after an answer: `off`, `tokens`, `full` or `on`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_usage: Option<String>,
    /// Where commands run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec_host: Option<String>,
    /// Which commands may run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec_security: Option<String>,
    /// When the user is asked about a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec_ask: Option<String>,
    /// The node commands run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec_node: Option<String>,
    /// `allow` or `deny`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_policy: Option<String>,
    /// `mention` or `always`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_activation: Option<String>,
    /// What happens to a message that arrives during a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_mode: Option<String>,
    /// The model the user chose for this session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_override: Option<String>,
    /// The provider of [`Self::model_override`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_override: Option<String>,
    /// The model of the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The provider of the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_provider: Option<String>,
    /// The size of the model's context window, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// Input tokens of the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Output tokens of the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Tokens in the context after the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens: Option<u64>,
    /// [`Self::total_tokens`] was counted by the provider, not estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tokens_fresh: Option<bool>,
    /// Input tokens that the provider's cache served in the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<u64>,
    /// Input tokens written to the provider's cache in the last run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<u64>,
    /// What all runs since the last reset cost in US dollars, as the price table has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_cost_usd: Option<f64>,
    /// How often the transcript was compacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compaction_count: Option<u64>,
    /// The key of the session that spawned this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spawned_by: Option<String>,
    /// How many spawns this session is away from a session of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spawn_depth: Option<u64>,
    /// The key of the session this one was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_session_key: Option<String>,
    /// The last run's state: `running`, `done`, `failed`, `killed` or `timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When the last run began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When the last run ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// How long the last run took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_ms: Option<i64>,
    /// Every other field, unchanged.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The ids of the transcripts that a session had, the present one too; the name is OpenClaw 2026.9.6's.
const FAMILY: &str = "usageFamilySessionIds";

impl SessionEntry {
    /// The entry with a new transcript, which remembers the ones before it.
    #[must_use]
    pub fn with_new_transcript(mut self, session_id: String) -> Self {
        let left = std::mem::replace(&mut self.session_id, session_id.clone());
        let mut family = self.family();
        for id in [left, session_id].into_iter().filter(|id| !id.is_empty()) {
            if !family.contains(&id) {
                family.push(id);
            }
        }
        self.extra.insert(FAMILY.to_owned(), family.into());
        Self { session_file: None, ..self }
    }

    /// When the last turn began, as far as that is noted; turns begin with a message of a client.
    pub fn last_interaction(&self) -> Option<i64> {
        self.last_interaction_at.max(self.started_at)
    }

    /// Keeps that time when the marks of the last run go.
    #[must_use]
    pub fn noting_interaction(mut self) -> Self {
        self.last_interaction_at = self.last_interaction();
        self
    }

    /// The ids of the transcripts that the session had, as far as they were noted.
    pub fn family(&self) -> Vec<String> {
        let ids = self.extra.get(FAMILY).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }
}

/// A row of the sessions index.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRow {
    /// The canonical key.
    pub key: SessionKey,
    /// The agent whose `sessions.json` holds the entry.
    pub agent_id: AgentId,
    /// The entry itself; id, label and time of last activity are in it.
    pub entry: SessionEntry,
}
