use openclaw_protocol::{Scope, Version};
use proptest::prelude::*;

use super::*;
use crate::attempt::tests::{attempt, remote};

/// A device that is an operator with these scopes and has no token yet.
pub(crate) fn device<const N: usize>(scopes: [&str; N]) -> Device {
    Device {
        id: "d1".into(),
        public_key: "k1".to_owned(),
        about: ask(Role::Operator, []).about,
        label: None,
        roles: vec![Role::Operator],
        scopes: ScopeSet::parse(scopes),
        approved_via: ApprovedVia::Silent,
        created_at_ms: 1,
        approved_at_ms: 1,
        last_seen_at_ms: None,
        tokens: vec![],
    }
}

pub(crate) fn ask<const N: usize>(role: Role, scopes: [&str; N]) -> PairingAsk {
    let mut attempt = attempt(Version::V4);
    attempt.scopes = scopes.map(str::to_owned).to_vec();
    PairingAsk::new(&attempt, ProvenDevice { id: "d1".into(), public_key: "k1".to_owned() }, role)
}

#[test]
fn what_is_not_approved_must_be_asked_for() {
    use PairingReason::{MetadataUpgrade, NotPaired, RoleUpgrade, ScopeUpgrade};
    let reader = device(["operator.read"]);
    let cases = [
        (ask(Role::Operator, ["operator.read"]), None),
        (ask(Role::Operator, []), None),
        (ask(Role::Operator, ["", "*", "operator.root"]), None),
        (ask(Role::Operator, ["operator.write"]), Some(ScopeUpgrade)),
        (ask(Role::Operator, ["operator.admin"]), Some(ScopeUpgrade)),
        (ask(Role::Node, []), Some(RoleUpgrade)),
        (ask(Role::Node, ["operator.admin"]), Some(RoleUpgrade)),
    ];
    for (ask, expected) in cases {
        assert_eq!(ask.need(Some(&reader), None), expected, "{ask:?}");
        assert_eq!(ask.need(None, None), Some(NotPaired));
    }
    let admin = device(["operator.admin"]);
    assert_eq!(ask(Role::Operator, ["operator.pairing"]).need(Some(&admin), None), None);
    let narrow = Some(ScopeSet::parse(["operator.read"]));
    assert_eq!(
        ask(Role::Operator, ["operator.write"]).need(Some(&admin), narrow),
        Some(ScopeUpgrade)
    );
    let none = device([]);
    assert_eq!(ask(Role::Operator, ["operator.read"]).need(Some(&none), None), Some(ScopeUpgrade));

    let mut other_key = ask(Role::Operator, []);
    other_key.device.public_key = "k2".to_owned();
    assert_eq!(other_key.need(Some(&reader), None), Some(NotPaired));
    let mut moved = ask(Role::Operator, ["operator.read"]);
    moved.about.platform = Some(" LINUX".to_owned());
    assert_eq!(moved.need(Some(&reader), None), None, "compared without case");
    moved.about.platform = None;
    assert_eq!(moved.need(Some(&reader), None), Some(MetadataUpgrade));
    moved.about = About { device_family: Some("phone".to_owned()), ..reader.about.clone() };
    assert_eq!(moved.need(Some(&reader), None), None, "absence pins nothing");
    let pinned = Device { about: moved.about.clone(), ..reader.clone() };
    moved.about.device_family = Some("laptop".to_owned());
    assert_eq!(moved.need(Some(&pinned), None), Some(MetadataUpgrade));
}

#[test]
fn silent_approval_needs_this_machine_or_this_gateways_page() {
    use PairingReason::{MetadataUpgrade, NotPaired, RoleUpgrade, ScopeUpgrade};
    let here = attempt(Version::V4).peer;
    let there = remote(Version::V4).peer;
    let with = |peer: &PeerFacts, origin| PeerFacts { origin, browser: true, ..peer.clone() };
    for reason in [NotPaired, ScopeUpgrade, MetadataUpgrade] {
        assert!(silent(reason, &here, true));
        assert!(silent(reason, &with(&here, OriginVerdict::SameHost), true));
        assert!(silent(reason, &with(&here, OriginVerdict::Listed), true));
        assert!(silent(reason, &with(&there, OriginVerdict::SameHost), true));
        assert!(!silent(reason, &with(&there, OriginVerdict::SameHost), false), "mode none");
        assert!(silent(reason, &with(&here, OriginVerdict::SameHost), false));
        assert!(silent(reason, &with(&here, OriginVerdict::Loopback), true));
        assert!(!silent(reason, &with(&here, OriginVerdict::Loopback), false));
        assert!(!silent(reason, &with(&there, OriginVerdict::Listed), true));
        assert!(!silent(reason, &there, true));
        assert!(!silent(reason, &with(&here, OriginVerdict::Invalid), true));
        assert!(!silent(reason, &PeerFacts { forwarded: true, ..here.clone() }, true));
        assert!(!silent(reason, &PeerFacts { host_loopback: false, ..here.clone() }, true));
        assert!(!silent(reason, &PeerFacts { browser: true, ..here.clone() }, true));
    }
    assert!(!silent(RoleUpgrade, &here, true));
    assert!(!silent(RoleUpgrade, &with(&there, OriginVerdict::SameHost), true));
}

#[test]
fn a_different_retry_gets_a_new_id_and_asks_for_all() {
    let first = PendingRequest::ask(
        None,
        &ask(Role::Operator, ["operator.read"]),
        false,
        || "r1".into(),
        10,
    );
    let pending = Some(first.request().clone());
    let same = PendingRequest::ask(
        pending.clone(),
        &ask(Role::Operator, ["operator.read"]),
        false,
        || "r2".into(),
        20,
    );
    assert_eq!((same.request().id.as_str(), same.request().at_ms), ("r1", 20));
    assert!(matches!(same, Requested::Refreshed(_)));
    let wider =
        PendingRequest::ask(pending.clone(), &ask(Role::Node, []), false, || "r3".into(), 30);
    assert!(matches!(wider, Requested::Created(_)));
    assert_eq!(wider.request().id, "r3");
    assert_eq!(wider.request().roles, [Role::Operator, Role::Node]);
    assert_eq!(wider.request().scopes.names(), ["operator.read"]);
    let late = PendingRequest::ask(
        pending,
        &ask(Role::Node, []),
        false,
        || "r4".into(),
        10 + PENDING_TTL_MS,
    );
    assert_eq!(late.request().roles, [Role::Node], "what ran out is forgotten");
}

#[test]
fn approval_adds_and_never_takes_the_key_of_another() {
    let mut known = device(["operator.read"]);
    known.ensure_token(Role::Operator, 1).unwrap();
    let token = known.token(Role::Operator).unwrap().token.expose().to_owned();
    let request =
        PendingRequest::ask(None, &ask(Role::Operator, ["operator.write"]), true, || "r".into(), 2);
    let widened = request.request().clone().approve(Some(known.clone()), ApprovedVia::Operator, 3);
    assert_eq!(widened.scopes.names(), ["operator.read", "operator.write"]);
    assert_eq!(widened.token(Role::Operator).unwrap().token.expose(), token);
    assert!(widened.token(Role::Operator).unwrap().scopes.contains(Scope::Write));
    assert_eq!((widened.created_at_ms, widened.approved_at_ms), (1, 3));

    let stranger = Device { public_key: "k2".to_owned(), ..known };
    let fresh = request.request().clone().approve(Some(stranger), ApprovedVia::Operator, 3);
    assert_eq!(fresh.scopes.names(), ["operator.write"], "another key inherits nothing");
    assert!(fresh.tokens.is_empty());
}

/// Whoever is about to approve has seen one name and one key.
#[test]
fn a_retry_that_looks_different_gets_a_new_id() {
    let ask = ask(Role::Operator, ["operator.read"]);
    let first = PendingRequest::ask(None, &ask, false, || "r1".into(), 10).into_request();
    let retry = |ask: &PairingAsk| {
        let again = PendingRequest::ask(Some(first.clone()), ask, false, || "r2".into(), 20);
        again.into_request().id
    };
    assert_eq!(retry(&ask), "r1");
    let mut renamed = ask.clone();
    renamed.about.display_name = Some("Ada's phone".to_owned());
    assert_eq!(retry(&renamed), "r2");
    let mut other_key = ask.clone();
    other_key.device.public_key = "k2".to_owned();
    assert_eq!(retry(&other_key), "r2");
}

#[test]
fn texts_that_reach_terminals_are_cleaned() {
    let mut attempt = attempt(Version::V4);
    attempt.client.display_name = Some(format!(" a\u{1b}[31m\r\n{} ", "x".repeat(500)));
    let device = ProvenDevice { id: "d".into(), public_key: "k".to_owned() };
    let name = PairingAsk::new(&attempt, device, Role::Operator).about.display_name.unwrap();
    assert!(name.starts_with("a[31m") && name.chars().count() == 128);
}

fn scope_sets() -> impl Strategy<Value = ScopeSet> {
    prop::collection::vec(prop::sample::select(Scope::ALL.to_vec()), 0..4)
        .prop_map(|s| s.into_iter().collect())
}

proptest! {
    /// Against a model: what a device may do is the union of what was approved; what waits is the
    /// union of what was asked since the last decision or expiry; an approval gives exactly that.
    #[test]
    fn approvals_give_what_was_asked_and_nothing_more(
        steps in prop::collection::vec((0_u8..4, any::<bool>(), scope_sets(), 0_u64..200_000), 1..40),
    ) {
        let (mut device, mut pending): (Option<Device>, Option<PendingRequest>) = (None, None);
        let (mut roles, mut scopes) = (vec![], ScopeSet::EMPTY);
        let (mut asked_roles, mut asked_scopes, mut last) = (vec![], ScopeSet::EMPTY, 0);
        let (mut now, mut ids) = (1_000_000, 0);
        for (step, node, wanted, wait) in steps {
            now += wait;
            if now - last >= PENDING_TTL_MS {
                (asked_roles, asked_scopes) = (vec![], ScopeSet::EMPTY);
            }
            if step < 3 {
                let mut ask = ask(if node { Role::Node } else { Role::Operator }, []);
                ask.scopes = if node { ScopeSet::EMPTY } else { wanted };
                ids += 1;
                let before = pending.clone().filter(|p| !p.expired(now));
                let result = PendingRequest::ask(pending, &ask, device.is_some(), || ids.to_string(), now);
                if !asked_roles.contains(&ask.role) { asked_roles.push(ask.role); }
                let grew = asked_scopes.union(ask.scopes) != asked_scopes;
                asked_scopes = asked_scopes.union(ask.scopes);
                last = now;
                let kept = before.as_ref().is_some_and(|b| b.id == result.request().id);
                let same = before.is_some_and(|b| b.roles.contains(&ask.role) && !grew);
                prop_assert_eq!(kept, same);
                pending = Some(result.request().clone());
            } else if let Some(request) = pending.take().filter(|p| !p.expired(now)) {
                device = Some(request.approve(device, ApprovedVia::Operator, now));
                for role in asked_roles.drain(..) { if !roles.contains(&role) { roles.push(role); } }
                scopes = scopes.union(std::mem::take(&mut asked_scopes));
                let device = device.as_ref().unwrap();
                prop_assert_eq!((&device.roles, device.scopes), (&roles, scopes));
                prop_assert!(device.tokens.is_empty());
            }
        }
    }
}
