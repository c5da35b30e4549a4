//! The OpenAI-style interface: `/v1/models` and `/v1/chat/completions`.

use std::sync::Arc;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};

use super::page;
use crate::state::App;

mod answer;
mod completions;
mod content;
mod conversation;
mod models;
mod request;
mod target;
mod tools;

/// Adds the routes that the config switches on; without it they are on where only this machine can reach them.
pub(super) fn routes(router: Router<Arc<App>>, app: &App) -> Router<Arc<App>> {
    let endpoints = &app.config.config.gateway.http.endpoints;
    let loopback = app.host_rules.bind_loopback;
    if !endpoints.chat_completions(loopback) {
        return router;
    }
    router
        .route("/v1/chat/completions", post(completions::post).fallback(post_only))
        // Some clients leave the version out of their base address. What else comes here is a view of the page.
        .route("/chat/completions", post(completions::post).fallback(page::serve))
        .route("/v1/models", get(models::list).fallback(super::get_only))
        .route("/v1/models/{*id}", get(models::one).fallback(super::get_only))
        .route("/models", get(models::list_or_page).fallback(page::serve))
}

async fn post_only() -> Response {
    super::wrong_method("POST")
}
