//! What must not get in by a door.

use std::process::Stdio;

use openclaw_tests::{PATIENCE, Peer, TestGateway, gateway::TOKEN};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
};

use super::{Headers, hear, open, say};

/// The first frame of each door that has the local permit.
fn first_frames() -> [Value; 4] {
    [
        json!({"type": "request", "id": 1, "method": "health"}),
        json!({"type": "request", "id": 1, "method": "connect"}),
        json!({"id": 1, "method": "health"}),
        json!({"type": "status", "id": 1}),
    ]
}

/// Sends a first frame; the close, after an error and nothing else.
async fn refused(gateway: &TestGateway, path: &str, headers: Headers<'_>, frame: &Value) {
    let mut peer = open(gateway, path, headers).await;
    say(&mut peer, frame).await;
    let about = format!("{frame} with {headers:?} at {path}");
    let answer = peer.next().await.unwrap();
    assert!(answer["error"].is_object() && answer["result"].is_null(), "{about}: {answer}");
    assert_eq!(peer.ended().await.code, 1008, "{about}");
}

#[tokio::test]
async fn the_permit_is_there_at_all() {
    let gateway = TestGateway::start().await;
    for frame in first_frames() {
        let mut peer = Peer::open(gateway.address()).await;
        say(&mut peer, &frame).await;
        let answer = hear(&mut peer, |f| f.get("event").is_none()).await;
        assert!(answer["error"].is_null(), "{frame}: {answer}");
    }
}

#[tokio::test]
async fn a_page_a_proxy_and_a_wrong_credential_void_the_permit() {
    let gateway = TestGateway::start().await;
    let own = format!("http://{}", gateway.address());
    let voids: [Headers<'_>; 14] = [
        &[("origin", &own)],
        &[("origin", "http://localhost:3000")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-mode", "websocket")],
        &[("x-forwarded-for", "127.0.0.1")],
        &[("x-forwarded-port", "443")],
        &[("forwarded", "for=127.0.0.1")],
        &[("via", "1.1 proxy")],
        &[("x-real-ip", "127.0.0.1")],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Bearer ")],
        &[("authorization", "Basic dTpw")],
    ];
    for headers in voids {
        for frame in first_frames() {
            refused(&gateway, "/", headers, &frame).await;
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_wrong_place_is_a_wrong_one() {
    let gateway = TestGateway::start().await;
    let astray = format!("/?token={TOKEN}");
    for frame in first_frames() {
        refused(&gateway, &astray, &[], &frame).await;
        refused(&gateway, "/ws/?token=", &[], &frame).await;
    }
    for frame in [
        json!({"id": 1, "method": "health", "params": {"token": TOKEN}}),
        json!({"id": 1, "method": "connect", "params": {"auth": {"token": "wrong"}}}),
        json!({"type": "message", "content": "hi", "token": "wrong"}),
        json!({"type": "request", "id": 1, "method": "connect", "params": {"token": "wrong"}}),
        json!({"type": "request", "id": 1, "method": "connect", "params": {"auth": {"token": ""}}}),
        json!({"type": "request", "id": 1, "method": "connect", "params": {"auth": [TOKEN]}}),
        json!({"type": "request", "id": 1, "method": "health", "params": {"password": "wrong"}}),
    ] {
        refused(&gateway, "/", &[], &frame).await;
    }
}

#[tokio::test]
async fn the_permit_reads_and_writes_and_administers_nothing() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    let mut call = async |method: &str, params: Value| {
        say(&mut peer, &json!({"id": method, "method": method, "params": params})).await;
        hear(&mut peer, |frame| frame["id"] == method).await
    };
    assert!(call("sessions.list", json!({})).await["error"].is_null());
    for (method, params, scope) in [
        ("sessions.reset", json!({"key": "main"}), "operator.admin"),
        ("sessions", json!({"action": "reset", "key": "main"}), "operator.admin"),
        ("chat.inject", json!({"sessionKey": "main", "message": "x"}), "operator.admin"),
        ("agent", json!({"message": "x", "extraSystemPrompt": "y"}), "operator.admin"),
        ("device.pair.list", json!({}), "operator.pairing"),
    ] {
        let error = call(method, params).await["error"].take();
        assert_eq!(error["message"], format!("missing scope: {scope}"), "{method}");
        assert_eq!(error["data"]["code"], "FORBIDDEN");
    }
    // What a connect asks for does not widen it.
    let mut peer = Peer::open(gateway.address()).await;
    let connect = json!({"type": "request", "id": 1, "method": "connect",
        "params": {"role": "operator", "scopes": ["operator.admin"]}});
    say(&mut peer, &connect).await;
    let hello = hear(&mut peer, |f| f["type"] == "response").await;
    assert_eq!(hello["result"]["auth"]["scopes"], json!(["operator.read", "operator.write"]));
    assert_eq!(hello["result"]["auth"]["method"], "local-permit");
}

#[tokio::test]
async fn it_can_be_turned_off_and_the_secret_goes_on() {
    let gateway = TestGateway::with(json!({"gateway": {"doors": {"localPermit": false}}})).await;
    for frame in first_frames() {
        refused(&gateway, "/", &[], &frame).await;
    }
    let bearer = format!("Bearer {TOKEN}");
    let mut peer = open(&gateway, "/", &[("authorization", &*bearer)]).await;
    say(&mut peer, &json!({"id": 1, "method": "health"})).await;
    let answer = hear(&mut peer, |frame| frame["id"] == 1).await;
    assert_eq!(answer["result"]["ok"], true);
    // Behind a listed proxy every local request may be somebody else's.
    let listed = json!({"gateway": {"trustedProxies": ["10.0.0.0/8", "127.0.0.0/8"]}});
    let gateway = TestGateway::with(listed).await;
    refused(&gateway, "/", &[], &first_frames()[2]).await;
}

#[tokio::test]
async fn a_door_is_for_life_and_recorded_refusals_stay() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    say(&mut peer, &json!({"id": 1, "method": "health"})).await;
    hear(&mut peer, |frame| frame["id"] == 1).await;
    // The frame of another door, with an id that this one can read: it is answered here, as one of ours.
    say(&mut peer, &json!({"type": "request", "id": 2, "method": "health"})).await;
    let answer = hear(&mut peer, |frame| frame["id"] == 2).await;
    assert!(answer.get("type").is_none(), "{answer}");
    for (frame, code) in [
        (r#"{"type":"event","event":"x"}"#, 1008),
        (r#"{"type":"message","method":"health"}"#, 1008),
        (r#"{"id":1}"#, 1008),
        (r#"{"id":1,"method":"health","method":"status"}"#, 1008),
        ("not json", 1000),
    ] {
        let mut peer = Peer::open(gateway.address()).await;
        peer.send_text(frame).await;
        assert_eq!(peer.ended().await.code, code, "{frame}");
    }
}

/// One bare frame from a process of this user; what has come when it is answered.
async fn from_user(user: u32, gateway: &TestGateway) -> String {
    let frame = r#"{"id":1,"method":"health"}"#;
    let mut sent = format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        gateway.address()
    )
    .into_bytes();
    // A text frame, masked with zeros.
    sent.extend([0x81, 0x80 | u8::try_from(frame.len()).unwrap(), 0, 0, 0, 0]);
    sent.extend(frame.as_bytes());
    let port = gateway.address().port();
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; cat >&3; cat <&3");
    let mut child = Command::new("bash")
        .args(["-c", &script])
        .uid(user)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&sent).await.unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut heard = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&heard).into_owned();
        // Enough of the answer to tell its kind.
        let answer = text.find(r#"{"id":1,"#).map(|at| &text[at..]);
        if answer.is_some_and(|answer| answer.contains("}}")) {
            return text;
        }
        let read = tokio::time::timeout(PATIENCE, stdout.read_buf(&mut heard)).await;
        assert!(read.unwrap().unwrap() > 0, "the gateway answers: {text}");
    }
}

/// Only root can be somebody else; the table itself is tested beside the code that reads it.
#[tokio::test]
async fn another_user_of_this_machine_has_no_permit() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let gateway = TestGateway::start().await;
    let own = from_user(0, &gateway).await;
    assert!(own.contains(r#"{"id":1,"result":"#), "{own}");
    let other = from_user(1001, &gateway).await;
    assert!(
        other.contains(r#"{"id":1,"error":{"code":-32000"#) && !other.contains("result"),
        "{other}"
    );
}
