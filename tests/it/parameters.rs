//! A parameter does what it says or is refused: guards, orders, filters, and what cannot be done.

use openclaw_tests::{ModelServer, Peer, TestGateway};
use serde_json::{Value, json};

const CHANGED: &str = "the session has changed since; load it again";

async fn chat(peer: &mut Peer, key: &str, text: &str, run: &str) {
    let send = json!({"sessionKey": key, "message": text, "idempotencyKey": run});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end(run).await;
}

async fn history(peer: &mut Peer, key: &str) -> Value {
    peer.call("chat.history", json!({"sessionKey": key})).await.unwrap()
}

async fn refusal(peer: &mut Peer, method: &str, params: Value) -> String {
    let told = format!("{method} {params}");
    match peer.call(method, params).await {
        Ok(answer) => panic!("{told} is answered {answer}"),
        Err(error) => error["message"].as_str().unwrap().to_owned(),
    }
}

/// With one more name in its parameters.
fn and(params: &Value, name: &str, value: &Value) -> Value {
    let mut params = params.clone();
    params[name] = value.clone();
    params
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    chat(&mut peer, "agent:main:one", "hello", "r0").await;
    let before = history(&mut peer, "agent:main:one").await;
    let send = json!({"sessionKey": "agent:main:one", "message": "x", "idempotencyKey": "r1"});
    let key = json!({"key": "agent:main:one"});
    let new = json!({"key": "agent:main:new"});
    let agent = json!({"message": "x", "sessionKey": "agent:main:one", "idempotencyKey": "r2"});
    let mention = json!([{"profileId": "p", "start": 0, "end": 1}]);
    let cases = [
        ("chat.send", and(&send, "mentions", &mention), "mentions"),
        ("chat.send", and(&send, "replyToId", &json!("1")), "replyToId"),
        ("chat.send", and(&send, "toolBindings", &json!({"a": 1})), "toolBindings"),
        (
            "chat.send",
            and(&send, "expectedPermissionMode", &json!("full")),
            "expectedPermissionMode",
        ),
        ("sessions.patch", and(&key, "sendPolicy", &json!("deny")), "sendPolicy"),
        ("sessions.patch", and(&key, "execHost", &json!("node")), "execHost"),
        ("sessions.patch", and(&key, "elevatedLevel", &json!("full")), "elevatedLevel"),
        ("sessions.patch", and(&key, "statusNote", &json!("busy")), "statusNote"),
        (
            "sessions.patch",
            and(&key, "expectedLifecycleRevision", &json!("1")),
            "expectedLifecycleRevision",
        ),
        (
            "sessions.delete",
            and(&key, "expectedLifecycleRevision", &json!("1")),
            "expectedLifecycleRevision",
        ),
        ("sessions.create", and(&new, "visibility", &json!("draft")), "visibility"),
        ("sessions.create", and(&new, "fork", &json!(true)), "fork"),
        ("sessions.list", json!({"involvingMe": true}), "involvingMe"),
        ("models.list", json!({"authProfileId": "p"}), "authProfileId"),
        ("agent", and(&agent, "modelRun", &json!(true)), "modelRun"),
    ];
    for (method, params, name) in cases {
        let message = refusal(&mut peer, method, params).await;
        assert!(message.starts_with(&format!("{name} is not supported here: ")), "{message}");
    }
    let after = history(&mut peer, "agent:main:one").await;
    assert_eq!(before["messages"], after["messages"]);
    let listed = peer.call("sessions.list", json!({})).await.unwrap();
    assert_eq!(listed["count"], 1, "{listed}");
}

/// The same names with values that ask for nothing, as official clients send them.
#[tokio::test]
async fn what_asks_for_nothing_passes() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let patch = json!({"key": "main", "permissionMode": null, "sendPolicy": null,
        "elevatedLevel": "off", "expectedPermissionMode": null, "unread": false});
    peer.call("sessions.patch", patch).await.unwrap();
    let send = json!({"sessionKey": "main", "message": "hi", "deliver": false, "fastMode": true,
        "mentions": [], "expectedToolOverrides": null, "idempotencyKey": "r1"});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end("r1").await;
    let asked = json!({"excludeSystem": true, "ownerFirst": true, "includePeople": true,
        "hasBoard": false, "boardFace": "chat", "includeActivitySummary": true});
    assert_eq!(peer.call("sessions.list", asked).await.unwrap()["count"], 1);
    for nothing in [json!({"hasBoard": true}), json!({"projectId": "p"}), json!({"ownerId": "o"})] {
        assert_eq!(peer.call("sessions.list", nothing).await.unwrap()["count"], 0);
    }
}

#[tokio::test]
async fn a_session_is_deleted_only_as_the_client_saw_it() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    chat(&mut peer, "agent:main:one", "hello", "r1").await;
    let key = json!({"key": "agent:main:one"});
    let told = peer.call("sessions.describe", key.clone()).await.unwrap()["session"].clone();
    let at = told["updatedAt"].as_u64().unwrap();
    for (name, stale) in
        [("expectedSessionUpdatedAt", json!(at - 1)), ("expectedSessionId", json!("another"))]
    {
        for method in ["sessions.delete", "sessions.reset", "sessions.patch"] {
            if method == "sessions.delete" || name == "expectedSessionId" {
                let message = refusal(&mut peer, method, and(&key, name, &stale)).await;
                assert_eq!(message, CHANGED, "{method} {name}");
            }
        }
    }
    let still = peer.call("sessions.describe", key.clone()).await.unwrap();
    assert_eq!(still["session"]["sessionId"], told["sessionId"]);
    let mut seen = and(&key, "expectedSessionUpdatedAt", &json!(at));
    seen["expectedSessionId"] = told["sessionId"].clone();
    assert_eq!(peer.call("sessions.delete", seen).await.unwrap()["deleted"], true);
}

#[tokio::test]
async fn a_message_for_another_transcript_is_not_taken() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let send =
        |run: &str| json!({"sessionKey": "agent:main:one", "message": "x", "idempotencyKey": run});
    // An empty transcript is what null says, and a repetition is answered as the first time.
    let first = and(&send("r1"), "expectedLeafEntryId", &Value::Null);
    peer.call("chat.send", first.clone()).await.unwrap();
    peer.run_end("r1").await;
    assert_eq!(peer.call("chat.send", first).await.unwrap()["status"], "ok");

    let seen = history(&mut peer, "agent:main:one").await;
    let leaf = seen["messages"][1]["__openclaw"]["id"].clone();
    for (name, stale) in [
        ("sessionId", json!("another")),
        ("expectedLeafEntryId", Value::Null),
        ("expectedLeafEntryId", json!("ffffffff")),
    ] {
        let message = refusal(&mut peer, "chat.send", and(&send("r2"), name, &stale)).await;
        assert_eq!(message, CHANGED, "{name}");
    }
    let mut fits = and(&send("r2"), "expectedLeafEntryId", &leaf);
    fits["sessionId"] = seen["sessionId"].clone();
    peer.call("chat.send", fits).await.unwrap();
    peer.run_end("r2").await;
    assert_eq!(history(&mut peer, "agent:main:one").await["messages"].as_array().unwrap().len(), 4);

    let turn = json!({"message": "x", "sessionKey": "agent:main:one", "idempotencyKey": "r3",
        "expectedExistingSessionId": "another"});
    assert_eq!(refusal(&mut peer, "agent", turn).await, CHANGED);
}

#[tokio::test]
async fn a_text_that_is_no_command_is_said_to_the_agent() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    for (n, text) in ["/reset", "stop"].into_iter().enumerate() {
        let run = format!("r{n}");
        let send = json!({"sessionKey": "main", "message": text, "idempotencyKey": run,
            "suppressCommandInterpretation": true});
        peer.call("chat.send", send).await.unwrap();
        peer.run_end(&run).await;
    }
    let messages = history(&mut peer, "main").await["messages"].clone();
    let said: Vec<&Value> =
        messages.as_array().unwrap().iter().filter(|m| m["role"] == "user").collect();
    assert_eq!((&said[0]["content"], &said[1]["content"]), (&json!("/reset"), &json!("stop")));
}

#[tokio::test]
async fn a_running_turn_takes_no_further_message() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    let send = |run: &str, mode: &str| json!({"sessionKey": "main", "message": "x", "queueMode": mode, "idempotencyKey": run});
    // With nothing to steer, it begins a turn as every other message does.
    peer.call("chat.send", send("r1", "steer")).await.unwrap();
    let turn = model.turn().await;
    for mode in ["steer", "collect"] {
        let message = refusal(&mut peer, "chat.send", send("r2", mode)).await;
        assert!(message.contains("use followup or interrupt"), "{message}");
    }
    peer.call("chat.send", send("r2", "followup")).await.unwrap();
    turn.text("ok");
    turn.done();
    peer.run_end("r1").await;
    let turn = model.turn().await;
    turn.text("ok");
    turn.done();
    peer.run_end("r2").await;
}

#[tokio::test]
async fn a_list_is_sorted_by_what_is_asked_for() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    chat(&mut peer, "agent:main:one", "hello", "r1").await;
    chat(&mut peer, "agent:main:two", "hello", "r2").await;
    peer.call("sessions.create", json!({"key": "agent:main:quiet"})).await.unwrap();
    // A change that is no message.
    peer.call("sessions.patch", json!({"key": "agent:main:one", "pinned": true})).await.unwrap();
    for (params, expected) in [
        (json!({}), &["one", "quiet", "two"][..]),
        (json!({"sortBy": "updatedAt"}), &["one", "quiet", "two"]),
        (json!({"sortBy": "lastInteractionAt"}), &["two", "one", "quiet"]),
        (json!({"sortBy": "activity", "agentId": "main", "limit": 2}), &["two", "one"]),
        (json!({"sortBy": "activity", "search": "main"}), &["two", "one", "quiet"]),
        (json!({"requireLastInteraction": true}), &["one", "two"]),
        (json!({"workspaceDir": "/nowhere"}), &[]),
    ] {
        let listed = peer.call("sessions.list", params.clone()).await.unwrap();
        let rows = listed["sessions"].as_array().unwrap().iter();
        let keys: Vec<String> =
            rows.map(|row| row["key"].as_str().unwrap().replace("agent:main:", "")).collect();
        assert_eq!(keys, expected, "{params}");
    }
}

#[tokio::test]
async fn a_repeated_create_finds_the_session_of_the_first_time() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let make = json!({"idempotencyKey": "c1", "category": "work", "message": "hello"});
    let first = peer.call("sessions.create", make.clone()).await.unwrap();
    peer.run_end("c1").await;
    let again = peer.call("sessions.create", make).await.unwrap();
    assert_eq!((&first["key"], &first["sessionId"]), (&again["key"], &again["sessionId"]));
    assert_eq!(again["entry"]["category"], "work");
    let key = first["key"].as_str().unwrap();
    assert_eq!(history(&mut peer, key).await["messages"].as_array().unwrap().len(), 2);
    let other = peer.call("sessions.create", json!({"idempotencyKey": "c2"})).await.unwrap();
    assert_ne!(other["key"], first["key"]);
}

/// A mark as read that was under way does not take a newer mark away.
#[tokio::test]
async fn a_mark_as_read_is_for_the_mark_that_was_seen() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let key = json!({"key": "agent:main:one"});
    let marked = peer.call("sessions.patch", and(&key, "unread", &json!(true))).await.unwrap();
    let at = marked["entry"]["markedUnreadAt"].clone();
    assert!(at.is_u64(), "{marked}");
    let mut read = and(&key, "unread", &json!(false));
    read["expectedMarkedUnreadAt"] = json!(1);
    refusal(&mut peer, "sessions.patch", read.clone()).await;
    let told = peer.call("sessions.describe", key.clone()).await.unwrap();
    assert_eq!(
        (&told["session"]["unread"], &told["session"]["markedUnreadAt"]),
        (&json!(true), &at)
    );
    read["expectedMarkedUnreadAt"] = at;
    let read = peer.call("sessions.patch", read).await.unwrap();
    assert_eq!(
        (&read["entry"]["unread"], read["entry"].get("markedUnreadAt")),
        (&json!(false), None)
    );
}
