//! `exec-approvals.json`.

use openclaw_tests::TestGateway;
use serde_json::{Value, json};

use super::refusal;

#[tokio::test]
async fn a_change_names_the_text_that_it_is_based_on() {
    let gateway = TestGateway::start().await;
    let path = gateway.state().path().join("exec-approvals.json");
    let mut operator = gateway.operator().await;
    let empty = operator.call("exec.approvals.get", json!({})).await.unwrap();
    assert_eq!((&empty["exists"], &empty["file"]["version"]), (&json!(false), &json!(1)));
    assert_eq!(empty["resolvedDefaults"]["security"], "deny");
    assert!(!path.exists(), "to look at it does not make it");

    let first = json!({"version": 1, "agents": {"main": {"security": "allowlist",
        "allowlist": [{"pattern": "/usr/bin/git"}]}}});
    let params = json!({"file": first, "baseHash": empty["hash"]});
    let written = operator.call("exec.approvals.set", params).await.unwrap();
    assert_eq!(written["file"]["agents"]["main"]["allowlist"][0]["pattern"], "/usr/bin/git");
    assert_eq!(mode(&path), 0o600);

    // A second client that looked at the text before does not take it away.
    let mut other = gateway.operator_v3().await;
    let params = json!({"file": {"version": 1}, "baseHash": empty["hash"]});
    let refused = refusal(other.call("exec.approvals.set", params).await);
    assert!(refused.contains("exec approvals changed since last load"), "{refused}");
    let refused = refusal(other.call("exec.approvals.set", json!({"file": {"version": 1}})).await);
    assert!(refused.contains("base hash"), "{refused}");
    let now = other.call("exec.approvals.get", json!({})).await.unwrap();
    assert_eq!(now["hash"], written["hash"]);
    let params = json!({"file": {"version": 1}, "baseHash": now["hash"]});
    let third = other.call("exec.approvals.set", params).await.unwrap();
    assert_eq!(third["file"]["agents"].as_object().map_or(0, serde_json::Map::len), 0);
}

#[tokio::test]
async fn the_secret_of_the_socket_stays_and_is_not_told() {
    let gateway = TestGateway::start().await;
    let path = gateway.state().path().join("exec-approvals.json");
    let text = json!({"version": 1, "socket": {"path": "/run/x.sock", "token": "hush-hush"},
        "defaults": {"ask": "always"}, "future": {"kept": true}});
    std::fs::write(&path, text.to_string()).unwrap();
    let mut operator = gateway.operator().await;
    let got = operator.call("exec.approvals.get", json!({})).await.unwrap();
    assert!(!got.to_string().contains("hush"), "{got}");
    let mut file = got["file"].clone();
    file["defaults"]["security"] = json!("full");
    let params = json!({"file": file, "baseHash": got["hash"]});
    let written = operator.call("exec.approvals.set", params).await.unwrap();
    assert!(!written.to_string().contains("hush"), "{written}");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(kept["socket"]["token"], "hush-hush");
    assert_eq!(kept["future"], json!({"kept": true}));
    assert_eq!(kept["defaults"], json!({"security": "full", "ask": "always"}));
}

#[tokio::test]
async fn a_broken_file_allows_nothing() {
    let gateway = TestGateway::start().await;
    let path = gateway.state().path().join("exec-approvals.json");
    let mut operator = gateway.operator().await;
    for text in ["{", "[]", r#"{"version": 2}"#, r#"{"version":1,"defaults":{"security":"ful"}}"#] {
        std::fs::write(&path, text).unwrap();
        let got = operator.call("exec.approvals.get", json!({})).await.unwrap();
        assert_eq!(got["resolvedDefaults"]["security"], "deny", "{text}: {got}");
        assert_eq!(got["exists"], true);
    }
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
