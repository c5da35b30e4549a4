//! `/avatar/AGENT`: the picture of an agent, a file of its workspace; with `?meta=1` where it is.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header, request::Parts};
use openclaw_protocol::ids::AgentId;
use serde_json::json;

use super::{not_found, unless_known};
use crate::{
    face::{Face, Portrait},
    http::auth,
    state::App,
};

/// A picture that is opened by itself is a picture still: one in SVG could hold scripts.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// Answers. An `<img>` brings no secret, so whoever was told the picture's revision may see it too.
pub(super) async fn answer(app: &Arc<App>, agent: &str, request: &Parts) -> Response {
    let id = AgentId::from(agent);
    let query = request.uri.query().unwrap_or_default();
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("v="));
    if let Some(revision) = asked
        && let Some(portrait) = Portrait::of(app, &id).await
        && portrait.revision == revision
    {
        return send(portrait, request, "private, max-age=31536000, immutable");
    }
    if let Err(problem) = auth::reader(app, request).await {
        return problem.into_response();
    }
    if app.agents.get(&id).is_none() {
        return not_found();
    }
    if query.split('&').any(|pair| pair == "meta=1") {
        let face = Face::of(app, &id).await;
        let meta = json!({
            "avatarUrl": face.address,
            "avatarSource": face.source,
            "avatarStatus": face.status,
            "avatarReason": face.reason,
        });
        return crate::http::json(StatusCode::OK, &meta);
    }
    match Portrait::of(app, &id).await {
        Some(portrait) => send(portrait, request, "private, no-cache"),
        None => not_found(),
    }
}

fn send(portrait: Portrait, request: &Parts, cache: &'static str) -> Response {
    let tag = format!("\"{}\"", portrait.revision);
    let mut response = unless_known(&request.headers, &tag, portrait.kind, portrait.bytes.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
