//! Going back in a session, and its branches: what is shown, what the model is sent, what is on the disk.

use openclaw_tests::{ModelServer, Peer, TestGateway};
use serde_json::{Value, json};

const KEY: &str = "agent:main:main";

/// Says something and lets the model answer. What the model was sent.
async fn say(peer: &mut Peer, model: &ModelServer, text: &str, run: &str) -> String {
    let send = json!({"sessionKey": KEY, "message": text, "idempotencyKey": run});
    peer.call("chat.send", send).await.unwrap();
    let turn = model.turn().await;
    turn.text(&format!("on {text}"));
    let sent = turn.request["messages"].to_string();
    turn.done();
    peer.run_end(run).await;
    sent
}

async fn history(peer: &mut Peer) -> Value {
    peer.call("chat.history", json!({"sessionKey": KEY})).await.unwrap()
}

/// The messages by number.
fn told(history: &Value) -> Vec<String> {
    let text = |message: &Value| {
        let content = &message["content"];
        let text = content.as_str().or(content[0]["text"].as_str()).unwrap_or_default();
        format!("{} {text}", message["__openclaw"]["seq"])
    };
    history["messages"].as_array().unwrap().iter().map(text).collect()
}

fn id_of(history: &Value, at: usize) -> String {
    history["messages"][at]["__openclaw"]["id"].as_str().unwrap().to_owned()
}

async fn rewind(peer: &mut Peer, entry: &str) -> Result<Value, Value> {
    peer.call("sessions.rewind", json!({"sessionKey": "main", "entryId": entry})).await
}

/// Each branch as its headline and length, the active one with a star; and their ids.
async fn branches(peer: &mut Peer) -> (Vec<String>, Vec<String>) {
    let listed = peer.call("sessions.branches.list", json!({"sessionKey": KEY})).await.unwrap();
    let branches = listed["branches"].as_array().unwrap();
    let text = |branch: &Value| {
        assert!(branch["updatedAt"].as_str().unwrap().ends_with('Z'), "{branch}");
        let star = if branch["active"] == true { "*" } else { "" };
        format!("{} {}{star}", branch["headline"].as_str().unwrap(), branch["messageCount"])
    };
    let ids = branches.iter().map(|branch| branch["leafEntryId"].as_str().unwrap().to_owned());
    (branches.iter().map(text).collect(), ids.collect())
}

#[tokio::test]
async fn after_a_rewind_nobody_sees_what_came_after() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    say(&mut peer, &model, "one", "r1").await;
    say(&mut peer, &model, "two", "r2").await;
    say(&mut peer, &model, "three", "r3").await;
    let before = history(&mut peer).await;
    peer.call("sessions.subscribe", json!({})).await.unwrap();
    let back = rewind(&mut peer, &id_of(&before, 2)).await.unwrap();
    assert_eq!(back, json!({"editorText": "two"}));
    let changed = peer.event("sessions.changed", |event| event["reason"] == "rewind").await;
    assert_eq!(changed["session"]["totalTokensFresh"], false);
    let after = history(&mut peer).await;
    assert_eq!(told(&after), ["1 one", "2 on one"]);
    assert_eq!((&after["totalMessages"], &after["hasMore"]), (&json!(2), &json!(false)));
    assert_eq!(after["sessionId"], before["sessionId"]);
    assert_eq!(after["sessionInfo"]["activeLeafEntryId"], id_of(&before, 1));
    let described = peer.call("sessions.describe", json!({"key": KEY})).await.unwrap();
    assert_eq!(described["session"]["activeLeafEntryId"], id_of(&before, 1));

    // A client that shows the left branch is told so; one that shows this one goes on.
    let send = |leaf: String| json!({"sessionKey": KEY, "message": "x", "idempotencyKey": "x", "expectedLeafEntryId": leaf});
    let refused = peer.call("chat.send", send(id_of(&before, 5))).await.unwrap_err();
    assert_eq!(refused["message"], "the session has changed since; load it again");
    let sent = say(&mut peer, &model, "four", "r4").await;
    assert!(sent.contains("on one") && sent.contains("four"), "{sent}");
    assert!(!sent.contains("two") && !sent.contains("three"), "{sent}");

    // And so it is after a restart, and when the database is lost and there are but the files.
    let all = ["1 one", "2 on one", "3 four", "4 on four"];
    let state = gateway.stop().await;
    let gateway = TestGateway::open(state).await;
    assert_eq!(told(&history(&mut gateway.operator().await).await), all);
    let state = gateway.stop().await;
    for name in ["gateway.sqlite", "gateway.sqlite-wal", "gateway.sqlite-shm"] {
        std::fs::remove_file(state.path().join(name)).ok();
    }
    let gateway = TestGateway::open(state).await;
    let mut peer = gateway.operator().await;
    assert_eq!(told(&history(&mut peer).await), all);
    assert_eq!(branches(&mut peer).await.0, ["on four 4*", "on three 6"]);
    let file = std::fs::read_dir(gateway.state().path().join("agents/main/sessions")).unwrap();
    let file = file
        .map(|file| file.unwrap().path())
        .find(|path| path.to_string_lossy().ends_with(".jsonl"));
    let text = std::fs::read_to_string(file.unwrap()).unwrap();
    assert!(text.contains("on two") && text.contains("on three"), "no line is gone: {text}");
}

#[tokio::test]
async fn a_rewind_is_refused_while_a_run_goes_on_and_for_what_nobody_said() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    let message = |answer: Result<Value, Value>| {
        let error = answer.unwrap_err();
        format!("{}: {}", error["code"].as_str().unwrap(), error["message"].as_str().unwrap())
    };
    let none = rewind(&mut peer, "00000000").await;
    assert_eq!(message(none), "INVALID_REQUEST: session not found");
    say(&mut peer, &model, "one", "r1").await;
    let before = history(&mut peer).await;
    let unknown = rewind(&mut peer, "00000000").await;
    assert_eq!(message(unknown), "INVALID_REQUEST: message entry not found: 00000000");
    let answer = rewind(&mut peer, &id_of(&before, 1)).await;
    assert!(message(answer).starts_with("INVALID_REQUEST: a session goes back to a message"));
    for queued in [false, true] {
        let run = if queued { "r3" } else { "r2" };
        let send = json!({"sessionKey": KEY, "message": run, "idempotencyKey": run});
        peer.call("chat.send", send).await.unwrap();
        let busy = rewind(&mut peer, &id_of(&before, 0)).await;
        assert_eq!(message(busy), "UNAVAILABLE: Rewind is unavailable while the agent is working.");
    }
    let switch = json!({"sessionKey": KEY, "leafEntryId": id_of(&before, 1)});
    let busy = peer.call("sessions.branches.switch", switch.clone()).await;
    assert_eq!(
        message(busy),
        "UNAVAILABLE: Branch switch is unavailable while the agent is working."
    );
    let turn = model.turn().await;
    peer.call("chat.abort", json!({"sessionKey": KEY})).await.unwrap();
    turn.given_up().await;
    let unknown = peer.call("sessions.branches.switch", switch).await;
    assert!(message(unknown).starts_with("INVALID_REQUEST: branch entry not found"));
    // Stopped, and so it can go back; nothing that was refused has changed anything.
    assert!(told(&history(&mut peer).await).len() > 2);
    let second = id_of(&history(&mut peer).await, 2);
    assert_eq!(rewind(&mut peer, &second).await.unwrap(), json!({"editorText": "r2"}));
    assert_eq!(told(&history(&mut peer).await), ["1 one", "2 on one"]);

    let mut old = gateway.operator_v3().await;
    let refused = rewind(&mut old, &id_of(&before, 0)).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("unknown method"), "{refused}");
}

#[tokio::test]
async fn a_left_branch_is_listed_and_taken_up_again() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    say(&mut peer, &model, "one", "r1").await;
    assert_eq!(branches(&mut peer).await.0, ["on one 2*"]);
    let first = id_of(&history(&mut peer).await, 0);
    rewind(&mut peer, &first).await.unwrap();
    let empty = history(&mut peer).await;
    assert_eq!((told(&empty), &empty["sessionInfo"]["activeLeafEntryId"]), (vec![], &Value::Null));
    assert_eq!(branches(&mut peer).await.0, ["on one 2"]);
    let sent = say(&mut peer, &model, "another one", "r2").await;
    assert!(!sent.contains("on one"), "{sent}");
    let (listed, ids) = branches(&mut peer).await;
    assert_eq!(listed, ["on another one 2*", "on one 2"]);

    let switch = |leaf: &str| json!({"sessionKey": KEY, "leafEntryId": leaf});
    let same = peer.call("sessions.branches.switch", switch(&ids[0])).await.unwrap_err();
    assert_eq!(same["message"], "the session is on this branch already");
    peer.call("sessions.subscribe", json!({})).await.unwrap();
    let done = peer.call("sessions.branches.switch", switch(&ids[1])).await.unwrap();
    assert_eq!(done, json!({}));
    peer.event("sessions.changed", |event| event["reason"] == "branch-switch").await;
    assert_eq!(told(&history(&mut peer).await), ["1 one", "2 on one"]);
    let sent = say(&mut peer, &model, "two", "r3").await;
    assert!(sent.contains("on one") && !sent.contains("another"), "{sent}");
    assert_eq!(branches(&mut peer).await.0, ["on two 4*", "on another one 2"]);
}

#[tokio::test]
async fn the_pictures_of_a_message_come_back_with_its_words() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let picture = json!([{"type": "image", "mimeType": "image/png", "content": data}]);
    let send = json!({"sessionKey": KEY, "message": "look", "idempotencyKey": "r1", "attachments": picture});
    peer.call("chat.send", send).await.unwrap();
    peer.run_end("r1").await;
    let first = id_of(&history(&mut peer).await, 0);
    let back = rewind(&mut peer, &first).await.unwrap();
    let pictures = json!([{"mimeType": "image/png", "data": data}]);
    assert_eq!(back, json!({"editorText": "look", "editorAttachments": pictures}));
}
