//! Branches: what a rewind leaves in the file, after a crash, and when the index is made anew.

use openclaw_agent::store::Place;
use proptest::prelude::*;

use super::*;

fn touch() -> SessionEdit {
    append(Vec::new()).session.unwrap()
}

fn rewind(entry: &str) -> Checkout {
    Checkout::new(Place::Before(entry.into()), touch(), NOW)
}

fn switch(tip: &str) -> Checkout {
    Checkout::new(Place::Tip(tip.into()), touch(), NOW)
}

async fn say(store: &SqliteStore, numbers: std::ops::RangeInclusive<u32>) {
    let entries = numbers.map(|n| message(&format!("{n:08x}"), &n.to_string())).collect();
    store.append(&key(), append(entries)).await.unwrap();
}

/// The messages by number, each as `seq:id`.
async fn told(store: &SqliteStore) -> String {
    let entries = store.history(HistoryQuery::last_messages("s", 100)).await.unwrap();
    let one = |e: &StoredEntry| {
        format!("{}:{}", e.message_seq.unwrap(), e.entry_id.trim_start_matches('0'))
    };
    entries.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn branches(store: &SqliteStore) -> String {
    let branches = store.branches("s").await.unwrap();
    let one = |b: &Branch| {
        let tip = b.tip.entry_id.trim_start_matches('0');
        format!("{tip}/{}{}", b.messages, if b.active { "*" } else { "" })
    };
    branches.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What a program sees that walks from the last line of the file over the parents.
fn walked(dir: &Path) -> String {
    let text = fs::read_to_string(file(dir, "s.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut at = lines.last();
    let mut seen = Vec::new();
    while let Some(line) = at {
        if line["type"] == "message" {
            seen.push(line["id"].as_str().unwrap().trim_start_matches('0').to_owned());
        }
        at = lines.iter().find(|other| other["id"] == line["parentId"]);
    }
    seen.reverse();
    let numbered = seen.iter().enumerate().map(|(n, id)| format!("{}:{id}", n + 1));
    numbered.collect::<Vec<_>>().join(" ")
}

/// Forgets the index, as if another program had written the file.
async fn forget_index(store: &SqliteStore) {
    store.flush().await.unwrap();
    let sql = "UPDATE transcripts SET indexed = 0";
    store.db.write(move |conn| -> Result<_> { Ok(conn.execute(sql, [])?) }).await.unwrap();
}

#[tokio::test]
async fn a_rewind_leaves_the_messages_out_and_keeps_them_in_the_file() {
    let dir = folder();
    let store = open(dir.path());
    say(&store, 1..=4).await;
    store.checkout(&key(), rewind("00000003")).await.unwrap();
    assert_eq!((told(&store).await, walked(dir.path())), ("1:1 2:2".into(), "1:1 2:2".into()));
    assert!(store.entry("s", "00000003").await.unwrap().is_none());
    say(&store, 5..=6).await;
    store.flush().await.unwrap();
    assert_eq!((told(&store).await, walked(dir.path())).0, "1:1 2:2 3:5 4:6");
    assert_eq!(walked(dir.path()), "1:1 2:2 3:5 4:6");
    assert_eq!(branches(&store).await, "6/4* 4/4");
    let text = fs::read_to_string(file(dir.path(), "s.jsonl")).unwrap();
    assert!(text.contains(r#""customType":"openclaw:branch""#), "{text}");
    // Another look at it: a restart, and without the index.
    forget_index(&store).await;
    drop(store);
    let store = open(dir.path());
    assert_eq!(told(&store).await, "1:1 2:2 3:5 4:6");
    assert_eq!(branches(&store).await, "6/4* 4/4");
}

#[tokio::test]
async fn a_left_branch_is_taken_up_again_where_it_was() {
    let dir = folder();
    let store = open(dir.path());
    say(&store, 1..=4).await;
    store.checkout(&key(), rewind("00000003")).await.unwrap();
    assert_eq!(branches(&store).await, "4/4 2/2*");
    say(&store, 5..=5).await;
    store.checkout(&key(), switch("00000004")).await.unwrap();
    say(&store, 6..=6).await;
    assert_eq!(told(&store).await, "1:1 2:2 3:3 4:4 5:6");
    assert_eq!(branches(&store).await, "6/5* 5/3");
    let again = store.checkout(&key(), switch("00000006")).await;
    assert!(matches!(again, Err(StoreError::Rejected(_))), "{again:?}");
    let gone = store.checkout(&key(), switch("00000004")).await;
    assert!(matches!(gone, Err(StoreError::NotFound { what: "branch", .. })), "{gone:?}");
}

#[tokio::test]
async fn a_rewind_is_refused_beside_a_run_and_for_what_is_not_on_the_branch() {
    let dir = folder();
    let store = open(dir.path());
    let missing = store.checkout(&key(), rewind("00000001")).await;
    assert!(matches!(missing, Err(StoreError::NotFound { what: "session", .. })));
    store.accept(run("r"), Some(begin())).await.unwrap();
    let busy = store.checkout(&key(), rewind("00000001")).await;
    assert!(matches!(busy, Err(StoreError::Conflict(_))), "{busy:?}");
    let outcome = Outcome { state: RunState::Ok, detail: "{}".into() };
    let finish = Finish { outcome, entries: Vec::new(), session: None, dead_letter: None, at: NOW };
    store.finish(&RunId::new("r"), finish).await.unwrap();
    let first = store.checkout(&key(), rewind("00000001")).await;
    assert!(matches!(first, Err(StoreError::Rejected(_))), "{first:?}");
    say(&store, 2..=3).await;
    store.checkout(&key(), rewind("00000002")).await.unwrap();
    for aside in ["00000003", "0000000f"] {
        let unknown = store.checkout(&key(), rewind(aside)).await;
        assert!(matches!(unknown, Err(StoreError::NotFound { what: "entry", .. })), "{unknown:?}");
    }
}

/// The commit is there at once; the line gets into the file later, and any part of it may be there.
#[tokio::test]
async fn a_crash_after_the_commit_leaves_the_new_branch_whatever_is_in_the_file() {
    let source = folder();
    let store = open(source.path());
    say(&store, 1..=3).await;
    store.flush().await.unwrap();
    let before = fs::read(file(source.path(), "s.jsonl")).unwrap();
    let mut checkout = rewind("00000002");
    checkout.marker.id = "0000000a".into();
    store.checkout(&key(), checkout).await.unwrap();
    let whole = fs::read(file(source.path(), "s.jsonl")).unwrap();
    for cut in before.len()..=whole.len() {
        let dir = folder();
        let store = open(dir.path());
        say(&store, 1..=3).await;
        store.flush().await.unwrap();
        let layout = Layout::new(dir.path());
        let mut checkout = rewind("00000002");
        checkout.marker.id = "0000000a".into();
        let commit = move |conn: &Connection| {
            super::super::branches::checkout(conn, &layout, &key(), checkout)
        };
        store.db.write(commit).await.unwrap();
        drop(store);
        fs::write(file(dir.path(), "s.jsonl"), &whole[..cut]).unwrap();
        let store = open(dir.path());
        assert_eq!(told(&store).await, "1:1", "cut at {cut}");
        store.flush().await.unwrap();
        assert_eq!(fs::read(file(dir.path(), "s.jsonl")).unwrap(), whole, "cut at {cut}");
    }
}

#[tokio::test]
async fn compacting_keeps_the_last_lines_of_the_active_branch() {
    let dir = folder();
    let store = open(dir.path());
    say(&store, 1..=4).await;
    store.checkout(&key(), rewind("00000003")).await.unwrap();
    say(&store, 5..=5).await;
    let done = store.compact_session(&key(), 3).await.unwrap();
    assert_eq!((done.compacted, done.kept), (true, 3));
    assert_eq!((told(&store).await, branches(&store).await), ("2:2 3:5".into(), "5/2*".into()));
    assert_eq!(walked(dir.path()), "1:2 2:5");
    say(&store, 6..=6).await;
    forget_index(&store).await;
    assert_eq!(told(&store).await, "1:2 2:5 3:6");
}

#[tokio::test]
async fn lines_without_a_parent_lie_on_the_branch_that_goes_on_around_them() {
    let dir = folder();
    let store = open(dir.path());
    say(&store, 1..=1).await;
    forget_index(&store).await;
    let line = |id: &str, parent: &str| {
        format!(r#"{{"type":"message","id":"{id}"{parent},"message":{{"role":"user"}}}}"#)
    };
    let lines = [
        line("a", ""),
        line("b", r#","parentId":"00000001""#),
        line("c", r#","parentId":null"#),
        line("d", r#","parentId":"c""#),
        line("e", r#","parentId":"gone""#),
        line("f", r#","parentId":"f""#),
    ];
    let path = file(dir.path(), "s.jsonl");
    let text = fs::read_to_string(&path).unwrap() + &lines.join("\n") + "\n";
    fs::write(&path, text).unwrap();
    assert_eq!(told(&store).await, "1:1 2:a 3:b 4:c 5:d 6:e 7:f");
}

#[derive(Debug, Clone)]
enum Step {
    Say,
    Rewind(usize),
    Switch(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Say),
        2 => (0..6_usize).prop_map(Step::Rewind),
        1 => (0..4_usize).prop_map(Step::Switch),
    ]
}

/// The index of the file alone is the index that grew with it.
async fn rebuilt(steps: Vec<Step>) {
    let dir = folder();
    let store = open(dir.path());
    say(&store, 1..=2).await;
    for (n, step) in (3..).zip(steps) {
        let checkout = match step {
            Step::Say => {
                say(&store, n..=n).await;
                continue;
            }
            Step::Rewind(back) => {
                ids(&store).await.into_iter().nth_back(back).map(|id| rewind(&id))
            }
            Step::Switch(at) => {
                let branches = store.branches("s").await.unwrap();
                branches.get(at).map(|branch| switch(&branch.tip.entry_id))
            }
        };
        if let Some(checkout) = checkout {
            drop(store.checkout(&key(), checkout).await);
        }
    }
    let all = async || (told(&store).await, branches(&store).await, ids(&store).await);
    let before = all().await;
    forget_index(&store).await;
    assert_eq!((&before, &before.0), (&all().await, &walked(dir.path())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_rebuilt_index_has_the_same_branches(steps in proptest::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(rebuilt(steps));
    }
}
