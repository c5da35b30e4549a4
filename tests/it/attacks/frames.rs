//! Rows about frames: what comes before `connect`, what breaks the protocol, what is too large.

use openclaw_tests::http::{Stream, frame, upgrade};

use super::{table::Table, *};

/// An upgraded socket that has its challenge.
async fn upgraded(address: SocketAddr) -> Stream {
    let mut stream = Stream::open(address).await;
    stream.send(upgrade(address, "").as_bytes()).await;
    stream.until("connect.challenge").await;
    stream
}

/// One that has been let in.
async fn known(address: SocketAddr) -> Stream {
    let mut stream = upgraded(address).await;
    stream.send(&frame(0x81, connect().as_bytes())).await;
    stream.until("hello-ok").await;
    stream
}

fn spaces(count: usize) -> Vec<u8> {
    vec![b' '; count]
}

fn connect() -> String {
    json!({"type": "req", "id": "c", "method": "connect", "params": connect_params(4)}).to_string()
}

pub(super) async fn p21() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of("attacks::frames::p21");
    let request = |method: &str| {
        let text = json!({"type": "req", "id": "1", "method": method, "params": {}}).to_string();
        frame(0x81, text.as_bytes())
    };
    let ping = frame(0x89, b"x").repeat(12_000);
    let pong = frame(0x8a, &[b'x'; 125]).repeat(600);
    for (case, sent) in [
        ("health", request("health")),
        ("config.apply", request("config.apply")),
        ("connect without parameters", request("connect")),
        ("no such method", request("no.such")),
        ("bytes that are no text", frame(0x82, &[0xff, 0xfe, 0])),
        ("a binary frame of another request", frame(0x82, &request("health")[6..])),
        ("a ping flood", ping),
        ("a pong flood", pong),
        ("an empty frame", frame(0x81, b"")),
    ] {
        let mut stream = upgraded(address).await;
        stream.send(&sent).await;
        let answer = stream.rest().await;
        table.row(case, answer.status == 101 && !answer.body.contains("hello-ok"), answer);
    }
    // A `connect` in as many pieces as it has bytes is one all the same, within the bytes a stranger has.
    let text = connect();
    let pieces = text.bytes().enumerate().map(|(at, byte)| {
        let last = if at + 1 == text.len() { 0x80 } else { 0 };
        frame(last | u8::from(at == 0), &[byte])
    });
    let mut stream = upgraded(address).await;
    stream.send(&pieces.collect::<Vec<_>>().concat()).await;
    let heard = stream.until("hello-ok").await;
    table.row("connect in single bytes", true, heard);
    let mut long = connect_params(4);
    long["pathEnv"] = json!("x".repeat(12_000));
    let text = json!({"type": "req", "id": "c", "method": "connect", "params": long}).to_string();
    let pieces = text.bytes().enumerate().map(|(at, byte)| frame(u8::from(at == 0), &[byte]));
    let mut stream = upgraded(address).await;
    stream.send(&pieces.collect::<Vec<_>>().concat()).await;
    let answer = stream.rest().await;
    table.row("more pieces than a stranger has bytes", !answer.body.contains("hello-ok"), answer);
    let mut peer = gateway.operator().await;
    let again = peer.call("connect", connect_params(4)).await;
    table.row("a second connect", again.is_err(), again);
    table.end();
}

pub(super) async fn p23() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let close = |code: u16, reason: &[u8]| frame(0x88, &[&code.to_be_bytes(), reason].concat());
    let frames: [(&str, Vec<u8>); 26] = [
        ("a length of 2^63", vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        ("a length of 2^64-1", [&[0x81, 0xff][..], &[0xff; 8], &[0; 4]].concat()),
        ("a byte more than 25 MiB", vec![0x81, 0xff, 0, 0, 0, 0, 1, 0x90, 0, 1, 1, 2, 3, 4]),
        ("two bytes in sixteen bits", vec![0x81, 0xfe, 0, 2, 0, 0, 0, 0, b'{', b'}']),
        (
            "two bytes in sixty-four bits",
            vec![0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, b'{', b'}'],
        ),
        ("a ping of two bytes in sixteen bits", vec![0x89, 0xfe, 0, 2, 0, 0, 0, 0, b'h', b'i']),
        ("not masked", vec![0x81, 0x02, b'{', b'}']),
        ("a first reserved bit", [&[0xc1][..], &frame(0, b"{}")[1..]].concat()),
        ("a second reserved bit", [&[0xa1][..], &frame(0, b"{}")[1..]].concat()),
        ("a third reserved bit", [&[0x91][..], &frame(0, b"{}")[1..]].concat()),
        ("a reserved opcode", frame(0x83, b"{}")),
        ("another reserved opcode", frame(0x8b, b"{}")),
        ("a long ping", frame(0x89, &[b'x'; 126])),
        ("a ping in pieces", frame(0x09, b"")),
        ("a close in pieces", frame(0x08, &[3, 232])),
        ("a continuation of nothing", frame(0x80, b"{}")),
        ("a text in the middle of a text", [frame(0x01, b"{"), frame(0x81, b"}")].concat()),
        ("text that is not UTF-8", frame(0x81, &[0xc3, 0x28])),
        ("a close without a whole code", frame(0x88, &[3])),
        ("a close with 1005", close(1005, b"")),
        ("a close with 1006", close(1006, b"")),
        ("a close with 999", close(999, b"")),
        ("a close with 0", close(0, b"")),
        ("a close with 65535", close(65535, b"")),
        ("a close whose reason is not UTF-8", close(1000, &[0xc3, 0x28])),
        ("a close whose reason is too long", close(1000, &[b'x'; 124])),
    ];
    let mut table = Table::of("attacks::frames::p23");
    for (case, sent) in frames {
        for (who, mut stream) in
            [("stranger", upgraded(address).await), ("known", known(address).await)]
        {
            stream.send(&sent).await;
            // It ends; what it says before is at most a close frame.
            let answer = stream.rest().await;
            table.row(format!("{case}, {who}"), answer.status == 101, answer);
        }
    }
    gateway.operator().await.call("health", json!({})).await.unwrap();
    table.end();
}

pub(super) async fn p24() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of("attacks::frames::p24");
    let declared =
        |length: u64| [&[0x81, 0xff][..], &length.to_be_bytes(), &[0; 4], b"{\"type\":"].concat();
    // Before `connect` a length alone is enough: nothing waits for bytes that may not come.
    let ping = frame(0x89, b"x");
    for (case, sent) in [
        ("64 KiB and a byte", declared(64 * 1024 + 1)),
        ("64 KiB and a byte, all of it", frame(0x81, &spaces(64 * 1024 + 1))),
        ("25 MiB, then silence", declared(25 * 1024 * 1024)),
        ("25 MiB behind a ping", [ping, declared(25 * 1024 * 1024)].concat()),
        ("in pieces", [frame(0x01, &spaces(40_000)), frame(0x80, &spaces(40_000))].concat()),
    ] {
        let mut stream = upgraded(address).await;
        stream.send(&sent).await;
        let answer = stream.rest().await;
        table.row(format!("before connect: {case}"), answer.status == 101, answer);
    }
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let mut stream = known(address).await;
        stream.send(&declared(25 * 1024 * 1024)).await;
        stalled.push(stream);
    }
    let answer = gateway.operator().await.call("health", json!({})).await;
    table.row("25 MiB declared and not sent", answer.is_ok(), answer);
    drop(stalled);
    let mut peer = gateway.operator().await;
    peer.send_text("x".repeat(26 * 1024 * 1024)).await;
    let ended = peer.ended().await;
    table.row("more than maxPayload", ended.code == 1009, ended);
    let half = spaces(13 * 1024 * 1024);
    let mut stream = known(address).await;
    stream.send(&[frame(0x01, &half), frame(0x80, &half)].concat()).await;
    let answer = stream.rest().await;
    table.row("more than maxPayload in pieces", answer.status == 101, answer.status);
    gateway.is_left_with(0).await;
    table.end();
}

pub(super) async fn p25() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of("attacks::frames::p25");
    for offered in [
        "permessage-deflate",
        "permessage-deflate; server_max_window_bits=8; client_no_context_takeover",
        "x-webkit-deflate-frame",
        "permessage-deflate, permessage-bzip2, permessage-deflate",
    ] {
        let mut stream = Stream::open(address).await;
        let offer = format!("Sec-WebSocket-Extensions: {offered}\r\n");
        stream.send(upgrade(address, &offer).as_bytes()).await;
        let head = stream.until("\r\n\r\n").await.to_lowercase();
        let none = head.starts_with("http/1.1 101") && !head.contains("extensions");
        table.row(format!("offered: {offered}"), none, &head);
        // A packed frame is one with a reserved bit all the same.
        stream.send(&frame(0xc1, &[0xec, 0xc0, 0x31, 1, 0, 0, 0])).await;
        let answer = stream.rest().await;
        table.row(format!("sent: {offered}"), answer.status == 101, answer);
    }
    // A body is never unpacked: it is the bytes that came, which are no JSON.
    let gzip = "\u{1f}\u{8b}\u{8}\0\0\0\0\0\0\u{3}";
    for coding in ["gzip", "br", "deflate", "zstd", "gzip, gzip, gzip", "identity, gzip"] {
        let headers = format!("Content-Encoding: {coding}\r\n");
        let line = "POST /v1/chat/completions";
        let answer = openclaw_tests::http::ask(address, line, &headers, gzip).await;
        table.row(format!("a body in {coding}"), matches!(answer.status, 400 | 415), answer);
    }
    table.end();
}
