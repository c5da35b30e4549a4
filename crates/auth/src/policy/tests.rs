use proptest::prelude::*;

use super::*;
use crate::{
    attempt::{
        VerifiedUser,
        tests::{ALL_FIVE, attempt, remote},
    },
    config::AuthConfig,
};

fn plain(attempt: &Attempt, proof: Proof, rules: Rules) -> Option<ScopeSet> {
    let screened = Screened { role: Role::Operator, device: None };
    match decide(attempt, &screened, proof, None, rules) {
        Verdict::Plain { scopes, .. } => Some(scopes),
        _ => None,
    }
}

fn granted(attempt: &Attempt, asked: &[&str]) -> Vec<String> {
    let mut attempt = attempt.clone();
    attempt.scopes = asked.iter().map(|s| (*s).to_owned()).collect();
    plain(&attempt, Proof::Shared(AuthMethod::Token), Rules::default()).unwrap().names()
}

#[test]
fn a_local_program_gets_what_it_asks_for_and_nothing_else() {
    let here = attempt(Version::V4);
    let mut five = ALL_FIVE.map(str::to_owned);
    five.sort();
    assert_eq!(granted(&here, &ALL_FIVE), five);
    assert_eq!(granted(&here, &["operator.read"]), ["operator.read"]);
    assert_eq!(granted(&here, &["operator.talk.secrets"]), ["operator.talk.secrets"]);
    for none in [&[][..], &[""], &["*"], &["operator.*"], &["OPERATOR.ADMIN"], &[" operator.admin"]]
    {
        assert!(granted(&here, none).is_empty(), "{none:?}");
    }
}

#[test]
fn others_have_the_record_of_the_secret_at_most() {
    let there = remote(Version::V4);
    let record = ["operator.approvals", "operator.pairing", "operator.read", "operator.write"];
    assert_eq!(granted(&there, &ALL_FIVE), record);
    assert_eq!(granted(&there, &["operator.admin"]), ["operator.read", "operator.write"]);
    assert_eq!(granted(&there, &["operator.read"]), ["operator.read"]);
    assert!(granted(&there, &["operator.talk.secrets"]).is_empty());
    for none in [&[][..], &[""], &["*"]] {
        assert!(granted(&there, none).is_empty(), "{none:?}");
    }
    let mut forwarded = attempt(Version::V4);
    forwarded.peer.forwarded = true;
    assert_eq!(granted(&forwarded, &ALL_FIVE), record);
    let mut page = attempt(Version::V4);
    page.peer.browser = true;
    page.peer.origin = OriginVerdict::SameHost;
    assert_eq!(granted(&page, &ALL_FIVE), record);
    let rules = Rules { allow_remote_admin: true, ..Rules::default() };
    let scopes = plain(&there, Proof::Shared(AuthMethod::Token), rules).unwrap();
    assert!(scopes.contains(Scope::Admin));
    // A user that a proxy vouches for passes the screen; insecure access is for this machine all the same.
    let mut vouched = remote(Version::V4);
    vouched.client.id = "openclaw-control-ui".to_owned();
    let rules = Rules { allow_insecure_auth: true, ..Rules::default() };
    for proof in [Proof::Verified(AuthMethod::TrustedProxy), Proof::Shared(AuthMethod::Token)] {
        assert_eq!(plain(&vouched, proof, rules), Some(remote_record()), "{proof:?}");
    }
    // What is said of pages is said of no other client.
    let rules = Rules { disable_device_auth: true, ..Rules::default() };
    let shared = Proof::Shared(AuthMethod::Token);
    assert_eq!(plain(&there, shared, rules), Some(remote_record()));
    assert_eq!(plain(&vouched, shared, rules), Some(ScopeSet::parse(ALL_FIVE)));
}

#[test]
fn the_config_lets_pages_pair_by_the_secret_and_by_nothing_else() {
    let rules = Rules { disable_device_auth: true, ..Rules::default() };
    let key = pairing::tests::ask(Role::Operator, []).device;
    let screened = Screened { role: Role::Operator, device: Some(key) };
    let decide = |id: &str, proof| {
        let mut attempt = remote(Version::V4);
        attempt.client.id = id.to_owned();
        decide(&attempt, &screened, proof, None, rules)
    };
    let shared = Proof::Shared(AuthMethod::Token);
    let page = decide("openclaw-control-ui", shared);
    assert!(matches!(page, Verdict::Device(Admitted { approve: true, .. })), "{page:?}");
    for (id, proof) in [("cli", shared), ("openclaw-control-ui", Proof::Open)] {
        let verdict = decide(id, proof);
        assert!(matches!(verdict, Verdict::Ask { .. }), "{id} {proof:?}: {verdict:?}");
    }
}

#[test]
fn a_pages_client_must_say_which_page_it_is() {
    let unpaged = |id: &str, mode: &str| {
        let mut attempt = remote(Version::V4);
        (attempt.client.id, attempt.client.mode) = (id.to_owned(), mode.to_owned());
        let rules = Rules { disable_device_auth: true, ..Rules::default() };
        screen(&attempt, rules, 0).is_err_and(|refusal| refusal.reason == "origin")
    };
    assert!(unpaged("openclaw-control-ui", "ui") && unpaged("webchat-ui", "ui"));
    assert!(unpaged("webchat", "ui") && unpaged("test", "webchat"));
    assert!(!unpaged("openclaw-tui", "ui") && !unpaged("cli", "cli"));
}

#[test]
fn mode_none_opens_to_local_programs_only() {
    assert!(plain(&attempt(Version::V4), Proof::Open, Rules::default()).is_some());
    assert!(plain(&remote(Version::V4), Proof::Open, Rules::default()).is_none());
    let mut page = attempt(Version::V4);
    page.peer.origin = OriginVerdict::Loopback;
    page.peer.browser = true;
    assert!(plain(&page, Proof::Open, Rules::default()).is_none());
}

fn proof(attempt: &Attempt, config: &str) -> Proof {
    let config: AuthConfig = serde_json::from_str(config).unwrap();
    let screened = Screened { role: Role::Operator, device: None };
    prove(attempt, &screened, &Credentials::new(&config), Records::default())
}

fn reason(attempt: &Attempt, config: &str) -> Option<AuthReason> {
    match proof(attempt, config) {
        Proof::Failed(reason) => Some(reason),
        _ => None,
    }
}

const TOKEN: &str = r#"{"token":"right-token"}"#;
const PASSWORD: &str = r#"{"password":"right-password"}"#;

#[test]
fn which_field_is_compared_depends_on_mode_and_version() {
    use AuthReason::{PasswordMismatch, PasswordMissing, TokenMismatch, TokenMissing};
    let with = |version, token: Option<&str>, password: Option<&str>| {
        let mut attempt = attempt(version);
        attempt.auth.token = token.map(Secret::from);
        attempt.auth.password = password.map(Secret::from);
        attempt
    };
    let (t, p) = (Some("right-token"), Some("right-password"));
    let cases = [
        (with(Version::V3, t, None), TOKEN, None),
        (with(Version::V3, None, t), TOKEN, Some(TokenMissing)),
        (with(Version::V4, None, t), TOKEN, None),
        (with(Version::V4, None, p), TOKEN, Some(TokenMismatch)),
        (with(Version::V4, p, t), TOKEN, Some(TokenMismatch)),
        (with(Version::V3, None, p), PASSWORD, None),
        (with(Version::V3, p, None), PASSWORD, Some(PasswordMissing)),
        (with(Version::V4, p, None), PASSWORD, None),
        (with(Version::V4, None, t), PASSWORD, Some(PasswordMismatch)),
        (with(Version::V4, Some(""), None), TOKEN, Some(TokenMissing)),
        (with(Version::V4, t, None), "{}", Some(AuthReason::TokenNotConfigured)),
        (with(Version::V4, t, None), r#"{"token":""}"#, Some(AuthReason::TokenNotConfigured)),
        (
            with(Version::V4, Some("undefined"), None),
            r#"{"token":"undefined"}"#,
            Some(AuthReason::TokenNotConfigured),
        ),
        (
            with(Version::V4, None, p),
            r#"{"mode":"password"}"#,
            Some(AuthReason::PasswordNotConfigured),
        ),
        (
            with(Version::V4, t, None),
            r#"{"mode":"trusted-proxy","token":"right-token"}"#,
            Some(AuthReason::TrustedProxyUserMissing),
        ),
    ];
    for (attempt, config, expected) in cases {
        assert_eq!(reason(&attempt, config), expected, "{:?} {config}", attempt.auth);
    }
}

#[test]
fn mode_device_takes_the_secret_from_this_machine_only() {
    let config = r#"{"mode":"device","token":"right-token"}"#;
    assert_eq!(reason(&attempt(Version::V4), config), None);
    assert_eq!(reason(&remote(Version::V4), config), Some(AuthReason::TokenMismatch));
    let mut forwarded = attempt(Version::V4);
    forwarded.peer.forwarded = true;
    assert_eq!(reason(&forwarded, config), Some(AuthReason::TokenMismatch));
}

#[test]
fn a_vouched_user_counts_only_in_the_mode_that_believes_the_voucher() {
    let vouched = |method, id: &str| {
        let mut attempt = remote(Version::V4);
        attempt.auth = crate::AuthFields::default();
        attempt.client.id = id.to_owned();
        attempt.peer.verified = Some(Ok(VerifiedUser { method, user: "ada".to_owned() }));
        attempt
    };
    let proxy = r#"{"mode":"trusted-proxy"}"#;
    let verified = |attempt: &Attempt, config| matches!(proof(attempt, config), Proof::Verified(_));
    assert!(verified(&vouched(AuthMethod::TrustedProxy, "cli"), proxy));
    assert!(!verified(&vouched(AuthMethod::TrustedProxy, "openclaw-control-ui"), TOKEN));
    assert!(verified(&vouched(AuthMethod::Tailscale, "openclaw-control-ui"), TOKEN));
    assert!(!verified(&vouched(AuthMethod::Tailscale, "cli"), TOKEN));
    assert!(!verified(&vouched(AuthMethod::Tailscale, "openclaw-control-ui"), proxy));
    let mut node = vouched(AuthMethod::Tailscale, "openclaw-control-ui");
    node.role = Some("node".to_owned());
    assert!(!verified(&node, TOKEN), "a node is no person");
    // Only a listed proxy's word stands in for the page's device.
    for (method, passes) in [(AuthMethod::TrustedProxy, true), (AuthMethod::Tailscale, false)] {
        let mut page = vouched(method, "openclaw-control-ui");
        page.peer.origin = OriginVerdict::SameHost;
        assert_eq!(screen(&page, Rules::default(), 0).is_ok(), passes, "{method:?}");
    }
}

#[test]
fn who_is_not_vouched_for_is_told_why() {
    use AuthReason::{TailscaleWhoisFailed, TokenMissing, TrustedProxyUserNotAllowed};
    let because = |failed, id: &str| {
        let mut attempt = remote(Version::V4);
        attempt.auth = crate::AuthFields::default();
        attempt.client.id = id.to_owned();
        attempt.peer.verified = Some(Err(failed));
        attempt
    };
    let proxy = r#"{"mode":"trusted-proxy"}"#;
    let page = "openclaw-control-ui";
    for (failed, id, config, told) in [
        (TrustedProxyUserNotAllowed, "cli", proxy, TrustedProxyUserNotAllowed),
        (TailscaleWhoisFailed, page, TOKEN, TailscaleWhoisFailed),
        (TailscaleWhoisFailed, "cli", TOKEN, TokenMissing),
    ] {
        assert_eq!(reason(&because(failed, id), config), Some(told));
    }
    let mut wrong = because(TailscaleWhoisFailed, page);
    wrong.auth.token = Some("wrong".into());
    assert_eq!(reason(&wrong, TOKEN), Some(AuthReason::TokenMismatch), "a guess stays a guess");
    // Not a word of it where a device would be missed: it is no device that is missing.
    let attempt = because(TrustedProxyUserNotAllowed, "cli");
    let screened = Screened { role: Role::Operator, device: None };
    let failed = Proof::Failed(TrustedProxyUserNotAllowed);
    let Verdict::Refused(refusal) = decide(&attempt, &screened, failed, None, Rules::default())
    else {
        panic!("it is refused")
    };
    assert_eq!(refusal.reason, "trusted_proxy_user_not_allowed");
}

#[test]
fn the_word_of_a_proxy_is_narrowed_and_pairs_nothing() {
    let vouched = |asked: &[&str], limit: Option<&[&str]>| {
        let mut attempt = attempt(Version::V4);
        let user = VerifiedUser { method: AuthMethod::TrustedProxy, user: "ada".to_owned() };
        attempt.peer.verified = Some(Ok(user));
        attempt.peer.origin = OriginVerdict::SameHost;
        attempt.peer.limit = limit.map(ScopeSet::parse);
        attempt.scopes = asked.iter().map(|scope| (*scope).to_owned()).collect();
        attempt
    };
    let proof = Proof::Verified(AuthMethod::TrustedProxy);
    let key = pairing::tests::ask(Role::Operator, []).device;
    for (asked, limit, left) in [
        (&ALL_FIVE[..], None, remote_record()),
        (&ALL_FIVE, Some(&["operator.read"][..]), ScopeSet::parse(["operator.read"])),
        (&ALL_FIVE, Some(&[]), ScopeSet::EMPTY),
        (&["operator.read"], Some(&["operator.admin"]), ScopeSet::parse(["operator.read"])),
        (&ALL_FIVE, Some(&["operator.admin"]), remote_record()),
    ] {
        let attempt = vouched(asked, limit);
        for device in [None, Some(key.clone())] {
            let screened = Screened { role: Role::Operator, device };
            let verdict = decide(&attempt, &screened, proof, None, Rules::default());
            let Verdict::Plain { scopes, .. } = verdict else { panic!("{verdict:?}") };
            assert!(left.covers(scopes) && scopes.covers(left), "{asked:?} {limit:?}: {scopes:?}");
        }
    }
    // A device that an operator has approved adds what it was approved for, and no more.
    let known = pairing::tests::device(["operator.read", "operator.questions"]);
    let screened = Screened { role: Role::Operator, device: Some(key.clone()) };
    let asks = vouched(&["operator.questions", "operator.talk.secrets"], None);
    let verdict = decide(&asks, &screened, proof, Some(&known), Rules::default());
    let Verdict::Device(admitted) = verdict else { panic!("{verdict:?}") };
    assert_eq!(admitted.ask.scopes, ScopeSet::parse(["operator.questions"]));
    // A node is no person; it waits for an operator.
    let node = Screened { role: Role::Node, device: Some(key) };
    let verdict = decide(&vouched(&[], None), &node, proof, None, Rules::default());
    assert!(matches!(verdict, Verdict::Ask { .. }), "{verdict:?}");
    // The shared secret is whole, whatever a header says beside it.
    let limited = vouched(&ALL_FIVE, Some(&[]));
    let shared = plain(&limited, Proof::Shared(AuthMethod::Token), Rules::default());
    assert_eq!(shared, Some(remote_record()));
}

#[test]
fn the_terminal_and_control_ui_need_a_device_unless_the_config_says_otherwise() {
    let page = |id: &str, peer: PeerFacts| {
        let mut attempt = attempt(Version::V4);
        attempt.client.id = id.to_owned();
        attempt.peer = PeerFacts { origin: OriginVerdict::SameHost, browser: true, ..peer };
        attempt
    };
    let (here, there) = (attempt(Version::V4).peer, remote(Version::V4).peer);
    let insecure = Rules { allow_insecure_auth: true, ..Rules::default() };
    let disabled = Rules { disable_device_auth: true, ..Rules::default() };
    for id in ["openclaw-control-ui", "openclaw-tui"] {
        for (peer, rules, passes) in [
            (&here, Rules::default(), false),
            (&here, insecure, true),
            (&there, insecure, false),
            (&there, disabled, true),
        ] {
            let screened = screen(&page(id, peer.clone()), rules, 0);
            assert_eq!(screened.is_ok(), passes, "{id} {rules:?}");
        }
    }
    assert!(screen(&page("cli", there), Rules::default(), 0).is_ok());
}

proptest! {
    /// Whatever a client without a device says and wherever it comes from: it gets nothing that it
    /// did not ask for, and administration only as a local program.
    #[test]
    fn asking_never_widens(
        bits in any::<[bool; 4]>(),
        origin in 0_usize..4,
        asked in prop::collection::vec(prop::sample::select(Scope::ALL.to_vec()), 0..6),
        id in prop::sample::select(vec!["cli", "gateway-client", "openclaw-probe", "test", "webchat"]),
        mode in prop::sample::select(vec!["cli", "backend", "probe", "test", "webchat"]),
    ) {
        let mut attempt = attempt(Version::V4);
        let [loopback, forwarded, host_loopback, browser] = bits;
        let origin = [OriginVerdict::Absent, OriginVerdict::SameHost, OriginVerdict::Listed, OriginVerdict::Loopback][origin];
        attempt.peer = PeerFacts { loopback, forwarded, host_loopback, browser, origin, ..attempt.peer };
        attempt.client.id = id.to_owned();
        attempt.client.mode = mode.to_owned();
        attempt.scopes = asked.iter().map(|s| s.name().to_owned()).collect();
        let asked: ScopeSet = asked.into_iter().collect();
        let scopes = plain(&attempt, Proof::Shared(AuthMethod::Token), Rules::default()).unwrap();
        prop_assert!(asked.covers(scopes));
        let local = loopback && !forwarded && !browser && origin == OriginVerdict::Absent;
        if local {
            prop_assert_eq!(scopes, asked);
        } else {
            prop_assert!(remote_record().covers(scopes) && !scopes.contains(Scope::Admin));
        }
        prop_assert_eq!(plain(&attempt, Proof::Failed(AuthReason::TokenMismatch), Rules::default()), None);
    }
}
