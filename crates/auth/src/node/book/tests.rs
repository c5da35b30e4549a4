//! What a node may, told as stories.

use openclaw_protocol::{
    ScopeSet,
    methods::nodes::{WorkPriority, WorkType, WorkUrgency},
};

use super::*;
use crate::node::{Dispatch, DispatchState, MemoryNodeStore, work};

fn book() -> NodeBook {
    book_over().0
}

fn book_over() -> (NodeBook, Arc<MemoryNodeStore>) {
    let store = Arc::new(MemoryNodeStore::default());
    (NodeBook::new(Arc::clone(&store) as Arc<dyn NodeStore>, CommandPolicy::default()), store)
}

/// What was given up: how, and what it was.
fn given_up(store: &MemoryNodeStore) -> Vec<(&'static str, String)> {
    store.given_up().into_iter().map(|gone| (gone.kind.name(), gone.what)).collect()
}

fn says(commands: &[&str]) -> Declaration {
    let none: [(&str, bool); 0] = [];
    Declaration {
        node_id: "n1".to_owned(),
        about: NodeAbout {
            display_name: Some("Build\u{1b}[31m".to_owned()),
            platform: Some("linux".to_owned()),
            ..NodeAbout::default()
        },
        surface: Surface::declared(["system"], commands.iter().copied(), none),
    }
}

fn by(scopes: &[&str], device: Option<&str>) -> Approver {
    let name = "test".to_owned();
    Approver { scopes: ScopeSet::parse(scopes), device: device.map(Into::into), name }
}

fn admin() -> Approver {
    by(&["operator.admin"], None)
}

fn wanted(kind: WorkType, expires_in_ms: Option<u64>, asker: &str) -> Wanted {
    Wanted { kind, urgency: Some(WorkUrgency::High), expires_in_ms, asker: asker.to_owned() }
}

fn deferred(key: &str, asker: &str) -> Deferred {
    let command = "camera.list".to_owned();
    Deferred { command, params: None, key: key.to_owned(), asker: asker.to_owned() }
}

async fn waiting(book: &NodeBook) -> PendingNode {
    book.list(&admin()).await.unwrap().pending.remove(0)
}

fn told(events: &mut broadcast::Receiver<NodeEvent>) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        told.push(match event {
            NodeEvent::Requested(request) => format!("requested {}", request.commands.join(" ")),
            NodeEvent::Resolved { decision, .. } => decision.name().to_owned(),
        });
    }
    told
}

#[tokio::test]
async fn a_node_may_what_was_approved_and_a_wider_declaration_waits_again() {
    let book = book();
    let mut events = book.subscribe();
    let first = book.connect(says(&["system.which"]), 1).await.unwrap();
    assert_eq!(first.effective, Surface::default());
    let request = waiting(&book).await;
    assert_eq!(request.display_name.as_deref(), Some("Build[31m"));
    assert_eq!(
        request.required_approve_scopes.as_deref(),
        Some(&["operator.pairing".to_owned(), "operator.admin".to_owned()][..])
    );
    book.approve(&request.request_id, &admin(), 2).await.unwrap();
    let effective = book.standing("n1", &first.declared).await.unwrap();
    assert!(effective.commands.contains("system.which"));
    assert_eq!(told(&mut events), ["requested system.which", "approved"]);

    let wider = book.connect(says(&["system.which", "system.run"]), 3).await.unwrap();
    assert_eq!(wider.effective.commands.len(), 1, "only what was approved");
    let request = waiting(&book).await;
    assert_eq!(request.is_repair, Some(true));
    let again = book.connect(says(&["system.run", "system.which"]), 4).await.unwrap();
    assert_eq!(again, wider);
    assert_eq!(waiting(&book).await.request_id, request.request_id, "the same request lives on");
    let narrow = book.connect(says(&["system.which"]), 5).await.unwrap();
    assert_eq!(narrow.declared, narrow.effective);
    assert!(book.list(&admin()).await.unwrap().pending.is_empty(), "nothing waits any longer");
    assert_eq!(told(&mut events), ["requested system.run system.which", "rejected"]);
}

#[tokio::test]
async fn a_request_that_was_replaced_approves_nothing() {
    let book = book();
    book.connect(says(&["system.which"]), 1).await.unwrap();
    let old = waiting(&book).await.request_id;
    book.connect(says(&["system.which", "system.run"]), 2).await.unwrap();
    let refused = book.approve(&old, &admin(), 3).await;
    assert!(matches!(refused, Err(NodeError::UnknownRequest)));
    assert_eq!(book.record("n1").await.unwrap().unwrap().approved, None);
}

#[tokio::test]
async fn who_approves_must_hold_what_the_commands_need() {
    let book = book();
    book.connect(says(&["system.run"]), 1).await.unwrap();
    let id = waiting(&book).await.request_id;
    let writer = by(&["operator.pairing", "operator.write"], None);
    let refused = book.approve(&id, &writer, 2).await;
    assert!(matches!(refused, Err(NodeError::MissingScope(Scope::Admin))));
    let stranger = by(&["operator.pairing", "operator.write"], Some("other"));
    for id in [id.as_str(), "guessed"] {
        let refused = book.approve(id, &stranger, 2).await;
        assert!(matches!(refused, Err(NodeError::NotYours)), "ids are not told to strangers");
    }
    assert!(book.list(&stranger).await.unwrap().pending.is_empty());
    assert!(matches!(book.reject(&id, &stranger, 2).await, Err(NodeError::NotYours)));
    assert!(matches!(book.rename("n1", "x", true, &stranger).await, Err(NodeError::NotYours)));
    book.connect(says(&["system.notify"]), 3).await.unwrap();
    let id = waiting(&book).await.request_id;
    book.approve(&id, &writer, 4).await.unwrap();
}

#[tokio::test]
async fn what_policy_withholds_cannot_be_asked_for() {
    let store = Arc::new(MemoryNodeStore::default());
    let policy = CommandPolicy::new(&[], &["system.run".to_owned()]);
    let book = NodeBook::new(store, policy);
    let standing =
        book.connect(says(&["system.run", "system.which", "sms.send"]), 1).await.unwrap();
    assert_eq!(standing.declared.commands.len(), 1);
    assert_eq!(waiting(&book).await.commands, ["system.which"]);
}

#[tokio::test]
async fn an_approval_on_request_makes_a_token_that_is_told_once() {
    let book = book();
    let asked = || OnBehalf {
        node_id: " legacy ".to_owned(),
        about: says(&[]).about,
        surface: says(&["system.which"]).surface,
        silent: false,
    };
    let (pending, created) = book.request(asked(), 1).await.unwrap();
    assert!(created);
    assert!(!book.request(asked(), 2).await.unwrap().1);
    let (node, _) = book.approve(&pending.request_id, &admin(), 3).await.unwrap();
    let token = Secret::new(node.token.unwrap());
    let verified = book.verify("legacy", &token).await.unwrap().unwrap();
    assert_eq!((verified.node_id.as_str(), verified.token), ("legacy", None));
    assert!(book.verify("legacy", &Secret::new("no")).await.unwrap().is_none());
    assert!(book.verify("other", &token).await.unwrap().is_none());
    assert!(book.list(&admin()).await.unwrap().paired.iter().all(|node| node.token.is_none()));
}

fn on_behalf(node_id: &str, commands: &[&str]) -> OnBehalf {
    let Declaration { about, surface, .. } = says(commands);
    OnBehalf { node_id: node_id.to_owned(), about, surface, silent: true }
}

#[tokio::test]
async fn what_is_asked_on_a_nodes_behalf_is_looked_at_like_its_own_word() {
    let book = book();
    let mut asked = on_behalf("n2", &["system.which", "sms.send"]);
    asked.about.display_name = Some(format!("Desk\u{1b}[2J{}", "x".repeat(500)));
    let (pending, _) = book.request(asked, 1).await.unwrap();
    assert_eq!(pending.commands, ["system.which"], "policy withholds the other");
    let name = pending.display_name.unwrap();
    assert!(name.starts_with("Desk[2J") && name.chars().count() == 128, "{name:?}");
}

#[tokio::test]
async fn what_was_approved_last_is_all_that_counts() {
    let book = book();
    let said = book.connect(says(&["system.which", "system.run"]), 1).await.unwrap().declared;
    let first = waiting(&book).await.request_id;
    assert_eq!(book.standing("n1", &said).await.unwrap(), Surface::default(), "nothing yet");
    // Its approval makes a token, which that of the node's own request does not.
    let again = book.request(on_behalf("n1", &["system.which", "system.run"]), 2).await.unwrap();
    assert!(again.1 && again.0.request_id != first);
    book.approve(&again.0.request_id, &admin(), 3).await.unwrap();
    let narrower = book.request(on_behalf("n1", &["system.which"]), 4).await.unwrap().0;
    book.approve(&narrower.request_id, &admin(), 5).await.unwrap();
    let left = book.standing("n1", &said).await.unwrap().commands;
    assert_eq!(left.into_iter().collect::<Vec<_>>(), ["system.which"]);
    book.connect(says(&["system.which", "system.run"]), 6).await.unwrap();
    let wider = waiting(&book).await.request_id;
    book.reject(&wider, &admin(), 7).await.unwrap();
    let again = book.approve(&wider, &admin(), 8).await;
    assert!(matches!(again, Err(NodeError::UnknownRequest)), "what was rejected stays rejected");
    assert!(!book.beat("n1", crate::node::record::HEARTBEAT, 9).await.unwrap(), "it is connected");
}

#[tokio::test]
async fn nodes_that_nobody_approves_are_bounded() {
    let book = book();
    let ask = |n: usize| OnBehalf {
        node_id: n.to_string(),
        about: NodeAbout::default(),
        surface: Surface::default(),
        silent: false,
    };
    for n in 0..MAX_ON_BEHALF {
        book.request(ask(n), 1).await.unwrap();
    }
    let refused = book.request(ask(MAX_ON_BEHALF), 1).await;
    assert!(matches!(refused, Err(NodeError::Full)));
    let first = book.list(&admin()).await.unwrap().pending.remove(0).request_id;
    book.reject(&first, &admin(), 2).await.unwrap();
    book.request(ask(MAX_ON_BEHALF), 3).await.unwrap();
}

#[tokio::test]
async fn work_waits_once_of_a_kind_until_it_is_done_or_runs_out() {
    let (book, store) = book_over();
    let location = |expires_in_ms| wanted(WorkType::Location, expires_in_ms, "p");
    let (item, first) = book.enqueue("n1", location(Some(1_000)), 0).await.unwrap();
    let (same, second) = book.enqueue("n1", location(None), 1).await.unwrap();
    assert_eq!((&item, first), (&same, second));
    let drained = book.drain("n1", None, 2).await.unwrap();
    let kinds: Vec<_> = drained.items.iter().map(|item| (item.r#type, item.priority)).collect();
    assert_eq!(
        kinds,
        [(WorkType::Location, WorkPriority::High), (WorkType::Status, WorkPriority::Default)]
    );
    let one = book.drain("n1", Some(1), 3).await.unwrap();
    assert!(one.more && one.items.len() == 1, "a drain that got lost takes nothing with it");
    book.acknowledge("n1", &[item.id], 4).await.unwrap();
    assert_eq!(book.drain("n1", None, 5).await.unwrap().items.len(), 1);
    book.enqueue("n1", location(Some(1_000)), 10).await.unwrap();
    assert_eq!(book.drain("n1", None, 1_010).await.unwrap().items.len(), 1, "it ran out");
    assert_eq!(given_up(&store), [("expired", "location.request".to_owned())]);
    book.enqueue("n1", location(Some(1_000)), 2_000).await.unwrap();
    book.expire(2_999).await.unwrap();
    assert_eq!(store.given_up().len(), 1, "not yet");
    book.expire(3_000).await.unwrap();
    assert_eq!(store.given_up().len(), 2, "nobody had to ask for it");
}

#[tokio::test]
async fn what_somebody_has_left_ends_with_the_right_to_leave_it() {
    let book = book();
    let may = says(&["camera.list"]).surface;
    book.enqueue("n1", wanted(WorkType::Location, None, "gone"), 1).await.unwrap();
    book.enqueue("n1", wanted(WorkType::Status, None, "gone"), 1).await.unwrap();
    book.enqueue("n1", wanted(WorkType::Status, None, "stays"), 1).await.unwrap();
    for (key, asker) in [("a", "gone"), ("b", "stays")] {
        book.defer("n1", deferred(key, asker), 1).await.unwrap();
    }
    let before = book.drain("n1", None, 2).await.unwrap();
    book.take_back("gone").await.unwrap();
    let after = book.drain("n1", None, 2).await.unwrap();
    let kinds: Vec<_> = after.items.iter().map(|item| (item.r#type, item.priority)).collect();
    assert_eq!(kinds, [(WorkType::Status, WorkPriority::High)], "another one wants this too");
    assert_eq!(after.revision, before.revision + 1);
    assert_eq!(book.pull("n1", &may, 2).await.unwrap().len(), 1);
    book.take_back("stays").await.unwrap();
    assert!(book.pull("n1", &may, 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_decided_about_a_node_is_noted_with_the_decision() {
    let store = Arc::new(MemoryNodeStore::default());
    let book = NodeBook::new(Arc::clone(&store) as Arc<dyn NodeStore>, CommandPolicy::default());
    book.connect(says(&["system.which", "system.run"]), 1).await.unwrap();
    let stranger = by(&["operator.pairing"], Some("other"));
    book.approve(&waiting(&book).await.request_id, &stranger, 2).await.unwrap_err();
    assert!(store.audit().is_empty(), "nothing was decided");
    book.approve(&waiting(&book).await.request_id, &admin(), 2).await.unwrap();
    book.connect(says(&["system.which", "system.run", "system.notify"]), 3).await.unwrap();
    book.reject(&waiting(&book).await.request_id, &admin(), 4).await.unwrap();
    book.forget("n1", &admin(), 5).await.unwrap();
    book.forget("n1", &admin(), 6).await.unwrap();
    let audit = store.audit();
    let noted = audit.iter().map(|entry| {
        let commands = entry.detail.get("commands").map_or("", String::as_str);
        (entry.event.name(), entry.at_ms, entry.actor.as_str(), commands)
    });
    let expected = [
        ("node.approved", 2, "test", "system.run system.which"),
        ("node.rejected", 4, "test", "system.notify system.run system.which"),
        ("node.forgotten", 5, "test", ""),
    ];
    assert_eq!(noted.collect::<Vec<_>>(), expected);
    assert!(audit.iter().all(|entry| entry.device == Some(DeviceId::from("n1"))));
}

#[tokio::test]
async fn deferred_commands_are_bounded_fresh_and_still_allowed() {
    let (book, store) = book_over();
    let may = says(&["camera.list"]).surface;
    for n in 0..=work::MAX_ACTIONS {
        let key = n.to_string();
        let id = book.defer("n1", deferred(&key, "p"), 1).await.unwrap();
        assert_eq!(book.defer("n1", deferred(&key, "p"), 1).await.unwrap(), id);
    }
    let pulled = book.pull("n1", &may, 2).await.unwrap();
    assert_eq!(pulled.len(), work::MAX_ACTIONS, "the oldest gave way");
    assert_eq!(given_up(&store), [("displaced", "camera.list".to_owned())]);
    let left = book.acknowledge("n1", &[pulled[0].id.clone()], 3).await.unwrap();
    assert_eq!(left, work::MAX_ACTIONS - 1);
    assert!(book.pull("n1", &Surface::default(), 4).await.unwrap().is_empty());
    book.defer("n1", deferred("late", "p"), 5).await.unwrap();
    assert!(book.pull("n1", &may, 5 + work::ACTION_TTL_MS).await.unwrap().is_empty());
    let all = given_up(&store);
    assert_eq!(all.len(), 1 + (work::MAX_ACTIONS - 1) + 1, "each but the one that was done");
    assert_eq!(all.last().unwrap().0, "expired");
}

#[tokio::test]
async fn a_key_is_good_for_one_command() {
    let book = book();
    let dispatch = |digest: u8, at_ms: u64| Dispatch {
        principal: "p".to_owned(),
        key: "k".to_owned(),
        digest: [digest; 32],
        node_id: "n1".to_owned(),
        command: "system.run".to_owned(),
        at_ms,
    };
    let begin = |digest, at_ms| book.begin_dispatch(dispatch(digest, at_ms));
    assert_eq!(begin(1, 1).await.unwrap(), DispatchState::New);
    assert_eq!(begin(1, 2).await.unwrap(), DispatchState::Begun);
    assert_eq!(begin(2, 3).await.unwrap(), DispatchState::Reused);
    book.end_dispatch(&dispatch(1, 1), "{}".to_owned()).await.unwrap();
    assert_eq!(begin(1, 4).await.unwrap(), DispatchState::Answered(Some("{}".to_owned())));
    let later = 2 + work::DISPATCH_TTL_MS;
    assert_eq!(begin(2, later).await.unwrap(), DispatchState::New, "keys are forgotten at last");
    book.end_dispatch(&dispatch(2, later), "x".repeat(work::MAX_KEPT_ANSWER + 1)).await.unwrap();
    assert_eq!(begin(2, later).await.unwrap(), DispatchState::Answered(None));
    book.undo_dispatch(&dispatch(2, later)).await.unwrap();
    assert_eq!(begin(1, later).await.unwrap(), DispatchState::New);
}

#[tokio::test]
async fn names_presence_and_forgetting() {
    let (book, store) = book_over();
    assert!(matches!(
        book.rename("n1", "Desk", false, &admin()).await,
        Err(NodeError::UnknownNode)
    ));
    assert!(matches!(
        book.rename("n1", " \u{7}", true, &admin()).await,
        Err(NodeError::NameNeeded)
    ));
    assert_eq!(book.rename("n1", " Desk ", true, &admin()).await.unwrap(), "Desk");
    book.connect(says(&[]), 1_000).await.unwrap();
    assert_eq!(book.record("n1").await.unwrap().unwrap().name(), Some("Desk"));
    assert!(!book.seen("n1", "background", 2_000).await.unwrap(), "too fresh");
    assert!(book.seen("n1", "background", 1_000 + SEEN_RESOLUTION_MS).await.unwrap());
    book.disconnected("n1", 90_000).await.unwrap();
    let node = book.record("n1").await.unwrap().unwrap();
    assert_eq!(node.last_disconnected_at_ms, Some(90_000));
    assert_eq!(node.last_seen_reason.as_deref(), Some("background"));
    let mut events = book.subscribe();
    book.enqueue("n1", wanted(WorkType::Status, None, "p"), 1).await.unwrap();
    assert!(book.forget("n1", &admin(), 2).await.unwrap());
    assert!(!book.forget("n1", &admin(), 3).await.unwrap());
    assert_eq!(told(&mut events), ["removed"]);
    assert_eq!(given_up(&store), [("displaced", "status.request".to_owned())]);
    let drained = book.drain("n1", None, 4).await.unwrap();
    assert_eq!((drained.items.len(), drained.revision), (1, 0), "only the usual question is left");
}
