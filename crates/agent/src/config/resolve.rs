//! Which agents there are, where each works and which model it uses.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use openclaw_protocol::ids::AgentId;

use super::{AgentEntry, AgentIdentity, Config, ModelChoice};
use crate::{provider::ThinkingLevel, tool::ToolPolicy};

/// The agent that always exists.
pub const MAIN_AGENT: &str = "main";
/// The longest agent id, in characters; what is longer is cut.
const MAX_ID: usize = 64;

/// An agent with everything it inherits.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedAgent {
    /// The id.
    pub id: AgentId,
    /// The name for people.
    pub name: Option<String>,
    /// Whether it takes what no binding gives to another. Exactly one does.
    pub is_default: bool,
    /// The folder that it works in, absolute or below the home folder.
    pub workspace: PathBuf,
    /// Its model and fallbacks; `None` leaves the choice to the catalog.
    pub model: Option<ModelChoice>,
    /// How much it thinks.
    pub thinking: Option<ThinkingLevel>,
    /// How it shows itself.
    pub identity: AgentIdentity,
    /// Which tools its model may call.
    pub tools: ToolPolicy,
}

/// Where the folders are that paths in the file stand for.
#[derive(Debug, Clone, Copy)]
struct Folders<'a> {
    /// What `~` stands for.
    home: &'a Path,
    /// The state folder, for example `~/.openclaw`.
    state: &'a Path,
}

impl Config {
    /// Every agent, in the order of the file; `main` first when it is not listed.
    /// `home` is what `~` stands for; `state` is the state folder, for example `~/.openclaw`.
    pub fn resolved_agents(&self, home: &Path, state: &Path) -> Vec<ResolvedAgent> {
        let folders = Folders { home, state };
        let mut seen = BTreeSet::new();
        let mut listed: Vec<(String, AgentEntry)> = Vec::new();
        for entry in &self.agents.list {
            let Some(id) = entry_id(entry) else { continue };
            // Two of one id would share a session store; the first wins.
            if seen.insert(id.clone()) {
                listed.push((id, entry.clone()));
            }
        }
        if !seen.contains(MAIN_AGENT) {
            listed.insert(0, (MAIN_AGENT.to_owned(), AgentEntry::default()));
        }
        let default = self.default_id(&listed);
        listed
            .into_iter()
            .map(|(id, entry)| {
                let is_default = id == default;
                let workspace = self.workspace_of(&id, &entry, is_default, folders);
                ResolvedAgent {
                    is_default,
                    workspace,
                    model: entry.model.clone().or_else(|| self.common_model().cloned()),
                    thinking: entry.thinking_default.or(self.agents.defaults.thinking_default),
                    identity: identity(&entry),
                    tools: ToolPolicy::new(&self.tools, entry.tools.as_ref()),
                    name: entry.name,
                    id: AgentId::from(id),
                }
            })
            .collect()
    }

    /// The model of all agents that have none of their own.
    pub fn common_model(&self) -> Option<&ModelChoice> {
        let legacy = || self.agent.as_ref().and_then(|agent| agent.model.as_ref());
        self.agents.defaults.model.as_ref().or_else(legacy)
    }

    /// The model of an agent: its own, or the common one.
    pub fn model_of(&self, agent: &str) -> Option<&ModelChoice> {
        let entry = self.agents.list.iter().find(|entry| entry_id(entry).as_deref() == Some(agent));
        entry.and_then(|entry| entry.model.as_ref()).or_else(|| self.common_model())
    }

    /// The one marked as default, else the first of the file, else `main`.
    fn default_id(&self, listed: &[(String, AgentEntry)]) -> String {
        let marked = listed.iter().find(|(_, entry)| entry.default);
        let first = || self.agents.list.iter().find_map(entry_id);
        marked.map(|(id, _)| id.clone()).or_else(first).unwrap_or_else(|| MAIN_AGENT.to_owned())
    }

    /// In order: the agent's own, the common one, the older spelling of the common one, a folder
    /// of the agent's name below the root workspace if it is an agent's, the default.
    fn workspace_of(
        &self,
        id: &str,
        entry: &AgentEntry,
        is_default: bool,
        folders: Folders<'_>,
    ) -> PathBuf {
        let legacy = self.agent.as_ref().and_then(|agent| agent.workspace.as_deref());
        let common = self.agents.defaults.workspace.as_deref();
        if let Some(path) = given(entry.workspace.as_deref()) {
            return expand(path, folders.home);
        }
        if let Some(path) = given(common).or_else(|| given(legacy)) {
            return expand(path, folders.home);
        }
        if let Some(root) = given(self.workspace.as_deref()) {
            let folder =
                expand(root, folders.home).join("agents").join(entry.name.as_deref().unwrap_or(id));
            if holds_identity(&folder) {
                return folder;
            }
        }
        let name = if is_default { "workspace".to_owned() } else { format!("workspace-{id}") };
        folders.state.join(name)
    }
}

/// Whether a folder holds the files that say who an agent is.
fn holds_identity(folder: &Path) -> bool {
    ["SOUL.md", "AGENTS.md"].iter().any(|file| folder.join(file).is_file())
}

fn given(path: Option<&str>) -> Option<&str> {
    path.map(str::trim).filter(|path| !path.is_empty())
}

/// Replaces a leading `~`; a relative path is below the home folder.
fn expand(path: &str, home: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => home.join(path),
    }
}

/// The id in the form that session keys use; made from the name when there is none.
fn entry_id(entry: &AgentEntry) -> Option<String> {
    let text = entry.id.as_deref().or(entry.name.as_deref())?;
    let mut id = String::new();
    for c in text.trim().to_lowercase().chars() {
        let allowed = c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if allowed {
            id.push(c);
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_matches('-');
    let id = &id[..id.len().min(MAX_ID)];
    (!id.is_empty()).then(|| id.to_owned())
}

/// The identity; older files say it as name, role and capabilities.
fn identity(entry: &AgentEntry) -> AgentIdentity {
    let mut identity = entry.identity.clone().unwrap_or_default();
    if identity.theme.is_none() && (entry.role.is_some() || !entry.capabilities.is_empty()) {
        let role = entry.role.clone().into_iter();
        let words: Vec<String> = role.chain(entry.capabilities.iter().cloned()).collect();
        identity.theme = Some(words.join(", "));
    }
    identity.name = identity.name.or_else(|| entry.name.clone());
    identity
}
