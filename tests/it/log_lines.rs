//! P42: what a stranger sends may stand in the log, but it is never more than a part of its own line:
//! not another line, not a command to a terminal, not words that run backwards.

use openclaw_tests::{Peer, crash::Starter, http::raw, peer::connect_params};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{client::IntoClientRequest as _, http::HeaderValue};

/// Begins every hostile text, so that it is found again.
const CANARY: &str = "CANARY";

/// What a reader or a terminal would take for more than text.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[tokio::test]
async fn strangers_make_no_lines() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_owned();
    let starter = Starter { program: env!("CARGO_BIN_EXE_crash_gateway"), state, power: None };
    let gateway = starter.start(json!({}), None).await;
    let address = gateway.address();
    let line = format!(r#"{CANARY}"}},{{"level":"fatal"	[31m"#);
    // Over HTTP: what may be in a header comes into the log, the rest is refused with the request.
    for (name, value) in [
        ("User-Agent", line.clone().into_bytes()),
        ("User-Agent", format!("{CANARY}\r\n {{\"fake\":1}}").into_bytes()),
        ("User-Agent", format!("{CANARY}\u{1b}[2J").into_bytes()),
        ("User-Agent", format!("{CANARY}\u{202e}txt").into_bytes()),
        ("X-Forwarded-For", format!("{CANARY}\t{line}").into_bytes()),
        ("Origin", format!("http://{CANARY}\t").into_bytes()),
        ("User-Agent", CANARY.repeat(2_000).into_bytes()),
    ] {
        for start in
            ["GET /v1/models", "GET /health", "POST /v1/chat/completions", "GET /ws?token=x"]
        {
            let upgrade = "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            let upgrade = if start.contains("/ws") { upgrade } else { "Connection: close\r\n" };
            let head = format!(
                "{start} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer wrong\r\n{upgrade}{name}: "
            );
            raw(address, &[head.as_bytes(), &value, b"\r\n\r\n"].concat()).await;
        }
    }
    // Over a WebSocket: every text that a client may say of itself.
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("user-agent", HeaderValue::from_str(&line).unwrap());
    let mut peer = Peer::open_with(request).await;
    let hostile = format!("{CANARY}\r\n{{\"fake\":1}}\u{1b}[31m\u{202e}\u{2028}\u{0}");
    let mut params = connect_params(4);
    for field in ["displayName", "version", "platform", "deviceFamily", "modelIdentifier"] {
        params["client"][field] = json!(hostile);
    }
    params["auth"]["token"] = json!("wrong");
    peer.shake(params.clone()).await.unwrap_err();
    peer.ended().await;
    // And one who is let in, with names of methods and sessions.
    params["auth"] = connect_params(4)["auth"].take();
    let mut peer = Peer::open(address).await;
    peer.shake(params).await.unwrap();
    peer.call(&hostile, json!({})).await.unwrap_err();
    let send = json!({"sessionKey": hostile, "message": hostile, "idempotencyKey": hostile});
    peer.call("chat.send", send).await.unwrap_err();
    let tail = peer.call("logs.tail", json!({"limit": 5_000})).await.unwrap();
    let ((), _) = tokio::join!(gateway.stop(), peer.ended());

    let log = std::fs::read_to_string(dir.path().join("test.log")).unwrap();
    let mut seen = 0;
    for line in log.lines() {
        let entry: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no entry: {line:?}"));
        assert!(entry["_meta"]["logLevelName"].is_string(), "not ours: {line}");
        assert!(entry.get("fake").is_none() && entry.get("level").is_none(), "{line}");
        assert!(!line.contains(is_hostile), "{line:?}");
        assert!(line.len() < 20_000, "{}", line.len());
        let fields = entry["1"].as_object().into_iter().flatten();
        for (_, text) in fields.filter_map(|(name, value)| Some((name, value.as_str()?))) {
            assert!(!text.contains(is_hostile), "{text:?}");
        }
        seen += usize::from(line.contains(CANARY));
    }
    assert!(seen >= 4, "what a stranger calls himself is there to be read: {seen} lines of\n{log}");
    // Who asks for the log gets its lines and no others.
    for line in tail["lines"].as_array().unwrap() {
        assert!(log.contains(line.as_str().unwrap()), "{line}");
    }
}
