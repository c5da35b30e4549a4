//! HTTP: the gatekeeper in front of every route, and the routes.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use openclaw_protocol::Scope;
use tower::ServiceExt as _;

use crate::{server::Arrival, state::App, upgrade};

mod auth;
mod body;
mod cors;
pub(crate) mod gatekeeper;
mod health;
mod history;
mod openai;
mod page;
mod problem;
mod run;
mod table;

pub(crate) use body::Budget;
pub(crate) use page::Page;
pub use table::{HttpAccess, HttpRoute};

use table::Row;

/// The gateway's own routes. A new one needs a row, and a row says who may use it.
const ROUTES: &[Row] = &[
    health_row("/health", HttpAccess::OwnerSeesMore, || {
        get(health::live).fallback(health::wrong_method)
    }),
    health_row("/healthz", HttpAccess::OwnerSeesMore, || {
        get(health::live).fallback(health::wrong_method)
    }),
    health_row("/ready", HttpAccess::OwnerSeesMore, || {
        get(health::ready).fallback(health::wrong_method)
    }),
    health_row("/readyz", HttpAccess::OwnerSeesMore, || {
        get(health::ready).fallback(health::wrong_method)
    }),
    health_row("/startupz", HttpAccess::Everyone, || {
        get(health::started).fallback(health::wrong_method)
    }),
    Row {
        route: HttpRoute::get("/sessions/{key}/history", HttpAccess::Needs(Scope::Read)),
        on: |_| true,
        serve: || get(history::get).fallback(get_only),
    },
    // Where an older description has the page.
    page_row("/ui"),
    page_row("/ui/"),
    page_row("/ui/{*rest}"),
];

const fn health_row(
    path: &'static str,
    access: HttpAccess,
    serve: fn() -> MethodRouter<Arc<App>>,
) -> Row {
    Row { route: HttpRoute::get(path, access), on: |_| true, serve }
}

const fn page_row(path: &'static str) -> Row {
    Row {
        route: HttpRoute::get(path, HttpAccess::Everyone),
        on: |app| app.page.is_at_root(),
        serve: || get(page::moved).fallback(page::serve),
    }
}

/// Every route of the gateway, and the places of its page, with who may use it.
pub fn http_routes() -> impl Iterator<Item = HttpRoute> {
    let rows = ROUTES.iter().chain(openai::ROUTES).map(|row| row.route);
    rows.chain(page::PLACES.iter().copied())
}

/// The routes, made once.
pub(crate) fn routes(app: &Arc<App>) -> Router {
    let router = table::add(Router::new(), ROUTES, app);
    table::add(router, openai::ROUTES, app)
        .fallback(page::serve)
        .with_state(Arc::clone(app))
        .merge(app.host_routes.clone())
}

/// Answers one request, or hands its socket to a WebSocket connection.
pub(crate) async fn serve(
    app: Arc<App>,
    routes: Router,
    arrival: Arrival,
    mut request: Request,
) -> Response {
    let mut response = match gatekeeper::check(&app, arrival, &request) {
        Err(refusal) => *refusal,
        Ok(passed) if upgrade::wanted(request.headers()) => {
            upgrade::accept(&app, arrival, passed, &mut request).await
        }
        Ok(passed) => {
            let origin = cors::listed(&passed, request.headers());
            request.extensions_mut().insert(arrival);
            request.extensions_mut().insert(passed);
            let preflight = origin.as_ref().and_then(|_| cors::preflight(&request));
            let mut response = match preflight {
                Some(response) => response,
                None => routed(routes, request).await,
            };
            if let Some(origin) = origin {
                cors::allow(origin, response.headers_mut());
            }
            response
        }
    };
    secure(response.headers_mut());
    only_over_tls(&app, response.headers_mut());
    response
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

/// An answer that goes on: server-sent events.
pub(crate) fn event_stream(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        // A proxy that collects an answer before it passes it on would make a stream of none.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

/// 405, with the methods that are answered.
pub(crate) fn wrong_method(allow: &'static str) -> Response {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

async fn get_only() -> Response {
    wrong_method("GET")
}

/// Tells browsers to come by HTTPS alone, where the config says so. Browsers heed it only when it
/// comes by HTTPS, through a proxy that speaks it.
fn only_over_tls(app: &App, headers: &mut HeaderMap) {
    let configured = &app.config.config.gateway.http.security_headers;
    // The config was checked: every value that is left can be sent.
    let value = configured.strict_transport_security().map(HeaderValue::from_str);
    if let Some(Ok(value)) = value {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
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
