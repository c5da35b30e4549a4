//! A model that answers by itself, in pieces, and keeps count of what it was asked.
//!
//! A message names itself by a mark (`<<7>>`); one that says `with a tool` is answered by way of one
//! tool call. Each life of a gateway asks under a path of its own, so a request that arrives late is
//! not taken for one of the next life.

use std::{collections::BTreeMap, convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use hyper::{Request, Response, body::Frame, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Where an answer stops for good.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    /// Which request of the life, from 0; or which of those that are answered by text.
    pub request: usize,
    /// Only those that are answered by text are counted.
    pub of_text: bool,
    /// How many pieces are given before.
    pub pieces: usize,
}

/// What the model knows of one life.
#[derive(Debug, Default)]
pub struct Life {
    /// Requests that were answered by a call, and by text.
    calls: usize,
    texts: usize,
    hold: Option<Hold>,
    /// By mark: requests that began a turn.
    pub turns: BTreeMap<u64, usize>,
    /// By mark: pieces of text that were given.
    pub pieces: BTreeMap<u64, usize>,
}

struct Shared {
    lives: Mutex<BTreeMap<usize, Life>>,
    held: UnboundedSender<(usize, u64)>,
}

/// A server of OpenAI chat completions.
pub struct AnsweringModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Life and mark of the messages whose answer stopped at the hold.
    pub held: UnboundedReceiver<(usize, u64)>,
    task: JoinHandle<()>,
}

impl AnsweringModel {
    /// Starts on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, held) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { lives: Mutex::default(), held: tell });
        #[expect(clippy::disallowed_methods, reason = "ends with the value")]
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared, held, task }
    }

    /// The config of a life, in which one answer may stop.
    pub fn life(&self, life: usize, hold: Option<Hold>) -> Value {
        self.shared.lives.lock().insert(life, Life { hold, ..Life::default() });
        let provider = json!({"baseUrl": format!("http://{}/{life}/v1", self.address), "apiKey": "k",
            "api": "openai-completions",
            "models": [{"id": "test", "name": "Test", "contextWindow": 4_000_000, "maxTokens": 4096}]});
        json!({
            "models": {"providers": {"test": provider}},
            "agents": {"defaults": {"model": {"primary": "test/test"}}},
        })
    }

    /// Looks at all lives, by number.
    pub fn lives<R>(&self, look: impl FnOnce(&BTreeMap<usize, Life>) -> R) -> R {
        look(&self.shared.lives.lock())
    }
}

impl Drop for AnsweringModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The pieces of the answer to a message.
pub fn pieces(mark: u64) -> [String; 4] {
    [format!("The answer to <<{mark}>>"), " comes".into(), " in".into(), " pieces.".into()]
}

/// The last mark in a text.
pub fn mark_of(text: &str) -> Option<u64> {
    let (_, after) = text.rsplit_once("<<")?;
    after.split_once(">>")?.0.parse().ok()
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
        #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
        tokio::spawn(async move {
            // The other side is killed every now and then; that is no failure here.
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

async fn answer(
    request: Request<hyper::body::Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Body>, Infallible> {
    let life = request.uri().path().split('/').nth(1).and_then(|name| name.parse().ok());
    let Ok(body) = request.into_body().collect().await else {
        return Ok(Response::builder().status(400).body(Body::default()).unwrap());
    };
    let asked: Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    let answer = Answer::to(&asked, life.unwrap(), shared);
    let stream = stream::unfold(answer, Answer::next);
    let body = StreamBody::new(stream).boxed_unsync();
    Ok(Response::builder().header("content-type", "text/event-stream").body(body).unwrap())
}

/// An answer on its way.
struct Answer {
    shared: Arc<Shared>,
    life: usize,
    mark: u64,
    /// What is left, the next last; with whether it is text.
    rest: Vec<(String, bool)>,
    given: usize,
    stop_after: Option<usize>,
}

impl Answer {
    fn to(asked: &Value, life: usize, shared: Arc<Shared>) -> Self {
        let messages = asked["messages"].as_array().unwrap();
        let user = messages.iter().rfind(|message| message["role"] == "user").unwrap();
        let text = user["content"].as_str().unwrap();
        let mark = mark_of(text).expect("every message has a mark");
        let begins = messages.last().unwrap()["role"] == "user";
        let calls = begins && text.contains("with a tool");
        let stop_after = {
            let mut lives = shared.lives.lock();
            let life = lives.get_mut(&life).unwrap();
            let (all, texts) = (life.calls + life.texts, life.texts);
            life.calls += usize::from(calls);
            life.texts += usize::from(!calls);
            *life.turns.entry(mark).or_default() += usize::from(begins);
            let is_it = |hold: &Hold| {
                if hold.of_text { !calls && hold.request == texts } else { hold.request == all }
            };
            life.hold.filter(is_it).map(|hold| hold.pieces)
        };
        let mut rest = if calls { call() } else { say(mark) };
        rest.push(("data: [DONE]\n\n".to_owned(), false));
        rest.reverse();
        Self { shared, life, mark, rest, given: 0, stop_after }
    }

    async fn next(mut self) -> Option<(Result<Frame<Bytes>, Infallible>, Self)> {
        if self.stop_after == Some(self.given) {
            self.shared.held.send((self.life, self.mark)).ok();
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        let (piece, is_text) = self.rest.pop()?;
        self.given += 1;
        if is_text {
            let mut lives = self.shared.lives.lock();
            *lives.get_mut(&self.life).unwrap().pieces.entry(self.mark).or_default() += 1;
        }
        Some((Ok(Frame::data(Bytes::from(piece))), self))
    }
}

fn say(mark: u64) -> Vec<(String, bool)> {
    let text = |piece| (chunk(&json!({"content": piece}), &Value::Null), true);
    let mut rest: Vec<_> = pieces(mark).into_iter().map(text).collect();
    rest.push((chunk(&json!({}), &json!("stop")), false));
    rest
}

fn call() -> Vec<(String, bool)> {
    let function = json!({"name": "session_status", "arguments": "{}"});
    let call = json!({"index": 0, "id": "call-1", "type": "function", "function": function});
    let announced = chunk(&json!({"tool_calls": [call]}), &Value::Null);
    vec![(announced, false), (chunk(&json!({}), &json!("tool_calls")), false)]
}

fn chunk(delta: &Value, finish: &Value) -> String {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
    let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "test",
        "usage": usage, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    format!("data: {chunk}\n\n")
}
