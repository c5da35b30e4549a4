//! What the configuration means for the runtime: agents, limits, and how many runs may run at a time.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use openclaw_protocol::ids::AgentId;

use super::{Shared, Submission};
use crate::{
    config::{AgentDefaults, Config, ResolvedAgent},
    provider::ThinkingLevel,
    run::begin::{AgentView, Prepared},
    session::SessionEntry,
};

/// The longest part of one workspace file in the prompt, in characters, unless the file says otherwise.
const BOOTSTRAP_MAX_CHARS: usize = 20_000;
/// The longest part of all workspace files together.
const BOOTSTRAP_TOTAL_MAX_CHARS: usize = 150_000;

/// What the runtime needs of the configuration. The gateway makes one at the start and at each change.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentSettings {
    /// The agents, `main` always among them.
    pub agents: Vec<ResolvedAgent>,
    /// `agents.defaults.maxConcurrent`: runs at a time, at least one.
    pub max_concurrent: usize,
    /// `agents.defaults.timeoutSeconds`: how long a run may take.
    pub timeout: Duration,
    /// `agents.defaults.userTimezone`.
    pub time_zone: Option<String>,
    /// `agents.defaults.contextTokens`: a smaller context window than the model's.
    pub context_tokens: Option<u64>,
    /// `agents.defaults.bootstrapMaxChars`; zero leaves workspace files out of the prompt.
    pub bootstrap_max_chars: usize,
    /// `agents.defaults.bootstrapTotalMaxChars`.
    pub bootstrap_total_max_chars: usize,
}

impl AgentSettings {
    /// The settings of a configuration. `home` is what `~` stands for, `state` the state folder.
    pub fn new(config: &Config, home: &Path, state: &Path) -> Self {
        let defaults = &config.agents.defaults;
        let seconds = defaults.timeout_seconds.filter(|seconds| *seconds > 0);
        let per_file = defaults.bootstrap_max_chars.unwrap_or(BOOTSTRAP_MAX_CHARS);
        Self {
            agents: config.resolved_agents(home, state),
            max_concurrent: defaults.max_concurrent.max(1),
            timeout: Duration::from_secs(seconds.unwrap_or(AgentDefaults::TIMEOUT_SECONDS)),
            time_zone: defaults.user_timezone.clone(),
            context_tokens: defaults.context_tokens.filter(|tokens| *tokens > 0),
            bootstrap_max_chars: if defaults.skip_bootstrap { 0 } else { per_file },
            bootstrap_total_max_chars: defaults
                .bootstrap_total_max_chars
                .unwrap_or(BOOTSTRAP_TOTAL_MAX_CHARS),
        }
    }

    /// An agent; one that is not listed is like the default agent.
    pub fn agent(&self, id: &AgentId) -> Option<&ResolvedAgent> {
        let own = self.agents.iter().find(|agent| agent.id == *id);
        own.or_else(|| self.agents.iter().find(|agent| agent.is_default))
    }

    fn view(&self, id: &AgentId) -> AgentView {
        let agent = self.agent(id);
        let name =
            agent.and_then(|agent| agent.identity.name.clone().or_else(|| agent.name.clone()));
        let workspace = agent.map_or_else(PathBuf::new, |agent| agent.workspace.clone());
        AgentView {
            name: name.unwrap_or_else(|| "OpenClaw".to_owned()),
            theme: agent.and_then(|agent| agent.identity.theme.clone()),
            workspace: workspace.into(),
            time_zone: self.time_zone.clone(),
            bootstrap_max_chars: self.bootstrap_max_chars,
            bootstrap_total_max_chars: self.bootstrap_total_max_chars,
            timeout: self.timeout,
            tools: agent.map(|agent| agent.tools.clone()).unwrap_or_default(),
        }
    }
}

impl Shared {
    /// The workspace of an agent.
    pub(crate) fn workspace(&self, agent: &AgentId) -> Arc<Path> {
        self.config.borrow().view(agent).workspace
    }

    /// Settles what a run needs. Never fails: a run without a model begins, and ends by saying so.
    pub(crate) fn prepare(
        &self,
        submission: &Submission,
        before: Option<SessionEntry>,
    ) -> Prepared {
        let settings = Arc::clone(&self.config.borrow());
        let agent = settings.agent(&submission.agent_id);
        let model = self.candidates(submission, before.as_ref(), settings.context_tokens);
        let own = submission.thinking.as_deref().and_then(ThinkingLevel::parse);
        let session = || before.as_ref()?.thinking_level.as_deref().and_then(ThinkingLevel::parse);
        let thinking = own.or_else(session).or_else(|| agent?.thinking);
        Prepared::new(model, thinking, Arc::new(settings.view(&submission.agent_id)), before)
    }
}

/// Follows changes of the settings: more permits at once, fewer as they come free.
pub(super) async fn follow(shared: &Shared) {
    let mut config = shared.config.clone();
    let mut now = config.borrow_and_update().max_concurrent.max(1);
    while config.changed().await.is_ok() {
        let wanted = config.borrow_and_update().max_concurrent.max(1);
        if wanted > now {
            shared.permits.add_permits(wanted - now);
        } else if let Ok(surplus) = u32::try_from(now - wanted)
            && let Ok(permits) = shared.permits.acquire_many(surplus).await
        {
            permits.forget();
        }
        now = wanted;
    }
    // Whoever owned the settings is gone; what they said last stays.
    std::future::pending::<()>().await;
}
