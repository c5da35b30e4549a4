//! `models.authStatus`: which providers have the key that they want (protocol 4).

use serde_json::Value;

use crate::{field::NonEmpty, handled, params, results};

params! {
    /// Tells for each provider whether the gateway has what lets it in. Keys themselves are never told.
    #[derive(Default)]
    pub struct ModelsAuthStatusParams {
        /// For which agent.
        agent_id?: NonEmpty,
        /// Whether to look again.
        refresh?: bool,
    }
}

handled! { ModelsAuthStatusParams {
    used: agent_id;
    refused: ;
    hints: refresh: "the answer is always that of this moment";
} }

results! {
    /// What lets the gateway in at its providers.
    #[derive(Default)]
    pub struct ModelsAuthStatusResult {
        /// When this was so, in milliseconds since 1970.
        ts: u64,
        /// The providers that are asked with a key, or want one.
        providers: Vec<ProviderAuth>,
        /// What can be entered for each.
        provider_capabilities: Vec<ProviderAuthCapability>,
    }

    /// One provider.
    #[derive(Default)]
    pub struct ProviderAuth {
        /// The provider.
        provider: String,
        /// Whose credentials it is asked with.
        auth_provider: String,
        /// How it is shown.
        display_name: String,
        /// `static`: a key that does not run out; `missing`: there is none.
        status: String,
        /// Saved accounts; there are none, keys come from the config and the environment.
        profiles: Vec<Value>,
        /// Where the key comes from.
        api_key?: ApiKeySource,
    }

    /// Where a key comes from.
    #[derive(Default, Eq)]
    pub struct ApiKeySource {
        /// `config` or `env`.
        source: String,
        /// The variable.
        env_var?: String,
    }

    /// What can be entered for a provider.
    #[derive(Default, Eq)]
    pub struct ProviderAuthCapability {
        /// The provider.
        provider: String,
        /// Whether a key can be entered over the protocol.
        api_key_supported: bool,
        /// Whether one is all that it needs.
        quick_api_key_setup: bool,
    }
}
