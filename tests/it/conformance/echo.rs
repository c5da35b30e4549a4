//! The model of the recordings: it echoes, and does as the message says.

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use openclaw_tests::{ModelServer, model::Turn};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

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

/// A model server that refuses every request, with 401 or 500 as the message says.
pub(crate) struct Refusing(TcpListener);

impl Refusing {
    /// Starts on a port of its own.
    pub(crate) async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// [`config`] with this server in the place of the other.
    pub(crate) fn config(&self, model: &ModelServer) -> Value {
        let mut config = config(model);
        let url = format!("http://{}/v1", self.0.local_addr().unwrap());
        config["models"]["providers"]["mock"]["baseUrl"] = json!(url);
        config
    }

    /// Answers every request, for ever.
    pub(crate) async fn answer(&self) {
        loop {
            let (stream, _) = self.0.accept().await.unwrap();
            refuse(stream).await;
        }
    }
}

async fn refuse(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !whole(&request) {
        if stream.read_buf(&mut request).await.unwrap() == 0 {
            return;
        }
    }
    // The last message says it; those before it are the conversation so far.
    let status = if String::from_utf8_lossy(&request).contains("fail500") { 500 } else { 401 };
    let body = json!({"error": {"message": format!("mock error {status}")}}).to_string();
    // A call that is made again is made at once.
    let head = "content-type: application/json\r\nconnection: close\r\nretry-after: 0";
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} Refused\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// Whether a request has come with all of its body.
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.is_some_and(|length| body.len() >= length.trim().parse().unwrap())
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
