//! A model server that fails, and says in its errors with which key it was asked.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

/// A server on a port of its own. Its thread lives as long as the test.
pub(crate) struct Model {
    pub(crate) port: u16,
    asked: mpsc::Receiver<String>,
}

impl Model {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, asked) = mpsc::channel();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let tell = tell.clone();
                thread::spawn(move || answer(socket, &tell));
            }
        });
        Self { port, asked }
    }

    /// What it has been asked with.
    pub(crate) fn asked(&self) -> String {
        self.asked.try_iter().collect()
    }
}

fn answer(mut socket: TcpStream, tell: &mpsc::Sender<String>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length: usize = line("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if socket.read_exact(&mut body).is_err() {
        return;
    }
    let key = line("authorization").unwrap_or_default();
    tell.send(format!("{key}\n")).ok();
    let (bare, path) = (key.trim_start_matches("Bearer "), head.lines().next().unwrap_or_default());
    let error = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {bare} ({key})","type":"invalid_request_error","param":"{path}"}}}}"#
    );
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nX-Key: {bare}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{error}",
        error.len()
    );
    socket.write_all(answer.as_bytes()).ok();
}
