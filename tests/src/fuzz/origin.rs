//! `Host` and `Origin`: what passes is what the rules name, said once more over plain texts.

use std::net::{IpAddr, Ipv4Addr};

use openclaw_auth::origin::{
    Host, HostName, HostRefusal, HostRules, OriginVerdict, host_allowed, origin_verdict,
};

use super::lines::Lines;

/// Judges one request's headers under one set of rules.
pub fn check(bytes: &[u8]) {
    let Some(lines) = Lines::read(bytes) else { return };
    let rules = HostRules {
        allowed_hosts: lines.owned("allow-host"),
        allowed_origins: lines.owned("allow-origin").into_iter().collect(),
        own_names: lines.owned("own"),
        bind_loopback: lines.flag("bind-loopback"),
    };
    for text in lines.all("host").into_iter().chain(lines.all("origin")) {
        parsed(text);
    }
    let local = lines.one("local").and_then(|text| text.parse().ok());
    let local = local.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let asked = Asked {
        hosts: lines.all("host"),
        authority: lines.one("authority"),
        local,
        proxy: lines.flag("proxy"),
        origins: lines.all("origin"),
        site: lines.one("site"),
        direct: lines.flag("direct"),
    };
    match host_allowed(&asked.hosts, asked.authority, local, asked.proxy, &rules) {
        Ok(host) => {
            asked.host_is_ours(&host, &rules);
            asked.origin_may(&host, &rules);
        }
        Err(refusal) => asked.refused(refusal),
    }
}

/// What stands in one request.
struct Asked<'a> {
    hosts: Vec<&'a str>,
    authority: Option<&'a str>,
    local: IpAddr,
    proxy: bool,
    origins: Vec<&'a str>,
    site: Option<&'a str>,
    direct: bool,
}

/// One spelling for each host, and the same whoever reads it.
fn parsed(text: &str) {
    let Some(host) = Host::parse(text) else { return };
    let spelt = spell(&host);
    assert_eq!(Host::parse(&spelt).as_ref(), Some(&host), "{text} is {spelt}");
    assert_eq!(text.to_ascii_lowercase(), spelt, "a host is read as it is written");
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"-_.:[]".contains(&b);
    assert!(text.len() <= 512 && text.bytes().all(usual), "{text}");
    if let HostName::Address(address) = host.name {
        assert!(!address.is_unspecified() && address == address.to_canonical(), "{address}");
    }
}

fn spell(host: &Host) -> String {
    let name = name(host);
    host.port.map_or(name.clone(), |port| format!("{name}:{port}"))
}

fn name(host: &Host) -> String {
    match &host.name {
        HostName::Address(IpAddr::V6(address)) => format!("[{address}]"),
        HostName::Address(address) => address.to_string(),
        HostName::Name(name) => name.clone(),
    }
}

/// A host without its port, as a text.
fn without_port(text: &str) -> &str {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((literal, _)) => &text[..literal.len() + 2],
        None => text.split(':').next().unwrap_or_default(),
    }
}

fn here(name: &str) -> bool {
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

impl Asked<'_> {
    /// Whichever rule let the host pass, it is one that a plain comparison of texts finds too.
    fn host_is_ours(&self, host: &Host, rules: &HostRules) {
        let [text] = self.hosts.as_slice() else {
            panic!("there must be one Host: {:?}", self.hosts)
        };
        assert_eq!(Host::parse(text).as_ref(), Some(host));
        if let Some(authority) = self.authority {
            assert!(authority.eq_ignore_ascii_case(text), "{authority} is not {text}");
        }
        let name = name(host);
        let own = self.local.to_canonical();
        let own = if own.is_ipv6() { format!("[{own}]") } else { own.to_string() };
        let address = matches!(host.name, HostName::Address(_));
        let by_host = rules.allowed_hosts.iter().any(|entry| match entry.strip_prefix("*.") {
            Some(above) => !address && name.ends_with(&format!(".{}", above.to_ascii_lowercase())),
            None => without_port(entry).eq_ignore_ascii_case(&name),
        });
        let of_origin = |entry: &String| {
            entry.split_once("://").is_some_and(|(_, rest)| without_port(rest) == name)
        };
        let by_origin = rules.allowed_origins.iter().any(of_origin);
        let reachable = !rules.bind_loopback
            && (address
                || !name.contains('.')
                || rules.own_names.iter().any(|own| own.eq_ignore_ascii_case(&name)));
        let ours = here(&name) || name == own || by_host || by_origin || self.proxy || reachable;
        assert!(ours, "{text} passed under {rules:?}");
    }

    fn refused(&self, refusal: HostRefusal) {
        match refusal {
            HostRefusal::Missing => assert!(self.hosts.is_empty()),
            HostRefusal::Ambiguous => assert!(self.hosts.len() > 1 || self.authority.is_some()),
            HostRefusal::Malformed => assert_eq!(Host::parse(self.hosts[0]), None),
            HostRefusal::NotAllowed => {
                let name = name(&Host::parse(self.hosts[0]).unwrap());
                assert!(!here(&name) && !self.proxy, "{name}");
            }
        }
    }

    /// A page passes as the gateway's own, as a listed one, or as one of this machine to this machine.
    fn origin_may(&self, host: &Host, rules: &HostRules) {
        let verdict = origin_verdict(&self.origins, self.site, host, self.direct, rules);
        let text = match self.origins.as_slice() {
            [] => {
                let quiet = self.site.is_none_or(|site| site == "none" || site == "same-origin");
                assert_eq!(verdict == OriginVerdict::Absent, quiet);
                return assert_eq!(verdict.passes(), quiet);
            }
            [one] => *one,
            _ => return assert_eq!(verdict, OriginVerdict::Invalid),
        };
        let canonical = text == text.to_ascii_lowercase() && text.contains("://");
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let web = scheme == "http" || scheme == "https";
        let page = without_port(rest);
        match verdict {
            OriginVerdict::Absent => panic!("an Origin was sent: {text}"),
            OriginVerdict::SameHost => {
                let default = if scheme == "https" { 443 } else { 80 };
                let port =
                    |text: &str| text.strip_prefix(':').map_or(default, |p| p.parse().unwrap());
                assert!(canonical && web && page == name(host), "{text} is not of {host:?}");
                assert_eq!(port(&rest[page.len()..]), host.port.unwrap_or(default), "{text}");
            }
            OriginVerdict::Listed => {
                let listed = |entry: &str| rules.allowed_origins.contains(entry);
                assert!(canonical && (listed(text) || listed("*")), "{text}");
            }
            OriginVerdict::Loopback => {
                let both = here(page) && here(&name(host));
                assert!(canonical && web && self.direct && both, "{text}");
            }
            OriginVerdict::Invalid | OriginVerdict::NotAllowed => assert!(!verdict.passes()),
        }
        let foreign = OriginVerdict::NotAllowed;
        let nobody = HostRules::default();
        if page != name(host) && verdict != OriginVerdict::Invalid {
            let alone = origin_verdict(&self.origins, self.site, host, false, &nobody);
            assert_eq!(alone, foreign, "without rules and from afar no other page passes: {text}");
        }
    }
}
