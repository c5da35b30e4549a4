//! What plugins want, and the methods that are for requests of any kind.

use openclaw_tests::TestGateway;
use serde_json::{Value, json};

use super::{approver, command, refusal};

#[tokio::test]
async fn a_plugin_asks() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let params = json!({"pluginId": "mail", "title": "Send a mail", "description": "To\nall \u{202e}",
        "severity": "critical", "allowedDecisions": ["allow-once", "deny"], "twoPhase": true});
    let request = asker.send("plugin.approval.request", params).await;
    let accepted = asker.answer(&request).await.unwrap();
    let id = accepted["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("plugin:"), "{id}");
    let asked = approver.event("plugin.approval.requested", |asked| asked["id"] == *id).await;
    assert_eq!(asked["request"]["title"], "Send a mail");
    assert_eq!(asked["request"]["description"], "To\nall \\u{202E}");
    let listed = approver.call("plugin.approval.list", json!({})).await.unwrap();
    assert_eq!(listed[0]["id"], *id);
    let always = json!({"id": id, "decision": "allow-always"});
    let refused = refusal(approver.call("plugin.approval.resolve", always).await);
    assert!(refused.contains("allow-always is unavailable"), "{refused}");
    let once = json!({"id": id, "decision": "allow-once"});
    approver.call("plugin.approval.resolve", once).await.unwrap();
    assert_eq!(asker.answer(&request).await.unwrap()["decision"], "allow-once");
    let told = approver.event("plugin.approval.resolved", |told| told["id"] == *id).await;
    assert_eq!(told["decision"], "allow-once");
    let found = asker.call("plugin.approval.waitDecision", json!({"id": id})).await.unwrap();
    assert_eq!(found["decision"], "allow-once");
    // A name that begins as theirs is kept for them.
    let refused = refusal(asker.call("exec.approval.request", command("plugin:x", &["ls"])).await);
    assert!(refused.contains("reserved"), "{refused}");
}

#[tokio::test]
async fn any_kind_is_decided_at_one_door() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let mut ask = async |id: &str| {
        let mut params = command(id, &["ls", id]);
        params["twoPhase"] = json!(true);
        asker.call("exec.approval.request", params).await.unwrap();
    };
    for id in ["a", "b", "c"] {
        ask(id).await;
    }
    let waiting = approver.call("approval.get", json!({"id": "a"})).await.unwrap();
    assert_eq!(waiting["approval"]["status"], "pending");
    assert_eq!(waiting["approval"]["urlPath"], "/approve/a");
    assert!(waiting["approval"].get("resolver").is_none(), "{waiting}");

    let decide = |id: &str, kind: &str, decision: &str| json!({"id": id, "kind": kind, "decision": decision});
    let done = approver.call("approval.resolve", decide("a", "exec", "allow-once")).await.unwrap();
    assert_eq!((&done["applied"], &done["approval"]["status"]), (&json!(true), &json!("allowed")));
    assert_eq!(done["approval"]["resolver"]["kind"], "runtime");
    let again = approver.call("approval.resolve", decide("a", "exec", "deny")).await.unwrap();
    assert_eq!(
        (&again["applied"], &again["approval"]["decision"]),
        (&json!(false), &json!("allow-once"))
    );
    // Who takes it for something else has not looked: it is over, and was no yes.
    let odd = approver.call("approval.resolve", decide("b", "plugin", "allow-once")).await.unwrap();
    assert_eq!(
        (&odd["approval"]["status"], &odd["approval"]["reason"]),
        (&json!("denied"), &json!("malformed-verdict"))
    );
    let found = approver.call("exec.approval.waitDecision", json!({"id": "b"})).await.unwrap();
    assert_eq!(found["decision"], Value::Null);
    let none = approver.call("approval.resolve", decide("z", "exec", "deny")).await;
    assert_eq!(refusal(none), "approval not found");
    approver.call("approval.resolve", decide("c", "exec", "deny")).await.unwrap();

    // Latest first, page by page.
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let mut params = json!({"limit": 2});
        if !cursor.is_null() {
            params["cursor"] = cursor;
        }
        let mut page = approver.call("approval.history", params).await.unwrap();
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        cursor = page["nextCursor"].take();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(ids, ["c", "b", "a"]);
    let plugins = approver.call("approval.history", json!({"kind": "plugin"})).await.unwrap();
    assert_eq!(plugins["items"], json!([]));
    let odd = approver.call("approval.history", json!({"cursor": "x"})).await;
    assert_eq!(refusal(odd), "invalid approval.history cursor");
}

/// Who clicked on a channel, how long a yes lasts, and another kind's request.
#[tokio::test]
async fn what_is_not_a_clients_to_say_decides_nothing() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let mut params = command("a", &["ls"]);
    params["twoPhase"] = json!(true);
    asker.call("exec.approval.request", params).await.unwrap();
    let reviewer = json!({"channel": "c", "accountId": "a", "senderId": "s"});
    for (method, name, said) in [
        ("exec.approval.resolve", "reviewer", reviewer.clone()),
        ("approval.resolve", "reviewer", reviewer),
        ("exec.approval.resolve", "grantExpiresInDays", json!(1)),
        ("approval.resolve", "grantExpiresInDays", json!(1)),
    ] {
        let mut yes = json!({"id": "a", "decision": "allow-once"});
        if method == "approval.resolve" {
            yes["kind"] = json!("exec");
        }
        yes[name] = said;
        approver.call(method, yes).await.unwrap_err();
        let waiting = approver.call("approval.get", json!({"id": "a"})).await.unwrap();
        assert_eq!(waiting["approval"]["status"], "pending", "{method} {name}");
    }
    let no = json!({"id": "a", "decision": "deny"});
    approver.call("exec.approval.resolve", no).await.unwrap();
    // What has ended is no request that waits, and it is no plugin's and no question.
    for (method, id) in [
        ("exec.approval.get", "a"),
        ("plugin.approval.waitDecision", "a"),
        ("question.get", "a"),
        ("question.waitAnswer", "a"),
    ] {
        let refused = approver.call(method, json!({ "id": id })).await;
        assert!(refused.is_err(), "{method}: {refused:?}");
    }
}
