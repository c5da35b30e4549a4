//! A model server that the test holds the reins of: every request is counted and released by hand.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use hyper::{Request, Response, body::Frame, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinHandle,
};

use crate::PATIENCE;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A request that the gateway made, and the answer that the test gives piece by piece.
pub struct Turn {
    /// The request's body.
    pub request: Value,
    /// Its `Authorization`.
    pub authorization: String,
    pieces: mpsc::UnboundedSender<Bytes>,
}

impl Turn {
    /// Streams a piece of text.
    pub fn text(&self, text: &str) {
        self.chunk(&json!({"content": text}), &Value::Null);
    }

    /// Streams a piece of thinking.
    pub fn think(&self, text: &str) {
        self.chunk(&json!({"reasoning_content": text}), &Value::Null);
    }

    /// Calls a tool.
    pub fn tool(&self, name: &str, arguments: &Value) {
        let call = json!({"index": 0, "id": "call-1", "type": "function",
            "function": {"name": name, "arguments": arguments.to_string()}});
        self.chunk(&json!({"tool_calls": [call]}), &Value::Null);
        self.chunk(&json!({}), &json!("tool_calls"));
        self.raw("data: [DONE]\n\n");
    }

    /// Ends the answer well; the connection ends with the value.
    pub fn done(self) {
        self.chunk(&json!({}), &json!("stop"));
        self.raw("data: [DONE]\n\n");
    }

    /// Sends any bytes.
    pub fn raw(&self, text: &str) {
        // The gateway may have given the answer up.
        self.pieces.send(Bytes::copy_from_slice(text.as_bytes())).ok();
    }

    /// Whether the gateway still reads.
    pub async fn given_up(&self) {
        tokio::time::timeout(PATIENCE, self.pieces.closed()).await.expect("the gateway hangs up");
    }

    fn chunk(&self, delta: &Value, finish: &Value) {
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
        let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "test",
            "usage": usage, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        self.raw(&format!("data: {chunk}\n\n"));
    }
}

/// A server of OpenAI chat completions.
pub struct ModelServer {
    address: SocketAddr,
    turns: Mutex<mpsc::UnboundedReceiver<Turn>>,
    task: JoinHandle<()>,
}

impl ModelServer {
    /// Starts on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, receiver) = mpsc::unbounded_channel();
        #[expect(clippy::disallowed_methods, reason = "ends with the value")]
        let task = tokio::spawn(serve(listener, sender));
        Self { address, turns: Mutex::new(receiver), task }
    }

    /// The config that makes it the default model.
    pub fn config(&self) -> Value {
        let provider = json!({"baseUrl": format!("http://{}/v1", self.address), "apiKey": "k",
            "api": "openai-completions",
            "models": [{"id": "test", "name": "Test", "contextWindow": 128_000, "maxTokens": 4096}]});
        json!({
            "models": {"providers": {"test": provider}},
            "agents": {"defaults": {"model": {"primary": "test/test"}}},
        })
    }

    /// The next request that the gateway makes.
    pub async fn turn(&self) -> Turn {
        let next = async { self.turns.lock().await.recv().await.unwrap() };
        tokio::time::timeout(PATIENCE, next).await.expect("the gateway asks the model")
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, turns: mpsc::UnboundedSender<Turn>) {
    let turns = Arc::new(turns);
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let turns = Arc::clone(&turns);
        let service = service_fn(move |request| answer(request, Arc::clone(&turns)));
        #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
        tokio::spawn(async move {
            // The gateway hangs up when a run is stopped; that is no failure here.
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

async fn answer(
    request: Request<hyper::body::Incoming>,
    turns: Arc<mpsc::UnboundedSender<Turn>>,
) -> Result<Response<Body>, Infallible> {
    let authorization = request.headers().get("authorization").and_then(|it| it.to_str().ok());
    let authorization = authorization.unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let (pieces, receiver) = mpsc::unbounded_channel::<Bytes>();
    let request = serde_json::from_slice(&body).unwrap_or(Value::Null);
    turns.send(Turn { request, authorization, pieces }).ok();
    let stream = stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(piece)), receiver))
    });
    let body = http_body_util::BodyExt::boxed_unsync(StreamBody::new(stream));
    Ok(Response::builder().header("content-type", "text/event-stream").body(body).unwrap())
}
