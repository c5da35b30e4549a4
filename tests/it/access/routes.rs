//! Every HTTP route with every credential: what a gateway answers against what the route's row says.

use std::{fmt::Write as _, net::SocketAddr};

use futures_util::future::join_all;
use openclaw_gateway::{HttpAccess, HttpRoute};
use openclaw_protocol::{Scope, method::Access};
use openclaw_tests::{Device, Peer, TestGateway, gateway::TOKEN, http, peer::connect_params};
use serde_json::json;

use super::{Answer, CALLERS};

/// How a request may prove its right.
const CREDENTIALS: [&str; 6] = [
    "nothing",
    "the secret",
    "an administrator's token",
    "a reader's token",
    "a node's token",
    "a wrong secret",
];

/// A path of each route, with something in its variable parts.
fn example(route: &HttpRoute) -> String {
    let fill = [("{key}", "main"), ("{agent}", "main"), ("{*id}", "openclaw"), ("{*rest}", "chat")];
    let path = fill.iter().fold(route.path.to_owned(), |path, (part, is)| path.replace(part, is));
    assert!(!path.contains('{'), "say what stands for the parts of {}", route.path);
    path
}

/// What an upgrade with the secret in its query is; no route has it.
const UPGRADE: HttpRoute =
    HttpRoute { method: "UPGRADE", path: "/ws?token=", access: HttpAccess::Needs(Scope::Admin) };

/// Every route with every credential, each on a gateway of its own: a wrong one slows down what comes next.
pub(super) async fn table() -> String {
    let all: Vec<HttpRoute> = openclaw_gateway::http_routes().chain([UPGRADE]).collect();
    let rows = join_all(all.iter().map(route)).await;
    let names = CREDENTIALS.map(|name| format!(" {name} |")).concat();
    let rule = "---|".repeat(CREDENTIALS.len());
    format!(
        "\n## HTTP\n\nThe status of the answer; \"more\" where its body tells more than a stranger gets. A scope in the second column is\nwhat a person who is vouched for needs; the secret has every one.\n\n| route | for |{names}\n|---|---|{rule}\n{}",
        rows.concat()
    ) + &by_scopes().await
}

/// Every route that asks for a scope, with every set of them: those that a listed proxy leaves to its user.
async fn by_scopes() -> String {
    let proxy = json!({"userHeader": "x-forwarded-user", "allowLoopback": true});
    let auth = json!({"mode": "trusted-proxy", "allowRemoteAdmin": true, "trustedProxy": proxy});
    let config = json!({"gateway": {"trustedProxies": ["127.0.0.1"], "auth": auth}});
    let gateway = TestGateway::with(config).await;
    let mut document =
        "\nA person whom a listed proxy vouches for, by the scopes that `x-openclaw-scopes` leaves.\n\n"
            .to_owned();
    document.push_str(&super::head("| route | needs |"));
    for route in openclaw_gateway::http_routes() {
        let needs = match route.access {
            HttpAccess::Needs(scope) | HttpAccess::PageOrNeeds(scope) => scope,
            HttpAccess::Reader => Scope::Read,
            _ => continue,
        };
        let mut cells = String::new();
        for (name, scopes) in CALLERS {
            let Some(scopes) = scopes else {
                // A node has no way of its own over HTTP.
                cells.push_str(" - |");
                continue;
            };
            let user = format!(
                "Authorization: Bearer none\r\nX-Forwarded-User: ada\r\nX-OpenClaw-Scopes: {}\r\n",
                scopes.join(",")
            );
            let answer = send(gateway.address(), route.method, &example(&route), &user).await;
            let due = Answer::due(Some(Access::Scope(needs)), Some(scopes));
            let refused = answer.status == 403;
            assert_eq!(refused, due == Answer::Scope, "{} by {name}: {answer:?}", route.path);
            assert_ne!(answer.status, 401, "{} by {name}: {answer:?}", route.path);
            cells.push_str(if refused { " - |" } else { " yes |" });
        }
        let needs = word(HttpAccess::Needs(needs));
        writeln!(document, "| `{} {}` | {needs} |{cells}", route.method, route.path).unwrap();
    }
    document
}

/// The rule in words.
fn word(access: HttpAccess) -> String {
    let scope = |scope: Scope| scope.name().replace("operator.", "");
    match access {
        HttpAccess::Everyone => "everyone".to_owned(),
        HttpAccess::OwnerSeesMore => "everyone; the owner sees more".to_owned(),
        HttpAccess::ReaderSeesMore => "everyone; readers see more".to_owned(),
        HttpAccess::PageOrNeeds(needs) => {
            format!("{}; the page without a credential", scope(needs))
        }
        HttpAccess::Reader => "readers".to_owned(),
        HttpAccess::Needs(needs) => scope(needs),
    }
}

/// Whether what was answered is what the route's row says.
fn fits(access: HttpAccess, credential: &str, answer: &http::Answer, more: bool) -> bool {
    let refused = answer.status == 401;
    let reads = ["the secret", "an administrator's token", "a reader's token"];
    match (access, credential) {
        (HttpAccess::Everyone | HttpAccess::OwnerSeesMore, "the secret") => {
            !refused && more == (access == HttpAccess::OwnerSeesMore)
        }
        (HttpAccess::Everyone | HttpAccess::OwnerSeesMore, _) => !refused && !more,
        (HttpAccess::PageOrNeeds(_) | HttpAccess::ReaderSeesMore, "nothing")
        | (HttpAccess::Needs(_) | HttpAccess::PageOrNeeds(_), "the secret") => !refused,
        (HttpAccess::Reader | HttpAccess::ReaderSeesMore, one) => refused != reads.contains(&one),
        (HttpAccess::Needs(_) | HttpAccess::PageOrNeeds(_), _) => refused,
    }
}

async fn route(route: &HttpRoute) -> String {
    let filled = example(route);
    let (method, path) = (route.method, filled.as_str());
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    // What is wrong comes last: it slows down whoever comes after it.
    let mut secrets = vec![None, Some(TOKEN.to_owned())];
    for scopes in [Some(&["operator.admin"][..]), Some(&["operator.read"]), None] {
        secrets.push(Some(device_token(address, scopes).await));
    }
    secrets.push(Some("wrong".to_owned()));
    let mut cells = String::new();
    let mut strangers = None;
    for (credential, secret) in CREDENTIALS.into_iter().zip(secrets) {
        let answer = ask(address, method, path, secret.as_deref()).await;
        let stranger = strangers.get_or_insert_with(|| answer.clone());
        let more = answer.status == stranger.status && answer.body.len() > stranger.body.len();
        let (fits, due) = (fits(route.access, credential, &answer, more), word(route.access));
        assert!(fits, "{method} {path} is for {due} and answered {answer:?} to {credential}");
        write!(cells, " {}{} |", answer.status, if more { ", more" } else { "" }).unwrap();
    }
    if method == "UPGRADE" {
        return format!("| upgrade at `/ws?token=` | the secret |{cells}\n");
    }
    format!("| `{method} {}` | {} |{cells}\n", route.path, word(route.access))
}

async fn ask(address: SocketAddr, method: &str, path: &str, secret: Option<&str>) -> http::Answer {
    if method == "UPGRADE" {
        return upgrade(address, &format!("{path}{}", secret.unwrap_or_default())).await;
    }
    let bearer = secret.map(|secret| format!("Authorization: Bearer {secret}\r\n"));
    send(address, method, path, &bearer.unwrap_or_default()).await
}

async fn send(address: SocketAddr, method: &str, path: &str, headers: &str) -> http::Answer {
    let body = json!({"model": "openclaw", "messages": []}).to_string();
    let (kind, body) = match method {
        "POST" => (
            format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
            body.as_str(),
        ),
        _ => (String::new(), ""),
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}{kind}\r\n{body}"
    );
    let mut stream = http::Stream::open(address).await;
    stream.send(request.as_bytes()).await;
    stream.rest().await
}

async fn upgrade(address: SocketAddr, path: &str) -> http::Answer {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut stream = http::Stream::open(address).await;
    stream.send(request.as_bytes()).await;
    // An accepted socket stays open: its status is all that is looked at.
    let head = stream.until("\r\n\r\n").await;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    http::Answer { status, head: String::new(), body: String::new() }
}

async fn device_token(address: SocketAddr, scopes: Option<&[&str]>) -> String {
    let mut peer = Peer::open(address).await;
    let mut params = connect_params(4);
    let role = if scopes.is_some() { "operator" } else { "node" };
    (params["role"], params["scopes"]) = (json!(role), json!(scopes.unwrap_or_default()));
    Device::new().sign(&mut params, &peer.nonce);
    let hello = peer.shake(params).await.unwrap();
    hello["auth"]["deviceToken"].as_str().unwrap().to_owned()
}
