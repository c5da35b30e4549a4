//! Hostile HTTP over real sockets: shapes that two readers may read differently, sizes, times, paths,
//! pages of other sites. After each the next caller is served.

use std::fmt::Write as _;

use openclaw_tests::{
    TestGateway,
    gateway::TOKEN,
    http::{Answer, Stream, ask, raw},
};
use serde_json::json;

use crate::attacks::table::listed;

const BODY: &str = r#"{"messages":[{"role":"user","content":"hello"}]}"#;

async fn send(gateway: &TestGateway, text: &str) -> Answer {
    raw(gateway.address(), text.as_bytes()).await
}

async fn still_serves(gateway: &TestGateway) {
    let line = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(send(gateway, line).await.status, 200);
}

/// P37: what a proxy and a server may cut into different requests. The smuggled one is never answered.
#[tokio::test]
async fn a_request_has_one_length() {
    let gateway = TestGateway::start().await;
    let smuggled = "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    let lengths = [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}", 5),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n\r\n{chunked}", 5),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: xchunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding : chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding:\r\n chunked\r\n\r\n{chunked}"),
        format!("Content-Length: 0\r\nContent-Length: {}\r\n\r\n{smuggled}", smuggled.len()),
        format!("Content-Length: -1\r\n\r\n{smuggled}"),
        format!("Content-Length: 0x10\r\n\r\n{smuggled}"),
        format!("Content-Length: +3\r\n\r\n{smuggled}"),
        format!("Content-Length: 3, 3\r\n\r\n{smuggled}"),
        format!("X-A: b\r\n folded\r\nContent-Length: 0\r\n\r\n{smuggled}"),
        format!("X-A : b\r\nContent-Length: 0\r\n\r\n{smuggled}"),
        format!("X\0A: b\r\n\r\n{smuggled}"),
        format!("X-A: b\0c\r\n\r\n{smuggled}"),
        format!("X-A: b\rContent-Length: 9\r\n\r\n{smuggled}"),
    ];
    listed("http_shape::a_request_has_one_length", lengths.len());
    for headers in lengths {
        let head = format!("POST /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}");
        let mut stream = Stream::open(gateway.address()).await;
        stream.send(head.as_bytes()).await;
        stream.end().await;
        let answer = stream.rest().await;
        assert!(answer.status >= 400 || answer.status == 0, "{headers:?}: {answer:?}");
        let raw = format!("{}{}", answer.head, answer.body);
        assert_eq!(
            raw.matches("HTTP/1.1 ").count().min(2),
            usize::from(answer.status != 0),
            "{headers:?}: {raw}"
        );
    }
    still_serves(&gateway).await;
}

/// P37: chunks that are none. The body is refused, or the connection ends; no run begins.
#[tokio::test]
async fn chunks_are_read_strictly() {
    let gateway = TestGateway::start().await;
    let extension = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(1024 * 1024));
    let bodies = [
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5 \0\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "\r\n5\r\nhello\r\n0\r\n\r\n",
        &extension,
    ];
    listed("http_shape::chunks_are_read_strictly", bodies.len());
    for body in bodies {
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body}"
        );
        let answer = send(&gateway, &head).await;
        assert!(matches!(answer.status, 0 | 400), "{}: {answer:?}", &body[..body.len().min(40)]);
    }
    still_serves(&gateway).await;
}

/// P38: heads that are too large.
#[tokio::test]
async fn a_head_has_a_size() {
    let gateway = TestGateway::start().await;
    let mut many = String::new();
    for n in 0..200 {
        write!(many, "X-{n}: y\r\n").unwrap();
    }
    let long = format!("X-Long: {}\r\n", "y".repeat(64 * 1024));
    for headers in [many, long] {
        let text = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        let answer = send(&gateway, &text).await;
        assert!(matches!(answer.status, 0 | 431), "{answer:?}");
    }
    let url = "x".repeat(32 * 1024 - 200);
    let url = format!("GET /{url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(send(&gateway, &url).await.status, 414);
    listed("http_shape::a_head_has_a_size", 3);
    still_serves(&gateway).await;
}

/// P39: a thousand requests at once on one connection, and one that reads nothing until the end.
#[tokio::test]
async fn requests_in_a_row_are_answered_in_a_row() {
    let gateway = TestGateway::start().await;
    let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut stream = Stream::open(gateway.address()).await;
    stream.send(format!("{}{last}", one.repeat(999)).as_bytes()).await;
    let text = stream.until("connection: close").await;
    assert!(text.matches("HTTP/1.1 200").count() >= 999);
    // A sender that ends its half before the answer is served or let go, and costs nothing.
    let mut half = Stream::open(gateway.address()).await;
    half.send(last.as_bytes()).await;
    half.end().await;
    assert!(matches!(half.rest().await.status, 0 | 200));
    still_serves(&gateway).await;
}

/// P39: the floods of HTTP/2 need HTTP/2, which is not spoken, by whichever way it is asked for.
#[tokio::test]
async fn only_http_1_is_spoken() {
    let gateway = TestGateway::start().await;
    let settings = "\0\0\0\u{4}\0\0\0\0\0";
    let preface = format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{settings}");
    let answer = send(&gateway, &preface).await;
    assert!(matches!(answer.status, 0 | 400..=599), "{answer:?}");
    let upgrade = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n";
    assert_eq!(send(&gateway, upgrade).await.status, 200, "answered as what it is");
    still_serves(&gateway).await;
}

/// Bodies: nothing is read before the sender is known, and never more than is allowed.
#[tokio::test]
async fn a_body_is_read_for_the_owner_only_and_has_a_size() {
    let gateway = TestGateway::with(json!({"gateway": {"http": {"endpoints":
        {"chatCompletions": {"maxBodyBytes": 1000}}}}}))
    .await;
    let head = |secret: &str, more: &str| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {secret}\r\n{more}\r\n"
        )
    };
    // The body never comes; the refusal does.
    let stranger = send(&gateway, &head("wrong", "Content-Length: 20000000\r\n")).await;
    assert_eq!(stranger.status, 401);
    let continued = "Content-Length: 1001\r\nExpect: 100-continue\r\n";
    let answer = send(&gateway, &head(TOKEN, continued)).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["message"]),
        (413, &json!("Payload too large"))
    );
    let large = "x".repeat(4_000_000);
    let declared = format!("{}{large}", head(TOKEN, "Content-Length: 4000000\r\n"));
    assert_eq!(send(&gateway, &declared).await.status, 413, "the sender reads the refusal");
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let chunked = format!("{}{chunk}", head(TOKEN, "Transfer-Encoding: chunked\r\n"));
    assert_eq!(send(&gateway, &chunked).await.status, 413);
    let exact = ask(gateway.address(), "POST /v1/chat/completions", "", BODY).await;
    assert_eq!(exact.status, 200);
}

/// One secret, one place for it, and the limiter of the WebSocket.
#[tokio::test]
async fn only_the_bearer_counts() {
    let gateway = TestGateway::start().await;
    let line = "POST /v1/chat/completions";
    for headers in [
        "Authorization: Basic eDp0ZXN0LXRva2VuLTAxMjM0NTY3ODk=\r\n".to_owned(),
        format!("Authorization: none\r\nX-OpenClaw-Token: {TOKEN}\r\n"),
        format!("Authorization: Token {TOKEN}\r\n"),
        format!("Authorization: Bearer {TOKEN}\r\nAuthorization: Bearer {TOKEN}\r\n"),
        format!("Authorization: Bearer{TOKEN}\r\n"),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: Bearer {TOKEN}x\r\n"),
    ] {
        let answer = ask(gateway.address(), line, &headers, BODY).await;
        assert_eq!(answer.status, 401, "{headers}: {answer:?}");
        assert_eq!(
            answer.json(),
            json!({"error": {"message": "Unauthorized", "type": "unauthorized"}})
        );
    }
    let query = format!("{line}?token={TOKEN}");
    let query = ask(gateway.address(), &query, "Authorization: no\r\n", BODY).await;
    assert_eq!(query.status, 401);
    assert_eq!(ask(gateway.address(), line, "", BODY).await.status, 200);
}

/// A page that guesses is locked out, by whichever way it asks; others are not.
#[tokio::test]
async fn guesses_of_a_page_are_counted_whichever_way_they_come() {
    let gateway = TestGateway::start().await;
    let origin = format!("Origin: http://{}\r\n", gateway.address());
    let wrong = format!("{origin}Authorization: Bearer wrong\r\n");
    let mut locked = None;
    for n in 0..50 {
        // Health counts too, and never says whether it was right.
        let health = ask(gateway.address(), "GET /health", &wrong, "").await;
        assert_eq!(health.body, r#"{"ok":true,"status":"live"}"#);
        let answer = ask(gateway.address(), "GET /v1/models", &wrong, "").await;
        if answer.status == 429 {
            locked = Some((n, answer));
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let (tries, answer) = locked.expect("a page is locked out");
    assert!(tries <= 5, "{tries}");
    assert_eq!(answer.json()["error"]["type"], "rate_limited");
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    let right = format!("{origin}Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(ask(gateway.address(), "GET /v1/models", &right, "").await.status, 429);
    assert_eq!(ask(gateway.address(), "GET /v1/models", "", "").await.status, 200, "no page asks");
}

/// P40: paths that somebody may resolve or decode. None reaches a file, none names another host.
#[tokio::test]
async fn paths_stay_what_they_are() {
    let gateway = TestGateway::start().await;
    let get = async |path: &str| {
        let host = gateway.address();
        send(&gateway, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
            .await
    };
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/etc/passwd",
        "/..\\..\\etc\\passwd",
        "/..%5c..%5cetc",
        "//etc/passwd",
        "/a//b",
        "/%00",
        "/index.html%00.js",
        "//evil.example/",
        "/v1%2fmodels",
        "/.%2e/.%2e/x",
        "/./x",
    ] {
        let answer = get(path).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        assert!(!answer.body.contains("root:"), "{path}");
    }
    // Names that mean something elsewhere are views or nothing: they are never looked up on a disk.
    for path in ["/....//x.js", "/C:/x.js", "/CON.js", "/app.js::$DATA.js", "/etc/passwd.txt"] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
    for (path, place) in [
        ("/ui", "/"),
        ("/ui/", "/"),
        ("/ui/chat?x=1", "/chat?x=1"),
        ("/ui//evil.example", "/evil.example"),
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.header("location")), (308, Some(place)), "{path}");
    }
    for path in ["/ui/%2f%2fevil.example", "/ui/..%2fx", "/ui/x//y"] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
    let ranges = format!("Range: bytes={}\r\n", vec!["0-"; 1000].join(","));
    let answer = ask(gateway.address(), "GET /app.js", &ranges, "").await;
    assert_eq!(answer.status, 200, "ranges are not served, so many cost nothing");
    let below = TestGateway::with(json!({"gateway": {"controlUi": {"basePath": "/ui"}}})).await;
    let answer = ask(below.address(), "GET /ui/", "", "").await;
    assert_eq!(answer.status, 200, "a page that is there is not sent away");
}

/// P40 and P41: what lies in the state directory or in a workspace, a link out of it among that, has no
/// address: neither an agent's page nor a secret can be asked for.
#[tokio::test]
async fn files_of_the_state_and_of_agents_have_no_address() {
    let state = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let workspace = state.path().join("workspace");
    std::fs::create_dir(&workspace).unwrap();
    let secret = "<svg onload=\"alert('CANARY')\">";
    for dir in [state.path(), &workspace] {
        for name in ["evil.svg", "evil.html", "evil.pdf", "evil"] {
            std::fs::write(dir.join(name), secret).unwrap();
        }
        std::os::unix::fs::symlink(dir.join("evil"), dir.join("link.html")).unwrap();
        std::fs::hard_link(dir.join("evil"), dir.join("hard.html")).unwrap();
    }
    let gateway = TestGateway::at(state, json!({})).await;
    let names =
        ["evil.svg", "evil.html", "evil.pdf", "evil", "link.html", "hard.html", "openclaw.json"];
    let folders = ["", "workspace/", "media/", "ui/", "assets/", "__openclaw__/canvas/"];
    let variants = folders.len() * names.len();
    listed("http_shape::files_of_the_state_and_of_agents_have_no_address", variants);
    for before in folders {
        for name in names {
            let path = format!("GET /{before}{name}");
            let answer = ask(gateway.address(), &path, "", "").await;
            let leaks = ["CANARY", TOKEN].iter().any(|word| answer.body.contains(word));
            assert!(!leaks, "{path}: {answer:?}");
        }
    }
}

/// P41: what is served says what it is, and cannot be framed or sniffed.
#[tokio::test]
async fn every_answer_has_its_guards() {
    let gateway = TestGateway::start().await;
    let lines = [
        ("GET /", ""),
        ("GET /app.js", ""),
        ("GET /nope.svg", ""),
        ("GET /healthz", ""),
        ("GET /v1/models", ""),
        ("POST /v1/chat/completions", BODY),
        ("GET /sessions/x/history", ""),
        ("POST /nope", ""),
    ];
    listed("http_shape::every_answer_has_its_guards", lines.len());
    for (line, body) in lines {
        let answer = ask(gateway.address(), line, "", body).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{line}: {answer:?}");
        }
        assert!(answer.header("content-type").is_some(), "{line}: {answer:?}");
    }
}

/// Behind a proxy that speaks HTTPS, when the config says so: every answer, refusals among them.
#[tokio::test]
async fn the_transport_policy_of_the_config_is_on_every_answer() {
    const POLICY: &str = "max-age=31536000; includeSubDomains";
    let with = |value: serde_json::Value| json!({"gateway": {"http": {"securityHeaders": {"strictTransportSecurity": value}}}});
    let lines = ["GET /", "GET /healthz", "GET /v1/models", "POST /nope", "GET /nope.svg"];
    let gateway = TestGateway::with(with(json!(POLICY))).await;
    for line in lines {
        let answer = ask(gateway.address(), line, "", "").await;
        assert_eq!(answer.header("strict-transport-security"), Some(POLICY), "{line}");
    }
    let foreign = "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = send(&gateway, foreign).await;
    assert_eq!((answer.status, answer.header("strict-transport-security")), (403, Some(POLICY)));
    for silent in [json!(false), json!("")] {
        let gateway = TestGateway::with(with(silent)).await;
        for line in lines {
            let answer = ask(gateway.address(), line, "", "").await;
            assert_eq!(answer.header("strict-transport-security"), None, "{line}");
        }
    }
}

/// Pages: those that the config lists may read, others may not even ask.
#[tokio::test]
async fn other_pages_read_only_when_they_are_listed() {
    let origin = "https://chat.example";
    let gateway =
        TestGateway::with(json!({"gateway": {"controlUi": {"allowedOrigins": [origin]}}})).await;
    let line = "POST /v1/chat/completions";
    let from = |origin: &str| format!("Origin: {origin}\r\n");
    let answer = ask(gateway.address(), line, &from(origin), BODY).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(origin)));
    assert!(answer.header("vary").is_some_and(|vary| vary.contains("Origin")));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    // A refusal can be read as well, so that the page can say why.
    let wrong = format!("{}Authorization: Bearer wrong\r\n", from(origin));
    let answer = ask(gateway.address(), line, &wrong, BODY).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, Some(origin)));
    let preflight = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,x-stainless-os\r\n";
    let asks = async |origin: &str, headers: &str| {
        let headers = format!("{}Authorization: none\r\n{headers}", from(origin));
        ask(gateway.address(), "OPTIONS /v1/chat/completions", &headers, "").await
    };
    let answer = asks(origin, preflight).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some(origin)));
    assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,x-stainless-os"));
    assert_eq!(asks(origin, "").await.status, 405);
    for foreign in [
        "https://evil.example",
        "null",
        "https://chat.example.evil",
        "http://chat.example",
        "HTTPS://CHAT.EXAMPLE",
    ] {
        let answer = asks(foreign, preflight).await;
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (403, None),
            "{foreign}"
        );
        let answer = ask(gateway.address(), line, &from(foreign), BODY).await;
        assert_eq!(answer.status, 403, "{foreign}");
        let answer = ask(gateway.address(), "GET /v1/models", &from(foreign), "").await;
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (403, None),
            "{foreign}"
        );
    }
    // The gateway's own page needs no leave, and gets none for others.
    let own = from(&format!("http://{}", gateway.address()));
    let answer = ask(gateway.address(), "GET /v1/models", &own, "").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
    let silent =
        ask(gateway.address(), "GET /v1/models", "Sec-Fetch-Site: cross-site\r\n", "").await;
    assert_eq!(silent.status, 403);
}

/// Hosts that are not ours get nothing, with a Bearer or without.
#[tokio::test]
async fn hosts_are_checked_before_secrets() {
    let gateway = TestGateway::start().await;
    for host in [
        "evil.example",
        "localhost.",
        "localhost:99999",
        "127.1",
        "[::ffff:127.0.0.1]",
        "a@localhost",
        "localhost/x",
        "",
    ] {
        let headers = format!("Host: {host}\r\n");
        let answer = ask(gateway.address(), "GET /v1/models", &headers, "").await;
        assert!(matches!(answer.status, 400 | 403), "{host}: {answer:?}");
    }
    let absolute = ask(gateway.address(), "GET http://evil.example/v1/models", "", "").await;
    assert!(matches!(absolute.status, 400 | 403), "{absolute:?}");
}
