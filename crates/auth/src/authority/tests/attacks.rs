//! Attacks on handshake and authority that were published against this protocol, and must fail.

use super::*;
use crate::{OriginVerdict, VerifiedUser, rate_limit::MAX_DELAY_MS};

fn guess(mut attempt: Attempt, text: &str) -> Attempt {
    attempt.auth.token = Some(text.into());
    attempt
}

#[tokio::test]
async fn a_token_that_is_only_there_is_no_token() {
    for text in ["x", " ", "undefined", "null", "right-token\n", "right-token\0", "RIGHT-TOKEN"] {
        let authority = authority();
        let decision = authority.authenticate(&guess(attempt(Version::V4), text), NOW).await;
        assert_eq!(code(decision), "AUTH_TOKEN_MISMATCH", "{text:?}");
        assert_eq!(everything(&authority).await, DevicePairListResult::default());
    }
}

#[tokio::test]
async fn a_foreign_page_is_refused_before_anything_is_compared() {
    let authority = authority();
    for i in 0..1000 {
        let mut evil = guess(attempt(Version::V4), &format!("guess-{i}"));
        evil.peer.origin = OriginVerdict::NotAllowed;
        evil.peer.browser = true;
        let decision = authority.authenticate(&evil, NOW).await;
        assert_eq!(code(decision), "CONTROL_UI_ORIGIN_NOT_ALLOWED");
    }
    let page = asking(page(attempt(Version::V4), OriginVerdict::SameHost), 3, &READ);
    granted(authority.authenticate(&page, NOW).await);
}

/// Whatever is offered beside the shared secret, and with whatever device: one bucket, ten guesses.
#[tokio::test]
async fn no_combination_of_credentials_gets_more_guesses() {
    let variants: [fn(&mut Attempt); 4] = [
        |_| (),
        |a| a.auth.device_token = Some("bogus".into()),
        |a| a.auth.bootstrap_token = Some("bogus".into()),
        |a| (a.auth.device_token, a.auth.bootstrap_token) = (Some("b".into()), Some("b".into())),
    ];
    for browser in [false, true] {
        let base = if browser {
            page(attempt(Version::V4), OriginVerdict::SameHost)
        } else {
            remote(Version::V4)
        };
        for device in [false, true] {
            let authority = authority();
            let (mut compared, mut locked) = (0, 0);
            for i in 0..50_usize {
                let mut attempt = guess(base.clone(), &format!("guess-{i}"));
                variants[i % 4](&mut attempt);
                if device || browser {
                    attempt = asking(attempt, u8::try_from(i).unwrap(), &ALL_FIVE);
                }
                match code(authority.authenticate(&attempt, NOW).await).as_str() {
                    "AUTH_RATE_LIMITED" => locked += 1,
                    _ => compared += 1,
                }
            }
            assert_eq!((compared, locked), (10, 40), "browser {browser}, device {device}");
            let mut right = base.clone();
            if browser {
                right = asking(right, 1, &READ);
            }
            let refused = refusal(authority.authenticate(&right, NOW).await);
            assert_eq!(refused.error.details.unwrap()["code"], "AUTH_RATE_LIMITED");
            assert_eq!(refused.error.retry_after_ms, Some(300_000));
            assert_eq!(everything(&authority).await, DevicePairListResult::default());
        }
    }
}

/// The fields that need no shared secret are guessed ten times as well, not for ever.
#[tokio::test]
async fn a_device_or_setup_token_alone_is_no_way_around_the_limit() {
    let offers: [fn(&mut crate::AuthFields); 2] =
        [|a| a.device_token = Some("guess".into()), |a| a.bootstrap_token = Some("guess".into())];
    for offer in offers {
        let authority = authority();
        let mut attempt = remote(Version::V4);
        attempt.auth = crate::AuthFields::default();
        offer(&mut attempt.auth);
        let attempt = asking(attempt, 7, &READ);
        for _ in 0..10 {
            assert_ne!(code(authority.authenticate(&attempt, NOW).await), "AUTH_RATE_LIMITED");
        }
        assert_eq!(code(authority.authenticate(&attempt, NOW).await), "AUTH_RATE_LIMITED");
        // A guess of the shared secret is still counted for itself, whatever comes beside it.
        granted(authority.authenticate(&remote(Version::V4), NOW).await);
        for n in 0..10 {
            let mut beside = attempt.clone();
            beside.auth.token = Some(format!("guess {n}").into());
            let beside = asking(beside, 7, &READ);
            assert_ne!(code(authority.authenticate(&beside, NOW).await), "AUTH_RATE_LIMITED");
        }
        let right = remote(Version::V4);
        assert_eq!(code(authority.authenticate(&right, NOW).await), "AUTH_RATE_LIMITED");
    }
}

#[tokio::test]
async fn passwords_are_guessed_ten_times_too() {
    let authority = with_config(r#"{"mode":"password","password":"right-word"}"#);
    let with = |word: &str| {
        let mut attempt = remote(Version::V4);
        let password = Some(word.into());
        attempt.auth = crate::AuthFields { password, ..Default::default() };
        attempt
    };
    for _ in 0..10 {
        let decision = authority.authenticate(&with("guess"), NOW).await;
        assert_eq!(code(decision), "AUTH_PASSWORD_MISMATCH");
    }
    let decision = authority.authenticate(&with("right-word"), NOW).await;
    assert_eq!(code(decision), "AUTH_RATE_LIMITED");
}

#[tokio::test]
async fn a_lockout_of_one_does_not_touch_the_command_line_of_this_machine() {
    let authority = authority();
    for i in 0..20 {
        let attempt =
            asking(guess(page(attempt(Version::V4), OriginVerdict::Loopback), "x"), i, &READ);
        assert!(matches!(authority.authenticate(&attempt, NOW).await, Decision::Refused(_)));
    }
    granted(authority.authenticate(&attempt(Version::V4), NOW).await);
}

#[tokio::test]
async fn a_lockout_outlives_the_process_and_new_limits_hold_at_once() {
    let store = Arc::new(MemoryAuthStore::default());
    let config: AuthConfig = serde_json::from_str(r#"{"token":"right-token"}"#).unwrap();
    let credentials = || Credentials::new(&config);
    let start = || {
        let store = Arc::clone(&store) as Arc<dyn AuthStore>;
        Authority::new(store, credentials(), Rules::default(), Limits::default())
    };
    let first = start();
    let strict = Limits { max_attempts: 2, ..Limits::default() };
    first.configure(credentials(), Rules::default(), strict);
    let wrong = guess(remote(Version::V4), "x");
    for answer in ["AUTH_TOKEN_MISMATCH", "AUTH_TOKEN_MISMATCH", "AUTH_RATE_LIMITED"] {
        assert_eq!(code(first.authenticate(&wrong, NOW).await), answer);
    }
    first.keep_lockouts(NOW).await.unwrap();
    let second = start();
    second.restore_lockouts(NOW).await.unwrap();
    let right = second.authenticate(&remote(Version::V4), NOW).await;
    assert_eq!(code(right), "AUTH_RATE_LIMITED");
}

#[tokio::test]
async fn a_voucher_that_is_not_asked_for_names_nobody() {
    let mut vouched = remote(Version::V4);
    let user = VerifiedUser { method: AuthMethod::Tailscale, user: "ada".to_owned() };
    vouched.peer.verified = Some(Ok(user));
    let grant = granted(authority().authenticate(&vouched, NOW).await);
    assert_eq!((grant.method, grant.user), (AuthMethod::Token, None), "the secret let it in");
    let proxied = with_config(r#"{"mode":"trusted-proxy"}"#);
    assert_eq!(proxied.check_secret(&vouched.peer, None, NOW), SecretCheck::Missing);
}

#[test]
fn a_gateway_without_a_secret_lets_no_secret_in() {
    let authority = with_config("{}");
    for text in ["x", " ", "undefined"] {
        let checked = authority.check_secret(&remote(Version::V4).peer, Some(&text.into()), NOW);
        assert_eq!(checked, SecretCheck::Wrong, "{text:?}");
    }
}

#[tokio::test]
async fn local_guesses_wait_without_being_compared() {
    let authority = authority();
    let wrong = guess(attempt(Version::V4), "x");
    assert_eq!(code(authority.authenticate(&wrong, NOW).await), "AUTH_TOKEN_MISMATCH");
    let right = attempt(Version::V4);
    for attempt in [&wrong, &right] {
        let decision = authority.authenticate(attempt, NOW).await;
        assert!(matches!(decision, Decision::Wait { ms: 250 }), "{decision:?}");
    }
    granted(authority.authenticate(&right, NOW + 250).await);
}

#[tokio::test]
async fn nothing_offered_is_nothing_counted() {
    let authority = authority();
    for _ in 0..50 {
        let mut silent = remote(Version::V4);
        silent.auth = crate::AuthFields::default();
        assert_eq!(code(authority.authenticate(&silent, NOW).await), "DEVICE_IDENTITY_REQUIRED");
    }
    granted(authority.authenticate(&remote(Version::V4), NOW).await);
}

#[tokio::test]
async fn a_device_token_alone_never_widens() {
    let authority = authority();
    let first = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let own = token(&first);
    let same = by_token(attempt(Version::V4), &own, 7, &READ);
    let grant = granted(authority.authenticate(&same, NOW).await);
    assert_eq!(
        (grant.method, grant.scopes.names()),
        (AuthMethod::DeviceToken, READ.map(str::to_owned).to_vec())
    );
    let wider = by_token(attempt(Version::V4), &own, 7, &["operator.admin"]);
    assert_eq!(pairing_reason(authority.authenticate(&wider, NOW).await), "scope-upgrade");
    let mut node = attempt(Version::V4);
    node.role = Some("node".to_owned());
    let node = by_token(node, &own, 7, &[]);
    assert_eq!(code(authority.authenticate(&node, NOW).await), "AUTH_DEVICE_TOKEN_MISMATCH");
    let mut moved = attempt(Version::V4);
    moved.client.platform = Some("darwin".to_owned());
    let moved = by_token(moved, &own, 7, &READ);
    assert_eq!(pairing_reason(authority.authenticate(&moved, NOW + 250).await), "metadata-upgrade");
}

#[tokio::test]
async fn a_device_token_is_worth_nothing_without_its_key() {
    let authority = authority();
    let own = token(&granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await));
    let other = by_token(remote(Version::V4), &own, 8, &READ);
    assert_eq!(code(authority.authenticate(&other, NOW).await), "AUTH_DEVICE_TOKEN_MISMATCH");
    let mut bare = by_token(remote(Version::V4), &own, 7, &READ);
    bare.device = None;
    assert_eq!(code(authority.authenticate(&bare, NOW).await), "DEVICE_IDENTITY_REQUIRED");
    let as_shared = guess(remote(Version::V4), own.expose());
    assert_eq!(code(authority.authenticate(&as_shared, NOW).await), "AUTH_TOKEN_MISMATCH");
    granted(authority.authenticate(&asking(as_shared, 7, &READ), NOW).await);
}

/// Locality is the kernel's address and nothing else: a Host of localhost or a forwarded loopback
/// address makes nobody local.
#[tokio::test]
async fn locality_cannot_be_claimed() {
    let mut spoofed = remote(Version::V4);
    spoofed.peer.host_loopback = true;
    let authority = authority();
    let refused = authority.authenticate(&asking(spoofed.clone(), 7, &ALL_FIVE), NOW).await;
    assert_eq!(pairing_reason(refused), "not-paired");
    let grant = granted(authority.authenticate(&spoofed, NOW).await);
    assert!(!grant.local && !grant.scopes.contains(openclaw_protocol::Scope::Admin));
    let mut proxied = attempt(Version::V4);
    proxied.peer.forwarded = true;
    let refused = authority.authenticate(&asking(proxied, 8, &ALL_FIVE), NOW).await;
    assert_eq!(pairing_reason(refused), "not-paired");
}

#[tokio::test]
async fn a_remote_device_waits_even_with_the_secret_unless_it_is_this_gateways_page() {
    let authority = authority();
    let device = asking(remote(Version::V4), 7, &ALL_FIVE);
    assert_eq!(pairing_reason(authority.authenticate(&device, NOW).await), "not-paired");
    let own_page = asking(page(remote(Version::V4), OriginVerdict::SameHost), 8, &ALL_FIVE);
    let grant = granted(authority.authenticate(&own_page, NOW).await);
    assert!(grant.scopes.contains(openclaw_protocol::Scope::Admin) && !grant.local);
    let listed = asking(page(remote(Version::V4), OriginVerdict::Listed), 9, &ALL_FIVE);
    assert_eq!(pairing_reason(authority.authenticate(&listed, NOW).await), "not-paired");
    let list = everything(&authority).await;
    assert_eq!((list.paired.len(), list.pending.len()), (1, 2));
}

#[tokio::test]
async fn no_scopes_are_no_scopes() {
    let authority = authority();
    for (seed, scopes) in [(1, &[][..]), (2, &[""]), (3, &["*"]), (4, &["operator"])] {
        let grant = granted(authority.authenticate(&paired(Version::V4, seed, scopes), NOW).await);
        assert!(grant.scopes.is_empty());
        assert!(grant.device_token.unwrap().scopes.is_empty());
    }
    granted(authority.authenticate(&paired(Version::V4, 5, &ALL_FIVE), NOW).await);
    let narrow = granted(authority.authenticate(&paired(Version::V4, 5, &[]), NOW).await);
    assert!(narrow.scopes.is_empty());
}

#[tokio::test]
async fn waiting_requests_are_bounded() {
    let authority = authority();
    let asks = async |seed: u8| {
        let ask = asking(remote(Version::V4), seed, &READ);
        refusal(authority.authenticate(&ask, NOW).await).error.details.unwrap()
    };
    for seed in 0..u8::MAX {
        assert!(asks(seed).await.get("requestId").is_some());
    }
    let mut one_more = authority.store.pending().await.unwrap().remove(0);
    one_more.device = "another".into();
    authority.store.write(vec![Change::PutPending(one_more)]).await.unwrap();
    let late = asks(u8::MAX).await;
    assert_eq!((&late["code"], late.get("requestId")), (&"PAIRING_REQUIRED".into(), None));
    // One that waits already may change what it asks for.
    let mut other = remote(Version::V4);
    other.client.platform = Some("linux".to_owned());
    let known = asking(other, 0, &ALL_FIVE);
    assert!(
        refusal(authority.authenticate(&known, NOW).await)
            .error
            .details
            .unwrap()
            .get("requestId")
            .is_some()
    );
    assert_eq!(everything(&authority).await.pending.len(), MAX_PENDING);
    let late = NOW + crate::pairing::PENDING_TTL_MS;
    assert!(authority.list(&Approver::owner(), late).await.unwrap().pending.is_empty());
}

#[tokio::test]
async fn http_secrets_share_the_limiter() {
    let authority = authority();
    let peer = remote(Version::V4).peer;
    let check = |text: Option<&str>| {
        let secret = text.map(Secret::from);
        authority.check_secret(&peer, secret.as_ref(), NOW)
    };
    assert_eq!(check(None), SecretCheck::Missing);
    assert_eq!(check(Some("")), SecretCheck::Missing);
    let whole = |method| SecretCheck::Granted { method, scopes: ScopeSet::all() };
    assert_eq!(check(Some("right-token")), whole(AuthMethod::Token));
    for _ in 0..5 {
        assert_eq!(check(Some("wrong")), SecretCheck::Wrong);
        authority.authenticate(&guess(remote(Version::V4), "wrong"), NOW).await;
    }
    assert_eq!(check(Some("right-token")), SecretCheck::Locked { retry_after_ms: 300_000 });
    let decision = authority.authenticate(&remote(Version::V4), NOW).await;
    assert_eq!(code(decision), "AUTH_RATE_LIMITED");
    let evil = PeerFacts { origin: OriginVerdict::NotAllowed, ..attempt(Version::V4).peer };
    assert_eq!(
        authority.check_secret(&evil, Some(&"right-token".into()), NOW),
        SecretCheck::Origin
    );
    let open = with_config(r#"{"mode":"none"}"#);
    assert_eq!(open.check_secret(&evil, None, NOW), SecretCheck::Origin);
    let user = VerifiedUser { method: AuthMethod::TrustedProxy, user: "ada".to_owned() };
    let vouched = PeerFacts { verified: Some(Ok(user)), ..attempt(Version::V4).peer };
    let proxy = with_config(r#"{"mode":"trusted-proxy"}"#);
    let by_proxy =
        SecretCheck::Granted { method: AuthMethod::TrustedProxy, scopes: policy::remote_record() };
    assert_eq!(proxy.check_secret(&vouched, None, NOW), by_proxy);
    assert_eq!(
        with_config(r#"{"token":"t"}"#).check_secret(&vouched, None, NOW),
        SecretCheck::Missing
    );
    let by_device = with_config(r#"{"mode":"device","token":"right-token"}"#);
    let right = |peer: &PeerFacts| by_device.check_secret(peer, Some(&"right-token".into()), NOW);
    assert_eq!(right(&peer), SecretCheck::Wrong, "this mode takes it from this machine only");
    assert_eq!(right(&attempt(Version::V4).peer), whole(AuthMethod::Token));
}

/// Whom nothing is asked of: programs of this machine, and to read what it shows the gateway's own page.
#[tokio::test]
async fn mode_none_over_http_is_for_this_machine() {
    let open = with_config(r#"{"mode":"none"}"#);
    let here = attempt(Version::V4).peer;
    let page = |origin| PeerFacts { origin, browser: true, ..here.clone() };
    let named = PeerFacts { host_loopback: false, ..page(OriginVerdict::SameHost) };
    for (peer, owns, reads) in [
        (here.clone(), true, true),
        (remote(Version::V4).peer, false, false),
        (PeerFacts { forwarded: true, ..here.clone() }, false, false),
        (page(OriginVerdict::Absent), false, true),
        (page(OriginVerdict::SameHost), false, true),
        (page(OriginVerdict::Loopback), false, false),
        (page(OriginVerdict::Listed), false, false),
        (named, false, false),
    ] {
        let let_in = |check| matches!(check, SecretCheck::Granted { .. });
        assert_eq!(let_in(open.check_secret(&peer, None, NOW)), owns, "{peer:?}");
        assert_eq!(let_in(open.check_reader(&peer, None, NOW).await), reads, "{peer:?}");
    }
    let narrow = PeerFacts { limit: Some(ScopeSet::parse(["operator.read"])), ..here };
    let scopes = ScopeSet::parse(["operator.read"]);
    let narrowed = SecretCheck::Granted { method: AuthMethod::None, scopes };
    assert_eq!(open.check_secret(&narrow, None, NOW), narrowed);
}

#[tokio::test]
async fn a_devices_token_alone_reads_what_the_page_shows_and_no_more() {
    let authority = authority();
    let peer = attempt(Version::V4).peer;
    let reads = async |secret: &Secret| authority.check_reader(&peer, Some(secret), NOW).await;
    let device = |seed, scopes: &[&str]| paired(Version::V4, seed, scopes);
    let reader = granted(authority.authenticate(&device(1, &READ), NOW).await);
    let scopes = ScopeSet::parse(["operator.read"]);
    let by_token = SecretCheck::Granted { method: AuthMethod::DeviceToken, scopes };
    assert_eq!(reads(&token(&reader)).await, by_token);
    // It is the shared secret nowhere, and it counts as a guess where it opens nothing.
    let elsewhere = authority.check_secret(&peer, Some(&token(&reader)), NOW);
    assert_eq!(elsewhere, SecretCheck::Wrong);
    let later = NOW + MAX_DELAY_MS;
    let reads = async |secret: &Secret| authority.check_reader(&peer, Some(secret), later).await;
    let whole = SecretCheck::Granted { method: AuthMethod::Token, scopes: ScopeSet::all() };
    assert_eq!(reads(&"right-token".into()).await, whole);
    assert_eq!(authority.check_reader(&peer, None, later).await, SecretCheck::Missing);
    let evil = PeerFacts { origin: OriginVerdict::NotAllowed, ..peer.clone() };
    let foreign = authority.check_reader(&evil, Some(&token(&reader)), later).await;
    assert_eq!(foreign, SecretCheck::Origin);

    let blind = granted(authority.authenticate(&device(2, &["operator.pairing"]), later).await);
    assert_eq!(reads(&token(&blind)).await, SecretCheck::Wrong, "it may not read");
    let key = TokenKey { device: reader.device.as_ref().unwrap(), role: Role::Operator };
    let owner = Approver::owner();
    authority.revoke(key, &owner, later).await.unwrap();
    let later = later + MAX_DELAY_MS;
    let revoked = authority.check_reader(&peer, Some(&token(&reader)), later).await;
    assert_eq!(revoked, SecretCheck::Wrong);
}

#[tokio::test]
async fn who_is_locked_out_reads_nothing() {
    let authority = authority();
    let reader = granted(authority.authenticate(&paired(Version::V4, 1, &READ), NOW).await);
    let peer = remote(Version::V4).peer;
    for _ in 0..10 {
        let guess = authority.check_reader(&peer, Some(&"guess".into()), NOW).await;
        assert_eq!(guess, SecretCheck::Wrong);
    }
    let locked = authority.check_reader(&peer, Some(&token(&reader)), NOW).await;
    assert_eq!(locked, SecretCheck::Locked { retry_after_ms: 300_000 });
}
