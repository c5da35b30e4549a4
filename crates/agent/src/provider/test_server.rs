//! A server on loopback that answers byte for byte as a test says, also wrongly.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

/// What the server does on one connection, in order; then it closes.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Sends these bytes at once.
    Send(Vec<u8>),
    /// Sends these bytes again and again until the client is gone, with a pause.
    Repeat(Vec<u8>, Duration),
    /// Says nothing and keeps the connection.
    Hold,
}

/// The head of a good answer that streams events until the connection closes.
pub(crate) const EVENTS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A stream of events that ends with the connection.
pub(crate) fn events(body: &str) -> Vec<Step> {
    vec![Step::Send(format!("{EVENTS}{body}").into_bytes())]
}

/// A whole answer with a status, more header lines and a body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    vec![Step::Send(text.into_bytes())]
}

/// The server. It stops when it is dropped.
pub(crate) struct Server {
    /// For example `http://127.0.0.1:4321`.
    pub(crate) address: String,
    /// The port.
    pub(crate) port: u16,
    requests: mpsc::UnboundedReceiver<Request>,
    _tasks: JoinSet<()>,
}

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Request {
    /// The first line and the headers, in lower case.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: String,
}

impl Server {
    /// Answers each request with the next of these scripts; the last one stays. Each connection
    /// takes one request, unless its answer has a length.
    pub(crate) async fn start(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scripts: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(scripts.into_iter().collect()));
        let (sender, requests) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&scripts), sender.clone()));
            }
        });
        Self { address: format!("http://127.0.0.1:{port}"), port, requests, _tasks: tasks }
    }

    /// The next request.
    pub(crate) async fn request(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }

    /// The request that has come already, if there is one.
    pub(crate) fn try_request(&mut self) -> Option<Request> {
        self.requests.try_recv().ok()
    }
}

async fn serve(
    mut stream: TcpStream,
    scripts: Arc<Mutex<VecDeque<Vec<Step>>>>,
    requests: mpsc::UnboundedSender<Request>,
) {
    while let Some(request) = read(&mut stream).await {
        let path = request.head.clone();
        if requests.send(request).is_err() {
            return;
        }
        let script = {
            let mut scripts = scripts.lock();
            if scripts.len() > 1 { scripts.pop_front() } else { scripts.front().cloned() }
        };
        let steps = script.unwrap_or_else(|| panic!("no answer for {path}"));
        let close =
            matches!(&steps[..], [Step::Send(bytes), ..] if bytes.starts_with(EVENTS.as_bytes()));
        for step in steps {
            if run(&mut stream, step).await.is_err() {
                return;
            }
        }
        if close {
            return;
        }
    }
}

async fn run(stream: &mut TcpStream, step: Step) -> std::io::Result<()> {
    match step {
        Step::Send(bytes) => {
            stream.write_all(&bytes).await?;
            stream.flush().await
        }
        Step::Repeat(bytes, pause) => loop {
            stream.write_all(&bytes).await?;
            tokio::time::sleep(pause).await;
        },
        Step::Hold => {
            // Until the client goes away.
            let mut byte = [0];
            stream.read_exact(&mut byte).await.map(drop)
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(Request { head, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
