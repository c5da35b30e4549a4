//! The spellings of the file and what follows from them.

use std::path::Path;

use serde_json::{Value, json};

use super::{Config, DmScope, ModelApi, ModelChoice, QueueMode, ResolvedAgent};

fn config(value: Value) -> Config {
    serde_json::from_value(value).unwrap()
}

fn agents(value: Value) -> Vec<ResolvedAgent> {
    config(value).resolved_agents(Path::new("/home/u"), Path::new("/home/u/.openclaw"))
}

fn shown(value: Value) -> Vec<String> {
    agents(value)
        .into_iter()
        .map(|agent| {
            let mark = if agent.is_default { "*" } else { "" };
            format!("{}{mark} {}", agent.id, agent.workspace.display())
        })
        .collect()
}

#[test]
fn main_exists_in_an_empty_file() {
    assert_eq!(shown(json!({})), ["main* /home/u/.openclaw/workspace"]);
    assert_eq!(config(json!({})).agents.defaults.max_concurrent, 4);
}

#[test]
fn the_default_is_the_marked_one_or_the_first() {
    let two =
        |mark: bool| json!({"agents": {"list": [{"id": "Ops"}, {"id": "dev", "default": mark}]}});
    assert_eq!(
        shown(two(false)),
        [
            "main /home/u/.openclaw/workspace-main",
            "ops* /home/u/.openclaw/workspace",
            "dev /home/u/.openclaw/workspace-dev",
        ]
    );
    assert_eq!(shown(two(true))[2], "dev* /home/u/.openclaw/workspace");
    let marks = shown(two(true)).iter().filter(|agent| agent.contains('*')).count();
    assert_eq!(marks, 1);
}

#[test]
fn a_list_of_named_agents_is_read() {
    let value = json!({"agents": [
        {"name": "Code Reviewer", "role": "reviews", "capabilities": ["rust"], "model": "a/b", "port": 1},
        {"name": "main"}, {"name": "code-reviewer"}, {"role": "nobody"}
    ]});
    let found = agents(value);
    assert_eq!(
        found.iter().map(|agent| agent.id.as_str()).collect::<Vec<_>>(),
        ["code-reviewer", "main"]
    );
    assert_eq!(found[0].identity.theme.as_deref(), Some("reviews, rust"));
    assert_eq!(found[0].model, Some(ModelChoice::One("a/b".into())));
}

#[test]
fn workspaces_are_found_in_their_order() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("agents").join("dev");
    std::fs::create_dir_all(&folder).unwrap();
    let mut value = json!({"workspace": root.path(), "agents": [{"name": "dev"}]});
    let of_dev = |value: &Value| agents(value.clone()).pop().unwrap().workspace;
    assert_eq!(of_dev(&value), Path::new("/home/u/.openclaw/workspace"));
    std::fs::write(folder.join("SOUL.md"), "x").unwrap();
    assert_eq!(of_dev(&value), folder);
    value["agent"] = json!({"workspace": "~/legacy"});
    assert_eq!(of_dev(&value), Path::new("/home/u/legacy"));
    value["agents"] = json!({"defaults": {"workspace": "~/common"}, "list": [{"id": "dev"}]});
    assert_eq!(of_dev(&value), Path::new("/home/u/common"));
    value["agents"]["list"][0]["workspace"] = json!("own");
    assert_eq!(of_dev(&value), Path::new("/home/u/own"));
}

#[test]
fn models_are_a_text_or_an_object() {
    let config = config(json!({
        "agents": {"defaults": {"model": {"primary": "p/m", "fallbacks": ["q/n"]}},
            "list": [{"id": "dev", "model": "r/o"}]}
    }));
    assert_eq!(config.model_of("main").and_then(ModelChoice::primary), Some("p/m"));
    assert_eq!(config.model_of("main").unwrap().fallbacks(), ["q/n"]);
    assert_eq!(config.model_of("dev").and_then(ModelChoice::primary), Some("r/o"));
}

#[test]
fn sections_are_tolerant_and_keep_secrets_out_of_debug() {
    let config = config(json!({
        "models": {"mode": "merge", "unknown": 1, "providers": {"mock": {
            "baseUrl": "http://127.0.0.1:1/v1", "apiKey": "canary", "api": "openai-completions",
            "headers": {"x-a": {"source": "env", "provider": "default", "id": "X"}},
            "models": [{"id": "echo", "name": "Mock Echo", "input": ["text", "image"],
                "cost": {"input": 0}, "contextWindow": 128_000, "params": {}}]}}},
        "session": {"dmScope": "per-channel-peer", "reset": {"mode": "idle", "idleMinutes": 5}},
        "messages": {"queue": {"mode": "queue", "byChannel": {"discord": "steer+backlog"}}},
        "tools": {"profile": "coding", "deny": ["exec"], "web": {}}
    }));
    let mock = &config.models.providers["mock"];
    assert_eq!(mock.api, Some(ModelApi::OpenaiCompletions));
    assert_eq!(mock.api_key.as_ref().unwrap().text(), Some("canary"));
    assert_eq!(mock.headers["x-a"].text(), None);
    assert!(!format!("{config:?}").contains("canary"));
    assert_eq!(config.session.dm_scope, DmScope::PerChannelPeer);
    assert_eq!(config.messages.queue.mode, QueueMode::Steer);
    assert_eq!(config.messages.queue.by_channel["discord"], QueueMode::SteerBacklog);
}

#[test]
fn the_schema_names_the_paths_of_the_file() {
    let schema = schemars::schema_for!(Config).to_value();
    for path in ["models", "agents", "session", "messages", "tools", "agent", "workspace"] {
        assert!(schema.pointer(&format!("/properties/{path}")).is_some(), "{path}");
    }
    assert!(schema.pointer("/$defs/ModelProvider/properties/baseUrl").is_some());
    assert!(schema.pointer("/$defs/SendPolicyRule/properties/match").is_some());
}
