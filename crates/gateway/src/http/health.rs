//! `/health`, `/ready`, `/startupz` and their aliases: for supervisors, without a credential.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::state::App;

/// The process answers.
pub(super) async fn live() -> Response {
    super::json(StatusCode::OK, &json!({"ok": true, "status": "live"}))
}

/// The gateway takes requests. Strangers learn no more than that.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let ready = app.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    super::json(status, &json!({ "ready": ready }))
}

/// The gateway has come up; the command line of 2026.9.6 asks before it connects.
pub(super) async fn started(State(app): State<Arc<App>>) -> Response {
    let ready = app.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    super::json(status, &json!({ "started": ready }))
}

/// Anything but GET and HEAD.
pub(super) async fn wrong_method() -> Response {
    let mut response = super::text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
