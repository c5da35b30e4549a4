//! Secrets that change while the gateway runs: who is put out, who stays, and what a broken config does.

use std::fs;

use openclaw_tests::{
    Device, ModelServer, Peer, TestGateway,
    gateway::TOKEN,
    http::{Stream, ask, request},
    peer::connect_params,
};
use serde_json::{Value, json};
use tokio::time::Instant;

const NEW: &str = "another-token-9876543210";
const HISTORY: &str = "GET /sessions/agent%3Amain%3Amain/history";

/// Gives the gateway's config another text.
fn write(gateway: &TestGateway, config: &(impl ToString + ?Sized)) {
    fs::write(gateway.state().path().join("openclaw.json"), config.to_string()).unwrap();
}

fn with_token(token: &str) -> Value {
    json!({"gateway": {"auth": {"mode": "token", "token": token}}})
}

async fn reload(peer: &mut Peer) -> Result<Value, Value> {
    peer.call("secrets.reload", json!({})).await
}

/// An administrator whom the token of a device lets in.
async fn by_device_token(gateway: &TestGateway) -> Peer {
    let device = Device::new();
    let mut params = connect_params(4);
    let mut peer = Peer::open(gateway.address()).await;
    device.sign(&mut params, &peer.nonce);
    let hello = peer.shake(params.clone()).await.unwrap();
    params["auth"] = json!({"deviceToken": hello["auth"]["deviceToken"]});
    let mut peer = Peer::open(gateway.address()).await;
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await.unwrap();
    peer
}

/// A socket with the secret in its query.
async fn by_query(gateway: &TestGateway, token: &str) -> Peer {
    Peer::open_at(gateway.address(), &format!("/ws?token={token}")).await
}

/// The status of such an upgrade.
async fn upgraded(gateway: &TestGateway, token: &str) -> u16 {
    let text = format!(
        "GET /ws?token={token} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        gateway.address()
    );
    let mut stream = Stream::open(gateway.address()).await;
    stream.send(text.as_bytes()).await;
    let head = stream.until("\r\n\r\n").await;
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
}

async fn bearer(gateway: &TestGateway, token: &str) -> u16 {
    let header = format!("Authorization: Bearer {token}\r\n");
    ask(gateway.address(), "GET /v1/models", &header, "").await.status
}

async fn connect(gateway: &TestGateway, token: &str) -> Result<Value, Value> {
    let mut params = connect_params(4);
    params["auth"] = json!({"token": token});
    Peer::open(gateway.address()).await.shake(params).await
}

#[tokio::test]
async fn a_replaced_token_puts_out_whom_it_let_in_and_nobody_else() {
    let gateway = TestGateway::start().await;
    let mut own = by_device_token(&gateway).await;
    let mut plain = gateway.operator().await;
    let mut device = Peer::connect_with_device(gateway.address(), 4).await;
    let mut query = by_query(&gateway, TOKEN).await;
    query.call("health", json!({})).await.unwrap();
    let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "r1"});
    plain.call("chat.send", send).await.unwrap();
    plain.run_end("r1").await;
    let mut history = Stream::open(gateway.address()).await;
    let accept = "Accept: text/event-stream\r\n";
    history.send(request(gateway.address(), HISTORY, accept, "").as_bytes()).await;
    history.until("event: history\n").await;

    write(&gateway, &with_token(NEW));
    let begun = Instant::now();
    let answer = reload(&mut plain).await.expect("who asked is answered before it is put out");
    assert_eq!(answer["changed"], json!(["gateway.auth.token"]));
    assert_eq!((&answer["ok"], &answer["warningCount"]), (&json!(true), &json!(0)));
    for (name, peer) in [("plain", &mut plain), ("device", &mut device), ("query", &mut query)] {
        assert_eq!(peer.ended().await.code, 4001, "{name}");
    }
    history.rest().await;
    assert!(begun.elapsed().as_millis() < 1000, "{:?}", begun.elapsed());

    assert_eq!(bearer(&gateway, TOKEN).await, 401);
    assert_eq!(upgraded(&gateway, TOKEN).await, 401);
    let refused = connect(&gateway, TOKEN).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "AUTH_TOKEN_MISMATCH");

    own.call("health", json!({})).await.expect("its own token let it in");
    // From now on the new one is not shown to who reads the log.
    fs::write(gateway.state().path().join("test.log"), format!("a line with {NEW}\n")).unwrap();
    let log = own.call("logs.tail", json!({})).await.unwrap();
    assert_eq!(log["lines"], json!(["a line with ***"]));
    assert_eq!(bearer(&gateway, NEW).await, 200);
    let mut query = by_query(&gateway, NEW).await;
    query.call("health", json!({})).await.unwrap();
    connect(&gateway, NEW).await.unwrap();
    let record = own.call("audit.list", json!({"status": "succeeded"})).await.unwrap();
    let entry = &record["events"][0];
    assert_eq!(
        (&entry["action"], &entry["actor"]["id"]),
        (&json!("secret.replaced"), &json!("shared-secret"))
    );
    assert_eq!(entry["detail"], json!({"secret": "gateway.auth.token"}));
    gateway.stop().await;
}

#[tokio::test]
async fn a_reload_that_changes_nothing_puts_nobody_out() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    for _ in 0..2 {
        let answer = reload(&mut peer).await.unwrap();
        assert_eq!((&answer["changed"], &answer["warningCount"]), (&json!([]), &json!(0)));
    }
    peer.call("health", json!({})).await.unwrap();
}

#[tokio::test]
async fn a_config_that_cannot_be_used_changes_nothing_and_is_told() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let applied = peer.hello["snapshot"]["appliedConfigHash"].clone();
    let missing = json!({"source": "env", "provider": "default", "id": "NOT_SET"});
    for (config, reason) in [
        (
            "{ gateway: { auth: { token: 'canary-of-a-broken-config' ".to_owned(),
            "invalid end of input",
        ),
        (
            json!({"gateway": {"auth": {"token": missing}}}).to_string(),
            "variable NOT_SET of this secret",
        ),
        (json!({"gateway": {"port": NEW, "auth": {"token": NEW}}}).to_string(), "gateway.port"),
        (
            json!({"gateway": {"auth": {"password": NEW}}}).to_string(),
            "gateway.auth.mode is password now and was token",
        ),
        ("{}".to_owned(), "the config has no gateway.auth.token any more"),
    ] {
        write(&gateway, &config);
        let error = reload(&mut peer).await.unwrap_err();
        let text = error["message"].as_str().unwrap();
        assert!(text.starts_with("secrets.reload failed: ") && text.contains(reason), "{text}");
        assert!(text.ends_with("; the gateway goes on with the secrets that it has"), "{text}");
        assert!(!text.contains("canary") && !text.contains(NEW) && !text.contains('\n'), "{text}");
        assert_eq!((bearer(&gateway, TOKEN).await, &error["code"]), (200, &json!("UNAVAILABLE")));
    }
    connect(&gateway, NEW).await.unwrap_err();
    let again = gateway.operator().await;
    assert_eq!(again.hello["snapshot"]["appliedConfigHash"], applied);
}

#[tokio::test]
async fn other_changes_wait_for_a_restart_and_are_told() {
    let gateway = TestGateway::start().await;
    let mut own = by_device_token(&gateway).await;
    let applied = own.hello["snapshot"]["appliedConfigHash"].clone();
    let mut config = with_token(NEW);
    config["gateway"]["trustedProxies"] = json!(["127.0.0.1"]);
    write(&gateway, &config);
    let answer = reload(&mut own).await.unwrap();
    assert_eq!(
        (&answer["changed"], &answer["warningCount"]),
        (&json!(["gateway.auth.token"]), &json!(1))
    );
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(warning.contains("wait for a restart"), "{warning}");
    assert_eq!(connect(&gateway, NEW).await.unwrap()["snapshot"]["appliedConfigHash"], applied);
    write(&gateway, &with_token(NEW));
    assert_eq!(reload(&mut own).await.unwrap()["warningCount"], 0);
    assert_ne!(connect(&gateway, NEW).await.unwrap()["snapshot"]["appliedConfigHash"], applied);
}

#[tokio::test]
async fn a_providers_new_key_is_used_from_the_next_turn_on() {
    let model = ModelServer::start().await;
    let mut config = model.config();
    let key = json!({"source": "file", "provider": "keys", "id": "value"});
    config["models"]["providers"]["test"]["apiKey"] = key;
    let gateway = TestGateway::start().await;
    let file = gateway.state().path().join("key");
    fs::write(&file, "the-first-key\n").unwrap();
    let keys = json!({"source": "file", "path": file, "mode": "singleValue"});
    config.as_object_mut().unwrap().remove("agents");
    config["secrets"] = json!({"providers": {"keys": keys}});
    config["gateway"] = with_token(TOKEN)["gateway"].take();
    write(&gateway, &config);
    let mut peer = gateway.operator().await;
    let answer = reload(&mut peer).await.unwrap();
    assert_eq!(answer["changed"], json!(["models.providers.test"]));
    for (run, key) in [("r1", "the-first-key"), ("r2", "the-second-key")] {
        fs::write(&file, key).unwrap();
        let answer = reload(&mut peer).await.unwrap();
        assert_eq!(answer["warningCount"], 0, "{answer}");
        let params = json!({"sessionKey": format!("agent:main:{run}"), "message": "hi", "idempotencyKey": run});
        peer.call("chat.send", params).await.unwrap();
        let turn = model.turn().await;
        assert_eq!(turn.authorization, format!("Bearer {key}"));
        turn.done();
        peer.run_end(run).await;
    }
}

/// Lines of our own source that compare the text of a secret as any other text.
fn careless(source: &str) -> Vec<&str> {
    let body = source.split("\n#[cfg(test)]").next().unwrap_or_default();
    let words = ["expose()", "secret", "token", "password"];
    let compares = |line: &&str| {
        let says = |word: &&str| {
            let with = [" ==", " !=", ".eq(", ".ne("].map(|sign| format!("{word}{sign}"));
            with.iter().any(|text| line.contains(text))
        };
        // A switch that is named after a secret, and what stands in the place of one.
        let other = line.contains("Some(false)") || line.contains("REDACTED");
        words.iter().any(says) && !other && !line.trim_start().starts_with("//")
    };
    body.lines().filter(compares).collect()
}

/// `Secret` and `Digest` have no `==` at all (`auth::credential` does not compile with one); this finds the text of
/// one in a comparison.
#[test]
fn no_secret_is_compared_with_equals() {
    assert_eq!(
        careless("if a.expose() == b {}\nif token != given {}\n// token == x"),
        ["if a.expose() == b {}", "if token != given {}"]
    );
    let mut files = Vec::new();
    for name in ["auth", "gateway", "store"] {
        let root = format!("{}/../crates/{name}/src", env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![std::path::PathBuf::from(root)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let test = path.ends_with("tests") || path.ends_with("tests.rs");
                match path.is_dir() {
                    _ if test => {}
                    true => folders.push(path),
                    false => files.push(path),
                }
            }
        }
    }
    assert!(files.len() > 100, "the sources are where they were");
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let source = fs::read_to_string(file).unwrap();
        assert_eq!(careless(&source), [""; 0], "{}", file.display());
    }
}
