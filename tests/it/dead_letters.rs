//! What was accepted and then dropped or given up stands in a list that outlives restarts.

use openclaw_tests::{Device, ModelServer, Peer, TestGateway, peer::connect_params};
use rusqlite::Connection;
use serde_json::{Value, json};

async fn list(peer: &mut Peer) -> Value {
    peer.call("deadLetters.list", json!({})).await.unwrap()
}

/// Kind and text of each, the latest first.
fn told(list: &Value) -> Vec<(&str, &str)> {
    let letters = list["letters"].as_array().unwrap().iter();
    letters.map(|l| (l["kind"].as_str().unwrap(), l["text"].as_str().unwrap())).collect()
}

async fn send(peer: &mut Peer, text: &str, run: &str) {
    let params = json!({"sessionKey": "main", "message": text, "idempotencyKey": run});
    peer.call("chat.send", params).await.unwrap();
}

#[tokio::test]
async fn what_a_stop_cut_off_and_what_never_began_is_listed_after_restarts() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    assert_eq!(list(&mut peer).await, json!({"letters": [], "total": 0}));
    send(&mut peer, "first  question", "r1").await;
    let turn = model.turn().await;
    turn.text("half");
    peer.event("chat", |chat| chat["state"] == "delta").await;
    send(&mut peer, "second", "r2").await;
    let stop = json!({"sessionKey": "main", "runId": "r2"});
    peer.call("chat.abort", stop).await.unwrap();
    assert_eq!(told(&list(&mut peer).await), [("never-began", "second")]);
    let state = gateway.stop().await;
    drop(turn);

    let gateway = TestGateway::at(state, model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("agent.wait", json!({"runId": "r1"})).await.unwrap();
    let both = list(&mut peer).await;
    assert_eq!(told(&both), [("interrupted", "first question"), ("never-began", "second")]);
    let latest = &both["letters"][0];
    assert_eq!(latest["sessionKey"], "agent:main:main");
    assert!(latest["reason"].as_str().unwrap().contains("was not repeated"), "{latest}");

    let first = peer.call("deadLetters.list", json!({"limit": 1})).await.unwrap();
    assert_eq!((told(&first).len(), &first["total"]), (1, &json!(2)));
    let rest = json!({"cursor": first["nextCursor"]});
    let rest = peer.call("deadLetters.list", rest).await.unwrap();
    assert_eq!(told(&rest), [("never-began", "second")]);

    for bad in [json!({}), json!({"all": true, "ids": ["1"]}), json!({"ids": ["x"]})] {
        peer.call("deadLetters.discard", bad).await.unwrap_err();
    }
    let ids = json!({"ids": [latest["id"], "4711"]});
    let done = peer.call("deadLetters.discard", ids).await.unwrap();
    assert_eq!(done, json!({"discarded": 1, "total": 1}));
    let gateway = TestGateway::at(gateway.stop().await, model.config()).await;
    let mut peer = gateway.operator().await;
    assert_eq!(told(&list(&mut peer).await), [("never-began", "second")]);
    let done = peer.call("deadLetters.discard", json!({"all": true})).await.unwrap();
    assert_eq!(done, json!({"discarded": 1, "total": 0}));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_nobody_waiting_and_is_listed() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    send(&mut peer, "first", "r1").await;
    let turn = model.turn().await;
    send(&mut peer, "second", "r2").await;
    send(&mut peer, "third", "r3").await;
    let state = gateway.stop().await;
    drop(turn);
    let database = Connection::open(state.path().join("gateway.sqlite")).unwrap();
    for broken in [
        "UPDATE runs SET state = 'half' WHERE run_id = 'r1'",
        "UPDATE runs SET request = '{' WHERE run_id = 'r2'",
    ] {
        assert_eq!(database.execute(broken, []).unwrap(), 1);
    }
    drop(database);

    let gateway = TestGateway::at(state, model.config()).await;
    let mut peer = gateway.operator().await;
    let turn = model.turn().await;
    turn.text("three");
    turn.done();
    let waited = peer.call("agent.wait", json!({"runId": "r3"})).await.unwrap();
    assert_eq!(waited["status"], "ok", "what can be read is carried out");
    let listed = list(&mut peer).await;
    let letters = listed["letters"].as_array().unwrap();
    let told: Vec<_> = letters.iter().map(|l| (&l["kind"], &l["subject"])).collect();
    let kind = json!("unreadable");
    assert_eq!(told, [(&kind, &json!("r2")), (&kind, &json!("r1"))]);
    send(&mut peer, "fourth", "r4").await;
    model.turn().await.done();
    peer.call("agent.wait", json!({"runId": "r4"})).await.unwrap();
}

#[tokio::test]
async fn work_that_no_node_came_for_is_listed() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let mut node = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    (params["role"], params["scopes"]) = (json!("node"), json!([]));
    device.sign(&mut params, &node.nonce);
    node.shake(params).await.unwrap();
    let mut peer = gateway.operator().await;
    let work = json!({"nodeId": device.id(), "type": "location.request", "wake": false});
    peer.call("node.pending.enqueue", work).await.unwrap();
    let state = gateway.stop().await;
    let database = Connection::open(state.path().join("gateway.sqlite")).unwrap();
    assert_eq!(database.execute("UPDATE node_work SET expires_at = 1", []).unwrap(), 1);
    drop(database);
    let gateway = TestGateway::at(state, json!({})).await;
    let mut peer = gateway.operator().await;
    let listed = list(&mut peer).await;
    assert_eq!(told(&listed), [("expired", "location.request")]);
    assert_eq!(listed["letters"][0]["nodeId"], json!(device.id()));
}
