//! What is known of a connection that wants in: what the kernel and the upgrade's headers say, and what the client claims.

use std::net::IpAddr;

use openclaw_protocol::{ScopeSet, Version};

use crate::{credential::Secret, origin::OriginVerdict, policy::AuthMethod, refusal::AuthReason};

/// The facts about the other end, none of which the client's `connect` can change.
#[derive(Debug, Clone)]
pub struct PeerFacts {
    /// The address that failed attempts are counted for: the kernel's, or behind a listed trusted
    /// proxy the client that it names. IPv4-mapped forms are unmapped by the limiter.
    pub address: IpAddr,
    /// Whether the kernel's peer address is loopback. Never taken from a header.
    pub loopback: bool,
    /// Whether any forwarding header is there, believed or not: it voids locality.
    pub forwarded: bool,
    /// Whether the (already allowed) `Host` is a loopback name; see [`crate::Host::is_loopback`].
    pub host_loopback: bool,
    /// Whether an `Origin` or a `Sec-Fetch-*` header is there: a browser speaks.
    pub browser: bool,
    /// What [`crate::origin::origin_verdict`] said of `Origin`.
    pub origin: OriginVerdict,
    /// The person whom a listed proxy or Tailscale vouches for, already checked by the server, or why
    /// nobody is vouched for. Absent where nothing of the kind is believed.
    pub verified: Option<Result<VerifiedUser, AuthReason>>,
    /// What `x-openclaw-scopes` leaves of whatever is granted; absent without that header. It narrows
    /// everything but the shared secret, and widens nothing.
    pub limit: Option<ScopeSet>,
}

impl PeerFacts {
    /// Whether the peer is a program on this machine that nothing stands in front of. What vouches for
    /// a person stands in front, whether it says that it forwards or not.
    pub fn direct_loopback(&self) -> bool {
        self.loopback && !self.forwarded && self.vouched().is_none()
    }

    /// Whether the peer is on this machine and addressed it by a local name.
    pub fn local(&self) -> bool {
        self.direct_loopback() && self.host_loopback
    }

    /// The person who is vouched for.
    pub fn vouched(&self) -> Option<&VerifiedUser> {
        self.verified.as_ref()?.as_ref().ok()
    }

    /// What the limit leaves of these scopes.
    pub(crate) fn limited(&self, scopes: ScopeSet) -> ScopeSet {
        self.limit.map_or(scopes, |limit| scopes.within(limit))
    }

    /// Whether this is a local program that is no browser: what is granted everything it asks for
    /// once it proves the shared secret.
    pub fn local_program(&self) -> bool {
        self.direct_loopback() && !self.browser && self.origin == OriginVerdict::Absent
    }
}

/// A person vouched for by something in front of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedUser {
    /// [`AuthMethod::TrustedProxy`] or [`AuthMethod::Tailscale`].
    pub method: AuthMethod,
    /// The name, for people and logs.
    pub user: String,
}

/// What a client says of itself in `connect`.
#[derive(Debug, Clone, Default)]
pub struct ClientInfo {
    /// `client.id`, for example `cli`.
    pub id: String,
    /// `client.mode`, for example `webchat`.
    pub mode: String,
    /// `client.displayName`.
    pub display_name: Option<String>,
    /// `client.platform`; signed and pinned.
    pub platform: Option<String>,
    /// `client.deviceFamily`; signed and pinned.
    pub device_family: Option<String>,
}

impl ClientInfo {
    /// Whether it is the Control UI or the terminal UI, which must bring a device.
    pub fn is_operator_ui(&self) -> bool {
        matches!(self.id.as_str(), "openclaw-control-ui" | "openclaw-tui")
    }

    /// Whether it is the Control UI.
    pub fn is_control_ui(&self) -> bool {
        self.id == "openclaw-control-ui"
    }

    /// Whether it is a page that must send an `Origin`.
    pub fn is_webchat(&self) -> bool {
        self.mode == "webchat" || matches!(self.id.as_str(), "webchat-ui" | "webchat")
    }

    /// Whether it is a command line: decides which configuration key a refusal names.
    pub fn is_cli(&self) -> bool {
        self.mode == "cli"
    }
}

/// `connect.device`, not believed yet.
#[derive(Debug, Clone, Default)]
pub struct DeviceClaim {
    /// Lower-case hex SHA-256 of the raw key.
    pub id: String,
    /// The raw key as base64url, or PEM.
    pub public_key: String,
    /// Ed25519, base64url.
    pub signature: String,
    /// Milliseconds since 1970.
    pub signed_at: i64,
    /// The challenge's nonce.
    pub nonce: Option<String>,
}

/// `connect.auth`. An absent or empty field is not provided.
#[derive(Debug, Clone, Default)]
pub struct AuthFields {
    /// The shared token, or (tried second) a device token.
    pub token: Option<Secret>,
    /// The shared password.
    pub password: Option<Secret>,
    /// A device token.
    pub device_token: Option<Secret>,
    /// A one-time token from a setup code.
    pub bootstrap_token: Option<Secret>,
}

impl AuthFields {
    /// What the device signature covers: the token, else the device token, else the bootstrap token.
    pub(crate) fn signed_token(&self) -> &str {
        [&self.token, &self.device_token, &self.bootstrap_token]
            .into_iter()
            .find_map(|field| provided(field.as_ref()))
            .map_or("", Secret::expose)
    }

    /// Whether anything was sent that must be compared.
    pub(crate) fn any_provided(&self) -> bool {
        self.shared_provided()
            || provided(self.device_token.as_ref()).is_some()
            || provided(self.bootstrap_token.as_ref()).is_some()
    }

    /// Whether a shared token or password was sent at all.
    pub(crate) fn shared_provided(&self) -> bool {
        provided(self.token.as_ref()).is_some() || provided(self.password.as_ref()).is_some()
    }
}

/// A field that holds something; an empty text counts as absent.
pub(crate) fn provided(field: Option<&Secret>) -> Option<&Secret> {
    field.filter(|secret| !secret.expose().is_empty())
}

/// One `connect`, as far as authority is concerned.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The protocol that was agreed on; decides the wording of refusals.
    pub version: Version,
    /// What the server saw.
    pub peer: PeerFacts,
    /// The nonce of this socket's `connect.challenge`.
    pub nonce: String,
    /// What the client says of itself.
    pub client: ClientInfo,
    /// `role`; absent means operator, anything but `operator` and `node` is refused.
    pub role: Option<String>,
    /// `scopes` exactly as sent (the order is signed). Absent and empty both mean none.
    pub scopes: Vec<String>,
    /// `device`.
    pub device: Option<DeviceClaim>,
    /// `auth`.
    pub auth: AuthFields,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The five scopes that command lines ask for, in the order in which they were recorded.
    pub(crate) const ALL_FIVE: [&str; 5] = [
        "operator.admin",
        "operator.read",
        "operator.write",
        "operator.approvals",
        "operator.pairing",
    ];

    /// A command line on this machine with the right token and no device.
    pub(crate) fn attempt(version: Version) -> Attempt {
        Attempt {
            version,
            peer: PeerFacts {
                address: IpAddr::from([127, 0, 0, 1]),
                loopback: true,
                forwarded: false,
                host_loopback: true,
                browser: false,
                origin: OriginVerdict::Absent,
                verified: None,
                limit: None,
            },
            nonce: "4e1285d8-2f8c-4ff1-8cd7-ea3a857d82b9".to_owned(),
            client: ClientInfo {
                id: "cli".to_owned(),
                mode: "cli".to_owned(),
                display_name: None,
                platform: Some("linux".to_owned()),
                device_family: None,
            },
            role: Some("operator".to_owned()),
            scopes: ALL_FIVE.map(str::to_owned).to_vec(),
            device: None,
            auth: AuthFields { token: Some("right-token".into()), ..AuthFields::default() },
        }
    }

    /// The same from another machine.
    pub(crate) fn remote(version: Version) -> Attempt {
        let mut attempt = attempt(version);
        attempt.peer.address = IpAddr::from([192, 0, 2, 7]);
        attempt.peer.loopback = false;
        attempt.peer.host_loopback = false;
        attempt
    }

    #[test]
    fn a_header_or_a_browser_voids_locality() {
        assert!(attempt(Version::V4).peer.local_program());
        let voids: [fn(&mut PeerFacts); 5] = [
            |p| {
                let (method, user) = (AuthMethod::TrustedProxy, "ada".to_owned());
                p.verified = Some(Ok(VerifiedUser { method, user }));
            },
            |p| p.forwarded = true,
            |p| p.loopback = false,
            |p| p.browser = true,
            |p| p.origin = OriginVerdict::SameHost,
        ];
        for void in voids {
            let mut peer = attempt(Version::V4).peer;
            void(&mut peer);
            assert!(!peer.local_program());
        }
    }

    #[test]
    fn an_empty_field_is_not_provided() {
        let empty = AuthFields {
            token: Some("".into()),
            password: Some("".into()),
            device_token: Some("d".into()),
            bootstrap_token: None,
        };
        assert!(!empty.shared_provided());
        assert_eq!(empty.signed_token(), "d");
    }
}
