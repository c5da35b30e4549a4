//! The same calls have the same answers as in memory, and what was committed is there after a restart.

use openclaw_agent::approvals::{MemoryApprovalStore, QuestionRequest, Requester};
use openclaw_protocol::methods::approvals::{ApprovalDecision, ExecApprovalRequest};

use super::*;

fn open(dir: &std::path::Path) -> SqliteApprovalStore {
    SqliteApprovalStore::new(Db::open(&dir.join("test.sqlite")).unwrap())
}

fn approval(id: &str, kind: Kind) -> Approval {
    let request = match kind {
        Kind::Exec => Request::Exec(Box::new(ExecApprovalRequest {
            command: "ls \"ü\"".to_owned(),
            allowed_decisions: vec![ApprovalDecision::AllowOnce],
            ..ExecApprovalRequest::default()
        })),
        Kind::Plugin => Request::Plugin(Box::default()),
        Kind::Question => Request::Question(Box::new(QuestionRequest {
            questions: Vec::new(),
            agent_id: Some("main".to_owned()),
            session_key: None,
            run_id: None,
        })),
    };
    Approval {
        id: id.to_owned(),
        request,
        binding: (kind == Kind::Exec).then_some([7; 32]),
        requester: Requester { principal: "device:d".to_owned(), connection: Some("c".to_owned()) },
        created_at: 1,
        expires_at: 100,
        ended: None,
        used_at: None,
    }
}

fn ended(at: i64, decision: ApprovalDecision) -> Ended {
    Ended { at, outcome: Outcome::Decided(decision), by: Resolver::Device { id: "d".to_owned() } }
}

/// Everything that can be asked and told, as text.
async fn story(store: &dyn ApprovalStore) -> String {
    let mut told = Vec::new();
    for (id, kind) in [
        ("one-1", Kind::Exec),
        ("one-2", Kind::Exec),
        ("plugin:x", Kind::Plugin),
        ("asked", Kind::Question),
        ("one-1", Kind::Plugin),
        ("one", Kind::Exec),
    ] {
        told.push(format!(
            "{:?}",
            store.insert(approval(id, kind)).await.map_err(|e| e.to_string())
        ));
    }
    told.push(format!("{:?}", store.pending().await.unwrap()));
    for (kind, start) in [
        (Kind::Exec, "ONE"),
        (Kind::Exec, "one-2"),
        (Kind::Plugin, "one"),
        (Kind::Plugin, "plugin"),
        (Kind::Exec, "%"),
    ] {
        told.push(format!("{:?}", store.beginning(kind, start).await.unwrap()));
    }
    for (id, at) in [("one-1", 5), ("plugin:x", 5), ("asked", 6), ("one-1", 7), ("none", 8)] {
        told.push(format!(
            "{:?}",
            store.end(id, ended(at, ApprovalDecision::AllowOnce)).await.unwrap()
        ));
    }
    for id in ["one-1", "one-1", "none"] {
        told.push(format!("{:?}", store.mark_used(id, 9).await.unwrap()));
    }
    for (kind, before, limit) in [
        (None, None, 10),
        (None, Some((5, 2)), 10),
        (None, None, 1),
        (Some(Kind::Plugin), None, 10),
        (Some(Kind::Question), None, 10),
    ] {
        let before = before.map(|(ended_at, seq)| Place { ended_at, seq });
        let page = store.history(HistoryQuery { kind, before, limit }).await.unwrap();
        told.push(format!("{page:?}"));
    }
    store.insert(approval("waits", Kind::Exec)).await.unwrap();
    for principal in ["nobody", "device:d"] {
        store.forfeit(principal, 10).await.unwrap();
        for id in ["plugin:x", "one-1", "waits"] {
            told.push(format!("{:?}", store.approval(id).await));
        }
    }
    told.push(format!("{:?} {:?}", store.approval("one-1").await, store.approval("none").await));
    told.push(format!("{:?}", store.forget(6, 10).await));
    told.push(format!("{:?}", store.forget(0, 0).await));
    told.push(format!("{:?}", store.pending().await.unwrap()));
    told.join("\n")
}

#[tokio::test]
async fn it_is_as_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (own, memory) = (open(dir.path()), MemoryApprovalStore::default());
    assert_eq!(story(&own).await, story(&memory).await);
}

#[tokio::test]
async fn a_restart_finds_what_was_committed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.insert(approval("waits", Kind::Exec)).await.unwrap();
    store.insert(approval("decided", Kind::Exec)).await.unwrap();
    store.end("decided", ended(5, ApprovalDecision::AllowAlways)).await.unwrap();
    assert!(store.mark_used("decided", 6).await.unwrap());
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.pending().await.unwrap(), [approval("waits", Kind::Exec)]);
    let decided = store.approval("decided").await.unwrap().unwrap();
    assert_eq!(
        (decided.decision(), decided.used_at),
        (Some(ApprovalDecision::AllowAlways), Some(6))
    );
    assert!(!store.mark_used("decided", 7).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_read_is_no_yes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.insert(approval("broken", Kind::Exec)).await.unwrap();
    store.end("broken", ended(5, ApprovalDecision::AllowOnce)).await.unwrap();
    let spoil = |conn: &Connection| -> Result<usize> {
        Ok(conn.execute("UPDATE approvals SET outcome = '\"future\"'", [])?)
    };
    store.db.write(spoil).await.unwrap();
    assert_eq!(store.approval("broken").await.unwrap(), None);
    let query = HistoryQuery { kind: None, before: None, limit: 10 };
    assert_eq!(store.history(query).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_person_decided_is_in_the_audit_record() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for (id, kind) in [
        ("one", Kind::Exec),
        ("two", Kind::Exec),
        ("plugin:x", Kind::Plugin),
        ("asked", Kind::Question),
    ] {
        store.insert(approval(id, kind)).await.unwrap();
    }
    let yes = ended(5, ApprovalDecision::AllowOnce);
    for id in ["one", "one", "plugin:x", "asked"] {
        store.end(id, yes.clone()).await.unwrap();
    }
    let late = Ended { at: 6, outcome: Outcome::Expired, by: Resolver::System };
    store.end("two", late).await.unwrap();
    let query = openclaw_auth::audit::AuditQuery { limit: 9, ..Default::default() };
    let auth = crate::SqliteAuthStore::new(store.db.clone(), crate::Layout::new(dir.path()));
    let records = openclaw_auth::AuthStore::audit(&auth, &query).await.unwrap();
    let told = records.iter().map(|record| {
        let entry = &record.entry;
        let detail = |name: &str| entry.detail[name].as_str();
        (entry.event.name(), entry.actor.as_str(), detail("approval"), detail("decision"))
    });
    let expected = [
        ("plugin.decided", "device:d", "plugin:x", "allow-once"),
        ("exec.decided", "device:d", "one", "allow-once"),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected, "nobody decided about the others");
}
