use expect_test::{Expect, expect};

use super::*;
use crate::config::json5;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    let mut sources = Sources::default();
    let id = sources.add("c".into(), text.to_owned());
    let mut root = json5::parse(text, id).unwrap();
    let notes = normalise(&mut root, &sources);
    let mut shown = root.to_value().to_string();
    for note in notes {
        shown.push('\n');
        shown += &note.to_string();
    }
    expected.assert_eq(&shown);
}

#[test]
fn lists_of_agents() {
    check(
        "{ agents: [ { name: 'Ops Bot', role: 'ops', model: 'm', port: 4001, capabilities: ['a'] }, { id: 'x', identity: { role: 'kept' }, role: 'y' } ] }",
        &expect![[r#"
            {"agents":{"list":[{"capabilities":["a"],"model":"m","name":"Ops Bot","role":"ops"},{"id":"x","identity":{"role":"kept"},"role":"y"}]}}
            c:1:11: agents: a list is read as agents.list
            c:1:63: agents.0.port: agents have no port of their own; all are reached through the gateway's"#]],
    );
    check(
        "{ agents: { list: [ { id: 'main' } ] } }",
        &expect![[r#"{"agents":{"list":[{"id":"main"}]}}"#]],
    );
}

#[test]
fn workspaces() {
    check(
        "{ agent: { workspace: '~/w' } }",
        &expect![[r#"
        {"agent":{"workspace":"~/w"}}
        c:1:23: agent.workspace: read as agents.defaults.workspace"#]],
    );
    check(
        "{ agent: { workspace: '~/w' }, agents: { defaults: { workspace: '~/v' } } }",
        &expect![[r#"
        {"agent":{"workspace":"~/w"},"agents":{"defaults":{"workspace":"~/v"}}}
        c:1:23: agent.workspace: not used, because agents.defaults.workspace is set"#]],
    );
    check(
        "{ workspace: 'w', agents: [ { name: 'ops' } ] }",
        &expect![[r#"
        {"agents":{"list":[{"name":"ops"}]},"workspace":"w"}
        c:1:27: agents: a list is read as agents.list
        c:1:14: workspace: agents/<name> under it is read as an agent's workspace"#]],
    );
}

#[test]
fn http_switches() {
    check(
        "{ http: { endpoints: { chatCompletions: { enabled: true } } } }",
        &expect![[r#"
        {"gateway":{"http":{"endpoints":{"chatCompletions":{"enabled":true}}}}}
        c:1:9: http: read as gateway.http"#]],
    );
    check(
        "{ gateway: { http: { chatCompletions: true, openResponses: false } } }",
        &expect![[r#"
        {"gateway":{"http":{"endpoints":{"chatCompletions":{"enabled":true},"responses":{"enabled":false}}}}}
        c:1:39: gateway.http.chatCompletions: read as gateway.http.endpoints.chatCompletions.enabled
        c:1:60: gateway.http.openResponses: read as gateway.http.endpoints.responses.enabled"#]],
    );
    check(
        "{ gateway: { http: { chatCompletions: false, endpoints: { chatCompletions: { enabled: true } }, openResponses: true } } }",
        &expect![[r#"
            {"gateway":{"http":{"endpoints":{"chatCompletions":{"enabled":false},"responses":{"enabled":true}}}}}
            c:1:39: gateway.http.chatCompletions: read as gateway.http.endpoints.chatCompletions.enabled
            c:1:112: gateway.http.openResponses: read as gateway.http.endpoints.responses.enabled"#]],
    );
}

#[test]
fn bind_auth_and_reload() {
    check(
        "{ gateway: { bind: '192.0.2.1', customBindHost: '192.0.2.9' } }",
        &expect![[r#"
        {"gateway":{"bind":"custom","customBindHost":"192.0.2.1"}}
        c:1:20: gateway.bind: an address is read as custom with customBindHost"#]],
    );
    check(
        "{ gateway: { bind: 'localhost', reload: { debounce: 5 } } }",
        &expect![[r#"
        {"gateway":{"bind":"loopback","reload":{"debounceMs":5}}}
        c:1:53: gateway.reload.debounce: read as debounceMs"#]],
    );
    check(
        "{ gateway: { auth: { mode: 'tailscale' } } }",
        &expect![[r#"
        {"gateway":{"auth":{"allowTailscale":true,"mode":"tailscale"}}}
        c:1:28: gateway.auth.mode: tailscale is read as token with allowTailscale"#]],
    );
    check(
        "{ gateway: { auth: { mode: 'device' } } }",
        &expect![[r#"
        {"gateway":{"auth":{"mode":"device"}}}
        c:1:28: gateway.auth.mode: device is read as token, where other machines need a paired device's token"#]],
    );
    check(
        "{ gateway: 7, agents: 'x', http: 1 }",
        &expect![[r#"
        {"agents":"x","gateway":7}
        c:1:34: http: read as gateway.http"#]],
    );
}

#[test]
fn edits_find_the_shape_of_the_file() {
    let root = json5::parse(
        "{ agents: [], agent: { workspace: 'x' }, gateway: { reload: { debounce: 1 } } }",
        0,
    )
    .unwrap();
    let found = |path: &str| {
        let steps: Vec<_> = path.split('.').map(str::to_owned).collect();
        found_path(&root, &steps).join(".")
    };
    assert_eq!(found("agents.list.0.model"), "agents.0.model");
    assert_eq!(found("agents.defaults.workspace"), "agent.workspace");
    assert_eq!(found("gateway.reload.debounceMs"), "gateway.reload.debounce");
    assert_eq!(found("gateway.port"), "gateway.port");
}
