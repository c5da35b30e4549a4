//! Bad input: told clearly or closed, never a panic, nothing lost, and the next caller is served.

use openclaw_tests::{Peer, TestGateway};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn frames_that_are_no_requests_are_answered_or_passed_over() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    // Not JSON at all: ignored, as recorded.
    peer.send_text("{not json").await;
    peer.send_message(Message::binary(vec![0xc3, 0x28])).await;
    peer.send_text(r#"{"type":"req","method":"health"}"#).await;
    let refused = peer.answer("invalid").await.unwrap_err();
    assert_eq!(refused["message"], "invalid request frame: must have required property 'id'");
    peer.send_text(r#"{"type":"req","id":"x2","method":"health","params":{},"extra":1}"#).await;
    let refused = peer.answer("x2").await.unwrap_err();
    assert_eq!(refused["message"], "invalid request frame: at root: unexpected property 'extra'");
    // Two parsers would disagree about these.
    for hostile in [
        r#"{"type":"req","id":"d","method":"health","method":"sessions.reset"}"#.to_owned(),
        r#"{"type":"req","id":"d","method":"chat.send","params":{"sessionKey":"a","sessionKey":"b"}}"#.to_owned(),
        format!(r#"{{"type":"req","id":"d","method":"health","params":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000)),
        r#"{"type":"req","id":"\ud800","method":"health"}"#.to_owned(),
    ] {
        peer.send_text(hostile).await;
        let refused = peer.answer("invalid").await.unwrap_err();
        assert_eq!(refused["code"], "INVALID_REQUEST");
    }
    // A binary frame of good JSON is as good as text.
    peer.send_message(Message::binary(
        r#"{"type":"req","id":"b1","method":"health"}"#.as_bytes().to_vec(),
    ))
    .await;
    assert_eq!(peer.answer("b1").await.unwrap()["ok"], true);
}

#[tokio::test]
async fn odd_parameters_are_named() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let cases = [
        (
            "chat.history",
            json!({"sessionKey": "main", "limit": 5000}),
            "invalid chat.history params: at /limit: must be <= 1000",
        ),
        (
            "chat.send",
            json!({"sessionKey": "main", "message": "x"}),
            "invalid chat.send params: must have required property 'idempotencyKey'",
        ),
        (
            "sessions.list",
            json!({"bogus": 1}),
            "invalid sessions.list params: at root: unexpected property 'bogus'",
        ),
    ];
    for (method, params, message) in cases {
        assert_eq!(peer.call(method, params).await.unwrap_err()["message"], message);
    }
    for key in ["agent:", "agent:main", "a/../../b\u{0}", &"x".repeat(10_000)] {
        let answer = peer
            .call("chat.send", json!({"sessionKey": key, "message": "x", "idempotencyKey": "k"}))
            .await;
        if let Err(error) = answer {
            assert_eq!(error["code"], "INVALID_REQUEST", "{key}");
        }
    }
    assert_eq!(peer.call("health", json!({})).await.unwrap()["ok"], true);
}

#[tokio::test]
async fn what_would_be_ignored_or_is_not_the_callers_to_say_is_refused() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let send = |name: &str, value: Value| {
        let mut params = json!({"sessionKey": "main", "message": "x", "idempotencyKey": "k"});
        params[name] = value;
        ("chat.send", params)
    };
    let image = |mime: &str, data: &str| {
        send("attachments", json!([{"type": "image", "mimeType": mime, "content": data}]))
    };
    let with = |method, name: &str, value: Value| {
        let mut params = json!({});
        if method == "sessions.patch" {
            params["key"] = json!("main");
        } else if method == "agent" {
            params = json!({"message": "x", "idempotencyKey": "k"});
        }
        params[name] = value;
        (method, params)
    };
    let provenance = json!({"kind": "internal_system"});
    let cases = [
        (send("systemInputProvenance", provenance.clone()), "reserved for the gateway"),
        (send("systemProvenanceReceipt", json!("r")), "reserved for the gateway"),
        (image("image/png", &"A".repeat(6_800_000)), "exceeds size limit"),
        (image("text/html", "QUJD"), "only images are supported"),
        (image("image/png", "<svg>"), "invalid base64"),
        (
            with("sessions.patch", "permissionMode", json!("read-only")),
            "permissionMode is not supported here",
        ),
        (with("sessions.create", "cwd", json!("/etc")), "cwd is not supported here"),
        (with("agent", "cwd", json!("/etc")), "cwd is not supported here"),
        (with("agent", "inputProvenance", provenance), "inputProvenance is not supported here"),
    ];
    for ((method, params), expected) in cases {
        let refused = peer.call(method, params).await.unwrap_err();
        assert!(refused["message"].as_str().unwrap().contains(expected), "{expected}: {refused}");
    }
}

#[tokio::test]
async fn a_stranger_cannot_take_all_places() {
    let gateway = TestGateway::start().await;
    let mut idle = Vec::new();
    for _ in 0..32 {
        idle.push(Peer::open(gateway.address()).await);
    }
    let stream = tokio::net::TcpStream::connect(gateway.address()).await.unwrap();
    let refused =
        tokio_tungstenite::client_async(format!("ws://{}/", gateway.address()), stream).await;
    assert!(refused.unwrap_err().to_string().contains("503"));
    // One who says who he is makes room.
    let mut one = idle.pop().unwrap();
    one.shake(openclaw_tests::peer::connect_params(4)).await.unwrap();
    gateway.operator().await;
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let mut ids = Vec::new();
    for _ in 0..2_000 {
        ids.push(peer.send("sessions.list", json!({})).await);
    }
    let mut refused = 0;
    for id in ids {
        if let Err(error) = peer.answer(&id).await {
            assert_eq!(
                (&error["code"], &error["retryable"]),
                (&json!("UNAVAILABLE"), &json!(true))
            );
            refused += 1;
        }
    }
    assert!(refused < 2_000);
}

#[tokio::test]
async fn a_large_message_is_taken_and_a_larger_one_closes_the_socket() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let text = "x".repeat(2 * 1024 * 1024);
    let send = json!({"sessionKey": "main", "message": text, "idempotencyKey": "big"});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end("big").await;
    peer.send_text("x".repeat(26 * 1024 * 1024)).await;
    assert_eq!(peer.ended().await.code, 1009);
    gateway.operator().await;
}

/// An event may be larger than all that a slow reader is let wait for: a reader who keeps up gets it.
#[tokio::test]
async fn a_large_picture_reaches_who_follows_the_session() {
    let gateway = TestGateway::start().await;
    let (mut sender, mut follower) = (gateway.operator().await, gateway.operator().await);
    let session = json!({"key": "agent:main:main"});
    follower.call("sessions.messages.subscribe", session.clone()).await.unwrap();
    sender.call("sessions.messages.subscribe", session).await.unwrap();
    let picture = format!("iVBORw0KGgo{}", "A".repeat(6_000_001));
    let send = json!({"sessionKey": "main", "message": "look", "idempotencyKey": "p",
        "attachments": [{"type": "image", "mimeType": "image/png", "content": picture}]});
    sender.call("chat.send", send).await.unwrap();
    for peer in [&mut sender, &mut follower] {
        let told = peer.event("session.message", |told| told["message"]["role"] == "user").await;
        assert_eq!(told["sessionKey"], "agent:main:main");
        peer.run_end("p").await;
    }
}
