//! The agents of this gateway, and where each keeps its sessions.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use openclaw_agent::config::{Config, MAIN_AGENT, ResolvedAgent};
use openclaw_protocol::ids::AgentId;

/// A snapshot of the configured agents; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Agents(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    agents: Vec<ResolvedAgent>,
    default: AgentId,
    state_dir: PathBuf,
}

impl Agents {
    /// The agents of a config; `main` is always among them.
    pub(crate) fn new(config: &Config, home: &Path, state_dir: &Path) -> Self {
        let agents = config.resolved_agents(home, state_dir);
        let default = agents.iter().find(|agent| agent.is_default);
        let default = default.map_or_else(|| AgentId::from(MAIN_AGENT), |agent| agent.id.clone());
        Self(Arc::new(Inner { agents, default, state_dir: state_dir.to_owned() }))
    }

    /// The agent of keys that name none.
    pub(crate) fn default_id(&self) -> &AgentId {
        &self.0.default
    }

    /// Every agent, in the order of the config.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ResolvedAgent> {
        self.0.agents.iter()
    }

    /// One agent.
    pub(crate) fn get(&self, id: &AgentId) -> Option<&ResolvedAgent> {
        self.iter().find(|agent| agent.id == *id)
    }

    /// An agent's `sessions.json`.
    pub(crate) fn sessions_file(&self, id: &AgentId) -> PathBuf {
        self.0.state_dir.join("agents").join(id.as_str()).join("sessions").join("sessions.json")
    }
}
