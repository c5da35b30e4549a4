//! `GET /v1/models`: the agents, as models.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};
use openclaw_protocol::Scope;
use serde_json::{Value, json};

use super::{
    super::{auth, page, problem::Problem},
    target,
};
use crate::state::App;

/// Every agent, and the two names of the default one.
pub(super) async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    match auth::owner(&app, &request, Scope::Read).await {
        Ok(_) => {
            let data: Vec<Value> = ids(&app).map(|id| model(&id)).collect();
            super::super::json(StatusCode::OK, &json!({"object": "list", "data": data}))
        }
        Err(problem) => problem.into_response(),
    }
}

/// The list at `/models`, for those who bring a credential; the page for others.
pub(super) async fn list_or_page(state: State<Arc<App>>, request: Request) -> Response {
    if request.headers().contains_key(header::AUTHORIZATION) {
        list(state, request).await
    } else {
        page::serve(state, request).await
    }
}

/// One of them.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    match find(&app, &id, request).await {
        Ok(()) => super::super::json(StatusCode::OK, &model(&id)),
        Err(problem) => problem.into_response(),
    }
}

async fn find(app: &App, id: &str, request: Request) -> Result<(), Problem> {
    auth::owner(app, &request, Scope::Read).await?;
    if target::named(id).is_none() {
        return Err(Problem::invalid("Invalid model id."));
    }
    if ids(app).any(|known| known == id) {
        return Ok(());
    }
    Err(Problem::request(StatusCode::NOT_FOUND, format!("Model '{id}' not found.")))
}

fn ids(app: &App) -> impl Iterator<Item = String> {
    let agents = app.agents.iter().map(|agent| format!("openclaw/{}", agent.id));
    ["openclaw".to_owned(), "openclaw/default".to_owned()].into_iter().chain(agents)
}

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": "openclaw", "permission": []})
}
