//! What only the parts of a gateway show: a reason that ends, a role that does not fit, too much at once.

use bytes::Bytes;
use openclaw_auth::{
    Attempt, AuthConfig, AuthFields, Credentials, Decision, Grant, PeerFacts,
    node::{Dispatch, NodeAbout, Surface},
};
use openclaw_protocol::{
    Role, ScopeSet, Version,
    ids::{ConnId, DeviceId},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;
use crate::{
    config::{self, Environment, Profile},
    connection::outbox::Item,
    dispatch::{self, MAX_IN_FLIGHT, Progress},
    edge::Voice,
    nodes::{Ask, Unsent, session::NodeSession},
    peer::{Caller, ClientInfo, Peer},
};

mod cost;

struct Rig {
    app: Arc<App>,
    _state: TempDir,
}

fn options() -> (Options, TempDir) {
    let state = tempfile::tempdir().unwrap();
    let gateway = json!({
        "auth": {"mode": "token", "token": "right-token"},
        "trustedProxies": ["192.0.2.1", "::ffff:192.0.2.2", "no address"],
    });
    std::fs::write(state.path().join("openclaw.json"), json!({"gateway": gateway}).to_string())
        .unwrap();
    let dir = state.path().to_str().unwrap();
    let environment = Environment::from_vars([("OPENCLAW_STATE_DIR", dir), ("HOME", dir)]);
    let paths = Paths::resolve(&environment, &Profile::DEFAULT).unwrap();
    let loaded = config::load(&paths, &environment).unwrap();
    let log = LogFile::fixed(state.path().join("test.log"));
    (Options { port: 0, ..Options::new(loaded, paths, log) }, state)
}

async fn rig() -> Rig {
    let (options, state) = options();
    let built = build(options, 0, Arc::new(SystemClock), &Spawner::new()).await.unwrap();
    Rig { app: built.app, _state: state }
}

impl Rig {
    /// A program of this machine that the secret let in.
    async fn let_in(&self) -> Arc<Peer> {
        let attempt = Attempt {
            version: Version::V4,
            peer: facts(),
            nonce: "n".to_owned(),
            client: openclaw_auth::ClientInfo::default(),
            role: None,
            scopes: ScopeSet::all().names(),
            device: None,
            auth: AuthFields { token: Some("right-token".into()), ..AuthFields::default() },
        };
        match self.app.authority.authenticate(&attempt, 1).await {
            Decision::Granted(grant) => peer(Role::Operator, Some(*grant)),
            other => panic!("not let in: {other:?}"),
        }
    }

    fn change_secret(&self) {
        let auth: AuthConfig = serde_json::from_value(json!({"token": "another-token"})).unwrap();
        let limits = openclaw_auth::rate_limit::Limits::default();
        self.app.authority.configure(Credentials::new(&auth), Rules::default(), limits);
    }

    fn send(&self, peer: &Arc<Peer>, progress: &mut Progress, method: &str, params: &Value) {
        let frame = json!({"type": "req", "id": "1", "method": method, "params": params});
        dispatch::frame(&self.app, peer, progress, &Bytes::from(frame.to_string()));
    }
}

/// A program of this machine.
fn facts() -> PeerFacts {
    PeerFacts {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        loopback: true,
        forwarded: false,
        host_loopback: true,
        browser: false,
        origin: openclaw_auth::OriginVerdict::Absent,
        verified: None,
        limit: None,
    }
}

fn peer(role: Role, grant: Option<Grant>) -> Arc<Peer> {
    let caller = Caller { role, scopes: ScopeSet::all(), device: None, user: None };
    let id = ConnId::from("c".to_owned());
    let peer = Peer::new(id, Voice::Protocol(Version::V4), caller, ClientInfo::default());
    Arc::new(match grant {
        Some(grant) => peer.with_grant(grant),
        None => peer,
    })
}

/// The error of the response that is next in the queue.
#[track_caller]
fn refused(peer: &Peer) -> Value {
    match peer.outbox.pop() {
        Some(Ok(Item::Response(text))) => {
            let response: Value = serde_json::from_slice(&text).unwrap();
            response["error"].clone()
        }
        other => panic!("no response: {other:?}"),
    }
}

#[track_caller]
fn closed(peer: &Peer) -> String {
    match peer.outbox.pop() {
        Some(Err(close)) => close.reason.to_string(),
        other => panic!("not closed: {other:?}"),
    }
}

#[tokio::test]
async fn a_changed_secret_closes_the_connections_that_it_let_in() {
    let rig = rig().await;
    let peer = rig.let_in().await;
    rig.app.bus.join(Arc::clone(&peer));
    let mut watch = std::pin::pin!(App::watch_authority(Arc::clone(&rig.app)));
    tokio::select! {
        biased;
        () = &mut watch => panic!("it watches until the end"),
        () = std::future::ready(()) => {}
    }
    rig.change_secret();
    let told = async {
        tokio::select! {
            () = &mut watch => panic!("it watches until the end"),
            () = peer.outbox.changed() => {}
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the connection is told");
    assert_eq!(closed(&peer), "gateway auth changed");
}

#[tokio::test]
async fn a_secret_that_changed_during_the_handshake_closes_what_it_just_let_in() {
    let rig = rig().await;
    let peer = rig.let_in().await;
    rig.change_secret();
    rig.app.joined(&peer);
    peer.outbox.changed().await;
    assert_eq!(closed(&peer), "gateway auth changed");
}

#[tokio::test]
async fn a_role_that_does_not_fit_is_refused_and_insisting_ends_the_connection() {
    let rig = rig().await;
    let node = peer(Role::Node, None);
    let mut progress = Progress::default();
    for id in 0..11 {
        // Whatever scopes its record had: they are an operator's.
        rig.send(&node, &mut progress, "sessions.list", &json!({}));
        assert_eq!(refused(&node)["message"], "unauthorized role: node");
        assert_eq!(node.outbox.pop().is_some(), id == 10, "{id}");
    }
    assert_eq!(closed(&node), "repeated unauthorized calls");
}

#[tokio::test]
async fn a_connection_has_a_bounded_number_of_requests_at_work() {
    let rig = rig().await;
    let peer = peer(Role::Operator, None);
    let mut progress = Progress::default();
    let wait = json!({"runId": "nobody-knows-it", "timeoutMs": 60_000});
    for id in 0..MAX_IN_FLIGHT {
        rig.send(&peer, &mut progress, "agent.wait", &wait);
        assert!(peer.outbox.pop().is_none(), "{id}");
    }
    rig.send(&peer, &mut progress, "agent.wait", &wait);
    let error = refused(&peer);
    assert_eq!((&error["code"], &error["retryable"]), (&json!("UNAVAILABLE"), &json!(true)));
}

#[test]
fn nothing_dangerous_is_on_unless_the_config_says_so() {
    let rules = rules(&config::Config::default());
    assert!(!rules.allow_remote_admin && !rules.allow_insecure_auth && !rules.disable_device_auth);
    let hosts = host_rules(&config::Config::default(), true);
    assert!(hosts.bind_loopback && hosts.allowed_hosts.is_empty());
    assert!(hosts.allowed_origins.is_empty());
}

#[tokio::test]
async fn a_proxy_is_one_that_the_config_names() {
    let rig = rig().await;
    let trusted = |address: &str| rig.app.is_trusted_proxy(address.parse().unwrap());
    for named in ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"] {
        assert!(trusted(named), "{named}");
    }
    for other in ["192.0.2.3", "127.0.0.1", "::1", "::192.0.2.1"] {
        assert!(!trusted(other), "{other}");
    }
}

#[tokio::test]
async fn the_pages_address_has_the_token_in_its_fragment_and_is_of_this_machine() {
    let (options, _state) = options();
    assert_eq!(options.addresses, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    let gateway = Gateway::start(options).await.unwrap();
    let base = format!("http://{}/", gateway.address());
    assert_eq!(gateway.dashboard_url(), format!("{base}#token=right-token"));
    assert!(gateway.has_page());
    gateway.shutdown("test").await;
}

#[tokio::test]
async fn the_pages_address_has_its_path_too() {
    let (mut options, _state) = options();
    let mut config = (*options.loaded.config).clone();
    config.gateway.control_ui.base_path = Some("/claw/".to_owned());
    config.gateway.control_ui.enabled = Some(false);
    options.loaded.config = Arc::new(config);
    let gateway = Gateway::start(options).await.unwrap();
    let page = format!("http://{}/claw/#token=right-token", gateway.address());
    assert_eq!((gateway.dashboard_url(), gateway.has_page()), (page, false));
    gateway.shutdown("test").await;
}

#[tokio::test]
async fn what_waits_for_its_turn_when_the_right_ends_does_not_begin() {
    let rig = rig().await;
    let peer = rig.let_in().await;
    let mut before = rig.app.lanes.enter("session:agent:main:main".to_owned());
    before.turn().await;
    let patch = json!({"key": "main", "label": "late"});
    rig.send(&peer, &mut Progress::default(), "sessions.patch", &patch);
    peer.withdraw();
    drop(before);
    peer.outbox.changed().await;
    assert_eq!(refused(&peer)["message"], "gateway auth changed");
}

#[tokio::test]
async fn a_proxys_other_header_counts_where_the_config_says_so() {
    let rig = rig().await;
    let proxy: IpAddr = "192.0.2.1".parse().unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("x-real-ip", http::HeaderValue::from_static("198.51.100.7"));
    assert_eq!(rig.app.client_address(proxy, &headers), proxy);
}

#[tokio::test]
async fn who_decides_about_a_device_without_the_right_to_is_recorded() {
    let rig = rig().await;
    let caller = Caller {
        role: Role::Operator,
        scopes: ScopeSet::parse(["operator.pairing"]),
        device: Some("own".into()),
        user: None,
    };
    let voice = Voice::Protocol(Version::V4);
    let peer = Peer::new(ConnId::new("c"), voice, caller, ClientInfo::default());
    let (peer, other) = (Arc::new(peer), json!({"deviceId": "other"}));
    rig.send(&peer, &mut Progress::default(), "device.pair.remove", &other);
    peer.outbox.changed().await;
    assert!(refused(&peer)["message"].is_string());
    rig.app.record_refusals().await;
    let (refusals, limit) = (Some(true), 10);
    let query = openclaw_auth::audit::AuditQuery {
        refusals,
        limit,
        cursor: None,
        device: None,
        after_ms: None,
        before_ms: None,
    };
    let records = rig.app.authority.audit(&query, 1).await.unwrap();
    assert_eq!(records.len(), 1, "{records:?}");
}

#[tokio::test]
async fn a_command_whose_answer_is_not_known_or_not_kept_is_not_sent_again() {
    let rig = rig().await;
    let (nodes, word) = (&rig.app.nodes, |text: &str| text.to_owned());
    let ask = Ask {
        digest: [0; 32],
        node_id: word("n"),
        command: word("system.which"),
        params: None,
        timeout_ms: None,
        principal: word("p"),
        key: word("k"),
        session_key: None,
        claim: None,
    };
    let again = async || nodes.ask((&rig.app.bus, &rig.app.approvals), ask.clone(), 2).await;
    assert_eq!(again().await, Err(Unsent::NotConnected), "nothing was sent with this key");
    let dispatch = Dispatch {
        digest: ask.digest,
        principal: word("p"),
        key: word("k"),
        node_id: word("n"),
        command: word("system.which"),
        at_ms: 1,
    };
    nodes.book.begin_dispatch(dispatch.clone()).await.unwrap();
    assert_eq!(again().await, Err(Unsent::Unknown));
    nodes.book.end_dispatch(&dispatch, "x".repeat(300_000)).await.unwrap();
    assert_eq!(again().await, Err(Unsent::NotKept));
}

#[tokio::test]
async fn a_node_whose_right_ends_is_asked_for_nothing_more() {
    let rig = rig().await;
    let device = DeviceId::from("d");
    let caller = Caller {
        role: Role::Node,
        scopes: ScopeSet::EMPTY,
        device: Some(device.clone()),
        user: None,
    };
    let voice = Voice::Protocol(Version::V4);
    let node = Peer::new(ConnId::new("c"), voice, caller, ClientInfo::default());
    let surfaces = (Surface::default(), Surface::default());
    let session = NodeSession::new(("d".to_owned(), NodeAbout::default()), None, surfaces, 1);
    let grant = rig.let_in().await.grant.clone().unwrap();
    let node = Arc::new(node.with_grant(grant).with_node(session));
    rig.app.bus.join(Arc::clone(&node));
    rig.app.nodes.live.join(&node);
    assert!(rig.app.fence(&device).await.is_empty() && rig.app.nodes.live.peer("d").is_some());
    rig.change_secret();
    assert_eq!(rig.app.fence(&device).await.len(), 1);
    assert!(rig.app.nodes.live.peer("d").is_none(), "before its connection is closed");
}

/// It is asked twice, and the third time it is gone.
#[tokio::test]
async fn a_peer_that_gives_no_sign_of_life_is_dropped() {
    let (options, _state) = options();
    let gateway = Gateway::start(options).await.unwrap();
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    let connect = json!({"token": "right-token", "role": "operator"});
    let connect = json!({"type": "req", "id": "1", "method": "connect", "params": connect});
    let connect = connect.to_string();
    let mut said = format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        gateway.address()
    )
    .into_bytes();
    // A text of one frame, with a mask that changes nothing.
    said.extend([0x81, 0x80 | u8::try_from(connect.len()).unwrap(), 0, 0, 0, 0]);
    said.extend(connect.bytes());
    stream.write_all(&said).await.unwrap();
    let mut heard = Vec::new();
    let until = async |stream: &mut TcpStream, heard: &mut Vec<u8>, end: &[u8]| {
        while !heard.windows(end.len()).any(|part| part == end) {
            if stream.read_buf(heard).await.unwrap_or_default() == 0 {
                return false;
            }
        }
        heard.clear();
        true
    };
    assert!(until(&mut stream, &mut heard, b"hello-ok").await);
    for asked in [true, true, false] {
        gateway.app.bus.probe_all();
        assert_eq!(until(&mut stream, &mut heard, &[0x89, 0]).await, asked);
    }
    gateway.shutdown("test").await;
}
