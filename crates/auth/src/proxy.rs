//! Mode `trusted-proxy`: the user whom a listed proxy names in a header.

use std::net::{IpAddr, SocketAddr};

use crate::{attempt::VerifiedUser, config::TrustedProxy, policy::AuthMethod, refusal::AuthReason};

/// What is known of the request's way here.
#[derive(Debug, Clone, Copy)]
pub struct ProxyFacts {
    /// Whether the kernel's peer address is listed in `gateway.trustedProxies`.
    pub listed: bool,
    /// Whether it is loopback.
    pub loopback: bool,
}

/// Whether an address is one of `gateway.trustedProxies`: addresses, or networks as `10.0.0.0/8`. An
/// entry that is neither lists nobody.
pub fn listed(entries: &[String], peer: IpAddr) -> bool {
    let peer = bits(peer.to_canonical());
    entries.iter().any(|entry| {
        let (address, length) = match entry.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok())),
            None => (entry.trim(), None),
        };
        let network = address.parse::<IpAddr>().ok().map(|address| bits(address.to_canonical()));
        let Some((network, width)) = network else { return false };
        let Some(length) = length.unwrap_or(Some(width)) else { return false };
        // An empty prefix would list everyone, which no proxy is.
        (1..=width).contains(&length)
            && peer.1 == width
            && (peer.0 ^ network).checked_shr(width - length).unwrap_or_default() == 0
    })
}

/// The client whom failures and sockets are counted for: the peer, or whom a listed peer forwards for.
///
/// The hops of `X-Forwarded-For` are walked from the end, where the nearest proxy wrote, for as long as
/// they are listed themselves. A hop that is no address, or one of this machine, is nobody's word: then
/// it is the peer who is counted. `real_ip` is what `X-Real-IP` says, where the config takes it and no
/// hop was named.
pub fn client(
    entries: &[String],
    peer: IpAddr,
    forwarded_for: &[&str],
    real_ip: Option<&str>,
) -> IpAddr {
    if !listed(entries, peer) {
        return peer;
    }
    let hops = forwarded_for.iter().flat_map(|value| value.split(','));
    let mut hops = hops.map(str::trim).filter(|hop| !hop.is_empty()).rev().peekable();
    if hops.peek().is_none() {
        return real_ip.and_then(hop).unwrap_or(peer);
    }
    for text in hops {
        match hop(text) {
            Some(address) if listed(entries, address) => {}
            Some(address) => return address,
            None => break,
        }
    }
    peer
}

/// An address as proxies write it, with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = bare.parse().ok().or_else(with_port)?.to_canonical();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// An address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// Who the proxy says it is. `header` returns every value of a header; one that is there twice is
/// refused, since the proxy and we might read different ones.
pub fn trusted_user<'h>(
    config: Option<&TrustedProxy>,
    facts: ProxyFacts,
    header: impl Fn(&str) -> Vec<&'h str>,
) -> Result<VerifiedUser, AuthReason> {
    let config = config
        .filter(|proxy| !proxy.user_header.trim().is_empty())
        .ok_or(AuthReason::TrustedProxyConfigMissing)?;
    let believed = facts.listed && (!facts.loopback || config.allow_loopback == Some(true));
    if !believed {
        return Err(AuthReason::TrustedProxyUntrustedSource);
    }
    let one = |name: &str| match header(name).as_slice() {
        [value] if !value.trim().is_empty() => Some(value.trim().to_owned()),
        _ => None,
    };
    if config.required_headers.iter().any(|name| one(name).is_none()) {
        return Err(AuthReason::TrustedProxyMissingHeader);
    }
    let user = one(&config.user_header).ok_or(AuthReason::TrustedProxyUserMissing)?;
    let allowed = config.allow_users.as_ref().is_none_or(|users| users.contains(&user));
    if !allowed {
        return Err(AuthReason::TrustedProxyUserNotAllowed);
    }
    Ok(VerifiedUser { method: AuthMethod::TrustedProxy, user })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_counted_is_whom_listed_proxies_vouch_for() {
        let entries = ["10.0.0.0/8".to_owned(), "127.0.0.1".to_owned()];
        let of = |peer: &str, hops: &[&str]| {
            client(&entries, peer.parse().unwrap(), hops, Some("203.0.113.9")).to_string()
        };
        // Whoever is not listed is believed nothing.
        assert_eq!(of("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(of("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(of("::ffff:10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(of("127.0.0.1", &["198.51.100.7:80"]), "198.51.100.7");
        // What the client wrote stands before what the proxies wrote.
        assert_eq!(of("10.0.0.1", &["192.0.2.66, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(of("10.0.0.1", &["192.0.2.66", "198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        // This machine is nobody's client, and what is no address is nobody.
        for forged in
            ["127.0.0.1", "evil, 127.0.0.1", "::1", "0.0.0.0", "unknown", "198.51.100.7, evil"]
        {
            assert_eq!(of("10.0.0.1", &[forged]), "10.0.0.1", "{forged}");
        }
        assert_eq!(of("10.0.0.1", &["127.0.0.1, 10.0.0.3"]), "10.0.0.1");
        // Another header counts only where no hop is named.
        assert_eq!(of("10.0.0.1", &[" , "]), "203.0.113.9");
        assert_eq!(
            client(&entries, "10.0.0.1".parse().unwrap(), &[], None).to_string(),
            "10.0.0.1"
        );
        assert_eq!(
            client(&entries, "10.0.0.1".parse().unwrap(), &[], Some("::1")).to_string(),
            "10.0.0.1"
        );
    }

    fn config(allow_users: Option<Vec<&str>>) -> TrustedProxy {
        TrustedProxy {
            user_header: "x-forwarded-user".to_owned(),
            required_headers: vec!["x-proxy".to_owned()],
            allow_users: allow_users.map(|u| u.into_iter().map(str::to_owned).collect()),
            allow_loopback: None,
        }
    }

    fn ask(
        config: &TrustedProxy,
        facts: (bool, bool),
        headers: &[(&str, &'static str)],
    ) -> Result<String, AuthReason> {
        let facts = ProxyFacts { listed: facts.0, loopback: facts.1 };
        let find = |name: &str| {
            headers.iter().filter(|(key, _)| *key == name).map(|(_, value)| *value).collect()
        };
        trusted_user(Some(config), facts, find).map(|verified| verified.user)
    }

    const GOOD: [(&str, &str); 2] = [("x-proxy", "1"), ("x-forwarded-user", "ada")];

    #[test]
    fn addresses_and_networks_are_listed() {
        let is = |entry: &str, peer: &str| listed(&[entry.to_owned()], peer.parse().unwrap());
        assert!(is("10.1.2.3", "10.1.2.3") && !is("10.1.2.3", "10.1.2.4"));
        assert!(is("10.0.0.0/8", "::ffff:10.9.9.9") && !is("10.0.0.0/8", "11.0.0.1"));
        assert!(is("fd00::/8", "fd12::1") && !is("fd00::/8", "fe80::1"));
        assert!(is(" 192.0.2.1/32 ", "192.0.2.1") && !is("192.0.2.0/31", "192.0.2.2"));
        assert!(!is("10.0.0.0/8", "::10.1.2.3"), "the same number is another address");
        for nobody in [
            "",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/33",
            "10.0.0.1/4294967295",
            "10.0.0/8",
            "proxy",
            "*",
        ] {
            assert!(!is(nobody, "10.0.0.1"), "{nobody}");
        }
    }

    #[test]
    fn only_a_listed_proxy_is_believed() {
        let open = config(None);
        assert_eq!(ask(&open, (true, false), &GOOD), Ok("ada".to_owned()));
        assert_eq!(ask(&open, (false, false), &GOOD), Err(AuthReason::TrustedProxyUntrustedSource));
        assert_eq!(ask(&open, (true, true), &GOOD), Err(AuthReason::TrustedProxyUntrustedSource));
        let local = TrustedProxy { allow_loopback: Some(true), ..open };
        assert_eq!(ask(&local, (true, true), &GOOD), Ok("ada".to_owned()));
        let unnamed = TrustedProxy { user_header: " ".to_owned(), ..config(None) };
        let headers = [("x-proxy", "1"), (" ", "ada")];
        let refused = Err(AuthReason::TrustedProxyConfigMissing);
        assert_eq!(ask(&unnamed, (true, false), &headers), refused, "a header without a name");
    }

    #[test]
    fn missing_blank_and_doubled_headers_fail() {
        let open = config(None);
        let cases: [(&[(&str, &'static str)], AuthReason); 4] = [
            (&[("x-forwarded-user", "ada")], AuthReason::TrustedProxyMissingHeader),
            (&[("x-proxy", "1")], AuthReason::TrustedProxyUserMissing),
            (&[("x-proxy", "1"), ("x-forwarded-user", " ")], AuthReason::TrustedProxyUserMissing),
            (
                &[("x-proxy", "1"), ("x-forwarded-user", "ada"), ("x-forwarded-user", "eve")],
                AuthReason::TrustedProxyUserMissing,
            ),
        ];
        for (headers, reason) in cases {
            assert_eq!(ask(&open, (true, false), headers), Err(reason));
        }
    }

    #[test]
    fn an_empty_list_of_users_lets_nobody_in() {
        let refused = Err(AuthReason::TrustedProxyUserNotAllowed);
        assert_eq!(ask(&config(Some(vec![])), (true, false), &GOOD), refused);
        assert_eq!(ask(&config(Some(vec![""])), (true, false), &GOOD), refused);
        assert_eq!(ask(&config(Some(vec!["Ada"])), (true, false), &GOOD), refused);
        assert_eq!(ask(&config(Some(vec!["ada"])), (true, false), &GOOD), Ok("ada".to_owned()));
    }
}
