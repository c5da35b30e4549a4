//! A WebSocket and an HTTP client by hand, so that a test has every byte that came.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// How long an answer may take; nothing waits for it unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Upgrades at `path`, sends each frame, and reads until a frame has `until` in it or the socket ends. Everything
/// that came, the head of the answer included.
pub(crate) fn talk(
    port: u16,
    path: &str,
    headers: &str,
    frames: &[String],
    until: &str,
) -> Vec<u8> {
    let mut socket = open(port);
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut seen = Vec::new();
    // The gateway speaks first; what it says is in `seen` too.
    for frame in frames {
        if !read_until(&mut socket, &mut seen, "connect.challenge") || !send(&mut socket, frame) {
            break;
        }
    }
    read_until(&mut socket, &mut seen, until);
    seen
}

/// Sends a request and reads the whole answer.
pub(crate) fn ask(port: u16, line: &str, headers: &str, body: &str) -> Vec<u8> {
    let mut socket = open(port);
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    let text = format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}{length}\r\n{body}"
    );
    socket.write_all(text.as_bytes()).unwrap();
    let mut seen = Vec::new();
    read_until(&mut socket, &mut seen, "\u{0}never");
    seen
}

fn open(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Reads until a text has come; whether it has. Else the socket has ended.
fn read_until(socket: &mut TcpStream, seen: &mut Vec<u8>, text: &str) -> bool {
    let mut part = [0; 8192];
    loop {
        if seen.windows(text.len()).any(|window| window == text.as_bytes()) {
            return true;
        }
        match socket.read(&mut part) {
            Ok(0) => return false,
            Ok(size) => seen.extend_from_slice(&part[..size]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return false,
            Err(error) => panic!("no {text:?} in {}: {error}", String::from_utf8_lossy(seen)),
        }
    }
}

/// One masked text frame. Whether the gateway still listens.
fn send(socket: &mut TcpStream, text: &str) -> bool {
    let mut frame = vec![0x81];
    match text.len() {
        size @ 0..126 => frame.push(0x80 | u8::try_from(size).unwrap()),
        size => {
            frame.push(0xfe);
            frame.extend(u16::try_from(size).unwrap().to_be_bytes());
        }
    }
    // A mask of zeros is one that changes nothing.
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    socket.write_all(&frame).is_ok()
}
