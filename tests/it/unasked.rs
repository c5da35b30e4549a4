//! Mode `none`: nothing is asked of programs on this machine, and nobody else comes in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use openclaw_gateway::{Gateway, Options};
use openclaw_tests::{
    TestGateway,
    gateway::{configure, options},
    http,
};
use serde_json::json;

async fn gateway() -> TestGateway {
    TestGateway::with(json!({"gateway": {"auth": {"mode": "none"}}})).await
}

async fn ask(address: SocketAddr, line: &str, headers: &str, body: &str) -> http::Answer {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let length = body.len();
    let text = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n{headers}\r\n{body}"
    );
    http::raw(address, text.as_bytes()).await
}

#[tokio::test]
async fn over_http_only_programs_of_this_machine_are_answered() {
    let gateway = gateway().await;
    let address = gateway.address();
    let port = address.port();
    let said = json!({"model": "openclaw", "messages": [{"role": "user", "content": "hi"}]});
    let said = said.to_string();
    let routes = [
        ("GET /v1/models", ""),
        ("GET /v1/models/openclaw", ""),
        ("GET /sessions/main/history", ""),
        ("POST /v1/chat/completions", said.as_str()),
    ];
    for (line, body) in routes {
        let answer = ask(address, line, "", body).await;
        assert!([200, 404].contains(&answer.status), "{line}: {answer:?}");
    }
    // Through a proxy of this machine it is somebody else; a page is whoever wrote it.
    let others = [
        "X-Forwarded-For: 203.0.113.9\r\n".to_owned(),
        "Forwarded: for=203.0.113.9\r\n".to_owned(),
        "Via: 1.1 proxy\r\n".to_owned(),
        "X-Real-IP: 203.0.113.9\r\n".to_owned(),
        format!("Origin: http://127.0.0.1:{}\r\n", port ^ 1),
        format!("Origin: http://localhost:{port}\r\n"),
        format!("Origin: http://{address}\r\n"),
        "Sec-Fetch-Site: none\r\n".to_owned(),
        "Sec-Fetch-Site: same-site\r\n".to_owned(),
        "Sec-Fetch-Site: cross-site\r\n".to_owned(),
    ];
    for headers in &others {
        for (line, body) in routes {
            let answer = ask(address, line, headers, body).await;
            assert_eq!(answer.status, 403, "{line} {headers}: {answer:?}");
        }
        let health = ask(address, "GET /health", headers, "").await;
        assert_eq!(health.json(), json!({"ok": true, "status": "live"}), "{headers}");
    }
    let refused = ask(address, "GET /v1/models", &others[0], "").await.json();
    assert_eq!(refused["error"]["type"], "forbidden");
    assert!(refused["error"]["message"].to_string().contains("gateway.auth.mode"), "{refused}");
    // A Bearer that nobody asks for is no way around it.
    let bearer = format!("{}Authorization: Bearer x\r\n", others[0]);
    assert_eq!(ask(address, "GET /v1/models", &bearer, "").await.status, 403);
    let health = ask(address, "GET /health", &bearer, "").await;
    assert_eq!(health.json(), json!({"ok": true, "status": "live"}));
}

/// What a page shows before it connects: its own gateway tells it, other pages of this machine nothing.
#[tokio::test]
async fn the_own_page_reads_what_it_shows() {
    let gateway = gateway().await;
    let address = gateway.address();
    let line = "GET /control-ui-config.json";
    let own = ask(address, line, "Sec-Fetch-Site: same-origin\r\n", "").await;
    assert_eq!((own.status, own.json()["assistantAgentId"].as_str()), (200, Some("main")));
    for headers in [
        "Origin: http://127.0.0.1:9\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: 203.0.113.9\r\n",
    ] {
        let answer = ask(address, line, headers, "").await;
        assert_eq!(answer.status, 403, "{headers}: {answer:?}");
    }
}

/// However it is embedded: nothing is asked, so nothing but this machine may reach it.
#[tokio::test]
async fn it_does_not_start_where_others_reach_it() {
    let open = |change: &dyn Fn(Options) -> Options| {
        let state = tempfile::tempdir().unwrap();
        configure(state.path(), json!({"gateway": {"auth": {"mode": "none"}}}));
        let options = change(options(state.path()));
        async move {
            let started = Gateway::start(options).await;
            drop(state);
            started
        }
    };
    let anywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let listening = |options: Options| Options { addresses: vec![anywhere], ..options };
    let both = |options: Options| {
        let addresses = vec![Ipv4Addr::LOCALHOST.into(), anywhere];
        Options { addresses, ..options }
    };
    let hosted = |options: Options| options.hosted_at(SocketAddr::new(anywhere, 4711));
    let ways: [&dyn Fn(Options) -> Options; 3] = [&listening, &both, &hosted];
    for way in ways {
        let Err(problem) = open(way).await else { panic!("it starts") };
        assert!(problem.to_string().contains("loopback only"), "{problem}");
    }
    let here = |options: Options| options.hosted_at(SocketAddr::from(([127, 0, 0, 1], 4711)));
    open(&here).await.unwrap().shutdown("test").await;
}
