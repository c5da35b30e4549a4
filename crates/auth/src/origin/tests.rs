use proptest::prelude::*;

use super::*;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const LAN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 5));

fn rules(bind_loopback: bool) -> HostRules {
    HostRules {
        allowed_hosts: vec!["claw.example.org".to_owned(), "*.sub.example.org".to_owned()],
        allowed_origins: ["https://panel.example.net", "capacitor://localhost"]
            .map(str::to_owned)
            .into(),
        own_names: vec!["Box.tail1234.ts.net".to_owned()],
        bind_loopback,
    }
}

fn host(text: &str, local: IpAddr, bind_loopback: bool) -> Result<(), HostRefusal> {
    host_allowed(&[text], None, local, false, &rules(bind_loopback)).map(|_| ())
}

#[test]
fn loopback_names_and_listed_hosts_are_always_answered() {
    for text in [
        "localhost",
        "localhost:18789",
        "LOCALHOST:1",
        "127.0.0.1:18789",
        "127.8.9.1",
        "[::1]:18789",
        "app.localhost:5",
        "claw.example.org",
        "CLAW.example.org:443",
        "a.sub.example.org",
        "panel.example.net",
    ] {
        assert_eq!(host(text, LOCAL, true), Ok(()), "{text}");
        assert_eq!(host(text, LAN, false), Ok(()), "{text}");
    }
}

#[test]
fn strange_spellings_are_malformed() {
    for text in [
        "",
        " ",
        "0.0.0.0:18789",
        "[::]:18789",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "127.0.0.01",
        "localhost.",
        "localhost.:18789",
        "user@localhost",
        "localhost:18789@evil",
        "localhost:",
        "localhost:+80",
        "localhost:0",
        "localhost:018789",
        "localhost:99999",
        "localhost/",
        "local host",
        "a..b",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fe80::1%25lo]",
        "[0:0:0:0:0:0:0:1]",
        "[::1",
        "[::1]x",
        "::1",
        "ｌocalhost",
        "evil\u{0}",
    ] {
        assert_eq!(host(text, LOCAL, true), Err(HostRefusal::Malformed), "{text:?}");
        assert_eq!(host(text, LAN, false), Err(HostRefusal::Malformed), "{text:?}");
    }
    let long = vec!["a".repeat(63); 5].join(".");
    assert_eq!(host(&long, LAN, false), Err(HostRefusal::Malformed), "no name is that long");
}

#[test]
fn a_rebinding_name_is_never_answered() {
    for text in [
        "evil.example:18789",
        "localhost.evil.com",
        "127.0.0.1.evil.com",
        "sub.example.org",
        "xsub.example.org",
        "evilsub.example.org",
    ] {
        assert_eq!(host(text, LOCAL, true), Err(HostRefusal::NotAllowed), "{text}");
        assert_eq!(host(text, LAN, false), Err(HostRefusal::NotAllowed), "{text}");
    }
}

#[test]
fn a_bind_that_others_reach_answers_to_addresses_and_plain_names() {
    for text in [
        "openclaw-gateway:18789",
        "zaki-user-1",
        "open_claw",
        "203.0.113.9:80",
        "[2001:db8::1]",
        "box.tail1234.ts.net",
    ] {
        assert_eq!(host(text, LAN, false), Ok(()), "{text}");
        assert_eq!(host(text, LOCAL, true), Err(HostRefusal::NotAllowed), "{text}");
    }
    assert_eq!(host("192.168.1.5:1", LAN, true), Ok(()), "the socket's own address");
    assert_eq!(host("evillocalhost", LOCAL, true), Err(HostRefusal::NotAllowed), "no localhost");
}

#[test]
fn exactly_one_host_that_agrees_with_the_request_line() {
    let rules = rules(true);
    let ask = |hosts: &[&str], authority| {
        host_allowed(hosts, authority, LOCAL, false, &rules).map(|_| ())
    };
    assert_eq!(ask(&[], None), Err(HostRefusal::Missing));
    assert_eq!(ask(&["localhost", "localhost"], None), Err(HostRefusal::Ambiguous));
    assert_eq!(ask(&["localhost:1"], Some("localhost:1")), Ok(()));
    assert_eq!(ask(&["localhost:1"], Some("evil.example")), Err(HostRefusal::Ambiguous));
    assert_eq!(ask(&["localhost:1"], Some("u@localhost:1")), Err(HostRefusal::Ambiguous));
    assert!(
        host_allowed(&["public.example"], None, LOCAL, true, &rules).is_ok(),
        "from a listed proxy"
    );
}

fn origin(text: &str, host: &str, direct: bool) -> OriginVerdict {
    origin_verdict(&[text], None, &Host::parse(host).unwrap(), direct, &rules(true))
}

#[test]
fn pages_of_this_gateway_and_listed_ones_pass() {
    use OriginVerdict::{Listed, Loopback, NotAllowed, SameHost};
    let cases = [
        ("http://localhost:18789", "localhost:18789", true, SameHost),
        ("http://127.0.0.1:18789", "127.0.0.1:18789", true, SameHost),
        ("https://claw.example.org", "claw.example.org", false, SameHost),
        ("https://claw.example.org", "claw.example.org:443", false, SameHost),
        ("http://claw.example.org", "claw.example.org:443", false, NotAllowed),
        ("https://panel.example.net", "localhost:18789", true, Listed),
        ("capacitor://localhost", "192.168.1.5:18789", false, Listed),
        ("http://localhost:5173", "127.0.0.1:18789", true, Loopback),
        ("http://localhost:5173", "127.0.0.1:18789", false, NotAllowed),
        ("http://localhost:5173", "claw.example.org", true, NotAllowed),
        ("tauri://localhost", "127.0.0.1:18789", true, NotAllowed),
        ("tauri://localhost:18789", "localhost:18789", true, NotAllowed),
        ("https://evil.example", "localhost:18789", true, NotAllowed),
        ("http://localhost.evil.com:18789", "localhost:18789", true, NotAllowed),
        ("https://panel.example.net:444", "localhost:18789", true, NotAllowed),
    ];
    for (text, host, direct, expected) in cases {
        assert_eq!(origin(text, host, direct), expected, "{text} to {host}");
    }
}

#[test]
fn what_no_browser_sends_is_invalid() {
    for text in [
        "null",
        "",
        "http://",
        "localhost:18789",
        "http://127.0.0.1:18789@evil",
        "http://localhost:18789/",
        "HTTP://localhost:18789",
        "ht tp://localhost:18789",
        "http://LOCALHOST:18789",
        "http://localhost.:18789",
        "http://localhost:",
        "http://localhost:18789 http://evil",
        "http://127.1:18789",
        "://localhost",
    ] {
        assert_eq!(origin(text, "localhost:18789", true), OriginVerdict::Invalid, "{text:?}");
    }
    let long = format!("{}://localhost:18789", "a".repeat(MAX_LENGTH));
    assert_eq!(origin(&long, "localhost:18789", true), OriginVerdict::Invalid);
    let host = Host::parse("localhost:1").unwrap();
    let two = origin_verdict(
        &["http://localhost:1", "http://localhost:1"],
        None,
        &host,
        true,
        &rules(true),
    );
    assert_eq!(two, OriginVerdict::Invalid);
}

#[test]
fn without_an_origin_the_fetch_site_decides() {
    let host = Host::parse("localhost:1").unwrap();
    let ask = |site| origin_verdict(&[], site, &host, true, &rules(true));
    for site in [None, Some("none"), Some("same-origin")] {
        assert_eq!(ask(site), OriginVerdict::Absent);
    }
    for site in ["cross-site", "same-site", "", "Cross-Site"] {
        assert_eq!(ask(Some(site)), OriginVerdict::NotAllowed);
    }
}

#[test]
fn absent_and_empty_lists_allow_nothing() {
    let host = Host::parse("localhost:1").unwrap();
    for list in [BTreeSet::new(), [String::new()].into()] {
        let rules = HostRules {
            allowed_origins: list,
            allowed_hosts: vec![String::new()],
            bind_loopback: true,
            ..HostRules::default()
        };
        let verdict = origin_verdict(&["https://evil.example"], None, &host, true, &rules);
        assert_eq!(verdict, OriginVerdict::NotAllowed);
        assert!(host_allowed(&["evil.example"], None, LOCAL, false, &rules).is_err());
    }
    let any = HostRules {
        allowed_origins: ["*".to_owned()].into(),
        bind_loopback: true,
        ..HostRules::default()
    };
    assert_eq!(
        origin_verdict(&["https://x.example"], None, &host, true, &any),
        OriginVerdict::Listed
    );
    assert!(
        host_allowed(&["x.example"], None, LOCAL, false, &any).is_err(),
        "any page, not any host"
    );
}

proptest! {
    #[test]
    fn whatever_parses_has_one_spelling(text in "[a-zA-Z0-9.:\\[\\]_-]{0,40}") {
        if let Some(host) = Host::parse(&text) {
            let name = match &host.name {
                HostName::Name(name) => name.clone(),
                HostName::Address(IpAddr::V4(v4)) => v4.to_string(),
                HostName::Address(IpAddr::V6(v6)) => format!("[{v6}]"),
            };
            let written = host.port.map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
            prop_assert_eq!(written, text.to_ascii_lowercase());
        }
    }

    #[test]
    fn a_foreign_page_never_passes(name in "[a-z]{1,10}\\.[a-z]{2,5}", port in 1_u16..) {
        let verdict = origin(&format!("https://{name}:{port}"), "localhost:18789", true);
        prop_assert_eq!(verdict, OriginVerdict::NotAllowed);
    }
}
