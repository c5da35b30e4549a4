//! Who is let in, as what, and in which words the others are refused.

use std::net::SocketAddr;

use openclaw_tests::{Device, Peer, TestGateway, gateway::TOKEN, peer::connect_params};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};

#[tokio::test]
async fn both_protocols_are_spoken_and_the_highest_common_one_wins() {
    let gateway = TestGateway::start().await;
    for (min, max, chosen) in [(3, 3, 3), (4, 4, 4), (3, 4, 4), (1, 99, 4)] {
        let mut peer = Peer::open(gateway.address()).await;
        let mut params = connect_params(4);
        params["minProtocol"] = json!(min);
        params["maxProtocol"] = json!(max);
        let hello = peer.shake(params).await.unwrap();
        assert_eq!(hello["protocol"], chosen, "{min}..{max}");
        assert_eq!(hello["type"], "hello-ok");
    }
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params["minProtocol"] = json!(5);
    params["maxProtocol"] = json!(9);
    let refused = peer.shake(params).await.unwrap_err();
    assert_eq!(refused["message"], "protocol mismatch");
    assert_eq!(refused["details"]["expectedProtocol"], 4);
    assert_eq!(peer.ended().await.code, 1002);
}

#[tokio::test]
async fn names_of_a_newer_client_are_left_out_unless_they_speak_of_rights() {
    let gateway = TestGateway::start().await;
    for (range, fits) in [([4, 5], true), ([4, 4], false)] {
        let mut peer = Peer::open(gateway.address()).await;
        let mut params = connect_params(4);
        (params["minProtocol"], params["maxProtocol"]) = (json!(range[0]), json!(range[1]));
        if fits {
            params["laterName"] = json!({"of": "a later version"});
        }
        let hello = peer.shake(params).await.unwrap();
        assert_eq!(hello["protocol"], 4);
        let answer = peer.call("sessions.list", json!({"limit": 5, "laterName": 1})).await;
        assert_eq!(answer.is_ok(), fits, "{range:?}: {answer:?}");
        let error = peer.call("sessions.list", json!({"asAdmin": true})).await.unwrap_err();
        assert_eq!(
            error["message"],
            "invalid sessions.list params: at root: unexpected property 'asAdmin'"
        );
    }
}

#[tokio::test]
async fn hello_lists_what_is_answered_and_nothing_else() {
    let gateway = TestGateway::start().await;
    let mut peer = gateway.operator().await;
    let hello = peer.hello.clone();
    let methods: Vec<&str> = hello["features"]["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m.as_str().unwrap())
        .collect();
    assert!(methods.contains(&"chat.send") && methods.contains(&"sessions.describe"));
    assert!(!methods.contains(&"cron.list"), "what is not built is not advertised");
    assert!(!methods.contains(&"connect"));
    assert_eq!(hello["policy"]["maxPayload"], 26_214_400);
    assert_eq!(hello["policy"]["tickIntervalMs"], 30_000);
    for method in methods {
        // Whatever it answers, it is not "unknown method".
        let answer = peer.call(method, json!({})).await;
        let message = answer.err().map(|error| error["message"].to_string()).unwrap_or_default();
        assert!(!message.contains("unknown method"), "{method}: {message}");
    }
    let v3 = gateway.operator_v3().await;
    let names = v3.hello["features"]["methods"].as_array().unwrap();
    assert!(names.contains(&json!("sessions.unsubscribe")));
    assert!(!names.contains(&json!("chat.startup")), "protocol 3 has no such method");
}

#[tokio::test]
async fn a_wrong_or_missing_token_is_refused_with_the_recorded_words() {
    let gateway = TestGateway::start().await;
    let mut wrong = connect_params(4);
    wrong["auth"]["token"] = json!("wrong");
    let mut peer = Peer::open(gateway.address()).await;
    let refused = peer.shake(wrong).await.unwrap_err();
    assert_eq!(refused["code"], "INVALID_REQUEST");
    assert_eq!(refused["details"]["code"], "AUTH_TOKEN_MISMATCH");
    assert_eq!(peer.ended().await.code, 1008);

    for secret in [json!(""), json!(" "), json!("undefined"), json!("null")] {
        let mut params = connect_params(4);
        params["auth"]["token"] = secret;
        let mut peer = Peer::open(gateway.address()).await;
        peer.shake(params).await.unwrap_err();
        assert_eq!(peer.ended().await.code, 1008);
    }
    // Near misses of the right one.
    for secret in [format!("{TOKEN}\n"), format!("{TOKEN}\0"), TOKEN.to_uppercase()] {
        let mut params = connect_params(4);
        params["auth"]["token"] = json!(secret);
        let mut peer = Peer::open(gateway.address()).await;
        peer.shake(params).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_local_device_is_paired_silently_and_comes_back_with_its_token() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let mut params = connect_params(3);
    let mut peer = Peer::open(gateway.address()).await;
    device.sign(&mut params, &peer.nonce);
    let hello = peer.shake(params).await.unwrap();
    let token = hello["auth"]["deviceToken"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 43);

    let mut params = connect_params(3);
    params["auth"] = json!({"deviceToken": token});
    let mut again = Peer::open(gateway.address()).await;
    device.sign(&mut params, &again.nonce);
    again.shake(params).await.unwrap();

    let listed = again.call("device.pair.list", json!({})).await.unwrap();
    assert_eq!(listed["paired"][0]["deviceId"], device.id());
    assert!(!listed.to_string().contains(&token), "a token is never listed");

    // Another device cannot use it.
    let mut params = connect_params(3);
    params["auth"] = json!({"deviceToken": token});
    let mut thief = Peer::open(gateway.address()).await;
    Device::new().sign(&mut params, &thief.nonce);
    thief.shake(params).await.unwrap_err();
}

#[tokio::test]
async fn a_signature_is_good_for_its_own_socket_alone() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let first = Peer::open(gateway.address()).await;
    let mut params = connect_params(3);
    device.sign(&mut params, &first.nonce);
    let mut second = Peer::open(gateway.address()).await;
    let refused = second.shake(params).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "DEVICE_AUTH_NONCE_MISMATCH");

    let mut third = Peer::open(gateway.address()).await;
    let mut params = connect_params(3);
    device.sign_at(&mut params, &third.nonce, 1);
    let refused = third.shake(params).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "DEVICE_AUTH_SIGNATURE_EXPIRED");

    let mut fourth = Peer::open(gateway.address()).await;
    let mut params = connect_params(3);
    device.sign(&mut params, &fourth.nonce);
    params["scopes"] = json!(["operator.read"]);
    let refused = fourth.shake(params).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "DEVICE_AUTH_SIGNATURE_INVALID");
}

#[tokio::test]
async fn scopes_bound_what_a_connection_may_do() {
    let gateway = TestGateway::start().await;
    let mut params = connect_params(4);
    params["scopes"] = json!(["operator.read"]);
    let mut reader = Peer::open(gateway.address()).await;
    reader.shake(params).await.unwrap();
    reader.call("sessions.list", json!({})).await.unwrap();
    let refused = reader
        .call("chat.send", json!({"sessionKey": "main", "message": "hi", "idempotencyKey": "k"}))
        .await
        .unwrap_err();
    assert_eq!(refused["code"], "FORBIDDEN");
    assert_eq!(refused["message"], "missing scope: operator.write");
    assert_eq!(refused["details"]["missingScope"], "operator.write");
    // What does not exist is told to administrators alone.
    let unknown = reader.call("no.such", json!({})).await.unwrap_err();
    assert_eq!(unknown["message"], "missing scope: operator.admin");
    let mut admin = gateway.operator().await;
    let unknown = admin.call("no.such", json!({})).await.unwrap_err();
    assert_eq!(unknown["message"], "unknown method: no.such");
    let again = admin.call("connect", connect_params(4)).await.unwrap_err();
    assert_eq!(again["message"], "connect is only valid as the first request");
}

#[tokio::test]
async fn what_a_proxy_forwards_is_not_local() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let connect = async |header: Option<&str>, host: &str| {
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        if let Some(header) = header {
            let name: tokio_tungstenite::tungstenite::http::HeaderName = header.parse().unwrap();
            request.headers_mut().insert(name, "192.0.2.9".parse().unwrap());
        }
        let mut peer = Peer::open_with(request).await;
        let hello = peer.shake(connect_params(4)).await.unwrap();
        let admin = hello["auth"]["scopes"].as_array().unwrap().contains(&json!("operator.admin"));
        // What hello says is what counts afterwards, not what was asked for.
        let unknown = peer.call("no.such", json!({})).await.unwrap_err();
        assert_eq!(unknown["message"] != "missing scope: operator.admin", admin);
        admin
    };
    assert!(connect(None, &address.to_string()).await);
    for header in [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "cf-connecting-ip",
        "tailscale-user-login",
        "sec-fetch-mode",
    ] {
        assert!(!connect(Some(header), &address.to_string()).await, "{header}");
    }
}

#[tokio::test]
async fn a_caller_without_scopes_is_told_nothing_about_the_machine() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    // The first health summary is made after the first connection.
    operator.event("health", |_| true).await;
    assert!(operator.hello["snapshot"]["stateDir"].is_string());
    let snapshot = async |scopes: Value| {
        let mut peer = Peer::open(gateway.address()).await;
        let mut params = connect_params(4);
        params["scopes"] = scopes;
        peer.shake(params).await.unwrap()["snapshot"].clone()
    };
    let reader = snapshot(json!(["operator.read"])).await;
    assert!(!reader["presence"].as_array().unwrap().is_empty());
    assert!(reader["health"]["ok"] == true);
    let nobody = snapshot(json!([])).await;
    assert_eq!((&nobody["presence"], &nobody["health"]), (&json!([]), &json!({})));
    for shown in [&reader, &nobody] {
        assert!(shown["stateDir"].is_null() && shown["configPath"].is_null(), "{shown}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_and_rebound_names_stay_outside() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    // A foreign Host is refused before the upgrade.
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("host", "evil.example:18789".parse().unwrap());
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let refused = tokio_tungstenite::client_async(request, stream).await.unwrap_err();
    assert!(refused.to_string().contains("403"), "{refused}");

    // A foreign Origin is refused before its secret is compared.
    for origin in ["https://evil.example", "null", "http://localhost.evil.com:18789"] {
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let mut peer = Peer::open_with(request).await;
        let mut params = connect_params(4);
        params["client"] = json!({"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"});
        let refused = peer.shake(params).await.unwrap_err();
        assert_eq!(refused["details"]["code"], "CONTROL_UI_ORIGIN_NOT_ALLOWED", "{origin}");
    }

    // A page of another port of this machine passes, but not through a proxy.
    for (proxy, refused) in [(None, false), (Some("192.0.2.9"), true)] {
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("origin", "http://localhost:5173".parse().unwrap());
        if let Some(proxy) = proxy {
            request.headers_mut().insert("x-forwarded-for", proxy.parse().unwrap());
        }
        let mut peer = Peer::open_with(request).await;
        assert_eq!(peer.shake(connect_params(4)).await.is_err(), refused, "{proxy:?}");
    }

    // Our own page comes in with a device.
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
    let mut peer = Peer::open_with(request).await;
    let mut params = connect_params(4);
    params["client"] =
        json!({"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"});
    Device::new().sign(&mut params, &peer.nonce);
    peer.shake(params).await.unwrap();
}

#[tokio::test]
async fn guessing_from_a_browser_ends_in_a_lockout_that_neither_the_right_token_nor_a_restart_breaks()
 {
    let gateway = TestGateway::start().await;
    let connect = async |address: SocketAddr, token: &str| {
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
        let mut peer = Peer::open_with(request).await;
        let mut params = connect_params(4);
        params["client"] = json!({"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"});
        params["auth"]["token"] = json!(token);
        Device::new().sign(&mut params, &peer.nonce);
        peer.shake(params).await.map_err(|error| error["details"]["code"].clone())
    };
    let address = gateway.address();
    for _ in 0..10 {
        assert_eq!(connect(address, "guess").await.unwrap_err(), "AUTH_TOKEN_MISMATCH");
    }
    assert_eq!(connect(address, "guess").await.unwrap_err(), "AUTH_RATE_LIMITED");
    assert_eq!(connect(address, TOKEN).await.unwrap_err(), "AUTH_RATE_LIMITED");
    let state = gateway.stop().await;
    let gateway = TestGateway::open(state).await;
    assert_eq!(connect(gateway.address(), TOKEN).await.unwrap_err(), "AUTH_RATE_LIMITED");
    // A program on this machine is another matter.
    gateway.operator().await;
}

#[tokio::test]
async fn behind_a_listed_proxy_each_client_answers_for_its_own_guesses() {
    let proxied = json!({"gateway": {"trustedProxies": ["127.0.0.1", "10.0.0.0/8"]}});
    let gateway = TestGateway::with(proxied).await;
    let connect = async |hops: &str, token: &str| {
        let mut request = format!("ws://{}/", gateway.address()).into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", hops.parse().unwrap());
        let mut peer = Peer::open_with(request).await;
        let mut params = connect_params(4);
        params["auth"]["token"] = json!(token);
        let shaken = peer.shake(params).await;
        shaken.map(drop).map_err(|error| error["details"]["code"].as_str().unwrap().to_owned())
    };
    for _ in 0..10 {
        assert_eq!(connect("198.51.100.7", "guess").await.unwrap_err(), "AUTH_TOKEN_MISMATCH");
    }
    // What it writes itself before the proxies' words does not make it another.
    for hops in ["198.51.100.7", "203.0.113.1, 198.51.100.7", "127.0.0.1, 198.51.100.7, 10.1.2.3"] {
        assert_eq!(connect(hops, TOKEN).await.unwrap_err(), "AUTH_RATE_LIMITED", "{hops}");
    }
    connect("198.51.100.8", TOKEN).await.unwrap();
    // A word that names nobody is the proxy's own.
    connect("127.0.0.1", TOKEN).await.unwrap();
}

#[tokio::test]
async fn what_comes_before_connect_closes_the_socket() {
    let gateway = TestGateway::start().await;
    let cases: [(Message, u16, &str); 6] = [
        (Message::text("{not json"), 1000, ""),
        (Message::text(r#"{"type":"event","event":"x"}"#), 1008, "invalid request frame"),
        (Message::binary(vec![0xff, 0xfe]), 1000, ""),
        (
            Message::text(r#"{"type":"req","id":"1","method":"health"}"#),
            1008,
            "invalid handshake: first request must be connect",
        ),
        (Message::text("x".repeat(70_000)), 1009, ""),
        // One byte more than the bound, in one piece.
        (Message::text("x".repeat(65_537)), 1009, ""),
    ];
    for (message, code, reason) in cases {
        let mut peer = Peer::open(gateway.address()).await;
        peer.send_message(message.clone()).await;
        let ended = peer.ended().await;
        assert_eq!((ended.code, ended.reason.as_str()), (code, reason), "{message:?}");
    }
}

#[tokio::test]
async fn mode_none_asks_for_nothing() {
    let gateway = TestGateway::with(json!({"gateway": {"auth": {"mode": "none"}}})).await;
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params.as_object_mut().unwrap().remove("auth");
    let hello = peer.shake(params).await.unwrap();
    assert_eq!(hello["snapshot"]["authMode"], "none");
    let answer: Value = peer.call("health", json!({})).await.unwrap();
    assert_eq!(answer["ok"], true);
}

#[tokio::test]
async fn mode_password_takes_the_password() {
    let gateway = TestGateway::with(
        json!({"gateway": {"auth": {"mode": "password", "password": "correct horse"}}}),
    )
    .await;
    let mut params = connect_params(4);
    params["auth"] = json!({"password": "correct horse"});
    Peer::open(gateway.address()).await.shake(params).await.unwrap();
    let mut params = connect_params(4);
    params["auth"] = json!({"password": "wrong"});
    let refused = Peer::open(gateway.address()).await.shake(params).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "AUTH_PASSWORD_MISMATCH");
}
