//! Who asks over HTTP: the shared secret as a Bearer, compared by the code and counted by the limiter
//! that the WebSocket has, or the user of a listed proxy.

use std::time::Duration;

use axum::extract::Request;
use http::{Extensions, HeaderMap, header, request::Parts};
use openclaw_auth::{PeerFacts, Secret, SecretCheck};
use openclaw_protocol::{Role, Scope, ScopeSet};
use tracing::info;

use super::{gatekeeper::Passed, problem::Problem};
use crate::{
    gate::Seat,
    peer::Caller,
    server::Arrival,
    state::App,
    upgrade::{Facts, single},
};

/// How long a request waits for its turn with a limiter that slows it down, in all.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A caller that proved the shared secret, is vouched for, or needs neither; with the rights that the
/// server's record gives for that and that the request leaves.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// The name that its requests are remembered by; that of a WebSocket client without a device.
    pub(super) principal: String,
    /// Its rights.
    pub(super) scopes: ScopeSet,
}

/// Lets through who has this right. Nothing of a body is read before.
pub(super) fn owner<'a>(
    app: &'a App,
    request: &Request,
    needs: Scope,
) -> impl Future<Output = Result<Owner, Problem>> + Send + use<'a> {
    // What is needed of the request is taken at once: a body cannot be looked at by two threads, so the
    // future must not hold it.
    let asker = asker(app, request.extensions(), request.headers());
    let user = asker.as_ref().and_then(|asker| asker.facts.proxied.clone()?.ok());
    let proof = prove(app, Asks::Owner, asker, bearer(request.headers()));
    async move {
        let scopes = needed(proof.await?, needs)?;
        let user = user.map(|user| user.user);
        let caller = Caller { role: Role::Operator, scopes, device: None, user };
        Ok(Owner { principal: caller.principal(), scopes })
    }
}

/// Lets whoever may read the agents' names and pictures through: who has that right, and an operator's
/// device by its token alone.
pub(super) async fn reader(app: &App, request: &Parts) -> Result<(), Problem> {
    let asker = asker(app, &request.extensions, &request.headers);
    let scopes = prove(app, Asks::Reader, asker, bearer(&request.headers)).await?;
    needed(scopes, Scope::Read).map(drop)
}

fn needed(scopes: ScopeSet, needs: Scope) -> Result<ScopeSet, Problem> {
    if scopes.allows(needs) { Ok(scopes) } else { Err(Problem::scope(needs)) }
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
    asker: Option<Asker>,
    secret: Option<Secret>,
) -> Result<ScopeSet, Problem> {
    let Some(asker) = asker else { return Err(Problem::unauthorized()) };
    let peer = asker.facts.peer();
    let mut waited = Duration::ZERO;
    loop {
        let checked = match asks {
            Asks::Owner => check(app, &peer, secret.as_ref()),
            Asks::Reader => app.authority.check_reader(&peer, secret.as_ref(), now(app)).await,
        };
        match checked {
            SecretCheck::Granted { scopes, .. } => {
                asker.is_known();
                return Ok(scopes);
            }
            SecretCheck::Missing => {
                if let Some(Err(reason)) = peer.verified {
                    info!(reason = reason.name(), address = %peer.address, agent = asker.facts.user_agent.as_deref(), "an HTTP client was not let in");
                }
                return Err(Problem::unauthorized());
            }
            SecretCheck::Elsewhere => return Err(Problem::elsewhere()),
            SecretCheck::Origin => return Err(Problem::origin()),
            SecretCheck::Locked { retry_after_ms } => return Err(Problem::locked(retry_after_ms)),
            SecretCheck::Wrong => {
                info!(address = %peer.address, agent = asker.facts.user_agent.as_deref(), "an HTTP client was not let in");
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
    let secret = bearer(request.headers());
    let Some(asker) = asker(app, request.extensions(), request.headers()) else { return false };
    let peer = asker.facts.peer();
    // A probe brings neither, and is no failed attempt.
    if secret.is_none() && peer.vouched().is_none() {
        return false;
    }
    match check(app, &peer, secret.as_ref()) {
        SecretCheck::Granted { scopes, .. } => {
            asker.is_known();
            scopes.allows(Scope::Read)
        }
        _ => false,
    }
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

/// Who asks, as far as the server saw.
struct Asker {
    facts: Facts,
    /// Its socket's place among strangers; a host that listens itself has none.
    seat: Option<Seat>,
}

impl Asker {
    /// Its socket is no stranger's any more.
    fn is_known(&self) {
        drop(self.seat.as_ref().and_then(Seat::take));
    }
}

/// What the server saw of a request; the way in has left it there.
fn asker(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Option<Asker> {
    let arrival = extensions.get::<Arrival>()?;
    let passed = extensions.get::<Passed>()?;
    let facts = Facts::of(app, *arrival, passed.clone(), headers);
    Some(Asker { facts, seat: extensions.get::<Seat>().cloned() })
}
