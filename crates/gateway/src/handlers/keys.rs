//! Session keys as clients write them, and the sessions behind them.

use openclaw_agent::session::{self, SessionRow};
use openclaw_protocol::{
    RpcError,
    ids::{AgentId, SessionKey},
};

use crate::{context::Cx, error::OrRefuse as _};

/// The canonical key of what a client wrote; a bare key belongs to `agent`, or the default agent.
pub(crate) fn canonical(cx: &Cx, sent: &str, agent: Option<&str>) -> Result<SessionKey, RpcError> {
    let owner = match agent {
        Some(agent) => known_agent(cx, agent)?,
        None => cx.app().agents.default_id().clone(),
    };
    session::canonical_key(sent, &owner).map_err(|error| RpcError::invalid(error.to_string()))
}

/// The agent of a key.
pub(crate) fn agent_of(cx: &Cx, key: &SessionKey) -> AgentId {
    session::agent_of(key).unwrap_or_else(|| cx.app().agents.default_id().clone())
}

/// An agent that is configured.
pub(crate) fn known_agent(cx: &Cx, sent: &str) -> Result<AgentId, RpcError> {
    let id = session::normalize_agent_id(sent);
    if cx.app().agents.get(&id).is_some() {
        Ok(id)
    } else {
        Err(RpcError::invalid(format!("unknown agent id \"{sent}\"")))
    }
}

/// The session of a key, when there is one.
pub(crate) async fn find(cx: &Cx, key: &SessionKey) -> Result<Option<SessionRow>, RpcError> {
    cx.app().store.session(key).await.or_refuse()
}
