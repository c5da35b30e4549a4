//! A node's own `exec-approvals.json`, seen from the gateway.

use openclaw_tests::{Peer, peer::connect_params};
use serde_json::{Value, json};

use super::{answer, approved, asked};

const COMMANDS: &[&str] = &["system.execApprovals.get", "system.execApprovals.set"];

fn told(file: &Value) -> Value {
    json!({ "path": "/n/exec-approvals.json", "exists": true, "hash": "h1", "file": file })
}

#[tokio::test]
async fn a_nodes_rules_are_read_and_written_by_who_administers() {
    let (gateway, mut operator, machine, mut node) = approved(COMMANDS).await;
    let call = operator.send("exec.approvals.node.get", json!({ "nodeId": machine.id() })).await;
    let request = asked(&mut node).await;
    assert_eq!(request["command"], "system.execApprovals.get");
    let file = json!({
        "version": 1, "socket": { "path": "/s", "token": "hush" }, "defaults": { "ask": "always" },
        "later": { "odd": 1 },
    });
    answer(&mut node, &request, &told(&file)).await;
    let got = operator.answer(&call).await.unwrap();
    assert_eq!((&got["path"], &got["hash"]), (&json!("/n/exec-approvals.json"), &json!("h1")));
    assert_eq!(got["file"]["defaults"]["ask"], "always");
    assert!(!got.to_string().contains("hush"), "{got}");

    let params = json!({ "nodeId": machine.id(), "file": got["file"], "baseHash": got["hash"] });
    let call = operator.send("exec.approvals.node.set", params).await;
    let request = asked(&mut node).await;
    assert_eq!(request["command"], "system.execApprovals.set");
    let wanted: Value = serde_json::from_str(request["paramsJSON"].as_str().unwrap()).unwrap();
    assert_eq!((&wanted["file"], &wanted["baseHash"]), (&got["file"], &json!("h1")));
    let changed = json!({
        "id": request["id"], "nodeId": machine.id(), "ok": false,
        "error": { "code": "INVALID_REQUEST", "message": "exec approvals changed since last load" },
    });
    node.call("node.invoke.result", changed).await.unwrap();
    let refused = operator.answer(&call).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("changed since last load"), "{refused}");

    // Whoever only writes neither sees nor changes it.
    let mut writer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params["scopes"] = json!(["operator.read", "operator.write", "operator.approvals"]);
    writer.shake(params).await.unwrap();
    for (method, params) in [
        ("exec.approvals.node.get", json!({ "nodeId": machine.id() })),
        ("exec.approvals.node.set", json!({ "nodeId": machine.id(), "file": { "version": 1 } })),
    ] {
        let refused = writer.call(method, params).await.unwrap_err();
        assert_eq!(refused["message"], "missing scope: operator.admin", "{method}");
    }
}

#[tokio::test]
async fn rules_come_from_a_node_that_is_here_and_may_tell_them() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let params = json!({ "nodeId": machine.id() });
    let refused = operator.call("exec.approvals.node.get", params.clone()).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("not allowed"), "{refused}");
    let refused = operator.call("exec.approvals.node.get", json!({ "nodeId": "none" })).await;
    assert_eq!(refused.unwrap_err()["code"], "UNAVAILABLE");
    let odd = json!({ "nodeId": machine.id(), "file": { "version": 2 } });
    let refused = operator.call("exec.approvals.node.set", odd).await.unwrap_err();
    assert_eq!(refused["code"], "INVALID_REQUEST");
    drop(node);
    // It comes back with more, which is approved; what it then tells is no file.
    let machine = super::Machine { commands: COMMANDS.to_vec(), ..machine };
    node = machine.connect(&gateway, 4).await;
    machine.approve(&mut operator).await;
    let call = operator.send("exec.approvals.node.get", params).await;
    let request = asked(&mut node).await;
    answer(&mut node, &request, &json!({ "hash": 1 })).await;
    let refused = operator.answer(&call).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("no exec-approvals.json"), "{refused}");
}
