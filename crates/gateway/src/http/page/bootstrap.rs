//! `control-ui-config.json`: what OpenClaw's own pages ask for before they connect.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header, request::Parts};
use serde_json::{Value, json};

use crate::{
    face::Face,
    http::auth,
    state::{App, VERSION},
};

/// Where 2026.3.28 has it, for everyone.
pub(super) const OPEN: &str = "/__openclaw/control-ui-config.json";
/// Where 2026.9.6 has it besides, for those who may read.
pub(super) const GUARDED: [&str; 2] =
    ["/control-ui-config.json", "/__openclaw__/control-ui-config.json"];

/// Whether a path below the page's is one of them.
pub(super) fn is_path(rest: &str) -> bool {
    rest == OPEN || GUARDED.contains(&rest)
}

/// Answers. Who brings no secret learns no more than where the page is, and at the older path only.
pub(super) async fn answer(app: &Arc<App>, rest: &str, request: &Parts) -> Response {
    match auth::reader(app, request).await {
        Ok(()) => crate::http::json(StatusCode::OK, &config(app).await),
        Err(_) if rest == OPEN && !request.headers.contains_key(header::AUTHORIZATION) => {
            crate::http::json(StatusCode::OK, &json!({"basePath": app.page.prefix()}))
        }
        Err(problem) => problem.into_response(),
    }
}

/// What is not here is said to be off: terminals, embedded pages, agents of other command lines, plugins.
async fn config(app: &App) -> Value {
    let id = app.agents.default_id();
    let face = Face::of(app, id).await;
    json!({
        "basePath": app.page.prefix(),
        "assistantName": face.name,
        "assistantAvatar": face.avatar,
        "assistantAvatarSource": face.source,
        "assistantAvatarStatus": face.status,
        "assistantAvatarReason": face.reason,
        "assistantAgentId": id.as_str(),
        "serverVersion": VERSION,
        "embedSandbox": "strict",
        "allowExternalEmbedUrls": false,
        "automaticallyFetchFavicons": false,
        "communityInvite": false,
        "terminalEnabled": false,
        "cliAgentsEnabled": false,
        "pluginAssetsRequireAuth": true,
        "pluginFrameGrants": [],
    })
}
