//! `tools.*`: what models may call.

use std::borrow::Cow;

use crate::{field::NonEmpty, methods, params, results};

methods! {
    "tools.catalog": ToolsCatalogParams => ToolsCatalogResult, v3 READ, v4 READ;
    "tools.effective": ToolsEffectiveParams => ToolsEffectiveResult, v3 READ, v4 READ;
}

params! {
    /// Lists the tools that there are.
    #[derive(Default)]
    pub struct ToolsCatalogParams {
        /// For which agent.
        agent_id?: NonEmpty,
        /// Whether to add those of plugins; true when absent.
        include_plugins?: bool,
    }

    /// Lists the tools that the model of a session may call.
    pub struct ToolsEffectiveParams {
        /// The agent, for a key without one.
        agent_id?: NonEmpty,
        /// The session.
        session_key: NonEmpty,
    }
}

results! {
    /// The tools that there are.
    #[derive(Default)]
    pub struct ToolsCatalogResult {
        /// For which agent.
        agent_id: String,
        /// Sets of tools that an agent may be given in the config.
        profiles: Vec<ToolProfile>,
        /// The tools, group by group.
        groups: Vec<ToolCatalogGroup>,
    }

    /// A set of tools that an agent may be given.
    #[derive(Eq)]
    pub struct ToolProfile {
        /// `minimal`, `coding`, `messaging` or `full`.
        id: String,
        /// How it is shown.
        label: String,
    }

    /// A group of tools.
    #[derive(Eq)]
    pub struct ToolCatalogGroup {
        /// Its word.
        id: String,
        /// How it is shown.
        label: String,
        /// `core` or `plugin`.
        source: Cow<'static, str>,
        /// The plugin.
        plugin_id?: String,
        /// The tools, by name.
        tools: Vec<ToolCatalogEntry>,
    }

    /// A tool.
    #[derive(Eq)]
    pub struct ToolCatalogEntry {
        /// Its name.
        id: String,
        /// How it is shown.
        label: String,
        /// What it does.
        description: String,
        /// `core` or `plugin`.
        source: Cow<'static, str>,
        /// The plugin.
        plugin_id?: String,
        /// Whether it is left out unless it is asked for.
        optional?: bool,
        /// The profiles that have it.
        default_profiles: Vec<String>,
    }

    /// The tools of a session.
    #[derive(Default)]
    pub struct ToolsEffectiveResult {
        /// The session's agent.
        agent_id: String,
        /// The profile in force, which lists of the config may narrow.
        profile: Cow<'static, str>,
        /// The tools, group by group.
        groups: Vec<ToolEffectiveGroup>,
    }

    /// A group of tools.
    #[derive(Eq)]
    pub struct ToolEffectiveGroup {
        /// `core`, `plugin` or `channel`.
        id: Cow<'static, str>,
        /// How it is shown.
        label: String,
        /// The same word as `id`.
        source: Cow<'static, str>,
        /// The tools, by name.
        tools: Vec<ToolEffectiveEntry>,
    }

    /// A tool.
    #[derive(Eq)]
    pub struct ToolEffectiveEntry {
        /// Its name.
        id: String,
        /// How it is shown.
        label: String,
        /// What it does, its first sentence.
        description: String,
        /// What the model is told of it.
        raw_description: String,
        /// `core`, `plugin` or `channel`.
        source: Cow<'static, str>,
        /// The plugin.
        plugin_id?: String,
        /// The channel.
        channel_id?: String,
    }
}
