//! `session` and `messages.queue`: how messages are grouped, taken in and answered.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `session` section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Session {
    /// One session for each sender, or one for all.
    pub scope: SessionScope,
    /// Which direct messages share a session.
    pub dm_scope: DmScope,
    /// Read for compatibility: the main key is always `main`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_key: Option<String>,
    /// A person's name, and the `channel:peer` he is known by.
    pub identity_links: BTreeMap<String, Vec<String>>,
    /// When a session starts anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
    /// The same by kind of conversation; wins over `reset`.
    pub reset_by_type: ResetByType,
    /// The same by channel; wins over both.
    pub reset_by_channel: BTreeMap<String, Reset>,
    /// An older spelling of `reset.idleMinutes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_minutes: Option<u64>,
    /// Messages that start a session anew, besides `/new` and `/reset`.
    pub reset_triggers: Vec<String>,
    /// To whom answers may go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_policy: Option<SendPolicy>,
}

/// How sessions are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionScope {
    /// By sender.
    #[default]
    PerSender,
    /// Not at all: every message goes to the session `global`.
    Global,
}

/// Which direct messages share a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DmScope {
    /// All of an agent.
    #[default]
    Main,
    /// Those of one person, on every channel.
    PerPeer,
    /// Those of one person on one channel.
    PerChannelPeer,
    /// Those of one person with one account of a channel.
    PerAccountChannelPeer,
}

/// When a session starts anew. With both a time and an idle limit the earlier one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Reset {
    /// Daily, or after a pause; daily when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ResetMode>,
    /// The hour of the daily reset in the gateway's own time zone, 0 to 23; 4 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 23))]
    pub at_hour: Option<u8>,
    /// The pause in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_minutes: Option<u64>,
}

/// When a session starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ResetMode {
    /// At an hour of the day.
    Daily,
    /// After a pause.
    Idle,
}

/// When a session starts anew, by kind of conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ResetByType {
    /// Direct messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct: Option<Reset>,
    /// An older spelling of `direct`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dm: Option<Reset>,
    /// Groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Reset>,
    /// Threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Reset>,
}

/// To whom answers may go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SendPolicy {
    /// What holds when no rule matches; allow when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<SendPolicyAction>,
    /// The rules; the first that denies wins.
    pub rules: Vec<SendPolicyRule>,
}

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SendPolicyAction {
    /// Answers go out.
    Allow,
    /// They do not.
    Deny,
}

/// A rule of the send policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendPolicyRule {
    /// What it does.
    pub action: SendPolicyAction,
    /// For whom; for everybody when absent.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<SendPolicyMatch>,
}

/// For whom a rule is. All given fields must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SendPolicyMatch {
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// `direct`, `group` or `channel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_type: Option<String>,
    /// The start of the session key after `agent:<id>:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// The start of the whole session key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_key_prefix: Option<String>,
}

/// The part of the `messages` section that the agents use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Messages {
    /// What happens to messages that come while a run goes on.
    pub queue: Queue,
    /// Put before every answer to a channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_prefix: Option<String>,
}

/// What happens to messages that come while a run goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Queue {
    /// What to do.
    pub mode: QueueMode,
    /// What to do, by channel.
    pub by_channel: BTreeMap<String, QueueMode>,
    /// How long to wait for more, in milliseconds.
    pub debounce_ms: u64,
    /// The same, by channel.
    pub debounce_ms_by_channel: BTreeMap<String, u64>,
    /// How many messages wait at most.
    pub cap: usize,
    /// What happens to those over the cap.
    pub drop: QueueDrop,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            mode: QueueMode::Collect,
            by_channel: BTreeMap::new(),
            debounce_ms: 1000,
            debounce_ms_by_channel: BTreeMap::new(),
            cap: 20,
            drop: QueueDrop::Summarize,
        }
    }
}

/// What to do with a message that comes while a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QueueMode {
    /// Merge those that wait into one turn.
    #[default]
    Collect,
    /// One turn each.
    Followup,
    /// Give it to the run at its next tool.
    #[serde(alias = "queue")]
    Steer,
    /// Both: steer, and a turn of its own.
    #[serde(alias = "steer+backlog")]
    SteerBacklog,
    /// End the run and start with the newest.
    Interrupt,
}

/// Which messages go when too many wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QueueDrop {
    /// The oldest.
    Old,
    /// The newest.
    New,
    /// The oldest, with a line about each in their place.
    Summarize,
}
