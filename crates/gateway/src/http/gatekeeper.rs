//! In front of every route and every upgrade: is this host ours, and is this page allowed to ask?

use axum::{extract::Request, response::Response};
use http::{
    HeaderMap, Method, StatusCode,
    header::{self, AsHeaderName},
};
use openclaw_auth::origin::{self, Host, HostRefusal, OriginVerdict};

use super::text;
use crate::{server::Arrival, state::App, upgrade::single};

/// Headers by which proxies say that they forward for somebody. They void locality.
const FORWARDING: [&str; 7] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "tailscale-user-login",
];
/// How every other header of that kind begins.
const FORWARDING_PREFIX: &str = "x-forwarded";

/// Bytes of a path with its query; a session's key is the longest thing in one.
const MAX_TARGET: usize = 8 * 1024;

/// What is known of a request once it has passed.
#[derive(Debug, Clone)]
pub(crate) struct Passed {
    /// The host by which the gateway was asked.
    pub(crate) host: Host,
    /// What its `Origin` says.
    pub(crate) origin: OriginVerdict,
}

/// Lets a request through, or answers it.
pub(crate) fn check(
    app: &App,
    arrival: Arrival,
    request: &Request,
) -> Result<Passed, Box<Response>> {
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        return Err(Box::new(text(StatusCode::URI_TOO_LONG, "URI Too Long")));
    }
    let headers = request.headers();
    let hosts: Vec<&str> = values(headers, header::HOST);
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let (local, from_proxy) = (arrival.local.ip(), app.is_trusted_proxy(arrival.peer.ip()));
    let host = origin::host_allowed(&hosts, authority, local, from_proxy, &app.host_rules)
        .map_err(|refusal| Box::new(refuse_host(refusal)))?;
    let origin = verdict(app, arrival, headers, &host);
    // Reading a page is harmless; everything that a page does must come from a page we allow.
    let harmless =
        matches!(*request.method(), Method::GET | Method::HEAD) && !crate::upgrade::wanted(headers);
    if !harmless && !origin.passes() && !crate::upgrade::wanted(headers) {
        return Err(Box::new(text(
            StatusCode::FORBIDDEN,
            "This origin is not allowed; add it to gateway.controlUi.allowedOrigins.",
        )));
    }
    Ok(Passed { host, origin })
}

fn verdict(app: &App, arrival: Arrival, headers: &HeaderMap, host: &Host) -> OriginVerdict {
    let origins = values(headers, header::ORIGIN);
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let direct = arrival.peer.ip().to_canonical().is_loopback() && !is_forwarded(headers);
    origin::origin_verdict(&origins, site, host, direct, &app.host_rules)
}

/// Whether a proxy says that it forwards for somebody.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(*name))
        || headers.keys().any(|name| name.as_str().starts_with(FORWARDING_PREFIX))
}

/// Whether a browser sent this.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN)
        || headers.keys().any(|name| name.as_str().starts_with("sec-fetch-"))
}

/// Every value of a header; one that is no text becomes the empty text, which nothing allows.
pub(crate) fn values(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<&str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect()
}

fn refuse_host(refusal: HostRefusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let message = match refusal {
        HostRefusal::NotAllowed => {
            "This host name is not allowed; add it to gateway.allowedHosts, or its origin to gateway.controlUi.allowedOrigins."
        }
        _ => "Missing or invalid Host header",
    };
    text(status, message)
}

/// The client's own name for itself, bounded, for logs.
pub(crate) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let agent = single(headers, &header::USER_AGENT)?;
    Some(agent.chars().take(200).collect())
}
