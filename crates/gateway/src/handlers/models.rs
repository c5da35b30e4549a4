//! `models.list`: the models that agents may use.

use openclaw_protocol::{
    RpcError,
    methods::models::{ModelChoice, ModelsListParams, ModelsListResult},
};

use super::keys;
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list)
}

async fn list(cx: Cx, params: ModelsListParams) -> Result<ModelsListResult, RpcError> {
    if let Some(agent) = &params.agent_id {
        keys::known_agent(&cx, agent)?;
    }
    let mut models = choices(&cx);
    if let Some(provider) = &params.provider {
        models.retain(|model| model.provider == provider.as_str());
    }
    Ok(ModelsListResult { models, provider_outcomes: None })
}

/// Every model of the catalog.
pub(crate) fn choices(cx: &Cx) -> Vec<ModelChoice> {
    cx.app().catalog.models()
}
