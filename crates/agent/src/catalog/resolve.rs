//! From a name to a model that can be called.

use std::sync::Arc;

use super::{
    CatalogError, Choice, Reason, ResolvedModel, Snapshot,
    build::Entry,
    known::{self, KnownProvider},
};
use crate::{
    config::ModelChoice,
    provider::{Api, ModelInfo},
};

/// How many models an error message suggests.
const SUGGESTIONS: usize = 3;

impl Snapshot {
    /// The default model of all agents, and why.
    pub fn default_choice(&self) -> Result<Choice, CatalogError> {
        if let Some(reference) = self.config.common_model().and_then(ModelChoice::primary) {
            return Ok(Choice { model: self.find(reference)?, reason: Reason::Config });
        }
        let first = self.models.first().ok_or_else(|| self.unknown("default"))?;
        Ok(Choice { model: Arc::clone(&first.info), reason: first.reason.clone() })
    }

    /// The model for a run: what was asked for, else the agent's, else the default.
    pub fn resolve(
        &self,
        agent: &str,
        asked_for: Option<&str>,
    ) -> Result<ResolvedModel, CatalogError> {
        if let Some(reference) = asked_for.map(str::trim).filter(|text| !text.is_empty()) {
            let info = self.find(reference)?;
            if !self.allows(&info) {
                return Err(CatalogError::NotAllowed { reference: info.reference() });
            }
            return self.callable(info);
        }
        match self.config.model_of(agent).and_then(ModelChoice::primary) {
            Some(reference) => self.callable(self.find(reference)?),
            None => self.callable(self.default_choice()?.model),
        }
    }

    /// What to use when the agent's model fails, in order. Those that are missing are left out.
    pub fn fallbacks(&self, agent: &str) -> Vec<ResolvedModel> {
        let choice = self.config.model_of(agent);
        let references = choice.map(ModelChoice::fallbacks).unwrap_or_default();
        let found = references.iter().filter_map(|reference| self.find(reference).ok());
        found.filter_map(|info| self.callable(info).ok()).collect()
    }

    fn callable(&self, info: Arc<ModelInfo>) -> Result<ResolvedModel, CatalogError> {
        let key = (info.provider.clone(), info.api);
        let made = self.providers.get(&key).ok_or_else(|| self.unknown(&info.reference()))?;
        let provider = made.provider.clone().map_err(CatalogError::Provider)?;
        Ok(ResolvedModel { provider, info })
    }

    /// A model by alias, by `provider/id`, or by its id alone.
    pub(super) fn find(&self, reference: &str) -> Result<Arc<ModelInfo>, CatalogError> {
        let reference = reference.trim();
        let reference = self.alias(reference).unwrap_or(reference);
        if let Some((provider, id)) = reference.split_once('/') {
            let provider = provider.to_ascii_lowercase();
            let same = |entry: &&Entry| entry.info.provider == provider && entry.info.id == id;
            if let Some(entry) = self.models.iter().find(same) {
                return Ok(Arc::clone(&entry.info));
            }
        }
        // The id alone may contain slashes as well.
        if let Some(entry) = self.models.iter().find(|entry| entry.info.id == reference) {
            return Ok(Arc::clone(&entry.info));
        }
        let (provider, id) = reference.split_once('/').unwrap_or(("", reference));
        match known::provider(&provider.to_ascii_lowercase()).filter(|_| !id.is_empty()) {
            Some(known) => self.unlisted(known, id),
            None => Err(self.unknown(reference)),
        }
    }

    /// A model of a known provider that is not listed: the provider knows whether it exists.
    fn unlisted(&self, known: &KnownProvider, id: &str) -> Result<Arc<ModelInfo>, CatalogError> {
        let made = |api: Api| self.providers.contains_key(&(known.id.to_owned(), api));
        let api = [known.api, Api::OpenaiCompletions, Api::AnthropicMessages]
            .into_iter()
            .find(|api| made(*api));
        let variable = known.variables.first().copied().unwrap_or_default();
        let no_key = || CatalogError::NoKey { provider: known.id.to_owned(), variable };
        let api = api.ok_or_else(no_key)?;
        Ok(Arc::new(self.capped(ModelInfo { api, ..known.other_model(id) })))
    }

    fn alias(&self, name: &str) -> Option<&str> {
        let has = |alias: &Option<String>| {
            alias.as_deref().is_some_and(|alias| alias.trim().eq_ignore_ascii_case(name))
        };
        let mut aliases = self.config.agents.defaults.models.iter();
        aliases.find(|(_, model)| has(&model.alias)).map(|(reference, _)| reference.as_str())
    }

    /// Whether a model may be chosen. Without `agents.defaults.models` all may; with it those, and
    /// those that the configuration itself uses.
    pub(super) fn allows(&self, info: &ModelInfo) -> bool {
        let listed = &self.config.agents.defaults.models;
        if listed.is_empty() {
            return true;
        }
        let own = self.config.agents.list.iter().filter_map(|agent| agent.model.as_ref());
        let choices: Vec<&ModelChoice> =
            self.config.common_model().into_iter().chain(own).collect();
        let primaries = choices.iter().filter_map(|choice| choice.primary());
        let fallbacks = choices.iter().flat_map(|choice| choice.fallbacks()).map(String::as_str);
        let is_it = |reference: &str| {
            self.find(reference)
                .is_ok_and(|found| found.provider == info.provider && found.id == info.id)
        };
        listed.keys().map(String::as_str).chain(primaries).chain(fallbacks).any(is_it)
    }

    fn unknown(&self, reference: &str) -> CatalogError {
        let mut near: Vec<String> =
            self.models.iter().map(|entry| entry.info.reference()).collect();
        // Those that share the most with what was asked for come first.
        near.sort_by_key(|name| std::cmp::Reverse(shared(name, reference)));
        near.truncate(SUGGESTIONS);
        let hint = format!("; try {}, or add it to models.providers", near.join(" or "));
        CatalogError::Unknown { reference: reference.escape_debug().to_string(), hint }
    }
}

/// How many of the words of a name another one has.
fn shared(name: &str, other: &str) -> usize {
    let separator = |c: char| !c.is_alphanumeric();
    let other: Vec<&str> = other.split(separator).filter(|word| !word.is_empty()).collect();
    name.split(separator).filter(|word| other.contains(word)).count()
}
