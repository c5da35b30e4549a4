//! Providers that are known by name: where they are, where their key is found, a default model.

use std::{collections::BTreeMap, fmt};

use crate::provider::{Api, Compat, ModelInfo, Price};

/// A provider that needs nothing but a key.
#[derive(Debug)]
pub struct KnownProvider {
    /// The id in references and in `models.providers`.
    pub id: &'static str,
    /// The environment variables that hold its key, the first that is set wins.
    pub variables: &'static [&'static str],
    /// The address.
    pub base_url: &'static str,
    /// The dialect.
    pub api: Api,
    /// The model that is used when only the key is known.
    pub model: KnownModel,
}

/// A default model.
#[derive(Debug)]
pub struct KnownModel {
    id: &'static str,
    name: &'static str,
    reasoning: bool,
    images: bool,
    context_window: u64,
    max_tokens: Option<u32>,
    /// US dollars for a million tokens: input, output, cache read, cache write.
    price: [f64; 4],
}

/// The context window of a model of which nothing is known, in tokens.
pub(super) const DEFAULT_CONTEXT_WINDOW: u64 = 128_000;

const fn model(id: &'static str, name: &'static str, context_window: u64) -> KnownModel {
    KnownModel {
        id,
        name,
        reasoning: false,
        images: false,
        context_window,
        max_tokens: None,
        price: [0.0; 4],
    }
}

/// The providers in the order in which a key decides the default model.
pub static PROVIDERS: &[KnownProvider] = &[
    KnownProvider {
        id: "anthropic",
        variables: &["ANTHROPIC_API_KEY"],
        base_url: "https://api.anthropic.com",
        api: Api::AnthropicMessages,
        model: KnownModel {
            reasoning: true,
            images: true,
            max_tokens: Some(64_000),
            price: [3.0, 15.0, 0.3, 3.75],
            ..model("claude-sonnet-4-5", "Claude Sonnet 4.5", 200_000)
        },
    },
    KnownProvider {
        id: "openai",
        variables: &["OPENAI_API_KEY"],
        base_url: "https://api.openai.com/v1",
        api: Api::OpenaiCompletions,
        model: KnownModel {
            reasoning: true,
            images: true,
            max_tokens: Some(128_000),
            price: [1.75, 14.0, 0.175, 0.0],
            ..model("gpt-5.2", "GPT-5.2", 400_000)
        },
    },
    KnownProvider {
        id: "openrouter",
        variables: &["OPENROUTER_API_KEY"],
        base_url: "https://openrouter.ai/api/v1",
        api: Api::OpenaiCompletions,
        model: model("openrouter/auto", "OpenRouter Auto", DEFAULT_CONTEXT_WINDOW),
    },
    KnownProvider {
        id: "google",
        variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        api: Api::OpenaiCompletions,
        model: KnownModel {
            images: true,
            price: [0.3, 2.5, 0.03, 0.0],
            ..model("gemini-2.5-flash", "Gemini 2.5 Flash", 1_048_576)
        },
    },
    KnownProvider {
        id: "groq",
        variables: &["GROQ_API_KEY"],
        base_url: "https://api.groq.com/openai/v1",
        api: Api::OpenaiCompletions,
        model: model("openai/gpt-oss-120b", "GPT-OSS 120B", 131_072),
    },
    KnownProvider {
        id: "mistral",
        variables: &["MISTRAL_API_KEY"],
        base_url: "https://api.mistral.ai/v1",
        api: Api::OpenaiCompletions,
        model: model("mistral-large-latest", "Mistral Large", 131_072),
    },
    KnownProvider {
        id: "deepseek",
        variables: &["DEEPSEEK_API_KEY"],
        base_url: "https://api.deepseek.com/v1",
        api: Api::OpenaiCompletions,
        model: model("deepseek-chat", "DeepSeek Chat", 128_000),
    },
    KnownProvider {
        id: "xai",
        variables: &["XAI_API_KEY"],
        base_url: "https://api.x.ai/v1",
        api: Api::OpenaiCompletions,
        model: model("grok-4", "Grok 4", 256_000),
    },
];

/// The provider of that id.
pub fn provider(id: &str) -> Option<&'static KnownProvider> {
    PROVIDERS.iter().find(|provider| provider.id == id)
}

impl KnownProvider {
    /// What is known of its default model.
    pub(super) fn default_model(&self) -> ModelInfo {
        let model = &self.model;
        let [input, output, cache_read, cache_write] = model.price;
        ModelInfo {
            provider: self.id.to_owned(),
            id: model.id.to_owned(),
            name: model.name.to_owned(),
            api: self.api,
            reasoning: model.reasoning,
            images: model.images,
            context_window: model.context_window,
            max_tokens: model.max_tokens,
            price: Price { input, output, cache_read, cache_write },
            compat: Compat::default(),
        }
    }

    /// A model of it of which only the id is known: what a server may refuse is left out.
    pub(super) fn other_model(&self, id: &str) -> ModelInfo {
        ModelInfo {
            id: id.to_owned(),
            name: id.to_owned(),
            reasoning: false,
            images: self.model.images,
            context_window: DEFAULT_CONTEXT_WINDOW,
            max_tokens: None,
            price: Price::default(),
            ..self.default_model()
        }
    }
}

/// The keys that the gateway found in its environment. Its `Debug` shows names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FoundKeys(BTreeMap<&'static str, String>);

impl FoundKeys {
    /// The variables to look at.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROVIDERS.iter().flat_map(|provider| provider.variables.iter().copied())
    }

    /// Looks up every variable of [`FoundKeys::names`]; blank values count as absent.
    pub fn collect(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let found = Self::names().filter_map(|name| {
            let value = look_up(name)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (name, value.to_owned()))
        });
        Self(found.collect())
    }

    /// The variables whose key is another one in `other`.
    pub fn changed<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'static str> + 'a {
        Self::names().filter(|name| self.0.get(name) != other.0.get(name))
    }

    /// A provider's key and the variable that it was found in.
    pub fn of(&self, provider: &KnownProvider) -> Option<(&'static str, &str)> {
        let found = |name: &&'static str| Some((*name, self.0.get(name)?.as_str()));
        provider.variables.iter().find_map(found)
    }
}

impl fmt::Debug for FoundKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
