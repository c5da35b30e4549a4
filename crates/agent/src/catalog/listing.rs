//! The models as `models.list` gives them, in the shape recorded from OpenClaw 2026.3.28 with the
//! fields that 2026.9.6 adds.

use openclaw_protocol::methods::{
    common::ThinkingLevel as Level, models::ModelChoice as ListedModel,
};

use super::{Reason, Snapshot, build::Entry};
use crate::provider::{ModelInfo, ThinkingLevel};

/// Which models of the catalog are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Those that may be chosen.
    Allowed,
    /// Of these, those that the configuration names; all of them where it names none.
    Configured,
    /// Those that the configuration names, whether they may be chosen or not.
    ProviderConfig,
    /// All that are known, whether they may be chosen or not.
    All,
}

impl Snapshot {
    /// The models of `models.list`, the default first.
    pub fn listed(&self, listing: Listing) -> Vec<ListedModel> {
        let configured = |entry: &Entry| entry.reason == Reason::Config;
        // A picker that would be empty offers what may be chosen.
        let any = |entry: &Entry| self.allows(&entry.info) && configured(entry);
        let listing = match listing {
            Listing::Configured if !self.models.iter().any(any) => Listing::Allowed,
            listing => listing,
        };
        let listed = |entry: &&Entry| match listing {
            Listing::Allowed => self.allows(&entry.info),
            Listing::Configured => self.allows(&entry.info) && configured(entry),
            Listing::ProviderConfig => configured(entry),
            Listing::All => true,
        };
        let default = self.default_choice().ok().map(|choice| choice.model.reference());
        let mut listed: Vec<(bool, ListedModel)> = self
            .models
            .iter()
            .filter(listed)
            .map(|entry| {
                let is_default = default.as_ref() == Some(&entry.info.reference());
                (is_default, self.listed_model(entry, is_default))
            })
            .collect();
        listed.sort_by_key(|(is_default, _)| !is_default);
        listed.into_iter().map(|(_, model)| model).collect()
    }

    fn listed_model(&self, entry: &Entry, is_default: bool) -> ListedModel {
        let info = &entry.info;
        let aliases = &self.config.agents.defaults.models;
        let alias = aliases.get(&info.reference()).and_then(|model| model.alias.clone());
        let made = self.providers.get(&(info.provider.clone(), info.api));
        let local = matches!(entry.reason, Reason::LocalServer { .. } | Reason::BuiltIn);
        let input = if info.images { &["text", "image"][..] } else { &["text"] };
        let thinking = Thinking::of(info, self.config.agents.defaults.thinking_default);
        ListedModel {
            id: info.id.clone(),
            name: info.name.clone(),
            provider: info.provider.clone(),
            alias,
            tags: is_default.then(|| vec!["default".to_owned()]),
            local: local.then_some(true),
            available: Some(made.is_some_and(|made| made.provider.is_ok())),
            context_window: Some(info.context_window),
            reasoning: Some(info.reasoning),
            thinking_levels: Some(thinking.levels),
            thinking_default: thinking.default,
            supports_tools: Some(info.compat.tools),
            input: Some(input.iter().map(|kind| (*kind).to_owned()).collect()),
            ..ListedModel::default()
        }
    }
}

/// The levels of a model that can think; the first is the only one of those that cannot.
const LEVELS: [ThinkingLevel; 5] = [
    ThinkingLevel::Off,
    ThinkingLevel::Minimal,
    ThinkingLevel::Low,
    ThinkingLevel::Medium,
    ThinkingLevel::High,
];

/// How much a model can think, in the words of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thinking {
    /// The levels to choose from, `off` always among them.
    pub levels: Vec<Level>,
    /// Their labels.
    pub options: Vec<String>,
    /// The level of a new session; `None` where nothing is configured and the provider decides.
    pub default: Option<String>,
}

impl Thinking {
    /// What a model offers; `preset` is the level that the configuration asks for.
    pub fn of(model: &ModelInfo, preset: Option<ThinkingLevel>) -> Self {
        let levels = if model.reasoning { &LEVELS[..] } else { &LEVELS[..1] };
        let off = (!model.reasoning).then_some(ThinkingLevel::Off);
        let default = preset.filter(|level| levels.contains(level)).or(off);
        let word = |level: &ThinkingLevel| level.as_str().to_owned();
        Self {
            levels: levels
                .iter()
                .map(|level| Level { id: word(level), label: word(level) })
                .collect(),
            options: levels.iter().map(word).collect(),
            default: default.as_ref().map(word),
        }
    }
}
