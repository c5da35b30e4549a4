//! `Host` and `Origin`: which names this gateway answers to, and which pages may speak to it.
//!
//! Both are parsed strictly. A browser sends canonical forms; whatever is not canonical was made by
//! hand to be read differently by two parsers, and is refused.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Longest `Host` or `Origin` that is looked at, in bytes.
const MAX_LENGTH: usize = 512;

/// A host and an optional port, parsed from a `Host` header or the authority of an `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name or address.
    pub name: HostName,
    /// The port, when one is written.
    pub port: Option<u16>,
}

/// What a host is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostName {
    /// A canonical address literal.
    Address(IpAddr),
    /// A name in lower case, without a trailing dot.
    Name(String),
}

impl Host {
    /// Parses `name`, `name:port`, `1.2.3.4:port` or `[v6]:port`. `None` for anything else:
    /// user names, zones, paths, trailing dots, short or octal addresses, the unspecified address.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (literal, after) = rest.split_once(']')?;
                let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
                (HostName::Address(parse_v6(literal)?), port)
            }
            None => match text.split_once(':') {
                Some((name, port)) => (parse_name(name)?, Some(port)),
                None => (parse_name(text)?, None),
            },
        };
        let port = port.map(parse_port).map_or(Some(None), |port| port.map(Some))?;
        Some(Self { name, port })
    }

    /// `localhost`, a name below it, or a loopback address.
    pub fn is_loopback(&self) -> bool {
        match &self.name {
            HostName::Address(address) => address.is_loopback(),
            HostName::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

fn parse_v6(literal: &str) -> Option<IpAddr> {
    let address: Ipv6Addr = literal.parse().ok()?;
    let usable = address.to_string() == literal
        && !address.is_unspecified()
        && address.to_ipv4_mapped().is_none();
    usable.then_some(IpAddr::V6(address))
}

fn parse_name(text: &str) -> Option<HostName> {
    let last = text.rsplit('.').next()?;
    let numeric =
        last.bytes().all(|b| b.is_ascii_digit()) || last.to_ascii_lowercase().starts_with("0x");
    if numeric {
        // Rust's parser takes exactly four decimal parts without leading zeros.
        let address: Ipv4Addr = text.parse().ok()?;
        return (!address.is_unspecified()).then_some(HostName::Address(address.into()));
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let valid = text.len() <= 253 && text.split('.').all(label);
    valid.then(|| HostName::Name(text.to_ascii_lowercase()))
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits && !text.starts_with('0')).then(|| text.parse().ok()).flatten()
}

/// Which hosts and pages are let in.
#[derive(Debug, Clone, Default)]
pub struct HostRules {
    /// `gateway.allowedHosts`: exact names or addresses, or `*.example.org` for names below one.
    pub allowed_hosts: Vec<String>,
    /// `gateway.controlUi.allowedOrigins`: exact origins in lower case, or `*`.
    pub allowed_origins: BTreeSet<String>,
    /// The machine's own and its tailnet names.
    pub own_names: Vec<String>,
    /// Whether the listener is bound to loopback only.
    pub bind_loopback: bool,
}

impl HostRules {
    /// Whether the host is one of `allowedOrigins` or `allowedHosts`.
    fn listed(&self, host: &Host) -> bool {
        let listed_host = |entry: &String| match (&host.name, entry.strip_prefix("*.")) {
            (HostName::Name(name), Some(parent)) => name
                .strip_suffix(&parent.to_ascii_lowercase())
                .is_some_and(|front| front.len() > 1 && front.ends_with('.')),
            _ => Host::parse(entry).is_some_and(|entry| entry.name == host.name),
        };
        let of_origin = |origin: &String| {
            ParsedOrigin::parse(origin).is_some_and(|origin| origin.host.name == host.name)
        };
        self.allowed_hosts.iter().any(listed_host) || self.allowed_origins.iter().any(of_origin)
    }

    /// What a bind that others can reach answers to as well: a page that rebinds a name of its own
    /// can be none of these, since it needs a public name.
    fn reachable(&self, host: &Host) -> bool {
        match &host.name {
            HostName::Address(_) => true,
            HostName::Name(name) => {
                !name.contains('.')
                    || self.own_names.iter().any(|own| own.eq_ignore_ascii_case(name))
            }
        }
    }
}

/// Why a request's `Host` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostRefusal {
    /// None: 400.
    #[error("the Host header is missing")]
    Missing,
    /// More than one, or one that differs from the request line's authority: 400.
    #[error("the Host header is ambiguous")]
    Ambiguous,
    /// Not a canonical host: 400.
    #[error("the Host header is malformed")]
    Malformed,
    /// Not ours: 403.
    #[error("this gateway does not answer to that host name; add it to gateway.allowedHosts")]
    NotAllowed,
}

impl HostRefusal {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Missing | Self::Ambiguous | Self::Malformed => 400,
            Self::NotAllowed => 403,
        }
    }
}

/// Reads the `Host` of a request: `hosts` is every value of the header, `authority` the one of an
/// absolute-form request line, `local` the accepted socket's own address. `from_proxy` says that the
/// kernel's peer is a listed trusted proxy, whose Host is taken as it is.
pub fn host_allowed(
    hosts: &[&str],
    authority: Option<&str>,
    local: IpAddr,
    from_proxy: bool,
    rules: &HostRules,
) -> Result<Host, HostRefusal> {
    let text = match hosts {
        [] => return Err(HostRefusal::Missing),
        [one] => *one,
        _ => return Err(HostRefusal::Ambiguous),
    };
    let host = Host::parse(text).ok_or(HostRefusal::Malformed)?;
    if authority.is_some_and(|authority| Host::parse(authority).as_ref() != Some(&host)) {
        return Err(HostRefusal::Ambiguous);
    }
    let allowed = host.is_loopback()
        || host.name == HostName::Address(local.to_canonical())
        || rules.listed(&host)
        || from_proxy
        || (!rules.bind_loopback && rules.reachable(&host));
    allowed.then_some(host).ok_or(HostRefusal::NotAllowed)
}

/// What the `Origin` of a request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginVerdict {
    /// None: not a browser, as far as one can tell.
    Absent,
    /// The page that this gateway serves under the very host it was asked by.
    SameHost,
    /// In `allowedOrigins`.
    Listed,
    /// Another page of this machine, and the peer is this machine.
    Loopback,
    /// `null`, doubled, or not canonical.
    Invalid,
    /// Another site.
    NotAllowed,
}

impl OriginVerdict {
    /// Whether requests with it go on.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Absent | Self::SameHost | Self::Listed | Self::Loopback)
    }
}

/// Judges the `Origin` of a request whose `Host` was allowed: `origins` is every value of the
/// header, `fetch_site` the value of `Sec-Fetch-Site`, `direct_loopback` says that the kernel's peer
/// is loopback and that nothing forwarded the request.
pub fn origin_verdict(
    origins: &[&str],
    fetch_site: Option<&str>,
    host: &Host,
    direct_loopback: bool,
    rules: &HostRules,
) -> OriginVerdict {
    let text = match origins {
        [] if fetch_site.is_none_or(|site| matches!(site, "none" | "same-origin")) => {
            return OriginVerdict::Absent;
        }
        [] => return OriginVerdict::NotAllowed,
        [one] => *one,
        _ => return OriginVerdict::Invalid,
    };
    let Some(origin) = ParsedOrigin::parse(text) else {
        return OriginVerdict::Invalid;
    };
    if origin.is_of(host) {
        OriginVerdict::SameHost
    } else if rules.allowed_origins.contains(text) || rules.allowed_origins.contains("*") {
        OriginVerdict::Listed
    } else if direct_loopback && host.is_loopback() && origin.is_web() && origin.host.is_loopback()
    {
        OriginVerdict::Loopback
    } else {
        OriginVerdict::NotAllowed
    }
}

struct ParsedOrigin<'a> {
    scheme: &'a str,
    host: Host,
}

impl<'a> ParsedOrigin<'a> {
    /// `scheme://host[:port]` in lower case and nothing more.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let plain = text.len() <= MAX_LENGTH
            && !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            && !text.bytes().any(|b| b.is_ascii_uppercase());
        Some(Self { scheme, host: plain.then(|| Host::parse(authority)).flatten()? })
    }

    fn is_web(&self) -> bool {
        matches!(self.scheme, "http" | "https")
    }

    /// Whether it is the page of this host: same name, same port, defaults counted.
    fn is_of(&self, host: &Host) -> bool {
        let default = if self.scheme == "https" { 443 } else { 80 };
        self.is_web()
            && self.host.name == host.name
            && self.host.port.unwrap_or(default) == host.port.unwrap_or(default)
    }
}

#[cfg(test)]
mod tests;
