use std::{fs, io::Write as _, path::Path};

use openclaw_agent::store::{HistoryQuery, StoreError, TurnStore as _};
use serde_json::json;

use crate::turns::{
    SqliteStore,
    tests::{NOW, append, file, folder, ids, key, message, open},
};

/// A store with `lines` messages that are all in the file, and the file's bytes.
async fn projected(dir: &Path, lines: usize) -> (SqliteStore, Vec<u8>) {
    let store = open(dir);
    let entries = (1..=lines).map(|n| message(&format!("{n:08x}"), &format!("tëxt {n}"))).collect();
    store.append(&key(), append(entries)).await.unwrap();
    store.flush().await.unwrap();
    let bytes = fs::read(file(dir, "s.jsonl")).unwrap();
    (store, bytes)
}

/// A state directory of another program, with one transcript.
fn foreign(dir: &Path, transcript: &[u8]) {
    fs::create_dir_all(dir.join("agents/main/sessions")).unwrap();
    let sessions = json!({"agent:main:main": {"sessionId": "s", "updatedAt": NOW, "queueCap": 3}});
    fs::write(file(dir, "sessions.json"), sessions.to_string()).unwrap();
    fs::write(file(dir, "s.jsonl"), transcript).unwrap();
}

fn numbered(n: usize) -> Vec<String> {
    (1..=n).map(|n| format!("{n:08x}")).collect()
}

#[tokio::test]
async fn a_file_cut_at_any_byte_opens_and_loses_only_what_was_cut() {
    let dir = folder();
    let (store, whole) = projected(dir.path(), 4).await;
    drop(store);
    let ends: Vec<usize> = (0..whole.len()).filter(|n| whole[*n] == b'\n').collect();
    for cut in ends[0] + 1..whole.len() {
        let dir = folder();
        foreign(dir.path(), &whole[..cut]);
        let store = open(dir.path());
        let complete = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(ids(&store).await, numbered(complete - 1), "cut at {cut}");
        let mut expected = numbered(complete - 1);
        store.append(&key(), append(vec![message("000000ff", "on")])).await.unwrap();
        store.flush().await.unwrap();
        expected.push("000000ff".into());
        assert_eq!(ids(&store).await, expected, "cut at {cut}, then appended to");
        let torn = cut != ends[complete - 1] && cut != ends[complete - 1] + 1;
        let aside = fs::read_dir(dir.path().join("agents/main/sessions")).unwrap();
        let aside =
            aside.filter(|f| f.as_ref().unwrap().file_name().to_str().unwrap().contains(".torn-"));
        assert_eq!(aside.count(), usize::from(torn), "cut at {cut}");
    }
}

#[tokio::test]
async fn a_crash_during_the_projection_loses_and_doubles_nothing() {
    let source = folder();
    let (_, whole) = projected(source.path(), 3).await;
    for cut in 0..=whole.len() {
        let dir = folder();
        let store = open(dir.path());
        let entries = (1..=3).map(|n| message(&format!("{n:08x}"), &format!("tëxt {n}"))).collect();
        store.append(&key(), append(entries)).await.unwrap();
        drop(store);
        fs::create_dir_all(dir.path().join("agents/main/sessions")).unwrap();
        fs::write(file(dir.path(), "s.jsonl"), &whole[..cut]).unwrap();
        let store = open(dir.path());
        assert_eq!(ids(&store).await, numbered(3), "cut at {cut}, before");
        store.flush().await.unwrap();
        assert_eq!(ids(&store).await, numbered(3), "cut at {cut}, after");
        assert_eq!(fs::read(file(dir.path(), "s.jsonl")).unwrap(), whole, "cut at {cut}");
    }
}

#[tokio::test]
async fn a_synced_file_that_lost_its_end_is_read_anew() {
    let dir = folder();
    let (store, whole) = projected(dir.path(), 3).await;
    fs::write(file(dir.path(), "s.jsonl"), &whole[..whole.len() - 9]).unwrap();
    assert_eq!(ids(&store).await, numbered(2));
    store.append(&key(), append(vec![message("00000007", "x")])).await.unwrap();
    store.flush().await.unwrap();
    drop(store);
    assert_eq!(ids(&open(dir.path())).await, ["00000001", "00000002", "00000007"]);
}

#[tokio::test]
async fn lines_of_another_program_are_found_and_what_is_pending_follows_them() {
    let dir = folder();
    let (store, _) = projected(dir.path(), 1).await;
    store.append(&key(), append(vec![message("0000000b", "ours")])).await.unwrap();
    let mut other = fs::OpenOptions::new().append(true).open(file(dir.path(), "s.jsonl")).unwrap();
    writeln!(other, r#"{{"type":"message","id":"0000000a","parentId":"00000001","message":{{}}}}"#)
        .unwrap();
    store.flush().await.unwrap();
    // Both say that they follow the same entry, so they are two branches, as any reader sees it.
    assert_eq!(ids(&store).await, ["00000001", "0000000b"]);
    let tips = store.branches("s").await.unwrap().into_iter().map(|branch| branch.tip.entry_id);
    assert_eq!(tips.collect::<Vec<_>>(), ["0000000b", "0000000a"]);
    writeln!(other, r#"{{"type":"message","id":"0000000c","parentId":"0000000b","message":{{}}}}"#)
        .unwrap();
    assert_eq!(ids(&store).await, ["00000001", "0000000b", "0000000c"]);
    let text = fs::read_to_string(file(dir.path(), "s.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 5);
}

#[tokio::test]
async fn a_missing_file_is_an_empty_transcript_and_comes_back_with_the_file() {
    let dir = folder();
    let (store, whole) = projected(dir.path(), 2).await;
    fs::remove_file(file(dir.path(), "s.jsonl")).unwrap();
    assert!(ids(&store).await.is_empty());
    fs::write(file(dir.path(), "s.jsonl"), whole).unwrap();
    assert!(store.session_by_id("s").await.unwrap().is_some());
    store.append(&key(), append(vec![message("00000009", "x")])).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(ids(&store).await, ["00000001", "00000002", "00000009"]);
}

#[tokio::test]
async fn damage_in_the_middle_is_skipped() {
    let dir = folder();
    let lines = [
        r#"{"type":"session","version":3,"id":"s","timestamp":"2026-11-20T23:30:31.434Z","cwd":"/w"}"#,
        r#"{"type":"message","id":"00000001","parentId":null,"message":{"role":"user"}}"#,
        "\0\0\0\0",
        r#"{"type":"message","id":"0000"#,
        r#"{"type":"compaction","id":"00000002","parentId":"00000001","summary":"s"}"#,
    ];
    foreign(dir.path(), (lines.join("\n") + "\n").as_bytes());
    let store = open(dir.path());
    assert_eq!(ids(&store).await, numbered(2));
    let last = store.history(HistoryQuery::last_messages("s", 1)).await.unwrap();
    assert_eq!((last[0].message_seq, last[0].line.as_str()), (Some(2), lines[4]));
    let row = store.session(&key()).await.unwrap().unwrap();
    assert_eq!(row.entry.extra["queueCap"], 3);
}

#[tokio::test]
async fn every_flipped_byte_still_opens() {
    let source = folder();
    let (_, whole) = projected(source.path(), 2).await;
    for at in (0..whole.len()).step_by(7) {
        let dir = folder();
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        foreign(dir.path(), &bytes);
        let store = open(dir.path());
        let entries = store.history(HistoryQuery::last_entries("s", 10)).await.unwrap();
        assert!(entries.len() <= 3, "flipped at {at}");
        store.append(&key(), append(vec![message("000000ff", "on")])).await.unwrap();
        store.flush().await.unwrap();
        assert_eq!(ids(&store).await.last().unwrap(), "000000ff", "flipped at {at}");
    }
}

#[tokio::test]
async fn compacting_keeps_the_header_and_the_last_lines() {
    let dir = folder();
    let (store, whole) = projected(dir.path(), 5).await;
    let done = store.compact_session(&key(), 2).await.unwrap();
    let bak = file(dir.path(), "s.jsonl.bak.2026-11-20T23-30-31.434Z");
    assert_eq!((done.compacted, done.kept, done.archived.as_deref()), (true, 2, bak.to_str()));
    assert_eq!(fs::read(bak).unwrap(), whole);
    store.append(&key(), append(vec![message("00000006", "x")])).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(ids(&store).await, ["00000004", "00000005", "00000006"]);
    let text = fs::read_to_string(file(dir.path(), "s.jsonl")).unwrap();
    assert!(text.starts_with(r#"{"cwd":"/w","id":"s""#) && text.lines().count() == 4, "{text}");
    assert!(!store.compact_session(&key(), 9).await.unwrap().compacted);
    let none =
        store.compact_session(&openclaw_protocol::ids::SessionKey::new("agent:main:no"), 1).await;
    assert!(matches!(none, Err(StoreError::NotFound { what: "session", .. })));
}

#[tokio::test]
async fn a_damaged_sessions_json_gives_what_it_has_and_is_kept() {
    let dir = folder();
    foreign(dir.path(), b"");
    let text = r#"{"agent:main:main":{"sessionId":"s","updatedAt":1},"agent:main:b":{"sess"#;
    fs::write(file(dir.path(), "sessions.json"), text).unwrap();
    let store = open(dir.path());
    assert_eq!(store.counts().await.unwrap().sessions, 1);
    let kept = file(dir.path(), "sessions.json.damaged.2026-11-20T23-30-31.434Z");
    assert_eq!(fs::read_to_string(kept).unwrap(), text);
}
