//! Who may ask what: every method in both protocols by every role and scope, every HTTP route with every
//! credential. What a gateway answers is compared with the rule and written to docs/access.md.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr};

use expect_test::expect_file;
use openclaw_protocol::{
    MethodSpec, Scope, Version,
    method::Access,
    methods::{self},
};
use openclaw_tests::{Device, Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};

mod recorded;
mod routes;
mod variants;

use recorded::RECORDED;

/// Where this gateway asks for something else than the recorded ones, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("node.register", "of an older description, for its door: what it makes may nothing"),
    ("node.heartbeat", "the same"),
    ("deadLetters.list", "a method of this gateway alone"),
    ("deadLetters.discard", "a method of this gateway alone"),
];

/// What somebody asked for and was given, by the names on the wire; a node has none.
type Scopes = Option<&'static [&'static str]>;

/// Who asks: an operator with each scope alone, with none, with sets that are given together, or a node.
const CALLERS: [(&str, Scopes); 16] = [
    ("nothing", Some(&[])),
    ("read", Some(&["operator.read"])),
    ("write", Some(&["operator.write"])),
    ("approvals", Some(&["operator.approvals"])),
    ("pairing", Some(&["operator.pairing"])),
    ("questions", Some(&["operator.questions"])),
    ("talk", Some(&["operator.talk"])),
    ("talk.secrets", Some(&["operator.talk.secrets"])),
    ("sessions.read", Some(&["operator.sessions.read"])),
    ("sessions.write", Some(&["operator.sessions.write"])),
    ("read+approvals", Some(&["operator.read", "operator.approvals"])),
    ("write+pairing", Some(&["operator.write", "operator.pairing"])),
    // What the secret is worth from another machine without a device, and what a limited setup code gives.
    (
        "remote",
        Some(&["operator.read", "operator.write", "operator.approvals", "operator.pairing"]),
    ),
    (
        "limited",
        Some(&[
            "operator.read",
            "operator.write",
            "operator.approvals",
            "operator.questions",
            "operator.talk.secrets",
        ]),
    ),
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
    fn due(access: Option<Access>, caller: Scopes) -> Self {
        let has = |name: &str| caller.is_some_and(|scopes| scopes.contains(&name));
        let holds = |scope: Scope| {
            has(scope.name())
                || has("operator.admin")
                || scope == Scope::Read && has("operator.write")
        };
        match (access, caller.is_none()) {
            (Some(Access::Open), _) | (Some(Access::Node), true) => Self::Open,
            (Some(Access::Node), false) | (_, true) => Self::Role,
            (None, false) if has("operator.admin") => Self::Unknown,
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
    scopes: Scopes,
    device: Device,
    peer: Peer,
    asked: usize,
}

impl<'a> Caller<'a> {
    async fn new(gateway: &'a TestGateway, protocol: u64, scopes: Scopes) -> Self {
        let device = Device::new();
        let peer = connect(gateway.address(), protocol, scopes, &device).await;
        Self { gateway, protocol, scopes, device, peer, asked: 0 }
    }

    async fn ask(&mut self, method: &str, params: Value) -> Answer {
        self.asked += 1;
        if self.asked.is_multiple_of(IN_A_ROW) {
            let Self { gateway, protocol, scopes, .. } = *self;
            self.peer = connect(gateway.address(), protocol, scopes, &self.device).await;
        }
        Answer::of(&self.peer.call(method, params).await)
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

/// Every caller, connected.
async fn callers(gateway: &TestGateway, protocol: u64) -> Vec<Caller<'_>> {
    let mut callers = Vec::new();
    for (_, scopes) in CALLERS {
        callers.push(Caller::new(gateway, protocol, scopes).await);
    }
    callers
}

/// The head of a table whose last columns are the callers.
fn head(columns: &str) -> String {
    let names = CALLERS.map(|(name, _)| format!(" {name} |")).concat();
    let rule = "---|".repeat(columns.matches('|').count() - 1 + CALLERS.len());
    format!("{columns}{names}\n|{rule}\n")
}

#[test]
fn every_scope_has_a_column_of_its_own() {
    for scope in Scope::ALL {
        let alone = CALLERS.iter().any(|(_, scopes)| *scopes == Some(&[scope.name()]));
        assert!(alone, "{}", scope.name());
    }
}

#[tokio::test]
async fn every_method_asks_every_caller_for_what_the_tables_say() {
    let gateway = TestGateway::start().await;
    let mut document = HEAD.to_owned();
    for protocol in [3, 4] {
        write!(document, "\n## Methods in protocol {protocol}\n\n").unwrap();
        document.push_str(&head("| method | needs | recorded |"));
        let mut callers = callers(&gateway, protocol).await;
        for spec in rows() {
            let rule = access(spec, protocol);
            let mut cells = String::new();
            for ((name, scopes), caller) in CALLERS.iter().zip(&mut callers) {
                let answer = caller.ask(spec.name, json!({})).await;
                let due = Answer::due(rule, *scopes);
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
    document.push_str(&variants::table().await);
    document.push_str(&routes::table().await);
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
role, `dynamic` decides by the parameters, `-` is refused, or not there. A column is an operator with this one scope, with several, or with none, or a
node. `remote` is read, write, approvals and pairing, what the secret is worth from another machine without a device; `limited` is what a limited setup
code gives: read, write, approvals, questions and talk.secrets.
";
