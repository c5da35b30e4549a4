//! `agents.list`, `agent.identity.get`: the agents that there are.

use openclaw_agent::config::{ModelChoice, ResolvedAgent};
use openclaw_protocol::{
    RpcError,
    methods::agents::{
        AgentIdentityParams, AgentIdentityResult, AgentModel, AgentSummary, AgentSummaryIdentity,
        AgentsListParams, AgentsListResult,
    },
};

use super::keys;
use crate::{context::Cx, router::RouterBuilder};

/// The name of an agent that has none.
const NAMELESS: &str = "Assistant";

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list).handle(identity)
}

pub(super) async fn list(cx: Cx, _: AgentsListParams) -> Result<AgentsListResult, RpcError> {
    let agents = &cx.app().agents;
    Ok(AgentsListResult {
        default_id: agents.default_id().to_string(),
        ownership: Some("sole".to_owned()),
        selection_required: Some(false),
        main_key: "main".to_owned(),
        scope: "per-sender".to_owned(),
        agents: agents.iter().map(|agent| summary(&cx, agent)).collect(),
    })
}

fn summary(cx: &Cx, agent: &ResolvedAgent) -> AgentSummary {
    let resolved = cx.app().catalog.resolve(agent.id.as_str(), None).ok();
    let thinking = resolved.map(|model| cx.app().thinking(&agent.id, &model.info));
    let (levels, options, default) =
        thinking.map(|t| (Some(t.levels), Some(t.options), t.default)).unwrap_or_default();
    let identity = &agent.identity;
    let shown = AgentSummaryIdentity {
        name: identity.name.clone(),
        theme: identity.theme.clone(),
        emoji: identity.emoji.clone(),
        avatar: identity.avatar.clone(),
        avatar_url: None,
    };
    AgentSummary {
        id: agent.id.to_string(),
        name: agent.name.clone(),
        identity: (shown != AgentSummaryIdentity::default()).then_some(shown),
        workspace: Some(agent.workspace.display().to_string()),
        model: agent.model.as_ref().map(model),
        thinking_levels: levels,
        thinking_options: options,
        thinking_default: default,
        ..AgentSummary::default()
    }
}

fn model(choice: &ModelChoice) -> AgentModel {
    let fallbacks = choice.fallbacks();
    AgentModel {
        primary: choice.primary().map(str::to_owned),
        fallbacks: (!fallbacks.is_empty()).then(|| fallbacks.to_vec()),
    }
}

async fn identity(cx: Cx, params: AgentIdentityParams) -> Result<AgentIdentityResult, RpcError> {
    let key = params.session_key.as_deref().filter(|key| !key.trim().is_empty());
    let id = match (&params.agent_id, key) {
        (Some(agent), _) => keys::known_agent(&cx, agent)?,
        (None, Some(key)) => keys::agent_of(&cx, &keys::canonical(&cx, key, None)?),
        (None, None) => cx.app().agents.default_id().clone(),
    };
    let agent = cx.app().agents.get(&id);
    let own = agent.map(|agent| &agent.identity);
    let name = own.and_then(|own| own.name.clone()).or_else(|| agent.and_then(|a| a.name.clone()));
    let name = name.unwrap_or_else(|| NAMELESS.to_owned());
    let avatar = own.and_then(|own| own.avatar.clone().or_else(|| own.emoji.clone()));
    Ok(AgentIdentityResult {
        agent_id: id.to_string(),
        avatar: avatar
            .or_else(|| name.chars().next().map(|first| first.to_uppercase().to_string())),
        name: Some(name),
        emoji: own.and_then(|own| own.emoji.clone()),
        ..AgentIdentityResult::default()
    })
}
