//! `agents`: who there is and what they have in common.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::Tools;
use crate::provider::ThinkingLevel;

/// The `agents` section. A bare list is read as `agents.list`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Agents {
    /// What holds for every agent that does not say otherwise.
    pub defaults: AgentDefaults,
    /// The agents; `main` exists even when it is not listed.
    pub list: Vec<AgentEntry>,
}

impl<'de> Deserialize<'de> for Agents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Section {
            #[serde(default)]
            defaults: AgentDefaults,
            #[serde(default)]
            list: Vec<AgentEntry>,
        }
        struct Shape;
        impl<'de> serde::de::Visitor<'de> for Shape {
            type Value = Agents;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object with defaults and list, or a list of agents")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Agents, A::Error> {
                let section =
                    Section::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Agents { defaults: section.defaults, list: section.list })
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<Agents, A::Error> {
                let list = Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
                Ok(Agents { defaults: AgentDefaults::default(), list })
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

/// What holds for every agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentDefaults {
    /// The folder that agents work in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The model and what to use when it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelChoice>,
    /// Models by `provider/id`, with a short name each. When there are any, only these are listed.
    pub models: BTreeMap<String, ModelAlias>,
    /// How much to think when neither the session nor the message says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_default: Option<ThinkingLevel>,
    /// How long a run may take, in seconds. 600 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
    /// How many runs go on at once.
    pub max_concurrent: usize,
    /// A smaller context window than the model's, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
    /// The user's time zone, for example `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_timezone: Option<String>,
    /// Do not read the workspace's files into the prompt.
    pub skip_bootstrap: bool,
    /// The longest part of one workspace file in the prompt, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootstrap_max_chars: Option<usize>,
    /// The longest part of all workspace files together, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootstrap_total_max_chars: Option<usize>,
}

impl AgentDefaults {
    /// Runs at once, unless the file says otherwise.
    pub const MAX_CONCURRENT: usize = 4;
    /// How long a run may take, in seconds, unless the file says otherwise.
    pub const TIMEOUT_SECONDS: u64 = 600;
}

impl Default for AgentDefaults {
    fn default() -> Self {
        Self {
            workspace: None,
            model: None,
            models: BTreeMap::new(),
            thinking_default: None,
            timeout_seconds: None,
            max_concurrent: Self::MAX_CONCURRENT,
            context_tokens: None,
            user_timezone: None,
            skip_bootstrap: false,
            bootstrap_max_chars: None,
            bootstrap_total_max_chars: None,
        }
    }
}

/// A model, alone or with what to use when it fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ModelChoice {
    /// `provider/id`, or an alias.
    One(String),
    /// With fallbacks.
    Many {
        /// `provider/id`, or an alias.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        primary: Option<String>,
        /// In order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fallbacks: Vec<String>,
    },
}

impl ModelChoice {
    /// The first choice; empty texts do not count.
    pub fn primary(&self) -> Option<&str> {
        let text = match self {
            Self::One(text) => Some(text),
            Self::Many { primary, .. } => primary.as_ref(),
        };
        text.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// What to use when the first choice fails, in order.
    pub fn fallbacks(&self) -> &[String] {
        match self {
            Self::One(_) => &[],
            Self::Many { fallbacks, .. } => fallbacks,
        }
    }
}

/// What a model is called besides its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelAlias {
    /// The short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentEntry {
    /// The id; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Takes what no binding gives to another. The first agent when none says so.
    pub default: bool,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The folder that it works in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The folder of its own state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_dir: Option<String>,
    /// Its model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelChoice>,
    /// How much it thinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_default: Option<ThinkingLevel>,
    /// How it shows itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<AgentIdentity>,
    /// Its tools; they narrow the common ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Tools>,
    /// An older spelling of what it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// An older spelling of what it can do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
}

/// How an agent shows itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentIdentity {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// One emoji.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// A picture: a path in the workspace or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// The older `agent` section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LegacyAgent {
    /// The folder that agents work in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelChoice>,
}
