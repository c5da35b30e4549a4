//! What was accepted is there after any end, once.

use openclaw_tests::{ModelServer, Peer, TestGateway};
use serde_json::json;

#[tokio::test]
async fn a_restart_tells_everyone_and_keeps_what_waited() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    let send = |text: &str, run: &str| json!({"sessionKey": "main", "message": text, "idempotencyKey": run});
    peer.call("chat.send", send("first", "r1")).await.unwrap();
    let turn = model.turn().await;
    peer.call("chat.send", send("second", "r2")).await.unwrap();
    let stopping = gateway.stop();
    let farewell = async {
        peer.event("shutdown", |_| true).await;
        peer.ended().await
    };
    let (state, ended) = tokio::join!(stopping, farewell);
    assert_eq!((ended.code, ended.reason.as_str()), (1012, "service restart"));
    drop(turn);

    let gateway = TestGateway::at(state, model.config()).await;
    let mut peer = gateway.operator().await;
    // Nothing of the first had been sent, so it runs again; then the second.
    let turn = model.turn().await;
    turn.text("one");
    turn.done();
    let turn = model.turn().await;
    turn.text("two");
    turn.done();
    let waited = peer.call("agent.wait", json!({"runId": "r2"})).await.unwrap();
    assert_eq!(waited["status"], "ok");
    let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let messages = history["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages.iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
}

#[tokio::test]
async fn a_second_gateway_on_the_same_state_hears_who_is_first() {
    let gateway = TestGateway::start().await;
    let options = openclaw_tests::gateway::options(gateway.state().path());
    let refused = openclaw_gateway::Gateway::start(options).await.err().unwrap();
    let message = refused.to_string();
    assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
    assert!(message.contains("openclaw gateway stop"), "{message}");
    // The first is untouched.
    let mut peer: Peer = gateway.operator().await;
    assert_eq!(peer.call("health", json!({})).await.unwrap()["ok"], true);
}
