//! 003: twelve agents in one process. `message` and `status` frames, answered in their own shape.

use openclaw_tests::{Peer, TestGateway};
use serde_json::json;

use super::{ELSEWHERE, hear, open, say};

#[tokio::test]
async fn a_message_is_answered_by_its_agent_in_its_session() {
    let agents = json!({"agents": {"list": [{"id": "main"}, {"id": "ops"}]}});
    let gateway = TestGateway::with(agents).await;
    let mut peer = Peer::open(gateway.address()).await;
    let message = json!({"type": "message", "id": 7, "agentId": "ops", "sessionId": "night",
        "content": "hello there", "timestamp": 1});
    say(&mut peer, &message).await;
    let event = hear(&mut peer, |f| f["type"] == "event" && f["event"] == "agent").await;
    assert_eq!(event["data"]["agentId"], "ops");
    let answer = hear(&mut peer, |f| f["type"] == "message").await;
    assert!(answer["content"].as_str().unwrap().contains("hello there"), "{answer}");
    assert_eq!(answer["id"], 7);
    assert_eq!((&answer["agentId"], &answer["sessionId"]), (&json!("ops"), &json!("night")));
    // It is a session like any other.
    let mut operator = gateway.operator().await;
    let key = json!({"sessionKey": "agent:ops:night"});
    let history = operator.call("chat.history", key).await.unwrap();
    assert_eq!(history["messages"].as_array().unwrap().len(), 2);
    // The text comes back where it stood.
    say(&mut peer, &json!({"type": "message", "payload": {"text": "within"}})).await;
    let answer = hear(&mut peer, |f| f["type"] == "message").await;
    assert!(answer["payload"]["text"].as_str().unwrap().contains("within"), "{answer}");
    assert_eq!(answer["agentId"], "main");
}

#[tokio::test]
async fn status_and_errors_have_the_same_shape() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    say(&mut peer, &json!({"type": "status", "id": "s"})).await;
    let status = hear(&mut peer, |f| f["type"] == "status").await;
    assert_eq!(status["id"], "s");
    assert!(status["data"]["sessions"].is_object(), "{status}");
    for (frame, problem) in [
        (
            json!({"type": "message", "id": "e", "agentId": "nobody", "content": "x"}),
            "unknown agent id",
        ),
        (json!({"type": "message", "id": "e"}), "a message needs content"),
        (json!({"type": "message", "id": "e", "content": "x", "agentId": 7}), "agentId"),
    ] {
        say(&mut peer, &frame).await;
        let error = hear(&mut peer, |f| f["type"] == "error").await;
        assert_eq!(
            (&error["id"], &error["error"]["code"]),
            (&json!("e"), &json!("INVALID_REQUEST"))
        );
        assert!(error["content"].as_str().unwrap().contains(problem), "{error}");
    }
    say(&mut peer, &json!({"type": "event", "event": "x"})).await;
    hear(&mut peer, |f| f["type"] == "error").await;
}

#[tokio::test]
async fn a_stranger_gets_an_error_and_is_closed() {
    let gateway = TestGateway::start().await;
    let mut peer = open(&gateway, "/", &[ELSEWHERE]).await;
    say(&mut peer, &json!({"type": "message", "id": 1, "content": "hi"})).await;
    let error = hear(&mut peer, |f| f["type"] == "error").await;
    assert_eq!(error["id"], 1);
    assert!(error["content"].as_str().unwrap().starts_with("unauthorized"), "{error}");
    assert_eq!(peer.ended().await.code, 1008);
}
