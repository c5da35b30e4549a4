//! Where a run finds its model.

use std::sync::Arc;

use openclaw_protocol::ids::AgentId;

use super::{Shared, Submission};
use crate::{
    catalog::{Catalog, CatalogError, ResolvedModel},
    provider::ModelInfo,
    run::begin::Candidate,
    session::SessionEntry,
};

/// Resolves models for runs. The [`Catalog`] is the one of a gateway; a [`ResolvedModel`] stands for
/// itself, whatever is asked for, which is what tests and embedders with one model need.
pub trait ModelSource: Send + Sync {
    /// The model for a run: what was asked for, else the agent's, else the default.
    fn resolve(
        &self,
        agent: &AgentId,
        asked_for: Option<&str>,
    ) -> Result<ResolvedModel, CatalogError>;

    /// What to use when the agent's model fails, in order.
    fn fallbacks(&self, agent: &AgentId) -> Vec<ResolvedModel>;
}

impl ModelSource for Catalog {
    fn resolve(
        &self,
        agent: &AgentId,
        asked_for: Option<&str>,
    ) -> Result<ResolvedModel, CatalogError> {
        Self::resolve(self, agent.as_str(), asked_for)
    }

    fn fallbacks(&self, agent: &AgentId) -> Vec<ResolvedModel> {
        Self::fallbacks(self, agent.as_str())
    }
}

impl ModelSource for ResolvedModel {
    fn resolve(&self, _: &AgentId, _: Option<&str>) -> Result<ResolvedModel, CatalogError> {
        Ok(self.clone())
    }

    fn fallbacks(&self, _: &AgentId) -> Vec<ResolvedModel> {
        Vec::new()
    }
}

impl Shared {
    /// The models to ask, the first first; or why there is none. One that was asked for by the
    /// message or the session has no fallbacks: another model never takes its place silently.
    pub(super) fn candidates(
        &self,
        submission: &Submission,
        session: Option<&SessionEntry>,
        context_tokens: Option<u64>,
    ) -> Result<Vec<Candidate>, String> {
        let agent = &submission.agent_id;
        let asked_for = submission.model.clone().or_else(|| chosen(session?));
        let first = self.models.resolve(agent, asked_for.as_deref());
        let mut models = vec![first.map_err(|error| error.to_string())?];
        if asked_for.is_none() {
            models.extend(self.models.fallbacks(agent));
        }
        let narrow = |model: ResolvedModel| Candidate {
            provider: model.provider,
            model: narrowed(model.info, context_tokens),
        };
        Ok(models.into_iter().map(narrow).collect())
    }
}

/// The model that the user chose for the session, as `provider/model`.
fn chosen(session: &SessionEntry) -> Option<String> {
    let model = session.model_override.as_deref().filter(|model| !model.is_empty())?;
    Some(match session.provider_override.as_deref().filter(|provider| !provider.is_empty()) {
        Some(provider) => format!("{provider}/{model}"),
        None => model.to_owned(),
    })
}

/// The model with the smaller context window that the settings ask for.
fn narrowed(model: Arc<ModelInfo>, context_tokens: Option<u64>) -> Arc<ModelInfo> {
    match context_tokens {
        Some(tokens) if tokens < model.context_window => {
            Arc::new(ModelInfo { context_window: tokens, ..(*model).clone() })
        }
        _ => model,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_says_its_model_with_its_provider() {
        let entry = |provider: Option<&str>, model: Option<&str>| SessionEntry {
            provider_override: provider.map(str::to_owned),
            model_override: model.map(str::to_owned),
            ..SessionEntry::default()
        };
        assert_eq!(chosen(&entry(Some("p"), Some("a/b"))).as_deref(), Some("p/a/b"));
        assert_eq!(chosen(&entry(None, Some("fast"))).as_deref(), Some("fast"));
        assert_eq!(chosen(&entry(Some("p"), None)), None);
        assert_eq!(chosen(&entry(Some(""), Some(""))), None);
    }
}
