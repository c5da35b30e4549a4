//! Whether the secret of an HTTP request lets it in. The limiter is that of connections.

use std::sync::Arc;

use openclaw_protocol::{Scope, ScopeSet};

use super::{Authority, Settings};
use crate::{
    attempt::{PeerFacts, provided},
    config::Mode,
    credential::{Digest, Secret},
    origin::OriginVerdict,
    pairing::Device,
    policy::{AuthMethod, vouched_record},
    rate_limit::{Admission, Bucket, Counts, SecretKind},
};

/// Whether a secret that came with an HTTP request lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretCheck {
    /// It does, or none is needed.
    Granted {
        /// By what.
        method: AuthMethod,
        /// What the request may do, by the server's record.
        scopes: ScopeSet,
    },
    /// None came, and nobody vouches for whoever asks.
    Missing,
    /// None is asked for, but only of programs on this machine.
    Elsewhere,
    /// It is wrong, or the gateway has none to compare with.
    Wrong,
    /// The page that asks may not; nothing was compared.
    Origin,
    /// Too many failures; nothing was compared.
    Locked {
        /// Until the lockout ends, for `Retry-After`.
        retry_after_ms: u64,
    },
    /// Nothing was compared: sleep, then ask again.
    Wait {
        /// How long.
        ms: u64,
    },
}

impl Authority {
    /// Whether the secret of an HTTP request (its Bearer, or the query of an upgrade at `/ws`) is the
    /// shared one. The same limiter counts.
    pub fn check_secret(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        now_ms: u64,
    ) -> SecretCheck {
        self.compare_secret(peer, secret, None, now_ms)
    }

    /// The same for what a page shows of its gateway before it connects, the agents' names and pictures:
    /// there the token of an operator's device that may read is enough by itself. Pages of 2026.9.6 offer it
    /// before the secret, so it must not count as a wrong one either.
    pub async fn check_reader(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        now_ms: u64,
    ) -> SecretCheck {
        // Records are not read on behalf of someone who may not even be compared.
        let readers = match self.limiter.check(Bucket::of(peer, SecretKind::Shared), now_ms) {
            Admission::Compared(()) if provided(secret).is_some() && peer.origin.passes() => {
                let devices = self.store.devices().await.unwrap_or_default();
                devices.iter().filter_map(Device::reader).collect()
            }
            _ => Vec::new(),
        };
        self.compare_secret(peer, secret, Some(&readers), now_ms)
    }

    fn compare_secret(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        readers: Option<&[Digest]>,
        now_ms: u64,
    ) -> SecretCheck {
        if !peer.origin.passes() {
            return SecretCheck::Origin;
        }
        let settings = Arc::clone(&self.settings.read());
        let credentials = &settings.credentials;
        if let Some(check) = without_secret(peer, &settings, readers.is_some()) {
            if check == SecretCheck::Elsewhere {
                self.note_refusal(peer, "mode-none-elsewhere", now_ms);
            }
            return check;
        }
        let Some(secret) = provided(secret) else {
            if let Some(Err(reason)) = &peer.verified {
                self.note_refusal(peer, reason.name(), now_ms);
            }
            return SecretCheck::Missing;
        };
        let method = match credentials.mode {
            Mode::Password => AuthMethod::Password,
            _ => AuthMethod::Token,
        };
        let compare = || {
            let here = !credentials.local_only || peer.local();
            let right = credentials.shared().is_some_and(|shared| shared.matches(secret)) && here;
            if right {
                // The secret is whole: `x-openclaw-scopes` takes nothing from it, as in 2026.9.6.
                (Counts::Nothing, SecretCheck::Granted { method, scopes: ScopeSet::all() })
            } else if readers.iter().copied().flatten().any(|reader| reader.matches(secret)) {
                let (method, scopes) = (AuthMethod::DeviceToken, [Scope::Read].into_iter());
                (Counts::Nothing, SecretCheck::Granted { method, scopes: scopes.collect() })
            } else {
                (Counts::Failure, SecretCheck::Wrong)
            }
        };
        let check =
            match self.limiter.attempt(Bucket::of(peer, SecretKind::Shared), now_ms, compare) {
                Admission::Compared(check) => check,
                Admission::Locked { retry_after_ms } => SecretCheck::Locked { retry_after_ms },
                Admission::Wait { ms } => SecretCheck::Wait { ms },
            };
        match check {
            SecretCheck::Wrong => self.note_refusal(peer, "http-secret-mismatch", now_ms),
            SecretCheck::Locked { .. } => self.note_refusal(peer, "rate_limited", now_ms),
            _ => {}
        }
        check
    }
}

/// What is decided without comparing anything; `reading` is whether no more is asked for than what a
/// page shows before it connects.
fn without_secret(peer: &PeerFacts, settings: &Settings, reading: bool) -> Option<SecretCheck> {
    let granted =
        |method, record| Some(SecretCheck::Granted { method, scopes: peer.limited(record) });
    match settings.credentials.mode {
        Mode::None => {
            // The page that this gateway serves sends no Origin where it only reads.
            let own = matches!(peer.origin, OriginVerdict::Absent | OriginVerdict::SameHost);
            if peer.local_program() || (reading && own && peer.local()) {
                granted(AuthMethod::None, ScopeSet::all())
            } else {
                Some(SecretCheck::Elsewhere)
            }
        }
        Mode::TrustedProxy => {
            let user = peer.vouched().filter(|user| user.method == AuthMethod::TrustedProxy)?;
            granted(user.method, vouched_record(settings.rules))
        }
        _ => None,
    }
}
