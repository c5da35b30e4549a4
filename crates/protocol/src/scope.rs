//! Roles and scopes: what a connection is and what it may do.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a connection is. The wire name is lower case.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A person's client: command line, dashboard, bot.
    #[default]
    Operator,
    /// A device that runs commands for the gateway.
    Node,
}

impl Role {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Node => "node",
        }
    }

    /// Reads a wire name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Operator, Self::Node].into_iter().find(|r| r.name() == name)
    }
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// One permission of an operator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Scope { $($(#[$doc])* $variant),* }

        impl Scope {
            /// Every scope, in a fixed order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Reads a wire name; unknown ones are `None` and grant nothing.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

scopes! {
    /// Everything.
    Admin = "operator.admin";
    /// Reading state.
    Read = "operator.read";
    /// Starting and stopping turns; implies [`Scope::Read`].
    Write = "operator.write";
    /// Seeing and deciding approvals.
    Approvals = "operator.approvals";
    /// Seeing and deciding pairing requests.
    Pairing = "operator.pairing";
    /// Seeing and answering an agent's questions (protocol 4).
    Questions = "operator.questions";
    /// Voice sessions (protocol 4).
    Talk = "operator.talk";
    /// The secrets inside `talk.config`.
    TalkSecrets = "operator.talk.secrets";
    /// Reading the caller's own sessions (protocol 4).
    SessionsRead = "operator.sessions.read";
    /// Writing the caller's own sessions (protocol 4).
    SessionsWrite = "operator.sessions.write";
}

/// A set of scopes; empty means none, never "any".
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet(u16);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(0);

    /// What an operator who proves the shared secret from this machine may be granted.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Reads wire names, in any order; unknown ones are left out.
    pub fn parse<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        names.into_iter().filter_map(|n| Scope::parse(n.as_ref())).collect()
    }

    /// Adds one scope.
    pub fn insert(&mut self, scope: Scope) {
        self.0 |= 1 << scope as u8;
    }

    /// Whether the scope itself is listed; see [`ScopeSet::allows`] for what it implies.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether a method that needs `scope` may be called: admin allows all, write allows reading.
    pub fn allows(self, scope: Scope) -> bool {
        self.contains(scope)
            || self.contains(Scope::Admin)
            || (scope == Scope::Read && self.contains(Scope::Write))
    }

    /// Whether everything in `other` is allowed by this set.
    pub fn covers(self, other: Self) -> bool {
        other.iter().all(|scope| self.allows(scope))
    }

    /// The scopes in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What both allow: each set's scopes that the other allows, so that a limit of `operator.write`
    /// leaves reading and writing of a claim of `operator.admin`.
    #[must_use]
    pub fn within(self, limit: Self) -> Self {
        let of = |one: Self, other: Self| one.iter().filter(move |scope| other.allows(*scope));
        of(self, limit).chain(of(limit, self)).collect()
    }

    /// The scopes in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The listed scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |s| self.contains(*s))
    }

    /// The wire names, sorted by name as device tokens carry them.
    pub fn names(self) -> Vec<String> {
        let mut names: Vec<String> = self.iter().map(|s| s.name().to_owned()).collect();
        names.sort();
        names
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::EMPTY;
        scopes.into_iter().for_each(|scope| set.insert(scope));
        set
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Scope::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_allows_nothing() {
        for scope in Scope::ALL {
            assert!(!ScopeSet::EMPTY.allows(*scope));
            assert!(!ScopeSet::parse(["", "*", "operator.*", "OPERATOR.READ"]).allows(*scope));
        }
    }

    #[test]
    fn admin_allows_all_and_write_allows_reading() {
        let admin = ScopeSet::parse(["operator.admin"]);
        assert!(Scope::ALL.iter().all(|s| admin.allows(*s)));
        let write = ScopeSet::parse(["operator.write"]);
        assert!(write.allows(Scope::Read) && write.allows(Scope::Write));
        assert!(!write.allows(Scope::Admin) && !write.allows(Scope::Pairing));
    }

    #[test]
    fn a_set_covers_what_it_allows() {
        let write = ScopeSet::parse(["operator.write"]);
        assert!(write.covers(ScopeSet::parse(["operator.read"])) && write.covers(ScopeSet::EMPTY));
        assert!(!write.covers(ScopeSet::parse(["operator.read", "operator.pairing"])));
        assert!(!ScopeSet::EMPTY.covers(write));
        let read = ScopeSet::parse(["operator.read"]);
        assert!(read.intersection(write).is_empty(), "what is listed in both");
    }

    #[test]
    fn a_limit_narrows_and_never_widens() {
        let set = |names: &[&str]| ScopeSet::parse(names.iter().map(|n| format!("operator.{n}")));
        let cases: [(&[&str], &[&str], &[&str]); 7] = [
            (&["read"], &["admin"], &["read"]),
            (&["admin"], &["write"], &["write"]),
            (&["write"], &["read"], &["read"]),
            (&["read"], &["write"], &["read"]),
            (&["admin", "pairing"], &["read", "approvals"], &["read", "approvals"]),
            (&["admin"], &[], &[]),
            (&[], &["admin"], &[]),
        ];
        for (asked, limit, left) in cases {
            let narrowed = set(asked).within(set(limit));
            assert_eq!(narrowed, set(left), "{asked:?} within {limit:?}");
            assert!(set(asked).covers(narrowed) && set(limit).covers(narrowed));
        }
    }

    #[test]
    fn names_survive_a_round_trip() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.name()), Some(*scope));
        }
    }
}
