//! The record of what was granted, refused and taken back: who, when, about whom.
//!
//! What changes the records is recorded in the same transaction. Refusals change nothing, and whoever
//! guesses causes them: they are counted here and written together now and then.

use std::collections::BTreeMap;

use openclaw_protocol::{Role, ScopeSet, ids::DeviceId};

use crate::{attempt::PeerFacts, policy::AuthMethod};

/// Decisions that are kept; older ones go.
pub const MAX_RECORDS: usize = 10_000;
/// Refusals that are kept beside them. Guessing cannot push a decision out.
pub const MAX_REFUSALS: usize = 2_000;
/// Kinds of refusals that are counted between two writes; further ones are counted together.
pub const MAX_COUNTED: usize = 64;

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum AuditEvent { $($(#[$doc])* $variant),* }

        impl AuditEvent {
            /// The name in the records and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Reads a name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

events! {
    /// A device got roles and scopes.
    Approved = "device.approved";
    /// A device's request was turned down.
    Rejected = "device.rejected";
    /// A device was forgotten.
    Removed = "device.removed";
    /// A device got a name.
    Renamed = "device.renamed";
    /// A token took the place of another.
    Rotated = "token.rotated";
    /// A token was withdrawn.
    Revoked = "token.revoked";
    /// A setup code was made.
    SetupIssued = "setup.issued";
    /// A live connection asked for more scopes.
    ScopesRequested = "scopes.requested";
    /// A node may be asked for commands.
    NodeApproved = "node.approved";
    /// A node's request to be asked for commands was turned down.
    NodeRejected = "node.rejected";
    /// A node was forgotten, with all that it might be asked for.
    NodeForgotten = "node.forgotten";
    /// A node told of something that it was not asked for.
    NodeForged = "node.forged";
    /// The rules for programs were written anew.
    ExecRules = "exec.rules";
    /// A person decided about a command.
    ExecDecided = "exec.decided";
    /// A person decided about something that a plugin wants.
    PluginDecided = "plugin.decided";
    /// The gateway's shared secret was replaced.
    SecretReplaced = "secret.replaced";
    /// A request about devices was refused.
    Denied = "device.denied";
    /// A client was not let in.
    Refused = "connect.refused";
}

impl AuditEvent {
    /// Whether nothing changed by it.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Denied | Self::Refused | Self::NodeForged)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in milliseconds since 1970; the last time when there were several.
    pub at_ms: u64,
    /// What.
    pub event: AuditEvent,
    /// By whom: `owner`, `shared-secret` or another proof, `device:ID`, `user:NAME`, `setup:ID` or `address:IP`.
    pub actor: String,
    /// About which device.
    pub device: Option<DeviceId>,
    /// More of it, by name. No secret is among it.
    pub detail: BTreeMap<String, String>,
    /// How often.
    pub count: u64,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Counts up; gaps are what was too old.
    pub seq: u64,
    /// The entry.
    pub entry: AuditEntry,
}

/// Which records are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Only those in a place before this one.
    pub cursor: Option<u64>,
    /// Only those about this device.
    pub device: Option<DeviceId>,
    /// Only refusals, or only what was decided.
    pub refusals: Option<bool>,
    /// Only what happened then or later, in milliseconds since 1970.
    pub after_ms: Option<u64>,
    /// Only what happened before, in milliseconds since 1970.
    pub before_ms: Option<u64>,
    /// How many at most.
    pub limit: usize,
}

impl AuditQuery {
    /// Whether a record is asked for.
    pub fn fits(&self, record: &AuditRecord) -> bool {
        let AuditRecord { seq, entry } = record;
        self.cursor.is_none_or(|cursor| *seq < cursor)
            && (self.device.is_none() || self.device == entry.device)
            && self.refusals.is_none_or(|refusals| entry.event.is_refusal() == refusals)
            && self.after_ms.is_none_or(|after| entry.at_ms >= after)
            && self.before_ms.is_none_or(|before| entry.at_ms < before)
    }
}

impl AuditEntry {
    /// Something that happened once.
    pub fn new(event: AuditEvent, actor: String, at_ms: u64) -> Self {
        Self { at_ms, event, actor, device: None, detail: BTreeMap::new(), count: 1 }
    }

    /// About a device.
    #[must_use]
    pub fn about(self, device: &DeviceId) -> Self {
        Self { device: Some(device.clone()), ..self }
    }

    /// Adds more of it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    /// Adds what was granted or asked for.
    #[must_use]
    pub(crate) fn access(self, roles: &[Role], scopes: ScopeSet) -> Self {
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        self.with("roles", roles.join(" ")).with("scopes", scopes.names().join(" "))
    }
}

/// How one who came by something else than a device is named.
pub(crate) fn proof(method: AuthMethod) -> String {
    match method {
        AuthMethod::Token | AuthMethod::Password => "shared-secret".to_owned(),
        other => other.name().to_owned(),
    }
}

/// How a device is named.
pub fn device(id: &DeviceId) -> String {
    format!("device:{id}")
}

/// How a person is named whom something in front of the gateway vouches for.
pub(crate) fn user(name: &str) -> String {
    format!("user:{name}")
}

/// How one who is only an address is named.
pub(crate) fn address(peer: &PeerFacts) -> String {
    format!("address:{}", peer.address.to_canonical())
}

/// Refusals since the last write.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    counted: BTreeMap<(AuditEvent, String, String), (u64, u64)>,
    others: u64,
}

impl Refusals {
    /// Counts one.
    pub(crate) fn count(&mut self, event: AuditEvent, actor: String, reason: &str, now_ms: u64) {
        let full = self.counted.len() >= MAX_COUNTED;
        let key = (event, actor, reason.to_owned());
        match self.counted.get_mut(&key) {
            Some((count, last)) => (*count, *last) = (*count + 1, now_ms),
            None if full => self.others += 1,
            None => drop(self.counted.insert(key, (1, now_ms))),
        }
    }

    /// Takes them, an entry for each kind.
    pub(crate) fn take(&mut self, now_ms: u64) -> Vec<AuditEntry> {
        let Self { counted, others } = std::mem::take(self);
        let entries = counted.into_iter().map(|((event, actor, reason), (count, at_ms))| {
            // What a node made up is about that node.
            let node = actor.strip_prefix("device:").filter(|_| event == AuditEvent::NodeForged);
            let device = node.map(DeviceId::from);
            let entry = AuditEntry::new(event, actor, at_ms).with("reason", reason);
            AuditEntry { device, count, ..entry }
        });
        let mut entries: Vec<_> = entries.collect();
        if others > 0 {
            let entry = AuditEntry::new(AuditEvent::Refused, "others".to_owned(), now_ms);
            entries.push(AuditEntry { count: others, ..entry.with("reason", "too many kinds") });
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_kind_and_bounded() {
        let mut refusals = Refusals::default();
        for n in 0..1000 {
            let actor = format!("address:192.0.2.{}", n % 200);
            refusals.count(AuditEvent::Refused, actor, "token_mismatch", n);
        }
        let taken = refusals.take(1000);
        assert_eq!(taken.len(), MAX_COUNTED + 1);
        assert_eq!(taken.iter().map(|entry| entry.count).sum::<u64>(), 1000);
        assert_eq!(taken[0].count, 5);
        assert_eq!(taken[0].detail["reason"], "token_mismatch");
        assert_eq!(taken[MAX_COUNTED].actor, "others");
        assert!(refusals.take(1001).is_empty());
    }

    /// Refusals are kept apart from decisions: whoever guesses causes as many as he likes.
    #[test]
    fn what_changed_nothing_is_a_refusal() {
        for name in ["device.denied", "node.forged", "connect.refused"] {
            assert!(AuditEvent::parse(name).unwrap().is_refusal(), "{name}");
        }
        for name in ["device.approved", "device.rejected", "node.rejected", "exec.decided"] {
            assert!(!AuditEvent::parse(name).unwrap().is_refusal(), "{name}");
        }
    }
}
