//! HTTP on the same port: probes, the page, and who may ask.

use openclaw_tests::TestGateway;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Sends raw bytes and reads what comes until the gateway closes.
async fn raw(gateway: &TestGateway, request: &str) -> String {
    let mut socket = TcpStream::connect(gateway.address()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(openclaw_tests::PATIENCE, socket.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn get(gateway: &TestGateway, path: &str, headers: &str) -> String {
    let host = gateway.address();
    let close = if headers.contains("Connection") { "" } else { "Connection: close\r\n" };
    raw(gateway, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{close}{headers}\r\n")).await
}

#[tokio::test]
async fn probes_answer_without_a_credential_and_tell_strangers_nothing() {
    let gateway = TestGateway::start().await;
    for path in ["/health", "/healthz"] {
        let answer = get(&gateway, path, "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(r#"{"ok":true,"status":"live"}"#), "{answer}");
    }
    let ready = get(&gateway, "/readyz", "").await;
    assert!(ready.ends_with(r#"{"ready":true}"#) && ready.contains("cache-control: no-store"));
    assert!(get(&gateway, "/startupz", "").await.starts_with("HTTP/1.1 200"));
    let host = gateway.address();
    let post = raw(
        &gateway,
        &format!("POST /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    )
    .await;
    assert!(post.starts_with("HTTP/1.1 405") && post.contains("allow: GET, HEAD"), "{post}");
}

#[tokio::test]
async fn the_page_comes_with_a_policy_that_allows_no_inline_script() {
    let gateway = TestGateway::start().await;
    let page = get(&gateway, "/", "").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<!doctype html>"), "{page}");
    assert!(page.contains("script-src 'self';") && !page.contains("unsafe-inline"));
    assert!(page.contains("x-frame-options: DENY") && page.contains("nosniff"));
    assert!(page.contains("cross-origin-resource-policy: same-origin"));
    assert!(page.contains("frame-ancestors 'none'") && page.contains("base-uri 'none'"));
    assert!(page.contains("require-trusted-types-for 'script'; trusted-types lit-html dompurify"));
    assert!(page.contains("referrer-policy: no-referrer"));
    assert!(page.contains("permissions-policy: camera=(), microphone=(), geolocation=()"));
    assert!(!page.contains("<script>") && !page.contains("onload="));
    assert!(get(&gateway, "/app.js", "").await.contains("content-type: text/javascript"));
    assert!(get(&gateway, "/chat", "").await.contains("<!doctype html>"), "a view is the page");
    let host = gateway.address();
    let post = format!("POST /chat HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let written = raw(&gateway, &post).await;
    assert!(written.starts_with("HTTP/1.1 404"), "the page is only read");
    for missing in ["/nope.js", "/api/x", "/v1/x", "/..%2f..%2fetc/passwd.txt", "/%00.js"] {
        assert!(get(&gateway, missing, "").await.starts_with("HTTP/1.1 404"), "{missing}");
    }
}

#[tokio::test]
async fn a_browser_that_has_a_file_is_not_sent_it_again() {
    let gateway = TestGateway::start().await;
    let first = get(&gateway, "/app.js", "").await;
    assert!(first.contains("cache-control: no-cache"), "a new build shows at once");
    let tag = first.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let again = get(&gateway, "/app.js", &format!("If-None-Match: {known}\r\n")).await;
        assert!(again.starts_with("HTTP/1.1 304") && again.contains(tag), "{again}");
        assert!(again.ends_with("\r\n\r\n") && again.contains("script-src 'self'"), "{again}");
    }
    let other = get(&gateway, "/", &format!("If-None-Match: {tag}\r\n")).await;
    assert!(other.starts_with("HTTP/1.1 200") && !other.contains(tag), "each file has its own");
}

/// A browser complains in its console about an opener policy of an origin that it does not trust, and
/// sends `Sec-Fetch-Site` to those alone that it does.
#[tokio::test]
async fn the_opener_policy_goes_where_a_browser_heeds_it() {
    let gateway = TestGateway::start().await;
    for path in ["/", "/app.js", "/nope.js"] {
        let heeded = get(&gateway, path, "Sec-Fetch-Site: none\r\n").await;
        assert!(heeded.contains("cross-origin-opener-policy: same-origin"), "{path}: {heeded}");
        let plain = get(&gateway, path, "").await;
        assert!(!plain.contains("cross-origin-opener-policy"), "{path}: {plain}");
        assert!(plain.contains("frame-ancestors 'none'"), "{path}: {plain}");
    }
}

#[tokio::test]
async fn a_foreign_host_and_a_foreign_page_are_refused() {
    let gateway = TestGateway::start().await;
    let port = gateway.address().port();
    for host in [
        format!("evil.example:{port}"),
        format!("0.0.0.0:{port}"),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
    ] {
        let answer =
            raw(&gateway, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
                .await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{host}: {answer}");
    }
    let none = raw(&gateway, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(none.starts_with("HTTP/1.1 400"), "{none}");
    let two = raw(
        &gateway,
        &format!(
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil\r\nConnection: close\r\n\r\n"
        ),
    )
    .await;
    assert!(two.starts_with("HTTP/1.1 400"), "{two}");
    let csrf = raw(&gateway, &format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )).await;
    assert!(csrf.starts_with("HTTP/1.1 403"), "{csrf}");
}

#[tokio::test]
async fn an_upgrade_must_be_one() {
    let gateway = TestGateway::start().await;
    let ask = async |headers: &str| {
        get(&gateway, "/", &format!("Connection: Upgrade\r\nUpgrade: websocket\r\n{headers}")).await
    };
    assert!(ask("").await.starts_with("HTTP/1.1 400"));
    assert!(
        ask("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n")
            .await
            .starts_with("HTTP/1.1 426")
    );
    assert!(
        ask("Sec-WebSocket-Key: c2hvcnQ=\r\nSec-WebSocket-Version: 13\r\n")
            .await
            .starts_with("HTTP/1.1 400")
    );
    let host = gateway.address();
    let good = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (line, headers) in [
        ("POST / HTTP/1.1", format!("Connection: Upgrade\r\n{good}{key}")),
        ("GET / HTTP/1.1", format!("Connection: close\r\n{good}{key}")),
        ("GET / HTTP/1.1", format!("Connection: Upgrade\r\n{good}{key}{key}")),
    ] {
        let answer = raw(&gateway, &format!("{line}\r\nHost: {host}\r\n{headers}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{line} {headers}: {answer}");
    }
}
