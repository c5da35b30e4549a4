//! Approving, rejecting, removing, replacing, revoking, and what becomes of live connections.

use async_trait::async_trait;
use openclaw_protocol::Scope;

use super::*;
use crate::{AuthError, OriginVerdict, rate_limit::Lockout};

fn operator(scopes: &[&str]) -> Approver {
    Approver { scopes: ScopeSet::parse(scopes), device: None }
}

fn operator_of(device: &DeviceId) -> TokenKey<'_> {
    TokenKey { device, role: Role::Operator }
}

/// A remote device that has asked; its request's id.
async fn pending(authority: &Authority, seed: u8, scopes: &[&str]) -> String {
    let ask = asking(remote(Version::V4), seed, scopes);
    let details = refusal(authority.authenticate(&ask, NOW).await).error.details.unwrap();
    details["requestId"].as_str().unwrap().to_owned()
}

fn next(events: &mut broadcast::Receiver<AuthEvent>) -> AuthEvent {
    events.try_recv().unwrap()
}

#[tokio::test]
async fn an_approver_must_hold_what_it_grants() {
    let authority = authority();
    let id = pending(&authority, 7, &ALL_FIVE).await;
    for (scopes, missing) in [
        (&["operator.pairing"][..], Scope::Admin),
        (&["operator.pairing", "operator.write"], Scope::Admin),
        (&[], Scope::Admin),
    ] {
        let refused = authority.approve(&id, &operator(scopes), NOW).await;
        assert!(matches!(refused, Err(AuthError::MissingScope(scope)) if scope == missing));
    }
    authority.approve(&id, &operator(&["operator.admin"]), NOW).await.unwrap();
    let grant =
        granted(authority.authenticate(&asking(remote(Version::V4), 7, &ALL_FIVE), NOW).await);
    assert_eq!(grant.scopes, ScopeSet::parse(ALL_FIVE));
    assert!(matches!(
        authority.approve(&id, &operator(&ALL_FIVE), NOW).await,
        Err(AuthError::UnknownRequest)
    ));
}

#[tokio::test]
async fn a_superseded_or_expired_id_approves_nothing() {
    let authority = authority();
    let narrow = pending(&authority, 7, &READ).await;
    assert_eq!(pending(&authority, 7, &READ).await, narrow);
    let wide = pending(&authority, 7, &ALL_FIVE).await;
    assert_ne!(wide, narrow);
    let admin = operator(&ALL_FIVE);
    assert!(matches!(
        authority.approve(&narrow, &admin, NOW).await,
        Err(AuthError::UnknownRequest)
    ));
    assert!(matches!(authority.reject("", NOW).await, Err(AuthError::UnknownRequest)));
    let late = NOW + crate::pairing::PENDING_TTL_MS;
    assert!(matches!(authority.approve(&wide, &admin, late).await, Err(AuthError::UnknownRequest)));
}

#[tokio::test]
async fn listeners_hear_of_requests_and_decisions() {
    let authority = authority();
    let mut events = authority.subscribe();
    let id = pending(&authority, 7, &READ).await;
    assert!(matches!(next(&mut events), AuthEvent::Requested(request) if request.id == id));
    pending(&authority, 7, &READ).await;
    assert!(events.try_recv().is_err(), "the same again is no news");
    let device = authority.reject(&id, NOW).await.unwrap();
    assert!(
        matches!(next(&mut events), AuthEvent::Resolved { request_id, approved: false, .. } if request_id == id)
    );
    granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    assert!(
        matches!(next(&mut events), AuthEvent::Resolved { device: d, approved: true, .. } if d == device)
    );
}

#[tokio::test]
async fn revocation_ends_what_lives_and_what_is_being_let_in() {
    let authority = authority();
    let mut events = authority.subscribe();
    let first = granted(authority.authenticate(&paired(Version::V4, 7, &ALL_FIVE), NOW).await);
    let own = token(&first);
    let by_own = by_token(attempt(Version::V4), &own, 7, &READ);
    let second = granted(authority.authenticate(&by_own, NOW).await);
    let plain = granted(authority.authenticate(&attempt(Version::V4), NOW).await);
    let device = first.device.clone().unwrap();
    next(&mut events);
    for grant in [&first, &second, &plain] {
        assert!(authority.still_holds(grant).await);
    }
    let admin = operator(&ALL_FIVE);
    assert_eq!(authority.revoke(operator_of(&device), &admin, NOW + 1).await.unwrap(), NOW + 1);
    assert!(
        matches!(next(&mut events), AuthEvent::Revoked { device: d, role: Some(Role::Operator) } if d == device)
    );
    assert!(!authority.still_holds(&first).await);
    assert!(!authority.still_holds(&second).await);
    assert!(authority.still_holds(&plain).await);
    assert_eq!(code(authority.authenticate(&by_own, NOW + 2).await), "AUTH_DEVICE_TOKEN_MISMATCH");
    let back = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW + 2_000).await);
    assert_ne!(token(&back).expose(), own.expose());
    assert!(authority.still_holds(&back).await);
    authority.remove(&device, &admin).await.unwrap();
    assert!(!authority.still_holds(&back).await);
    assert!(authority.list(NOW).await.unwrap().paired.is_empty());
}

#[tokio::test]
async fn a_replaced_token_and_a_narrower_record_end_what_stood_on_more() {
    let authority = authority();
    let admin = operator(&ALL_FIVE);
    let first = granted(authority.authenticate(&paired(Version::V4, 7, &ALL_FIVE), NOW).await);
    let device = first.device.clone().unwrap();
    let by_own = by_token(attempt(Version::V4), &token(&first), 7, &READ);
    let second = granted(authority.authenticate(&by_own, NOW).await);
    authority.rotate(operator_of(&device), None, &admin, NOW + 1).await.unwrap();
    assert!(!authority.still_holds(&second).await, "its token is another one now");
    assert!(authority.still_holds(&first).await, "the secret let it in, and the device stays");

    // Removed and paired anew with less before anybody looked.
    authority.remove(&device, &admin).await.unwrap();
    let third = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW + 2).await);
    assert!(!authority.still_holds(&first).await);
    assert!(authority.still_holds(&third).await);
}

#[tokio::test]
async fn a_token_beyond_its_record_is_replaced_when_its_device_comes_back() {
    let authority = authority();
    let first = granted(authority.authenticate(&paired(Version::V4, 7, &ALL_FIVE), NOW).await);
    let device = first.device.clone().unwrap();
    let record = authority.store.device(&device).await.unwrap().unwrap();
    let scopes = ScopeSet::parse(READ);
    authority.store.put_device(Device { scopes, ..record }).await.unwrap();
    let back = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW + 1).await);
    assert_eq!(back.device_token.as_ref().unwrap().scopes, scopes);
    assert_ne!(token(&back).expose(), token(&first).expose());
}

/// A token that stayed behind in the records is no ground without the role itself.
#[tokio::test]
async fn a_role_that_is_gone_from_the_record_ends_its_connection() {
    let authority = authority();
    let mut node = attempt(Version::V4);
    node.role = Some("node".to_owned());
    let grant = granted(authority.authenticate(&asking(node, 7, &ALL_FIVE), NOW).await);
    let device = grant.device.clone().unwrap();
    assert!(grant.scopes.is_empty(), "a node has none, whatever it asks for");
    assert!(authority.store.device(&device).await.unwrap().unwrap().scopes.is_empty());
    assert!(authority.still_holds(&grant).await);
    let record = authority.store.device(&device).await.unwrap().unwrap();
    authority.store.put_device(Device { roles: Vec::new(), ..record }).await.unwrap();
    authority.revision.fetch_add(1, Ordering::AcqRel);
    assert!(!authority.still_holds(&grant).await);
}

#[tokio::test]
async fn a_changed_secret_ends_what_it_let_in() {
    let authority = authority();
    let plain = granted(authority.authenticate(&attempt(Version::V4), NOW).await);
    let first = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let by_own = by_token(attempt(Version::V4), &token(&first), 7, &READ);
    let own = granted(authority.authenticate(&by_own, NOW).await);
    let config = |text: &str| Credentials::new(&serde_json::from_str(text).unwrap());
    let mut events = authority.subscribe();
    authority.configure(config(r#"{"token":"right-token"}"#), Rules::default(), Limits::default());
    assert!(authority.still_holds(&plain).await, "nothing changed");
    assert!(events.try_recv().is_err());
    authority.configure(config(r#"{"token":"new-token"}"#), Rules::default(), Limits::default());
    assert!(matches!(next(&mut events), AuthEvent::SecretChanged));
    assert!(!authority.still_holds(&plain).await);
    assert!(!authority.still_holds(&first).await);
    assert!(authority.still_holds(&own).await, "its own token let it in");
    assert_eq!(
        code(authority.authenticate(&attempt(Version::V4), NOW).await),
        "AUTH_TOKEN_MISMATCH"
    );
}

#[tokio::test]
async fn rotation_gives_no_more_than_asker_and_device_have() {
    let authority = authority();
    let grant =
        granted(authority.authenticate(&paired(Version::V4, 7, &["operator.write"]), NOW).await);
    let device = grant.device.clone().unwrap();
    let rotate = async |scopes: Option<&[&str]>, role, by: Approver| {
        let scopes = scopes.map(|s| s.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        authority.rotate(TokenKey { device: &device, role }, scopes.as_deref(), &by, NOW + 1).await
    };
    let admin = || operator(&ALL_FIVE);
    let denied = rotate(Some(&["operator.admin"]), Role::Operator, admin()).await;
    assert!(matches!(denied, Err(AuthError::RotationDenied)));
    assert!(matches!(rotate(None, Role::Node, admin()).await, Err(AuthError::RotationDenied)));
    let pairing = operator(&["operator.pairing"]);
    assert!(matches!(
        rotate(None, Role::Operator, pairing).await,
        Err(AuthError::MissingScope(Scope::Write))
    ));
    assert!(authority.still_holds(&grant).await);
    let narrow = rotate(Some(&["operator.read"]), Role::Operator, admin()).await.unwrap();
    assert_eq!(narrow.scopes.names(), READ);
    assert_eq!(narrow.issued_at_ms(), NOW + 1);
    let wide = by_token(remote(Version::V4), &narrow.token, 7, &["operator.write"]);
    assert_eq!(pairing_reason(authority.authenticate(&wide, NOW).await), "scope-upgrade");
    let old = by_token(remote(Version::V4), &token(&grant), 7, &READ);
    assert_eq!(code(authority.authenticate(&old, NOW).await), "AUTH_DEVICE_TOKEN_MISMATCH");
    let none = rotate(Some(&[]), Role::Operator, admin()).await.unwrap();
    assert!(none.scopes.is_empty());
    let unknown = authority.rotate(operator_of(&"nope".into()), None, &admin(), NOW).await;
    assert!(matches!(unknown, Err(AuthError::UnknownDevice)));
}

#[tokio::test]
async fn a_paired_device_manages_itself_only() {
    let authority = authority();
    let one =
        granted(authority.authenticate(&paired(Version::V4, 1, &READ), NOW).await).device.unwrap();
    let two =
        granted(authority.authenticate(&paired(Version::V4, 2, &READ), NOW).await).device.unwrap();
    let by =
        |scopes: &[&str]| Approver { scopes: ScopeSet::parse(scopes), device: Some(one.clone()) };
    let pairing = by(&["operator.pairing", "operator.read"]);
    assert!(matches!(authority.remove(&two, &pairing).await, Err(AuthError::NotYours)));
    assert!(matches!(
        authority.revoke(operator_of(&two), &pairing, NOW).await,
        Err(AuthError::NotYours)
    ));
    assert!(matches!(
        authority.rotate(operator_of(&two), None, &pairing, NOW).await,
        Err(AuthError::NotYours)
    ));
    authority.rotate(operator_of(&one), None, &pairing, NOW).await.unwrap();
    authority.remove(&two, &by(&["operator.admin"])).await.unwrap();
    authority.remove(&one, &operator(&["operator.pairing"])).await.unwrap();
    assert!(matches!(authority.remove(&one, &pairing).await, Err(AuthError::UnknownDevice)));
}

#[tokio::test]
async fn a_page_is_let_in_by_the_secret_and_stays_visible() {
    let authority = authority();
    let page = asking(page(attempt(Version::V3), OriginVerdict::SameHost), 5, &ALL_FIVE);
    let grant = granted(authority.authenticate(&page, NOW).await);
    assert!(grant.local);
    let list = authority.list(NOW).await.unwrap();
    assert_eq!(list.paired[0].about.client_id, "openclaw-control-ui");
    assert_eq!(list.paired[0].last_seen_at_ms, Some(NOW));
    granted(authority.authenticate(&page, NOW + 59_999).await);
    assert_eq!(authority.list(NOW).await.unwrap().paired[0].last_seen_at_ms, Some(NOW));
    granted(authority.authenticate(&page, NOW + 60_000).await);
    assert_eq!(authority.list(NOW).await.unwrap().paired[0].last_seen_at_ms, Some(NOW + 60_000));
}

/// Records that cannot be read.
struct Broken;

#[async_trait]
impl AuthStore for Broken {
    async fn device(&self, _: &DeviceId) -> Result<Option<Device>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn devices(&self) -> Result<Vec<Device>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn put_device(&self, _: Device) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn approve(&self, _: Device) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn remove_device(&self, _: &DeviceId) -> Result<bool, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn seen(&self, _: &DeviceId, _: u64) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn put_pending(&self, _: PendingRequest) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn remove_pending(&self, _: &[DeviceId]) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn put_lockouts(&self, _: Vec<Lockout>) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
}

#[tokio::test]
async fn when_the_records_fail_no_device_is_let_in_and_the_secret_still_works() {
    let credentials =
        Credentials::new(&serde_json::from_str(r#"{"token":"right-token"}"#).unwrap());
    let authority =
        Authority::new(Arc::new(Broken), credentials, Rules::default(), Limits::default());
    let refused = refusal(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    assert_eq!(refused.error.retryable, Some(true));
    assert!(!refused.error.message.contains("disk"), "causes are for the log");
    granted(authority.authenticate(&attempt(Version::V4), NOW).await);
}

#[tokio::test]
async fn no_record_is_read_for_one_who_is_locked_out() {
    let credentials =
        Credentials::new(&serde_json::from_str(r#"{"token":"right-token"}"#).unwrap());
    let authority =
        Authority::new(Arc::new(Broken), credentials, Rules::default(), Limits::default());
    let mut guess = remote(Version::V4);
    guess.auth.token = Some("guess".into());
    for _ in 0..10 {
        assert_eq!(code(authority.authenticate(&guess, NOW).await), "AUTH_TOKEN_MISMATCH");
    }
    // These records cannot be read, which would be the answer if anybody tried.
    let with_device = asking(remote(Version::V4), 7, &READ);
    assert_eq!(code(authority.authenticate(&with_device, NOW).await), "AUTH_RATE_LIMITED");
}

#[tokio::test]
async fn a_token_that_is_revoked_while_its_owner_waits_proves_nothing() {
    let authority = authority();
    let first = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let device = first.device.clone().unwrap();
    let wider = by_token(attempt(Version::V4), &token(&first), 7, &ALL_FIVE);
    let writing = authority.writes.lock().await;
    let mut waits = std::pin::pin!(authority.authenticate(&wider, NOW));
    tokio::select! {
        biased;
        decision = &mut waits => panic!("another one writes: {decision:?}"),
        () = std::future::ready(()) => {}
    }
    let mut record = authority.store.device(&device).await.unwrap().unwrap();
    record.revoke_token(Role::Operator, NOW).unwrap();
    authority.store.put_device(record).await.unwrap();
    drop(writing);
    assert_eq!(code(waits.await), "AUTH_DEVICE_TOKEN_MISMATCH");
    assert!(authority.list(NOW).await.unwrap().pending.is_empty());
}
