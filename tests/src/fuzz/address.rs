//! Addresses: whose failures are counted together, who is a listed proxy, and for whom it forwards.

use std::net::{IpAddr, Ipv6Addr};

use openclaw_auth::{
    Bucket, OriginVerdict, PeerFacts,
    proxy::{client, listed},
    rate_limit::{SecretKind, Whose, canonical},
};

use super::lines::Lines;

/// Judges addresses and the headers of one request.
pub fn check(bytes: &[u8]) {
    let Some(lines) = Lines::read(bytes) else { return };
    let trusted = lines.owned("trusted");
    let peers: Vec<IpAddr> = lines.all("peer").iter().filter_map(|t| t.parse().ok()).collect();
    for peer in &peers {
        one_form(*peer);
        buckets(*peer, lines.flag("browser"), lines.flag("forwarded"));
        assert_eq!(listed(&trusted, *peer), listed_by_bits(&trusted, *peer), "{peer} {trusted:?}");
        counted(&trusted, *peer, &lines);
    }
    for pair in peers.windows(2) {
        let subnet = |address: IpAddr| subscriber(address);
        let same = subnet(pair[0]) == subnet(pair[1]);
        assert_eq!(canonical(pair[0]) == canonical(pair[1]), same, "{pair:?}");
    }
    for text in lines.all("bucket") {
        if let Ok(bucket) = text.parse::<Bucket>() {
            assert_eq!(bucket.to_string().parse(), Ok(bucket), "{text}");
        }
    }
}

/// The bits of an address that one subscriber cannot change at will.
fn subscriber(address: IpAddr) -> (u8, u128) {
    match address {
        IpAddr::V4(v4) => (4, u128::from(v4.to_bits())),
        IpAddr::V6(v6) if v6.to_bits() >> 32 == 0xffff => (4, v6.to_bits() & 0xffff_ffff),
        IpAddr::V6(v6) if v6.to_bits() == 1 => (1, 1),
        IpAddr::V6(v6) => (6, v6.to_bits() >> 64),
    }
}

/// There is one form of each address, which no other spelling escapes.
fn one_form(address: IpAddr) {
    let form = canonical(address);
    assert_eq!(canonical(form), form, "{address}");
    assert_eq!(form.is_loopback(), address.to_canonical().is_loopback(), "{address}");
    match address {
        IpAddr::V4(v4) => assert_eq!(canonical(v4.to_ipv6_mapped().into()), form),
        IpAddr::V6(v6) if subscriber(address).0 == 6 => {
            for other in [0, 2, u128::from(u64::MAX)] {
                let bits = v6.to_bits() & !u128::from(u64::MAX) | other;
                let neighbour = Ipv6Addr::from_bits(bits);
                // The first /64 has the mapped addresses in it, and these are others.
                if subscriber(neighbour.into()).0 == 6 {
                    assert_eq!(canonical(neighbour.into()), form, "{address} {neighbour}");
                }
            }
        }
        IpAddr::V6(_) => {}
    }
}

/// The bucket is a function of the address, and survives a restart.
fn buckets(address: IpAddr, browser: bool, forwarded: bool) {
    let of = |address: IpAddr| {
        let peer = PeerFacts {
            address,
            loopback: address.is_loopback(),
            forwarded,
            host_loopback: false,
            browser,
            origin: OriginVerdict::Absent,
            verified: None,
            limit: None,
        };
        Bucket::of(&peer, SecretKind::Shared)
    };
    let bucket = of(address);
    assert_eq!(bucket, of(canonical(address)));
    assert_eq!(bucket, of(address.to_canonical()));
    for kind in [SecretKind::Shared, SecretKind::DeviceToken, SecretKind::SetupCode] {
        let bucket = Bucket { kind, ..bucket };
        assert_eq!(bucket.to_string().parse(), Ok(bucket));
    }
    let remote = matches!(bucket.whose, Whose::Address(_));
    assert_eq!(remote, !address.to_canonical().is_loopback(), "only this machine is spared");
    assert_eq!(bucket.whose == Whose::Loopback, !remote && !browser && !forwarded);
}

/// Whether an entry names the address, bit by bit.
fn listed_by_bits(entries: &[String], peer: IpAddr) -> bool {
    let bits = |address: IpAddr| match address.to_canonical() {
        IpAddr::V4(v4) => format!("{:032b}", v4.to_bits()),
        IpAddr::V6(v6) => format!("{:0128b}", v6.to_bits()),
    };
    let peer = bits(peer);
    entries.iter().any(|entry| {
        let (address, length) = match entry.trim().split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (entry.trim(), None),
        };
        let Ok(network) = address.parse().map(bits) else { return false };
        let length = match length.map(str::parse::<usize>) {
            None => network.len(),
            Some(Ok(length)) => length,
            Some(Err(_)) => return false,
        };
        length > 0
            && length <= network.len()
            && network.len() == peer.len()
            && network[..length] == peer[..length]
    })
}

/// Who is counted is the peer, or a named client that only listed hops stand behind.
fn counted(trusted: &[String], peer: IpAddr, lines: &Lines<'_>) {
    let (hops, real) = (lines.all("for"), lines.one("real"));
    let who = client(trusted, peer, &hops, real);
    if who == peer {
        return;
    }
    assert!(listed(trusted, peer), "{peer} is nobody's proxy and named {who}");
    assert!(!who.is_loopback() && !who.is_unspecified(), "{who} is no client");
    assert_eq!(who, who.to_canonical());
    let named = |text: &str| text.contains(':') || text.contains('.');
    let hops: Vec<&str> = hops
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .collect();
    if hops.is_empty() {
        return assert!(real.is_some_and(named));
    }
    assert!(!listed(trusted, who), "{who} forwards itself");
    // Everything to the right of the named one has to be a listed proxy: believed from the end.
    let alone = |text: &str| client(trusted, peer, &[text], None);
    let nearest = hops.iter().rev().find(|text| !is_listed(trusted, text)).unwrap();
    assert_eq!(alone(nearest), who, "{hops:?}");
}

fn is_listed(trusted: &[String], text: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim_matches(['[', ']']);
        text.split('%').next().unwrap_or_default().parse::<IpAddr>().ok()
    };
    let address = bare(text).or_else(|| bare(text.rsplit_once(':')?.0));
    address.is_some_and(|address| listed(trusted, address))
}
