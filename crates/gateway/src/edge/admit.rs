//! Who comes in by an older door, and as what. The decision is the authority's; here is what it is told.

use std::{sync::Arc, time::Duration};

use openclaw_auth::{Attempt, Decision, Grant, Refusal, attempt};
use tracing::info;

use super::{Voice, first::Entry};
use crate::{
    owner,
    peer::{ClientInfo, Peer},
    state::App,
    upgrade::Facts,
};

/// What a client that does not say who it is is called.
const UNKNOWN: &str = "unknown";

/// Asks for a client of an older door.
pub(crate) async fn grant(
    app: &Arc<App>,
    facts: &Facts,
    nonce: String,
    entry: &Entry,
) -> Result<Grant, Refusal> {
    let attempt = Attempt {
        version: entry.voice.version(),
        peer: facts.peer(),
        nonce,
        client: attempt::ClientInfo {
            id: UNKNOWN.to_owned(),
            mode: UNKNOWN.to_owned(),
            ..attempt::ClientInfo::default()
        },
        role: entry.role.clone(),
        scopes: entry.scopes.clone(),
        device: None,
        auth: entry.auth.clone(),
    };
    let own_user = own_user(app, facts, &attempt).await;
    ask(app, &attempt, facts, Some(own_user)).await
}

/// Whether the system says that the peer is the gateway's own user. Not looked up where it decides nothing.
async fn own_user(app: &App, facts: &Facts, attempt: &Attempt) -> bool {
    let (peer, local) = (facts.arrival.peer, facts.arrival.local);
    // What a proxy on this machine forwards is somebody else's, whoever runs the proxy.
    if !app.authority.may_permit(&attempt.peer) || app.is_trusted_proxy(peer.ip()) {
        return false;
    }
    tokio::task::spawn_blocking(move || owner::is_own(peer, local)).await.unwrap_or(false)
}

/// Asks the authority; a delay that it imposes is waited for here, inside the handshake's deadline.
/// `own_user` is known at the doors that have a permit.
pub(crate) async fn ask(
    app: &App,
    attempt: &Attempt,
    facts: &Facts,
    own_user: Option<bool>,
) -> Result<Grant, Refusal> {
    loop {
        let now = u64::try_from(app.clock.now_ms()).unwrap_or_default();
        let decision = match own_user {
            None => app.authority.authenticate(attempt, now).await,
            Some(own) => app.authority.authenticate_or_permit(attempt, own, now).await,
        };
        match decision {
            Decision::Granted(grant) => return Ok(*grant),
            Decision::Wait { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Decision::Refused(refusal) => {
                info!(
                    reason = refusal.reason, client = attempt.client.id,
                    address = %facts.client, agent = facts.user_agent.as_deref(),
                    "a client was not let in"
                );
                return Err(*refusal);
            }
        }
    }
}

/// The connection of a client that has been let in by an older door.
pub(crate) fn peer(facts: &Facts, voice: Voice, grant: &Grant) -> Peer {
    // Tool events go to those who say that they understand them; the bare door has a name for them.
    let caps = (voice == Voice::Bare).then(|| "tool-events".to_owned());
    let client = ClientInfo {
        id: UNKNOWN.to_owned(),
        mode: UNKNOWN.to_owned(),
        version: UNKNOWN.to_owned(),
        platform: UNKNOWN.to_owned(),
        caps: caps.into_iter().collect(),
        address: facts.client.to_string(),
        ..ClientInfo::default()
    };
    Peer::granted(voice, client, grant)
}
