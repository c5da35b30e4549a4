//! HTTP: the gatekeeper in front of every route, and the routes.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tower::ServiceExt as _;

use crate::{server::Arrival, state::App, upgrade};

pub(crate) mod gatekeeper;
mod health;
mod page;

/// The routes, made once.
pub(crate) fn routes(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for path in ["/health", "/healthz"] {
        router = router.route(path, get(health::live).fallback(health::wrong_method));
    }
    for path in ["/ready", "/readyz"] {
        router = router.route(path, get(health::ready).fallback(health::wrong_method));
    }
    router
        .route("/startupz", get(health::started).fallback(health::wrong_method))
        .fallback(page::serve)
        .with_state(Arc::clone(app))
}

/// Answers one request, or hands its socket to a WebSocket connection.
pub(crate) async fn serve(
    app: Arc<App>,
    routes: Router,
    arrival: Arrival,
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    let mut response = match gatekeeper::check(&app, arrival, &request) {
        Err(refusal) => *refusal,
        Ok(passed) if upgrade::wanted(request.headers()) => {
            upgrade::accept(&app, arrival, passed, &mut request).await
        }
        Ok(_) => {
            request.extensions_mut().insert(arrival);
            routed(routes, request).await
        }
    };
    secure(response.headers_mut());
    Ok(response)
}

async fn routed(routes: Router, request: Request) -> Response {
    match routes.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// A plain-text answer.
pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text.into()).into_response()
}

/// A JSON answer that no cache keeps.
pub(crate) fn json(status: StatusCode, value: &impl serde::Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

/// Headers of every answer, as both versions send them.
fn secure(headers: &mut HeaderMap) {
    let always =
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer")];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
    );
}
