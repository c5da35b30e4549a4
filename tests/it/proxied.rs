//! Mode `trusted-proxy`: a listed proxy names the user, who comes in with what the server's record gives
//! for that and what the proxy leaves of it.

use std::net::SocketAddr;

use openclaw_tests::{
    Device, Peer, TestGateway, http,
    peer::{SCOPES, connect_params, upgrade_with},
};
use serde_json::{Value, json};

/// Headers of one request.
type Headers<'a> = &'a [(&'a str, &'a str)];
/// What becomes of a gateway's config.
type Change = fn(&mut Value);

const ADA: (&str, &str) = ("x-auth-user", "ada@example.org");
const VIA: (&str, &str) = ("x-proxy", "1");
/// What such a person is worth without a device that an operator has approved.
const RECORD: [&str; 4] =
    ["operator.approvals", "operator.pairing", "operator.read", "operator.write"];

/// A gateway behind a proxy of this machine; `change` spoils its config.
async fn gateway(change: impl Fn(&mut Value)) -> TestGateway {
    let mut config = json!({"gateway": {
        "trustedProxies": ["127.0.0.1"],
        "auth": {"mode": "trusted-proxy", "trustedProxy": {
            "userHeader": "X-Auth-User", "requiredHeaders": ["X-Proxy"],
            "allowUsers": ["ada@example.org"], "allowLoopback": true,
        }},
    }});
    change(&mut config["gateway"]);
    TestGateway::with(config).await
}

/// A client without a secret, perhaps with a device.
async fn connect(
    address: SocketAddr,
    protocol: u64,
    headers: Headers<'_>,
    device: Option<&Device>,
    scopes: &[&str],
) -> Result<Peer, Value> {
    let mut peer = Peer::open_with(upgrade_with(address, headers)).await;
    let mut params = connect_params(protocol);
    params.as_object_mut().unwrap().remove("auth");
    params["scopes"] = json!(scopes);
    if let Some(device) = device {
        device.sign(&mut params, &peer.nonce);
    }
    peer.shake(params).await?;
    Ok(peer)
}

/// A request without a Bearer.
async fn ask(address: SocketAddr, line: &str, headers: Headers<'_>, body: &str) -> http::Answer {
    let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let lines = lines.collect::<Vec<_>>().concat();
    let kind = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    let text = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}{kind}\r\n{body}"
    );
    http::raw(address, text.as_bytes()).await
}

/// What a peer may do, as far as it can be tried out.
async fn tried(peer: &mut Peer) -> Vec<&'static str> {
    let mut allowed = Vec::new();
    for (scope, method) in [
        ("read", "sessions.list"),
        ("write", "chat.send"),
        ("approvals", "exec.approval.resolve"),
        ("pairing", "device.pair.list"),
        ("admin", "config.set"),
    ] {
        let answer = peer.call(method, json!({})).await;
        let message = answer.err().map(|error| error["message"].to_string()).unwrap_or_default();
        if !message.contains("missing scope") {
            allowed.push(scope);
        }
    }
    allowed
}

/// Who is not believed is told why over a socket, and no more than 401 over HTTP.
#[tokio::test]
async fn who_is_not_vouched_for_stays_outside() {
    let unlisted = |gateway: &mut Value| gateway["trustedProxies"] = json!(["192.0.2.1"]);
    let closed = |gateway: &mut Value| {
        gateway["auth"]["trustedProxy"].as_object_mut().unwrap().remove("allowLoopback");
    };
    let nobody = |gateway: &mut Value| gateway["auth"]["trustedProxy"]["allowUsers"] = json!([]);
    let good: Change = |_| ();
    let eve = ("x-auth-user", "eve@example.org");
    let cases: &[(Change, Headers<'_>, &str)] = &[
        (unlisted, &[ADA, VIA], "trusted_proxy_untrusted_source"),
        (unlisted, &[ADA, VIA, ("x-forwarded-for", "192.0.2.1")], "trusted_proxy_untrusted_source"),
        (closed, &[ADA, VIA], "trusted_proxy_untrusted_source"),
        (good, &[ADA], "trusted_proxy_missing_header"),
        (good, &[ADA, ("x-proxy", " ")], "trusted_proxy_missing_header"),
        (good, &[ADA, VIA, VIA], "trusted_proxy_missing_header"),
        (good, &[VIA], "trusted_proxy_user_missing"),
        (good, &[VIA, ("x-auth-user", " ")], "trusted_proxy_user_missing"),
        (good, &[VIA, ADA, ADA], "trusted_proxy_user_missing"),
        (good, &[VIA, ADA, eve], "trusted_proxy_user_missing"),
        (good, &[VIA, eve], "trusted_proxy_user_not_allowed"),
        (good, &[VIA, ("x-auth-user", "ADA@example.org")], "trusted_proxy_user_not_allowed"),
        (nobody, &[ADA, VIA], "trusted_proxy_user_not_allowed"),
    ];
    for (change, headers, reason) in cases {
        let gateway = gateway(change).await;
        let address = gateway.address();
        for protocol in [3, 4] {
            for device in [None, Some(Device::new())] {
                let refused = connect(address, protocol, headers, device.as_ref(), &SCOPES).await;
                let Err(refused) = refused else { panic!("{reason}: it is let in") };
                assert_eq!(refused["details"]["authReason"], *reason, "{headers:?}");
                assert_eq!(refused["details"]["code"], "AUTH_UNAUTHORIZED");
            }
        }
        let answer = ask(address, "GET /v1/models", headers, "").await;
        assert_eq!(answer.status, 401, "{reason}");
        let health = ask(address, "GET /health", headers, "").await;
        assert_eq!(health.json(), json!({"ok": true, "status": "live"}));
    }
}

#[tokio::test]
async fn a_user_of_the_proxy_comes_in_without_any_secret() {
    let gateway = gateway(|_| ()).await;
    let address = gateway.address();
    for protocol in [3, 4] {
        for device in [None, Some(Device::new())] {
            let peer = connect(address, protocol, &[ADA, VIA], device.as_ref(), &SCOPES).await;
            let mut peer = peer.unwrap();
            assert_eq!(tried(&mut peer).await, ["read", "write", "approvals", "pairing"]);
            assert_eq!(peer.hello["snapshot"]["authMode"], "trusted-proxy");
            if protocol == 4 {
                assert_eq!(peer.hello["auth"]["method"], "trusted-proxy");
                assert_eq!(peer.hello["auth"]["scopes"], json!(RECORD));
            }
            // The proxy's word is good for this connection: no token outlives it.
            assert_eq!(peer.hello["auth"]["deviceToken"], Value::Null);
            let known = peer.call("device.pair.list", json!({})).await.unwrap();
            assert_eq!(known, json!({"pending": [], "paired": []}));
        }
    }
    // Over the door that has no handshake, too.
    let mut bare = Peer::open_with(upgrade_with(address, &[ADA, VIA])).await;
    bare.send_text(json!({"id": 1, "method": "health"}).to_string()).await;
    loop {
        let frame = bare.next().await.unwrap();
        if frame["id"] == 1 {
            assert!(frame["result"].is_object(), "{frame}");
            break;
        }
    }
    let models = ask(address, "GET /v1/models", &[ADA, VIA], "").await;
    assert_eq!(models.status, 200, "{models:?}");
    let said = json!({"model": "openclaw", "messages": [{"role": "user", "content": "hello"}]});
    let completion =
        ask(address, "POST /v1/chat/completions", &[ADA, VIA], &said.to_string()).await;
    assert_eq!(completion.status, 200, "{completion:?}");
    let health = ask(address, "GET /health", &[ADA, VIA], "").await;
    assert!(health.json()["uptimeMs"].is_u64(), "{health:?}");
}

/// A page behind the proxy, as the official one connects: with a device and the page's own origin.
#[tokio::test]
async fn the_page_behind_the_proxy_pairs_nothing_and_administers_by_approval_alone() {
    let gateway = gateway(|_| ()).await;
    let address = gateway.address();
    let host = ("host", "claw.example.org");
    let page: Headers<'_> = &[ADA, VIA, ("origin", "https://claw.example.org")];
    let device = Device::new();
    let open = async |device: Option<&Device>| {
        let mut request = upgrade_with(address, page);
        request.headers_mut().insert(host.0, host.1.parse().unwrap());
        let mut peer = Peer::open_with(request).await;
        let mut params = connect_params(4);
        params.as_object_mut().unwrap().remove("auth");
        params["client"] = json!({"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"});
        if let Some(device) = device {
            device.sign(&mut params, &peer.nonce);
        }
        peer.shake(params).await.map(|_| peer)
    };
    for device in [None, Some(&device)] {
        let mut peer = open(device).await.unwrap();
        assert_eq!(peer.hello["auth"]["scopes"], json!(RECORD));
        let known = peer.call("device.pair.list", json!({})).await.unwrap();
        assert_eq!(known["paired"], json!([]));
    }
}

/// A narrower header narrows, a wider one changes nothing, and one that is there twice leaves nothing.
#[tokio::test]
async fn the_scopes_of_a_header_narrow_and_never_widen() {
    let gateway = gateway(|_| ()).await;
    let address = gateway.address();
    let name = "x-openclaw-scopes";
    let all = &["read", "write", "approvals", "pairing"][..];
    let cases: &[(&[&str], &[&str])] = &[
        (&["operator.admin"], all),
        (&["operator.admin, operator.read"], all),
        (&["operator.read"], &["read"]),
        (&["operator.write"], &["read", "write"]),
        (&["operator.read , operator.pairing"], &["read", "pairing"]),
        (&["operator.read,operator.nonsense,*"], &["read"]),
        (&[""], &[]),
        (&["*"], &[]),
        (&["admin"], &[]),
        (&["operator.admin", "operator.admin"], &[]),
    ];
    let said = json!({"model": "openclaw", "messages": [{"role": "user", "content": "hi"}]});
    let said = said.to_string();
    for (values, allowed) in cases {
        let mut headers = vec![ADA, VIA];
        headers.extend(values.iter().map(|value| (name, *value)));
        for protocol in [3, 4] {
            for device in [None, Some(Device::new())] {
                let mut peer =
                    connect(address, protocol, &headers, device.as_ref(), &SCOPES).await.unwrap();
                assert_eq!(tried(&mut peer).await, *allowed, "{values:?}");
            }
        }
        for (line, needs, body) in [
            ("GET /v1/models", "read", ""),
            ("GET /v1/models/openclaw", "read", ""),
            ("GET /sessions/main/history", "read", ""),
            ("GET /control-ui-config.json", "read", ""),
            ("POST /v1/chat/completions", "write", said.as_str()),
        ] {
            let answer = ask(address, line, &headers, body).await;
            let refused = json!({"ok": false, "error": {
                "message": format!("missing scope: operator.{needs}"), "type": "forbidden",
            }});
            if allowed.contains(&needs) {
                assert!([200, 404].contains(&answer.status), "{line} {values:?}: {answer:?}");
            } else {
                assert_eq!((answer.status, answer.json()), (403, refused), "{line} {values:?}");
            }
        }
        let health = ask(address, "GET /health", &headers, "").await.json();
        assert_eq!(health["uptimeMs"].is_u64(), allowed.contains(&"read"), "{values:?}");
    }
    // What is asked for narrows as well.
    let headers = [ADA, VIA, (name, "operator.admin,operator.write")];
    let mut peer = connect(address, 4, &headers, None, &["operator.read"]).await.unwrap();
    assert_eq!(tried(&mut peer).await, ["read"]);
}

/// The words that begin a session anew are for administrators, by whichever way they come.
#[tokio::test]
async fn over_http_too_the_word_reset_is_for_administrators() {
    let line = "POST /v1/chat/completions";
    let say = |text: &str| {
        let said = json!([{"role": "user", "content": text}]);
        json!({"model": "openclaw", "user": "ada", "messages": said}).to_string()
    };
    let gateway = gateway(|_| ()).await;
    for text in ["hello", "/reset", "/new"] {
        let answer = ask(gateway.address(), line, &[ADA, VIA], &say(text)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let history = "GET /sessions/agent:main:openai-user:ada/history";
    let history = ask(gateway.address(), history, &[ADA, VIA], "").await.json();
    let said = history["messages"].as_array().unwrap();
    assert_eq!(said.iter().filter(|message| message["role"] == "user").count(), 3, "{history}");
    // The secret on this machine is an administrator's.
    let own = TestGateway::start().await;
    let answer = http::ask(own.address(), line, "", &say("/reset")).await.json();
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("New session started"), "{answer}");
}

/// The shared secret is whole: the header that 2026.3.28 asks for beside it takes nothing away.
#[tokio::test]
async fn the_header_takes_nothing_from_the_shared_secret() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    for value in ["operator.read", "", "operator.admin"] {
        let header = format!("x-openclaw-scopes: {value}\r\n");
        let said = json!({"model": "openclaw", "messages": [{"role": "user", "content": "hi"}]});
        let line = "POST /v1/chat/completions";
        assert_eq!(http::ask(address, line, &header, &said.to_string()).await.status, 200);
    }
}

/// Two people of one proxy are two: what one has sent is answered again to her alone.
#[tokio::test]
async fn people_of_one_proxy_are_told_apart() {
    let both = |gateway: &mut Value| {
        gateway["auth"]["trustedProxy"]["allowUsers"] = json!([ADA.1, "bob"]);
    };
    let gateway = gateway(both).await;
    let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "k"});
    let mut ada = connect(gateway.address(), 4, &[ADA, VIA], None, &SCOPES).await.unwrap();
    ada.call("chat.send", send.clone()).await.unwrap();
    ada.call("chat.send", send.clone()).await.unwrap();
    let bob = [("x-auth-user", "bob"), VIA];
    let mut bob = connect(gateway.address(), 4, &bob, None, &SCOPES).await.unwrap();
    let refused = bob.call("chat.send", send).await.unwrap_err();
    assert!(refused["message"].to_string().contains("another request"), "{refused}");
}
