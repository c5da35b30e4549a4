//! HTTP by hand: what is sent is exactly what the test says, and an answer may be read as it comes.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, Interest},
    net::{TcpSocket, TcpStream},
    time::{interval, timeout},
};

use crate::{PATIENCE, gateway::TOKEN};

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status; 0 when the connection ended without one.
    pub status: u16,
    /// The head as text, names in lower case.
    pub head: String,
    /// The body, chunks joined.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&start))
    }

    /// The data of server-sent events, in order.
    pub fn events(&self) -> Vec<String> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(str::to_owned).collect()
    }

    fn parse(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(raw);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let lower = |line: &str| match line.split_once(": ") {
            Some((name, value)) => format!("{}: {value}\n", name.to_lowercase()),
            None => format!("{line}\n"),
        };
        let head: String = head.lines().map(lower).collect();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let chunked = head.contains("transfer-encoding: chunked");
        let body = if chunked { joined(body) } else { body.to_owned() };
        Self { status, head, body }
    }
}

/// The bytes of a chunked body.
fn joined(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size @ 1..) = usize::from_str_radix(size.trim(), 16) else { break };
        body.push_str(&after[..size]);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    body
}

/// Sends bytes and reads what comes until the gateway closes.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = Stream::open(address).await;
    stream.send(bytes).await;
    stream.rest().await
}

/// The status of a request from a client that comes again when there is no place for it.
pub async fn insist(address: SocketAddr, line: &str, headers: &str) -> u16 {
    loop {
        // With many at once some are dropped before they have said anything.
        let Ok(socket) = TcpStream::connect(address).await else { continue };
        let mut stream = Stream { socket, read: Vec::new() };
        stream.send(request(address, line, headers, "").as_bytes()).await;
        match stream.rest().await.status {
            0 | 503 => {}
            status => return status,
        }
    }
}

/// A request with the secret, `Connection: close` and further headers; a body when there is one.
pub async fn ask(address: SocketAddr, line: &str, headers: &str, body: &str) -> Answer {
    raw(address, request(address, line, headers, body).as_bytes()).await
}

/// That request as text.
pub fn request(address: SocketAddr, line: &str, headers: &str, body: &str) -> String {
    let lower = headers.to_lowercase();
    let mut lines = vec![format!("{line} HTTP/1.1"), "Connection: close".to_owned()];
    if !lower.contains("host:") {
        lines.push(format!("Host: {address}"));
    }
    if !lower.contains("authorization:") {
        lines.push(format!("Authorization: Bearer {TOKEN}"));
    }
    if !body.is_empty() {
        lines.push("Content-Type: application/json".to_owned());
        lines.push(format!("Content-Length: {}", body.len()));
    }
    format!("{}\r\n{headers}\r\n{body}", lines.join("\r\n"))
}

/// The nth of this machine's other addresses: 127.0.1.1 and on. A gateway that listens on 127.0.0.1 tells
/// them apart as it would other machines.
pub fn source(n: usize) -> IpAddr {
    let [high, low] = u16::try_from(n).unwrap().to_be_bytes();
    Ipv4Addr::new(127, 1 + high, 1 + low / 128, 1 + low % 128).into()
}

/// A connection that comes from this address.
pub async fn connect_from(source: IpAddr, address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(address).await
}

/// The head of an upgrade, by hand.
pub fn upgrade(address: SocketAddr, headers: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// One frame of a client as it stands on the wire, masked with zeros: its first byte, the length in its
/// shortest form, the payload.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut frame = vec![first];
    match length {
        0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
        126..=0xffff => {
            frame.push(0xfe);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            frame.push(0xff);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// A connection that takes as little as the kernel lets it.
pub(crate) async fn narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1).unwrap();
    socket.connect(address).await.unwrap()
}

/// A connection whose answer is read as it comes.
pub struct Stream {
    socket: TcpStream,
    read: Vec<u8>,
}

impl Stream {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        Self { socket: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    /// Connects from another address of this machine.
    pub async fn open_from(source: IpAddr, address: SocketAddr) -> Self {
        Self { socket: connect_from(source, address).await.unwrap(), read: Vec::new() }
    }

    /// Connects with the smallest window there is, for a client that will not read.
    pub async fn open_narrow(address: SocketAddr) -> Self {
        Self { socket: narrow(address).await, read: Vec::new() }
    }

    /// Waits until the gateway has thrown the connection away, without reading anything of it.
    pub async fn thrown_away(&mut self) {
        let thrown = timeout(PATIENCE, self.socket.ready(Interest::ERROR)).await;
        thrown.expect("the gateway gives the connection up").unwrap();
    }

    /// Sends a piece at a time until the gateway closes; what it said before.
    pub async fn drip(mut self, piece: &[u8]) -> Answer {
        let (mut reader, mut writer) = self.socket.split();
        let dripping = async {
            // The time between two pieces is what such a client attacks with.
            let mut pace = interval(Duration::from_millis(10));
            loop {
                pace.tick().await;
                if writer.write_all(piece).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let reading =
            async { while reader.read_buf(&mut self.read).await.is_ok_and(|count| count > 0) {} };
        let closed = async {
            tokio::select! { () = reading => {}, () = dripping => {} }
        };
        timeout(PATIENCE, closed).await.expect("the gateway closes");
        Answer::parse(&self.read)
    }

    /// Sends; a gateway that has closed meanwhile is no failure.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.ok();
    }

    /// Ends the sending half.
    pub async fn end(&mut self) {
        self.socket.shutdown().await.ok();
    }

    /// Reads until a text has come, and gives all that came so far.
    pub async fn until(&mut self, text: &str) -> String {
        let reading = async {
            loop {
                let seen = String::from_utf8_lossy(&self.read).into_owned();
                if seen.contains(text) {
                    return seen;
                }
                let count = self.socket.read_buf(&mut self.read).await.unwrap();
                assert!(count > 0, "the gateway closed before {text:?}: {seen}");
            }
        };
        timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("no {text:?}"))
    }

    /// Reads to the end; a reset counts as one.
    pub async fn rest(mut self) -> Answer {
        let reading = async {
            while self.socket.read_buf(&mut self.read).await.is_ok_and(|count| count > 0) {}
        };
        timeout(PATIENCE, reading).await.expect("the gateway closes");
        Answer::parse(&self.read)
    }
}
