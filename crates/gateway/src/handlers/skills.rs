//! `skills.bins`: what the skills of this gateway need.

use std::path::PathBuf;

use openclaw_protocol::{
    RpcError,
    methods::skills::{SkillsBinsParams, SkillsBinsResult},
};
use tracing::error;

use crate::{context::Cx, router::RouterBuilder, skills};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(bins)
}

async fn bins(cx: Cx, _: SkillsBinsParams) -> Result<SkillsBinsResult, RpcError> {
    let workspaces = cx.app().agents.iter().map(|agent| agent.workspace.join("skills"));
    let folders: Vec<PathBuf> =
        workspaces.chain([cx.app().paths.state_dir.join("skills")]).collect();
    let bins = tokio::task::spawn_blocking(move || skills::bins(&folders)).await;
    let bins = bins.map_err(|problem| {
        error!(%problem, "the skills cannot be read");
        RpcError::unavailable("the skills cannot be read; see the gateway's log")
    })?;
    Ok(SkillsBinsResult { bins: bins.into_iter().collect() })
}
