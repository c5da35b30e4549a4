//! Who comes in through a door whose clients may send no secret at all.

use openclaw_protocol::Role;

use super::{Authority, refused};
use crate::{
    attempt::{Attempt, PeerFacts},
    config::{Credentials, Mode, Rules},
    origin::OriginVerdict,
    policy::{AuthMethod, Decision, Grant, permit_record},
    refusal::{AuthReason, Refusal},
};

impl Authority {
    /// Decides about a client of a door that knows no handshake, or a handshake without a secret.
    ///
    /// A secret that was offered decides alone: a wrong one never falls through to the permit, and an
    /// empty one was offered too. Without one, the local permit lets the gateway's own user read and
    /// write: `own_user` is whether the system says that the peer's socket belongs to that user.
    pub async fn authenticate_or_permit(
        &self,
        attempt: &Attempt,
        own_user: bool,
        now_ms: u64,
    ) -> Decision {
        let settings = std::sync::Arc::clone(&self.settings.read());
        let credentials = &settings.credentials;
        let by_secret = !matches!(credentials.mode, Mode::None | Mode::TrustedProxy);
        let asks = offers(attempt) || !by_secret || attempt.device.is_some();
        if asks || !attempt.peer.origin.passes() {
            return self.authenticate(attempt, now_ms).await;
        }
        if !(own_user && permitted(&attempt.peer, credentials, settings.rules)) {
            let reason = match credentials.mode {
                Mode::Password => AuthReason::PasswordMissing,
                _ => AuthReason::TokenMissing,
            };
            return refused(Refusal::unauthorized(attempt, reason, None));
        }
        Decision::Granted(Box::new(Grant {
            role: Role::Operator,
            scopes: attempt.peer.limited(permit_record()),
            method: AuthMethod::LocalPermit,
            local: true,
            device: None,
            user: None,
            device_token: None,
            more_tokens: Vec::new(),
            setup: None,
            generation: settings.generation,
            revision: self.revision.load(std::sync::atomic::Ordering::Acquire),
            proven_token: None,
        }))
    }

    /// Whether the local permit is thinkable for this peer; spares the look at the system's tables.
    pub fn may_permit(&self, peer: &PeerFacts) -> bool {
        let settings = self.settings.read();
        permitted(peer, &settings.credentials, settings.rules)
    }
}

/// Whether anything was sent where a secret belongs, be it empty.
fn offers(attempt: &Attempt) -> bool {
    let auth = &attempt.auth;
    [&auth.token, &auth.password, &auth.device_token, &auth.bootstrap_token]
        .into_iter()
        .any(Option::is_some)
}

/// All of the permit's conditions but the socket's owner. Behind `trusted-proxy` every local request
/// may be somebody else's.
fn permitted(peer: &PeerFacts, credentials: &Credentials, rules: Rules) -> bool {
    rules.local_permit
        && credentials.mode != Mode::TrustedProxy
        && peer.local()
        && !peer.browser
        && peer.origin == OriginVerdict::Absent
        && peer.verified.is_none()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use openclaw_protocol::{Scope, ScopeSet, Version};

    use super::*;
    use crate::{
        AuthConfig, AuthFields, MemoryAuthStore, attempt::tests::attempt as with_secret,
        rate_limit::Limits,
    };

    fn authority(config: &str, local_permit: bool) -> Authority {
        let config: AuthConfig = serde_json::from_str(config).unwrap();
        let rules = Rules { local_permit, ..Rules::default() };
        let store = Arc::new(MemoryAuthStore::default());
        Authority::new(store, Credentials::new(&config), rules, Limits::default())
    }

    fn attempt() -> Attempt {
        Attempt { auth: AuthFields::default(), ..with_secret(Version::V4) }
    }

    const TOKEN: &str = r#"{"token":"right-token"}"#;

    #[tokio::test]
    async fn the_permit_reads_and_writes_and_nothing_else() {
        let authority = authority(TOKEN, true);
        let Decision::Granted(grant) = authority.authenticate_or_permit(&attempt(), true, 0).await
        else {
            panic!("the gateway's own user is let in");
        };
        assert_eq!(grant.method, AuthMethod::LocalPermit);
        for scope in Scope::ALL {
            let expected = matches!(scope, Scope::Read | Scope::Write);
            assert_eq!(grant.scopes.allows(*scope), expected, "{scope:?}");
        }
        assert!(authority.still_holds(&grant).await);
        let mut narrow = attempt();
        narrow.peer.limit = Some(ScopeSet::EMPTY);
        let narrowed = authority.authenticate_or_permit(&narrow, true, 0).await;
        assert!(matches!(narrowed, Decision::Granted(grant) if grant.scopes.is_empty()));
        let config: AuthConfig = serde_json::from_str(TOKEN).unwrap();
        let mut events = authority.subscribe();
        authority.configure(Credentials::new(&config), Rules::default(), Limits::default());
        assert!(!authority.still_holds(&grant).await, "turning it off ends what it let in");
        assert!(matches!(events.try_recv(), Ok(crate::AuthEvent::SecretChanged)));
    }

    #[tokio::test]
    async fn each_condition_is_needed() {
        let voids: [fn(&mut Attempt); 9] = [
            |a| a.peer.loopback = false,
            |a| a.peer.forwarded = true,
            |a| a.peer.host_loopback = false,
            |a| a.peer.browser = true,
            |a| a.peer.origin = OriginVerdict::SameHost,
            |a| a.auth.token = Some("".into()),
            |a| a.auth.token = Some("wrong".into()),
            |a| a.device = Some(crate::DeviceClaim::default()),
            |a| a.peer.verified = Some(Err(AuthReason::TailscaleUserMissing)),
        ];
        for (index, void) in voids.into_iter().enumerate() {
            let mut attempt = attempt();
            void(&mut attempt);
            let decision = authority(TOKEN, true).authenticate_or_permit(&attempt, true, 0).await;
            assert!(matches!(decision, Decision::Refused(_)), "condition {index}");
        }
        for (config, permit, own_user) in [
            (TOKEN, true, false),
            (TOKEN, false, true),
            (r#"{"mode":"trusted-proxy"}"#, true, true),
        ] {
            let decision =
                authority(config, permit).authenticate_or_permit(&attempt(), own_user, 0).await;
            assert!(matches!(decision, Decision::Refused(_)), "{config} {permit} {own_user}");
        }
    }

    #[tokio::test]
    async fn mode_none_stays_as_wide_as_it_is() {
        let decision = authority(r#"{"mode":"none"}"#, false)
            .authenticate_or_permit(&attempt(), false, 0)
            .await;
        let Decision::Granted(grant) = decision else { panic!("nothing is asked") };
        assert!(grant.scopes.allows(Scope::Admin) && grant.method == AuthMethod::None);
    }
}
