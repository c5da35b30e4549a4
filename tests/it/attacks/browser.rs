//! Rows about pages in a browser: Origin, Host, preflights and forms.

use openclaw_tests::http::{self, upgrade};

use super::{table::Table, *};

/// Each Origin on an upgrade, with what else the request says: let in, or refused before the secret counts.
async fn origins(test: &'static str, cases: &[(&[&str], &str, bool)]) {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let port = address.port().to_string();
    let mut table = Table::of(test);
    for (origins, headers, passes) in cases {
        let origins: Vec<String> = origins.iter().map(|o| o.replace("PORT", &port)).collect();
        let mut request = request(address, &[]);
        for origin in &origins {
            request.headers_mut().append("origin", origin.parse().unwrap());
        }
        for header in headers.split("; ").filter(|header| !header.is_empty()) {
            let (name, value) = header.split_once(": ").unwrap();
            let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let mut peer = Peer::open_with(request).await;
        let mut params = asking(&["operator.read"], secret());
        Device::new().sign(&mut params, &peer.nonce);
        let shaken = peer.shake(params).await;
        let refused = shaken.as_ref().err().map(|error| error["details"]["code"].clone());
        let fits = match refused {
            None => *passes,
            Some(code) => !passes && code == "CONTROL_UI_ORIGIN_NOT_ALLOWED",
        };
        table.row(format!("{origins:?} {headers}"), fits, shaken);
    }
    table.end();
}

pub(super) async fn p1() {
    let cases: [(&[&str], &str, bool); 5] = [
        (&["https://evil.example"], "", false),
        (&["http://evil.example:PORT"], "", false),
        (&["https://evil.example"], "sec-fetch-site: same-origin", false),
        (&["file://evil"], "", false),
        (&["chrome-extension://abcdefghijklmnop"], "", false),
    ];
    origins("attacks::browser::p1", &cases).await;
}

pub(super) async fn p2() {
    let cases: [(&[&str], &str, bool); 4] = [
        (&["null"], "", false),
        (&["NULL"], "", false),
        (&["file://"], "", false),
        (&[""], "", false),
    ];
    origins("attacks::browser::p2", &cases).await;
}

pub(super) async fn p3() {
    let cases: [(&[&str], &str, bool); 19] = [
        (&["http://localhost.evil.com:PORT"], "", false),
        (&["http://127.0.0.1.evil.com:PORT"], "", false),
        (&["http://127.0.0.1:PORT@evil"], "", false),
        (&["http://127.0.0.1@evil:PORT"], "", false),
        (&["http://evil@127.0.0.1:PORT"], "", false),
        (&["http://127.0.0.1:PORT/"], "", false),
        (&["http://127.0.0.1:PORT#x"], "", false),
        (&["HTTP://127.0.0.1:PORT"], "", false),
        (&["http://LOCALHOST:PORT"], "", false),
        (&["http://localhost.:PORT"], "", false),
        (&["http://127.0.0.1.:PORT"], "", false),
        (&["http://127.1:PORT"], "", false),
        (&["http://2130706433:PORT"], "", false),
        (&["http://[::ffff:127.0.0.1]:PORT"], "", false),
        (&["ftp://127.0.0.1:PORT"], "", false),
        (&["127.0.0.1:PORT"], "", false),
        // Another port of this machine is a page of this machine, as long as no proxy stands between.
        (&["http://127.0.0.1"], "", true),
        (&["http://127.0.0.1"], "x-forwarded-for: 192.0.2.7", false),
        (&["http://127.0.0.1:PORT"], "", true),
    ];
    origins("attacks::browser::p3", &cases).await;
}

pub(super) async fn p4() {
    let own = "http://127.0.0.1:PORT";
    let cases: [(&[&str], &str, bool); 4] = [
        (&[own, "https://evil.example"], "", false),
        (&["https://evil.example", own], "", false),
        (&[own, own], "", false),
        (&["http://127.0.0.1:PORT, https://evil.example"], "", false),
    ];
    origins("attacks::browser::p4", &cases).await;
}

pub(super) async fn p5() {
    let cases: [(&[&str], &str, bool); 5] = [
        (&[], "sec-fetch-site: cross-site", false),
        (&[], "sec-fetch-site: same-site", false),
        (&[], "sec-fetch-site: Cross-Site", false),
        (&[], "sec-fetch-site: nonsense", false),
        (&[], "sec-fetch-site: cross-site; sec-fetch-mode: websocket", false),
    ];
    origins("attacks::browser::p5", &cases).await;
}

/// Each Host on a page, on the API with the right secret, and on an upgrade.
async fn hosts(test: &'static str, cases: &[&str]) {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let port = address.port().to_string();
    let mut table = Table::of(test);
    for case in cases {
        let host = case.replace("PORT", &port);
        for line in ["GET /", "GET /v1/models", "POST /v1/chat/completions"] {
            let answer = http::ask(address, line, &format!("{host}\r\n"), "").await;
            table.row(format!("{line} {host}"), matches!(answer.status, 400 | 403 | 421), answer);
        }
        let head = upgrade(address, "").replace(&format!("Host: {address}"), &host);
        let answer = http::raw(address, head.as_bytes()).await;
        table.row(format!("upgrade {host}"), matches!(answer.status, 400 | 403 | 421), answer);
    }
    table.end();
}

pub(super) async fn p6() {
    let cases = ["Host: evil.com:18789", "Host: evil.com:PORT", "Host: localhost.evil.com:PORT"];
    hosts("attacks::browser::p6", &cases).await;
}

pub(super) async fn p7() {
    let cases = [
        "Host: 0.0.0.0:PORT",
        "Host: [::]:PORT",
        "Host: 127.1:PORT",
        "Host: 2130706433:PORT",
        "Host: 0x7f000001:PORT",
        "Host: 0177.0.0.1:PORT",
        "Host: localhost.:PORT",
        "Host: [::ffff:127.0.0.1]:PORT",
        "Host: [::1%25lo]:PORT",
        "Host: [0:0:0:0:0:0:0:1]:PORT",
        "Host: 127.0.0.1:PORT@evil.example",
        "Host: 127.0.0.1:99999",
        "Host: 127.0.0.1:",
        "Host: 127.0.0.1/x",
    ];
    hosts("attacks::browser::p7", &cases).await;
}

pub(super) async fn p8() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of("attacks::browser::p8");
    let own = format!("Host: {address}\r\n");
    let evil = "Host: evil.example\r\n";
    let end = "Connection: close\r\n\r\n";
    for (target, hosts) in [
        ("/", String::new()),
        ("/", "Host:\r\n".to_owned()),
        ("/", format!("{own}{own}")),
        ("/", format!("{own}{evil}")),
        ("/", format!("{evil}{own}")),
        ("http://evil.example/", own.clone()),
        ("http://evil.example/", evil.to_owned()),
        ("http://127.0.0.1:1/", own.clone()),
        ("http://user@evil.example/", own.clone()),
    ] {
        let head = format!("GET {target} HTTP/1.1\r\n{hosts}{end}");
        let answer = http::raw(address, head.as_bytes()).await;
        let name = format!("{target} {hosts:?}");
        table.row(name, matches!(answer.status, 400 | 403 | 421), answer);
    }
    table.end();
}

pub(super) async fn p11() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of("attacks::browser::p11");
    let asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization, content-type\r\n";
    let private = "Access-Control-Request-Private-Network: true\r\n";
    for origin in
        ["https://evil.example", "null", "http://localhost.evil.example", "HTTP://127.0.0.1"]
    {
        for more in [asks.to_owned(), format!("{asks}{private}"), private.to_owned()] {
            for path in ["/", "/v1/chat/completions", "/v1/models", "/health"] {
                let headers = format!("Authorization: none\r\nOrigin: {origin}\r\n{more}");
                let answer = http::ask(address, &format!("OPTIONS {path}"), &headers, "").await;
                let leave = answer.head.contains("access-control-allow");
                table.row(
                    format!("{origin} {path} {more}"),
                    answer.status >= 400 && !leave,
                    answer,
                );
            }
        }
    }
    table.end();
}

pub(super) async fn p12() {
    // Without a secret in force a form is all that it takes, so here it has to be refused for what it is.
    let none = json!({"gateway": {"auth": {"mode": "none"}}});
    let gateway = TestGateway::with(none).await;
    let address = gateway.address();
    let mut table = Table::of("attacks::browser::p12");
    let body = r#"{"messages":[{"role":"user","content":"hello"}],"x":"="}"#;
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    {
        for from in [
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
            "Sec-Fetch-Site: cross-site\r\nReferer: https://evil.example/\r\n",
        ] {
            let head = format!(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\n{from}Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let answer = http::raw(address, head.as_bytes()).await;
            table.row(format!("{kind} {from}"), answer.status == 403, answer);
        }
    }
    let mut params = connect_params(4);
    params.as_object_mut().unwrap().remove("auth");
    let mut peer = Peer::open(address).await;
    peer.shake(params).await.unwrap();
    let sessions = peer.call("sessions.list", json!({})).await.unwrap();
    table.row("no run has begun", sessions["count"] == 0, sessions);
    table.end();
}
