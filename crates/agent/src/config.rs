//! The agent's sections of `openclaw.json`, and what follows from them: which agents there are,
//! where they work and which model they use.
//!
//! The structs hold what is used and nothing else. They are tolerant: the gateway's loader compares
//! a file with their JSON Schema, keeps unknown paths and warns about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod agents;
mod models;
mod resolve;
mod session;

pub use agents::{
    AgentDefaults, AgentEntry, AgentIdentity, Agents, LegacyAgent, ModelAlias, ModelChoice,
};
pub use models::{
    ModelApi, ModelCompat, ModelCost, ModelEntry, ModelInput, ModelProvider, Models, ModelsMode,
    Secret,
};
pub use resolve::{MAIN_AGENT, ResolvedAgent};
pub use session::{
    DmScope, Messages, Queue, QueueDrop, QueueMode, Reset, ResetByType, ResetMode, SendPolicy,
    SendPolicyAction, SendPolicyMatch, SendPolicyRule, Session, SessionScope,
};

/// The sections that this crate reads. The gateway flattens them into the root of its own struct.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
    /// Model providers and their models.
    pub models: Models,
    /// Agents and what they have in common.
    pub agents: Agents,
    /// An older spelling of what all agents have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<LegacyAgent>,
    /// An older spelling: a folder that holds `agents/<name>/` for each agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// How messages are grouped into sessions and when a session starts anew.
    pub session: Session,
    /// How messages are taken in.
    pub messages: Messages,
    /// Which tools the agents may use.
    pub tools: Tools,
}

/// Which tools may be used. A deny wins over every allow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Tools {
    /// A named set to start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ToolProfile>,
    /// Only these, when given; an empty list allows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// These besides the profile's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_allow: Vec<String>,
    /// Never these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

/// A named set of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolProfile {
    /// The session's status only.
    Minimal,
    /// Files, commands and sessions.
    Coding,
    /// Messages and sessions.
    Messaging,
    /// Everything.
    Full,
}

#[cfg(test)]
mod tests;
