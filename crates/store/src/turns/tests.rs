mod bench;
mod branches;
mod like_memory;

use std::{fs, path::Path};

use openclaw_agent::{
    clock::ManualClock,
    session::SessionEntry,
    store::{
        DeadLetterKind, DeadLetterStore as _, MAX_DEAD_LETTERS, NewDeadLetter, Outcome, RunState,
        StepClass, session_edit,
    },
    transcript::EntryBody,
    usage::Span,
};
use openclaw_protocol::ids::AgentId;
use serde_json::{Value, json};

use super::*;

/// A folder for a test: in memory where the system has such a place, since these tests sync files
/// thousands of times and do not ask whether the disk keeps them.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A time inside the recordings.
pub(crate) const NOW: i64 = 1_795_217_431_434;

/// A store whose files follow only when they are told to.
pub(crate) fn open(dir: &Path) -> SqliteStore {
    let options = StoreOptions {
        clock: Arc::new(ManualClock::at(NOW)),
        project_every: Duration::from_hours(1),
        index_every: Duration::from_hours(1),
        ..StoreOptions::new(dir)
    };
    let db = Db::open(&Layout::new(dir).database()).unwrap();
    SqliteStore::open(db, options).unwrap()
}

pub(crate) fn key() -> SessionKey {
    SessionKey::new("agent:main:main")
}

pub(crate) fn message(id: &str, text: &str) -> NewEntry {
    let body = EntryBody::message(&json!({"role": "user", "content": text})).unwrap();
    NewEntry { id: id.into(), at: NOW, body }
}

/// Appends to the main session, whose id is `s`.
pub(crate) fn append(entries: Vec<NewEntry>) -> Append {
    let session = session_edit(|e| {
        let e = e.unwrap_or_else(|| SessionEntry { session_id: "s".into(), ..Default::default() });
        Ok(SessionEntry { updated_at: NOW, ..e })
    });
    Append { session: Some(session), cwd: "/w".into(), entries, at: NOW }
}

pub(crate) fn file(dir: &Path, name: &str) -> PathBuf {
    dir.join("agents/main/sessions").join(name)
}

pub(crate) async fn ids(store: &SqliteStore) -> Vec<String> {
    let all = store.history(HistoryQuery::last_entries("s", usize::MAX)).await.unwrap();
    all.into_iter().map(|e| e.entry_id).collect()
}

fn run(id: &str) -> NewRun {
    NewRun {
        run_id: RunId::new(id),
        session_key: key(),
        agent_id: AgentId::new("main"),
        kind: "chat".into(),
        principal: "p".into(),
        request: "{}".into(),
        accepted_at: NOW,
        idempotency: None,
    }
}

fn begin() -> Begin {
    let append = append(vec![message("00000001", "hello")]);
    Begin { session: append.session.unwrap(), cwd: "/w".into(), entries: append.entries, at: NOW }
}

/// A begin that gives the session this id.
fn begin_of(session_id: &str) -> Begin {
    let id = session_id.to_owned();
    let edit = session_edit(move |e| Ok(SessionEntry { session_id: id, ..e.unwrap_or_default() }));
    Begin { session: edit, ..begin() }
}

#[tokio::test]
async fn a_turn_costs_one_commit_before_the_model_is_called() {
    let dir = folder();
    let store = open(dir.path());
    let before = store.db.stats().commits;
    let accepted = store.accept(run("r"), Some(begin())).await.unwrap();
    assert_eq!(store.db.stats().commits - before, 1);
    let Accepted::New { run, entries, .. } = accepted else { panic!("known") };
    assert_eq!((run.state, entries[0].message_seq), (RunState::Running, Some(1)));
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_crash_and_gets_into_the_file_once() {
    let dir = folder();
    let store = open(dir.path());
    store.accept(run("r"), Some(begin())).await.unwrap();
    store.accept(run("r2"), None).await.unwrap();
    drop(store);
    assert!(!file(dir.path(), "s.jsonl").exists());
    for _ in 0..2 {
        let store = open(dir.path());
        let unfinished = store.unfinished().await.unwrap();
        let states: Vec<_> = unfinished.iter().map(|r| (r.run_id.as_str(), r.state)).collect();
        assert_eq!(states, [("r", RunState::Running), ("r2", RunState::Queued)]);
        assert_eq!(ids(&store).await, ["00000001"]);
        store.flush().await.unwrap();
        assert_eq!(ids(&store).await, ["00000001"]);
        assert_eq!(store.counts().await.unwrap().unprojected, 0);
    }
    let text = fs::read_to_string(file(dir.path(), "s.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["type"], &lines[0]["cwd"]), (&json!("session"), &json!("/w")));
    assert_eq!((&lines[1]["id"], &lines[1]["parentId"]), (&json!("00000001"), &Value::Null));
}

#[tokio::test]
async fn sessions_json_is_what_other_programs_expect() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = folder();
    let store = open(dir.path());
    store.append(&key(), append(vec![])).await.unwrap();
    let edit =
        session_edit(|e| Ok(SessionEntry { label: Some("L".into()), ..e.unwrap_or_default() }));
    store.update_session(&key(), edit).await.unwrap();
    store.close().await.unwrap();
    assert!(matches!(store.counts().await, Err(StoreError::Closed)));
    let path = file(dir.path(), "sessions.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let transcript = file(dir.path(), "s.jsonl");
    let expected = json!({"agent:main:main": {
        "sessionId": "s", "updatedAt": NOW, "label": "L", "sessionFile": transcript.to_str().unwrap(),
        "createdAt": NOW, "sessionStartedAt": NOW,
    }});
    assert_eq!(all, expected);
    for path in [path, transcript, Layout::new(dir.path()).database()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mode = fs::metadata(dir.path().join("agents/main/sessions")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_reset_and_a_delete_keep_the_old_files_and_a_running_run_writes_on() {
    let dir = folder();
    let store = open(dir.path());
    store.accept(run("r"), Some(begin())).await.unwrap();
    let edit = session_edit(|e| Ok(e.unwrap_or_default()));
    let reset = Reset { new_session_id: "t".into(), edit, at: NOW };
    let row = store.reset_session(&key(), reset).await.unwrap();
    assert_eq!(row.entry.session_file.as_deref(), file(dir.path(), "t.jsonl").to_str());
    let outcome = Outcome { state: RunState::Aborted, detail: "{}".into() };
    let entries = vec![message("00000002", "late")];
    let finish = Finish { outcome, entries, session: None, dead_letter: None, at: NOW };
    store.finish(&RunId::new("r"), finish).await.unwrap();
    store.flush().await.unwrap();
    let old = file(dir.path(), "s.jsonl.reset.2026-11-20T23-30-31.434Z");
    assert_eq!(fs::read_to_string(old).unwrap().lines().count(), 3);
    assert!(ids(&store).await.is_empty());

    store.append(&key(), append(vec![message("00000003", "x")])).await.unwrap();
    let deleted = store.delete_session(&key(), Delete::unconditional(true)).await.unwrap();
    let path = file(dir.path(), "t.jsonl.deleted.2026-11-20T23-30-31.434Z");
    assert_eq!(deleted.archived, [path.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(path).unwrap().lines().count(), 2);
    assert!(store.session(&key()).await.unwrap().is_none());
}

fn letter(subject: usize) -> NewDeadLetter {
    NewDeadLetter {
        at: NOW,
        kind: DeadLetterKind::Interrupted,
        subject: format!("r{subject}"),
        reason: "cut off".into(),
        session_key: Some(key().to_string()),
        node: None,
        text: Some("hello".into()),
    }
}

#[tokio::test]
async fn a_run_and_its_dead_letter_end_together_or_not_at_all() {
    let dir = folder();
    let store = open(dir.path());
    store.accept(run("r0"), Some(begin())).await.unwrap();
    let finish = |session| Finish {
        outcome: Outcome { state: RunState::Interrupted, detail: "{}".into() },
        entries: Vec::new(),
        session,
        dead_letter: Some(letter(0)),
        at: NOW,
    };
    let refuse = session_edit(|_| Err(openclaw_agent::store::Reject::new("no")));
    store.finish(&RunId::new("r0"), finish(Some(refuse))).await.unwrap_err();
    assert_eq!(store.dead_letters(None, 10).await.unwrap().total, 0);
    store.finish(&RunId::new("r0"), finish(None)).await.unwrap();
    drop(store);
    let page = open(dir.path()).dead_letters(None, 10).await.unwrap();
    assert_eq!((page.total, &page.letters[0].letter), (1, &letter(0)));
}

#[tokio::test]
async fn dead_letters_are_bounded_and_one_subject_has_one() {
    let dir = folder();
    let store = open(dir.path());
    for n in 0..2 * MAX_DEAD_LETTERS {
        store.bury(letter(n)).await.unwrap();
    }
    store.bury(letter(2 * MAX_DEAD_LETTERS - 1)).await.unwrap();
    let page = store.dead_letters(None, 2).await.unwrap();
    assert!(page.total < MAX_DEAD_LETTERS as u64 + 64, "{}", page.total);
    let subjects: Vec<_> = page.letters.iter().map(|l| l.letter.subject.as_str()).collect();
    assert_eq!(subjects, ["r1999", "r1998"]);
    let older = store.dead_letters(Some(page.letters[1].id), 1).await.unwrap();
    assert_eq!(older.letters[0].letter.subject, "r1997");
    let ids = Some(page.letters.iter().map(|l| l.id).collect());
    assert_eq!(store.discard(ids).await.unwrap(), (2, page.total - 2));
    assert_eq!(store.discard(None).await.unwrap(), (page.total - 2, 0));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_ends_and_the_others_are_taken_up() {
    let dir = folder();
    let store = open(dir.path());
    for id in ["r0", "r1"] {
        store.accept(run(id), None).await.unwrap();
    }
    let spoil = "UPDATE runs SET state = 'half' WHERE run_id = 'r0'";
    store.db.write(|conn| -> Result<_> { Ok(conn.execute(spoil, [])?) }).await.unwrap();
    for _ in 0..2 {
        let unfinished = store.unfinished().await.unwrap();
        assert_eq!(unfinished.iter().map(|r| r.run_id.as_str()).collect::<Vec<_>>(), ["r1"]);
        let page = store.dead_letters(None, 10).await.unwrap();
        assert_eq!((page.total, page.letters[0].letter.subject.as_str()), (1, "r0"));
    }
    let ended = store.run(&RunId::new("r0")).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.ended_at), (RunState::Interrupted, Some(NOW)));
}

#[tokio::test]
async fn steps_that_cannot_be_read_are_told_apart_from_a_store_that_fails() {
    let dir = folder();
    let store = open(dir.path());
    store.accept(run("r0"), Some(begin())).await.unwrap();
    let (run_id, class) = (RunId::new("r0"), StepClass::Pure);
    let step = NewStep { run_id, n: 0, tool: "t".into(), class, args: "{}".into(), at: NOW };
    store.begin_step(step, Vec::new()).await.unwrap();
    let spoil = "UPDATE steps SET class = 'odd'";
    store.db.write(|conn| -> Result<_> { Ok(conn.execute(spoil, [])?) }).await.unwrap();
    let read = store.steps(&RunId::new("r0")).await;
    assert!(matches!(read, Err(StoreError::Unreadable(_))), "{read:?}");
}

#[tokio::test]
async fn a_transcript_of_two_sessions_is_archived_when_the_last_one_goes() {
    let dir = folder();
    let store = open(dir.path());
    store.append(&key(), append(vec![message("00000001", "x")])).await.unwrap();
    let other = SessionKey::new("agent:main:cron:1:run:s");
    store.append(&other, append(vec![message("00000002", "y")])).await.unwrap();
    assert!(
        store
            .delete_session(&key(), Delete::unconditional(true))
            .await
            .unwrap()
            .archived
            .is_empty()
    );
    assert_eq!(ids(&store).await, ["00000001", "00000002"]);
    assert_eq!(
        store.delete_session(&other, Delete::unconditional(true)).await.unwrap().archived.len(),
        1
    );
}

#[tokio::test]
async fn what_was_used_is_read_from_files_of_other_programs_and_archives_too() {
    let dir = folder();
    let store = open(dir.path());
    store.append(&key(), append(vec![message("00000001", "hello")])).await.unwrap();
    let answer = r#"{"type":"message","id":"1","timestamp":"2026-11-20T23:30:00Z","message":{"role":"assistant","usage":{"input":7}}}"#;
    let put =
        |name: &str| fs::write(file(dir.path(), name), format!("{answer}\nnot a line\n")).unwrap();
    store.flush().await.unwrap();
    for name in [
        "other.jsonl",
        "old.jsonl.reset.x",
        "gone.jsonl.deleted.x",
        "s.jsonl.bak.x",
        "sessions.json.1",
    ] {
        put(name);
    }
    std::os::unix::fs::symlink("/etc/passwd", file(dir.path(), "link.jsonl")).unwrap();
    let ask = |session_ids: Option<&str>, span: Span| UsageQuery {
        agents: vec![AgentId::new("main")],
        session_ids: session_ids.map(|id| [id.to_owned()].into()),
        span,
    };
    let used = store.used(ask(None, Span::everything())).await.unwrap();
    let told: Vec<_> = used
        .iter()
        .map(|used| (used.session_id.as_str(), used.archived, used.tally.sum().totals.input))
        .collect();
    assert_eq!(told, [("gone", true, 7), ("old", true, 7), ("other", true, 7), ("s", false, 0)]);
    assert_eq!(used[3].tally.sum().messages.user, 1, "a line that was in the journal alone");
    assert_eq!(used[2].path, file(dir.path(), "other.jsonl").to_str().unwrap());
    let one = store.used(ask(Some("old"), Span::everything())).await.unwrap();
    assert_eq!(one.len(), 1);
    // A file that was last written before the span has nothing of it.
    let later = Span { from: i64::MAX - 1, ..Span::everything() };
    assert_eq!(store.used(ask(None, later)).await.unwrap(), []);
}
