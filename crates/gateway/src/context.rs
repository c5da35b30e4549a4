//! What a handler gets: who calls, and the services it may use.

use std::sync::Arc;

use openclaw_protocol::{
    Method, RpcError,
    scope::{Role, Scope},
};

use crate::{
    dispatch::refusal,
    edge::Return,
    peer::{Caller, Peer},
    state::App,
};

/// One request's context; cheap to clone.
#[derive(Clone)]
pub(crate) struct Cx {
    app: Arc<App>,
    peer: Arc<Peer>,
    back: Return,
}

impl Cx {
    pub(crate) fn new(app: Arc<App>, peer: Arc<Peer>, back: Return) -> Self {
        Self { app, peer, back }
    }

    /// The connection that asks.
    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// Who asks.
    pub(crate) fn caller(&self) -> &Caller {
        &self.peer.caller
    }

    /// The services.
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Refuses a caller without this scope; for what the table cannot know.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), RpcError> {
        if self.caller().role == Role::Operator && self.caller().scopes.allows(scope) {
            Ok(())
        } else {
            Err(refusal::missing_scope(scope, self.peer.version))
        }
    }

    /// Answers the same request a second time, as `agent` does when the run has ended.
    pub(crate) fn answer_again<M: Method>(&self, result: Result<&M::Result, RpcError>) {
        let payload = result.and_then(|r| crate::router::write::<M>(r, self.peer.version));
        self.peer.answer_again(&self.back, payload.map_err(Into::into));
    }
}
