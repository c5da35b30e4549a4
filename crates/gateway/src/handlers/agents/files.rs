//! `agents.files.*`: the files of a workspace that belong to the system prompt. They are only read.

use std::path::{Path, PathBuf};

use openclaw_agent::prompt::workspace;
use openclaw_protocol::{
    RpcError,
    methods::agents::{
        AgentFile, AgentsFilesGetParams, AgentsFilesGetResult, AgentsFilesListParams,
        AgentsFilesListResult,
    },
};

use crate::{context::Cx, handlers::millis};

pub(super) async fn list(
    cx: Cx,
    params: AgentsFilesListParams,
) -> Result<AgentsFilesListResult, RpcError> {
    let (agent_id, folder) = agent(&cx, &params.agent_id)?;
    let dir = folder.clone();
    let look = move || workspace::FILES.iter().map(|name| file(&dir, name)).collect();
    let files = tokio::task::spawn_blocking(look).await.map_err(|_| cut_off())?;
    Ok(AgentsFilesListResult { agent_id, workspace: folder.display().to_string(), files })
}

pub(super) async fn get(
    cx: Cx,
    params: AgentsFilesGetParams,
) -> Result<AgentsFilesGetResult, RpcError> {
    let (agent_id, folder) = agent(&cx, &params.agent_id)?;
    let Some(name) = workspace::FILES.into_iter().find(|name| *name == params.name.as_str()) else {
        return Err(RpcError::invalid(format!("unsupported file \"{}\"", params.name)));
    };
    let dir = folder.clone();
    let read = move || -> Result<AgentFile, RpcError> {
        let found = file(&dir, name);
        if found.missing {
            return Ok(found);
        }
        let problem = |error| RpcError::unavailable(format!("{name} cannot be shown: {error}"));
        let content = workspace::whole(&dir, name).map_err(problem)?;
        Ok(AgentFile { content: Some(content), ..found })
    };
    let file = tokio::task::spawn_blocking(read).await.map_err(|_| cut_off())??;
    Ok(AgentsFilesGetResult { agent_id, workspace: folder.display().to_string(), file })
}

fn agent(cx: &Cx, sent: &str) -> Result<(String, PathBuf), RpcError> {
    let id = openclaw_agent::session::normalize_agent_id(sent);
    let agent = cx.app().agents.get(&id);
    let agent = agent.ok_or_else(|| RpcError::invalid(format!("agent \"{sent}\" not found")))?;
    Ok((id.to_string(), agent.workspace.clone()))
}

fn file(folder: &Path, name: &str) -> AgentFile {
    let found = workspace::facts(folder, name);
    AgentFile {
        name: name.to_owned(),
        path: folder.join(name).display().to_string(),
        missing: found.is_none(),
        expected_absent: Some(true),
        size: found.as_ref().map(|facts| facts.size),
        updated_at_ms: found.map(|facts| millis(facts.changed_at)),
        content: None,
    }
}

fn cut_off() -> RpcError {
    RpcError::unavailable("reading was cut off")
}
