//! Figures, printed; run with `--ignored --nocapture --release`.

use tokio::time::Instant;

use super::*;

const MESSAGES: usize = 100_000;
const SESSIONS: usize = 10_000;

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |p: usize| times[(times.len() - 1) * p / 100];
    format!("p50 {:?}, p99 {:?}, max {:?}", at(50), at(99), at(100))
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn fill(store: &SqliteStore) {
    for n in 0..MESSAGES / 1_000 {
        let text = "x".repeat(400);
        let entries =
            (0..1_000).map(|m| message(&format!("{:08x}", n * 1_000 + m), &text)).collect();
        store.append(&key(), append(entries)).await.unwrap();
    }
    store.flush().await.unwrap();
}

async fn window(store: &SqliteStore, before_seq: Option<u64>) -> Duration {
    let query = HistoryQuery { before_seq, ..HistoryQuery::last_messages("s", 200) };
    let start = Instant::now();
    assert_eq!(store.history(query).await.unwrap().len(), 200);
    start.elapsed()
}

#[tokio::test]
#[ignore = "prints figures"]
async fn history_of_a_long_transcript() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    println!("empty store: {} KiB resident", resident_kib());
    let start = Instant::now();
    fill(&store).await;
    println!("{MESSAGES} messages journalled and in the file: {:?}", start.elapsed());
    drop(store);
    let start = Instant::now();
    let store = open(dir.path());
    println!("open: {:?}, {} KiB resident", start.elapsed(), resident_kib());
    println!("last 200 of {MESSAGES}, first time: {:?}", window(&store, None).await);
    let mut times = Vec::new();
    for _ in 0..200 {
        times.push(window(&store, None).await);
    }
    println!("last 200, warm: {}", percentiles(times));
    println!(
        "200 in the middle: {:?}; {} KiB resident",
        window(&store, Some(50_000)).await,
        resident_kib()
    );
    drop(store);
    fs::remove_file(Layout::new(dir.path()).database()).unwrap();
    for name in ["gateway.sqlite-wal", "gateway.sqlite-shm"] {
        fs::remove_file(dir.path().join(name)).ok();
    }
    fs::write(
        file(dir.path(), "sessions.json"),
        r#"{"agent:main:main":{"sessionId":"s","updatedAt":1}}"#,
    )
    .unwrap();
    let store = open(dir.path());
    println!(
        "index of a foreign transcript and its last 200: {:?}; {} KiB resident",
        window(&store, None).await,
        resident_kib()
    );
}

#[tokio::test]
#[ignore = "prints figures"]
async fn pages_and_turns() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..SESSIONS {
        let at = i64::try_from(n).unwrap();
        let edit = session_edit(move |_| {
            let extra =
                serde_json::Map::from_iter([("skillsSnapshot".into(), json!("y".repeat(2_000)))]);
            Ok(SessionEntry { updated_at: at, extra, ..Default::default() })
        });
        store
            .update_session(&SessionKey::from(format!("agent:main:dashboard:{n}")), edit)
            .await
            .unwrap();
    }
    for (name, search) in [("all", None), ("search", Some("board:77".to_owned()))] {
        let mut times = Vec::new();
        for _ in 0..100 {
            let query =
                SessionQuery { limit: Some(50), search: search.clone(), ..Default::default() };
            let start = Instant::now();
            assert_eq!(store.sessions(query).await.unwrap().rows.len(), 50);
            times.push(start.elapsed());
        }
        println!("50 of {SESSIONS} sessions, {name}: {}", percentiles(times));
    }
    let start = Instant::now();
    store.flush().await.unwrap();
    println!("sessions.json of {SESSIONS}: {:?}", start.elapsed());
    let mut times = Vec::new();
    for n in 0..500 {
        let mut new = run(&format!("r{n}"));
        new.session_key = SessionKey::from(format!("agent:main:dashboard:{n}"));
        let start = Instant::now();
        store.accept(new, Some(begin_of(&format!("t{n}")))).await.unwrap();
        times.push(start.elapsed());
    }
    println!(
        "accept and begin, one commit: {}; {} KiB resident",
        percentiles(times),
        resident_kib()
    );
}
