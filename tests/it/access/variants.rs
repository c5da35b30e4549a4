//! What a request needs where its parameters decide: the same methods with parameters that matter.

use std::{collections::BTreeMap, fmt::Write as _};

use openclaw_protocol::{Scope, methods::nodes::ADMIN_COMMANDS};
use openclaw_tests::TestGateway;
use serde_json::{Value, json};

use super::{Access, Answer, CALLERS, access, callers, head, rows, word};

/// A request whose parameters decide.
struct Variant {
    method: &'static str,
    /// What is special about it.
    with: String,
    params: Value,
    needs: Scope,
    /// The protocols in which it is the parameters that decide.
    protocols: &'static [u64],
}

const BOTH: &[u64] = &[3, 4];
const NEW: &[u64] = &[4];

/// Fields by which a session gets other rights than it has.
const PATCHED: [&str; 21] = [
    "toolOverrides",
    "elevatedLevel",
    "execHost",
    "execSecurity",
    "execAsk",
    "execNode",
    "permissionMode",
    "sandboxMode",
    "nativeRuntimeConsent",
    "agentRuntime",
    "spawnedBy",
    "spawnedWorkspaceDir",
    "spawnDepth",
    "subagentRole",
    "subagentControlScope",
    "completionOwnerSessionKey",
    "inheritedToolPolicyVersion",
    "inheritedToolAllow",
    "inheritedToolDeny",
    "sendPolicy",
    "groupActivation",
];

fn variants() -> Vec<Variant> {
    let variant = |protocols, method, with: &str, params, needs| Variant {
        method,
        with: with.to_owned(),
        params,
        needs,
        protocols,
    };
    let (read, write, admin) = (Scope::Read, Scope::Write, Scope::Admin);
    let agent = |name: &str, value: Value| json!({"message": "hello", "idempotencyKey": "variant", "sessionKey": "variant", name: value});
    let patch = |name: &str, value: Value| json!({"key": "agent:main:variant", name: value});
    let create = |name: &str, value: Value| json!({"key": "agent:main:variant", name: value});
    let invoke = |command: &str| json!({"nodeId": "no-such-node", "command": command, "idempotencyKey": "variant"});
    let stranger = json!({"deviceId": "0".repeat(64)});
    let mut all = vec![
        variant(BOTH, "system-presence", "nothing", json!({}), read),
        variant(BOTH, "system-presence", "`text`", json!({"text": "here"}), write),
        variant(NEW, "audit.list", "another `deviceId`", stranger, admin),
        variant(NEW, "agent", "a message", agent("thinking", json!("low")), write),
        variant(NEW, "agent", "`model`", agent("model", json!("local/demo")), admin),
        variant(NEW, "agent", "`provider`", agent("provider", json!("local")), admin),
        variant(NEW, "agent", "`cwd`", agent("cwd", json!("/")), admin),
        variant(NEW, "agent", "`extraSystemPrompt`", agent("extraSystemPrompt", json!("x")), admin),
        variant(NEW, "sessions.patch", "`label`", patch("label", json!("mine")), write),
        variant(NEW, "sessions.patch", "`model`", patch("model", json!("local/demo")), write),
        variant(NEW, "sessions.create", "`label`", create("label", json!("mine")), write),
        variant(NEW, "sessions.create", "`cwd`", create("cwd", json!("/")), admin),
        variant(NEW, "sessions.create", "`execNode`", create("execNode", json!("n")), admin),
        variant(NEW, "sessions.delete", "a key", json!({"key": "agent:main:gone"}), admin),
        variant(
            NEW,
            "sessions.delete",
            "`archivedOnly`",
            json!({"key": "agent:main:gone", "archivedOnly": true}),
            write,
        ),
        variant(BOTH, "node.invoke", "`system.run`", invoke("system.run"), write),
        variant(BOTH, "node.invoke", "`camera.snap`", invoke("camera.snap"), write),
    ];
    let patched = PATCHED.map(|name| {
        variant(NEW, "sessions.patch", &format!("`{name}`"), patch(name, Value::Null), admin)
    });
    let commands = ADMIN_COMMANDS
        .map(|name| variant(BOTH, "node.invoke", &format!("`{name}`"), invoke(name), admin));
    all.extend(patched.into_iter().chain(commands));
    all
}

/// Every one with every caller.
pub(super) async fn table() -> String {
    let gateway = TestGateway::start().await;
    let mut document = "\n## By parameters\n\n".to_owned();
    document.push_str(&head("| method | with | protocol | needs |"));
    for protocol in [3, 4] {
        let mut callers = callers(&gateway, protocol).await;
        for variant in variants().iter().filter(|variant| variant.protocols.contains(&protocol)) {
            let Variant { method, with, params, needs, .. } = variant;
            let mut cells = String::new();
            for ((name, scopes), caller) in CALLERS.iter().zip(&mut callers) {
                let answer = caller.ask(method, params.clone()).await;
                let due = Answer::due(Some(Access::Scope(*needs)), *scopes);
                assert_eq!(answer, due, "{method} with {with} of {protocol} by {name}");
                cells.push_str(if answer == Answer::Open { " yes |" } else { " - |" });
            }
            let needs = word(Some(Access::Scope(*needs)));
            writeln!(document, "| `{method}` | {with} | {protocol} | {needs} |{cells}").unwrap();
        }
    }
    document
}

#[test]
fn every_method_whose_parameters_decide_has_both_kinds_of_them() {
    let mut needs: BTreeMap<&str, Vec<Scope>> = BTreeMap::new();
    for variant in variants() {
        needs.entry(variant.method).or_default().push(variant.needs);
    }
    for spec in rows().filter(|spec| access(spec, 4) == Some(Access::Dynamic)) {
        let needs = needs.get(spec.name).cloned().unwrap_or_default();
        for scope in [Scope::Write, Scope::Admin] {
            assert!(needs.contains(&scope), "{} has no parameters that need {scope:?}", spec.name);
        }
    }
}
