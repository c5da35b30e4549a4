//! What was decided about nodes and about programs, and what nodes made up, is in the audit record.

use openclaw_tests::{Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};

use super::{Machine, answer, approved, asked};

const COMMANDS: &[&str] = &["system.run", "system.execApprovals.set"];

/// The entries of one kind, the latest first.
fn of(list: &Value, action: &str) -> Vec<Value> {
    let entries = list["events"].as_array().unwrap().iter();
    entries.filter(|entry| entry["action"] == action).cloned().collect()
}

/// A program on the node, which another device does not allow.
async fn denied(operator: &mut Peer, decider: &mut Peer, machine: &Machine) {
    let plan = json!({ "argv": ["/usr/bin/id"], "cwd": null, "commandText": "id", "agentId": null,
        "sessionKey": null });
    let asks = json!({ "id": "asked", "host": "node", "nodeId": machine.id(), "systemRunPlan": plan,
        "requireDeliveryRoute": false, "twoPhase": true });
    operator.call("exec.approval.request", asks).await.unwrap();
    let verdict = json!({ "id": "asked", "decision": "deny" });
    decider.call("exec.approval.resolve", verdict).await.unwrap();
}

#[tokio::test]
async fn decisions_about_nodes_and_programs_are_recorded() {
    let (gateway, mut operator, machine, mut node) = approved(COMMANDS).await;
    let mut decider = gateway.operator_v3().await;
    let by = decider.hello["auth"]["deviceToken"].clone();
    assert!(by.is_string(), "it has come as a device");

    // A second machine is not let in; the first one is let go at last.
    let other = Machine::new(&["system.which"]);
    let _unwanted = other.connect(&gateway, 4).await;
    let request = other.request(&mut operator).await.unwrap()["requestId"].clone();
    operator.call("node.pair.reject", json!({ "requestId": request })).await.unwrap();

    denied(&mut operator, &mut decider, &machine).await;
    let rules = json!({ "version": 1, "agents": { "main": { "allowlist": [{ "pattern": "/x/canary" }] } } });
    let written = operator.call("exec.approvals.set", json!({ "file": rules })).await.unwrap();
    let params = json!({ "nodeId": machine.id(), "file": rules });
    let call = operator.send("exec.approvals.node.set", params).await;
    let request = asked(&mut node).await;
    let told = json!({ "path": "/n", "exists": true, "hash": "h2", "file": rules });
    answer(&mut node, &request, &told).await;
    operator.answer(&call).await.unwrap();

    // What nobody had asked for.
    for _ in 0..2 {
        let made_up = json!({ "runId": "mine", "sessionKey": "agent:main:main" }).to_string();
        let params = json!({ "event": "exec.finished", "payloadJSON": made_up });
        node.call("node.event", params).await.unwrap();
    }
    operator.call("node.pair.remove", json!({ "nodeId": machine.id() })).await.unwrap();
    drop((operator, decider, node));

    let gateway = TestGateway::open(gateway.stop().await).await;
    let list = gateway.operator().await.call("audit.list", json!({})).await.unwrap();
    assert!(!list.to_string().contains("canary"), "the rules themselves are in their file: {list}");
    let secret = json!({ "type": "proof", "id": "shared-secret" });
    let expected = [
        ("node.approved", machine.id(), json!({ "commands": COMMANDS.join(" ") })),
        ("node.rejected", other.id(), json!({ "commands": "system.which" })),
        ("node.forgotten", machine.id(), json!({})),
    ];
    for (action, node, detail) in expected {
        let entries = of(&list, action);
        let [entry] = entries.as_slice() else { panic!("{action}: {list}") };
        let seen = (&entry["deviceId"], &entry["actor"], &entry["status"]);
        assert_eq!(seen, (&json!(node), &secret, &json!("succeeded")), "{action}");
        let sorted = |text: &Value| {
            let mut words: Vec<_> = text.as_str().unwrap_or_default().split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        };
        assert_eq!(sorted(&entry["detail"]["commands"]), sorted(&detail["commands"]), "{action}");
    }
    let decided = &of(&list, "exec.decided")[0];
    assert_eq!(
        (&decided["deviceId"], &decided["actor"]["type"]),
        (&json!(machine.id()), &json!("device"))
    );
    let detail = json!({ "approval": "asked", "decision": "deny", "for": "shared:operator" });
    assert_eq!(decided["detail"], detail);
    let rules: Vec<_> = of(&list, "exec.rules")
        .iter()
        .map(|entry| {
            assert_eq!(entry["actor"], secret);
            (entry["deviceId"].clone(), entry["detail"]["hash"].clone())
        })
        .collect();
    assert_eq!(rules, [(json!(machine.id()), json!("h2")), (Value::Null, written["hash"].clone())]);
    let forged = &of(&list, "node.forged")[0];
    assert_eq!(
        (&forged["deviceId"], &forged["count"], &forged["status"]),
        (&json!(machine.id()), &json!(2), &json!("blocked"))
    );
    let reason = "exec.finished of a program that it was not asked to run";
    assert_eq!(forged["detail"]["reason"], reason);
}

#[tokio::test]
async fn who_decides_without_the_right_to_is_recorded() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(&["system.run"]);
    let _node = machine.connect(&gateway, 4).await;
    let mut operator = gateway.operator().await;
    let request = machine.request(&mut operator).await.unwrap()["requestId"].clone();
    let mut weak = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params["scopes"] = json!(["operator.read", "operator.write", "operator.pairing"]);
    weak.shake(params).await.unwrap();
    let refused = weak.call("node.pair.approve", json!({ "requestId": request })).await;
    refused.unwrap_err();
    let list = operator.call("audit.list", json!({ "status": "blocked" })).await.unwrap();
    let denied = &of(&list, "device.denied")[0];
    let reason = denied["detail"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("node.pair.approve: "), "{list}");
    assert!(of(&list, "node.approved").is_empty());
}
