use std::path::Path;

use openclaw_auth::{
    AuthStore as _,
    audit::{AuditEvent, AuditQuery},
    node::{Approved, NodeAbout, Surface, SurfaceRequest},
};
use openclaw_protocol::methods::{
    dead_letters::DeadLetterKind,
    nodes::{WorkPriority, WorkType},
};

use super::*;
use crate::SqliteAuthStore;

fn open(dir: &Path) -> SqliteNodeStore {
    SqliteNodeStore::new(Db::open(&dir.join("test.sqlite")).unwrap())
}

fn surface(commands: &[&str]) -> Surface {
    Surface::declared(["system"], commands.iter().copied(), [("screen", true), ("mic", false)])
}

fn node(id: &str) -> NodeRecord {
    NodeRecord {
        about: NodeAbout {
            display_name: Some("Ada's \"desk\"".to_owned()),
            platform: Some("linux".to_owned()),
            ..NodeAbout::default()
        },
        label: Some("Desk".to_owned()),
        approved: Some(Approved { surface: surface(&["system.which"]), first_at_ms: 1, at_ms: 2 }),
        request: Some(SurfaceRequest {
            id: format!("request-{id}"),
            surface: surface(&["system.run"]),
            about: NodeAbout::default(),
            silent: true,
            on_behalf: false,
            at_ms: 3,
        }),
        token_digest: Some("digest".to_owned()),
        last_connected_at_ms: Some(4),
        last_disconnected_at_ms: Some(5),
        last_seen_at_ms: Some(6),
        last_seen_reason: Some("connect".to_owned()),
        ..NodeRecord::new(id)
    }
}

#[tokio::test]
async fn nodes_outlive_the_process_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (full, bare) = (node("a"), NodeRecord::new("b"));
    let store = open(dir.path());
    store.put(full.clone(), None).await.unwrap();
    store.put(bare.clone(), None).await.unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.nodes().await.unwrap(), [full.clone(), bare.clone()]);
    let changed = NodeRecord { request: None, approved: None, ..full };
    store.put(changed.clone(), None).await.unwrap();
    assert_eq!(store.node("a").await.unwrap(), Some(changed));
    assert!(store.remove("a", None).await.unwrap() && !store.remove("a", None).await.unwrap());
    assert_eq!(store.node("a").await.unwrap(), None);
    assert_eq!(store.nodes().await.unwrap(), [bare]);
}

#[tokio::test]
async fn what_waits_goes_with_its_node() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put(node("a"), None).await.unwrap();
    let item = |id: &str| WorkItem {
        id: id.to_owned(),
        kind: WorkType::Location,
        priority: WorkPriority::High,
        created_at_ms: 1,
        expires_at_ms: 2,
        asker: (id != "w3").then(|| "p".to_owned()),
    };
    let action = |id: &str, params: Option<&str>| Action {
        id: id.to_owned(),
        command: "camera.list".to_owned(),
        params: params.map(str::to_owned),
        key: id.to_owned(),
        at_ms: 3,
        asker: Some("p".to_owned()),
    };
    for (node, id) in [("a", "w1"), ("a", "w2"), ("b", "w3")] {
        store.put_work(node, item(id)).await.unwrap();
    }
    for (id, params) in [("x2", None), ("x1", Some("{}"))] {
        store.put_action("a", action(id, params)).await.unwrap();
    }
    assert_eq!(store.actions("a").await.unwrap(), [action("x2", None), action("x1", Some("{}"))]);
    store.put_action("b", action("x3", None)).await.unwrap();
    let done = ["w1", "x2", "w3", "x3", "nothing"].map(str::to_owned);
    assert_eq!(store.take_out("a", &done).await.unwrap(), 1, "another node's work stays");
    assert_eq!(store.work("a").await.unwrap(), [item("w2")]);
    assert_eq!(store.overdue(1, 2).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.actions("b").await.unwrap(), [action("x3", None)], "nor another's command");
    assert_eq!(store.take_out("b", &["x3".to_owned()]).await.unwrap(), 0);
    assert_eq!(store.overdue(1, 3).await.unwrap(), ["a"], "for a command");
    assert_eq!(store.overdue(2, 0).await.unwrap(), ["a", "b"], "for work");
    assert_eq!(store.actions("a").await.unwrap(), [action("x1", Some("{}"))]);
    store.remove("a", None).await.unwrap();
    assert!(store.work("a").await.unwrap().is_empty());
    assert!(store.actions("a").await.unwrap().is_empty());
    assert_eq!(store.work("b").await.unwrap(), [item("w3")]);
    let sql = "INSERT INTO node_work (id, node, kind, priority, created_at, expires_at) \
               VALUES ('w4', 'b', 'of a later version', 'high', 1, 2)";
    store.write(|conn| Ok(conn.execute(sql, [])?)).await.unwrap();
    assert_eq!(
        store.work("b").await.unwrap(),
        [item("w3")],
        "what is not known is given to nobody"
    );
}

#[tokio::test]
async fn a_decision_is_in_the_audit_record_with_what_it_changed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let entry = |event| Some(AuditEntry::new(event, "owner".to_owned(), 1).about(&"a".into()));
    store.put(node("a"), entry(AuditEvent::NodeApproved)).await.unwrap();
    store.remove("b", entry(AuditEvent::NodeForgotten)).await.unwrap();
    let audit = || async {
        let auth = SqliteAuthStore::new(store.db.clone(), crate::Layout::new(dir.path()));
        let query = AuditQuery { limit: 9, ..AuditQuery::default() };
        let records = auth.audit(&query).await.unwrap();
        records.into_iter().map(|record| record.entry.event.name()).collect::<Vec<_>>()
    };
    assert_eq!(audit().await, ["node.approved"], "nobody knew of the other");
    // What cannot be written leaves no word that it was.
    let taken = NodeRecord { request: node("a").request, ..NodeRecord::new("c") };
    store.put(taken, entry(AuditEvent::NodeApproved)).await.unwrap_err();
    assert_eq!(audit().await.len(), 1);
    store.remove("a", entry(AuditEvent::NodeForgotten)).await.unwrap();
    assert_eq!(audit().await, ["node.forgotten", "node.approved"]);
}

#[tokio::test]
async fn what_somebody_has_left_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let item = |id: &str, asker: &str| WorkItem {
        id: id.to_owned(),
        kind: WorkType::Location,
        priority: WorkPriority::High,
        created_at_ms: 1,
        expires_at_ms: 2,
        asker: Some(asker.to_owned()),
    };
    for (node, id, asker) in [("a", "1", "gone"), ("b", "2", "gone"), ("b", "3", "stays")] {
        store.put_work(node, item(id, asker)).await.unwrap();
        let action = Action {
            id: id.to_owned(),
            command: "camera.list".to_owned(),
            params: None,
            key: id.to_owned(),
            at_ms: 3,
            asker: Some(asker.to_owned()),
        };
        store.put_action(node, action).await.unwrap();
    }
    store.share_work("2").await.unwrap();
    assert_eq!(store.take_back("gone").await.unwrap(), ["a"]);
    let left = store.work("b").await.unwrap();
    let left: Vec<_> = left.iter().map(|item| (item.id.as_str(), item.asker.as_deref())).collect();
    assert_eq!(left, [("2", None), ("3", Some("stays"))]);
    assert!(store.work("a").await.unwrap().is_empty());
    assert!(store.actions("a").await.unwrap().is_empty());
    let left = store.actions("b").await.unwrap();
    assert_eq!(left.iter().map(|action| action.id.as_str()).collect::<Vec<_>>(), ["3"]);
}

#[tokio::test]
async fn what_is_given_up_goes_and_leaves_a_letter_in_one_step() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (kind, priority) = (WorkType::Location, WorkPriority::High);
    let item = WorkItem {
        id: "w1".to_owned(),
        kind,
        priority,
        created_at_ms: 1,
        expires_at_ms: 2,
        asker: None,
    };
    store.put_work("a", item).await.unwrap();
    let gone = GivenUp {
        id: "w1".to_owned(),
        what: "location.request".to_owned(),
        kind: DeadLetterKind::Expired,
        reason: "too late",
        at_ms: 3,
    };
    store.give_up("a", vec![gone]).await.unwrap();
    drop(store);
    let store = open(dir.path());
    assert!(store.work("a").await.unwrap().is_empty());
    let page = store.read(|conn| Ok(crate::dead::page(conn, None, 10)?)).await.unwrap();
    let letter = &page.letters[0].letter;
    assert_eq!((page.total, letter.subject.as_str(), letter.at), (1, "w1", 3));
    assert_eq!((letter.kind, letter.node.as_deref()), (DeadLetterKind::Expired, Some("a")));
}

#[tokio::test]
async fn a_dispatch_is_known_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let dispatch = |digest: u8, at_ms: u64| Dispatch {
        principal: "p".to_owned(),
        key: "k".to_owned(),
        digest: [digest; 32],
        node_id: "a".to_owned(),
        command: "system.run".to_owned(),
        at_ms,
    };
    let store = open(dir.path());
    assert_eq!(store.begin_dispatch(dispatch(1, 5), 0).await.unwrap(), DispatchState::New);
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.begin_dispatch(dispatch(1, 6), 0).await.unwrap(), DispatchState::Begun);
    assert_eq!(store.begin_dispatch(dispatch(2, 6), 0).await.unwrap(), DispatchState::Reused);
    let other = Dispatch { principal: "q".to_owned(), ..dispatch(2, 6) };
    assert_eq!(store.begin_dispatch(other, 0).await.unwrap(), DispatchState::New, "another's key");
    store.end_dispatch("p", "k", Some("{}".to_owned())).await.unwrap();
    let answered = DispatchState::Answered(Some("{}".to_owned()));
    assert_eq!(store.begin_dispatch(dispatch(1, 7), 5).await.unwrap(), answered);
    store.end_dispatch("p", "k", None).await.unwrap();
    let lost = DispatchState::Answered(None);
    assert_eq!(store.begin_dispatch(dispatch(1, 7), 5).await.unwrap(), lost);
    assert_eq!(store.begin_dispatch(dispatch(2, 9), 6).await.unwrap(), DispatchState::New);
    store.undo_dispatch("p", "k").await.unwrap();
    assert_eq!(store.begin_dispatch(dispatch(1, 9), 6).await.unwrap(), DispatchState::New);
}
