//! Pairing: what a device is approved for, when it must ask, and what becomes of a request.
//!
//! Pure: the service in [`crate::authority`] loads the records, calls these, and writes them back.

use openclaw_protocol::{Role, ScopeSet, ids::DeviceId};
use serde::{Deserialize, Serialize};

use crate::{
    attempt::{Attempt, PeerFacts},
    device::ProvenDevice,
    origin::OriginVerdict,
    token::DeviceToken,
};

pub mod view;

/// How long a request waits, in milliseconds; a retry starts it again.
pub const PENDING_TTL_MS: u64 = 5 * 60 * 1000;
/// Requests that wait at a time. When full a further device is refused without a request id; it may
/// try again once others were decided or ran out.
pub const MAX_PENDING: usize = 256;
/// Longest name, platform or family that is kept, in characters.
const MAX_TEXT: usize = 128;
/// Longest name that an operator gives a device, in characters.
pub const MAX_LABEL: usize = 64;

/// A paired device, as the server's records have it.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The raw key as base64url.
    pub public_key: String,
    /// What it is and says of itself, as approved.
    pub about: About,
    /// The name that an operator gave it.
    pub label: Option<String>,
    /// The roles that it is approved for, in the order of approval.
    pub roles: Vec<Role>,
    /// What an operator on it is approved for.
    pub scopes: ScopeSet,
    /// How it was last approved.
    pub approved_via: ApprovedVia,
    /// When it was first approved, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// When it was last approved.
    pub approved_at_ms: u64,
    /// When it last connected, to the minute.
    pub last_seen_at_ms: Option<u64>,
    /// One for each role at most.
    pub tokens: Vec<DeviceToken>,
}

/// What a device says of itself. Platform and family are signed, and pinned by approval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// `client.displayName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `client.platform`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// `client.deviceFamily`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_family: Option<String>,
    /// `client.id`.
    pub client_id: String,
    /// `client.mode`.
    pub client_mode: String,
    /// Its address, when it is another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<String>,
}

/// How a device was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovedVia {
    /// By proving the shared secret from this machine or from the page of this gateway.
    Silent,
    /// By an operator.
    Operator,
    /// By a setup code.
    Bootstrap,
}

impl ApprovedVia {
    /// The name on the wire and in the records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Operator => "owner",
            Self::Bootstrap => "bootstrap",
        }
    }

    /// Reads a name; what is not known was an operator's word.
    pub fn parse(name: &str) -> Self {
        match name {
            "silent" => Self::Silent,
            "bootstrap" => Self::Bootstrap,
            _ => Self::Operator,
        }
    }
}

/// Why a device must ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairingReason {
    /// It is not known, or its key is not the recorded one.
    NotPaired,
    /// It is not approved for the role.
    RoleUpgrade,
    /// It asks for scopes that it is not approved for.
    ScopeUpgrade,
    /// It says that it runs on something else than when it was approved.
    MetadataUpgrade,
}

impl PairingReason {
    /// `details.reason`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotPaired => "not-paired",
            Self::RoleUpgrade => "role-upgrade",
            Self::ScopeUpgrade => "scope-upgrade",
            Self::MetadataUpgrade => "metadata-upgrade",
        }
    }
}

/// What a proven device asks for.
#[derive(Debug, Clone)]
pub struct PairingAsk {
    /// The device.
    pub device: ProvenDevice,
    /// What it says of itself.
    pub about: About,
    /// The role of this connection.
    pub role: Role,
    /// The scopes that it asks for; a node asks for none.
    pub scopes: ScopeSet,
}

impl PairingAsk {
    /// What an attempt asks for.
    pub fn new(attempt: &Attempt, device: ProvenDevice, role: Role) -> Self {
        let client = &attempt.client;
        let remote = !attempt.peer.address.to_canonical().is_loopback();
        Self {
            device,
            about: About {
                display_name: short(client.display_name.as_deref()),
                platform: short(client.platform.as_deref()),
                device_family: short(client.device_family.as_deref()),
                client_id: short(Some(&client.id)).unwrap_or_default(),
                client_mode: short(Some(&client.mode)).unwrap_or_default(),
                remote_ip: remote.then(|| attempt.peer.address.to_canonical().to_string()),
            },
            role,
            scopes: match role {
                Role::Operator => ScopeSet::parse(&attempt.scopes),
                Role::Node => ScopeSet::EMPTY,
            },
        }
    }

    /// Why it must be approved first, if it must. `limit` is what the device token that let it in
    /// allows, when one did.
    pub fn need(&self, device: Option<&Device>, limit: Option<ScopeSet>) -> Option<PairingReason> {
        let Some(device) = device.filter(|known| known.public_key == self.device.public_key) else {
            return Some(PairingReason::NotPaired);
        };
        let approved = device.ceiling(self.role);
        if !device.roles.contains(&self.role) {
            Some(PairingReason::RoleUpgrade)
        } else if !approved.covers(self.scopes)
            || limit.is_some_and(|limit| !limit.covers(self.scopes))
        {
            Some(PairingReason::ScopeUpgrade)
        } else if self.about.moved_from(&device.about) {
            Some(PairingReason::MetadataUpgrade)
        } else {
            None
        }
    }
}

impl PairingAsk {
    /// The device's record once this is approved by the proof that came with it.
    pub fn approved(&self, device: Option<Device>, now_ms: u64) -> Device {
        self.request(device.is_some(), now_ms).approve(device, ApprovedVia::Silent, now_ms)
    }

    /// This as a request that waits for nobody.
    pub(crate) fn request(&self, is_repair: bool, now_ms: u64) -> PendingRequest {
        PendingRequest::ask(None, self, is_repair, String::new, now_ms).into_request()
    }
}

impl About {
    /// Whether platform or family differ from what approval pinned. Nothing is pinned by absence.
    fn moved_from(&self, pinned: &Self) -> bool {
        let differs = |now: &Option<String>, then: &Option<String>| {
            then.is_some() && folded(now.as_deref()) != folded(then.as_deref())
        };
        differs(&self.platform, &pinned.platform)
            || differs(&self.device_family, &pinned.device_family)
    }
}

fn folded(text: Option<&str>) -> String {
    text.unwrap_or_default().trim().to_ascii_lowercase()
}

fn short(text: Option<&str>) -> Option<String> {
    shown(text?, MAX_TEXT)
}

/// Drops control characters (these texts reach terminals and logs), trims and cuts.
pub fn shown(text: &str, most: usize) -> Option<String> {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    let short: String = clean.trim().chars().take(most).collect();
    (!short.is_empty()).then_some(short)
}

/// Whether a device whose connection proved the shared secret (or that mode `none` lets in) is
/// approved by that proof. A device token is no such proof, and a new role is never taken silently.
pub fn silent(reason: PairingReason, peer: &PeerFacts, secret_proven: bool) -> bool {
    let by_place = match peer.origin {
        OriginVerdict::SameHost if secret_proven => true,
        OriginVerdict::Absent => peer.local() && !peer.browser,
        OriginVerdict::SameHost | OriginVerdict::Listed => peer.local(),
        // Whatever serves a page on another port of this machine needs the secret like everyone.
        OriginVerdict::Loopback => peer.local() && secret_proven,
        OriginVerdict::Invalid | OriginVerdict::NotAllowed => false,
    };
    reason != PairingReason::RoleUpgrade && by_place
}

/// A request that waits for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRequest {
    /// Its id.
    pub id: String,
    /// The device that asks.
    pub device: DeviceId,
    /// Its raw key as base64url.
    pub public_key: String,
    /// What it says of itself.
    pub about: About,
    /// Every role that it asks for, in the order of asking; the last asked one is `role`.
    pub roles: Vec<Role>,
    /// The role of the latest retry.
    pub role: Role,
    /// Every scope that it asks for.
    pub scopes: ScopeSet,
    /// Whether the device is paired already and asks for more.
    pub is_repair: bool,
    /// When it last asked, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What a further ask made of what was pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// The same again: the request lives on.
    Refreshed(PendingRequest),
    /// A new request; it takes the place of the device's former one, whose id counts no longer.
    Created(PendingRequest),
}

impl Requested {
    /// The request that is pending now.
    pub const fn request(&self) -> &PendingRequest {
        match self {
            Self::Refreshed(request) | Self::Created(request) => request,
        }
    }

    fn into_request(self) -> PendingRequest {
        match self {
            Self::Refreshed(request) | Self::Created(request) => request,
        }
    }
}

impl PendingRequest {
    /// Whether it has waited too long.
    pub const fn expired(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.at_ms) >= PENDING_TTL_MS
    }

    /// What becomes of the device's pending request when it asks. One that asks for more, or from
    /// something else, gets a new id: whoever was about to approve the old one has not seen that.
    pub fn ask(
        pending: Option<Self>,
        ask: &PairingAsk,
        is_repair: bool,
        new_id: impl FnOnce() -> String,
        now_ms: u64,
    ) -> Requested {
        let pending = pending.filter(|request| !request.expired(now_ms));
        let (mut roles, mut scopes) = (Vec::new(), ScopeSet::EMPTY);
        if let Some(pending) = pending {
            if pending.includes(ask) {
                return Requested::Refreshed(Self {
                    role: ask.role,
                    at_ms: now_ms,
                    is_repair,
                    ..pending
                });
            }
            (roles, scopes) = (pending.roles, pending.scopes);
        }
        if !roles.contains(&ask.role) {
            roles.push(ask.role);
        }
        Requested::Created(Self {
            id: new_id(),
            device: ask.device.id.clone(),
            public_key: ask.device.public_key.clone(),
            about: ask.about.clone(),
            roles,
            role: ask.role,
            scopes: scopes.union(ask.scopes),
            is_repair,
            at_ms: now_ms,
        })
    }

    fn includes(&self, ask: &PairingAsk) -> bool {
        self.public_key == ask.device.public_key
            && self.about == ask.about
            && self.roles.contains(&ask.role)
            && self.scopes.union(ask.scopes) == self.scopes
    }

    /// Approves it: the device's record with what was asked added.
    pub fn approve(self, device: Option<Device>, via: ApprovedVia, now_ms: u64) -> Device {
        let device = device.filter(|known| known.public_key == self.public_key);
        let mut device = device.unwrap_or_else(|| Device {
            id: self.device.clone(),
            public_key: self.public_key.clone(),
            about: About::default(),
            label: None,
            roles: Vec::new(),
            scopes: ScopeSet::EMPTY,
            approved_via: via,
            created_at_ms: now_ms,
            approved_at_ms: now_ms,
            last_seen_at_ms: None,
            tokens: Vec::new(),
        });
        for role in self.roles {
            if !device.roles.contains(&role) {
                device.roles.push(role);
            }
        }
        device.scopes = device.scopes.union(self.scopes);
        // A token that was replaced by a narrower one gets what is approved here, and not what it had before.
        for token in device.tokens.iter_mut().filter(|t| t.role == Role::Operator && t.is_live()) {
            token.scopes = token.scopes.union(self.scopes);
        }
        device.about = self.about;
        device.approved_via = via;
        device.approved_at_ms = now_ms;
        device
    }
}

#[cfg(test)]
pub(crate) mod tests;
