//! Rows about guessing the secret.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use openclaw_tests::http::{self, Stream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::{table::Table, *};

/// Guesses at once, and in all.
const AT_ONCE: usize = 200;
const ALL: usize = 1_000;

/// Where the guesses of a row come from.
struct Row {
    name: &'static str,
    /// Where the gateway listens.
    listens: IpAddr,
    headers: &'static [(&'static str, &'static str)],
    /// Whether a page asks, whose Origin is the gateway's own.
    page: bool,
}

/// A thousand guesses, two hundred at a time, then the right secret: as many were compared as one after
/// another, and none between.
pub(super) async fn p16() {
    let (four, six): (IpAddr, IpAddr) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    let rows = [
        Row { name: "a page at 127.0.0.1", listens: four, headers: &[], page: true },
        Row { name: "a page at ::1", listens: six, headers: &[], page: true },
        Row { name: "through a proxy", listens: four, headers: ELSEWHERE, page: false },
        Row { name: "through a proxy at ::1", listens: six, headers: ELSEWHERE, page: false },
    ];
    let mut table = Table::of("attacks::guesses::p16");
    for row in rows {
        let gateway = TestGateway::on(&[row.listens], json!({})).await;
        let address = gateway.address();
        let origin = format!("Origin: http://{address}\r\n");
        let mut headers = if row.page { origin } else { String::new() };
        for (name, value) in row.headers {
            headers.extend([name, ": ", value, "\r\n"]);
        }
        // By socket and by request in turn; a stranger has 32 sockets, so that many wait for a place.
        let over_http = async |secret: &str| {
            let headers = format!("{headers}Authorization: Bearer {secret}\r\n");
            http::insist(address, "GET /v1/models", &headers).await
        };
        let mut answers = BTreeMap::new();
        for _ in 0..ALL / AT_ONCE {
            let guesses =
                (0..AT_ONCE).map(|n| over_http(if n % 2 == 0 { "guess" } else { "Guess" }));
            for status in join_all(guesses).await {
                *answers.entry(status).or_insert(0) += 1;
            }
        }
        let due = BTreeMap::from([(401, 10), (429, ALL - 10)]);
        table.row(format!("{}: a thousand requests", row.name), answers == due, &answers);
        let right = over_http(TOKEN).await;
        table.row(format!("{}: the right one", row.name), right == 429, right);
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        for (name, value) in row.headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        if row.page {
            let origin = format!("http://{address}");
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let mut peer = Peer::open_with(request).await;
        let mut params = asking(&[], secret());
        Device::new().sign(&mut params, &peer.nonce);
        let refused = peer.shake(params).await.unwrap_err();
        let locked = refused["details"]["code"] == "AUTH_RATE_LIMITED";
        table.row(format!("{}: over a socket", row.name), locked, refused);
    }
    table.row("thirty sockets at once", sockets_at_once().await, ());
    table.row("a program here is slowed and not locked out", slowed().await, ());
    table.end();
}

/// Thirty sockets that all ask at the same moment.
async fn sockets_at_once() -> bool {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let origin = format!("http://{address}");
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
    answers == due.into()
}

/// Four guesses of a program take at least the three pauses between them; the fifth, right one goes.
async fn slowed() -> bool {
    let gateway = TestGateway::start().await;
    let begin = tokio::time::Instant::now();
    for _ in 0..4 {
        let guess = asking(&[], json!({"token": "guess"}));
        connect_with(gateway.address(), &[], None, guess).await.err().expect("it is wrong");
    }
    let took = begin.elapsed();
    connect_with(gateway.address(), &[], None, asking(&[], secret())).await.unwrap();
    took >= std::time::Duration::from_millis(250 + 500 + 1_000)
}

/// Clients that a listed proxy makes up: neither do they push out a lockout, nor do they cost memory. What
/// a million of them do to the limiter is tested beside it; over sockets some thousands have to be enough.
pub(super) async fn p18() {
    let listed = json!({"gateway": {"trustedProxies": ["127.0.0.1"]}});
    let gateway = TestGateway::with(listed).await;
    let address = gateway.address();
    let mut table = Table::of("attacks::guesses::p18");
    let head = |client: &str, secret: &str, end: &str| {
        format!(
            "GET /v1/models HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-For: {client}\r\nAuthorization: Bearer {secret}\r\n{end}\r\n"
        )
    };
    let close = "Connection: close\r\n";
    let ask = async |client: &str, secret: &str| {
        http::raw(address, head(client, secret, close).as_bytes()).await.status
    };
    for n in 0..10 {
        let status = ask("192.0.2.9", "guess").await;
        table.row(format!("guess {n}"), status == 401, status);
    }
    // More addresses than are remembered, each with one guess.
    let count = 6_000_u32;
    let mut stream = Stream::open(address).await;
    let mut sent = String::new();
    for n in 0..count {
        let client = Ipv4Addr::from(0x0b00_0000 + n * 7);
        let end = if n + 1 == count { close } else { "" };
        sent += &head(&client.to_string(), "guess", end);
    }
    stream.send(sent.as_bytes()).await;
    let heard = stream.until("connection: close").await;
    let wrong = heard.matches("HTTP/1.1 401").count();
    table.row("6,000 addresses", wrong == count as usize, wrong);
    for (case, client, secret, status) in [
        ("the lockout stands", "192.0.2.9", "guess", 429),
        ("for the right secret too", "192.0.2.9", TOKEN, 429),
        ("others come in", "192.0.2.10", TOKEN, 200),
        ("one that only made up a hop before its own", "192.0.2.10, 192.0.2.9", TOKEN, 429),
        ("a made-up loopback hop", "127.0.0.1, 192.0.2.9", TOKEN, 429),
    ] {
        let got = ask(client, secret).await;
        table.row(case, got == status, got);
    }
    table.end();
}
