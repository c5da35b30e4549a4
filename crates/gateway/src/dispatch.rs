//! From one frame to one response: scan, parse, authorise, order, handle, respond.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use openclaw_agent::session;
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
    edge::{self, Asked, Fault, Return, Unread, Voice},
    lanes::Place,
    peer::{Peer, Working},
    router::{Route, Work},
    state::App,
};

pub(crate) mod refusal;
mod told;

use told::Told;
pub use told::WsLog;

/// Requests of one connection that may be at work at a time; more are refused as `UNAVAILABLE`.
pub(crate) const MAX_IN_FLIGHT: usize = 1024;
/// Wrong-role requests in a row after which a connection is closed.
const MAX_UNAUTHORIZED: usize = 10;

/// What dispatch keeps for one connection.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    unauthorized: usize,
}

/// Handles one frame. Responses go to the peer's queue, in order of completion.
pub(crate) fn frame(app: &Arc<App>, peer: &Arc<Peer>, progress: &mut Progress, bytes: &Bytes) {
    // A connection that has lost its ground is about to close; nothing new begins.
    let Some(working) = Working::begin(peer) else { return };
    let asked = match edge::read(peer.voice, bytes) {
        Ok(asked) => asked,
        Err(Unread::Ignored) => {
            // Recorded behaviour of both versions: logged, and the socket stays open.
            debug!(conn = %peer.id, "a frame is not JSON and is ignored");
            return;
        }
        Err(Unread::Answer(answer)) => return peer.respond(answer),
    };
    let told = Told::begin(app.ws_log, peer, &asked);
    let open = match open(app, peer, progress, &asked) {
        Ok(open) => open,
        Err(fault) => return answer(peer, &asked.back, told.as_ref(), Err(fault)),
    };
    let Open { place, work } = open;
    run(app, Job { working, back: asked.back.clone(), told, place, work });
}

/// Reads a `req` frame. What raw values would hide is refused before anything is parsed from it.
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

/// A request that may be worked on.
struct Open {
    place: Option<Place>,
    work: Work,
}

/// Whether the request may be done; what is to do then, and its place where order matters.
fn open(
    app: &Arc<App>,
    peer: &Arc<Peer>,
    progress: &mut Progress,
    asked: &Asked<'_>,
) -> Result<Open, Fault> {
    if asked.method == "connect" && peer.voice != Voice::Bare {
        return Err(RpcError::invalid("connect is only valid as the first request").into());
    }
    let route = authorise(app, peer, progress, asked)?;
    app.heard_of(peer);
    let cx = Cx::new(Arc::clone(app), Arc::clone(peer), asked.back.clone());
    let call = route.open(cx.clone(), asked.params.as_deref()).map_err(Fault::Params)?;
    if let Some(scope) = call.scope {
        cx.require(scope)?;
    }
    if peer.work.count() > MAX_IN_FLIGHT {
        let problem = "too many requests are at work on this connection";
        return Err(RpcError::busy(problem, 100).into());
    }
    let place = lane(app, route, call.lane).map(|key| app.lanes.enter(key));
    Ok(Open { place, work: call.work })
}

fn answer(peer: &Peer, back: &Return, told: Option<&Told>, result: Result<Vec<u8>, Fault>) {
    if let Some(told) = told {
        told.end(&result);
    }
    peer.answer(back, result);
}

/// Whether the caller has the right to ask this, whatever its parameters are.
pub(crate) fn authorise<'a>(
    app: &'a App,
    peer: &Peer,
    progress: &mut Progress,
    asked: &Asked<'_>,
) -> Result<&'a Route, Fault> {
    let route = app.router.find(&asked.method, peer.version);
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
        return Err(refusal::wrong_role(caller.role).into());
    }
    progress.unauthorized = 0;
    let unknown = || Fault::Unknown(asked.said.to_string());
    // In protocols 3 and 4 a method that nobody defined needs admin, so that its absence is told to
    // admins alone; no older description knows of that.
    let scope = match access {
        Some(Access::Scope(scope)) => Some(scope),
        None if peer.voice.is_protocol() => Some(Scope::Admin),
        None => return Err(unknown()),
        _ => None,
    };
    if let Some(scope) = scope.filter(|scope| !caller.scopes.allows(*scope)) {
        return Err(refusal::missing_scope(scope, peer.version).into());
    }
    route.ok_or_else(unknown)
}

/// The lane of a request. A session has one lane, however its key is written.
fn lane(app: &App, route: &Route, key: Option<String>) -> Option<String> {
    match route.spec.lane {
        Lane::Concurrent => None,
        Lane::Session => {
            let sent = key.unwrap_or_default();
            let key = session::canonical_key(&sent, app.agents.default_id());
            Some(key.map_or_else(|_| sent.to_lowercase(), |key| key.to_string()))
                .map(|key| format!("session:{key}"))
        }
        Lane::Config => Some("config".to_owned()),
    }
}

struct Job {
    working: Working,
    back: Return,
    told: Option<Told>,
    place: Option<Place>,
    work: Work,
}

/// Polls once at once, so that what needs no waiting needs no task either.
fn run(app: &App, job: Job) {
    let Job { working, back, told, mut place, work } = job;
    let done = async move {
        let peer = working.peer();
        if let Some(place) = &mut place {
            place.turn().await;
            // What was still waiting when its connection lost its ground does not begin.
            if peer.work.is_withdrawn() {
                let error = RpcError::unavailable("gateway auth changed");
                return answer(peer, &back, told.as_ref(), Err(Fault::Refused(error)));
            }
        }
        let worked = AssertUnwindSafe(work).catch_unwind().await;
        let panicked = |_| {
            error!(request = %back.id, "a handler panicked");
            let problem = "the gateway failed to handle this request; see its log";
            Err(Fault::Internal(RpcError::unavailable(problem)))
        };
        let result = worked.map_or_else(panicked, |result| result.map_err(Fault::Refused));
        answer(peer, &back, told.as_ref(), result);
    };
    let mut done = Box::pin(done);
    let mut nobody = Context::from_waker(Waker::noop());
    if done.as_mut().poll_unpin(&mut nobody) == Poll::Ready(()) {
        return;
    }
    app.tasks.spawn("request", done);
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

/// Appends a value as JSON.
pub(crate) fn push_json(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.extend_from_slice(b"null");
    }
}
