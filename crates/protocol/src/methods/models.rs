//! `models.*`: the models that agents may use, and what lets the gateway in at their providers.

use serde_json::Value;

use crate::{
    field::{IdText, NonEmpty},
    handled, methods,
    methods::common::{AgentRuntime, ThinkingLevel},
    params, results, words,
};

mod auth;

pub use auth::{
    ApiKeySource, ModelsAuthStatusParams, ModelsAuthStatusResult, ProviderAuth,
    ProviderAuthCapability,
};

methods! {
    "models.list": ModelsListParams => ModelsListResult, v3 READ, v4 READ;
    "models.authStatus": ModelsAuthStatusParams => ModelsAuthStatusResult, v4 READ;
}

words! {
    /// Which models are listed (protocol 4).
    pub enum ModelsView: any_of {
        /// Those that may be chosen.
        Default = "default",
        /// Those that the config names.
        Configured = "configured",
        /// Those that the config of the providers names.
        ProviderConfig = "provider-config",
        /// All that are known.
        All = "all",
    }
}

params! {
    /// Lists the models; only the allowed ones when the config has an allow list.
    #[derive(Default)]
    pub struct ModelsListParams {
        /// For which agent (protocol 4).
        agent_id?: NonEmpty,
        /// For which session; not together with `authProfileId` (protocol 4).
        session_key?: NonEmpty,
        /// For which saved account (protocol 4).
        auth_profile_id?: IdText,
        /// Only of this provider (protocol 4).
        provider?: NonEmpty,
        /// Whether to add what a model can do (protocol 4).
        include_details?: bool,
        /// Whether to add what a provider can do (protocol 4).
        include_provider_capabilities?: bool,
        /// Whether to add the default models (protocol 4).
        include_default_models?: bool,
        /// Whether to answer from memory alone; not together with `refresh` (protocol 4).
        prepared_only?: bool,
        /// Whether to ask the providers again (protocol 4).
        refresh?: bool,
        /// Which models (protocol 4).
        view?: ModelsView,
    }
}

handled! { ModelsListParams {
    used: agent_id, provider, refresh, view;
    refused: auth_profile_id: "there are no saved accounts; keys come from the config";
    hints:
        session_key: "every session may choose from the same models",
        include_details: "a row always has all that is known",
        include_provider_capabilities: "it adds to rows, and clients do without",
        include_default_models: "the models that are found by themselves are always listed",
        prepared_only: "only who asks for a refresh waits for anything";
} }

results! {
    /// The models.
    #[derive(Default)]
    pub struct ModelsListResult {
        /// The models, the default first.
        models: Vec<ModelChoice>,
        /// How asking the providers ended (protocol 4).
        provider_outcomes?: Vec<ProviderOutcome>,
    }

    /// A model.
    #[derive(Default)]
    pub struct ModelChoice {
        /// Its id at the provider.
        id: String,
        /// How it is shown.
        name: String,
        /// The provider.
        provider: String,
        /// A short name from the config (protocol 4).
        alias?: String,
        /// Words about it, for example `default` (protocol 4).
        tags?: Vec<String>,
        /// Whether it runs on this machine (protocol 4).
        local?: bool,
        /// Whether it can be used now (protocol 4).
        available?: bool,
        /// Why not: `missing-auth`, `auth-failed` or `cooldown` (protocol 4).
        unavailable_reason?: String,
        /// Until when, in milliseconds since 1970 (protocol 4).
        unavailable_until?: u64,
        /// The size of its context window in tokens.
        context_window?: u64,
        /// Whether it reasons.
        reasoning?: bool,
        /// Its thinking levels (protocol 4).
        thinking_levels?: Vec<ThinkingLevel>,
        /// The level of a new session (protocol 4).
        thinking_default?: String,
        /// Whether it is fast: true, false or `auto` (protocol 4).
        effective_fast_mode?: Value,
        /// Whether it calls tools (protocol 4).
        supports_tools?: bool,
        /// What runs it (protocol 4).
        agent_runtime?: AgentRuntime,
        /// Whether a key can be entered for it (protocol 4).
        api_key_supported?: bool,
        /// What it reads: `text`, `image`, `audio`, `video`, `document`.
        input?: Vec<String>,
    }

    /// How asking one provider ended (protocol 4).
    #[derive(Eq)]
    pub struct ProviderOutcome {
        /// The provider.
        provider: String,
        /// The account.
        profile_id?: String,
        /// `ready`, `auth-rejected` or `unavailable`.
        status: String,
    }
}
