//! Talking with an agent: streamed, queued, stopped, failed.

use openclaw_tests::{ModelServer, Peer, TestGateway};
use serde_json::{Value, json};

fn send(key: &str, text: &str, run: &str) -> Value {
    json!({"sessionKey": key, "message": text, "idempotencyKey": run})
}

fn text_of(chat: &Value) -> &str {
    chat["message"]["content"][0]["text"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn the_embedded_model_answers_in_both_protocols_and_says_what_it_is() {
    let gateway = TestGateway::start().await;
    let (mut new, mut old) = (gateway.operator().await, gateway.operator_v3().await);
    for (n, peer) in [&mut new, &mut old].into_iter().enumerate() {
        let run = format!("run-{n}");
        let sent = peer.call("chat.send", send("main", "hello there", &run)).await.unwrap();
        assert_eq!(sent["status"], "started");
        let end = peer.run_end(&run).await;
        assert_eq!(end["state"], "final");
        assert!(text_of(&end).contains("hello there"), "{end}");
        assert!(text_of(&end).to_lowercase().contains("demo"), "{end}");
        let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
        let roles: Vec<&str> = history["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["role"].as_str().unwrap())
            .collect();
        assert_eq!(roles.len(), 2 * (n + 1));
        assert!(roles.chunks(2).all(|turn| turn == ["user", "assistant"]));
    }
}

#[tokio::test]
async fn text_is_streamed_and_the_last_event_has_all_of_it() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let (mut new, mut old) = (gateway.operator().await, gateway.operator_v3().await);
    new.call("chat.send", send("main", "count", "r1")).await.unwrap();
    let turn = model.turn().await;
    turn.text("one");
    let first = new.event("chat", |chat| chat["state"] == "delta").await;
    assert_eq!((text_of(&first), &first["deltaText"]), ("one", &json!("one")));
    let seen = old.event("chat", |chat| chat["state"] == "delta").await;
    assert_eq!(text_of(&seen), "one");
    assert!(seen.get("deltaText").is_none(), "protocol 3 has no such field");
    turn.text(" two");
    let second = new.event("chat", |chat| chat["state"] == "delta").await;
    assert_eq!((text_of(&second), &second["deltaText"]), ("one two", &json!(" two")));
    turn.text(" three");
    turn.done();
    for peer in [&mut new, &mut old] {
        let end = peer.run_end("r1").await;
        assert_eq!((&end["state"], text_of(&end)), (&json!("final"), "one two three"));
    }
}

/// What a run tells step by step, each step once with its last text; and the last `chat` event.
/// What is new in an event is checked against what was told before.
async fn steps(peer: &mut Peer) -> (Vec<String>, Value) {
    let mut steps: Vec<(String, String)> = Vec::new();
    let mut shown = String::new();
    loop {
        let frame = peer.next().await.unwrap();
        let (event, payload) = (&frame["event"], &frame["payload"]);
        let data = &payload["data"];
        let word = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        if event == "chat" && payload["state"] == "delta" {
            shown.push_str(payload["deltaText"].as_str().unwrap());
            assert_eq!(text_of(payload), shown, "the text of the whole run");
        } else if event == "chat" {
            return (steps.into_iter().map(|(kind, text)| kind + &text).collect(), frame);
        } else if event == "agent" && payload["stream"] == "tool" {
            steps.push((word("name") + " ", word("phase")));
        } else if event == "agent" && data.get("delta").is_some() {
            let kind = format!("{}: ", payload["stream"].as_str().unwrap());
            let before = match steps.last() {
                Some((last, _)) if *last == kind => steps.pop().unwrap().1,
                _ => String::new(),
            };
            assert_eq!(word("text"), before + &word("delta"));
            steps.push((kind, word("text")));
        }
    }
}

#[tokio::test]
async fn what_is_thought_and_said_around_a_tool_comes_in_order_and_does_not_run_together() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let (mut new, mut old) = (gateway.operator().await, gateway.operator_v3().await);
    new.call("chat.send", send("main", "look", "r1")).await.unwrap();
    let turn = model.turn().await;
    // All at once: most of it is still waiting to be shown when the call begins.
    for thought in ["I ", "should ", "look."] {
        turn.think(thought);
    }
    for word in ["Let ", "me ", "look."] {
        turn.text(word);
    }
    turn.tool("session_status", &json!({}));
    let turn = model.turn().await;
    turn.think("Now I know.");
    turn.text("All ");
    turn.text("done.");
    turn.done();
    let (steps, end) = steps(&mut new).await;
    let expected = [
        "thinking: I should look.",
        "assistant: Let me look.",
        "session_status start",
        "session_status result",
        "thinking: Now I know.",
        "assistant: All done.",
    ];
    assert_eq!(steps, expected);
    assert_eq!(text_of(&end["payload"]), "Let me look.\n\nAll done.");
    assert_eq!(text_of(&old.run_end("r1").await), "Let me look.\n\nAll done.");
    let history = new.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let last = history["messages"].as_array().unwrap().last().unwrap();
    let said = last["content"].as_array().unwrap().iter().find(|part| part["type"] == "text");
    assert_eq!(said.unwrap()["text"], "All done.", "stored as it was said");
}

/// The phases of tools that are told until a run has ended.
async fn tools_until_end(peer: &mut Peer, run: &str) -> Vec<String> {
    let mut phases = Vec::new();
    loop {
        let frame = peer.next().await.unwrap();
        let payload = &frame["payload"];
        if frame["event"] == "agent" && payload["stream"] == "tool" {
            phases.push(payload["data"]["phase"].as_str().unwrap().to_owned());
        } else if frame["event"] == "chat" && payload["runId"] == run && payload["state"] == "final"
        {
            return phases;
        }
    }
}

#[tokio::test]
async fn tools_are_told_to_those_who_started_or_joined_the_run() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut starter = gateway.operator().await;
    let mut joiner = gateway.operator_v3().await;
    let mut onlooker = gateway.operator().await;
    starter.call("chat.send", send("main", "look", "r1")).await.unwrap();
    let turn = model.turn().await;
    joiner.call("chat.send", send("main", "me too", "r2")).await.unwrap();
    turn.tool("session_status", &json!({}));
    let turn = model.turn().await;
    turn.text("seen");
    turn.done();
    assert_eq!(tools_until_end(&mut starter, "r1").await, ["start", "result"]);
    assert_eq!(tools_until_end(&mut joiner, "r1").await, ["start", "result"]);
    assert_eq!(tools_until_end(&mut onlooker, "r1").await, [""; 0]);
    // Having started one run is no right to hear of the next.
    let turn = model.turn().await;
    turn.tool("session_status", &json!({}));
    let turn = model.turn().await;
    turn.text("seen");
    turn.done();
    assert_eq!(tools_until_end(&mut starter, "r2").await, [""; 0]);
    assert_eq!(tools_until_end(&mut joiner, "r2").await, ["start", "result"]);
}

#[tokio::test]
async fn a_second_message_waits_for_the_first_and_both_are_answered_in_order() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("chat.send", send("main", "first", "r1")).await.unwrap();
    let turn = model.turn().await;
    peer.call("chat.send", send("main", "second", "r2")).await.unwrap();
    let waiting = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let pending = &waiting["pendingInputs"];
    assert_eq!((&pending["total"], &pending["items"][0]["runId"]), (&json!(1), &json!("r2")));
    assert_eq!(text_of(&pending["items"][0]), "second");
    assert_eq!(waiting["messages"].as_array().unwrap().len(), 1);
    turn.text("answer one");
    turn.done();
    assert_eq!(text_of(&peer.run_end("r1").await), "answer one");
    let turn = model.turn().await;
    assert!(turn.request.to_string().contains("answer one"), "the second turn knows the first");
    turn.text("answer two");
    turn.done();
    assert_eq!(text_of(&peer.run_end("r2").await), "answer two");
    let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    assert_eq!(history["messages"].as_array().unwrap().len(), 4);
    assert_eq!(history["pendingInputs"], json!({"items": [], "total": 0}));
}

#[tokio::test]
async fn the_same_key_is_one_message_and_another_body_is_refused() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("chat.send", send("main", "once", "r1")).await.unwrap();
    let repeated = peer.call("chat.send", send("main", "once", "r1")).await.unwrap();
    assert_eq!(repeated["status"], "in_flight");
    let reused = peer.call("chat.send", send("main", "twice", "r1")).await.unwrap_err();
    assert_eq!(reused["code"], "INVALID_REQUEST");
    let turn = model.turn().await;
    turn.text("done");
    turn.done();
    peer.run_end("r1").await;
    let after = peer.call("chat.send", send("main", "once", "r1")).await.unwrap();
    assert_eq!(after["status"], "ok");
    let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    assert_eq!(history["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_run_is_stopped_by_abort_and_by_the_word_stop() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("chat.send", send("main", "long", "r1")).await.unwrap();
    let turn = model.turn().await;
    turn.text("partial");
    peer.event("chat", |chat| chat["state"] == "delta").await;
    let aborted =
        peer.call("chat.abort", json!({"sessionKey": "main", "runId": "r1"})).await.unwrap();
    assert_eq!(aborted, json!({"ok": true, "aborted": true, "runIds": ["r1"]}));
    let end = peer.run_end("r1").await;
    assert_eq!((&end["state"], &end["stopReason"]), (&json!("aborted"), &json!("rpc")));
    turn.given_up().await;
    let again = peer.call("chat.abort", json!({"sessionKey": "main"})).await.unwrap();
    assert_eq!(again["aborted"], false);

    peer.call("chat.send", send("main", "long again", "r2")).await.unwrap();
    let _turn = model.turn().await;
    let stopped = peer.call("chat.send", send("main", "stop", "r3")).await.unwrap();
    assert_eq!(stopped["runIds"], json!(["r2"]));
    assert_eq!(peer.run_end("r2").await["state"], "aborted");
}

#[tokio::test]
async fn a_failing_model_is_an_error_that_says_so() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    peer.call("chat.send", send("main", "hello", "r1")).await.unwrap();
    let turn = model.turn().await;
    turn.text("half");
    turn.raw("data: {\"choices\": [\n\n");
    drop(turn);
    let end = peer.run_end("r1").await;
    assert_eq!(end["state"], "error");
    assert!(!end["errorMessage"].as_str().unwrap().is_empty());
    // The session goes on.
    peer.call("chat.send", send("main", "again", "r2")).await.unwrap();
    let turn = model.turn().await;
    turn.text("fine");
    turn.done();
    assert_eq!(text_of(&peer.run_end("r2").await), "fine");
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_reaches_the_model() {
    let model = ModelServer::start().await;
    let mut config = model.config();
    let workspace = tempfile::tempdir().unwrap();
    std::fs::write(workspace.path().join("note.txt"), "the note's content").unwrap();
    config["agents"]["defaults"]["workspace"] = json!(workspace.path());
    let gateway = TestGateway::with(config).await;
    let mut peer = gateway.operator().await;
    peer.call("chat.send", send("main", "read the note", "r1")).await.unwrap();
    let turn = model.turn().await;
    let offered = turn.request["tools"].to_string();
    assert!(offered.contains("\"read\"") && offered.contains("\"session_status\""), "{offered}");
    turn.tool("read", &json!({"path": "note.txt"}));
    let start =
        peer.event("agent", |a| a["stream"] == "tool" && a["data"]["phase"] == "start").await;
    assert_eq!(start["data"]["name"], "read");
    peer.event("agent", |a| a["stream"] == "tool" && a["data"]["phase"] == "result").await;
    let turn = model.turn().await;
    assert!(turn.request["messages"].to_string().contains("the note's content"));
    turn.text("I read it.");
    turn.done();
    assert_eq!(text_of(&peer.run_end("r1").await), "I read it.");
}

#[tokio::test]
async fn agent_answers_twice_and_wait_tells_the_end() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    let params = json!({"message": "hi", "sessionKey": "agent:main:rpc", "idempotencyKey": "r1"});
    let id = peer.send("agent", params).await;
    assert_eq!(peer.answer(&id).await.unwrap()["status"], "accepted");
    let waiting = peer.call("agent.wait", json!({"runId": "r1", "timeoutMs": 1})).await.unwrap();
    assert_eq!(waiting["status"], "timeout");
    let turn = model.turn().await;
    turn.text("hello");
    turn.done();
    let done = peer.answer(&id).await.unwrap();
    assert_eq!((&done["status"], &done["summary"]), (&json!("ok"), &json!("completed")));
    assert_eq!(done["result"]["payloads"][0]["text"], "hello");
    let waited = peer.call("agent.wait", json!({"runId": "r1"})).await.unwrap();
    assert_eq!(waited["status"], "ok");
}

#[tokio::test]
async fn a_note_can_be_injected_and_is_told() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let missing =
        peer.call("chat.inject", json!({"sessionKey": "agent:main:none", "message": "x"})).await;
    assert_eq!(missing.unwrap_err()["message"], "session not found");
    peer.call("chat.send", send("main", "hello", "r1")).await.unwrap();
    peer.run_end("r1").await;
    let note = json!({"sessionKey": "main", "message": "a note", "label": "Note"});
    let injected = peer.call("chat.inject", note).await.unwrap();
    let told =
        peer.event("chat", |chat| chat["runId"].as_str().unwrap().starts_with("inject-")).await;
    assert_eq!(text_of(&told), "[Note]\n\na note");
    let get = json!({"sessionKey": "main", "messageId": injected["messageId"]});
    let message = peer.call("chat.message.get", get).await.unwrap();
    assert_eq!(message["message"]["model"], "gateway-injected");
}

#[tokio::test]
async fn a_key_of_another_device_gives_nothing_away() {
    let gateway = TestGateway::start().await;
    let mut first = Peer::connect_with_device(gateway.address(), 4).await;
    first.call("chat.send", send("main", "what is my secret", "k1")).await.unwrap();
    first.run_end("k1").await;
    let again = first.call("chat.send", send("main", "what is my secret", "k1")).await.unwrap();
    assert_eq!(again["status"], "ok");
    // The same client, the same words, the same key, but not the same device.
    let mut second = Peer::connect_with_device(gateway.address(), 4).await;
    let refused = second.call("chat.send", send("main", "what is my secret", "k1")).await;
    assert_eq!(refused.unwrap_err()["code"], "INVALID_REQUEST");
}
