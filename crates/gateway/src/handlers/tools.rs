//! `tools.*`: what models may call.

use std::borrow::Cow;

use openclaw_agent::{
    config::ToolProfile as Profile,
    tool::{Tool, policy},
};
use openclaw_protocol::{
    RpcError,
    methods::tools::{
        ToolCatalogEntry, ToolCatalogGroup, ToolEffectiveEntry, ToolEffectiveGroup, ToolProfile,
        ToolsCatalogParams, ToolsCatalogResult, ToolsEffectiveParams, ToolsEffectiveResult,
    },
};

use super::keys;
use crate::{context::Cx, router::RouterBuilder};

/// Where the tools come from: this program.
const CORE: Cow<'static, str> = Cow::Borrowed("core");
/// How their group is shown.
const LABEL: &str = "Built-in tools";
/// The profiles, each with how it is shown.
const PROFILES: [(Profile, &str, &str); 4] = [
    (Profile::Minimal, "minimal", "Minimal"),
    (Profile::Coding, "coding", "Coding"),
    (Profile::Messaging, "messaging", "Messaging"),
    (Profile::Full, "full", "Full"),
];

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(catalog).handle(effective)
}

async fn catalog(cx: Cx, params: ToolsCatalogParams) -> Result<ToolsCatalogResult, RpcError> {
    let agent = match &params.agent_id {
        Some(agent) => keys::known_agent(&cx, agent)?,
        None => cx.app().agents.default_id().clone(),
    };
    let entry = |tool: &dyn Tool| ToolCatalogEntry {
        id: tool.name().to_owned(),
        label: tool.label().to_owned(),
        description: first_sentence(&tool.spec().description),
        source: CORE,
        plugin_id: None,
        optional: None,
        default_profiles: words(policy::profiles_of(tool.name())),
    };
    let tools: Vec<_> = cx.app().runtime.tools().iter().map(|tool| entry(&**tool)).collect();
    let group = ToolCatalogGroup {
        id: CORE.into_owned(),
        label: LABEL.to_owned(),
        source: CORE,
        plugin_id: None,
        tools,
    };
    Ok(ToolsCatalogResult {
        agent_id: agent.to_string(),
        profiles: PROFILES
            .map(|(_, id, label)| ToolProfile { id: id.to_owned(), label: label.to_owned() })
            .into(),
        groups: Some(group).filter(|group| !group.tools.is_empty()).into_iter().collect(),
    })
}

async fn effective(cx: Cx, params: ToolsEffectiveParams) -> Result<ToolsEffectiveResult, RpcError> {
    let key = keys::canonical(&cx, &params.session_key, params.agent_id.as_deref())?;
    if keys::find(&cx, &key).await?.is_none() {
        let sent = &params.session_key;
        return Err(RpcError::invalid(format!("unknown session key \"{sent}\"")));
    }
    let entry = |tool: &dyn Tool| ToolEffectiveEntry {
        id: tool.name().to_owned(),
        label: tool.label().to_owned(),
        description: first_sentence(&tool.spec().description),
        raw_description: tool.spec().description.clone(),
        source: CORE,
        plugin_id: None,
        channel_id: None,
    };
    let agent = keys::agent_of(&cx, &key);
    let agents = &cx.app().agents;
    // One that is not listed is like the default agent.
    let settings = agents.get(&agent).or_else(|| agents.get(agents.default_id()));
    let policy = settings.map(|agent| agent.tools.clone()).unwrap_or_default();
    let permitted = cx.app().runtime.tools().permitted(&policy);
    let tools: Vec<_> = permitted.iter().map(|tool| entry(&**tool)).collect();
    let group = ToolEffectiveGroup { id: CORE, label: LABEL.to_owned(), source: CORE, tools };
    Ok(ToolsEffectiveResult {
        agent_id: agent.to_string(),
        profile: words(&[policy.profile()]).concat().into(),
        groups: Some(group).filter(|group| !group.tools.is_empty()).into_iter().collect(),
    })
}

/// The words of profiles.
fn words(profiles: &[Profile]) -> Vec<String> {
    let named = PROFILES.iter().filter(|(profile, ..)| profiles.contains(profile));
    named.map(|(_, word, _)| (*word).to_owned()).collect()
}

/// What people read; models are told more.
fn first_sentence(description: &str) -> String {
    let end = description.find(". ").map_or(description.len(), |at| at + 1);
    description[..end].to_owned()
}
