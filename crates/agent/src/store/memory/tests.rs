use openclaw_protocol::ids::AgentId;
use serde_json::json;

use super::*;
use crate::{
    clock::ManualClock,
    session::SessionEntry,
    store::{Outcome, RunState, StepClass, run::IDEMPOTENCY_WINDOW_MS, session_edit},
    transcript::EntryBody,
};

fn store() -> (MemoryStore, ManualClock) {
    let clock = ManualClock::at(1_000);
    (MemoryStore::with_clock(Arc::new(clock.clone())), clock)
}

fn message(id: &str) -> NewEntry {
    let body = EntryBody::message(&json!({"role": "user", "content": id})).unwrap();
    NewEntry { id: id.into(), at: 1, body }
}

fn run(id: &str, digest: u8) -> NewRun {
    NewRun {
        run_id: RunId::new(id),
        session_key: SessionKey::new("agent:main:main"),
        agent_id: AgentId::new("main"),
        kind: "chat".into(),
        principal: "device:1".into(),
        request: "{}".into(),
        accepted_at: 1_000,
        idempotency: Some(IdempotencyKey {
            principal: "device:1".into(),
            scope: "chat".into(),
            key: id.into(),
            digest: [digest; 32],
        }),
    }
}

fn begin(entries: &[&str]) -> Begin {
    Begin::touching(1_000, "/w", entries.iter().map(|id| message(id)).collect())
}

#[tokio::test]
async fn an_idle_session_begins_at_once_and_a_busy_one_queues() {
    let (store, _) = store();
    let Accepted::New { run: first, entries, .. } =
        store.accept(run("a", 0), Some(begin(&["0000000a"]))).await.unwrap()
    else {
        panic!("known")
    };
    assert_eq!((first.state, entries.len()), (RunState::Running, 1));
    let Accepted::New { run: second, entries, .. } =
        store.accept(run("b", 0), Some(begin(&["0000000b"]))).await.unwrap()
    else {
        panic!("known")
    };
    assert_eq!((second.state, entries.len()), (RunState::Queued, 0));
    let busy = store.begin(&second.run_id, begin(&[])).await;
    assert!(matches!(busy, Err(StoreError::Conflict(_))));
    let ids: Vec<_> = store.unfinished().await.unwrap().into_iter().map(|r| r.run_id).collect();
    assert_eq!(ids, [RunId::new("a"), RunId::new("b")]);
}

#[tokio::test]
async fn a_key_is_known_for_its_window_and_only_with_its_body() {
    let (store, clock) = store();
    store.accept(run("a", 0), Some(begin(&[]))).await.unwrap();
    assert!(matches!(store.accept(run("a", 0), None).await, Ok(Accepted::Known(_))));
    assert!(matches!(store.accept(run("a", 1), None).await, Err(StoreError::KeyReused)));
    let mut other = run("a", 0);
    other.idempotency.as_mut().unwrap().principal = "device:2".into();
    assert!(matches!(store.accept(other, None).await, Err(StoreError::KeyReused)));
    let outcome = Outcome { state: RunState::Ok, detail: "{}".into() };
    let finish = Finish { outcome, entries: vec![], session: None, dead_letter: None, at: 1_001 };
    store.finish(&RunId::new("a"), finish).await.unwrap();
    let later = clock.advance(IDEMPOTENCY_WINDOW_MS + 1);
    let again = NewRun { accepted_at: later, ..run("a", 1) };
    assert!(matches!(store.accept(again, None).await, Ok(Accepted::New { .. })));
}

#[tokio::test]
async fn a_failed_change_changes_nothing() {
    let (store, _) = store();
    store.accept(run("a", 0), Some(begin(&["0000000a"]))).await.unwrap();
    let finish = Finish {
        dead_letter: None,
        outcome: Outcome { state: RunState::Ok, detail: "{}".into() },
        entries: vec![message("0000000b")],
        session: Some(session_edit(|_| Err(super::super::Reject::new("no")))),
        at: 2,
    };
    let refused = store.finish(&RunId::new("a"), finish).await;
    assert!(matches!(refused, Err(StoreError::Rejected(_))));
    assert_eq!(store.run(&RunId::new("a")).await.unwrap().unwrap().state, RunState::Running);
    let row = store.session(&SessionKey::new("agent:main:main")).await.unwrap().unwrap();
    let query = HistoryQuery::last_messages(row.entry.session_id, 10);
    assert_eq!(store.history(query).await.unwrap().len(), 1);
}

#[tokio::test]
async fn entries_make_a_chain_and_a_taken_id_is_replaced() {
    let (store, _) = store();
    store.accept(run("a", 0), Some(begin(&["0000000a", "0000000a"]))).await.unwrap();
    let row = store.session(&SessionKey::new("agent:main:main")).await.unwrap().unwrap();
    let query = HistoryQuery::last_messages(row.entry.session_id, 10);
    let entries = store.history(query).await.unwrap();
    assert_eq!(entries[1].entry_id, "0000000b");
    let line: serde_json::Value = serde_json::from_str(&entries[1].line).unwrap();
    assert_eq!(line["parentId"], "0000000a");
}

#[tokio::test]
async fn a_step_is_begun_once_and_ended_once() {
    let (store, _) = store();
    store.accept(run("a", 0), Some(begin(&[]))).await.unwrap();
    let step = NewStep {
        run_id: RunId::new("a"),
        n: 1,
        tool: "exec".into(),
        class: StepClass::Unsafe,
        args: "{}".into(),
        at: 5,
    };
    store.begin_step(step.clone(), vec![]).await.unwrap();
    assert!(matches!(store.begin_step(step, vec![]).await, Err(StoreError::Conflict(_))));
    let id = RunId::new("a");
    store.end_step(&id, 1, "\"x\"".into(), vec![message("0000000c")]).await.unwrap();
    let twice = store.end_step(&id, 1, "\"y\"".into(), vec![]).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))));
    assert_eq!(store.steps(&id).await.unwrap()[0].result.as_deref(), Some("\"x\""));
}

#[tokio::test]
async fn a_reset_gives_an_empty_transcript_and_a_label_has_one_owner() {
    let (store, clock) = store();
    store.accept(run("a", 0), Some(begin(&["0000000a"]))).await.unwrap();
    let key = SessionKey::new("agent:main:main");
    let old = store.session(&key).await.unwrap().unwrap().entry.session_id;
    let reset = Reset {
        new_session_id: "new".into(),
        edit: session_edit(|e| Ok(e.unwrap_or_default())),
        at: clock.now_ms(),
    };
    let row = store.reset_session(&key, reset).await.unwrap();
    assert_eq!(row.entry.session_file.as_deref(), Some("/memory/agents/main/sessions/new.jsonl"));
    assert!(store.history(HistoryQuery::last_messages(old, 9)).await.unwrap().is_empty());

    let label =
        || session_edit(|e| Ok(SessionEntry { label: Some("x".into()), ..e.unwrap_or_default() }));
    store.update_session(&key, label()).await.unwrap();
    let taken = store.update_session(&SessionKey::new("agent:main:b"), label()).await;
    assert!(matches!(taken, Err(StoreError::Rejected(r)) if r.0 == "label already in use: x"));
    assert_eq!(store.session_by_label("x").await.unwrap().unwrap().key, key);
}

#[tokio::test]
async fn a_page_is_newest_first_and_filtered() {
    let (store, _) = store();
    let mut keys = BTreeMap::new();
    for (n, key) in ["agent:main:a", "agent:ops:b", "global", "agent:main:c"].iter().enumerate() {
        let at = i64::try_from(n).unwrap();
        let edit =
            session_edit(move |e| Ok(SessionEntry { updated_at: at, ..e.unwrap_or_default() }));
        keys.insert(*key, store.update_session(&SessionKey::new(*key), edit).await.unwrap());
    }
    let query =
        SessionQuery { limit: Some(1), offset: 1, without_global: true, ..Default::default() };
    let page = store.sessions(query).await.unwrap();
    assert_eq!((page.total, page.rows), (3, vec![keys["agent:ops:b"].clone()]));
    let query = SessionQuery { search: Some(" MAIN:C".into()), ..Default::default() };
    assert_eq!(store.sessions(query).await.unwrap().rows, [keys["agent:main:c"].clone()]);
}
