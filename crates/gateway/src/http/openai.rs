//! The OpenAI-style interface: `/v1/models` and `/v1/chat/completions`.

use std::sync::Arc;

use axum::{
    response::Response,
    routing::{MethodRouter, get, post},
};
use openclaw_protocol::Scope;

use super::{
    page,
    table::{HttpAccess, HttpRoute, Row},
};
use crate::state::App;

mod answer;
mod completions;
mod content;
mod conversation;
mod models;
mod request;
mod target;
mod tools;

/// The routes, which the config switches on; without it they are on where only this machine can reach them.
pub(super) const ROUTES: &[Row] = &[
    row(HttpRoute::post("/v1/chat/completions", HttpAccess::Needs(Scope::Write)), || {
        post(completions::post).fallback(post_only)
    }),
    // Some clients leave the version out of their base address. What else comes here is a view of the page.
    row(HttpRoute::post("/chat/completions", HttpAccess::Needs(Scope::Write)), || {
        post(completions::post).fallback(page::serve)
    }),
    row(HttpRoute::get("/v1/models", HttpAccess::Needs(Scope::Read)), || {
        get(models::list).fallback(super::get_only)
    }),
    row(HttpRoute::get("/v1/models/{*id}", HttpAccess::Needs(Scope::Read)), || {
        get(models::one).fallback(super::get_only)
    }),
    row(HttpRoute::get("/models", HttpAccess::PageOrNeeds(Scope::Read)), || {
        get(models::list_or_page).fallback(page::serve)
    }),
];

const fn row(route: HttpRoute, serve: fn() -> MethodRouter<Arc<App>>) -> Row {
    Row { route, on: are_on, serve }
}

fn are_on(app: &App) -> bool {
    let endpoints = &app.config.config.gateway.http.endpoints;
    endpoints.chat_completions(app.host_rules.bind_loopback)
}

async fn post_only() -> Response {
    super::wrong_method("POST")
}
