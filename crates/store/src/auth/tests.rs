use openclaw_auth::{
    MemoryAuthStore, Secret, SetupAccess,
    audit::{AuditEvent, MAX_REFUSALS},
    pairing::{About, ApprovedVia},
    setup::{MAX_SETUPS, SETUP_KEPT_MS, SetupUse},
    token::DeviceToken,
};
use openclaw_protocol::{Role, ScopeSet, methods::devices::PairedDevice};

use super::*;

fn open(dir: &std::path::Path) -> SqliteAuthStore {
    SqliteAuthStore::new(Db::open(&dir.join("test.sqlite")).unwrap(), Layout::new(dir))
}

fn device(id: &str, approved_at_ms: u64) -> Device {
    Device {
        id: id.into(),
        public_key: format!("key-{id}"),
        about: About {
            display_name: Some("Ada's \"phone\"".to_owned()),
            platform: Some("linux".to_owned()),
            device_family: None,
            client_id: "cli".to_owned(),
            client_mode: "cli".to_owned(),
            remote_ip: Some("192.0.2.7".to_owned()),
        },
        label: (id == "a").then(|| "Kitchen".to_owned()),
        roles: vec![Role::Node, Role::Operator],
        scopes: ScopeSet::parse(["operator.read", "operator.talk.secrets"]),
        approved_via: ApprovedVia::Operator,
        created_at_ms: 1,
        approved_at_ms,
        last_seen_at_ms: Some(5),
        tokens: [Role::Operator, Role::Node].into_iter().map(|role| token(role, id)).collect(),
    }
}

fn token(role: Role, id: &str) -> DeviceToken {
    DeviceToken {
        role,
        token: Secret::from(format!("{id}-{}", role.name())),
        scopes: ScopeSet::EMPTY,
        created_at_ms: 2,
        rotated_at_ms: Some(3),
        revoked_at_ms: None,
    }
}

fn request(id: &str, device: &str, at_ms: u64) -> PendingRequest {
    PendingRequest {
        id: id.to_owned(),
        device: device.into(),
        public_key: format!("key-{device}"),
        about: About::default(),
        roles: vec![Role::Operator, Role::Node],
        role: Role::Node,
        scopes: ScopeSet::parse(["operator.admin"]),
        is_repair: true,
        at_ms,
    }
}

/// Everything that is stored, as text, tokens included.
async fn dump(store: &dyn AuthStore) -> String {
    let devices = store.devices().await.unwrap();
    let shown: Vec<_> = devices
        .iter()
        .map(|device| {
            let tokens: Vec<_> =
                device.tokens.iter().map(|t| t.token.expose().to_owned()).collect();
            (PairedDevice::from(device), tokens)
        })
        .collect();
    format!("{shown:#?} {:#?}", store.pending().await.unwrap())
}

#[tokio::test]
async fn it_keeps_what_the_one_in_memory_keeps_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (memory, mut sqlite) = (MemoryAuthStore::default(), open(dir.path()));
    for round in 0..2 {
        for store in [&memory as &dyn AuthStore, &sqlite] {
            let write = async |changes: Vec<Change>| store.write(changes).await.unwrap();
            write(vec![
                Change::PutDevice(device("a", 10)),
                Change::PutPending(request("r1", "b", 7)),
                Change::PutPending(request("r2", "b", 8)),
                Change::PutPending(request("r3", "c", 9)),
                Change::PutPending(request("r4", "d", 6)),
            ])
            .await;
            write(vec![Change::RemovePending("b".into()), Change::PutDevice(device("b", 20))])
                .await;
            write(vec![Change::Seen("a".into(), 99), Change::Seen("nobody".into(), 99)]).await;
            let mut narrowed = device("a", 30);
            narrowed.tokens.pop();
            narrowed.tokens[0].revoked_at_ms = Some(40);
            narrowed.scopes = ScopeSet::EMPTY;
            write(vec![Change::PutDevice(narrowed), Change::PutDevice(device("c", 5))]).await;
            write(vec![Change::RemoveDevice("c".into()), Change::RemoveDevice("c".into())]).await;
            assert!(store.device(&"c".into()).await.unwrap().is_none());
            if round == 1 {
                let gone = ["d", "nobody"].map(|id| Change::RemovePending(id.into()));
                write(gone.into()).await;
            }
        }
        assert_eq!(dump(&sqlite).await, dump(&memory).await, "round {round}");
        sqlite.db.close();
        sqlite = open(dir.path());
        assert_eq!(dump(&sqlite).await, dump(&memory).await, "after a restart");
    }
    assert_eq!(sqlite.devices().await.unwrap().len(), 2);
    assert!(sqlite.pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn names_that_this_version_does_not_know_grant_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(vec![Change::PutDevice(device("a", 1))]).await.unwrap();
    let sql = "UPDATE devices SET roles = 'owner', scopes = 'operator.root  operator.read'";
    store.db.write(|conn| -> Result<usize> { Ok(conn.execute(sql, [])?) }).await.ok().unwrap();
    let read = store.device(&"a".into()).await.unwrap().unwrap();
    assert!(read.roles.is_empty());
    assert_eq!(read.scopes.names(), ["operator.read"]);
    assert!(read.ceiling(Role::Operator).is_empty());
    let sql = "UPDATE device_tokens SET role = 'owner' WHERE role = 'operator'";
    store.db.write(|conn| -> Result<usize> { Ok(conn.execute(sql, [])?) }).await.ok().unwrap();
    assert!(store.device(&"a".into()).await.is_err(), "a token of no role we know");
}

#[tokio::test]
async fn a_device_that_is_known_is_not_taken_over_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(vec![Change::PutDevice(device("a", 1))]).await.unwrap();
    let wider = Device { scopes: ScopeSet::all(), ..device("a", 9) };
    let taken = store.db.write(move |conn| take_over(conn, &wider)).await.unwrap();
    let kept = store.device(&"a".into()).await.unwrap().unwrap();
    assert_eq!((taken, kept.approved_at_ms, kept.scopes), (false, 1, device("a", 1).scopes));
}

#[tokio::test]
async fn lockouts_are_kept_as_they_are_today() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let lockout = |bucket: &str| Lockout { bucket: bucket.parse().unwrap(), until_ms: 5 };
    store.write(vec![Change::Lockouts(vec![lockout("192.0.2.1")])]).await.unwrap();
    store.write(vec![Change::Lockouts(vec![lockout("setup-code/loopback")])]).await.unwrap();
    let sql = "INSERT INTO lockouts (bucket, until) VALUES ('of a later version', 9)";
    store.db.write(|conn| -> Result<usize> { Ok(conn.execute(sql, [])?) }).await.ok().unwrap();
    assert_eq!(store.lockouts().await.unwrap(), [lockout("setup-code/loopback")]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_that_holds_tokens_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(vec![Change::PutDevice(device("a", 1))]).await.unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
}

fn entry(event: AuditEvent, device: &str, at_ms: u64) -> Change {
    let detail = [("scopes".to_owned(), "operator.read".to_owned())].into();
    let actor = "owner".to_owned();
    Change::Audit(AuditEntry { at_ms, event, actor, device: Some(device.into()), detail, count: 3 })
}

#[tokio::test]
async fn a_change_and_its_record_are_written_together_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let (memory, sqlite) = (MemoryAuthStore::default(), open(dir.path()));
    for store in [&memory as &dyn AuthStore, &sqlite] {
        let setup = Setup {
            id: "s1".to_owned(),
            digest: Secret::from("s3cret").digest(),
            access: SetupAccess::Limited,
            issued_at_ms: 1,
            maker: Some("m".into()),
            used: None,
        };
        store.write(vec![Change::PutSetup(setup)]).await.unwrap();
        let used = SetupUse {
            device: "a".into(),
            device_name: Some("Phone".to_owned()),
            at_ms: 2,
            delivered: false,
        };
        let again = Change::UseSetup("s1".to_owned(), used.clone());
        let first = vec![
            again.clone(),
            Change::PutDevice(device("a", 2)),
            entry(AuditEvent::Approved, "a", 2),
        ];
        store.write(first).await.unwrap();
        store
            .write(vec![Change::SetupDelivered("s1".to_owned()), Change::EndSetups("m".into())])
            .await
            .unwrap();
        let second =
            vec![Change::PutDevice(device("b", 3)), entry(AuditEvent::Approved, "b", 3), again];
        store.write(second).await.unwrap_err();
        assert!(store.device(&"b".into()).await.unwrap().is_none(), "the code was used already");
        let records = store.audit(&AuditQuery { limit: 9, ..AuditQuery::default() }).await.unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(
            (&records[0].entry, records[0].seq),
            (
                &match entry(AuditEvent::Approved, "a", 2) {
                    Change::Audit(entry) => entry,
                    _ => unreachable!(),
                },
                1
            )
        );
        for key in
            [SetupKey::Id("s1".to_owned()), SetupKey::Digest(Secret::from("s3cret").digest())]
        {
            let kept = store.setup(&key).await.unwrap().unwrap();
            assert_eq!(kept.used, Some(SetupUse { delivered: true, ..used.clone() }));
            assert_eq!(
                (kept.access, kept.issued_at_ms, kept.maker),
                (SetupAccess::Limited, 1, Some("m".into()))
            );
        }
        let other = SetupKey::Digest(Secret::from("other").digest());
        assert!(store.setup(&other).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn codes_that_wait_are_bounded_and_end_with_their_maker() {
    let dir = tempfile::tempdir().unwrap();
    let (memory, sqlite) = (MemoryAuthStore::default(), open(dir.path()));
    for store in [&memory as &dyn AuthStore, &sqlite] {
        for n in 0..MAX_SETUPS as u64 + 2 {
            let setup = Setup {
                id: n.to_string(),
                digest: Secret::from(n.to_string()).digest(),
                access: SetupAccess::Node,
                issued_at_ms: n,
                maker: Some(if n % 2 == 0 { "even" } else { "odd" }.into()),
                used: None,
            };
            store.write(vec![Change::PutSetup(setup)]).await.unwrap();
        }
        let known =
            async |n: u64| store.setup(&SetupKey::Id(n.to_string())).await.unwrap().is_some();
        assert!(!known(0).await && !known(1).await && known(2).await && known(3).await);
        store.write(vec![Change::EndSetups("odd".into())]).await.unwrap();
        assert!(known(2).await && !known(3).await);
        let used = SetupUse { device: "a".into(), device_name: None, at_ms: 50, delivered: false };
        store.write(vec![Change::UseSetup("2".to_owned(), used)]).await.unwrap();
        let later = Setup {
            id: "later".to_owned(),
            digest: Secret::from("later").digest(),
            access: SetupAccess::Node,
            issued_at_ms: 2 + SETUP_KEPT_MS,
            maker: None,
            used: None,
        };
        store.write(vec![Change::PutSetup(later)]).await.unwrap();
        assert!(!known(2).await, "nobody asks about it any more");
    }
    let sql = "UPDATE device_setups SET access = 'everything'";
    sqlite.db.write(|conn| -> Result<usize> { Ok(conn.execute(sql, [])?) }).await.ok().unwrap();
    let unknown = sqlite.setup(&SetupKey::Id("later".to_owned())).await;
    assert!(unknown.is_err(), "what is not known grants nothing");
}

#[tokio::test]
async fn refusals_push_no_decision_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(vec![entry(AuditEvent::Removed, "a", 1)]).await.unwrap();
    let many = (0..MAX_REFUSALS as u64 * 2).map(|n| entry(AuditEvent::Refused, "b", n));
    store.write(many.collect()).await.unwrap();
    let all = AuditQuery { limit: MAX_REFUSALS * 3, ..AuditQuery::default() };
    let records = store.audit(&all).await.unwrap();
    assert!(records.len() <= MAX_REFUSALS + 64, "{}", records.len());
    assert_eq!(records.last().unwrap().entry.event, AuditEvent::Removed);
    let of_a = AuditQuery { device: Some("a".into()), ..all.clone() };
    assert_eq!(store.audit(&of_a).await.unwrap().len(), 1);
    let page = AuditQuery { cursor: Some(records[0].seq), limit: 2, ..AuditQuery::default() };
    let seqs: Vec<u64> = store.audit(&page).await.unwrap().iter().map(|r| r.seq).collect();
    assert_eq!(seqs, [records[0].seq - 1, records[0].seq - 2]);
}

#[tokio::test]
async fn the_record_is_asked_by_time_and_by_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (memory, sqlite) = (MemoryAuthStore::default(), open(dir.path()));
    for store in [&memory as &dyn AuthStore, &sqlite] {
        let happened =
            [AuditEvent::Approved, AuditEvent::Refused, AuditEvent::Denied, AuditEvent::Removed];
        let entries = (1..).zip(happened).map(|(at, event)| entry(event, "a", at));
        store.write(entries.collect()).await.unwrap();
        let times = async |query: AuditQuery| -> Vec<u64> {
            let query = AuditQuery { limit: 9, ..query };
            store.audit(&query).await.unwrap().iter().map(|record| record.entry.at_ms).collect()
        };
        let all = AuditQuery::default;
        assert_eq!(times(AuditQuery { refusals: Some(true), ..all() }).await, [3, 2]);
        assert_eq!(times(AuditQuery { refusals: Some(false), ..all() }).await, [4, 1]);
        assert_eq!(
            times(AuditQuery { after_ms: Some(2), before_ms: Some(4), ..all() }).await,
            [3, 2]
        );
    }
}
