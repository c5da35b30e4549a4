//! `/health`, `/ready`, `/startupz` and their aliases: for supervisors, without a credential. The owner's
//! Bearer gets more; strangers learn no more than yes or no.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use openclaw_protocol::Role;
use serde_json::{Value, json};

use super::auth;
use crate::state::App;

/// The process answers.
pub(super) async fn live(State(app): State<Arc<App>>, request: Request) -> Response {
    let mut body = json!({"ok": true, "status": "live"});
    if auth::is_owner(&app, &request)
        && let Some(body) = body.as_object_mut()
    {
        body.extend(details(&app).await);
    }
    super::json(StatusCode::OK, &body)
}

/// What the owner is told besides.
async fn details(app: &App) -> serde_json::Map<String, Value> {
    let nodes = app.bus.peers().iter().filter(|peer| peer.caller.role == Role::Node).count();
    let mut details = serde_json::Map::new();
    details.insert("version".to_owned(), json!(app.health.version()));
    details.insert("timestamp".to_owned(), json!(app.clock.now_ms()));
    details.insert("uptimeMs".to_owned(), uptime(app));
    details.insert("nodes".to_owned(), json!({ "connected": nodes }));
    // There is no schedule in this build, so none can be on.
    details.insert("cron".to_owned(), json!({"enabled": false, "jobs": 0}));
    // A store that fails shows in /ready, not here.
    if let Ok(summary) = app.health.now().await {
        details.insert("version".to_owned(), json!(app.health.version()));
        details.insert("channels".to_owned(), json!(summary.channels));
        details.insert("sessions".to_owned(), json!({"count": summary.sessions.count}));
    }
    details
}

fn uptime(app: &App) -> Value {
    json!(u64::try_from(app.started.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// The gateway takes requests.
pub(super) async fn ready(State(app): State<Arc<App>>, request: Request) -> Response {
    let ready = app.is_ready();
    let mut body = json!({ "ready": ready });
    if auth::is_owner(&app, &request) {
        body["failing"] = if ready { json!([]) } else { json!(["gateway"]) };
        body["uptimeMs"] = uptime(&app);
    }
    super::json(status(ready), &body)
}

/// The gateway has come up; the command line of 2026.9.6 asks before it connects.
pub(super) async fn started(State(app): State<Arc<App>>) -> Response {
    let ready = app.is_ready();
    super::json(status(ready), &json!({ "started": ready }))
}

fn status(ready: bool) -> StatusCode {
    if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Anything but GET and HEAD.
pub(super) async fn wrong_method() -> Response {
    super::wrong_method("GET, HEAD")
}
