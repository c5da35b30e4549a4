//! Sessions: made, listed, changed, reset, deleted; and the files that other programs read.

use openclaw_tests::{ModelServer, TestGateway};
use serde_json::{Value, json};

async fn chat(peer: &mut openclaw_tests::Peer, key: &str, text: &str, run: &str) {
    let send = json!({"sessionKey": key, "message": text, "idempotencyKey": run});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end(run).await;
}

#[tokio::test]
async fn a_session_is_found_by_key_id_label_and_search() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    chat(&mut peer, "agent:main:one", "hello one", "r1").await;
    chat(&mut peer, "agent:main:two", "hello two", "r2").await;
    let patched = peer
        .call(
            "sessions.patch",
            json!({"key": "agent:main:one", "label": "First", "thinkingLevel": "low"}),
        )
        .await
        .unwrap();
    assert_eq!(patched["entry"]["label"], "First");
    let id = patched["entry"]["sessionId"].as_str().unwrap();

    let listed = peer.call("sessions.list", json!({})).await.unwrap();
    assert_eq!((&listed["count"], &listed["totalCount"]), (&json!(2), &json!(2)));
    let searched = peer.call("sessions.list", json!({"search": "first"})).await.unwrap();
    assert_eq!(searched["sessions"][0]["key"], "agent:main:one");
    let page = peer.call("sessions.list", json!({"limit": 1})).await.unwrap();
    assert_eq!(
        (&page["count"], &page["hasMore"], &page["nextOffset"]),
        (&json!(1), &json!(true), &json!(1))
    );

    for way in
        [json!({"key": "agent:main:one"}), json!({"sessionId": id}), json!({"label": "First"})]
    {
        let found = peer.call("sessions.resolve", way).await.unwrap();
        assert_eq!(found["key"], "agent:main:one");
    }
    let missing = peer.call("sessions.resolve", json!({"key": "nope"})).await.unwrap_err();
    assert_eq!(missing["message"], "No session found: nope");

    let titled = json!({"search": "two", "includeDerivedTitles": true, "includeLastMessage": true});
    let titled = peer.call("sessions.list", titled).await.unwrap();
    assert_eq!(titled["sessions"][0]["derivedTitle"], "hello two");
    let preview = peer
        .call("sessions.preview", json!({"keys": ["agent:main:one", "agent:main:none"]}))
        .await
        .unwrap();
    assert_eq!(preview["previews"][0]["items"][0]["text"], "hello one");
    assert_eq!(preview["previews"][1]["status"], "missing");
    let described = peer.call("sessions.describe", json!({"key": "agent:main:one"})).await.unwrap();
    assert_eq!(described["session"]["label"], "First");
    let bogus = peer
        .call("sessions.patch", json!({"key": "agent:main:one", "thinkingLevel": "bogus"}))
        .await;
    assert!(bogus.unwrap_err()["message"].as_str().unwrap().starts_with("invalid thinkingLevel"));
}

#[tokio::test]
async fn where_a_session_was_spawned_from_is_written_once() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator_v3().await;
    for (name, first, other) in [
        ("spawnedBy", json!("agent:main:main"), json!("agent:main:other")),
        ("spawnDepth", json!(1), json!(2)),
    ] {
        for (value, kept) in [(&first, true), (&first, true), (&other, false)] {
            let mut patch = json!({"key": "agent:main:subagent:a"});
            patch[name] = value.clone();
            let answer = peer.call("sessions.patch", patch).await;
            let refused = answer.err().map(|error| error["message"].clone());
            let once = json!(format!("{name} cannot be changed once set"));
            assert_eq!(refused, (!kept).then_some(once), "{name} {value}");
        }
    }
}

#[tokio::test]
async fn a_session_that_became_another_is_neither_reset_nor_deleted() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let made = peer.call("sessions.create", json!({"key": "agent:main:one"})).await.unwrap();
    let refused = async |peer: &mut openclaw_tests::Peer, method: &str, name: &str, said: Value| {
        let mut params = json!({"key": "agent:main:one"});
        params[name] = said;
        peer.call(method, params).await.unwrap_err()["message"].clone()
    };
    for method in ["sessions.reset", "sessions.delete"] {
        let message = refused(&mut peer, method, "expectedSessionId", json!("former")).await;
        assert_eq!(message, "the session has changed since; load it again", "{method}");
    }
    // Nor one that nobody has put away, by who wants only such.
    let message = refused(&mut peer, "sessions.delete", "archivedOnly", json!(true)).await;
    assert_eq!(message, "only an archived session can be deleted this way");
    let described = peer.call("sessions.describe", json!({"key": "agent:main:one"})).await.unwrap();
    assert_eq!(described["session"]["sessionId"], made["sessionId"]);
}

#[tokio::test]
async fn a_repetition_finds_its_session_and_nobody_elses() {
    let gateway = TestGateway::start().await;
    let mut own = gateway.operator().await;
    let mut other = openclaw_tests::Peer::connect_with_device(gateway.address(), 4).await;
    let key = async |peer: &mut openclaw_tests::Peer| {
        let made = peer.call("sessions.create", json!({"idempotencyKey": "k"})).await.unwrap();
        made["key"].clone()
    };
    let first = key(&mut own).await;
    assert_eq!(key(&mut own).await, first);
    assert_ne!(key(&mut other).await, first);
}

#[tokio::test]
async fn a_connection_follows_a_bounded_number_of_sessions() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    for n in 0..256 {
        let follow = json!({"key": format!("agent:main:{n}")});
        peer.call("sessions.messages.subscribe", follow).await.unwrap();
    }
    let one_more = json!({"key": "agent:main:more"});
    let refused = peer.call("sessions.messages.subscribe", one_more.clone()).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("may follow 256"), "{refused}");
    peer.call("sessions.messages.unsubscribe", json!({"key": "agent:main:0"})).await.unwrap();
    peer.call("sessions.messages.subscribe", one_more).await.unwrap();
}

/// As recorded: a text of 200 characters with its dots, and roles in few words.
#[tokio::test]
async fn a_preview_has_the_last_words_of_each_message_cut_to_size() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let (mut new, mut old) = (gateway.operator().await, gateway.operator_v3().await);
    let send = json!({"sessionKey": "main", "message": "look", "idempotencyKey": "r1"});
    new.call("chat.send", send).await.unwrap();
    model.turn().await.tool("session_status", &json!({}));
    let turn = model.turn().await;
    turn.text(&format!(" {} ", "ü".repeat(300)));
    turn.done();
    new.run_end("r1").await;
    for peer in [&mut new, &mut old] {
        let asked = json!({"keys": ["main"], "limit": 2, "maxChars": 200});
        let answer = peer.call("sessions.preview", asked).await.unwrap();
        let preview = &answer["previews"][0];
        assert_eq!((&preview["key"], &preview["status"]), (&json!("main"), &json!("ok")));
        let items = preview["items"].as_array().unwrap();
        let roles: Vec<&Value> = items.iter().map(|item| &item["role"]).collect();
        // The answer that only called the tool has no words, and takes no place.
        assert_eq!(roles, ["tool", "assistant"], "{preview}");
        assert_eq!(items[1]["text"], format!("{}...", "ü".repeat(197)));
        let asked = json!({"keys": ["main"], "limit": 3, "maxChars": 200});
        let answer = peer.call("sessions.preview", asked).await.unwrap();
        assert_eq!(answer["previews"][0]["items"][0], json!({"role": "user", "text": "look"}));
    }
}

#[tokio::test]
async fn the_window_is_that_of_the_model_that_answers_next() {
    let model = ModelServer::start().await;
    let mut config = model.config();
    let provider = &mut config["models"]["providers"]["test"];
    let small = json!({"id": "small", "name": "Small", "contextWindow": 16_000, "maxTokens": 1000});
    provider["models"].as_array_mut().unwrap().push(small);
    config["agents"]["defaults"]["contextTokens"] = json!(100_000);
    let gateway = TestGateway::with(config).await;
    let mut peer = gateway.operator().await;
    let message =
        json!({"sessionKey": "agent:main:one", "message": "hello", "idempotencyKey": "r1"});
    peer.call("chat.send", message).await.unwrap();
    let turn = model.turn().await;
    turn.text("hi");
    turn.done();
    peer.run_end("r1").await;
    for (chosen, window) in [(Value::Null, 100_000), (json!("test/small"), 16_000)] {
        let patch = json!({"key": "agent:main:one", "model": chosen});
        peer.call("sessions.patch", patch).await.unwrap();
        let told = peer.call("sessions.describe", json!({"key": "agent:main:one"})).await.unwrap();
        assert_eq!(told["session"]["contextTokens"], window);
        let status = peer.call("status", json!({})).await.unwrap();
        assert_eq!(status["sessions"]["recent"][0]["contextTokens"], window);
    }
}

#[tokio::test]
async fn reset_begins_anew_and_delete_keeps_an_archive() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    chat(&mut peer, "agent:main:one", "hello", "r1").await;
    let before = peer.call("chat.history", json!({"sessionKey": "agent:main:one"})).await.unwrap();
    let reset = peer.call("sessions.reset", json!({"key": "agent:main:one"})).await.unwrap();
    assert_ne!(reset["entry"]["sessionId"], before["sessionId"]);
    let after = peer.call("chat.history", json!({"sessionKey": "agent:main:one"})).await.unwrap();
    assert_eq!(after["messages"], json!([]));
    chat(&mut peer, "agent:main:one", "hello again", "r2").await;
    let deleted = peer.call("sessions.delete", json!({"key": "agent:main:one"})).await.unwrap();
    assert_eq!(deleted["deleted"], true);
    let archive = deleted["archived"][0].as_str().unwrap();
    assert!(
        archive.contains(".jsonl.deleted.") && std::path::Path::new(archive).exists(),
        "{archive}"
    );
    let again = peer.call("sessions.delete", json!({"key": "agent:main:one"})).await.unwrap();
    assert_eq!(
        again,
        json!({"ok": true, "key": "agent:main:one", "deleted": false, "archived": []})
    );
    let main = peer.call("sessions.delete", json!({"key": "main"})).await.unwrap_err();
    assert_eq!(main["message"], "Cannot delete the main session (agent:main:main).");
}

#[tokio::test]
async fn who_subscribes_hears_of_changes_and_messages() {
    let gateway = TestGateway::start().await;
    let (mut watcher, mut talker, mut deaf) =
        (gateway.operator().await, gateway.operator().await, gateway.operator().await);
    assert_eq!(watcher.call("sessions.subscribe", json!({})).await.unwrap()["subscribed"], true);
    chat(&mut talker, "agent:main:one", "hello", "r1").await;
    let message = watcher.event("session.message", |m| m["message"]["role"] == "user").await;
    assert_eq!(message["sessionKey"], "agent:main:one");
    watcher.event("session.message", |m| m["message"]["role"] == "assistant").await;
    let end = watcher.event("sessions.changed", |c| c["phase"] == "end").await;
    assert_eq!(end["session"]["key"], "agent:main:one");
    watcher.call("sessions.patch", json!({"key": "agent:main:one", "label": "x"})).await.unwrap();
    watcher.event("sessions.changed", |c| c["reason"] == "patch").await;
    // Who did not subscribe heard the chat, and nothing of lists.
    deaf.call("health", json!({})).await.unwrap();
    deaf.run_end("r1").await;
    let followed =
        deaf.call("sessions.messages.subscribe", json!({"key": "agent:main:one"})).await.unwrap();
    assert_eq!(followed, json!({"subscribed": true, "key": "agent:main:one"}));
    chat(&mut talker, "agent:main:one", "more", "r2").await;
    deaf.event("session.message", |m| m["message"]["role"] == "assistant").await;
}

#[tokio::test]
async fn steering_stops_what_runs() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("sessions.create", json!({"key": "agent:main:one"})).await.unwrap();
    let send = |text: &str, run: &str| json!({"key": "agent:main:one", "message": text, "idempotencyKey": run});
    peer.call("sessions.send", send("go north", "r1")).await.unwrap();
    let north = model.turn().await;
    north.text("going");
    let steered = peer.call("sessions.steer", send("go south", "r2")).await.unwrap();
    assert_eq!(steered["interruptedActiveRun"], true);
    assert_eq!(peer.run_end("r1").await["state"], "aborted");
    let south = model.turn().await;
    south.text("south it is");
    south.done();
    assert_eq!(peer.run_end("r2").await["state"], "final");
    let idle = peer.call("sessions.abort", json!({"key": "agent:main:one"})).await.unwrap();
    assert_eq!(idle["status"], "no-active-run");
    let missing =
        peer.call("sessions.send", json!({"key": "agent:main:none", "message": "x"})).await;
    assert!(missing.unwrap_err()["message"].as_str().unwrap().starts_with("session not found"));
}

#[tokio::test]
async fn the_files_are_those_that_other_programs_know() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    chat(&mut peer, "main", "hello files", "r1").await;
    let state = gateway.stop().await;
    let dir = state.path().join("agents/main/sessions");
    let index: Value =
        serde_json::from_slice(&std::fs::read(dir.join("sessions.json")).unwrap()).unwrap();
    let entry = &index["agent:main:main"];
    let file = dir.join(format!("{}.jsonl", entry["sessionId"].as_str().unwrap()));
    let lines: Vec<Value> = std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((&lines[0]["type"], &lines[0]["version"]), (&json!("session"), &json!(3)));
    let messages: Vec<&Value> = lines.iter().filter(|line| line["type"] == "message").collect();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1]["parentId"], messages[0]["id"]);
    assert_eq!(messages[0]["id"].as_str().unwrap().len(), 8);
}

#[tokio::test]
async fn a_message_carries_its_run_and_the_row_as_it_is_by_then() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("sessions.messages.subscribe", json!({"key": "agent:main:one"})).await.unwrap();
    let send = json!({"sessionKey": "agent:main:one", "message": "hello", "idempotencyKey": "r1"});
    peer.call("chat.send", send).await.unwrap();
    let said = peer.event("session.message", |event| event["message"]["role"] == "user").await;
    assert_eq!(said["message"]["idempotencyKey"], "r1:user");
    assert_eq!((&said["runId"], &said["session"]["status"]), (&Value::Null, &json!("running")));
    assert_eq!(said["session"]["label"], Value::Null);
    let turn = model.turn().await;
    peer.call("sessions.patch", json!({"key": "agent:main:one", "label": "First"})).await.unwrap();
    turn.text("hi");
    turn.done();
    let said = peer.event("session.message", |event| event["message"]["role"] == "assistant").await;
    assert_eq!((&said["runId"], &said["session"]["label"]), (&json!("r1"), &json!("First")));
    assert_eq!(said["session"]["activeRunIds"], json!(["r1"]));
    assert_eq!(said["sessionId"], said["session"]["sessionId"]);
    let note = json!({"sessionKey": "agent:main:one", "message": "a note"});
    peer.call("chat.inject", note).await.unwrap();
    let noted = peer.event("session.message", |event| event["messageSeq"] == 3).await;
    assert_eq!((&noted["runId"], &noted["session"]["status"]), (&Value::Null, &json!("done")));
}
