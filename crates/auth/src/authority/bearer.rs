//! Whether the secret of an HTTP request lets it in. The limiter is that of connections.

use std::sync::Arc;

use super::Authority;
use crate::{
    attempt::{PeerFacts, provided},
    config::Mode,
    credential::{Digest, Secret},
    pairing::Device,
    policy::AuthMethod,
    rate_limit::{Admission, Bucket, Counts, SecretKind},
};

/// Whether a secret that came with an HTTP request lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretCheck {
    /// It does.
    Granted(AuthMethod),
    /// None came.
    Missing,
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
        self.compare_secret(peer, secret, &[], now_ms)
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
        self.compare_secret(peer, secret, &readers, now_ms)
    }

    fn compare_secret(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        readers: &[Digest],
        now_ms: u64,
    ) -> SecretCheck {
        if !peer.origin.passes() {
            return SecretCheck::Origin;
        }
        let settings = Arc::clone(&self.settings.read());
        let credentials = &settings.credentials;
        match (credentials.mode, &peer.verified) {
            (Mode::None, _) => return SecretCheck::Granted(AuthMethod::None),
            (Mode::TrustedProxy, Some(user)) => return SecretCheck::Granted(user.method),
            _ => {}
        }
        let Some(secret) = provided(secret) else {
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
                (Counts::Nothing, SecretCheck::Granted(method))
            } else if readers.iter().any(|reader| reader.matches(secret)) {
                (Counts::Nothing, SecretCheck::Granted(AuthMethod::DeviceToken))
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
