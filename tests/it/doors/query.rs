//! 000: a platform that gives each user a gateway. The token is in the query of `/ws`; requests follow at once.

use std::{io::Write, sync::Arc};

use openclaw_tests::{TestGateway, gateway::TOKEN, peer::connect_params};
use parking_lot::Mutex;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::{ELSEWHERE, hear, open, turned_away};

#[tokio::test]
async fn requests_need_no_connect_and_no_idempotency_key() {
    let gateway = TestGateway::start().await;
    let path = format!("/ws?token={TOKEN}");
    let mut peer = open(&gateway, &path, &[ELSEWHERE]).await;
    assert_eq!(peer.call("health", json!({})).await.unwrap()["ok"], true);
    let send = json!({"sessionKey": "agent:main:new", "message": "hello"});
    let run = peer.call("chat.send", send).await.unwrap();
    assert_eq!(run["status"], "started");
    let run = run["runId"].as_str().unwrap().to_owned();
    assert_eq!(peer.run_end(&run).await["state"], "final");
    let made = json!({"key": "agent:main:two"});
    peer.call("sessions.create", made).await.unwrap();
    let created =
        peer.event("session.created", |event| event["sessionKey"] == "agent:main:two").await;
    assert_eq!(created["reason"], "create");
    // The secret is worth the same as anywhere: no administration from elsewhere.
    let refused = peer.call("sessions.reset", json!({"key": "main"})).await.unwrap_err();
    assert_eq!(refused["message"], "missing scope: operator.admin");
    let unknown = peer.call("cron.list", json!({})).await.unwrap_err();
    assert_eq!(unknown["message"], "unknown method: cron.list");
}

#[tokio::test]
async fn a_connect_may_still_come_and_is_strict() {
    let gateway = TestGateway::start().await;
    let path = format!("/ws?x=1&token={TOKEN}");
    let mut peer = open(&gateway, &path, &[]).await;
    assert_eq!(peer.shake(connect_params(4)).await.unwrap()["protocol"], 4);
    let keyless = json!({"sessionKey": "main", "message": "hello"});
    peer.call("chat.send", keyless).await.unwrap_err();

    let mut bare = connect_params(4);
    bare["auth"] = json!({});
    let mut peer = open(&gateway, &path, &[]).await;
    peer.shake(bare).await.unwrap_err();
    assert_eq!(peer.ended().await.code, 1008);
}

#[tokio::test]
async fn a_wrong_token_never_sees_the_101_and_is_counted() {
    let gateway = TestGateway::start().await;
    for query in ["token=wrong", "token=", "token", "token=%ff"] {
        let answer = turned_away(&gateway, &format!("/ws?{query}"), &[ELSEWHERE]).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{query}: {answer}");
        assert!(!answer.contains("wrong"), "the answer repeats no token: {answer}");
    }
    let twice = format!("/ws?token={TOKEN}&token=x");
    assert!(turned_away(&gateway, &twice, &[]).await.starts_with("HTTP/1.1 401"));
    // A page on this machine guesses: it is locked out, with the right token too.
    let origin = format!("http://{}", gateway.address());
    let page: [(&str, &str); 1] = [("origin", &origin)];
    for _ in 0..10 {
        let answer = turned_away(&gateway, "/ws?token=guess", &page).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
    let answer = turned_away(&gateway, &format!("/ws?token={TOKEN}"), &page).await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: "), "{answer}");
    // Programs go on.
    let mut peer = open(&gateway, &format!("/ws?token={TOKEN}"), &[]).await;
    assert_eq!(peer.call("health", json!({})).await.unwrap()["ok"], true);
}

#[tokio::test]
async fn a_foreign_page_is_refused_and_the_gateways_own_is_let_in() {
    let gateway = TestGateway::start().await;
    let path = format!("/ws?token={TOKEN}");
    let foreign = [("origin", "https://evil.example")];
    assert!(turned_away(&gateway, &path, &foreign).await.starts_with("HTTP/1.1 403"));
    let own = format!("http://{}", gateway.address());
    let mut peer = open(&gateway, &path, &[("origin", &own)]).await;
    peer.call("sessions.list", json!({})).await.unwrap();
    let refused = peer.call("sessions.reset", json!({"key": "main"})).await.unwrap_err();
    assert_eq!(refused["message"], "missing scope: operator.admin");
}

#[tokio::test]
async fn elsewhere_a_query_lets_nobody_in_and_a_switch_turns_it_off() {
    let gateway = TestGateway::start().await;
    for path in ["/", "/ws/", "/wsx", "/chat"] {
        let mut peer = open(&gateway, &format!("{path}?token={TOKEN}"), &[]).await;
        let refused = peer.call("health", json!({})).await.unwrap_err();
        assert_eq!(
            refused["message"], "invalid handshake: first request must be connect",
            "{path}"
        );
        assert_eq!(peer.ended().await.code, 1008);
    }
    let off = json!({"gateway": {"doors": {"queryToken": false}}});
    let gateway = TestGateway::with(off).await;
    let answer = turned_away(&gateway, &format!("/ws?token={TOKEN}"), &[]).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("gateway.doors.queryToken"), "it names the key: {answer}");
}

/// What is logged, whatever its level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_token_is_in_no_log() {
    let log = Log::default();
    // With one subscriber alone, a test on another thread that meets a log line first, without any,
    // turns that line off for the whole process. With a second one every line is asked about.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();
    let canary = "canary-7c1e90-canary";
    let gateway = TestGateway::with(json!({"gateway": {"auth": {"token": canary}}})).await;
    let path = format!("/ws?token={canary}");
    let mut peer = open(&gateway, &path, &[]).await;
    assert_eq!(peer.call("health", json!({})).await.unwrap()["ok"], true);
    for wrong in ["/ws?token=canary-wrong", "/ws?token=canary-wrong&token=canary-two"] {
        turned_away(&gateway, wrong, &[]).await;
    }
    let mut peer = open(&gateway, &format!("/?token={canary}"), &[]).await;
    peer.send("health", json!({})).await;
    hear(&mut peer, |frame| frame["ok"] == false).await;
    gateway.stop().await;
    let log = String::from_utf8_lossy(&log.0.lock()).into_owned();
    // What was logged at all shows that the log was listening.
    assert!(log.contains("the gateway serves") && log.contains("a token in its query"), "{log}");
    // The client of this test runs in the same process, and logs what it likes.
    let found: Vec<&str> =
        log.lines().filter(|line| line.contains("canary") && line.contains("openclaw")).collect();
    assert!(found.is_empty(), "{found:#?}");
}
