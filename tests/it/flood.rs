//! A17, P22: sockets that never say who they are, bare or upgraded. They take the places of strangers and
//! nobody else's, and leave nothing behind.

use std::{net::SocketAddr, time::Duration};

use openclaw_gateway::{Patience, raise_descriptor_limit};
use openclaw_tests::{
    Peer, TestGateway,
    crash::Starter,
    gateway::TOKEN,
    http::{Stream, connect_from, source, upgrade},
    peer::connect_params,
};
use rustix::process::{Resource, Rlimit, getrlimit, prlimit};
use serde_json::json;
use tokio::{net::TcpStream, time::Instant};

use crate::attacks::table::listed;

/// The bounds, as the project was given them.
const PER_ADDRESS: usize = 32;
const TOTAL: usize = 1024;

/// What a silent socket has said before it fell silent.
#[derive(Debug, Clone, Copy)]
enum Silence {
    Bare,
    Begun,
    Upgraded,
}

const SILENCES: [Silence; 3] = [Silence::Bare, Silence::Begun, Silence::Upgraded];

impl Silence {
    /// Opens one; whether it was let in shows later.
    async fn open(self, n: usize, address: SocketAddr) -> Stream {
        let mut stream = Stream::open_from(source(n), address).await;
        match self {
            Self::Bare => {}
            Self::Begun => stream.send(b"GET / HTTP/1.1\r\nHost: ").await,
            Self::Upgraded => {
                stream.send(upgrade(address, "").as_bytes()).await;
                stream.until("connect.challenge").await;
            }
        }
        stream
    }
}

/// Strangers stay as long as these tests run.
async fn patient(config: serde_json::Value) -> TestGateway {
    raise_descriptor_limit().unwrap();
    let long = Duration::from_mins(10);
    let patience = Patience { head: long, handshake: long, ..Patience::default() };
    TestGateway::hurried(config, patience).await
}

/// What the nth address gets that asks for something anybody may have.
async fn status(n: usize, address: SocketAddr) -> u16 {
    let mut stream = Stream::open_from(source(n), address).await;
    stream.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    stream.rest().await.status
}

#[tokio::test]
async fn silent_sockets_have_bounds_and_leave_nothing_behind() {
    listed("flood::silent_sockets_have_bounds_and_leave_nothing_behind", SILENCES.len());
    for silence in SILENCES {
        let gateway = patient(json!({})).await;
        let address = gateway.address();
        let mut served = gateway.operator().await;
        gateway.is_left_with(1).await;
        let mut held = Vec::new();
        for n in 0..TOTAL / PER_ADDRESS {
            for _ in 0..PER_ADDRESS {
                held.push(silence.open(n, address).await);
            }
            gateway.holds(|load| load.strangers == held.len()).await;
            // The 33rd of one address is told, however it comes; others still come in.
            assert_eq!(status(n, address).await, 503, "{silence:?} {n}");
            served.call("health", json!({})).await.unwrap();
        }
        assert_eq!(gateway.load().strangers, TOTAL);
        assert_eq!(status(1_000, address).await, 503, "{silence:?}: all places are taken");
        // Who is in works on, and who leaves makes room.
        served.call("sessions.list", json!({})).await.unwrap();
        held.truncate(TOTAL - PER_ADDRESS);
        gateway.holds(|load| load.strangers == held.len()).await;
        assert_eq!(status(1_000, address).await, 200, "{silence:?}");
        gateway.operator().await;
        drop(held);
        gateway.is_left_with(1).await;
        served.call("health", json!({})).await.unwrap();
    }
}

/// P22: a byte now and then wins no time.
#[tokio::test]
async fn silent_and_slow_sockets_have_their_time() {
    let short = Duration::from_millis(300);
    let patience = Patience { head: short, handshake: short, ..Patience::default() };
    let gateway = TestGateway::hurried(json!({}), patience).await;
    let address = gateway.address();
    for silence in SILENCES {
        let held: Vec<_> =
            futures_util::future::join_all((0..100).map(|n| silence.open(n, address))).await;
        for stream in held {
            stream.rest().await;
        }
        gateway.is_left_with(0).await;
    }
    let drips: [(Silence, &[u8]); 3] = [
        (Silence::Begun, b"x"),
        // A frame that is never whole, and whole ones that say nothing.
        (Silence::Upgraded, b"\x81"),
        (Silence::Upgraded, b"\x89\x80\0\0\0\0"),
    ];
    let variants = SILENCES.len() + drips.len();
    listed("flood::silent_and_slow_sockets_have_their_time", variants);
    for (silence, piece) in drips {
        let slow = (0..50).map(async |n| silence.open(n, address).await.drip(piece).await);
        futures_util::future::join_all(slow).await;
        gateway.is_left_with(0).await;
    }
    gateway.operator().await;
}

/// A connection that waits for its next request keeps nobody out: with half of the places taken it ends.
#[tokio::test]
async fn strangers_that_idle_make_room_and_the_owner_need_not() {
    let gateway = patient(json!({})).await;
    let address = gateway.address();
    let ask = async |secret: &str| {
        let mut stream = Stream::open(address).await;
        let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{secret}\r\n");
        stream.send(head.as_bytes()).await;
        let answer = stream.until("\"live\"").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        (stream, answer.to_lowercase().contains("connection: close"))
    };
    let mut idle = Vec::new();
    for n in 0..3 * PER_ADDRESS {
        let (stream, ends) = ask("").await;
        assert_eq!(ends, n >= PER_ADDRESS / 2, "{n}");
        idle.push(stream);
    }
    gateway.holds(|load| load.strangers == PER_ADDRESS / 2).await;
    let secret = format!("Authorization: Bearer {TOKEN}\r\n");
    for n in 0..3 * PER_ADDRESS {
        let (stream, ends) = ask(&secret).await;
        assert!(!ends, "{n}");
        idle.push(stream);
    }
    assert_eq!(gateway.load().strangers, PER_ADDRESS / 2);
    drop(idle);
    gateway.is_left_with(0).await;
}

/// Behind a listed proxy the clients have bounds of their own, and the proxy has none but the one for all.
#[tokio::test]
async fn a_listed_proxy_is_not_one_stranger() {
    let gateway = patient(json!({"gateway": {"trustedProxies": ["127.0.0.1"]}})).await;
    let address = gateway.address();
    let bare = futures_util::future::join_all((0..2 * PER_ADDRESS).map(|_| Stream::open(address)));
    let bare = bare.await;
    gateway.holds(|load| load.strangers == bare.len()).await;
    let from = async |client: &str| {
        let mut stream = Stream::open(address).await;
        let head = upgrade(address, &format!("X-Forwarded-For: {client}\r\n"));
        stream.send(head.as_bytes()).await;
        let head = stream.until("\r\n\r\n").await;
        (head.starts_with("HTTP/1.1 101"), stream)
    };
    let mut upgraded = Vec::new();
    for n in 0..PER_ADDRESS {
        let (taken, stream) = from("192.0.2.7").await;
        assert!(taken, "{n}");
        upgraded.push(stream);
    }
    assert!(!from("192.0.2.7").await.0 && from("192.0.2.8").await.0);
    drop((bare, upgraded));
    gateway.is_left_with(0).await;
}

/// One socket is counted once: the place of a connection is that of the WebSocket which it becomes.
#[tokio::test]
async fn a_socket_that_upgrades_is_one() {
    let gateway = patient(json!({})).await;
    let mut peer = Peer::open(gateway.address()).await;
    let load = gateway.load();
    assert_eq!((load.sockets, load.strangers, load.clients), (1, 1, 0));
    peer.shake(connect_params(4)).await.unwrap();
    gateway.is_left_with(1).await;
}

/// Without a descriptor left nobody new comes in, and whoever is in does not notice.
#[tokio::test]
async fn a_process_without_descriptors_waits_for_one() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_owned();
    let starter = Starter { program: env!("CARGO_BIN_EXE_crash_gateway"), state, power: None };
    let gateway = starter.start(json!({}), None).await;
    let (address, pid) = (gateway.address(), Some(gateway.pid()));
    let mut served = Peer::connect(address, 4).await;
    served.call("logs.tail", json!({})).await.unwrap();
    let usual = getrlimit(Resource::Nofile);
    let none = Rlimit { current: Some(gateway.open_files().0 as u64), ..usual };
    prlimit(pid, Resource::Nofile, none).unwrap();
    let mut held = Vec::new();
    for n in 0..40 {
        held.push(connect_from(source(n), address).await.unwrap());
    }
    for _ in 0..100 {
        served.call("health", json!({})).await.unwrap();
    }
    prlimit(pid, Resource::Nofile, usual).unwrap();
    // The forty stand before it in the queue.
    Peer::connect(address, 4).await;
    let ((), _) = tokio::join!(gateway.stop(), served.ended());
    let log = std::fs::read_to_string(dir.path().join("test.log")).unwrap();
    let told = log.lines().filter(|line| line.contains("cannot accept connections")).count();
    assert_eq!(told, 1, "told once:\n{log}");
}

/// Sockets of the flood, and the addresses that they come from.
const FLOOD: usize = 5_000;
const ADDRESSES: usize = 160;
/// Round trips before it, and at least as many in it.
const CALLS: usize = 3_000;
/// A difference below this says nothing of the gateway: it is half of what a kernel of 250 ticks a second
/// gives another process before it looks at this one again, and the flood itself runs on the same cores.
const NOISE: Duration = Duration::from_millis(2);

#[tokio::test]
#[ignore = "a figure: cargo xtask bench --only flood"]
async fn a_flood_does_not_slow_who_is_in() {
    raise_descriptor_limit().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_owned();
    let starter = Starter { program: env!("CARGO_BIN_EXE_crash_gateway"), state, power: None };
    let gateway = starter.start(json!({}), None).await;
    let address = gateway.address();
    let mut figures = serde_json::Map::new();
    for silence in [Silence::Bare, Silence::Upgraded] {
        let mut served = Peer::connect(address, 4).await;
        let mut round_trip = async || {
            let begin = Instant::now();
            served.call("health", json!({})).await.unwrap();
            begin.elapsed()
        };
        let mut before = Vec::new();
        for _ in 0..CALLS {
            before.push(round_trip().await);
        }
        let (go_home, home) = std::sync::mpsc::channel();
        let (tell, told) = tokio::sync::oneshot::channel();
        let flood = std::thread::spawn(move || {
            let held = flood(silence, address);
            tell.send(held.len()).unwrap();
            home.recv().unwrap();
        });
        let (mut arriving, mut told) = (Vec::new(), told);
        let opened = loop {
            arriving.push(round_trip().await);
            if let Ok(opened) = told.try_recv() {
                break opened;
            }
        };
        let mut held = Vec::new();
        for _ in 0..CALLS {
            held.push(round_trip().await);
        }
        let sockets = gateway.open_files().1;
        go_home.send(()).unwrap();
        flood.join().unwrap();
        let count = arriving.len();
        let before = p99(before);
        let during = p99([arriving.clone(), held.clone()].concat());
        let name = format!("{silence:?}").to_lowercase();
        let figure = json!({"before_micros": before.as_micros(), "during_micros": during.as_micros(),
            "arriving_micros": p99(arriving).as_micros(), "held_micros": p99(held).as_micros(),
            "calls_while_arriving": count, "opened": opened, "let_in": sockets});
        figures.insert(name, figure);
        assert!(opened >= TOTAL, "{opened}");
        assert!(sockets < TOTAL + 100, "{sockets}");
        assert!(during <= 2 * before.max(NOISE), "{figures:?}");
    }
    println!("{}", serde_json::Value::Object(figures));
}

/// Opens all of them as fast as they come in, from a thread of its own so that it costs the other none of
/// its time, and never says a word more.
fn flood(silence: Silence, address: SocketAddr) -> Vec<std::net::TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut held = Vec::with_capacity(FLOOD);
        for n in 0..FLOOD {
            // Some are dropped before they know that they are connected.
            let Ok(stream) = connect_from(source(n % ADDRESSES), address).await else { continue };
            if matches!(silence, Silence::Upgraded) {
                greet(&stream, address).await;
            }
            held.push(stream.into_std().unwrap());
        }
        held
    })
}

/// Asks for the upgrade and does not wait for it.
async fn greet(stream: &TcpStream, address: SocketAddr) {
    // Who was refused meanwhile cannot write any more.
    if stream.writable().await.is_ok() {
        stream.try_write(upgrade(address, "").as_bytes()).ok();
    }
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}
