//! Setup codes, more scopes for a live connection, and what the record says of it all.

use openclaw_protocol::Scope;

use super::*;
use crate::{
    AuthError,
    audit::{AuditEvent, AuditQuery, AuditRecord},
    setup::{SETUP_KEPT_MS, SETUP_TTL_MS, SetupAccess},
};

fn admin() -> Approver {
    Approver::owner()
}

async fn code(authority: &Authority, access: SetupAccess) -> Issued {
    authority.issue_setup(access, &admin(), NOW).await.unwrap()
}

/// A device from elsewhere with a setup code.
fn with_code(code: &Issued, seed: u8, role: &str, scopes: &[&str]) -> Attempt {
    let mut attempt = remote(Version::V4);
    attempt.role = Some(role.to_owned());
    let bootstrap_token = Some(code.secret.clone());
    attempt.auth = crate::AuthFields { bootstrap_token, ..Default::default() };
    asking(attempt, seed, scopes)
}

async fn record(authority: &Authority) -> Vec<AuditRecord> {
    let all = AuditQuery { limit: 100, ..AuditQuery::default() };
    authority.audit(&all, NOW).await.unwrap()
}

#[tokio::test]
async fn a_node_that_comes_by_a_code_gets_everything_that_the_code_says() {
    let authority = authority();
    let mut events = authority.subscribe();
    let code = code(&authority, SetupAccess::Limited).await;
    assert!(authority.setup_status(&code.id, NOW).await.unwrap().is_none());
    let grant = granted(authority.authenticate(&with_code(&code, 7, "node", &[]), NOW).await);
    assert_eq!((grant.method, grant.setup.as_deref()), (AuthMethod::Bootstrap, Some(&*code.id)));
    assert_eq!((grant.role, grant.scopes), (Role::Node, ScopeSet::EMPTY));
    let [operator] = grant.more_tokens.as_slice() else { panic!("{:?}", grant.more_tokens) };
    assert_eq!((operator.role, operator.scopes), (Role::Operator, SetupAccess::Limited.scopes()));
    assert!(!operator.scopes.contains(Scope::Admin) && !operator.scopes.contains(Scope::Pairing));
    assert!(authority.still_holds(&grant).await);
    assert!(matches!(events.try_recv().unwrap(), AuthEvent::Resolved { approved: true, .. }));

    let status = authority.setup_status(&code.id, NOW).await.unwrap().unwrap();
    assert!(!status.used.delivered && Some(&status.used.device) == grant.device.as_ref());
    authority.setup_answered(&code.id, true).await.unwrap();
    assert!(
        matches!(events.try_recv().unwrap(), AuthEvent::SetUp { status, .. } if status.used.delivered)
    );
    let later = authority.setup_status(&code.id, NOW + SETUP_KEPT_MS).await.unwrap();
    assert!(later.is_none(), "nobody asks about it any more");

    // Its app goes on with the tokens that it was given.
    let own = by_token(remote(Version::V4), &operator.token, 7, &["operator.write"]);
    granted(authority.authenticate(&own, NOW).await);
    let wider = by_token(remote(Version::V4), &operator.token, 7, &["operator.admin"]);
    assert_eq!(pairing_reason(authority.authenticate(&wider, NOW).await), "scope-upgrade");
}

#[tokio::test]
async fn a_code_lets_one_device_in_within_its_time_and_its_bounds() {
    let authority = authority();
    let limited = code(&authority, SetupAccess::Limited).await;
    let invalid = "AUTH_BOOTSTRAP_TOKEN_INVALID";
    for scopes in [&["operator.admin"][..], &["operator.read", "operator.pairing"]] {
        let wide = with_code(&limited, 7, "operator", scopes);
        assert_eq!(super::code(authority.authenticate(&wide, NOW).await), invalid);
    }
    let late = NOW + SETUP_TTL_MS;
    let mut in_time = with_code(&limited, 7, "operator", &READ);
    let mut too_late = in_time.clone();
    sign(&mut too_late, 7, late);
    assert_eq!(super::code(authority.authenticate(&too_late, late).await), invalid);
    let mut nobody = in_time.clone();
    nobody.device = None;
    refusal(authority.authenticate(&nobody, NOW).await);
    sign(&mut in_time, 7, NOW);
    let grant = granted(authority.authenticate(&in_time, NOW).await);
    assert_eq!(grant.scopes, ScopeSet::parse(READ), "what it asks for, not what it might");
    assert!(grant.more_tokens.is_empty());
    for seed in [7, 8] {
        let again = with_code(&limited, seed, "operator", &READ);
        assert_eq!(super::code(authority.authenticate(&again, NOW).await), invalid);
    }
    let node = code(&authority, SetupAccess::Node).await;
    let operator = with_code(&node, 9, "operator", &[]);
    assert_eq!(super::code(authority.authenticate(&operator, NOW).await), invalid);
    let grant = granted(authority.authenticate(&with_code(&node, 9, "node", &ALL_FIVE), NOW).await);
    assert!(grant.more_tokens.is_empty() && grant.scopes.is_empty());
    let record = authority.store.device(grant.device.as_ref().unwrap()).await.unwrap().unwrap();
    assert!(record.scopes.is_empty(), "nor would it have any as an operator");
}

#[tokio::test]
async fn two_devices_with_one_code_are_one_device() {
    let authority = authority();
    let code = code(&authority, SetupAccess::Full).await;
    let (one, two) = (with_code(&code, 1, "node", &[]), with_code(&code, 2, "node", &[]));
    let both = tokio::join!(authority.authenticate(&one, NOW), authority.authenticate(&two, NOW));
    let granted = [both.0, both.1].into_iter().filter(|d| matches!(d, Decision::Granted(_)));
    assert_eq!(granted.count(), 1);
    assert_eq!(everything(&authority).await.paired.len(), 1);
}

#[tokio::test]
async fn only_an_administrator_makes_codes_and_they_end_with_his_device() {
    let authority = authority();
    let pairing = Approver { scopes: ScopeSet::parse(["operator.pairing"]), ..admin() };
    let refused = authority.issue_setup(SetupAccess::Node, &pairing, NOW).await;
    assert!(matches!(refused, Err(AuthError::AdminOnly)));
    let first = granted(authority.authenticate(&paired(Version::V4, 1, &ALL_FIVE), NOW).await);
    let own = by_token(attempt(Version::V4), &token(&first), 1, &ALL_FIVE);
    let by = Approver::of(&granted(authority.authenticate(&own, NOW).await));
    let made = authority.issue_setup(SetupAccess::Full, &by, NOW).await.unwrap();
    let device = first.device.unwrap();
    let key = TokenKey { device: &device, role: Role::Operator };
    authority.revoke(key, &admin(), NOW).await.unwrap();
    let heir = with_code(&made, 2, "node", &[]);
    assert_eq!(
        super::code(authority.authenticate(&heir, NOW).await),
        "AUTH_BOOTSTRAP_TOKEN_INVALID"
    );
}

#[tokio::test]
async fn more_scopes_are_asked_for_by_the_device_and_decided_by_an_operator() {
    let authority = authority();
    let grant = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let names = |scopes: &[&str]| scopes.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let ask = async |scopes: &[&str]| authority.request_upgrade(&grant, &names(scopes), NOW).await;
    assert!(matches!(
        ask(&["operator.write", "operator.root"]).await,
        Err(AuthError::UnknownScope)
    ));
    assert!(matches!(ask(&["operator.pairing"]).await, Err(AuthError::NarrowerScopes)));
    let plain = granted(authority.authenticate(&attempt(Version::V4), NOW).await);
    let nobody = authority.request_upgrade(&plain, &names(&ALL_FIVE), NOW).await;
    assert!(matches!(nobody, Err(AuthError::DeviceNeeded)));
    let mut node = attempt(Version::V4);
    node.role = Some("node".to_owned());
    let node = granted(authority.authenticate(&asking(node, 6, &[]), NOW).await);
    let of_node = authority.request_upgrade(&node, &names(&ALL_FIVE), NOW).await;
    assert!(matches!(of_node, Err(AuthError::DeviceNeeded)), "it is no operator");

    let stands = async |id: &str, at| authority.upgrade(&grant, id, at).await.unwrap();
    let id = ask(&["operator.read", "operator.write"]).await.unwrap();
    assert_eq!(ask(&["operator.write", "operator.read"]).await.unwrap(), id, "the same again");
    assert!(
        matches!(stands(&id, NOW).await, Upgrade::Waiting { until_ms } if until_ms == NOW + 300_000)
    );
    let other = granted(authority.authenticate(&paired(Version::V4, 8, &READ), NOW).await);
    let foreign = authority.upgrade(&other, &id, NOW).await.unwrap();
    assert!(matches!(foreign, Upgrade::Unknown), "it is no other device's");

    let wider = ask(&ALL_FIVE).await.unwrap();
    assert!(matches!(stands(&id, NOW).await, Upgrade::Rejected), "a wider one took its place");
    authority.reject(&wider, &admin(), NOW).await.unwrap();
    assert!(matches!(stands(&wider, NOW).await, Upgrade::Rejected));
    let foreign = authority.upgrade(&other, &wider, NOW).await.unwrap();
    assert!(matches!(foreign, Upgrade::Unknown), "nor is what was decided");
    let id = ask(&["operator.read", "operator.write"]).await.unwrap();
    assert!(matches!(stands(&id, NOW + 300_000).await, Upgrade::Unknown));
    authority.approve(&id, &admin(), NOW).await.unwrap();
    let Upgrade::Approved(more) = stands(&id, NOW).await else { panic!("it was approved") };
    let own = by_token(remote(Version::V4), &more.token, 7, &["operator.write"]);
    granted(authority.authenticate(&own, NOW).await);
    let key = TokenKey { device: grant.device.as_ref().unwrap(), role: Role::Operator };
    authority.revoke(key, &admin(), NOW).await.unwrap();
    assert!(matches!(stands(&id, NOW).await, Upgrade::Rejected), "it was taken back");
}

#[tokio::test]
async fn those_who_ask_for_more_wait_in_a_bounded_number() {
    let authority = authority();
    let grant = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    refusal(authority.authenticate(&asking(remote(Version::V4), 8, &READ), NOW).await);
    let request = authority.store.pending().await.unwrap().remove(0);
    let many = (1..MAX_PENDING).map(|n| {
        let (id, device) = (n.to_string(), n.to_string().into());
        Change::PutPending(PendingRequest { id, device, ..request.clone() })
    });
    authority.store.write(many.collect()).await.unwrap();
    let refused = authority.request_upgrade(&grant, &ALL_FIVE.map(str::to_owned), NOW).await;
    assert!(matches!(refused, Err(AuthError::TooManyRequests)));
}

#[tokio::test]
async fn what_is_made_asked_for_turned_down_or_refused_is_recorded_too() {
    let authority = with_config(r#"{"mode":"none"}"#);
    let grant = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let (device, scopes) = (grant.device.clone().unwrap(), ALL_FIVE.map(str::to_owned));
    let asked = authority.request_upgrade(&grant, &scopes, NOW).await.unwrap();
    authority.reject(&asked, &admin(), NOW).await.unwrap();
    code(&authority, SetupAccess::Node).await;
    let key = TokenKey { device: &device, role: Role::Operator };
    authority.revoke(key, &admin(), NOW).await.unwrap();
    authority.note_denial(&admin(), "device.pair.remove", &"no", NOW);
    authority.note_forgery(&Approver::of(&grant), "node.invoke.result", NOW);
    let mut foreign = remote(Version::V4);
    foreign.peer.origin = crate::OriginVerdict::NotAllowed;
    refusal(authority.authenticate(&foreign, NOW).await);
    authority.check_secret(&remote(Version::V4).peer, None, NOW);
    let mut told: Vec<_> = record(&authority)
        .await
        .into_iter()
        .map(|AuditRecord { entry, .. }| {
            let reason = entry.detail.get("reason").cloned().unwrap_or_default();
            (entry.event.name(), reason)
        })
        .collect();
    told.sort();
    let expected = [
        ("connect.refused", "mode-none-elsewhere"),
        ("connect.refused", "origin"),
        ("device.approved", ""),
        ("device.denied", "device.pair.remove: no"),
        ("device.rejected", ""),
        ("node.forged", "node.invoke.result"),
        ("scopes.requested", ""),
        ("setup.issued", ""),
        ("token.revoked", ""),
    ];
    assert_eq!(told, expected.map(|(event, reason)| (event, reason.to_owned())));
}

#[tokio::test]
async fn decisions_are_recorded_with_who_and_what_and_refusals_are_counted() {
    let authority = authority();
    let grant = granted(authority.authenticate(&paired(Version::V4, 7, &READ), NOW).await);
    let device = grant.device.unwrap();
    let mut guess = remote(Version::V4);
    guess.auth.token = Some("guess".into());
    for _ in 0..5 {
        refusal(authority.authenticate(&guess, NOW).await);
    }
    authority.check_secret(&guess.peer, Some(&"guess".into()), NOW);
    authority.rename(&device, "Kitchen", &admin(), NOW + 1).await.unwrap();
    authority
        .rotate(TokenKey { device: &device, role: Role::Operator }, None, &admin(), NOW + 2)
        .await
        .unwrap();
    authority.remove(&device, &admin(), NOW + 3).await.unwrap();
    let told: Vec<_> = record(&authority)
        .await
        .into_iter()
        .map(|AuditRecord { entry, .. }| (entry.event, entry.actor, entry.count))
        .collect();
    let owner = "owner".to_owned();
    let stranger = "address:192.0.2.7".to_owned();
    assert_eq!(
        told,
        [
            (AuditEvent::Refused, stranger.clone(), 5),
            (AuditEvent::Refused, stranger, 1),
            (AuditEvent::Removed, owner.clone(), 1),
            (AuditEvent::Rotated, owner.clone(), 1),
            (AuditEvent::Renamed, owner, 1),
            (AuditEvent::Approved, "shared-secret".to_owned(), 1),
        ]
    );
    let text = format!("{:?}", record(&authority).await);
    assert!(!text.contains("guess") && !text.contains("right-token"), "{text}");
    assert_eq!(record(&authority).await.len(), 6, "what was written is not written again");
    let of_device = AuditQuery { limit: 100, device: Some(device), ..AuditQuery::default() };
    assert_eq!(authority.audit(&of_device, NOW).await.unwrap().len(), 4);
}
