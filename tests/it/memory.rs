//! Whoever has sent what is too large, too deep, twice, slow or nothing at all, and is gone, has left nothing:
//! no client, no lane, no place, and no memory.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use openclaw_gateway::Patience;
use openclaw_tests::{
    Peer, TestGateway,
    crash::Starter,
    gateway::TOKEN,
    http::{Stream, frame, raw, source, upgrade},
};
use serde_json::json;

/// Rounds whose growth counts, behind those in which buffers and pools come to their size.
const ROUNDS: usize = 6;
const FIRST_ROUNDS: usize = 3;
/// What the later rounds may need beyond the earlier ones. The allocator keeps a large block for a thread that
/// has had one and gives it back when it likes, so that single rounds differ by 20 MiB both ways; whatever leaks
/// does so in every round, and a round sends 50 MiB.
const MAX_GROWTH_KIB: u64 = 1024;
/// What all of them may add: such a block for each of two threads.
const MAX_STEPS_KIB: u64 = 64 * 1024;

/// Everybody comes, does harm, and goes.
async fn round(address: SocketAddr) {
    let upgraded = async |n: usize| {
        let mut stream = Stream::open_from(source(n), address).await;
        stream.send(upgrade(address, "").as_bytes()).await;
        stream.until("connect.challenge").await;
        stream
    };
    // Strangers: silent ones, a begun head, a begun frame, one that is too large.
    let silent = join_all((0..60).map(|n| Stream::open_from(source(n), address)));
    let begun = async |n: usize| {
        let mut stream = upgraded(n).await;
        let piece: &[u8] = if n.is_multiple_of(2) {
            b"\x81\xfe\xff"
        } else {
            b"\x81\xff\0\0\0\0\x01\x90\0\0abcd{"
        };
        stream.send(piece).await;
        stream
    };
    let (silent, begun) = tokio::join!(silent, join_all((60..120).map(begun)));
    let large = async |n: usize| {
        let mut stream = upgraded(n).await;
        stream.send(&frame(0x81, &vec![b' '; 70_000])).await;
        stream.rest().await;
    };
    join_all((120..160).map(large)).await;
    let body = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 30000000\r\n\r\n{}",
        "x".repeat(100_000)
    );
    join_all((0..20).map(|_| raw(address, body.as_bytes()))).await;
    // The owner's clients: deep, doubled, large, larger than allowed, begun and never ended.
    let deep =
        format!(r#"{{"type":"req","id":"d","method":"health","params":{}"#, "[".repeat(200_000));
    let twice = r#"{"type":"req","id":"d","method":"health","method":"health"}"#;
    let names = (0..50_000).map(|n| format!("\"k{n}\":1,")).collect::<Vec<_>>().concat();
    let names = format!(r#"{{"type":"req","id":"n","method":"health","params":{{{names}"z":1}}}}"#);
    let hostile = async |n: usize| {
        let mut peer = Peer::connect(address, 4).await;
        for text in [&deep, twice, &names] {
            peer.send_text(text).await;
            peer.answer("invalid").await.unwrap_err();
        }
        if n == 0 {
            peer.send_text("x".repeat(26 * 1024 * 1024)).await;
            peer.ended().await;
        } else if n == 1 {
            peer.send_text(format!("{{{}", " ".repeat(20 * 1024 * 1024))).await;
            peer.call("health", json!({})).await.unwrap();
        }
    };
    for n in 0..4 {
        hostile(n).await;
    }
    let body = format!("{{\"messages\":{}", "[".repeat(5_000_000));
    let post = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(raw(address, post.as_bytes()).await.status, 400);
    drop((silent, begun));
}

#[tokio::test]
async fn hostile_peers_leave_no_client_no_lane_and_no_place() {
    let long = Duration::from_mins(10);
    let patience = Patience { head: long, handshake: long, ..Patience::default() };
    let gateway = TestGateway::hurried(json!({}), patience).await;
    let mut served = gateway.operator().await;
    for _ in 0..2 {
        round(gateway.address()).await;
        gateway.is_left_with(1).await;
        assert_eq!(served.call("health", json!({})).await.unwrap()["ok"], true);
    }
}

#[tokio::test]
async fn hostile_peers_leave_no_memory() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_owned();
    let starter = Starter { program: env!("CARGO_BIN_EXE_crash_gateway"), state, power: None };
    let gateway = starter.start(json!({}), None).await;
    let address = gateway.address();
    let mut served = Peer::connect(address, 4).await;
    let sockets = gateway.open_files().1;
    let mut memory = Vec::new();
    for _ in 0..FIRST_ROUNDS + ROUNDS {
        round(address).await;
        let gone = async {
            while gateway.open_files().1 > sockets {
                served.call("health", json!({})).await.unwrap();
            }
        };
        tokio::time::timeout(openclaw_tests::PATIENCE, gone).await.expect("their sockets close");
        memory.push(gateway.memory());
    }
    println!("KiB after each round: {memory:?}");
    let (earlier, later) = memory[FIRST_ROUNDS..].split_at(ROUNDS / 2);
    let (most, least) = (earlier.iter().max().unwrap(), later.iter().min().unwrap());
    assert!(*least <= most + MAX_GROWTH_KIB, "{memory:?}");
    assert!(*later.last().unwrap() <= memory[0] + MAX_STEPS_KIB, "{memory:?}");
    let ((), _) = tokio::join!(gateway.stop(), served.ended());
}
