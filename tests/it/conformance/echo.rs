//! The model of the recordings: it echoes, and does as the message says.

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use openclaw_tests::{ModelServer, model::Turn};
use serde_json::{Value, json};

/// The config of the recorded gateways: the model `mock/echo`, and nothing else.
pub(crate) fn config(model: &ModelServer) -> Value {
    let mut provider = model.config()["models"]["providers"]["test"].take();
    provider["models"][0]["id"] = json!("echo");
    provider["models"][0]["name"] = json!("Mock Echo");
    json!({
        "models": {"providers": {"mock": provider}},
        "agents": {"defaults": {"model": {"primary": "mock/echo"}}},
    })
}

/// Answers every turn, for ever.
pub(crate) async fn answer(model: &ModelServer) {
    let mut answers = FuturesUnordered::new();
    loop {
        tokio::select! {
            turn = model.turn() => answers.push(reply(turn)),
            Some(()) = answers.next() => {}
        }
    }
}

async fn reply(turn: Turn) {
    let messages = turn.request["messages"].as_array().cloned().unwrap_or_default();
    let last = messages.last().cloned().unwrap_or_default();
    if last["role"] == "tool" {
        turn.text("Tool finished, all done.");
        return turn.done();
    }
    let text = text_of(&last);
    if let Some((_, call)) = text.split_once("use tool ") {
        let (name, arguments) = call.split_once(' ').unwrap();
        turn.text("Let me check.");
        turn.tool(name, &serde_json::from_str(arguments).unwrap());
    } else if text.contains("slow") {
        turn.text("slow-0");
        turn.given_up().await;
    } else if text.contains("fail") {
        turn.raw("data: {\"error\": {\"message\": \"mock error\"}}\n\n");
    } else if let Some((_, count)) = text.split_once("chunks ") {
        let count: usize = count.trim().parse().unwrap();
        for n in 0..count {
            turn.text(&format!("{}chunk-{n}", if n == 0 { "" } else { " " }));
        }
        turn.done();
    } else {
        turn.text("Echo:");
        turn.text(&format!(" {text}"));
        turn.done();
    }
}

fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        content => {
            let parts = content.as_array().into_iter().flatten();
            parts.filter_map(|part| part["text"].as_str()).collect()
        }
    }
}
