//! The older names, at the doors of older descriptions.

use openclaw_tests::{Peer, TestGateway, gateway::TOKEN};
use serde_json::{Value, json};

use super::approver;

/// A connection whose first frame chooses its door, with the secret in its address.
async fn at_a_door(gateway: &TestGateway) -> Peer {
    Peer::open_at(gateway.address(), &format!("/ws?token={TOKEN}")).await
}

async fn say(peer: &mut Peer, frame: Value) {
    peer.send_text(frame.to_string()).await;
}

async fn hear(peer: &mut Peer, fits: impl Fn(&Value) -> bool) -> Value {
    loop {
        let frame = peer.next().await.unwrap();
        if fits(&frame) {
            return frame;
        }
    }
}

#[tokio::test]
async fn the_bare_door_says_yes_and_no() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = at_a_door(&gateway).await;
    let ask = |id: u64, wait: u64| {
        json!({"id": id, "method": "approvals", "params": {"action": "request", "command": "ls",
            "timeoutMs": wait}})
    };
    for (id, decision, told) in
        [(1, "allow-once", json!(true)), (2, "deny", json!(false)), (3, "", json!(false))]
    {
        let nobody = decision.is_empty();
        say(&mut asker, ask(id, if nobody { 40 } else { 60_000 })).await;
        let asked = approver.event("exec.approval.requested", |_| true).await;
        if !nobody {
            let params = json!({"id": asked["id"], "decision": decision});
            approver.call("exec.approval.resolve", params).await.unwrap();
        }
        let answer = hear(&mut asker, |frame| frame["id"] == id).await;
        let result = &answer["result"];
        assert_eq!((&result["id"], &result["approved"]), (&asked["id"], &told), "{answer}");
        assert!(result.get("decision").is_none(), "{answer}");
        assert_eq!(result.get("timedOut"), nobody.then_some(&json!(true)), "{answer}");
    }
}

#[tokio::test]
async fn the_older_names_decide() {
    let gateway = TestGateway::start().await;
    let mut asker = gateway.operator().await;
    let mut decider = at_a_door(&gateway).await;
    decider.call("health", json!({})).await.unwrap();
    for (id, approved, decision) in [("a", json!(true), "allow-once"), ("b", json!(1), "deny")] {
        let waiting = asker.send("exec.approval.request", super::command(id, &["ls"])).await;
        decider.event("exec.approval.requested", |asked| asked["id"] == id).await;
        let listed = decider.call("approvals.pending", json!({})).await.unwrap();
        assert_eq!(listed[0]["id"], id);
        let params = json!({"approvalId": id, "approved": approved});
        decider.call("approvals.respond", params).await.unwrap();
        assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], decision);
    }
}

#[tokio::test]
async fn the_local_permit_decides_nothing() {
    let gateway = TestGateway::start().await;
    let mut local = Peer::open(gateway.address()).await;
    for (id, method) in [(1, "approvals"), (2, "approvals.pending"), (3, "approvals.respond")] {
        say(&mut local, json!({"id": id, "method": method, "params": {}})).await;
        let answer = hear(&mut local, |frame| frame["id"] == id).await;
        assert_eq!(answer["error"]["data"]["code"], "FORBIDDEN", "{answer}");
    }
}
