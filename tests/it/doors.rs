//! The five older descriptions of this gateway, each played by a client of its own, and the attacks on
//! the doors that let them in.

use std::fmt::Write as _;

use openclaw_tests::{PATIENCE, Peer, TestGateway};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{
    client::IntoClientRequest as _,
    http::{HeaderName, HeaderValue},
};

mod attacks;
mod bare;
mod broadcast;
mod hosts;
mod messages;
mod query;
mod short;

type Headers<'a> = &'a [(&'static str, &'a str)];

/// What makes a client a stranger although it dials from here: it came through a proxy.
const ELSEWHERE: (&str, &str) = ("x-forwarded-for", "192.0.2.7");

/// Upgrades at a path with headers, and reads the challenge.
async fn open(gateway: &TestGateway, path: &str, headers: Headers<'_>) -> Peer {
    let mut request = format!("ws://{}{path}", gateway.address()).into_client_request().unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    Peer::open_with(request).await
}

/// Upgrades by hand; the answer instead of a 101.
async fn turned_away(gateway: &TestGateway, path: &str, headers: Headers<'_>) -> String {
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    if !headers.iter().any(|(name, _)| *name == "host") {
        write!(request, "Host: {}\r\n", gateway.address()).unwrap();
    }
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    request.push_str("\r\n");
    let address = ("127.0.0.1", gateway.address().port());
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a frame of the test's own making.
async fn say(peer: &mut Peer, frame: &Value) {
    peer.send_text(frame.to_string()).await;
}

/// The next frame that fits; those before it are passed over.
async fn hear(peer: &mut Peer, fits: impl Fn(&Value) -> bool) -> Value {
    loop {
        let frame = peer.next().await.unwrap();
        if fits(&frame) {
            return frame;
        }
    }
}
