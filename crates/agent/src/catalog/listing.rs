//! The models as `models.list` gives them, in the shape recorded from OpenClaw 2026.3.28 with the
//! fields that 2026.9.6 adds.

use openclaw_protocol::methods::{
    common::ThinkingLevel as Level, models::ModelChoice as ListedModel,
};

use super::{Reason, Snapshot, build::Entry};
use crate::provider::ThinkingLevel;

impl Snapshot {
    /// The models that may be chosen, the default first.
    pub fn listed(&self) -> Vec<ListedModel> {
        let default = self.default_choice().ok().map(|choice| choice.model.reference());
        let mut listed: Vec<(bool, ListedModel)> = self
            .models
            .iter()
            .filter(|entry| self.allows(&entry.info))
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
        let levels = if info.reasoning { &LEVELS[..] } else { &LEVELS[..1] };
        let preset = self.config.agents.defaults.thinking_default;
        let preset = preset.filter(|level| levels.contains(level));
        let thinking =
            preset.unwrap_or(if info.reasoning { ThinkingLevel::Low } else { ThinkingLevel::Off });
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
            thinking_levels: Some(levels.iter().map(|level| level_of(*level)).collect()),
            thinking_default: Some(thinking.as_str().to_owned()),
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

fn level_of(level: ThinkingLevel) -> Level {
    Level { id: level.as_str().to_owned(), label: level.as_str().to_owned() }
}
