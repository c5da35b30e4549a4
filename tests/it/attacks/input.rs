//! Rows about what a stranger sends before it is let in.

use openclaw_tests::{
    device::now_ms,
    http::{self, upgrade},
};
use sha2::{Digest as _, Sha256};

use super::{table::Table, *};

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
        ("no Connection token", good.replace("Connection: Upgrade", "Connection: keep-alive"), 400),
        ("no Connection", good.replace("Connection: Upgrade\r\n", ""), 400),
        ("a key that is no base64", good.replace("dGhlIHNhbXBsZSBub25jZQ==", "!!!!"), 400),
    ];
    let mut table = Table::of("attacks::input::p9");
    for (case, request, status) in cases {
        let mut stream = http::Stream::open(address).await;
        stream.send(request.as_bytes()).await;
        stream.end().await;
        let answer = stream.rest().await;
        table.row(case, answer.status == status, answer);
    }
    // As HTTP/2 asks for one, said in HTTP/1.1.
    let connect = good.replace("GET /", &format!("CONNECT {address}"));
    let answer = http::raw(address, connect.as_bytes()).await;
    table.row("CONNECT", answer.status >= 400, answer);
    table.end();
}

pub(super) async fn p10() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of("attacks::input::p10");
    // A browser that offers subprotocols is told one of them; a secret among them proves nothing.
    for offered in [TOKEN.to_owned(), format!("openclaw, {TOKEN}"), format!("Bearer.{TOKEN}")] {
        let headers = [("x-forwarded-for", "192.0.2.7"), ("sec-websocket-protocol", &offered)];
        let refused = connect_with(address, &headers, None, asking(&SCOPES, json!({}))).await;
        table.row(format!("a secret in {offered}"), refused.is_err(), refused.is_ok());
    }
    for name in ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"] {
        let long = format!("{name}: {}\r\n", "a,".repeat(32 * 1024));
        let answer = http::raw(address, upgrade(address, &long).as_bytes()).await;
        table.row(format!("64 KiB of {name}"), answer.status == 431, answer);
        let many = format!("{name}: a\r\n").repeat(200);
        let answer = http::raw(address, upgrade(address, &many).as_bytes()).await;
        table.row(format!("{name} 200 times"), matches!(answer.status, 0 | 431), answer);
    }
    table.end();
}

pub(super) async fn p13() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let texts = ["", " ", "undefined", "null", "true", "0"].map(|text| json!({"token": text}));
    let kinds = [json!(["x"]), json!(0), json!({}), json!(true), json!([TOKEN]), json!(null)];
    let kinds = kinds.map(|kind| json!({"token": kind}));
    let others = [json!(null), json!([]), json!(TOKEN), json!({"token": "x".repeat(60_000)})];
    let all = texts.into_iter().chain(kinds).chain(others);
    let mut table = Table::of("attacks::input::p13");
    for auth in all {
        let refused = connect_with(address, ELSEWHERE, None, asking(&SCOPES, auth.clone())).await;
        table.row(auth.to_string(), refused.is_err(), refused.is_ok());
    }
    // 1 MiB, wherever a token may be.
    let long = "x".repeat(1 << 20);
    let mut peer = Peer::open(address).await;
    let frame = json!({"type": "req", "id": "c", "method": "connect",
        "params": asking(&SCOPES, json!({"token": long}))});
    peer.send_text(frame.to_string()).await;
    let ended = peer.ended().await;
    table.row("1 MiB in connect", matches!(ended.code, 1009 | 1006), ended);
    let bearer = format!("Authorization: Bearer {long}\r\n");
    let answer = http::ask(address, "GET /v1/models", &bearer, "").await;
    table.row("1 MiB as a Bearer", matches!(answer.status, 0 | 431), answer);
    let answer = http::raw(address, upgrade(address, &bearer).as_bytes()).await;
    table.row("1 MiB as an upgrade's Bearer", matches!(answer.status, 0 | 431), answer);
    let query = upgrade(address, "").replace("GET /", &format!("GET /ws?token={long}"));
    let answer = http::raw(address, query.as_bytes()).await;
    table.row("1 MiB in the query", matches!(answer.status, 0 | 414 | 431), answer);
    table.end();
    assert_eq!(devices(&gateway).await, json!({"pending": [], "paired": []}));
}

pub(super) async fn p14() {
    let gateway = TestGateway::start().await;
    let wide = TOKEN.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap());
    let near = [
        format!("{TOKEN}\0"),
        format!("{TOKEN}\n"),
        format!("{TOKEN}\u{200b}"),
        format!("{TOKEN}{TOKEN}"),
        TOKEN.to_uppercase(),
        TOKEN[1..].to_owned(),
        TOKEN[..TOKEN.len() - 1].to_owned(),
        wide.collect(),
    ];
    // Fewer than ten: what follows those is another row.
    let mut table = Table::of("attacks::input::p14");
    for token in near {
        let asks = asking(&SCOPES, json!({"token": token}));
        let refused = code(connect_with(gateway.address(), ELSEWHERE, None, asks).await);
        table.row(format!("{token:?}"), refused == "AUTH_TOKEN_MISMATCH", refused);
    }
    table.end();
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
    let mut table = Table::of("attacks::input::p20");
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
        table.row(format!("key {key:?}"), told.starts_with("DEVICE_AUTH_"), &refused);
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
        let refused = peer.shake(params).await;
        table.row(format!("signed at {signed_at}"), refused.is_err(), refused.is_ok());
    }
    // What was signed once, for another socket or for less.
    let device = Device::new();
    let mut peer = Peer::open(address).await;
    let mut params = asking(&["operator.read"], secret());
    device.sign(&mut params, &peer.nonce);
    let mut wider = params.clone();
    wider["scopes"] = json!(SCOPES);
    let refused = peer.shake(wider).await;
    table.row("signed for less", refused.is_err(), refused.is_ok());
    let refused = Peer::open(address).await.shake(params).await;
    table.row("signed for another socket", refused.is_err(), refused.is_ok());
    table.end();
    assert_eq!(devices(&gateway).await, json!({"pending": [], "paired": []}));
}
