//! What a handler gets: who calls, and the services it may use.

use std::sync::Arc;

use openclaw_protocol::{
    Close, Event, Method, RpcError,
    scope::{Role, Scope},
};

use crate::{
    bus::To,
    dispatch::{self, refusal},
    peer::{Caller, Peer},
    state::App,
};

/// One request's context; cheap to clone.
#[derive(Clone)]
pub struct Cx {
    app: Arc<App>,
    peer: Arc<Peer>,
    request: Arc<str>,
}

impl Cx {
    pub(crate) fn new(app: Arc<App>, peer: Arc<Peer>, request: Arc<str>) -> Self {
        Self { app, peer, request }
    }

    /// The connection that asks.
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.peer.caller
    }

    /// The services.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Refuses a caller without this scope; for what the table cannot know.
    pub fn require(&self, scope: Scope) -> Result<(), RpcError> {
        if self.caller().role == Role::Operator && self.caller().scopes.allows(scope) {
            Ok(())
        } else {
            Err(refusal::missing_scope(scope, self.peer.version))
        }
    }

    /// Tells an event.
    pub fn emit<E: Event>(&self, event: &E, to: To<'_>) {
        self.app.bus.emit(event, to);
    }

    /// Answers the same request a second time, as `agent` does when the run has ended.
    pub fn answer_again<M: Method>(&self, result: Result<&M::Result, RpcError>) {
        let payload = result.and_then(|r| crate::router::write::<M>(r, self.peer.version));
        self.peer.respond(dispatch::response(&self.request, payload));
    }

    /// Ends the connection after what is queued has been written.
    pub fn close(&self, close: Close) {
        self.peer.close(close);
    }
}
