//! Setup codes: a secret of one use that lets one new device in, as what its maker chose and no more.
//!
//! Only the digest of the secret is kept. The code is used up in the transaction that writes the
//! device's record, so that no second device comes in by it.

use openclaw_protocol::{Role, Scope, ScopeSet, ids::DeviceId};

use crate::{
    credential::{Digest, Secret},
    error::AuthError,
    pairing::{ApprovedVia, Device, PairingAsk},
};

/// How long a code may wait for its device, in milliseconds.
pub const SETUP_TTL_MS: u64 = 10 * 60 * 1000;
/// How long it is known what became of a code, in milliseconds.
pub const SETUP_KEPT_MS: u64 = 24 * 60 * 60 * 1000;
/// Codes that wait at a time. When full the oldest is forgotten: nobody scans that many.
pub const MAX_SETUPS: usize = 32;

/// What a code lets its device be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupAccess {
    /// A node and an operator who may administrate.
    Full,
    /// A node and an operator who may talk, decide approvals and answer questions.
    Limited,
    /// A node.
    Node,
}

impl SetupAccess {
    /// The name on the wire and in the records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Limited => "limited",
            Self::Node => "node",
        }
    }

    /// Reads a name; what is not known grants nothing.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Full, Self::Limited, Self::Node].into_iter().find(|access| access.name() == name)
    }

    /// The roles of its device.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Full | Self::Limited => &[Role::Node, Role::Operator],
            Self::Node => &[Role::Node],
        }
    }

    /// What its operator may do.
    pub fn scopes(self) -> ScopeSet {
        let limited =
            [Scope::Read, Scope::Write, Scope::Approvals, Scope::Questions, Scope::TalkSecrets];
        match self {
            Self::Full => limited.into_iter().chain([Scope::Admin]).collect(),
            Self::Limited => limited.into_iter().collect(),
            Self::Node => ScopeSet::EMPTY,
        }
    }

    /// Whether what a device asks for lies within it.
    pub(crate) fn allows(self, role: Role, scopes: ScopeSet) -> bool {
        self.roles().contains(&role) && self.scopes().covers(scopes)
    }

    /// The record of a device that a code of this kind lets in. One that comes as an operator gets what
    /// it asks for; one that comes as a node gets all of it, with which its app goes on.
    pub(crate) fn approve(self, ask: &PairingAsk, device: Option<Device>, now_ms: u64) -> Device {
        let mut request = ask.request(device.is_some(), now_ms);
        if ask.role == Role::Node {
            request.roles = self.roles().to_vec();
            request.scopes = self.scopes();
        }
        request.approve(device, ApprovedVia::Bootstrap, now_ms)
    }
}

/// A code, as the records have it.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its id, by which its maker follows what becomes of it. It opens nothing.
    pub id: String,
    /// The digest of the secret.
    pub digest: Digest,
    /// What it lets its device be.
    pub access: SetupAccess,
    /// When it was made, in milliseconds since 1970.
    pub issued_at_ms: u64,
    /// The device whose own token stood behind its making; the code ends with that device's right.
    pub maker: Option<DeviceId>,
    /// The device that used it.
    pub used: Option<SetupUse>,
}

/// Who used a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupUse {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: Option<String>,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Whether the answer with its tokens has left.
    pub delivered: bool,
}

impl Setup {
    /// Makes one, and its secret, which is told once.
    pub(crate) fn issue(
        access: SetupAccess,
        maker: Option<DeviceId>,
        now_ms: u64,
    ) -> Result<(Self, Secret), AuthError> {
        let secret = Secret::generate()?;
        let id = uuid::Uuid::new_v4().to_string();
        let setup =
            Self { id, digest: secret.digest(), access, issued_at_ms: now_ms, maker, used: None };
        Ok((setup, secret))
    }

    /// One that another program's command line has made, by its owner.
    pub fn made_elsewhere(
        id: Option<String>,
        digest: Digest,
        access: SetupAccess,
        issued_at_ms: u64,
    ) -> Self {
        let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        Self { id, digest, access, issued_at_ms, maker: None, used: None }
    }

    /// When it ends.
    pub const fn expires_at_ms(&self) -> u64 {
        self.issued_at_ms.saturating_add(SETUP_TTL_MS)
    }

    /// Whether it still lets a device in.
    pub const fn is_live(&self, now_ms: u64) -> bool {
        self.used.is_none() && now_ms < self.expires_at_ms()
    }

    /// Whether nothing more need be known of it.
    pub const fn is_forgotten(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.issued_at_ms) >= SETUP_KEPT_MS
    }
}
