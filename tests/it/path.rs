//! The whole path: a message, a model, a tool, its result, an answer, the transcript. The same story
//! is told with the built-in model and with a model server that is not ours.

use std::{path::Path, process::Stdio};

use openclaw_tests::{PATIENCE, TestGateway};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

const NOTE: &str = "The gate is blue.";

#[tokio::test]
async fn the_path_with_the_built_in_model() {
    walk(json!({})).await;
}

/// `cargo xtask interop` installs the server and runs this.
#[tokio::test]
#[ignore = "needs @copilotkit/aimock below target/interop"]
async fn the_path_with_aimock_speaking_openai_completions() {
    let (_server, url) = aimock().await;
    walk(config("openai-completions", &format!("{url}/v1"))).await;
}

#[tokio::test]
#[ignore = "needs @copilotkit/aimock below target/interop"]
async fn the_path_with_aimock_speaking_anthropic_messages() {
    let (_server, url) = aimock().await;
    walk(config("anthropic-messages", &url)).await;
}

/// The story.
async fn walk(mut config: Value) {
    let workspace = tempfile::tempdir().unwrap();
    std::fs::write(workspace.path().join("note.txt"), NOTE).unwrap();
    config["agents"]["defaults"]["workspace"] = json!(workspace.path());
    let gateway = TestGateway::with(config).await;
    let mut peer = gateway.operator().await;
    let send = json!({"sessionKey": "main", "message": "read note.txt", "idempotencyKey": "r1"});
    assert_eq!(peer.call("chat.send", send).await.unwrap()["status"], "started");
    let phase = |phase| move |a: &Value| a["stream"] == "tool" && a["data"]["phase"] == phase;
    assert_eq!(peer.event("agent", phase("start")).await["data"]["name"], "read");
    let result = peer.event("agent", phase("result")).await;
    assert_eq!(result["data"]["isError"], false, "{result}");
    let end = peer.run_end("r1").await;
    assert_eq!(end["state"], "final", "{end}");
    assert!(end["message"].to_string().contains(NOTE), "{end}");
    let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let messages = history["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages.iter().filter_map(|m| m["role"].as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "toolResult", "assistant"]);
    assert!(messages[2].to_string().contains(NOTE), "{}", messages[2]);
    let list = peer.call("sessions.list", json!({})).await.unwrap();
    assert!(list["sessions"][0]["inputTokens"].as_u64().unwrap() > 0, "{list}");
}

/// A config whose model is the server's.
fn config(api: &str, url: &str) -> Value {
    let models =
        json!([{"id": "test", "name": "Test", "contextWindow": 128_000, "maxTokens": 4096}]);
    let provider = json!({"baseUrl": url, "apiKey": "k", "api": api, "models": models});
    json!({
        "models": {"providers": {"mock": provider}},
        "agents": {"defaults": {"model": {"primary": "mock/test"}}},
    })
}

/// Starts the server on a port of its own; it ends with the value.
async fn aimock() -> (Child, String) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = tests.join("../target/interop/aimock/node_modules/.bin/llmock");
    let mut server = Command::new(program)
        .args(["-p", "0", "-f"])
        .arg(tests.join("interop/aimock.json"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let listening = async {
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            if let Some((_, url)) = line.split_once("listening on ") {
                break url.to_owned();
            }
        }
    };
    let url = tokio::time::timeout(PATIENCE, listening).await.unwrap();
    (server, url)
}
