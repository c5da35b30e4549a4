//! The snapshot: every model that can be called, in the order of preference.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Reason, ResolvedModel,
    known::{self, DEFAULT_CONTEXT_WINDOW, FoundKeys},
    source::{Source, spoken},
};
use crate::{
    config::{Config, ModelEntry, ModelInput, ModelProvider, ModelsMode},
    discover::LocalServer,
    provider::{Api, Compat, ModelInfo, Price, Provider, ProviderError, demo},
};

/// Every model there is, at one moment.
pub struct Snapshot {
    pub(super) config: Arc<Config>,
    pub(super) keys: Arc<FoundKeys>,
    pub(super) models: Vec<Entry>,
    pub(super) providers: BTreeMap<(String, Api), Made>,
    issues: Vec<String>,
}

/// A model and why it is known.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) info: Arc<ModelInfo>,
    pub(super) reason: Reason,
}

/// A provider and what it was made from.
#[derive(Clone)]
pub(super) struct Made {
    /// None for a provider that the program brought.
    source: Option<Source>,
    pub(super) provider: Result<Arc<dyn Provider>, ProviderError>,
}

impl Made {
    /// What it was made from.
    pub(super) fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let models = self.models.iter().map(|entry| entry.info.reference());
        f.debug_list().entries(models).finish()
    }
}

/// Where models come from besides the configuration and the keys.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) brought: &'a [ResolvedModel],
    pub(super) servers: &'a [LocalServer],
}

impl Snapshot {
    pub(super) fn build(
        config: &Arc<Config>,
        keys: &Arc<FoundKeys>,
        sources: Sources<'_>,
        previous: Option<&Self>,
    ) -> Self {
        let mut snapshot = Self {
            config: Arc::clone(config),
            keys: Arc::clone(keys),
            models: Vec::new(),
            providers: BTreeMap::new(),
            issues: Vec::new(),
        };
        for model in sources.brought {
            snapshot.brought(model);
        }
        for (id, entry) in &config.models.providers {
            snapshot.configured(id, entry, previous);
        }
        if config.models.mode == ModelsMode::Merge {
            snapshot.by_key(previous);
            for server in sources.servers {
                snapshot.local(server, previous);
            }
        }
        let source = Source { api: Api::Demo, ..Source::open_server(demo::PROVIDER, "") };
        snapshot.add(&source, demo::Demo::model(), Reason::BuiltIn, previous);
        snapshot
    }

    /// What in the configuration of the models has no effect, and what to change.
    pub fn issues(&self) -> &[String] {
        &self.issues
    }

    fn brought(&mut self, model: &ResolvedModel) {
        let key = (model.info.provider.clone(), model.info.api);
        let provider = Ok(Arc::clone(&model.provider));
        self.providers.entry(key).or_insert(Made { source: None, provider });
        let info = Arc::new(self.capped((*model.info).clone()));
        self.models.push(Entry { info, reason: Reason::Brought });
    }

    fn configured(&mut self, id: &str, entry: &ModelProvider, previous: Option<&Self>) {
        let known = known::provider(id);
        let keys = Arc::clone(&self.keys);
        let default_api = |given| match (given, known) {
            (Some(api), _) => spoken(api),
            (None, Some(known)) => Ok(known.api),
            (None, None) => Ok(Api::OpenaiCompletions),
        };
        let source = |api| Source::configured(id, entry, api, known, &keys);
        for model in &entry.models {
            match default_api(model.api.or(entry.api)).and_then(source) {
                Ok(source) if !model.id.trim().is_empty() => {
                    let info = model_info(id, model, source.api);
                    self.add(&source, info, Reason::Config, previous);
                }
                Ok(_) => self.issues.push(format!("models.providers.{id}: a model without an id")),
                Err(issue) => self.issues.push(format!("models.providers.{id}: {issue}")),
            }
        }
        if let Some(known) = known.filter(|_| entry.models.is_empty()) {
            match default_api(entry.api).and_then(source) {
                Ok(source) => {
                    let info = ModelInfo { api: source.api, ..known.default_model() };
                    self.add(&source, info, Reason::Config, previous);
                }
                Err(issue) => self.issues.push(format!("models.providers.{id}: {issue}")),
            }
        } else if entry.models.is_empty() {
            self.issues.push(format!("models.providers.{id}: models is empty; list at least one"));
        }
        self.issues.dedup();
    }

    fn by_key(&mut self, previous: Option<&Self>) {
        let keys = Arc::clone(&self.keys);
        for known in known::PROVIDERS {
            if self.config.models.providers.contains_key(known.id) {
                continue;
            }
            if let Some((variable, key)) = keys.of(known) {
                let source = Source::known(known, key);
                self.add(&source, known.default_model(), Reason::Key { variable }, previous);
            }
        }
    }

    fn local(&mut self, server: &LocalServer, previous: Option<&Self>) {
        let id = server.product.id();
        if self.config.models.providers.contains_key(id) {
            return;
        }
        let source = Source::open_server(id, &server.base_url());
        for model in &server.models {
            let info = ModelInfo {
                provider: id.to_owned(),
                id: model.id.clone(),
                name: model.id.clone(),
                api: Api::OpenaiCompletions,
                reasoning: false,
                images: model.images,
                context_window: model.context_window,
                max_tokens: None,
                price: Price::default(),
                compat: Compat::default(),
            };
            let reason =
                Reason::LocalServer { product: server.product, address: server.address.clone() };
            self.add(&source, info, reason, previous);
        }
    }

    /// Adds a model unless it is there; its provider is taken over when its settings are the same.
    fn add(&mut self, source: &Source, info: ModelInfo, reason: Reason, previous: Option<&Self>) {
        let key = (source.id.clone(), source.api);
        if !self.providers.contains_key(&key) {
            let kept = previous.and_then(|old| old.providers.get(&key));
            let made = match kept.filter(|made| made.source.as_ref() == Some(source)) {
                Some(made) => made.clone(),
                None => Made { source: Some(source.clone()), provider: source.provider() },
            };
            if let Err(error) = &made.provider {
                self.issues.push(error.to_string());
            }
            self.providers.insert(key, made);
        }
        let same = |entry: &Entry| entry.info.provider == info.provider && entry.info.id == info.id;
        if !self.models.iter().any(same) {
            self.models.push(Entry { info: Arc::new(self.capped(info)), reason });
        }
    }

    /// Applies `agents.defaults.contextTokens`, which can only narrow the window.
    pub(super) fn capped(&self, mut info: ModelInfo) -> ModelInfo {
        if let Some(tokens) =
            self.config.agents.defaults.context_tokens.filter(|tokens| *tokens > 0)
        {
            info.context_window = info.context_window.min(tokens);
        }
        info
    }
}

fn model_info(provider: &str, entry: &ModelEntry, api: Api) -> ModelInfo {
    let id = entry.id.trim();
    ModelInfo {
        provider: provider.to_owned(),
        id: id.to_owned(),
        name: entry.name.clone().unwrap_or_else(|| id.to_owned()),
        api,
        reasoning: entry.reasoning,
        images: entry.input.contains(&ModelInput::Image),
        context_window: entry.context_window.unwrap_or(DEFAULT_CONTEXT_WINDOW),
        max_tokens: entry.max_tokens,
        price: entry.cost.map(Price::from).unwrap_or_default(),
        compat: entry.compat.as_ref().map(Compat::from).unwrap_or_default(),
    }
}
