//! `agents.list`, `agent.identity.get`, `agents.files.*`: the agents that there are, and the files that
//! tell them who they are.

use openclaw_agent::config::{ModelChoice, ResolvedAgent};
use openclaw_protocol::{
    RpcError,
    methods::agents::{
        AgentIdentityParams, AgentIdentityResult, AgentModel, AgentSummary, AgentSummaryIdentity,
        AgentsListParams, AgentsListResult,
    },
};

use super::keys;
use crate::{context::Cx, face::Face, router::RouterBuilder};

mod files;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list).handle(identity).handle(files::list).handle(files::get)
}

pub(super) async fn list(cx: Cx, _: AgentsListParams) -> Result<AgentsListResult, RpcError> {
    let agents = &cx.app().agents;
    let mut summaries = Vec::new();
    for agent in agents.iter() {
        summaries.push(summary(&cx, agent, Face::of(cx.app(), &agent.id).await));
    }
    Ok(AgentsListResult {
        default_id: agents.default_id().to_string(),
        ownership: Some("sole".to_owned()),
        selection_required: Some(false),
        main_key: "main".to_owned(),
        scope: "per-sender".to_owned(),
        agents: summaries,
    })
}

fn summary(cx: &Cx, agent: &ResolvedAgent, face: Face) -> AgentSummary {
    let resolved = cx.app().catalog.resolve(agent.id.as_str(), None).ok();
    let reference = resolved.as_ref().map(|model| model.info.reference());
    let thinking = resolved.map(|model| cx.app().thinking(&agent.id, &model.info));
    let (levels, options, default) =
        thinking.map(|t| (Some(t.levels), Some(t.options), t.default)).unwrap_or_default();
    let identity = &agent.identity;
    let shown = AgentSummaryIdentity {
        name: identity.name.clone(),
        theme: identity.theme.clone(),
        emoji: identity.emoji.clone(),
        avatar: identity.avatar.clone(),
        avatar_url: face.address,
    };
    AgentSummary {
        id: agent.id.to_string(),
        name: agent.name.clone(),
        identity: (shown != AgentSummaryIdentity::default()).then_some(shown),
        workspace: Some(agent.workspace.display().to_string()),
        model: model(agent.model.as_ref(), reference),
        thinking_levels: levels,
        thinking_options: options,
        thinking_default: default,
        ..AgentSummary::default()
    }
}

/// The model that answers, wherever it is chosen: a page of 2026.9.6 lets nobody write to an agent without.
fn model(choice: Option<&ModelChoice>, in_use: Option<String>) -> Option<AgentModel> {
    let primary = in_use.or_else(|| choice?.primary().map(str::to_owned));
    let fallbacks = choice.map(ModelChoice::fallbacks).filter(|list| !list.is_empty());
    let fallbacks = fallbacks.map(<[String]>::to_vec);
    (primary.is_some() || fallbacks.is_some()).then_some(AgentModel { primary, fallbacks })
}

async fn identity(cx: Cx, params: AgentIdentityParams) -> Result<AgentIdentityResult, RpcError> {
    let key = params.session_key.as_deref().filter(|key| !key.trim().is_empty());
    let id = match (&params.agent_id, key) {
        (Some(agent), _) => keys::known_agent(&cx, agent)?,
        (None, Some(key)) => keys::agent_of(&cx, &keys::canonical(&cx, key, None)?),
        (None, None) => cx.app().agents.default_id().clone(),
    };
    let face = Face::of(cx.app(), &id).await;
    Ok(AgentIdentityResult {
        agent_id: id.to_string(),
        avatar: Some(face.avatar),
        avatar_source: face.source,
        avatar_status: face.status.map(str::to_owned),
        avatar_reason: face.reason.map(str::to_owned),
        name: Some(face.name),
        name_source: Some(face.name_source.to_owned()),
        emoji: face.emoji,
    })
}
