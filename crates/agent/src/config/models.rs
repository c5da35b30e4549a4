//! `models`: providers of models and what each model can do.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::provider::{Api, Compat, Price};

/// The `models` section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Models {
    /// Whether models that were found by themselves are listed beside these.
    pub mode: ModelsMode,
    /// Providers by their id.
    pub providers: BTreeMap<String, ModelProvider>,
}

/// What happens to models that are not in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModelsMode {
    /// They are listed too.
    #[default]
    Merge,
    /// Only those of the file exist.
    Replace,
}

/// A server of models.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelProvider {
    /// The address, for example `https://api.openai.com/v1`. May be left out for a provider that
    /// is known by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// The dialect of its models, unless a model says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ModelApi>,
    /// Headers of every request; they win over those made from the key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Secret>,
    /// Send the key as `Authorization: Bearer` too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<bool>,
    /// The models.
    pub models: Vec<ModelEntry>,
}

/// A wire dialect as the file names it. Those that this gateway does not speak are accepted, so
/// that the file stays valid; their models are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ModelApi {
    /// Chat completions.
    OpenaiCompletions,
    /// Anthropic's messages.
    AnthropicMessages,
    /// Not spoken.
    OpenaiResponses,
    /// Not spoken.
    OpenaiCodexResponses,
    /// Not spoken.
    GoogleGenerativeAi,
    /// Not spoken.
    GithubCopilot,
    /// Not spoken.
    BedrockConverseStream,
    /// Ollama's own; its chat completions are used instead.
    Ollama,
}

impl ModelApi {
    /// The dialect that is spoken for it; `None` when none is.
    pub fn spoken(self) -> Option<Api> {
        match self {
            // Ollama serves chat completions beside its own dialect.
            Self::OpenaiCompletions | Self::Ollama => Some(Api::OpenaiCompletions),
            Self::AnthropicMessages => Some(Api::AnthropicMessages),
            Self::OpenaiResponses
            | Self::OpenaiCodexResponses
            | Self::GoogleGenerativeAi
            | Self::GithubCopilot
            | Self::BedrockConverseStream => None,
        }
    }
}

/// A model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelEntry {
    /// The model's id at the provider.
    pub id: String,
    /// The name for people; the id when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ModelApi>,
    /// Whether it can think.
    pub reasoning: bool,
    /// What it takes; text when absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<ModelInput>,
    /// US dollars for a million tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<ModelCost>,
    /// How many tokens it takes in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// How many tokens it may answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// What its server does not understand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compat: Option<ModelCompat>,
}

/// What a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModelInput {
    /// Text.
    Text,
    /// Images.
    Image,
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelCost {
    /// Input.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Read from the provider's cache.
    pub cache_read: f64,
    /// Written to the provider's cache.
    pub cache_write: f64,
}

impl From<ModelCost> for Price {
    fn from(cost: ModelCost) -> Self {
        Self {
            input: cost.input,
            output: cost.output,
            cache_read: cost.cache_read,
            cache_write: cost.cache_write,
        }
    }
}

/// Differences between servers of one dialect.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelCompat {
    /// It takes tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_tools: Option<bool>,
    /// It tells the usage at the end of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_usage_in_streaming: Option<bool>,
    /// It takes `reasoning_effort`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_reasoning_effort: Option<bool>,
    /// `max_tokens` or `max_completion_tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens_field: Option<String>,
}

impl From<&ModelCompat> for Compat {
    fn from(compat: &ModelCompat) -> Self {
        let field = compat.max_tokens_field.as_deref();
        Self {
            tools: compat.supports_tools.unwrap_or(true),
            usage_in_streaming: compat.supports_usage_in_streaming.unwrap_or(true),
            reasoning_effort: compat.supports_reasoning_effort.unwrap_or(true),
            max_completion_tokens: field.map(|field| field == "max_completion_tokens"),
        }
    }
}

/// A secret: a text, or a reference that the loader replaces by the text before a provider is
/// made. Its `Debug` never shows the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Secret {
    /// The secret itself.
    Text(String),
    /// Where it is.
    Reference {
        /// `env`, `file` or `exec`.
        source: String,
        /// The entry of `secrets.providers`.
        provider: String,
        /// What to ask it for.
        id: String,
    },
}

impl Secret {
    /// The text; `None` for a reference that was not replaced and for an empty text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Reference { .. } => None,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Secret(..)"),
            Self::Reference { source, provider, id } => {
                write!(f, "Secret({source}:{provider}:{id})")
            }
        }
    }
}
