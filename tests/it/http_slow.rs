//! P39: clients that send slowly, and clients that do not read. Each is let go within its time, and what
//! it held with it. The limits are short here; what ends a wait is always what the gateway does.

use std::time::Duration;

use openclaw_gateway::Patience;
use openclaw_tests::{
    ModelServer, Peer, TestGateway,
    gateway::TOKEN,
    http::{Stream, ask, request},
    peer::connect_params,
};
use serde_json::{Value, json};

const SHORT: Duration = Duration::from_millis(300);
const BODY: &str = r#"{"stream":true,"messages":[{"role":"user","content":"hello"}]}"#;

async fn hurried(patience: Patience) -> TestGateway {
    TestGateway::hurried(json!({}), patience).await
}

#[tokio::test]
async fn a_head_has_its_time_as_a_whole() {
    let gateway = hurried(Patience { head: SHORT, ..Patience::default() }).await;
    let stopped = Stream::open(gateway.address()).await;
    assert_eq!(stopped.rest().await.status, 0, "a client that says nothing");
    let mut half = Stream::open(gateway.address()).await;
    half.send(b"GET /healthz HTTP/1.1\r\nHost: ").await;
    assert_eq!(half.rest().await.status, 0);
    // One more header again and again does not win more time.
    let mut dripping = Stream::open(gateway.address()).await;
    dripping.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await;
    assert_eq!(dripping.drip(b"X: y\r\n").await.status, 0);
    // After an answer the next request has the same time.
    let mut idle = Stream::open(gateway.address()).await;
    idle.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(idle.rest().await.status, 200);
}

#[tokio::test]
async fn a_body_has_its_time_between_pieces_and_as_a_whole() {
    let begun = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100000\r\n\r\n{{"
    );
    let gateway = hurried(Patience { body_pause: SHORT, ..Patience::default() }).await;
    let mut stopped = Stream::open(gateway.address()).await;
    stopped.send(begun.as_bytes()).await;
    let answer = stopped.rest().await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["message"]),
        (408, &json!("Request body timeout"))
    );
    let gateway = hurried(Patience { body: SHORT, ..Patience::default() }).await;
    let mut dripping = Stream::open(gateway.address()).await;
    dripping.send(begun.as_bytes()).await;
    assert_eq!(dripping.drip(b" ").await.status, 408);
    // No run has begun for any of them.
    let mut peer = gateway.operator().await;
    let sessions = peer.call("sessions.list", json!({})).await.unwrap();
    assert_eq!(sessions["count"], 0, "{sessions}");
}

#[tokio::test]
async fn a_body_that_nobody_wants_does_not_hold_the_connection() {
    let gateway = TestGateway::start().await;
    for line in ["POST /healthz", "POST /nope", "GET /app.js"] {
        let mut stream = Stream::open(gateway.address()).await;
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nx");
        stream.send(head.as_bytes()).await;
        // The answer is there, and the connection ends: the rest of the body is not waited for.
        assert!(stream.rest().await.status >= 200, "{line}");
    }
}

#[tokio::test]
async fn a_client_that_never_reads_is_let_go() {
    let gateway = hurried(Patience { write: SHORT, ..Patience::default() }).await;
    let asked = "GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200);
    let mut stream = Stream::open_narrow(gateway.address()).await;
    stream.send(asked.as_bytes()).await;
    stream.thrown_away().await;
    let got = stream.rest().await;
    assert!(got.body.matches("HTTP/1.1 200").count() < 199, "most of it was never made");
    let next = ask(gateway.address(), "GET /healthz", "", "").await;
    assert_eq!(next.status, 200);
}

/// What a stream's reader does not take is not kept for it: the run behind it is stopped.
#[tokio::test]
async fn a_stream_that_nobody_reads_stops_its_run() {
    let model = ModelServer::start().await;
    let patience = Patience { write: SHORT, ..Patience::default() };
    let gateway = TestGateway::hurried(model.config(), patience).await;
    let mut stream = Stream::open_narrow(gateway.address()).await;
    let post = request(gateway.address(), "POST /v1/chat/completions", "", BODY);
    stream.send(post.as_bytes()).await;
    let turn = model.turn().await;
    let piece = "x".repeat(256 * 1024);
    for _ in 0..32 {
        turn.text(&piece);
    }
    stream.thrown_away().await;
    // The gateway hangs up on the model: nobody wants the rest.
    turn.given_up().await;
}

/// A WebSocket client that asks much and reads nothing is gone from the list of those who are here.
#[tokio::test]
async fn a_socket_that_never_reads_is_let_go() {
    let gateway = hurried(Patience { write: SHORT, ..Patience::default() }).await;
    let mut watcher = gateway.operator().await;
    let mut peer = Peer::open_narrow(gateway.address()).await;
    let mut params = connect_params(4);
    params["client"]["instanceId"] = json!("the-deaf");
    peer.shake(params).await.unwrap();
    // At some point the gateway takes no further request, and then the socket is gone.
    for _ in 0..20_000 {
        peer.send("health", json!({})).await;
    }
    let gone = |list: &Value| {
        let mut entries = list.as_array().unwrap().iter();
        entries.any(|e| e["instanceId"] == "the-deaf" && e["reason"] == "disconnect")
    };
    watcher.event("presence", |event| gone(&event["presence"])).await;
}
