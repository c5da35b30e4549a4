//! Who may ask what: every method in both protocols by every role and scope, every HTTP route with every
//! credential. What a gateway answers is compared with the rule and written to docs/access.md.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr};

use expect_test::expect_file;
use futures_util::future::join_all;
use openclaw_protocol::{
    MethodSpec, Scope, Version,
    method::Access,
    methods::{self},
};
use openclaw_tests::{Device, Peer, TestGateway, gateway::TOKEN, http, peer::connect_params};
use serde_json::{Value, json};

mod recorded;

use recorded::RECORDED;

/// Where this gateway asks for something else than the recorded ones, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("node.register", "of an older description, for its door: what it makes may nothing"),
    ("node.heartbeat", "the same"),
    ("deadLetters.list", "a method of this gateway alone"),
    ("deadLetters.discard", "a method of this gateway alone"),
];

/// Who asks: an operator with one scope or none, or a node.
const CALLERS: [(&str, Option<&[&str]>); 8] = [
    ("nothing", Some(&[])),
    ("read", Some(&["operator.read"])),
    ("write", Some(&["operator.write"])),
    ("approvals", Some(&["operator.approvals"])),
    ("pairing", Some(&["operator.pairing"])),
    ("questions", Some(&["operator.questions"])),
    ("admin", Some(&["operator.admin"])),
    ("node", None),
];

/// Requests of the wrong role in a row that a connection survives.
const IN_A_ROW: usize = 10;

/// What became of a request without parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Its right was enough; whatever was wrong with it is another matter.
    Open,
    /// Its scopes were not.
    Scope,
    /// Its role was not.
    Role,
    /// There is no such method; told to those who may know.
    Unknown,
}

impl Answer {
    fn of(answer: &Result<Value, Value>) -> Self {
        let text = answer.as_ref().err().and_then(|error| error["message"].as_str());
        match text.unwrap_or_default() {
            text if text.starts_with("missing scope: ") => Self::Scope,
            text if text.starts_with("unauthorized role: ") => Self::Role,
            text if text.starts_with("unknown method: ") => Self::Unknown,
            _ => Self::Open,
        }
    }

    /// The rule, said a second time: admin allows everything, write allows reading.
    fn due(access: Option<Access>, caller: &str) -> Self {
        let holds = |scope: Scope| match scope {
            Scope::Read => ["read", "write", "admin"].contains(&caller),
            scope => caller == "admin" || scope.name() == format!("operator.{caller}"),
        };
        match (access, caller == "node") {
            (Some(Access::Open), _) | (Some(Access::Node), true) => Self::Open,
            (Some(Access::Node), false) | (_, true) => Self::Role,
            (None, false) if caller == "admin" => Self::Unknown,
            (None, false) => Self::Scope,
            (Some(Access::Scope(scope)), false) if !holds(scope) => Self::Scope,
            (Some(Access::Scope(_) | Access::Dynamic), false) => Self::Open,
        }
    }
}

/// One caller's connections; a new one before the last is closed for asking too much.
struct Caller<'a> {
    gateway: &'a TestGateway,
    protocol: u64,
    scopes: Option<&'static [&'static str]>,
    device: Device,
    peer: Peer,
    asked: usize,
}

impl<'a> Caller<'a> {
    async fn new(
        gateway: &'a TestGateway,
        protocol: u64,
        scopes: Option<&'static [&'static str]>,
    ) -> Self {
        let device = Device::new();
        let peer = connect(gateway.address(), protocol, scopes, &device).await;
        Self { gateway, protocol, scopes, device, peer, asked: 0 }
    }

    async fn ask(&mut self, method: &str) -> Answer {
        self.asked += 1;
        if self.asked.is_multiple_of(IN_A_ROW) {
            let Self { gateway, protocol, scopes, .. } = *self;
            self.peer = connect(gateway.address(), protocol, scopes, &self.device).await;
        }
        Answer::of(&self.peer.call(method, json!({})).await)
    }
}

async fn connect(
    address: SocketAddr,
    protocol: u64,
    scopes: Option<&[&str]>,
    device: &Device,
) -> Peer {
    let mut peer = Peer::open(address).await;
    let mut params = connect_params(protocol);
    let role = if scopes.is_some() { "operator" } else { "node" };
    (params["role"], params["scopes"]) = (json!(role), json!(scopes.unwrap_or_default()));
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await.unwrap();
    peer
}

fn rows() -> impl Iterator<Item = &'static MethodSpec> {
    methods::all().filter(|spec| spec.name != "connect")
}

fn access(spec: &MethodSpec, protocol: u64) -> Option<Access> {
    spec.access(if protocol == 3 { Version::V3 } else { Version::V4 })
}

/// The rule in the words of the recorded tables.
fn word(access: Option<Access>) -> String {
    match access {
        None => "-".to_owned(),
        Some(Access::Open) => "any".to_owned(),
        Some(Access::Node) => "node".to_owned(),
        Some(Access::Dynamic) => "dynamic".to_owned(),
        Some(Access::Scope(scope)) => scope.name().replace("operator.", ""),
    }
}

#[test]
fn each_difference_from_the_recorded_scopes_has_a_reason() {
    let recorded: BTreeMap<_, _> =
        RECORDED.iter().map(|(name, v3, v4)| (*name, (*v3, *v4))).collect();
    let reasons: BTreeMap<_, _> = DIFFERENT.iter().copied().collect();
    for spec in rows() {
        let ours = (word(spec.v3), word(spec.v4));
        let same =
            recorded.get(spec.name).is_some_and(|(v3, v4)| (*v3, *v4) == (&*ours.0, &*ours.1));
        assert_eq!(same, !reasons.contains_key(spec.name), "{}: {ours:?}", spec.name);
    }
    assert!(reasons.keys().all(|name| methods::find(name).is_some()));
}

#[tokio::test]
async fn every_method_asks_every_caller_for_what_the_tables_say() {
    let gateway = TestGateway::start().await;
    let mut document = HEAD.to_owned();
    for protocol in [3, 4] {
        write!(document, "\n## Methods in protocol {protocol}\n\n| method | needs | recorded |")
            .unwrap();
        let names = CALLERS.map(|(name, _)| format!(" {name} |")).concat();
        writeln!(document, "{names}\n|---|---|---|{}", "---|".repeat(CALLERS.len())).unwrap();
        let mut callers = Vec::new();
        for (name, scopes) in CALLERS {
            callers.push((name, Caller::new(&gateway, protocol, scopes).await));
        }
        for spec in rows() {
            let rule = access(spec, protocol);
            let mut cells = String::new();
            for (name, caller) in &mut callers {
                let answer = caller.ask(spec.name).await;
                let due = Answer::due(rule, name);
                let by_parameters = rule == Some(Access::Dynamic) && due == Answer::Open;
                let fits = answer == due || by_parameters && answer == Answer::Scope;
                assert!(fits, "{} of {protocol} by {name}: {answer:?}", spec.name);
                let cell = match answer {
                    _ if by_parameters => "by its parameters",
                    Answer::Open => "yes",
                    _ => "-",
                };
                write!(cells, " {cell} |").unwrap();
            }
            if let Some(rule) = rule {
                let recorded = recorded(spec.name, protocol);
                let needs = word(Some(rule));
                writeln!(document, "| `{}` | {needs} | {recorded} |{cells}", spec.name).unwrap();
            }
        }
    }
    document.push_str(&routes().await);
    document.push_str("\n## Where a scope differs from the recorded one\n\n");
    if DIFFERENT.is_empty() {
        document.push_str("Nowhere.\n");
    }
    for (name, reason) in DIFFERENT {
        writeln!(document, "- `{name}`: {reason}.").unwrap();
    }
    expect_file!["../../docs/access.md"].assert_eq(&document);
}

fn recorded(name: &str, protocol: u64) -> &'static str {
    let row = RECORDED.iter().find(|row| row.0 == name);
    row.map_or("-", |(_, v3, v4)| if protocol == 3 { v3 } else { v4 })
}

const HEAD: &str = "# Who may ask what

Made by `UPDATE_EXPECT=1 cargo test -p openclaw-tests --test it access`, which asks a running gateway each of these; the same test is red when this
page no longer says what a gateway answers. \"Recorded\" is what OpenClaw 2026.3.28 (protocol 3) and 2026.9.6 (protocol 4) ask for; `any` is every
role, `dynamic` decides by the parameters, `-` is refused, or not there. A column is an operator with this one scope, an operator with none, or a node.
";

/// How a request may prove its right.
const CREDENTIALS: [&str; 6] = [
    "nothing",
    "the secret",
    "an administrator's token",
    "a reader's token",
    "a node's token",
    "a wrong secret",
];

const ROUTES: &[(&str, &str)] = &[
    ("GET", "/health"),
    ("GET", "/healthz"),
    ("GET", "/ready"),
    ("GET", "/readyz"),
    ("GET", "/startupz"),
    ("GET", "/"),
    ("GET", "/ui"),
    ("GET", "/__openclaw/control-ui-config.json"),
    ("GET", "/avatar/main"),
    ("GET", "/sessions/main/history"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/chat/completions"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/openclaw"),
    ("GET", "/models"),
    ("UPGRADE", "/ws?token="),
];

/// Every route with every credential, each on a gateway of its own: a wrong one slows down what comes next.
async fn routes() -> String {
    let rows = join_all(ROUTES.iter().map(|(method, path)| route(method, path))).await;
    let names = CREDENTIALS.map(|name| format!(" {name} |")).concat();
    let rule = "---|".repeat(CREDENTIALS.len());
    format!(
        "\n## HTTP\n\nThe status of the answer; \"more\" where its body tells more than a stranger gets.\n\n| route |{names}\n|---|{rule}\n{}",
        rows.concat()
    )
}

async fn route(method: &str, path: &str) -> String {
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
    for secret in secrets {
        let answer = ask(address, method, path, secret.as_deref()).await;
        let stranger = strangers.get_or_insert_with(|| answer.clone());
        let more = answer.status == stranger.status && answer.body.len() > stranger.body.len();
        write!(cells, " {}{} |", answer.status, if more { ", more" } else { "" }).unwrap();
    }
    let path = if method == "UPGRADE" {
        "upgrade at `/ws?token=`".to_owned()
    } else {
        format!("`{method} {path}`")
    };
    format!("| {path} |{cells}\n")
}

async fn ask(address: SocketAddr, method: &str, path: &str, secret: Option<&str>) -> http::Answer {
    let body = json!({"model": "openclaw", "messages": []}).to_string();
    let request = if method == "UPGRADE" {
        format!(
            "GET {path}{} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            secret.unwrap_or_default()
        )
    } else {
        let bearer = secret.map(|secret| format!("Authorization: Bearer {secret}\r\n"));
        let (kind, body) = match method {
            "POST" => (
                format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
                body.as_str(),
            ),
            _ => (String::new(), ""),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{}{kind}\r\n{body}",
            bearer.unwrap_or_default()
        )
    };
    let mut stream = http::Stream::open(address).await;
    stream.send(request.as_bytes()).await;
    if method != "UPGRADE" {
        return stream.rest().await;
    }
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
