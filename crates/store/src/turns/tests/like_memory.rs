//! Random sequences of calls get the same answers from the embedded store and from the one in memory.

use openclaw_agent::store::{MemoryStore, Place, SessionOrder};
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Op {
    Accept { run: u8, session: u8, digest: u8, begin: bool },
    Begin { run: u8 },
    BeginStep { run: u8, n: u32 },
    EndStep { run: u8, n: u32 },
    Finish { run: u8, entries: u8, edit: bool },
    Append { session: u8, entries: u8, make: bool },
    Label { session: u8, label: u8 },
    Reset { session: u8 },
    Delete { session: u8, transcript: bool },
    Compact { session: u8, max: usize },
    Rewind { session: u8, entry: usize },
    Switch { session: u8, branch: usize },
    Remember { key: u8, digest: u8 },
    List { search: bool, by_talk: bool, limit: usize, offset: usize },
    History { session: u8, limit: usize, bytes: usize, before: Option<u64>, messages: bool },
    Used { all: bool },
    Flush,
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    let (run, session) = (0..5_u8, 0..3_u8);
    prop_oneof![
        4 => (run.clone(), session.clone(), 0..2_u8, any::<bool>())
            .prop_map(|(run, session, digest, begin)| Op::Accept { run, session, digest, begin }),
        2 => run.clone().prop_map(|run| Op::Begin { run }),
        2 => (run.clone(), 0..2_u32).prop_map(|(run, n)| Op::BeginStep { run, n }),
        2 => (run.clone(), 0..2_u32).prop_map(|(run, n)| Op::EndStep { run, n }),
        2 => (run, 0..3_u8, any::<bool>()).prop_map(|(run, entries, edit)| Op::Finish { run, entries, edit }),
        4 => (session.clone(), 0..4_u8, any::<bool>())
            .prop_map(|(session, entries, make)| Op::Append { session, entries, make }),
        1 => (session.clone(), 0..2_u8).prop_map(|(session, label)| Op::Label { session, label }),
        1 => session.clone().prop_map(|session| Op::Reset { session }),
        1 => (session.clone(), any::<bool>()).prop_map(|(session, transcript)| Op::Delete { session, transcript }),
        1 => (session.clone(), 0..6_usize).prop_map(|(session, max)| Op::Compact { session, max }),
        3 => (session.clone(), 0..8_usize).prop_map(|(session, entry)| Op::Rewind { session, entry }),
        2 => (session.clone(), 0..4_usize).prop_map(|(session, branch)| Op::Switch { session, branch }),
        1 => (0..2_u8, 0..2_u8).prop_map(|(key, digest)| Op::Remember { key, digest }),
        1 => (any::<bool>(), any::<bool>(), 0..3_usize, 0..2_usize)
            .prop_map(|(search, by_talk, limit, offset)| Op::List { search, by_talk, limit, offset }),
        3 => (session, 0..5_usize, 0..600_usize, proptest::option::of(0..8_u64), any::<bool>())
            .prop_map(|(session, limit, bytes, before, messages)| Op::History { session, limit, bytes, before, messages }),
        1 => any::<bool>().prop_map(|all| Op::Used { all }),
        1 => Just(Op::Flush),
        1 => Just(Op::Reopen),
    ]
}

fn session_key(n: u8) -> SessionKey {
    SessionKey::from(format!("agent:main:k{n}"))
}

fn named(key: String, digest: u8) -> IdempotencyKey {
    IdempotencyKey { principal: "p".into(), scope: "chat".into(), key, digest: [digest; 32] }
}

/// An edit that makes the session's id from the step's number, so that both stores make the same.
fn touch(step: usize) -> SessionEdit {
    let at = i64::try_from(step).unwrap();
    session_edit(move |e| {
        let new = || SessionEntry { session_id: format!("s{step}"), ..Default::default() };
        let started_at = step.is_multiple_of(2).then_some(at);
        let entry = e.unwrap_or_else(new);
        Ok(SessionEntry { updated_at: at, started_at: started_at.or(entry.started_at), ..entry })
    })
}

/// Entries that are not all messages and whose ids meet.
fn entries(step: usize, how_many: u8) -> Vec<NewEntry> {
    let entry = |n: u8| {
        let id = format!("{:08x}", step / 4 + usize::from(n));
        if n == 2 {
            let body = EntryBody::ThinkingLevelChange { thinking_level: "low".into() };
            return NewEntry { id, at: NOW, body };
        }
        message(&id, "héllo \u{1f600} \n")
    };
    (0..how_many).map(entry).collect()
}

fn begin(step: usize) -> Begin {
    Begin { session: touch(step), cwd: "/w".into(), entries: entries(step, 2), at: NOW }
}

async fn of_run(store: &dyn TurnStore, step: usize, op: &Op) -> String {
    let id = |run: &u8| RunId::from(format!("r{run}"));
    match op {
        Op::Accept { run, session, digest, begin: with } => {
            let new = NewRun {
                run_id: id(run),
                session_key: session_key(*session),
                idempotency: Some(named(format!("r{run}"), *digest)),
                ..super::run("")
            };
            format!("{:?}", store.accept(new, with.then(|| begin(step))).await)
        }
        Op::Begin { run } => format!("{:?}", store.begin(&id(run), begin(step)).await),
        Op::BeginStep { run, n } => {
            let (tool, args) = ("exec".to_owned(), "{}".to_owned());
            let step_ =
                NewStep { run_id: id(run), n: *n, tool, class: StepClass::Unsafe, args, at: 1 };
            let begun = store.begin_step(step_, entries(step, 1)).await;
            format!("{begun:?} {:?}", store.mark_text_sent(&id(run)).await)
        }
        Op::EndStep { run, n } => {
            let ended = store.end_step(&id(run), *n, format!("{step}"), entries(step, 1)).await;
            format!("{ended:?} {:?}", store.steps(&id(run)).await)
        }
        Op::Finish { run, entries: n, edit } => {
            let outcome = Outcome { state: RunState::Ok, detail: "{}".into() };
            let session = edit.then(|| touch(step));
            let finish = Finish {
                outcome,
                entries: entries(step, *n),
                session,
                dead_letter: Some(letter(usize::from(*run))),
                at: NOW,
            };
            let finished = store.finish(&id(run), finish).await;
            let letters = store.dead_letters(None, 3).await;
            format!("{finished:?} {:?} {letters:?}", store.run(&id(run)).await)
        }
        _ => of_session(store, step, op).await,
    }
}

async fn of_session(store: &dyn TurnStore, step: usize, op: &Op) -> String {
    match op {
        Op::Append { session, entries: n, make } => {
            let session_edit = make.then(|| touch(step));
            let append = Append {
                session: session_edit,
                cwd: "/w".into(),
                entries: entries(step, *n),
                at: NOW,
            };
            format!("{:?}", store.append(&session_key(*session), append).await)
        }
        Op::Label { session, label } => {
            let (label, touch) = (format!("L{label}"), touch(step));
            let edit = session_edit(move |e| Ok(SessionEntry { label: Some(label), ..touch(e)? }));
            format!("{:?}", store.update_session(&session_key(*session), edit).await)
        }
        Op::Reset { session } => {
            let reset = Reset {
                new_session_id: format!("n{step}"),
                edit: touch(step),
                at: NOW + i64::try_from(step).unwrap(),
            };
            format!("{:?}", store.reset_session(&session_key(*session), reset).await)
        }
        Op::Delete { session, transcript } => {
            let delete = Delete::unconditional(*transcript);
            format!("{:?}", store.delete_session(&session_key(*session), delete).await)
        }
        Op::Compact { session, max } => {
            let done = store.compact_session(&session_key(*session), *max).await;
            // The archive's name depends on what is there already.
            done.map_or_else(|e| format!("{e:?}"), |c| format!("{} {}", c.compacted, c.kept))
        }
        Op::Rewind { session, entry } => {
            let place = Place::Before(format!("{:08x}", step / 4 + 2 - entry.min(&(step / 4 + 2))));
            checked_out(store, step, *session, place).await
        }
        Op::Switch { session, branch } => {
            let branches = branches(store, *session).await;
            let id = branches.get(*branch).map_or("none", |branch| &branch.tip.entry_id);
            checked_out(store, step, *session, Place::Tip(id.to_owned())).await
        }
        Op::Remember { key, digest } => {
            let key = named(format!("x{key}"), *digest);
            let known = store.remember(key.clone(), format!("{step}")).await;
            format!("{known:?} {:?}", store.recall(&key).await)
        }
        Op::List { search, by_talk, limit, offset } => {
            let search = search.then(|| "K1".to_owned());
            let order = if *by_talk { SessionOrder::Interaction } else { SessionOrder::Changed };
            let (limit, offset) = (Some(*limit), *offset);
            let query = SessionQuery { search, order, limit, offset, ..Default::default() };
            let page = store.sessions(query).await;
            format!("{page:?} {:?}", store.session_by_label("L1").await)
        }
        _ => of_transcript(store, op).await,
    }
}

async fn branches(store: &dyn TurnStore, session: u8) -> Vec<Branch> {
    match store.session(&session_key(session)).await.unwrap() {
        Some(row) => store.branches(&row.entry.session_id).await.unwrap(),
        None => Vec::new(),
    }
}

async fn checked_out(store: &dyn TurnStore, step: usize, session: u8, place: Place) -> String {
    let mut checkout = Checkout::new(place, touch(step), NOW);
    checkout.marker.id = format!("{step:08x}");
    let done = store.checkout(&session_key(session), checkout).await;
    format!("{done:?} {:?}", branches(store, session).await)
}

/// What all transcripts count, or that of one session.
async fn of_use(store: &dyn TurnStore, all: bool) -> String {
    let row = store.session(&session_key(0)).await.unwrap();
    let one = || row.into_iter().map(|row| row.entry.session_id).collect();
    let query = UsageQuery {
        agents: vec![AgentId::new("main"), AgentId::new("none")],
        session_ids: (!all).then(one),
        span: Span::everything(),
    };
    let mut used = store.used(query).await.unwrap();
    used.sort_by(|a, b| (&a.session_id, a.archived).cmp(&(&b.session_id, b.archived)));
    let told = used.iter().map(|used| (&used.session_id, used.archived, &used.tally));
    format!("{:?}", told.collect::<Vec<_>>())
}

async fn of_transcript(store: &dyn TurnStore, op: &Op) -> String {
    if let Op::Used { all } = op {
        return of_use(store, *all).await;
    }
    let Op::History { session, limit, bytes, before, messages } = op else { return String::new() };
    let Some(row) = store.session(&session_key(*session)).await.unwrap() else {
        return String::new();
    };
    let id = row.entry.session_id;
    let query = HistoryQuery {
        before_seq: *before,
        after_seq: before.map(|seq| seq.saturating_sub(4)),
        messages_only: *messages,
        max_bytes: *bytes,
        ..HistoryQuery::last_entries(id.clone(), *limit)
    };
    let window = store.history(query).await;
    let last = store.last_of_kind(&id, EntryKind::ThinkingLevelChange).await;
    let entry = store.entry(&id, "00000001").await;
    let told = format!("{window:?} {last:?} {entry:?} {:?}", store.transcript(&id).await);
    format!("{told} {:?}", store.branches(&id).await)
}

async fn check(ops: Vec<Op>) {
    let dir = folder();
    let memory = MemoryStore::with_clock(Arc::new(ManualClock::at(NOW)));
    let mut store = open(dir.path());
    for (step, op) in ops.iter().enumerate() {
        match op {
            Op::Flush => store.flush().await.unwrap(),
            Op::Reopen => {
                drop(store);
                store = open(dir.path());
            }
            _ => {
                let ours = of_run(&store, step, op).await;
                let ours = ours.replace(dir.path().to_str().unwrap(), "/memory");
                assert_eq!(ours, of_run(&memory, step, op).await, "step {step}: {op:?}");
            }
        }
    }
    assert_eq!(
        format!("{:?}", store.unfinished().await.unwrap()),
        format!("{:?}", memory.unfinished().await.unwrap())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_embedded_store_answers_as_the_one_in_memory(ops in proptest::collection::vec(op(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(ops));
    }
}
