//! Whose failures are counted together, and of which kind of secret.

use std::{
    fmt,
    net::{AddrParseError, IpAddr, Ipv6Addr},
    str::FromStr,
};

use crate::attempt::{AuthFields, PeerFacts, provided};

/// What is counted together. A device's stale tokens lock out device tokens from there, and not the shared
/// secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    /// Whose failures.
    pub whose: Whose,
    /// Failures with what.
    pub kind: SecretKind,
}

/// Whose failures are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Programs on this machine.
    Loopback,
    /// Every page in a browser on this machine, whatever its origin.
    BrowserOnLoopback,
    /// What a proxy on this machine forwards that names no client we believe.
    ForwardedOnLoopback,
    /// One address of another machine: IPv4, or the /64 of IPv6.
    Address(IpAddr),
    /// Addresses that came when every remembered one was locked.
    Overflow,
}

/// What was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// Anything that may be a guess of the shared secret, alone or beside something else.
    Shared,
    /// A device's own token and nothing else.
    DeviceToken,
    /// A setup code's secret and nothing else.
    SetupCode,
}

impl SecretKind {
    const APART: [Self; 2] = [Self::DeviceToken, Self::SetupCode];

    /// The kind of an attempt. Several credentials at once are a guess of the shared secret, whatever they
    /// are called: no second one moves a guess out of its bucket.
    pub(crate) fn of(auth: &AuthFields) -> Self {
        let device = provided(auth.device_token.as_ref()).is_some();
        let setup = provided(auth.bootstrap_token.as_ref()).is_some();
        match (auth.shared_provided(), device, setup) {
            (false, true, false) => Self::DeviceToken,
            (false, false, true) => Self::SetupCode,
            _ => Self::Shared,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::DeviceToken => "device-token",
            Self::SetupCode => "setup-code",
        }
    }
}

impl Bucket {
    /// How many there are that are no address's, at most.
    pub(super) const OTHERS: usize = 4 * 3;

    pub(super) const fn is_address(self) -> bool {
        matches!(self.whose, Whose::Address(_))
    }

    /// The bucket of a peer that offers this.
    pub fn of(peer: &PeerFacts, kind: SecretKind) -> Self {
        Self { whose: Whose::of(peer), kind }
    }
}

impl Whose {
    /// Never depends on which credentials are offered.
    fn of(peer: &PeerFacts) -> Self {
        let address = canonical(peer.address);
        match (address.is_loopback(), peer.browser, peer.forwarded) {
            (false, _, _) => Self::Address(address),
            (true, true, _) => Self::BrowserOnLoopback,
            (true, false, true) => Self::ForwardedOnLoopback,
            (true, false, false) => Self::Loopback,
        }
    }
}

/// The text under which a lockout is kept. That of the shared secret has no kind in it, as it had before there
/// were kinds.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != SecretKind::Shared {
            write!(f, "{}/", self.kind.name())?;
        }
        match self.whose {
            Whose::Loopback => f.write_str("loopback"),
            Whose::BrowserOnLoopback => f.write_str("browser-on-loopback"),
            Whose::ForwardedOnLoopback => f.write_str("forwarded-on-loopback"),
            Whose::Overflow => f.write_str("overflow"),
            Whose::Address(address) => address.fmt(f),
        }
    }
}

impl FromStr for Bucket {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let apart = SecretKind::APART.into_iter().find_map(|kind| {
            let rest = text.strip_prefix(kind.name())?.strip_prefix('/')?;
            Some((kind, rest))
        });
        let (kind, whose) = apart.unwrap_or((SecretKind::Shared, text));
        let whose = match whose {
            "loopback" => Whose::Loopback,
            "browser-on-loopback" => Whose::BrowserOnLoopback,
            "forwarded-on-loopback" => Whose::ForwardedOnLoopback,
            "overflow" => Whose::Overflow,
            address => Whose::Address(canonical(address.parse()?)),
        };
        Ok(Self { whose, kind })
    }
}

/// IPv4-mapped IPv6 becomes IPv4, other IPv6 its /64: what one subscriber can change at will.
pub fn canonical(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))
        }
        other => other,
    }
}
