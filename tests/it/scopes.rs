//! What a connection may call and hear, by the scopes that the gateway gave it.

use openclaw_tests::{Device, Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// A program of this machine that asked for these scopes.
async fn with_scopes(gateway: &TestGateway, protocol: u64, scopes: &[&str]) -> Peer {
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = connect_params(protocol);
    params["scopes"] = json!(scopes);
    peer.shake(params).await.unwrap();
    peer
}

#[tokio::test]
async fn without_scopes_nothing_is_answered_but_the_old_health_check() {
    let gateway = TestGateway::start().await;
    for protocol in [3, 4] {
        let mut nobody = with_scopes(&gateway, protocol, &[]).await;
        let methods = nobody.hello["features"]["methods"].as_array().unwrap().clone();
        assert!(methods.len() > 20);
        for method in methods {
            let method = method.as_str().unwrap();
            let answer = nobody.call(method, json!({})).await;
            if (protocol, method) == (3, "health") {
                answer.unwrap();
                continue;
            }
            let message = answer.unwrap_err()["message"].to_string();
            // Where the scope depends on the parameters, empty ones may be refused first. What is for nodes is
            // for no operator, whatever its scopes.
            let refusals = ["missing scope: ", "invalid ", "unauthorized role: operator"];
            let refused = refusals.iter().any(|refusal| message.contains(refusal));
            assert!(refused, "{method} of protocol {protocol}: {message}");
        }
        let health = nobody.call("health", json!({})).await;
        assert_eq!(health.is_ok(), protocol == 3);
    }
}

#[tokio::test]
async fn what_overrides_or_decides_needs_more_than_write() {
    let gateway = TestGateway::start().await;
    let key = json!({"sessionKey": "main", "key": "agent:main:main"});
    let with = |name: &str, value: Value| json!({"key": key["key"], name: value});
    let cases = [
        ("chat.inject", json!({"sessionKey": "main", "message": "x"}), "operator.admin"),
        ("sessions.reset", with("reason", json!("new")), "operator.admin"),
        ("sessions.patch", with("elevatedLevel", json!("full")), "operator.admin"),
        ("device.pair.list", json!({}), "operator.pairing"),
        ("no.such.method", json!({}), "operator.admin"),
    ];
    for protocol in [3, 4] {
        let mut writer =
            with_scopes(&gateway, protocol, &["operator.read", "operator.write"]).await;
        for (method, params, scope) in &cases {
            let refused = writer.call(method, params.clone()).await.unwrap_err();
            assert_eq!(refused["message"], format!("missing scope: {scope}"), "{method}");
        }
    }
}

#[tokio::test]
async fn the_word_reset_is_for_administrators() {
    let gateway = TestGateway::start().await;
    let mut writer = with_scopes(&gateway, 4, &["operator.read", "operator.write"]).await;
    for (n, text) in ["hello", "/reset", "/new"].into_iter().enumerate() {
        let run = format!("r{n}");
        let send = json!({"sessionKey": "main", "message": text, "idempotencyKey": run});
        writer.call("chat.send", send).await.unwrap();
        writer.run_end(&run).await;
    }
    // By the other methods that say something, too.
    for (n, method) in ["agent", "sessions.send"].into_iter().enumerate() {
        let run = format!("s{n}");
        let mut send = json!({"message": "/reset", "idempotencyKey": run});
        send[if method == "agent" { "sessionKey" } else { "key" }] = json!("main");
        writer.call(method, send).await.unwrap();
        writer.run_end(&run).await;
    }
    let history = writer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let said = history["messages"].as_array().unwrap();
    assert_eq!(said.iter().filter(|message| message["role"] == "user").count(), 5, "{history}");
}

#[tokio::test]
async fn a_pairing_request_is_told_to_those_who_may_decide() {
    let gateway = TestGateway::start().await;
    let mut reader = with_scopes(&gateway, 4, &["operator.read", "operator.write"]).await;
    let mut decider = with_scopes(&gateway, 4, &["operator.pairing"]).await;
    // A device that a proxy forwards is not of this machine: it has to wait.
    let address = gateway.address();
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("x-forwarded-for", "192.0.2.9".parse().unwrap());
    let mut stranger = Peer::open_with(request).await;
    let mut params = connect_params(4);
    let device = Device::new();
    device.sign(&mut params, &stranger.nonce);
    let refused = stranger.shake(params).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "PAIRING_REQUIRED");
    let told = decider.event("device.pair.requested", |_| true).await;
    assert_eq!(told["deviceId"], device.id());
    // What the reader hears next is what it asks for now, and nothing of the kind before it.
    let id = reader.send("health", json!({})).await;
    loop {
        let frame = reader.next().await.unwrap();
        assert_ne!(frame["event"], "device.pair.requested");
        if frame["id"] == id {
            break;
        }
    }
}

#[tokio::test]
async fn answers_are_streamed_to_those_who_may_read() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let mut decider = with_scopes(&gateway, 4, &["operator.pairing"]).await;
    let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "streamed"});
    operator.call("chat.send", send).await.unwrap();
    operator.run_end("streamed").await;
    let id = decider.send("device.pair.list", json!({})).await;
    loop {
        let frame = decider.next().await.unwrap();
        let event = frame["event"].as_str().unwrap_or_default();
        assert!(!["chat", "agent", "presence"].contains(&event), "{frame}");
        if frame["id"] == id {
            break;
        }
    }
}

#[tokio::test]
async fn status_shows_where_files_lie_to_administrators_alone() {
    let gateway = TestGateway::start().await;
    let state = gateway.state();
    let dir = state.path().to_str().unwrap();
    let mut reader = with_scopes(&gateway, 4, &["operator.read"]).await;
    let status = reader.call("status", json!({})).await.unwrap();
    assert!(!status.to_string().contains(dir), "{status}");
    let status = gateway.operator().await.call("status", json!({})).await.unwrap();
    assert!(status.to_string().contains(dir));
}

#[tokio::test]
async fn a_chat_widget_does_not_change_sessions() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
    let mut widget = Peer::open_with(request).await;
    let mut params = connect_params(4);
    params["client"] =
        json!({"id": "webchat", "version": "1", "platform": "web", "mode": "webchat"});
    widget.shake(params).await.unwrap();
    let patch = json!({"key": "main", "label": "mine"});
    let refused = widget.call("sessions.patch", patch).await.unwrap_err();
    assert_eq!(refused["message"], "webchat clients cannot patch sessions");
}
