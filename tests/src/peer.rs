//! A client that speaks the frames by hand.

use std::{collections::VecDeque, net::SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        http::{HeaderName, Request},
    },
};

use crate::{PATIENCE, device::Device, gateway::TOKEN, http::narrow};

/// Every scope that an operator asks for.
pub const SCOPES: [&str; 5] =
    ["operator.admin", "operator.read", "operator.write", "operator.approvals", "operator.pairing"];

/// An upgrade with headers of the test's own, each as often as it is named.
pub fn upgrade_with(address: SocketAddr, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The close code; 1006 when there was none.
    pub code: u16,
    /// The reason.
    pub reason: String,
}

/// One WebSocket connection.
pub struct Peer {
    socket: WebSocketStream<TcpStream>,
    /// Frames that came while another one was waited for.
    waiting: VecDeque<Value>,
    next_id: u64,
    /// The payload of `hello-ok`.
    pub hello: Value,
    /// The nonce of the challenge.
    pub nonce: String,
}

impl Peer {
    /// Opens a socket and reads the challenge.
    pub async fn open(address: SocketAddr) -> Self {
        Self::open_at(address, "/").await
    }

    /// The same at a path.
    pub async fn open_at(address: SocketAddr, path: &str) -> Self {
        Self::open_with(format!("ws://{address}{path}").into_client_request().unwrap()).await
    }

    /// The same with a request of the test's own making.
    pub async fn open_with(request: Request<()>) -> Self {
        let host = request.uri().authority().unwrap().to_string();
        Self::open_over(TcpStream::connect(host).await.unwrap(), request).await
    }

    /// The same with the smallest window there is, for a client that will not read.
    pub async fn open_narrow(address: SocketAddr) -> Self {
        let stream = narrow(address).await;
        Self::open_over(stream, format!("ws://{address}/").into_client_request().unwrap()).await
    }

    async fn open_over(stream: TcpStream, request: Request<()>) -> Self {
        let (socket, _) = client_async(request, stream).await.expect("the upgrade is accepted");
        let mut peer = Self {
            socket,
            waiting: VecDeque::new(),
            next_id: 0,
            hello: Value::Null,
            nonce: String::new(),
        };
        let challenge = peer.next().await.expect("a challenge comes first");
        assert_eq!(challenge["event"], "connect.challenge");
        challenge["payload"]["nonce"].as_str().unwrap().clone_into(&mut peer.nonce);
        peer
    }

    /// Connects as the official command line of protocol 4 does on its own machine.
    pub async fn connect(address: SocketAddr, protocol: u64) -> Self {
        let mut peer = Self::open(address).await;
        let params = connect_params(protocol);
        peer.shake(params).await.expect("the peer is let in");
        peer
    }

    /// Connects with a fresh device, as protocol 3's command line does.
    pub async fn connect_with_device(address: SocketAddr, protocol: u64) -> Self {
        let mut peer = Self::open(address).await;
        let mut params = connect_params(protocol);
        params["client"] =
            json!({"id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli"});
        Device::new().sign(&mut params, &peer.nonce);
        peer.shake(params).await.expect("the device is let in");
        peer
    }

    /// Sends `connect`; the hello, or the error.
    pub async fn shake(&mut self, params: Value) -> Result<Value, Value> {
        let hello = self.call("connect", params).await?;
        self.hello = hello.clone();
        Ok(hello)
    }

    /// Sends a request without waiting; its id.
    pub async fn send(&mut self, method: &str, params: Value) -> String {
        self.next_id += 1;
        let id = format!("t{}", self.next_id);
        let frame = json!({"type": "req", "id": id, "method": method, "params": params});
        self.send_text(frame.to_string()).await;
        id
    }

    /// Sends any text.
    pub async fn send_text(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        // A socket that the gateway has closed shows at the next read.
        self.socket.send(Message::text(text)).await.ok();
    }

    /// Sends any message.
    pub async fn send_message(&mut self, message: Message) {
        self.socket.send(message).await.ok();
    }

    /// Sends several messages in one piece.
    pub async fn send_at_once(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.socket.feed(message).await.unwrap();
        }
        self.socket.flush().await.unwrap();
    }

    /// Sends a request and waits for its answer.
    pub async fn call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send(method, params).await;
        self.answer(&id).await
    }

    /// The next answer to a request.
    pub async fn answer(&mut self, id: &str) -> Result<Value, Value> {
        let mut frame = self.find(|frame| frame["type"] == "res" && frame["id"] == id).await;
        if frame["ok"] == true { Ok(frame["payload"].take()) } else { Err(frame["error"].take()) }
    }

    /// The payload of the next event that fits; events before it are passed over.
    pub async fn event(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut frame = self.find(|frame| frame["event"] == name && fits(&frame["payload"])).await;
        frame["payload"].take()
    }

    /// Waits until a run has ended; its last `chat` event.
    pub async fn run_end(&mut self, run_id: &str) -> Value {
        let last = ["final", "error", "aborted"];
        self.event("chat", |chat| {
            chat["runId"] == run_id && last.contains(&chat["state"].as_str().unwrap_or_default())
        })
        .await
    }

    async fn find(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&fits) {
            return self.waiting.remove(at).unwrap();
        }
        loop {
            let frame = self.next().await.expect("the gateway keeps the socket open");
            if fits(&frame) {
                return frame;
            }
            self.waiting.push_back(frame);
        }
    }

    /// The next frame, or how the socket ended.
    pub async fn next(&mut self) -> Result<Value, Ended> {
        let read = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Ok(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(Message::Close(Some(frame)))) => {
                        let reason = frame.reason.to_string();
                        return Err(Ended { code: frame.code.into(), reason });
                    }
                    Some(Ok(Message::Close(None))) => {
                        return Err(Ended { code: 1005, reason: String::new() });
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(Ended { code: 1006, reason: String::new() }),
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("a frame comes in time")
    }

    /// Reads until the socket ends.
    pub async fn ended(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.next().await {
                return ended;
            }
        }
    }
}

/// `connect` as a local program without a device sends it.
pub fn connect_params(protocol: u64) -> Value {
    json!({
        "minProtocol": protocol, "maxProtocol": protocol,
        "client": {"id": "gateway-client", "version": "1.0.0", "platform": "linux", "mode": "backend"},
        "role": "operator", "scopes": SCOPES, "caps": ["tool-events"], "auth": {"token": TOKEN},
    })
}
