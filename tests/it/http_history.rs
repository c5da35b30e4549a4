//! `/sessions/KEY/history`, once and as it grows.

use openclaw_tests::{
    TestGateway,
    http::{Stream, ask, request},
};
use serde_json::{Value, json};

const PATH: &str = "GET /sessions/agent%3Amain%3Amain/history";

/// Two messages and their answers.
async fn talked() -> TestGateway {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    for (run, text) in [("r1", "one"), ("r2", "two")] {
        let send = json!({"sessionKey": "main", "message": text, "idempotencyKey": run});
        peer.call("chat.send", send).await.unwrap();
        peer.run_end(run).await;
    }
    gateway
}

fn numbers(window: &Value) -> Vec<u64> {
    let messages = window["messages"].as_array().unwrap();
    messages.iter().map(|m| m["__openclaw"]["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn windows_of_a_session() {
    let gateway = talked().await;
    let get = async |query: &str| ask(gateway.address(), &format!("{PATH}{query}"), "", "").await;
    let all = get("").await.json();
    assert_eq!((&all["sessionKey"], &all["hasMore"]), (&json!("agent:main:main"), &json!(false)));
    assert_eq!(numbers(&all), [1, 2, 3, 4]);
    assert_eq!((&all["items"], all.get("nextCursor")), (&all["messages"], None));
    assert_eq!(all["messages"][0]["content"], "one");
    let last = get("?limit=1").await.json();
    assert_eq!((numbers(&last), &last["nextCursor"]), (vec![4], &json!("seq:4")));
    let page = get("?limit=2&cursor=seq:4").await.json();
    assert_eq!((numbers(&page), &page["hasMore"]), (vec![2, 3], &json!(true)));
    let first = get("?limit=2&cursor=2").await.json();
    assert_eq!((numbers(&first), &first["hasMore"]), (vec![1], &json!(false)));
    assert_eq!(numbers(&get("?cursor=900").await.json()), [1, 2, 3, 4]);
    assert_eq!(get("?limit=1001").await.status, 400);
    let short = ask(gateway.address(), "GET /sessions/main/history", "", "").await;
    assert_eq!(numbers(&short.json()), [1, 2, 3, 4]);
}

#[tokio::test]
async fn who_may_not_and_what_is_not() {
    let gateway = talked().await;
    let nobody = ask(gateway.address(), PATH, "Authorization: Bearer wrong\r\n", "").await;
    assert_eq!((nobody.status, &nobody.json()["error"]["type"]), (401, &json!("unauthorized")));
    let missing = ask(gateway.address(), "GET /sessions/agent%3Amain%3Anone/history", "", "").await;
    assert_eq!((missing.status, &missing.json()["error"]["type"]), (404, &json!("not_found")));
    let post = ask(gateway.address(), "POST /sessions/main/history", "", "").await;
    assert_eq!((post.status, post.header("allow")), (405, Some("GET")));
    for key in ["..%2f..%2fetc%2fpasswd", "%00", "agent%3A", &"x".repeat(600)] {
        let answer = ask(gateway.address(), &format!("GET /sessions/{key}/history"), "", "").await;
        assert!(matches!(answer.status, 400 | 404), "{key}: {answer:?}");
    }
}

#[tokio::test]
async fn a_stream_tells_what_comes_a_page_anew_and_a_reset() {
    let gateway = talked().await;
    let mut peer = gateway.operator().await;
    let accept = "Accept: text/event-stream\r\n";
    let mut all = Stream::open(gateway.address()).await;
    all.send(request(gateway.address(), PATH, accept, "").as_bytes()).await;
    let head = all.until("event: history\n").await;
    assert!(head.contains("retry: 1000\n\n"), "{head}");
    let mut page = Stream::open(gateway.address()).await;
    let line = format!("{PATH}?limit=1");
    page.send(request(gateway.address(), &line, accept, "").as_bytes()).await;
    page.until("\"seq\":4").await;

    let send = json!({"sessionKey": "main", "message": "three", "idempotencyKey": "r3"});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end("r3").await;
    let text = all.until("\"messageSeq\":6").await;
    assert_eq!(text.matches("event: message\n").count(), 2, "{text}");
    assert_eq!(text.matches("event: history\n").count(), 1, "{text}");
    let text = page.until("\"seq\":6").await;
    assert!(text.matches("event: history\n").count() >= 2 && !text.contains("event: message"));

    let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let second = &history["messages"][2]["__openclaw"]["id"];
    peer.call("sessions.rewind", json!({"sessionKey": "main", "entryId": second})).await.unwrap();
    // The second message is the last one of a window.
    all.until("\"seq\":2}}],").await;

    peer.call("sessions.reset", json!({"key": "main"})).await.unwrap();
    let text = all.until("\"messages\":[]").await;
    assert_eq!(text.matches("event: history\n").count(), 3, "{text}");
    gateway.stop().await;
    all.rest().await;
    page.rest().await;
}
