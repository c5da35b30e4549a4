//! From an HTTP request to a WebSocket connection.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto};
use openclaw_auth::{AuthReason, PeerFacts, VerifiedUser};
use openclaw_protocol::ScopeSet;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::debug;

use crate::{
    connection,
    edge::query::{self, Offered},
    gate::{self, Seat, Ticket},
    http::{
        gatekeeper::{self, Passed},
        text,
    },
    server::{Arrival, Paced},
    state::App,
    voucher::{self, Claim},
};

/// What a request told before anything of it was answered; an upgrade keeps it for the handshake.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) arrival: Arrival,
    /// The client: the peer, or whom a listed proxy forwards for. It is counted and told of; where a
    /// client is, its socket alone decides.
    pub(crate) client: IpAddr,
    pub(crate) passed: Passed,
    /// Whether a proxy says that it forwards for somebody.
    pub(crate) forwarded: bool,
    /// Whether a browser asks.
    pub(crate) browser: bool,
    /// What the client calls itself, for logs.
    pub(crate) user_agent: Option<String>,
    /// Secrets that came with it.
    pub(crate) offered: Offered,
    /// Whom a listed proxy names, or why nobody; absent where no proxy is believed.
    pub(crate) proxied: Option<Result<VerifiedUser, AuthReason>>,
    /// Whom Tailscale's proxy claims to forward for. Nobody has been asked about it yet.
    pub(crate) tailnet: Option<Result<Claim, AuthReason>>,
    /// What the request itself leaves of its rights.
    pub(crate) limit: Option<ScopeSet>,
}

impl Facts {
    /// What the socket, the gatekeeper and the head of a request tell.
    pub(crate) fn of(app: &App, arrival: Arrival, passed: Passed, headers: &HeaderMap) -> Self {
        Self {
            arrival,
            client: app.client_address(arrival.peer.ip(), headers).to_canonical(),
            passed,
            forwarded: gatekeeper::is_forwarded(headers),
            browser: gatekeeper::is_browser(headers),
            user_agent: gatekeeper::user_agent(headers),
            offered: Offered::default(),
            proxied: voucher::proxied(app, arrival, headers),
            tailnet: Claim::of(app, arrival, headers),
            limit: voucher::limit(headers),
        }
    }

    /// What the authority is told of the other end.
    pub(crate) fn peer(&self) -> PeerFacts {
        PeerFacts {
            address: self.client,
            loopback: self.arrival.peer.ip().to_canonical().is_loopback(),
            forwarded: self.forwarded,
            host_loopback: self.passed.host.is_loopback(),
            browser: self.browser,
            origin: self.passed.origin,
            verified: self.proxied.clone(),
            limit: self.limit,
        }
    }
}

/// Whether a request asks for a WebSocket.
pub(crate) fn wanted(headers: &HeaderMap) -> bool {
    has_token(headers, &header::UPGRADE, "websocket")
}

/// Answers with 101 and lets the connection run, or says what is wrong.
pub(crate) async fn accept(
    app: &Arc<App>,
    arrival: Arrival,
    passed: Passed,
    request: &mut Request,
) -> Response {
    let accept = match check(request) {
        Ok(accept) => accept,
        Err((status, problem)) => return refused(status, problem),
    };
    let headers = request.headers();
    let mut facts = Facts::of(app, arrival, passed, headers);
    let Some(ticket) = place(app, request, facts.client) else {
        return refused(StatusCode::SERVICE_UNAVAILABLE, gate::FULL);
    };
    let protocol = subprotocol(headers);
    facts.offered = match query::offered(app, &facts, request).await {
        Ok(offered) => offered,
        Err(answer) => return *answer,
    };
    let upgrade = hyper::upgrade::on(request);
    let (app_of_task, patience) = (Arc::clone(app), app.patience.write);
    app.tasks.spawn("websocket", async move {
        match upgrade.await.map(|upgraded| into_stream(upgraded, patience)) {
            Ok(Some((stream, early))) => {
                Box::pin(connection::run(app_of_task, stream, early, facts, ticket)).await;
            }
            Ok(None) => debug!("an upgraded socket is not plain TCP"),
            Err(error) => debug!(%error, "an upgrade failed"),
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(protocol) = protocol {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    response
}

/// The place that the socket took when it was accepted. It has none when a host accepted it, or when
/// somebody on it was let in before, who may be another than who comes now.
fn place(app: &App, request: &Request, client: IpAddr) -> Option<Ticket> {
    match request.extensions().get::<Seat>().and_then(Seat::take) {
        Some(ticket) => ticket.of(client),
        None => app.gate.enter(Some(client)),
    }
}

/// The first subprotocol that is offered. It means nothing here, but a browser that offered some
/// gives up when none is chosen.
fn subprotocol(headers: &HeaderMap) -> Option<HeaderValue> {
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    let first = offered.split(',').next()?.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!#$%&'*+^`|".contains(&b);
    let short = !first.is_empty() && first.len() <= 128 && first.bytes().all(plain);
    if short { HeaderValue::from_str(first).ok() } else { None }
}

/// An answer after which the socket is closed, as recorded.
fn refused(status: StatusCode, problem: &'static str) -> Response {
    let mut response = text(status, problem);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn check(request: &Request) -> Result<HeaderValue, (StatusCode, &'static str)> {
    let bad = |text| Err((StatusCode::BAD_REQUEST, text));
    let headers = request.headers();
    if request.method() != Method::GET || request.version() != Version::HTTP_11 {
        return bad("A WebSocket starts with GET and HTTP/1.1");
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return bad("Missing or invalid Connection header");
    }
    let Some(key) = single(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key)) else {
        return bad("Missing or invalid Sec-WebSocket-Key header");
    };
    if single(headers, &header::SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err((
            StatusCode::UPGRADE_REQUIRED,
            "Missing or invalid Sec-WebSocket-Version header",
        ));
    }
    HeaderValue::try_from(derive_accept_key(key.as_bytes()))
        .or_else(|_| bad("Missing or invalid Sec-WebSocket-Key header"))
}

fn is_key(key: &str) -> bool {
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

/// The value of a header that must not come twice.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|t| t.trim().eq_ignore_ascii_case(token))
}

/// The socket itself, without what hyper keeps around it: our own listener's, or that of a host which
/// serves with `axum::serve`.
fn into_stream(upgraded: Upgraded, patience: Duration) -> Option<(Paced, Bytes)> {
    let upgraded = match upgraded.downcast::<TokioIo<Paced>>() {
        Ok(parts) => return Some((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    let parts = auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded).ok()?;
    let stream = parts.io.into_inner();
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot turn off delayed sending");
    }
    Some((Paced::new(stream, patience, None), parts.read_buf))
}
