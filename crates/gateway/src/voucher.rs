//! Who vouches for whoever sends a request: a listed proxy by a header, or this machine's Tailscale.
//!
//! A header is believed for where it came from alone; what is missing, blank or there twice is nobody.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::HeaderMap;
use openclaw_auth::{
    Attempt, AuthReason, Mode, VerifiedUser,
    policy::AuthMethod,
    proxy::{self, ProxyFacts},
};
use openclaw_protocol::ScopeSet;
use tracing::warn;

use crate::{
    http::gatekeeper, owner, server::Arrival, state::App, tailnet::Whois, tailnet::WhoisError,
    upgrade::Facts,
};

/// What a proxy may narrow its user's rights with.
const SCOPES: &str = "x-openclaw-scopes";
/// Whom Tailscale's proxy forwards for.
const LOGIN: &str = "tailscale-user-login";
/// Sent with what comes from the public internet, where nobody has a login.
const FUNNEL: &str = "tailscale-funnel-request";
/// How long Tailscale on this machine may take to say who somebody is.
const DEADLINE: Duration = Duration::from_secs(2);

/// The user of mode `trusted-proxy`, or why there is none; absent in every other mode.
pub(crate) fn proxied(
    app: &App,
    arrival: Arrival,
    headers: &HeaderMap,
) -> Option<Result<VerifiedUser, AuthReason>> {
    if app.in_force().credentials.mode != Mode::TrustedProxy {
        return None;
    }
    let peer = arrival.peer.ip();
    let facts = ProxyFacts {
        listed: app.is_trusted_proxy(peer),
        loopback: peer.to_canonical().is_loopback(),
    };
    let config = app.config.config.gateway.auth.trusted_proxy.as_ref();
    Some(proxy::trusted_user(config, facts, |name| gatekeeper::values(headers, name)))
}

/// What `x-openclaw-scopes` leaves. A header that is there twice leaves nothing: two readers might take
/// different ones.
pub(crate) fn limit(headers: &HeaderMap) -> Option<ScopeSet> {
    match gatekeeper::values(headers, SCOPES).as_slice() {
        [] => None,
        [names] => Some(ScopeSet::parse(names.split(',').map(str::trim))),
        _ => Some(ScopeSet::EMPTY),
    }
}

/// A person at a machine of the tailnet, as `tailscale serve` says it; nobody has checked it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    login: String,
    /// The address that it forwards for; port 0 where none is told.
    address: SocketAddr,
}

impl Claim {
    /// Reads it, where the config believes Tailscale; absent where nothing speaks of it.
    pub(crate) fn of(
        app: &App,
        arrival: Arrival,
        headers: &HeaderMap,
    ) -> Option<Result<Self, AuthReason>> {
        let believed = app.config.config.gateway.believes_tailscale();
        believed.then(|| Self::read(arrival, headers)).flatten()
    }

    fn read(arrival: Arrival, headers: &HeaderMap) -> Option<Result<Self, AuthReason>> {
        let logins = gatekeeper::values(headers, LOGIN);
        let public = headers.contains_key(FUNNEL);
        if logins.is_empty() && !public {
            return None;
        }
        let login = match logins.as_slice() {
            [login] if !public && !login.trim().is_empty() => login.trim().to_owned(),
            _ => return Some(Err(AuthReason::TailscaleUserMissing)),
        };
        let local = arrival.peer.ip().to_canonical().is_loopback();
        let address = match gatekeeper::values(headers, "x-forwarded-for").as_slice() {
            [address] if local => forwarded(address.trim()),
            _ => None,
        };
        let claim = address.map(|address| Self { login, address });
        Some(claim.ok_or(AuthReason::TailscaleProxyMissing))
    }

    /// The person, once this machine's Tailscale has said the same. Whatever is in doubt is nobody.
    async fn check(self, app: &App, arrival: Arrival) -> Result<VerifiedUser, AuthReason> {
        let whois = Arc::clone(&app.whois);
        let asked = tokio::time::timeout(DEADLINE, self.ask(&*whois, arrival)).await;
        let known = match asked {
            Ok(Ok(known)) => known,
            Ok(Err(Doubt::NotTailscale)) => return Err(AuthReason::TailscaleProxyMissing),
            Ok(Err(Doubt::Whois(error))) => {
                warn!(%error, "Tailscale does not say who somebody is; nobody comes in by it");
                return Err(AuthReason::TailscaleWhoisFailed);
            }
            Err(_) => {
                warn!("Tailscale does not answer in time; nobody comes in by it");
                return Err(AuthReason::TailscaleWhoisFailed);
            }
        };
        match known {
            None => Err(AuthReason::TailscaleWhoisFailed),
            Some(login) if login == self.login => {
                Ok(VerifiedUser { method: AuthMethod::Tailscale, user: login })
            }
            Some(_) => Err(AuthReason::TailscaleUserMismatch),
        }
    }

    async fn ask(&self, whois: &dyn Whois, arrival: Arrival) -> Result<Option<String>, Doubt> {
        // Every program of this machine can write these headers: the socket must be Tailscale's own.
        let user = whois.runs_as().await?;
        let Arrival { peer, local } = arrival;
        let of_tailscale = tokio::task::spawn_blocking(move || owner::is_of(user, peer, local));
        if !of_tailscale.await.unwrap_or(false) {
            return Err(Doubt::NotTailscale);
        }
        Ok(whois.user(self.address).await?)
    }
}

/// Why a claim is not believed.
enum Doubt {
    /// Another program forwards.
    NotTailscale,
    /// Nobody can be asked.
    Whois(WhoisError),
}

impl From<WhoisError> for Doubt {
    fn from(error: WhoisError) -> Self {
        Self::Whois(error)
    }
}

/// An address of another machine, with or without a port.
fn forwarded(text: &str) -> Option<SocketAddr> {
    let bare = || text.parse().ok().map(|ip| SocketAddr::new(ip, 0));
    let address: SocketAddr = text.parse().ok().or_else(bare)?;
    let ip = address.ip().to_canonical();
    (!ip.is_loopback() && !ip.is_unspecified()).then(|| SocketAddr::new(ip, address.port()))
}

/// The person whom Tailscale vouches for at the Control UI, the one client that it lets in. Nobody is
/// asked for another client, or on behalf of a page that may not speak to us.
pub(crate) async fn tailnet(
    app: &App,
    facts: &Facts,
    attempt: &Attempt,
) -> Option<Result<VerifiedUser, AuthReason>> {
    if !attempt.client.is_control_ui() || !attempt.peer.origin.passes() {
        return None;
    }
    match facts.tailnet.clone()? {
        Ok(claim) => Some(claim.check(app, facts.arrival).await),
        Err(reason) => Some(Err(reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_limit_is_read_once_or_is_nothing() {
        let of = |values: &[&str]| {
            let lines: Vec<_> = values.iter().map(|value| (SCOPES, *value)).collect();
            limit(&headers(&lines)).map(ScopeSet::names)
        };
        assert_eq!(of(&[]), None);
        let two = ["operator.read", "operator.write"].map(str::to_owned).to_vec();
        assert_eq!(of(&["operator.write , operator.read"]), Some(two));
        for nothing in [
            &[""][..],
            &["*"],
            &["OPERATOR.READ"],
            &["operator.read", "operator.read"],
            &["\u{e9}"],
        ] {
            assert_eq!(of(nothing), Some(Vec::new()), "{nothing:?}");
        }
    }

    #[test]
    fn a_claim_is_whole_or_none() {
        let read = |peer: &str, lines: &[(&'static str, &str)]| {
            let local = "127.0.0.1:18789".parse().unwrap();
            let arrival = Arrival { peer: peer.parse().unwrap(), local };
            Claim::read(arrival, &headers(lines))
        };
        let (ada, at) = ((LOGIN, "ada@example.org"), ("x-forwarded-for", "100.64.0.7"));
        let claim = |address: &str| {
            let login = "ada@example.org".to_owned();
            Some(Ok(Claim { login, address: address.parse().unwrap() }))
        };
        let here = "127.0.0.1:9";
        assert_eq!(read(here, &[ada, at]), claim("100.64.0.7:0"));
        let six = ("x-forwarded-for", "[fd7a:115c:a1e0::7]:41112");
        assert_eq!(read("[::1]:9", &[ada, six]), claim("[fd7a:115c:a1e0::7]:41112"));
        assert_eq!(read(here, &[at]), None);
        let missing = Some(Err(AuthReason::TailscaleUserMissing));
        assert_eq!(read(here, &[(LOGIN, " "), at]), missing);
        assert_eq!(read(here, &[ada, ada, at]), missing);
        assert_eq!(read(here, &[ada, at, (FUNNEL, "?1")]), missing);
        let proxy = Some(Err(AuthReason::TailscaleProxyMissing));
        assert_eq!(read("100.64.0.9:9", &[ada, at]), proxy);
        assert_eq!(read(here, &[ada, at, at]), proxy);
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "", "a, 100.64.0.7"] {
            assert_eq!(read(here, &[ada, ("x-forwarded-for", address)]), proxy, "{address}");
        }
    }
}
