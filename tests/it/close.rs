//! How a client leaves: what it asked before it said close is answered first.

use openclaw_tests::{Peer, TestGateway};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

fn request(id: &str, method: &str, params: &Value) -> Message {
    let frame = json!({"type": "req", "id": id, "method": method, "params": params});
    Message::text(frame.to_string())
}

/// Everything that comes until the close, and its code.
async fn rest(peer: &mut Peer) -> (Vec<Value>, u16) {
    let mut frames = Vec::new();
    loop {
        match peer.next().await {
            Ok(frame) => frames.push(frame),
            Err(ended) => return (frames, ended.code),
        }
    }
}

fn answer<'a>(frames: &'a [Value], id: &str) -> Option<&'a Value> {
    frames.iter().find(|frame| frame["type"] == "res" && frame["id"] == id)
}

#[tokio::test]
async fn requests_and_a_close_at_once_are_answered_in_that_order() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    // One that is answered at once, one whose answer waits for the disk, one that is refused.
    let send = json!({"sessionKey": "main", "message": "/status", "idempotencyKey": "last"});
    peer.send_at_once(vec![
        request("a", "sessions.list", &json!({})),
        request("b", "chat.send", &send),
        Message::Ping(vec![1].into()),
        request("c", "sessions.list", &json!({"bogus": 1})),
        Message::Close(None),
    ])
    .await;
    let (frames, code) = rest(&mut peer).await;
    assert_eq!(code, 1005, "the close is answered as it was said");
    assert_eq!(answer(&frames, "a").unwrap()["ok"], true);
    assert_eq!(answer(&frames, "b").unwrap()["payload"]["status"], "started", "{frames:?}");
    assert_eq!(answer(&frames, "c").unwrap()["ok"], false);
    // What was accepted is done, though nobody waits for it.
    let mut peer = gateway.operator().await;
    let done = peer.call("agent.wait", json!({"runId": "last"})).await.unwrap();
    assert_eq!(done["status"], "ok");
}

#[tokio::test]
async fn a_close_does_not_wait_for_what_takes_long() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let wait = json!({"runId": "nobody-knows-it", "timeoutMs": 600_000});
    peer.send_at_once(vec![request("w", "agent.wait", &wait), Message::Close(None)]).await;
    let (frames, code) = rest(&mut peer).await;
    assert_eq!((code, answer(&frames, "w")), (1005, None));
}
