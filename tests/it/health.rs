//! What the gateway tells of itself is what is.

use openclaw_tests::{Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};

#[tokio::test]
async fn health_status_and_lists_follow_what_happens() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let before = peer.call("health", json!({})).await.unwrap();
    assert_eq!((&before["ok"], &before["sessions"]["count"]), (&json!(true), &json!(0)));
    assert_eq!(peer.call("status", json!({})).await.unwrap()["sessions"]["count"], 0);

    let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "r1"});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end("r1").await;
    let after = peer.call("health", json!({})).await.unwrap();
    assert_eq!(after["sessions"]["count"], 1);
    assert_eq!(after["sessions"]["recent"][0]["key"], "agent:main:main");
    let status = peer.call("status", json!({})).await.unwrap();
    assert_eq!(status["sessions"]["recent"][0]["key"], "agent:main:main");
    assert_eq!(status["sessions"]["recent"][0]["model"], "demo");

    peer.call("sessions.create", json!({"key": "agent:main:other"})).await.unwrap();
    assert_eq!(peer.call("health", json!({})).await.unwrap()["sessions"]["count"], 2);
    peer.call("sessions.delete", json!({"key": "agent:main:other"})).await.unwrap();
    assert_eq!(peer.call("health", json!({})).await.unwrap()["sessions"]["count"], 1);
}

#[tokio::test]
async fn who_asks_for_nothing_is_told_when_the_health_changes() {
    let gateway = TestGateway::start().await;
    let mut watchers = [gateway.operator().await, gateway.operator_v3().await];
    let mut peer = gateway.operator().await;
    let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "r1"});
    peer.call("chat.send", send).await.unwrap();
    for watcher in &mut watchers {
        let told = watcher.event("health", |health| health["sessions"]["count"] == 1).await;
        assert_eq!(told["sessions"]["recent"][0]["key"], "agent:main:main");
    }
}

#[tokio::test]
async fn presence_lists_who_is_connected_and_tells_changes() {
    let gateway = TestGateway::start().await;
    let mut watcher = gateway.operator().await;
    let mut params = connect_params(4);
    params["client"]["instanceId"] = json!("the-other");
    let mut other = Peer::open(gateway.address()).await;
    other.shake(params).await.unwrap();
    let has = |list: &Value, reason: &str| {
        let mut entries = list.as_array().unwrap().iter();
        entries.any(|e| e["instanceId"] == "the-other" && e["reason"] == reason)
    };
    let list = watcher.call("system-presence", json!({})).await.unwrap();
    assert!(has(&list, "connect"), "{list}");
    assert_eq!(list[0]["mode"], "gateway");
    drop(other);
    watcher.event("presence", |event| has(&event["presence"], "disconnect")).await;
}

/// A client speaks for itself alone: what it says of a name, an address, a device or rights changes nothing.
#[tokio::test]
async fn an_event_changes_the_callers_own_entry_and_everybody_is_told() {
    let gateway = TestGateway::start().await;
    for protocol in [3, 4] {
        let mut watcher = Peer::open(gateway.address()).await;
        let mut params = connect_params(protocol);
        params["client"]["instanceId"] = json!(format!("watcher-{protocol}"));
        watcher.shake(params.clone()).await.unwrap();
        let mut peer = Peer::open(gateway.address()).await;
        params["client"]["instanceId"] = json!(format!("speaker-{protocol}"));
        peer.shake(params).await.unwrap();
        let list = peer.call("system-presence", json!({})).await.unwrap();
        let entry = |list: &Value, name: &str| {
            let instance = json!(format!("{name}-{protocol}"));
            let mut entries = list.as_array().unwrap().iter();
            entries.find(|entry| entry["instanceId"] == instance).cloned().unwrap_or_default()
        };
        let (before, other) = (entry(&list, "speaker"), entry(&list, "watcher"));
        assert!(before.is_object() && other.is_object(), "{list}");
        let event = json!({"text": " back in\nfive ", "tags": ["away"], "lastInputSeconds": 7,
            "instanceId": format!("watcher-{protocol}"), "deviceId": "x", "host": "another",
            "ip": "192.0.2.9", "mode": "gateway", "version": "0", "platform": "plan9",
            "deviceFamily": "x", "modelIdentifier": "x", "roles": ["node"], "scopes": ["operator.x"]});
        let said = peer.call("system-event", event).await.unwrap();
        assert_eq!(said, json!({"ok": true}));
        let told = watcher
            .event("presence", |event| {
                entry(&event["presence"], "speaker")["text"] == "back in five"
            })
            .await;
        let mine = entry(&told["presence"], "speaker");
        let mut expected = before;
        expected["text"] = json!("back in five");
        expected["tags"] = json!(["away"]);
        expected["lastInputSeconds"] = json!(7);
        expected["reason"] = json!("update");
        expected["ts"] = mine["ts"].clone();
        assert_eq!(mine, expected);
        assert_eq!(entry(&told["presence"], "watcher"), other, "another's entry stays");
        // Nothing to say, or no text at all.
        for empty in [json!({}), json!({"text": "  "}), json!({"text": 7}), json!({"tags": ["x"]})]
        {
            let refused = peer.call("system-event", empty).await.unwrap_err();
            assert_eq!(
                (&refused["code"], &refused["message"]),
                (&json!("INVALID_REQUEST"), &json!("text required"))
            );
        }
    }
}

#[tokio::test]
async fn small_questions_have_true_answers() {
    let gateway = TestGateway::with(json!({
        "agents": {"list": [{"id": "main"}, {"id": "helper", "name": "Helper", "identity": {"emoji": "🦀"}}]},
    }))
    .await;
    let mut peer = gateway.operator().await;
    let agents = peer.call("agents.list", json!({})).await.unwrap();
    let ids: Vec<&str> =
        agents["agents"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert_eq!((ids, &agents["defaultId"]), (vec!["main", "helper"], &json!("main")));
    let identity = peer.call("agent.identity.get", json!({"agentId": "helper"})).await.unwrap();
    assert_eq!((&identity["name"], &identity["emoji"]), (&json!("Helper"), &json!("🦀")));
    let models = peer.call("models.list", json!({})).await.unwrap();
    assert_eq!(
        (&models["models"][0]["provider"], &models["models"][0]["id"]),
        (&json!("local"), &json!("demo"))
    );
    assert_eq!(peer.call("node.list", json!({})).await.unwrap()["nodes"], json!([]));
    assert_eq!(peer.call("last-heartbeat", json!({})).await.unwrap(), Value::Null);
    let channels = peer.call("channels.status", json!({})).await.unwrap();
    assert_eq!(channels["channelOrder"], json!([]));
    let identity = peer.call("gateway.identity.get", json!({})).await.unwrap();
    assert_eq!(identity["deviceId"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn the_config_is_shown_without_its_secrets() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let config = peer.call("config.get", json!({})).await.unwrap();
    assert_eq!(config["valid"], true);
    assert_eq!(config["parsed"]["gateway"]["auth"]["token"], "__OPENCLAW_REDACTED__");
    assert!(!config.to_string().contains(openclaw_tests::gateway::TOKEN));
    assert_eq!(config["hash"].as_str().unwrap().len(), 64);
}
