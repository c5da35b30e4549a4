//! Requests, their deadlines and their decisions outlive the process.

use openclaw_tests::{
    Peer, TestGateway,
    crash::{CrashGateway, Starter},
};
use serde_json::{Value, json};

use super::{approver, command};

fn starter(state: &tempfile::TempDir) -> Starter {
    let program = env!("CARGO_BIN_EXE_crash_gateway");
    Starter { program, state: state.path().to_owned(), power: None }
}

async fn start(starter: &Starter) -> CrashGateway {
    starter.start(json!({}), None).await
}

async fn ask(asker: &mut Peer, id: &str, timeout_ms: u64) -> Value {
    let mut params = command(id, &["ls", id]);
    params["twoPhase"] = json!(true);
    params["timeoutMs"] = json!(timeout_ms);
    asker.call("exec.approval.request", params).await.unwrap()
}

async fn decision(peer: &mut Peer, id: &str) -> Value {
    let mut found = peer.call("exec.approval.waitDecision", json!({"id": id})).await.unwrap();
    found["decision"].take()
}

#[tokio::test]
async fn a_kill_loses_no_request_and_no_decision() {
    let state = tempfile::tempdir().unwrap();
    let starter = starter(&state);
    let gateway = start(&starter).await;
    let mut person = approver(gateway.address()).await;
    let mut asker = Peer::connect(gateway.address(), 4).await;
    let accepted = ask(&mut asker, "open", 600_000).await;
    ask(&mut asker, "decided", 600_000).await;
    // Its time is up soon, and nobody is there to see it.
    ask(&mut asker, "short", 30).await;
    let yes = json!({"id": "decided", "decision": "allow-once"});
    person.call("exec.approval.resolve", yes).await.unwrap();
    gateway.kill().await;

    let gateway = start(&starter).await;
    let mut person = approver(gateway.address()).await;
    let mut asker = Peer::connect(gateway.address(), 4).await;
    assert_eq!(decision(&mut asker, "decided").await, "allow-once");
    assert_eq!(decision(&mut asker, "short").await, Value::Null);
    let listed = person.call("exec.approval.list", json!({})).await.unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["id"], "open");
    // The restart gave it no new time, and left it what it shows.
    assert_eq!(listed[0]["expiresAtMs"], accepted["expiresAtMs"]);
    assert_eq!(listed[0]["request"]["commandArgv"], json!(["ls", "open"]));
    let waiting = asker.send("exec.approval.waitDecision", json!({"id": "open"})).await;
    let no = json!({"id": "open", "decision": "deny"});
    person.call("exec.approval.resolve", no).await.unwrap();
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], "deny");
    gateway.kill().await;

    let gateway = start(&starter).await;
    let mut asker = Peer::connect(gateway.address(), 4).await;
    assert_eq!(decision(&mut asker, "open").await, "deny");
    gateway.stop().await;
}

#[tokio::test]
async fn a_deadline_that_passed_while_nothing_ran_has_passed() {
    let gateway = TestGateway::start().await;
    let mut person = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let expires = ask(&mut asker, "short", 300).await["expiresAtMs"].as_u64().unwrap();
    let waiting = asker.send("exec.approval.waitDecision", json!({"id": "short"})).await;
    person.event("exec.approval.requested", |asked| asked["id"] == "short").await;
    let state = gateway.stop().await;
    // Whoever waited was let go, without a decision that nobody made.
    while let Ok(frame) = asker.next().await {
        if frame["id"] == *waiting {
            assert_eq!(frame["ok"], false, "{frame}");
        }
    }
    let gateway = TestGateway::open(state).await;
    let mut person = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let waiting = asker.send("exec.approval.waitDecision", json!({"id": "short"})).await;
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], Value::Null);
    let ended = person.call("approval.get", json!({"id": "short"})).await.unwrap();
    assert_eq!(ended["approval"]["status"], "expired");
    let at = ended["approval"]["resolvedAtMs"].as_u64().unwrap();
    assert!(at >= expires, "it did not end before its time");
    let late = json!({"id": "short", "decision": "allow-once"});
    assert!(person.call("exec.approval.resolve", late).await.is_err());
}
