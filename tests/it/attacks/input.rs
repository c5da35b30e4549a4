//! Rows about what a stranger sends before it is let in.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use openclaw_tests::{device::now_ms, http};
use sha2::{Digest as _, Sha256};

use super::*;

/// The head of an upgrade, by hand.
fn upgrade(address: SocketAddr, headers: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

pub(super) async fn a4() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    // A foreign page is turned away before anything is compared: neither its guesses nor the secret count.
    for auth in std::iter::repeat_n(json!({"token": "guess"}), 50).chain([secret()]) {
        let evil = [("origin", "https://evil.example")];
        let refused = connect_with(address, &evil, Some(&Device::new()), asking(&[], auth)).await;
        assert_eq!(code(refused), "CONTROL_UI_ORIGIN_NOT_ALLOWED");
    }
    // One that may ask is locked out, with the right secret too.
    let own = format!("http://{address}");
    let guess = async |auth: Value| {
        let page = [("origin", own.as_str())];
        code(connect_with(address, &page, Some(&Device::new()), asking(&[], auth)).await)
    };
    for _ in 0..10 {
        assert_eq!(guess(json!({"token": "guess"})).await, "AUTH_TOKEN_MISMATCH");
    }
    assert_eq!(guess(secret()).await, "AUTH_RATE_LIMITED");
    // Other pages of this machine share the count.
    let port = [("origin", "http://localhost:5173")];
    let refused = connect_with(address, &port, Some(&Device::new()), asking(&[], secret())).await;
    assert_eq!(code(refused), "AUTH_RATE_LIMITED");
}

pub(super) async fn p9() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let good = upgrade(address, "");
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let cases = [
        ("another version", good.replace("Version: 13", "Version: 8"), 426),
        ("no version", good.replace("Sec-WebSocket-Version: 13\r\n", ""), 426),
        (
            "a key of 15 bytes",
            good.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"),
            400,
        ),
        ("no key", good.replace(key, ""), 400),
        ("two keys", upgrade(address, key), 400),
        ("another method", good.replace("GET /", "POST /"), 400),
        ("HTTP/1.0", good.replace("HTTP/1.1", "HTTP/1.0"), 400),
    ];
    for (case, request, status) in cases {
        let mut stream = http::Stream::open(address).await;
        stream.send(request.as_bytes()).await;
        stream.end().await;
        assert_eq!(stream.rest().await.status, status, "{case}");
    }
}

pub(super) async fn p10() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let offered = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let mut stream = http::Stream::open(address).await;
    stream.send(upgrade(address, offered).as_bytes()).await;
    let head = stream.until("\r\n\r\n").await.to_lowercase();
    assert!(head.starts_with("http/1.1 101") && !head.contains("extensions"), "{head}");
    // A browser that offers subprotocols is told one of them; a secret among them proves nothing.
    for offered in [TOKEN.to_owned(), format!("openclaw, {TOKEN}")] {
        let headers = [("x-forwarded-for", "192.0.2.7"), ("sec-websocket-protocol", &offered)];
        let refused = connect_with(address, &headers, None, asking(&SCOPES, json!({}))).await;
        assert!(refused.is_err(), "{offered}");
    }
    let long = format!("Sec-WebSocket-Protocol: {}\r\n", "a,".repeat(32 * 1024));
    let refused = http::raw(address, upgrade(address, &long).as_bytes()).await;
    assert_eq!(refused.status, 431);
}

pub(super) async fn p13() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let texts = ["", " ", "undefined", "null", "true", "0"].map(|text| json!({"token": text}));
    let kinds = [json!(["x"]), json!(0), json!({}), json!(true), json!([TOKEN]), json!(null)];
    let kinds = kinds.map(|kind| json!({"token": kind}));
    let others = [json!(null), json!([]), json!(TOKEN), json!({"token": "x".repeat(60_000)})];
    let all = texts.into_iter().chain(kinds).chain(others);
    for auth in all {
        let refused = connect_with(address, ELSEWHERE, None, asking(&SCOPES, auth.clone())).await;
        assert!(refused.is_err(), "{auth}");
    }
    assert_eq!(devices(&gateway).await, json!({"pending": [], "paired": []}));
}

pub(super) async fn p14() {
    let gateway = TestGateway::start().await;
    let wide = TOKEN.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap());
    let near = [
        format!("{TOKEN}\0"),
        format!("\0{TOKEN}"),
        format!("{TOKEN}\u{200b}"),
        format!("{TOKEN}{TOKEN}"),
        TOKEN.to_uppercase(),
        TOKEN[1..].to_owned(),
        TOKEN[..TOKEN.len() - 1].to_owned(),
        wide.collect(),
    ];
    // Fewer than ten: what follows those is another row.
    for token in near {
        let asks = asking(&SCOPES, json!({"token": token}));
        let refused = connect_with(gateway.address(), ELSEWHERE, None, asks).await;
        assert_eq!(code(refused), "AUTH_TOKEN_MISMATCH", "{token:?}");
    }
}

pub(super) async fn p16() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let origin = format!("http://{address}");
    // All of them at once: none slips in between the look at the count and the count.
    let mut peers = Vec::new();
    for _ in 0..30 {
        peers.push(Peer::open_with(request(address, &[("origin", &origin)])).await);
    }
    let guesses = peers.iter_mut().map(async |peer| {
        let mut params = asking(&[], json!({"token": "guess"}));
        Device::new().sign(&mut params, &peer.nonce);
        let refused = peer.shake(params).await.unwrap_err();
        refused["details"]["code"].as_str().unwrap().to_owned()
    });
    let mut answers = BTreeMap::new();
    for answer in join_all(guesses).await {
        *answers.entry(answer).or_insert(0) += 1;
    }
    let due = [("AUTH_TOKEN_MISMATCH".to_owned(), 10), ("AUTH_RATE_LIMITED".to_owned(), 20)];
    assert_eq!(answers, due.into());
    let page = [("origin", origin.as_str())];
    let right = connect_with(address, &page, Some(&Device::new()), asking(&[], secret())).await;
    assert_eq!(code(right), "AUTH_RATE_LIMITED");
}

pub(super) async fn p20() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    // Keys under which one signature fits every message, or which are a second way to write another.
    let bytes = |first: u8, middle: u8, last: u8| {
        let mut key = [middle; 32];
        (key[0], key[31]) = (first, last);
        key
    };
    let identity = bytes(1, 0, 0);
    let keys = [[0; 32], identity, bytes(0xec, 0xff, 0x7f), bytes(0xee, 0xff, 0x7f), [0xff; 32]];
    let mut fits_all = [0; 64];
    fits_all[..32].copy_from_slice(&identity);
    for key in keys {
        let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
        let id = Sha256::digest(key).iter().fold(String::new(), hex);
        let mut peer = Peer::open(address).await;
        let mut params = asking(&SCOPES, secret());
        Device::new().sign(&mut params, &peer.nonce);
        params["device"]["id"] = json!(id);
        params["device"]["publicKey"] = json!(URL_SAFE_NO_PAD.encode(key));
        params["device"]["signature"] = json!(URL_SAFE_NO_PAD.encode(fits_all));
        let refused = peer.shake(params).await.unwrap_err();
        let told = refused["details"]["code"].as_str().unwrap_or_default();
        assert!(told.starts_with("DEVICE_AUTH_"), "{key:?}: {refused}");
    }
    // Another day, and times that are none.
    let (day, now) = (24 * 60 * 60 * 1000, now_ms());
    let times = [
        json!(now - day),
        json!(now + day),
        json!(-1),
        json!(1.5),
        json!(1_u64 << 63),
        json!("now"),
        json!(null),
    ];
    for signed_at in times {
        let mut peer = Peer::open(address).await;
        let mut params = asking(&SCOPES, secret());
        Device::new().sign_at(&mut params, &peer.nonce, signed_at.as_u64().unwrap_or(now));
        params["device"]["signedAt"] = signed_at.clone();
        assert!(peer.shake(params).await.is_err(), "{signed_at}");
    }
    assert_eq!(devices(&gateway).await, json!({"pending": [], "paired": []}));
}

pub(super) async fn p23() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let ping = [&[0x89, 0xfe, 0, 126, 0, 0, 0, 0], [b'x'; 126].as_slice()].concat();
    let frames: [(&str, &[u8]); 9] = [
        ("a length of 2^63", &[0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
        ("a byte more than 25 MiB", &[0x81, 0xff, 0, 0, 0, 0, 1, 0x90, 0, 1, 1, 2, 3, 4]),
        ("not masked", &[0x81, 0x02, b'{', b'}']),
        ("a reserved bit", &[0xc1, 0x82, 0, 0, 0, 0, b'{', b'}']),
        ("a reserved opcode", &[0x83, 0x82, 0, 0, 0, 0, b'{', b'}']),
        ("a long ping", &ping),
        ("a ping in pieces", &[0x09, 0x80, 0, 0, 0, 0]),
        ("a continuation of nothing", &[0x80, 0x82, 0, 0, 0, 0, b'{', b'}']),
        ("a close without a whole code", &[0x88, 0x81, 0, 0, 0, 0, 3]),
    ];
    for (case, frame) in frames {
        let mut stream = http::Stream::open(address).await;
        stream.send(upgrade(address, "").as_bytes()).await;
        stream.until("connect.challenge").await;
        stream.send(frame).await;
        // It ends; what it says before is at most a close frame.
        assert_eq!(stream.rest().await.status, 101, "{case}");
    }
    gateway.operator().await.call("health", json!({})).await.unwrap();
}
