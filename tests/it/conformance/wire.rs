//! One recorded connection: sends what the client sent and keeps all that comes back, in order.

use std::{fmt, net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use openclaw_tests::PATIENCE;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message, Utf8Bytes,
        client::IntoClientRequest as _,
        http::{HeaderMap, Request},
        protocol::{CloseFrame, WebSocketConfig},
    },
};

use super::script::{Closed, Open};

/// How long a frame may take. It is less than what the model server allows, whose failure says less.
const WAIT: Duration = Duration::from_secs(10);

/// An upgrade that was refused, or answered in a way that the client cannot take.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The status of the answer.
    pub(crate) status: Option<u16>,
    /// The answer's body, or what is wrong with it.
    pub(crate) text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {:?} {}", self.status, self.text)
    }
}

/// A connection.
pub(crate) struct Wire {
    socket: WebSocketStream<TcpStream>,
    /// The headers of the accepted upgrade.
    pub(crate) headers: HeaderMap,
    /// Every frame so far.
    pub(crate) frames: Vec<Value>,
    /// What the pings were answered with.
    pongs: Vec<String>,
    /// How it ended.
    ended: Option<Closed>,
}

impl Wire {
    /// Opens a socket as the recorded client did.
    pub(crate) async fn open(address: SocketAddr, open: &Open) -> Result<Self, Refusal> {
        let stream = TcpStream::connect(address).await.unwrap();
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let upgrade = client_async_with_config(request(address, open), stream, Some(config));
        match tokio::time::timeout(PATIENCE, upgrade).await.unwrap() {
            Ok((socket, response)) => Ok(Self {
                socket,
                headers: response.headers().clone(),
                frames: Vec::new(),
                pongs: Vec::new(),
                ended: None,
            }),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                let text = String::from_utf8_lossy(body).into_owned();
                Err(Refusal { status: Some(response.status().as_u16()), text })
            }
            Err(error) => Err(Refusal { status: None, text: error.to_string() }),
        }
    }

    /// Sends a message; a socket that the gateway has closed shows at the next read.
    pub(crate) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.ok();
    }

    /// Closes as the recorded client did.
    pub(crate) async fn close(&mut self, closed: &Closed) {
        let reason = Utf8Bytes::from(closed.reason.as_str());
        self.socket.close(Some(CloseFrame { code: closed.code.into(), reason })).await.ok();
    }

    /// The `nth` frame that fits, from the first one on; none when the socket ends before it.
    pub(crate) async fn wait(
        &mut self,
        nth: usize,
        fits: impl Fn(&Value) -> bool,
    ) -> Option<&Value> {
        let deadline = tokio::time::Instant::now() + WAIT;
        loop {
            let found = self.frames.iter().enumerate().filter(|(_, frame)| fits(frame)).nth(nth);
            if let Some((at, _)) = found {
                return self.frames.get(at);
            }
            if !tokio::time::timeout_at(deadline, self.read()).await.unwrap_or_default() {
                return None;
            }
        }
    }

    /// The challenge's nonce.
    pub(crate) async fn nonce(&mut self) -> String {
        let challenge = self.wait(0, |frame| frame["event"] == "connect.challenge").await;
        challenge.unwrap()["payload"]["nonce"].as_str().unwrap().to_owned()
    }

    /// Reads until a ping is answered with these bytes; whether that came.
    pub(crate) async fn ponged(&mut self, text: &str) -> bool {
        let read = async {
            while !self.pongs.iter().any(|pong| pong == text) {
                if !self.read().await {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap_or_default()
    }

    /// Reads to the end; how that was, or nothing when the socket stays open.
    pub(crate) async fn ended(&mut self) -> Option<Closed> {
        let read = async { while self.read().await {} };
        tokio::time::timeout(PATIENCE, read).await.ok()?;
        self.ended.clone()
    }

    /// Reads one message; false at the end.
    async fn read(&mut self) -> bool {
        let closed = match self.socket.next().await {
            Some(Ok(Message::Text(text))) => {
                self.frames.push(serde_json::from_str(&text).unwrap());
                return true;
            }
            Some(Ok(Message::Pong(bytes))) => {
                self.pongs.push(String::from_utf8_lossy(&bytes).into_owned());
                return true;
            }
            Some(Ok(Message::Close(Some(frame)))) => {
                Closed { code: frame.code.into(), reason: frame.reason.to_string() }
            }
            Some(Ok(Message::Close(None))) => Closed { code: 1005, reason: String::new() },
            Some(Ok(_)) => return true,
            Some(Err(_)) | None => Closed { code: 1006, reason: String::new() },
        };
        self.ended.get_or_insert(closed);
        false
    }
}

fn request(address: SocketAddr, open: &Open) -> Request<()> {
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    let own = format!("http://{address}");
    let origin = open.origin.as_deref().map(|origin| origin.replace("<SELF>", &own));
    let named = [
        ("origin", origin.as_deref()),
        ("host", open.host.as_deref()),
        ("sec-websocket-protocol", open.subprotocol.as_deref()),
        ("sec-websocket-extensions", open.extensions.as_deref()),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    request
}
