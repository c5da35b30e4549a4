use openclaw_auth::{
    MemoryAuthStore, Secret,
    pairing::{About, ApprovedVia},
    token::DeviceToken,
};
use openclaw_protocol::{Role, ScopeSet, methods::devices::PairedDevice};

use super::*;

fn open(dir: &std::path::Path) -> SqliteAuthStore {
    SqliteAuthStore::new(Db::open(&dir.join("test.sqlite")).unwrap())
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
            store.put_device(device("a", 10)).await.unwrap();
            store.put_pending(request("r1", "b", 7)).await.unwrap();
            store.put_pending(request("r2", "b", 8)).await.unwrap();
            store.put_pending(request("r3", "c", 9)).await.unwrap();
            store.put_pending(request("r4", "d", 6)).await.unwrap();
            store.approve(device("b", 20)).await.unwrap();
            store.seen(&"a".into(), 99).await.unwrap();
            store.seen(&"nobody".into(), 99).await.unwrap();
            let mut narrowed = device("a", 30);
            narrowed.tokens.pop();
            narrowed.tokens[0].revoked_at_ms = Some(40);
            narrowed.scopes = ScopeSet::EMPTY;
            store.put_device(narrowed).await.unwrap();
            store.put_device(device("c", 5)).await.unwrap();
            assert!(store.remove_device(&"c".into()).await.unwrap());
            assert!(!store.remove_device(&"c".into()).await.unwrap());
            assert!(store.device(&"c".into()).await.unwrap().is_none());
            if round == 1 {
                store.remove_pending(&["d".into(), "nobody".into()]).await.unwrap();
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
    store.put_device(device("a", 1)).await.unwrap();
    store
        .write(|conn| {
            let sql = "UPDATE devices SET roles = 'owner', scopes = 'operator.root  operator.read'";
            Ok(conn.execute(sql, [])?)
        })
        .await
        .unwrap();
    let read = store.device(&"a".into()).await.unwrap().unwrap();
    assert!(read.roles.is_empty());
    assert_eq!(read.scopes.names(), ["operator.read"]);
    assert!(read.ceiling(Role::Operator).is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_that_holds_tokens_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put_device(device("a", 1)).await.unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
}
