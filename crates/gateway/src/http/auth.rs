//! Who asks over HTTP: the shared secret as a Bearer, compared by the code and counted by the limiter
//! that the WebSocket has.

use std::time::Duration;

use axum::extract::Request;
use http::{Extensions, HeaderMap, header, request::Parts};
use openclaw_auth::{PeerFacts, Secret, SecretCheck};
use openclaw_protocol::{Role, ScopeSet};
use tracing::info;

use super::{gatekeeper::Passed, problem::Problem};
use crate::{
    peer::Caller,
    server::Arrival,
    state::App,
    upgrade::{Facts, single},
};

/// How long a request waits for its turn with a limiter that slows it down, in all.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A caller that proved the shared secret, or needs none: the gateway's owner, with every right.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// The name that its requests are remembered by; that of a WebSocket client without a device.
    pub(super) principal: String,
}

impl Owner {
    fn new() -> Self {
        let scopes = ScopeSet::all();
        let caller = Caller { role: Role::Operator, scopes, device: None };
        Self { principal: caller.principal() }
    }
}

/// Lets the owner through. Nothing of a body is read before.
pub(super) fn owner<'a>(
    app: &'a App,
    request: &Request,
) -> impl Future<Output = Result<Owner, Problem>> + Send + use<'a> {
    // What is needed of the request is taken at once: a body cannot be looked at by two threads, so the
    // future must not hold it.
    let facts = facts(app, request.extensions(), request.headers());
    let proof = prove(app, Asks::Owner, facts, bearer(request.headers()));
    async { proof.await.map(|()| Owner::new()) }
}

/// Lets whoever may read the agents' names and pictures through: the owner, and an operator's device by
/// its token alone.
pub(super) async fn reader(app: &App, request: &Parts) -> Result<(), Problem> {
    let facts = facts(app, &request.extensions, &request.headers);
    prove(app, Asks::Reader, facts, bearer(&request.headers)).await
}

/// What is asked for, and so which secrets count.
#[derive(Debug, Clone, Copy)]
enum Asks {
    Owner,
    Reader,
}

async fn prove(
    app: &App,
    asks: Asks,
    facts: Option<Facts>,
    secret: Option<Secret>,
) -> Result<(), Problem> {
    let Some(facts) = facts else { return Err(Problem::unauthorized()) };
    let peer = facts.peer();
    let mut waited = Duration::ZERO;
    loop {
        let checked = match asks {
            Asks::Owner => check(app, &peer, secret.as_ref()),
            Asks::Reader => app.authority.check_reader(&peer, secret.as_ref(), now(app)).await,
        };
        match checked {
            SecretCheck::Granted(_) => return Ok(()),
            SecretCheck::Missing => return Err(Problem::unauthorized()),
            SecretCheck::Origin => return Err(Problem::origin()),
            SecretCheck::Locked { retry_after_ms } => return Err(Problem::locked(retry_after_ms)),
            SecretCheck::Wrong => {
                info!(address = %peer.address, agent = facts.user_agent.as_deref(), "an HTTP client was not let in");
                return Err(Problem::unauthorized());
            }
            SecretCheck::Wait { ms } if waited >= LONGEST_WAIT => return Err(Problem::locked(ms)),
            SecretCheck::Wait { ms } => {
                let pause = Duration::from_millis(ms.max(1)).min(LONGEST_WAIT);
                waited += pause;
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// Whether the owner asks, for answers that strangers get a shorter form of. A wrong secret counts as a
/// failed attempt; nobody is kept waiting.
pub(super) fn is_owner(app: &App, request: &Request) -> bool {
    let Some(secret) = bearer(request.headers()) else { return false };
    let Some(facts) = facts(app, request.extensions(), request.headers()) else { return false };
    matches!(check(app, &facts.peer(), Some(&secret)), SecretCheck::Granted(_))
}

fn check(app: &App, peer: &PeerFacts, secret: Option<&Secret>) -> SecretCheck {
    app.authority.check_secret(peer, secret, now(app))
}

fn now(app: &App) -> u64 {
    u64::try_from(app.clock.now_ms()).unwrap_or_default()
}

/// `Authorization: Bearer …`, when it comes exactly once.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, secret) = single(headers, &header::AUTHORIZATION)?.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then(|| Secret::new(secret))
}

/// What the server saw of a request; the way in has left it there.
fn facts(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Option<Facts> {
    let arrival = extensions.get::<Arrival>()?;
    let passed = extensions.get::<Passed>()?;
    Some(Facts::of(app, *arrival, passed.clone(), headers))
}
