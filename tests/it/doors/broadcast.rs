//! 002: the gateway system. `request`, `response` and `broadcast` frames.

use openclaw_tests::{Peer, TestGateway, gateway::TOKEN};
use serde_json::{Value, json};

use super::{ELSEWHERE, hear, open, say};

fn request(id: &Value, method: &str, params: &Value) -> Value {
    json!({"type": "request", "id": id, "method": method, "params": params})
}

async fn call(peer: &mut Peer, method: &str, params: Value) -> Result<Value, Value> {
    let id = json!(method);
    say(peer, &request(&id, method, &params)).await;
    let mut response = hear(peer, |f| f["type"] == "response" && f["id"] == id).await;
    if response["ok"] == true {
        assert_eq!(response["result"], response["payload"]);
        Ok(response["result"].take())
    } else {
        Err(response["error"].take())
    }
}

#[tokio::test]
async fn each_way_in() {
    let gateway = TestGateway::start().await;
    for params in
        [json!({"auth": {"token": TOKEN}}), json!({"token": TOKEN}), json!({"auth": TOKEN})]
    {
        let mut peer = open(&gateway, "/", &[ELSEWHERE]).await;
        let hello = call(&mut peer, "connect", params).await.unwrap();
        assert_eq!((&hello["type"], &hello["protocol"]), (&json!("hello-ok"), &json!(4)));
        call(&mut peer, "sessions.list", json!({})).await.unwrap();
    }
    let bearer = format!("Bearer {TOKEN}");
    let query = format!("/ws?token={TOKEN}");
    for (path, headers) in [
        ("/", &[ELSEWHERE, ("authorization", &*bearer)][..]),
        (&*query, &[ELSEWHERE][..]),
        // The local permit.
        ("/", &[]),
    ] {
        let mut peer = open(&gateway, path, headers).await;
        call(&mut peer, "sessions.list", json!({})).await.unwrap();
        let mut peer = open(&gateway, path, headers).await;
        call(&mut peer, "connect", json!({"client": "x"})).await.unwrap();
        let again = call(&mut peer, "connect", json!({})).await.unwrap_err();
        assert_eq!(again["message"], "connect is only valid as the first request");
    }
}

#[tokio::test]
async fn a_turn_is_told_in_broadcasts() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    call(&mut peer, "connect", json!({"token": TOKEN})).await.unwrap();
    let run = call(&mut peer, "chat", json!({"message": "hello"})).await.unwrap();
    assert_eq!(run["status"], "started");
    let delta = hear(&mut peer, |f| f["type"] == "broadcast" && f["event"] == "chat.delta").await;
    assert_eq!(delta["data"]["runId"], run["runId"]);
    assert!(delta["payload"].is_null() && delta["seq"].is_null(), "{delta}");
    let end = hear(&mut peer, |f| f["event"] == "chat").await;
    assert_eq!(end["data"]["state"], "final");
    let history = call(&mut peer, "chat", json!({})).await.unwrap();
    assert_eq!(history["messages"].as_array().unwrap().len(), 2);
    let _another = gateway.operator().await;
    let presence = hear(&mut peer, |f| f["event"] == "presence.update").await;
    assert!(presence["data"]["presence"].is_array(), "{presence}");
}

/// `system-presence` is an update in this description and a list everywhere else: it is both.
#[tokio::test]
async fn presence_is_told_and_listed() {
    let gateway = TestGateway::start().await;
    let mut watcher = gateway.operator().await;
    let mut peer = Peer::open(gateway.address()).await;
    call(&mut peer, "connect", json!({"token": TOKEN})).await.unwrap();
    let says = |list: &Value| {
        let mut entries = list.as_array().unwrap().iter();
        entries.any(|entry| entry["text"] == "out for lunch" && entry["tags"] == json!(["away"]))
    };
    let list = call(&mut peer, "system-presence", json!({})).await.unwrap();
    assert!(!says(&list), "{list}");
    let update = json!({"text": "out for lunch", "tags": ["away"], "deviceId": "another", "ip": "192.0.2.1"});
    let list = call(&mut peer, "system-presence", update).await.unwrap();
    assert!(says(&list), "{list}");
    assert!(!list.to_string().contains("192.0.2.1") && !list.to_string().contains("another"));
    watcher.event("presence", |event| says(&event["presence"])).await;
    // Who may only read may only look.
    let mut reader = Peer::open(gateway.address()).await;
    let asks = json!({"token": TOKEN, "scopes": ["operator.read"]});
    call(&mut reader, "connect", asks).await.unwrap();
    let refused = call(&mut reader, "system-presence", json!({"text": "hi"})).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("operator.write"), "{refused}");
    assert!(says(&call(&mut reader, "system-presence", json!({})).await.unwrap()));
}

#[tokio::test]
async fn refusals_are_responses_with_string_codes() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    let refused =
        call(&mut peer, "connect", json!({"auth": {"token": "wrong"}})).await.unwrap_err();
    assert_eq!(refused["code"], "INVALID_REQUEST");
    assert_eq!(refused["details"]["code"], "AUTH_TOKEN_MISMATCH");
    assert_eq!(peer.ended().await.code, 1008);

    let mut peer = Peer::open(gateway.address()).await;
    call(&mut peer, "connect", json!({"token": TOKEN, "scopes": ["operator.read"]})).await.unwrap();
    let refused = call(&mut peer, "chat", json!({"message": "hi"})).await.unwrap_err();
    assert_eq!(refused["code"], "FORBIDDEN");
    let unknown = call(&mut peer, "cron", json!({})).await.unwrap_err();
    assert_eq!(unknown["message"], "unknown method: cron");
    say(&mut peer, &json!({"type": "request", "method": "health"})).await;
    let odd = hear(&mut peer, |f| f["ok"] == false).await;
    assert!(odd["id"].is_null() && odd["error"]["code"] == "INVALID_REQUEST", "{odd}");
}
