//! From one frame to one response: scan, parse, authorise, order, handle, respond.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use openclaw_protocol::{
    Close, Lane, RpcError, Version,
    frame::RequestIn,
    method::Access,
    scan::{self, ScanError},
    scope::{Role, Scope},
    validate::{self, FrameRefusal},
};
use tracing::{debug, error};

use crate::{
    context::Cx,
    lanes::Place,
    peer::Peer,
    router::{Route, Work},
    state::App,
};

pub(crate) mod refusal;

/// Requests of one connection that may be at work at a time; more are refused as `UNAVAILABLE`.
pub(crate) const MAX_IN_FLIGHT: usize = 1024;
/// Wrong-role requests in a row after which a connection is closed.
const MAX_UNAUTHORIZED: usize = 10;

/// What dispatch keeps for one connection.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    in_flight: Arc<AtomicUsize>,
    unauthorized: usize,
}

/// Handles one frame. Responses go to the peer's queue, in order of completion.
pub(crate) fn frame(app: &Arc<App>, peer: &Arc<Peer>, progress: &mut Progress, bytes: &Bytes) {
    let request = match read(bytes, peer.version) {
        Ok(request) => request,
        Err(FrameRefusal::NotJson) => {
            // Recorded behaviour of both versions: logged, and the socket stays open.
            debug!(conn = %peer.id, "a frame is not JSON and is ignored");
            return;
        }
        Err(FrameRefusal::NotRequest { id, error }) => {
            return peer.respond(response(&id, Err(error)));
        }
    };
    let id: Arc<str> = request.id.as_ref().into();
    if let Err(error) = start(app, peer, progress, &request, &id) {
        peer.respond(response(&id, Err(error)));
    }
}

/// Reads a frame. What raw values would hide is refused before anything is parsed from it.
pub(crate) fn read(bytes: &[u8], version: Version) -> Result<RequestIn<'_>, FrameRefusal> {
    let text = scan::scan_bytes(bytes).map_err(|problem| match problem {
        ScanError::Utf8 { .. } | ScanError::Syntax { .. } => FrameRefusal::NotJson,
        problem => FrameRefusal::NotRequest {
            id: "invalid".to_owned(),
            error: RpcError::invalid(format!("invalid request frame: {problem}")),
        },
    })?;
    validate::parse_request(text, version)
}

fn start(
    app: &Arc<App>,
    peer: &Arc<Peer>,
    progress: &mut Progress,
    request: &RequestIn<'_>,
    id: &Arc<str>,
) -> Result<(), RpcError> {
    if request.method == "connect" {
        return Err(RpcError::invalid("connect is only valid as the first request"));
    }
    let route = authorise(app, peer, progress, &request.method)?;
    let cx = Cx::new(Arc::clone(app), Arc::clone(peer), Arc::clone(id));
    let call = route.open(cx.clone(), request.params)?;
    if let Some(scope) = call.scope {
        cx.require(scope)?;
    }
    if progress.in_flight.load(Ordering::Relaxed) >= MAX_IN_FLIGHT {
        return Err(RpcError::busy("too many requests are at work on this connection", 100));
    }
    let place = lane(route, call.lane).map(|key| app.lanes.enter(key));
    run(app, Job { peer: Arc::clone(peer), id: Arc::clone(id), place, work: call.work }, progress);
    Ok(())
}

fn authorise<'a>(
    app: &'a App,
    peer: &Peer,
    progress: &mut Progress,
    method: &str,
) -> Result<&'a Route, RpcError> {
    let route = app.router.find(method, peer.version);
    let access = route.and_then(|route| route.spec.access(peer.version));
    let caller = &peer.caller;
    let role_fits = match access {
        Some(Access::Open) => true,
        Some(Access::Node) => caller.role == Role::Node,
        Some(Access::Scope(_) | Access::Dynamic) | None => caller.role == Role::Operator,
    };
    if !role_fits {
        progress.unauthorized += 1;
        if progress.unauthorized > MAX_UNAUTHORIZED {
            peer.close(Close::policy("repeated unauthorized calls"));
        }
        return Err(refusal::wrong_role(caller.role));
    }
    progress.unauthorized = 0;
    // A method that nobody defined needs admin, so that its absence is told to admins alone.
    let scope = match access {
        Some(Access::Scope(scope)) => Some(scope),
        None => Some(Scope::Admin),
        _ => None,
    };
    if let Some(scope) = scope.filter(|scope| !caller.scopes.allows(*scope)) {
        return Err(refusal::missing_scope(scope, peer.version));
    }
    route.ok_or_else(|| RpcError::invalid(format!("unknown method: {method}")))
}

fn lane(route: &Route, key: Option<String>) -> Option<String> {
    match route.spec.lane {
        Lane::Concurrent => None,
        Lane::Session => Some(format!("session:{}", key.unwrap_or_default().to_lowercase())),
        Lane::Config => Some("config".to_owned()),
    }
}

struct Job {
    peer: Arc<Peer>,
    id: Arc<str>,
    place: Option<Place>,
    work: Work,
}

/// Polls once at once, so that what needs no waiting needs no task either.
fn run(app: &App, job: Job, progress: &Progress) {
    let Job { peer, id, mut place, work } = job;
    let answer = async move {
        if let Some(place) = &mut place {
            place.turn().await;
        }
        let result = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
            error!(request = %id, "a handler panicked");
            Err(RpcError::unavailable("the gateway failed to handle this request; see its log"))
        });
        peer.respond(response(&id, result));
    };
    let mut answer = Box::pin(answer);
    let mut nobody = Context::from_waker(Waker::noop());
    if answer.as_mut().poll_unpin(&mut nobody) == Poll::Ready(()) {
        return;
    }
    let in_flight = Arc::clone(&progress.in_flight);
    in_flight.fetch_add(1, Ordering::Relaxed);
    app.tasks.spawn("request", async move {
        answer.await;
        in_flight.fetch_sub(1, Ordering::Relaxed);
    });
}

/// A response frame.
pub(crate) fn response(id: &str, result: Result<Vec<u8>, RpcError>) -> Bytes {
    let mut out = Vec::with_capacity(64 + result.as_ref().map_or(128, Vec::len));
    out.extend_from_slice(b"{\"type\":\"res\",\"id\":");
    push_json(&mut out, id);
    match result {
        Ok(payload) => {
            out.extend_from_slice(b",\"ok\":true,\"payload\":");
            out.extend_from_slice(&payload);
        }
        Err(error) => {
            out.extend_from_slice(b",\"ok\":false,\"error\":");
            push_json(&mut out, &error);
        }
    }
    out.push(b'}');
    out.into()
}

fn push_json(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.extend_from_slice(b"null");
    }
}
