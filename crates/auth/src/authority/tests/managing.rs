//! Approving, rejecting, removing, replacing, revoking, and what becomes of live connections.

use async_trait::async_trait;
use openclaw_protocol::Scope;

use super::*;
use crate::{
    AuthError, OriginVerdict,
    audit::{AuditEntry, AuditEvent, AuditQuery, AuditRecord},
    rate_limit::Lockout,
    setup::SetupAccess,
};

fn operator(scopes: &[&str]) -> Approver {
    Approver { scopes: ScopeSet::parse(scopes), device: None, name: "shared-secret".to_owned() }
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
    assert!(matches!(authority.reject("", &admin, NOW).await, Err(AuthError::UnknownRequest)));
    let late = NOW + crate::pairing::PENDING_TTL_MS;
    assert!(matches!(authority.approve(&wide, &admin, late).await, Err(AuthError::UnknownRequest)));
}

#[tokio::test]
async fn a_request_that_runs_out_is_told_once() {
    let authority = authority();
    let id = pending(&authority, 7, &READ).await;
    let mut events = authority.subscribe();
    let late = NOW + crate::pairing::PENDING_TTL_MS;
    authority.expire(late - 1).await.unwrap();
    assert!(events.try_recv().is_err());
    authority.expire(late).await.unwrap();
    assert!(
        matches!(next(&mut events), AuthEvent::Resolved { request_id, approved: false, at_ms, .. } if request_id == id && at_ms == late)
    );
    authority.expire(late).await.unwrap();
    assert!(events.try_recv().is_err());
    assert!(everything(&authority).await.pending.is_empty());
}

#[tokio::test]
async fn listeners_hear_of_requests_and_decisions() {
    let authority = authority();
    let mut events = authority.subscribe();
    let id = pending(&authority, 7, &READ).await;
    assert!(matches!(next(&mut events), AuthEvent::Requested(request) if request.id == id));
    pending(&authority, 7, &READ).await;
    assert!(events.try_recv().is_err(), "the same again is no news");
    let device = authority.reject(&id, &operator(&["operator.pairing"]), NOW).await.unwrap();
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
        matches!(next(&mut events), AuthEvent::Revoked { device: d, role: Some(Role::Operator), lost: Lost::TokenRevoked, .. } if d == device)
    );
    assert!(!authority.still_holds(&first).await);
    assert!(!authority.still_holds(&second).await);
    assert!(authority.still_holds(&plain).await);
    assert_eq!(code(authority.authenticate(&by_own, NOW + 2).await), "AUTH_DEVICE_TOKEN_MISMATCH");
    let back = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW + 2_000).await);
    assert_ne!(token(&back).expose(), own.expose());
    assert!(authority.still_holds(&back).await);
    authority.remove(&device, &admin, NOW).await.unwrap();
    assert!(!authority.still_holds(&back).await);
    assert!(everything(&authority).await.paired.is_empty());
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
    authority.remove(&device, &admin, NOW).await.unwrap();
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
    authority.store.write(vec![Change::PutDevice(Device { scopes, ..record })]).await.unwrap();
    let back = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW + 1).await);
    assert_eq!(back.device_token.as_ref().unwrap().scopes, scopes);
    assert_ne!(token(&back).expose(), token(&first).expose());
}

#[tokio::test]
async fn a_ground_that_cannot_be_looked_at_holds_no_longer() {
    let known = authority();
    let grant = granted(known.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let unread = unreadable();
    assert!(unread.still_holds(&grant).await, "nothing was revoked");
    unread.revision.fetch_add(1, Ordering::AcqRel);
    assert!(!unread.still_holds(&grant).await);
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
    authority
        .store
        .write(vec![Change::PutDevice(Device { roles: Vec::new(), ..record })])
        .await
        .unwrap();
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
    let configure = |text| authority.configure(config(text), Rules::default(), Limits::default());
    assert!(!configure(r#"{"token":"right-token"}"#));
    assert!(authority.still_holds(&plain).await, "nothing changed");
    assert!(events.try_recv().is_err());
    assert!(configure(r#"{"token":"new-token"}"#));
    assert!(matches!(next(&mut events), AuthEvent::SecretChanged));
    assert!(!authority.still_holds(&plain).await);
    assert!(!authority.still_holds(&first).await);
    assert!(authority.still_holds(&own).await, "its own token let it in");
    assert_eq!(
        code(authority.authenticate(&attempt(Version::V4), NOW).await),
        "AUTH_TOKEN_MISMATCH"
    );
    authority.record_replaced("gateway.auth.token", &Approver::owner(), NOW).await.unwrap();
    let record = authority.audit(&AuditQuery { limit: 9, ..AuditQuery::default() }, NOW).await;
    let last = record.unwrap().into_iter().find(|r| r.entry.event == AuditEvent::SecretReplaced);
    let AuditEntry { actor, detail, .. } = last.unwrap().entry;
    assert_eq!((&*actor, &*detail["secret"]), ("owner", "gateway.auth.token"));
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

/// A device whose own token let it in.
async fn own(authority: &Authority, seed: u8, scopes: &[&str]) -> (DeviceId, Approver) {
    let first = granted(authority.authenticate(&paired(Version::V4, seed, scopes), NOW).await);
    let by_own = by_token(attempt(Version::V4), &token(&first), seed, scopes);
    let grant = granted(authority.authenticate(&by_own, NOW).await);
    (grant.device.clone().unwrap(), Approver::of(&grant))
}

#[tokio::test]
async fn a_device_that_came_with_its_own_token_manages_itself_only() {
    let authority = authority();
    let (one, by) = own(&authority, 1, &["operator.pairing", "operator.read"]).await;
    let (two, admin) = own(&authority, 2, &ALL_FIVE).await;
    assert!(matches!(authority.remove(&two, &by, NOW).await, Err(AuthError::NotYours)));
    assert!(matches!(authority.rename(&two, "Ada", &by, NOW).await, Err(AuthError::NotYours)));
    assert!(matches!(
        authority.revoke(operator_of(&two), &by, NOW).await,
        Err(AuthError::NotYours)
    ));
    assert!(matches!(
        authority.rotate(operator_of(&two), None, &by, NOW).await,
        Err(AuthError::NotYours)
    ));
    let nobody = DeviceId::from("nobody");
    let unknown = authority.remove(&nobody, &by, NOW).await;
    assert!(matches!(unknown, Err(AuthError::NotYours)), "nor does it learn who is known");
    assert!(matches!(authority.remove(&nobody, &admin, NOW).await, Err(AuthError::UnknownDevice)));
    let seen = authority.list(&by, NOW).await.unwrap();
    assert_eq!(
        seen.paired.iter().map(|d| d.device_id.as_str()).collect::<Vec<_>>(),
        [one.as_str()]
    );
    assert_eq!(authority.list(&admin, NOW).await.unwrap().paired.len(), 2);
    authority.rotate(operator_of(&one), None, &by, NOW).await.unwrap();
    assert_eq!(authority.rename(&one, " My\u{1b} phone ", &by, NOW).await.unwrap(), "My phone");
    authority.remove(&one, &by, NOW).await.unwrap();
    assert!(matches!(authority.remove(&one, &by, NOW).await, Err(AuthError::UnknownDevice)));
}

/// However that device loses its right.
#[tokio::test]
async fn codes_end_with_the_device_that_has_made_them() {
    for way in 0..3 {
        let authority = authority();
        let (device, admin) = own(&authority, 1, &ALL_FIVE).await;
        if way == 2 {
            let mut record = authority.store.device(&device).await.unwrap().unwrap();
            record.roles.push(Role::Node);
            authority.store.write(vec![Change::PutDevice(record)]).await.unwrap();
        }
        let made = authority.issue_setup(SetupAccess::Node, &admin, NOW).await.unwrap();
        let owner = Approver::owner();
        match way {
            0 => authority.remove(&device, &owner, NOW).await.unwrap(),
            _ => authority.remove_role(&device, Role::Operator, &owner, NOW).await.unwrap(),
        }
        let left = authority.store.setup(&SetupKey::Id(made.id)).await.unwrap();
        assert!(left.is_none(), "way {way}");
    }
}

#[tokio::test]
async fn a_role_is_taken_from_ones_own_device_only_and_its_connections_hear_so() {
    let authority = authority();
    let (one, by) = own(&authority, 1, &["operator.pairing", "operator.read"]).await;
    let (two, admin) = own(&authority, 2, &ALL_FIVE).await;
    let refused = authority.remove_role(&two, Role::Operator, &by, NOW).await;
    assert!(matches!(refused, Err(AuthError::NotYours)));
    assert!(authority.devices_of(Role::Node).await.unwrap().is_empty());
    assert!(authority.device_of(&one, Role::Node).await.unwrap().is_none());
    let mut record = authority.store.device(&one).await.unwrap().unwrap();
    record.roles.push(Role::Node);
    authority.store.write(vec![Change::PutDevice(record)]).await.unwrap();
    assert_eq!(authority.devices_of(Role::Node).await.unwrap()[0].id, one);
    let mut events = authority.subscribe();
    authority.remove_role(&one, Role::Operator, &admin, NOW).await.unwrap();
    assert!(
        matches!(next(&mut events), AuthEvent::Revoked { device, role: Some(Role::Operator), lost: Lost::TokenRevoked, .. } if device == one)
    );
    assert!(authority.device_of(&one, Role::Operator).await.unwrap().is_none());
}

#[tokio::test]
async fn decisions_are_remembered_in_a_bounded_number() {
    let authority = authority();
    let most = upgrade::MAX_DECIDED;
    for n in 0..most + 9 {
        authority.tell(AuthEvent::Resolved {
            request_id: n.to_string(),
            device: "d".into(),
            approved: true,
            at_ms: NOW,
        });
    }
    assert_eq!(authority.decided.lock().len(), most);
}

#[tokio::test]
async fn who_proved_the_secret_stands_above_devices() {
    let authority = authority();
    let scopes = ["operator.pairing", "operator.read"];
    let (two, _) = own(&authority, 2, &READ).await;
    let grant = granted(authority.authenticate(&paired(Version::V4, 1, &scopes), NOW).await);
    let by = Approver::of(&grant);
    assert_eq!(authority.list(&by, NOW).await.unwrap().paired.len(), 2);
    authority.rename(&two, "Kitchen", &by, NOW).await.unwrap();
    authority.remove(&two, &by, NOW).await.unwrap();
}

#[tokio::test]
async fn a_device_decides_about_its_own_requests_and_learns_of_no_others() {
    let authority = authority();
    let (_, by) = own(&authority, 1, &["operator.pairing", "operator.read"]).await;
    let (_, admin) = own(&authority, 2, &ALL_FIVE).await;
    let pairing = operator(&["operator.pairing", "operator.read"]);
    let strangers = pending(&authority, 7, &READ).await;
    let mine = pending(&authority, 1, &["operator.read", "operator.approvals"]).await;
    for id in [strangers.as_str(), "nope"] {
        assert!(matches!(authority.approve(id, &by, NOW).await, Err(AuthError::NotYours)), "{id}");
        assert!(matches!(authority.reject(id, &by, NOW).await, Err(AuthError::NotYours)), "{id}");
    }
    assert!(matches!(authority.approve("nope", &pairing, NOW).await, Err(AuthError::NotYours)));
    assert!(matches!(
        authority.reject("nope", &pairing, NOW).await,
        Err(AuthError::UnknownRequest)
    ));
    assert!(matches!(authority.approve("nope", &admin, NOW).await, Err(AuthError::UnknownRequest)));
    let seen = authority.list(&by, NOW).await.unwrap().pending;
    assert_eq!(seen.iter().map(|r| &r.request_id).collect::<Vec<_>>(), [&mine]);
    let widening = authority.approve(&mine, &by, NOW).await;
    assert!(
        matches!(widening, Err(AuthError::MissingScope(Scope::Approvals))),
        "it widens nothing"
    );
    authority.reject(&mine, &by, NOW).await.unwrap();
    authority.approve(&strangers, &pairing, NOW).await.unwrap();
}

#[tokio::test]
async fn a_role_beside_operator_is_an_administrators_matter() {
    let authority = authority();
    let (device, by) = own(&authority, 7, &["operator.pairing", "operator.read"]).await;
    let mut node = asking(remote(Version::V4), 7, &[]);
    node.role = Some("node".to_owned());
    let node = asking(node, 7, &[]);
    let details = refusal(authority.authenticate(&node, NOW).await).error.details.unwrap();
    let id = details["requestId"].as_str().unwrap();
    let pairing = operator(&["operator.pairing"]);
    for by in [&by, &pairing] {
        assert!(matches!(authority.approve(id, by, NOW).await, Err(AuthError::AdminOnly)));
    }
    authority.approve(id, &operator(&["operator.admin"]), NOW).await.unwrap();
    let key = TokenKey { device: &device, role: Role::Node };
    for by in [&by, &pairing] {
        assert!(matches!(authority.rotate(key, None, by, NOW).await, Err(AuthError::AdminOnly)));
        assert!(matches!(authority.revoke(key, by, NOW).await, Err(AuthError::AdminOnly)));
    }
    assert!(matches!(authority.remove(&device, &by, NOW).await, Err(AuthError::AdminOnly)));
    assert!(matches!(authority.rename(&device, "Ada", &by, NOW).await, Err(AuthError::AdminOnly)));
    authority.remove(&device, &pairing, NOW).await.unwrap();
}

#[tokio::test]
async fn a_token_is_revoked_only_by_one_who_holds_what_it_allows() {
    let authority = authority();
    let (device, _) = own(&authority, 7, &ALL_FIVE).await;
    let key = operator_of(&device);
    let pairing = operator(&["operator.pairing"]);
    assert!(matches!(
        authority.revoke(key, &pairing, NOW).await,
        Err(AuthError::MissingScope(Scope::Admin))
    ));
    let admin = operator(&["operator.admin"]);
    assert_eq!(authority.revoke(key, &admin, NOW + 1).await.unwrap(), NOW + 1);
    assert_eq!(authority.revoke(key, &admin, NOW + 2).await.unwrap(), NOW + 1);
}

#[tokio::test]
async fn an_operators_name_for_a_device_outlives_its_next_approval() {
    let authority = authority();
    let mut events = authority.subscribe();
    let (device, _) = own(&authority, 7, &READ).await;
    next(&mut events);
    let owner = Approver::owner();
    for nothing in ["", " \n", "\u{7}"] {
        let refused = authority.rename(&device, nothing, &owner, NOW).await;
        assert!(matches!(refused, Err(AuthError::LabelNeeded)));
    }
    let long = "k".repeat(crate::pairing::MAX_LABEL + 1);
    let kept = authority.rename(&device, &long, &owner, NOW).await.unwrap();
    assert_eq!(kept.len(), crate::pairing::MAX_LABEL);
    authority.rename(&device, "Kitchen", &owner, NOW).await.unwrap();
    assert!(matches!(next(&mut events), AuthEvent::Changed));
    granted(authority.authenticate(&paired(Version::V4, 7, &ALL_FIVE), NOW).await);
    let shown = &everything(&authority).await.paired[0];
    assert_eq!(shown.operator_label.as_deref(), Some("Kitchen"));
    assert!(shown.scopes.as_ref().unwrap().contains(&"operator.admin".into()));
}

#[tokio::test]
async fn a_page_is_let_in_by_the_secret_and_stays_visible() {
    let authority = authority();
    let page = asking(page(attempt(Version::V3), OriginVerdict::SameHost), 5, &ALL_FIVE);
    let grant = granted(authority.authenticate(&page, NOW).await);
    assert!(grant.local);
    let list = everything(&authority).await;
    assert_eq!(list.paired[0].client_id.as_deref(), Some("openclaw-control-ui"));
    assert_eq!(list.paired[0].last_seen_at_ms, Some(NOW));
    granted(authority.authenticate(&page, NOW + 59_999).await);
    assert_eq!(everything(&authority).await.paired[0].last_seen_at_ms, Some(NOW));
    granted(authority.authenticate(&page, NOW + 60_000).await);
    assert_eq!(everything(&authority).await.paired[0].last_seen_at_ms, Some(NOW + 60_000));
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
    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn setup(&self, _: &SetupKey) -> Result<Option<Setup>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn audit(&self, _: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
    async fn write(&self, _: Vec<Change>) -> Result<(), StoreError> {
        Err(StoreError("disk full".to_owned()))
    }
}

fn unreadable() -> Authority {
    let credentials =
        Credentials::new(&serde_json::from_str(r#"{"token":"right-token"}"#).unwrap());
    Authority::new(Arc::new(Broken), credentials, Rules::default(), Limits::default())
}

#[tokio::test]
async fn when_the_records_fail_no_device_is_let_in_and_the_secret_still_works() {
    let authority = unreadable();
    let refused = refusal(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    assert_eq!(refused.error.retryable, Some(true));
    assert!(!refused.error.message.contains("disk"), "causes are for the log");
    granted(authority.authenticate(&attempt(Version::V4), NOW).await);
}

#[tokio::test]
async fn no_record_is_read_for_one_who_is_locked_out() {
    let authority = unreadable();
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
    authority.store.write(vec![Change::PutDevice(record)]).await.unwrap();
    drop(writing);
    assert_eq!(code(waits.await), "AUTH_DEVICE_TOKEN_MISMATCH");
    assert!(everything(&authority).await.pending.is_empty());
}
