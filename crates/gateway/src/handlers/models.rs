//! `models.*`: the models that agents may use, and what lets the gateway in at their providers.

use openclaw_agent::catalog::{KeyFrom, Listing, ProviderKey};
use openclaw_protocol::{
    RpcError,
    handled::Handled as _,
    methods::models::{
        ApiKeySource, ModelChoice, ModelsAuthStatusParams, ModelsAuthStatusResult,
        ModelsListParams, ModelsListResult, ModelsView, ProviderAuth, ProviderAuthCapability,
    },
};

use super::{keys, millis};
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list).handle(auth_status)
}

async fn list(cx: Cx, params: ModelsListParams) -> Result<ModelsListResult, RpcError> {
    if let Some(agent) = &params.agent_id {
        keys::known_agent(&cx, agent)?;
    }
    params.supported()?;
    if params.refresh == Some(true) {
        std::sync::Arc::clone(cx.app()).find_models().await;
    }
    let listing = match params.view {
        None | Some(ModelsView::Default) => Listing::Allowed,
        Some(ModelsView::Configured) => Listing::Configured,
        Some(ModelsView::ProviderConfig) => Listing::ProviderConfig,
        Some(ModelsView::All) => Listing::All,
    };
    let mut models = cx.app().catalog.listed(listing);
    if let Some(provider) = &params.provider {
        models.retain(|model| model.provider == provider.as_str());
    }
    Ok(ModelsListResult { models, provider_outcomes: None })
}

/// What the catalog knows of keys; the providers themselves are not asked.
async fn auth_status(
    cx: Cx,
    params: ModelsAuthStatusParams,
) -> Result<ModelsAuthStatusResult, RpcError> {
    if let Some(agent) = &params.agent_id {
        keys::known_agent(&cx, agent)?;
    }
    let known = cx.app().catalog.snapshot().provider_keys();
    let capability = |key: &ProviderKey| ProviderAuthCapability {
        provider: key.provider.clone(),
        ..ProviderAuthCapability::default()
    };
    Ok(ModelsAuthStatusResult {
        ts: millis(cx.app().clock.now_ms()),
        provider_capabilities: known.iter().map(capability).collect(),
        providers: known.into_iter().map(auth_of).collect(),
    })
}

fn auth_of(key: ProviderKey) -> ProviderAuth {
    let source = |source: &str, env_var: Option<&str>| ApiKeySource {
        source: source.to_owned(),
        env_var: env_var.map(str::to_owned),
    };
    let api_key = key.from.map(|from| match from {
        KeyFrom::Config => source("config", None),
        KeyFrom::Environment { variable } => source("env", Some(variable)),
    });
    ProviderAuth {
        auth_provider: key.provider.clone(),
        display_name: key.provider.clone(),
        provider: key.provider,
        status: if api_key.is_some() { "static" } else { "missing" }.to_owned(),
        profiles: Vec::new(),
        api_key,
    }
}

/// The models that may be chosen.
pub(crate) fn choices(cx: &Cx) -> Vec<ModelChoice> {
    cx.app().catalog.models()
}
