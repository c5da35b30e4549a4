//! 001: agents that meet over a gateway. `connect` names a token, a role and scopes; the rest is protocol 3.

use openclaw_tests::{Peer, TestGateway, gateway::TOKEN};
use serde_json::{Value, json};

use super::{ELSEWHERE, open};

fn connect(token: &str) -> Value {
    json!({"token": token, "role": "operator", "scopes": [
        "operator.admin", "operator.approvals", "operator.pairing",
    ]})
}

#[tokio::test]
async fn an_agent_in_another_container_connects_and_chats() {
    let gateway = TestGateway::start().await;
    let mut peer = open(&gateway, "/", &[ELSEWHERE]).await;
    let hello = peer.shake(connect(TOKEN)).await.unwrap();
    assert_eq!((&hello["type"], &hello["protocol"]), (&json!("hello-ok"), &json!(3)));
    let methods = hello["features"]["methods"].as_array().unwrap();
    assert!(!methods.contains(&json!("sessions")), "an alias is in no feature list");
    let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "a1"});
    assert_eq!(peer.call("chat.send", send).await.unwrap()["runId"], "a1");
    let agent = peer.event("agent", |agent| agent["stream"] == "assistant").await;
    assert_eq!(agent["runId"], "a1");
    assert_eq!(peer.run_end("a1").await["state"], "final");
    // The older names of methods, with the scopes of what they mean.
    assert!(peer.call("sessions", json!({})).await.unwrap()["sessions"].is_array());
    let refused = peer.call("sessions.clear", json!({"sessionKey": "main"})).await.unwrap_err();
    assert_eq!(refused["message"], "missing scope: operator.admin");
    // It knows idempotency keys, so they are asked for.
    let keyless = json!({"sessionKey": "main", "message": "hello"});
    let refused = peer.call("chat.send", keyless).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("idempotencyKey"), "{refused}");
    let unknown = peer.call("cron", json!({})).await.unwrap_err();
    assert_eq!(unknown["message"], "unknown method: cron");
}

#[tokio::test]
async fn on_the_same_machine_it_is_what_any_program_with_the_secret_is() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    peer.shake(connect(TOKEN)).await.unwrap();
    peer.call("sessions.create", json!({"key": "agent:main:one"})).await.unwrap();
    peer.call("sessions.clear", json!({"sessionKey": "agent:main:one"})).await.unwrap();
}

#[tokio::test]
async fn scopes_that_are_not_asked_for_are_not_granted() {
    let gateway = TestGateway::start().await;
    for params in [json!({"token": TOKEN}), json!({"token": TOKEN, "scopes": []})] {
        let mut peer = Peer::open(gateway.address()).await;
        peer.shake(params).await.unwrap();
        let refused = peer.call("sessions.list", json!({})).await.unwrap_err();
        assert_eq!(refused["message"], "missing scope: operator.read");
    }
}

#[tokio::test]
async fn there_is_nothing_between_the_short_form_and_the_whole_one() {
    let gateway = TestGateway::start().await;
    for more in [json!({"minProtocol": 3}), json!({"auth": {"token": TOKEN}}), json!({"x": 1})] {
        let mut params = connect(TOKEN);
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut peer = Peer::open(gateway.address()).await;
        let refused = peer.shake(params).await.unwrap_err();
        let message = refused["message"].as_str().unwrap();
        assert!(message.starts_with("invalid connect params"), "{message}");
        assert_eq!(peer.ended().await.code, 1008);
    }
    // The role is asked for as well: a node shows the key of its device, and this form has none.
    let mut peer = Peer::open(gateway.address()).await;
    let refused = peer.shake(json!({"token": TOKEN, "role": "node"})).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "DEVICE_IDENTITY_REQUIRED", "{refused}");
    let mut peer = Peer::open(gateway.address()).await;
    let refused = peer.shake(connect("wrong")).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "AUTH_TOKEN_MISMATCH");
    assert_eq!(peer.ended().await.code, 1008);
}
