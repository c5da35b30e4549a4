//! People whom Tailscale vouches for: the Control UI behind `tailscale serve`, and nobody else.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use openclaw_gateway::tailnet::{Tailscaled, Whois, WhoisError};
use openclaw_tests::{
    Device, Peer, TestGateway,
    gateway::TOKEN,
    http,
    peer::{connect_params, upgrade_with},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixListener,
};
use tokio_tungstenite::tungstenite::http::Request;

type Headers<'a> = &'a [(&'a str, &'a str)];

const ADA: (&str, &str) = ("tailscale-user-login", "ada@example.org");
const PHONE: (&str, &str) = ("x-forwarded-for", "100.64.0.7");
const RECORD: [&str; 4] =
    ["operator.approvals", "operator.pairing", "operator.read", "operator.write"];

/// A tailnet with one person, on one machine.
#[derive(Default)]
struct Tailnet {
    /// The user that it runs as, where it is another one than this test.
    runs_as: Option<u32>,
    /// Whether it fails when it is asked.
    broken: bool,
    asked: AtomicUsize,
}

#[async_trait]
impl Whois for Tailnet {
    async fn user(&self, address: SocketAddr) -> Result<Option<String>, WhoisError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match (self.broken, address.ip().to_string().as_str()) {
            (true, _) => Err(WhoisError::Late),
            (false, "100.64.0.7") => Ok(Some(ADA.1.to_owned())),
            (false, "100.64.0.8") => Ok(Some("eve@example.org".to_owned())),
            _ => Ok(None),
        }
    }

    async fn runs_as(&self) -> Result<u32, WhoisError> {
        Ok(self.runs_as.unwrap_or(rustix::process::geteuid().as_raw()))
    }
}

fn config(auth: &Value) -> Value {
    let mut config = json!({"gateway": {"auth": {"mode": "token", "token": TOKEN}}});
    for (name, value) in auth.as_object().unwrap() {
        config["gateway"]["auth"][name] = value.clone();
    }
    config
}

async fn believing(tailnet: Tailnet) -> (TestGateway, Arc<Tailnet>) {
    let tailnet = Arc::new(tailnet);
    let config = config(&json!({"allowTailscale": true}));
    (TestGateway::knowing(config, Arc::clone(&tailnet) as _).await, tailnet)
}

/// What the page sends beside these headers.
fn request(address: SocketAddr, headers: Headers<'_>) -> Request<()> {
    let own = format!("http://{address}");
    upgrade_with(address, &[&[("origin", own.as_str())], headers].concat())
}

/// A client that brings a device and no secret.
async fn connect(
    address: SocketAddr,
    protocol: u64,
    client: &str,
    headers: Headers<'_>,
) -> Result<Peer, Value> {
    let mut peer = Peer::open_with(request(address, headers)).await;
    let mut params = connect_params(protocol);
    params.as_object_mut().unwrap().remove("auth");
    params["client"] = json!({"id": client, "version": "1", "platform": "web", "mode": "ui"});
    Device::new().sign(&mut params, &peer.nonce);
    peer.shake(params).await?;
    Ok(peer)
}

async fn page(address: SocketAddr, protocol: u64, headers: Headers<'_>) -> Result<Peer, Value> {
    connect(address, protocol, "openclaw-control-ui", headers).await
}

#[track_caller]
fn code(refused: Result<Peer, Value>) -> String {
    let Err(refused) = refused else { panic!("it is let in") };
    refused["details"]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_control_ui_comes_in_as_whom_tailscale_names() {
    let (gateway, tailnet) = believing(Tailnet::default()).await;
    for protocol in [3, 4] {
        let mut peer = page(gateway.address(), protocol, &[ADA, PHONE]).await.unwrap();
        peer.call("sessions.list", json!({})).await.unwrap();
        let refused = peer.call("config.set", json!({})).await.unwrap_err();
        assert_eq!(refused["message"], "missing scope: operator.admin");
        if protocol == 4 {
            assert_eq!(peer.hello["auth"]["method"], "tailscale");
            assert_eq!(peer.hello["auth"]["scopes"], json!(RECORD));
        }
        let known = peer.call("device.pair.list", json!({})).await.unwrap();
        assert_eq!(known, json!({"pending": [], "paired": []}));
    }
    assert_eq!(tailnet.asked.load(Ordering::SeqCst), 2);
    let narrow = [ADA, PHONE, ("x-openclaw-scopes", "operator.read")];
    let peer = page(gateway.address(), 4, &narrow).await.unwrap();
    assert_eq!(peer.hello["auth"]["scopes"], json!(["operator.read"]));
}

#[tokio::test]
async fn every_doubt_is_a_refusal() {
    let (gateway, tailnet) = believing(Tailnet::default()).await;
    let address = gateway.address();
    let eve = ("tailscale-user-login", "eve@example.org");
    let at = |address| ("x-forwarded-for", address);
    let cases: &[(Headers<'_>, &str)] = &[
        (&[eve, PHONE], "AUTH_TAILSCALE_IDENTITY_MISMATCH"),
        (&[ADA, at("100.64.0.8")], "AUTH_TAILSCALE_IDENTITY_MISMATCH"),
        (&[("tailscale-user-login", "Ada@example.org"), PHONE], "AUTH_TAILSCALE_IDENTITY_MISMATCH"),
        (&[ADA, at("203.0.113.9")], "AUTH_TAILSCALE_WHOIS_FAILED"),
        (&[ADA, at("127.0.0.1")], "AUTH_TAILSCALE_PROXY_MISSING"),
        (&[ADA, at("203.0.113.9, 100.64.0.7")], "AUTH_TAILSCALE_PROXY_MISSING"),
        (&[ADA, PHONE, PHONE], "AUTH_TAILSCALE_PROXY_MISSING"),
        (&[ADA], "AUTH_TAILSCALE_PROXY_MISSING"),
        (&[ADA, ADA, PHONE], "AUTH_TAILSCALE_IDENTITY_MISSING"),
        (&[("tailscale-user-login", " "), PHONE], "AUTH_TAILSCALE_IDENTITY_MISSING"),
        (&[ADA, PHONE, ("tailscale-funnel-request", "?1")], "AUTH_TAILSCALE_IDENTITY_MISSING"),
        (&[PHONE], "AUTH_TOKEN_MISSING"),
    ];
    for (headers, expected) in cases {
        for protocol in [3, 4] {
            assert_eq!(code(page(address, protocol, headers).await), *expected, "{headers:?}");
        }
    }
    // Nobody is asked on behalf of other clients, of pages that may not speak to us, and over HTTP.
    let asked = tailnet.asked.load(Ordering::SeqCst);
    assert_eq!(code(connect(address, 4, "cli", &[ADA, PHONE]).await), "AUTH_TOKEN_MISSING");
    let mut foreign = request(address, &[ADA, PHONE]);
    foreign.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let mut peer = Peer::open_with(foreign).await;
    let mut params = connect_params(4);
    params["client"]["id"] = json!("openclaw-control-ui");
    peer.shake(params).await.unwrap_err();
    let login = format!("{}: {}\r\n{}: {}\r\nAuthorization: x\r\n", ADA.0, ADA.1, PHONE.0, PHONE.1);
    assert_eq!(http::ask(address, "GET /v1/models", &login, "").await.status, 401);
    assert_eq!(tailnet.asked.load(Ordering::SeqCst), asked);
}

#[tokio::test]
async fn only_tailscales_own_sockets_speak_for_it() {
    let another = rustix::process::geteuid().as_raw() + 1;
    let (gateway, tailnet) =
        believing(Tailnet { runs_as: Some(another), ..Tailnet::default() }).await;
    let refused = page(gateway.address(), 4, &[ADA, PHONE]).await;
    assert_eq!(code(refused), "AUTH_TAILSCALE_PROXY_MISSING");
    assert_eq!(tailnet.asked.load(Ordering::SeqCst), 0);
    let (gateway, _) = believing(Tailnet { broken: true, ..Tailnet::default() }).await;
    let refused = page(gateway.address(), 4, &[ADA, PHONE]).await;
    assert_eq!(code(refused), "AUTH_TAILSCALE_WHOIS_FAILED");
}

#[tokio::test]
async fn where_the_config_does_not_believe_it_tailscale_is_not_asked() {
    for (auth, believed) in [
        (json!({}), false),
        (json!({"allowTailscale": false}), false),
        (json!({"mode": "tailscale"}), true),
        (json!({"mode": "tailscale", "allowTailscale": false}), false),
    ] {
        let tailnet = Arc::new(Tailnet::default());
        let whois = Arc::clone(&tailnet) as Arc<dyn Whois>;
        let gateway = TestGateway::knowing(config(&auth), whois).await;
        let let_in = page(gateway.address(), 4, &[ADA, PHONE]).await;
        assert_eq!(let_in.is_ok(), believed, "{auth}");
        assert_eq!(tailnet.asked.load(Ordering::SeqCst), usize::from(believed));
    }
}

/// Beside Tailscale the secret stays what it is, wrong ones too.
#[tokio::test]
async fn a_secret_decides_where_tailscale_does_not() {
    let (gateway, _) = believing(Tailnet { broken: true, ..Tailnet::default() }).await;
    for (token, expected) in [(TOKEN, None), ("wrong", Some("AUTH_TOKEN_MISMATCH"))] {
        let mut peer = Peer::open_with(request(gateway.address(), &[ADA, PHONE])).await;
        let mut params = connect_params(4);
        params["auth"]["token"] = json!(token);
        params["client"] =
            json!({"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "ui"});
        Device::new().sign(&mut params, &peer.nonce);
        let refused = peer.shake(params).await.err();
        let code = refused.as_ref().and_then(|refused| refused["details"]["code"].as_str());
        assert_eq!(code, expected);
    }
}

/// The real way: a daemon's socket, spoken to in its own interface.
#[tokio::test]
async fn a_daemon_is_asked_through_its_socket() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tailscaled.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let daemon = async move {
        let mut heads = Vec::new();
        for login in ["ada@example.org", "eve@example.org"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                assert!(stream.read_buf(&mut head).await.unwrap() > 0);
            }
            let body = json!({
                "Node": {"ID": 7, "Name": "phone.tail.ts.net."},
                "UserProfile": {"ID": 1, "LoginName": login, "DisplayName": "Ada"},
            })
            .to_string();
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            heads.push(String::from_utf8(head).unwrap());
        }
        heads
    };
    let whois = Arc::new(Tailscaled::at(&path));
    let gateway = TestGateway::knowing(config(&json!({"allowTailscale": true})), whois).await;
    let story = async {
        let peer = page(gateway.address(), 4, &[ADA, PHONE]).await.unwrap();
        assert_eq!(peer.hello["auth"]["method"], "tailscale");
        let refused = page(gateway.address(), 4, &[ADA, PHONE]).await;
        assert_eq!(code(refused), "AUTH_TAILSCALE_IDENTITY_MISMATCH");
    };
    let (heads, ()) = tokio::join!(daemon, story);
    for head in heads {
        assert!(
            head.starts_with("GET /localapi/v0/whois?addr=100.64.0.7:0 HTTP/1.1\r\n"),
            "{head}"
        );
    }
    // The daemon is gone: nobody comes in by its word.
    let refused = page(gateway.address(), 4, &[ADA, PHONE]).await;
    assert_eq!(code(refused), "AUTH_TAILSCALE_WHOIS_FAILED");
}
