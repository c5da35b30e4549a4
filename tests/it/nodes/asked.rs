//! A command's way to a node and back.

use openclaw_tests::{Device, Peer, TestGateway, peer::connect_params};
use serde_json::json;

use super::{Machine, answer, approved, asked};

#[tokio::test]
async fn a_repetition_gets_the_first_answer_and_the_node_is_asked_once() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let params = machine.invoke("system.which", &json!({ "bins": ["a"] }), "once");
    let first = operator.send("node.invoke", params.clone()).await;
    let request = asked(&mut node).await;
    // While the first is on its way, and from another connection of the same operator.
    let second = operator.send("node.invoke", params.clone()).await;
    // The same key for something else is a mistake, and does not get that answer.
    let other = machine.invoke("system.which", &json!({ "bins": ["b"] }), "once");
    let error = operator.call("node.invoke", other.clone()).await.unwrap_err();
    assert_eq!(error["code"], "INVALID_REQUEST");
    answer(&mut node, &request, &json!({ "n": 1 })).await;
    assert_eq!(operator.answer(&first).await.unwrap()["payload"]["n"], 1);
    assert_eq!(operator.answer(&second).await.unwrap()["payload"]["n"], 1);
    assert_eq!(operator.call("node.invoke", params.clone()).await.unwrap()["payload"]["n"], 1);
    let error = operator.call("node.invoke", other).await.unwrap_err();
    assert_eq!(error["code"], "INVALID_REQUEST");
    // Nor does a restart forget it.
    let state = gateway.stop().await;
    let gateway = TestGateway::open(state).await;
    let mut operator = gateway.operator().await;
    let mut node = machine.connect(&gateway, 4).await;
    assert_eq!(operator.call("node.invoke", params).await.unwrap()["payload"]["n"], 1);
    let fresh = machine.invoke("system.which", &json!({ "bins": ["c"] }), "another");
    let call = operator.send("node.invoke", fresh).await;
    let request = asked(&mut node).await;
    assert_eq!(
        request["paramsJSON"],
        json!({ "bins": ["c"] }).to_string(),
        "only the new one came"
    );
    answer(&mut node, &request, &json!({})).await;
    operator.answer(&call).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_never_came_is_not_asked_for_twice() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.run"]).await;
    let params = machine.invoke("system.run", &json!({ "command": ["reboot"] }), "k");
    operator.send("node.invoke", params.clone()).await;
    asked(&mut node).await;
    // The gateway goes while the program runs: nobody knows what became of it.
    let state = gateway.stop().await;
    let gateway = TestGateway::open(state).await;
    let mut operator = gateway.operator().await;
    let _node = machine.connect(&gateway, 4).await;
    let error = operator.call("node.invoke", params).await.unwrap_err();
    let code = error["details"]["code"].as_str().or(error["details"]["nodeError"]["code"].as_str());
    assert!(matches!(code, Some("OUTCOME_UNKNOWN" | "DISCONNECTED")), "{error}");
    assert_eq!(error["details"]["nodeCommandDispatched"], true, "{error}");
}

#[tokio::test]
async fn whoever_takes_too_long_is_told_to_stop_and_its_answer_is_not_taken() {
    let (_gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let mut params = machine.invoke("system.which", &json!({ "bins": [] }), "k");
    params["timeoutMs"] = json!(50);
    let call = operator.send("node.invoke", params).await;
    let request = asked(&mut node).await;
    assert_eq!(request["timeoutMs"], 50);
    let error = operator.answer(&call).await.unwrap_err();
    assert_eq!(error["message"], "TIMEOUT: node invoke timed out");
    assert_eq!(error["details"]["nodeError"]["code"], "TIMEOUT");
    let cancel = node.event("node.invoke.cancel", |_| true).await;
    assert_eq!(cancel["invokeId"], request["id"]);
    let receipt = answer(&mut node, &request, &json!({})).await;
    assert_eq!(receipt, json!({ "ok": true, "ignored": true }));
}

#[tokio::test]
async fn a_node_is_told_whether_its_progress_is_waited_for() {
    let (_gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let params = machine.invoke("system.which", &json!({ "bins": [] }), "k");
    let call = operator.send("node.invoke", params).await;
    let request = asked(&mut node).await;
    let piece = |id: &serde_json::Value, chunk: &str| json!({ "invokeId": id, "nodeId": machine.id(), "seq": 0, "chunk": chunk });
    let own = piece(&request["id"], "half");
    let told = node.call("node.invoke.progress", own.clone()).await.unwrap();
    assert_eq!(told, json!({ "ok": true, "ignored": false }));
    let told = node.call("node.invoke.progress", piece(&json!("x"), "half")).await.unwrap();
    assert_eq!(told, json!({ "ok": true, "ignored": true }));
    // Bytes count, not letters.
    let long = "ä".repeat(16 * 1024 / 2 + 1);
    let error = node.call("node.invoke.progress", piece(&request["id"], &long)).await.unwrap_err();
    assert_eq!(error["message"], "progress chunk too large");
    let mut foreign = own.clone();
    foreign["nodeId"] = json!("another");
    let error = node.call("node.invoke.progress", foreign).await.unwrap_err();
    assert_eq!(error["message"], "nodeId mismatch");
    answer(&mut node, &request, &json!({ "n": 1 })).await;
    assert_eq!(operator.answer(&call).await.unwrap()["payload"]["n"], 1, "the whole, once");
    assert_eq!(node.call("node.invoke.progress", own).await.unwrap()["ignored"], true);
}

#[tokio::test]
async fn a_nodes_refusal_is_told_as_it_is() {
    let (_gateway, mut operator, machine, mut node) = approved(&["system.run"]).await;
    let params = machine.invoke("system.run", &json!({ "command": ["id"] }), "k");
    let call = operator.send("node.invoke", params).await;
    let request = asked(&mut node).await;
    let refusal = json!({
        "id": request["id"], "nodeId": machine.id(), "ok": false,
        "error": { "code": "UNAVAILABLE", "message": "SYSTEM_RUN_DENIED: approval required" },
    });
    node.call("node.invoke.result", refusal).await.unwrap();
    let error = operator.answer(&call).await.unwrap_err();
    assert_eq!(error["code"], "UNAVAILABLE");
    assert_eq!(error["message"], "UNAVAILABLE: SYSTEM_RUN_DENIED: approval required");
    assert_eq!(error["details"]["nodeError"]["message"], "SYSTEM_RUN_DENIED: approval required");
}

#[tokio::test]
async fn who_is_not_here_cannot_be_asked() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let params = machine.invoke("system.which", &json!({ "bins": [] }), "k");
    let call = operator.send("node.invoke", params).await;
    asked(&mut node).await;
    drop(node);
    let error = operator.answer(&call).await.unwrap_err();
    assert_eq!(error["details"]["nodeError"]["code"], "DISCONNECTED", "{error}");
    let gone = machine.invoke("system.which", &json!({ "bins": [] }), "later");
    let error = operator.call("node.invoke", gone.clone()).await.unwrap_err();
    assert_eq!(error["details"]["code"], "NOT_CONNECTED");
    assert_eq!(error["details"]["nodeCommandDispatched"], false);
    // What was never sent may be asked for again with the same key.
    let mut node = machine.connect(&gateway, 4).await;
    let call = operator.send("node.invoke", gone).await;
    let request = asked(&mut node).await;
    answer(&mut node, &request, &json!({})).await;
    operator.answer(&call).await.unwrap();
    // An id that nobody has.
    let mut unknown = machine.invoke("system.which", &json!({}), "x");
    unknown["nodeId"] = json!("nobody");
    let error = operator.call("node.invoke", unknown.clone()).await.unwrap_err();
    assert_eq!(error["details"]["code"], "PAIRING_CHANGED");
    let mut older = gateway.operator_v3().await;
    let error = older.call("node.invoke", unknown).await.unwrap_err();
    assert_eq!(error["details"], json!({ "code": "NOT_CONNECTED" }));
}

#[tokio::test]
async fn reading_is_not_asking() {
    let (gateway, _operator, machine, _node) = approved(&["system.which", "fs.listDir"]).await;
    let call = async |protocol: u64, scopes: &[&str], command: &str| {
        let mut peer = Peer::open(gateway.address()).await;
        let mut params = connect_params(protocol);
        params["scopes"] = json!(scopes);
        Device::new().sign(&mut params, &peer.nonce);
        peer.shake(params).await.unwrap();
        let params = machine.invoke(command, &json!({}), "k");
        peer.call("node.invoke", params).await.unwrap_err()["message"].clone()
    };
    for protocol in [3, 4] {
        let refused = call(protocol, &["operator.read"], "system.which").await;
        assert_eq!(refused, "missing scope: operator.write", "{protocol}");
        let refused = call(protocol, &["operator.read", "operator.write"], "fs.listDir").await;
        assert_eq!(refused, "missing scope: operator.admin", "{protocol}");
    }
}

#[tokio::test]
async fn both_protocols_meet_at_a_node() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator_v3().await;
    let machine = Machine::new(&["system.which"]);
    let mut node = machine.connect(&gateway, 3).await;
    machine.approve(&mut operator).await;
    let params = machine.invoke("system.which", &json!({ "bins": [] }), "k");
    let call = operator.send("node.invoke", params).await;
    let request = asked(&mut node).await;
    answer(&mut node, &request, &json!({ "bins": {} })).await;
    assert_eq!(operator.answer(&call).await.unwrap()["payload"], json!({ "bins": {} }));
    let event = json!({ "event": "made.up", "payloadJSON": "{}" });
    assert_eq!(node.call("node.event", event).await.unwrap(), json!({ "ok": true }));
    let list = operator.call("node.list", json!({})).await.unwrap();
    assert!(list["nodes"][0]["approvalState"].is_null(), "protocol 3 has no such field");
    // Protocol 3 has no word for progress: it is no method of a node's there.
    let progress = json!({ "invokeId": "x", "nodeId": machine.id(), "seq": 0, "chunk": "" });
    let error = node.call("node.invoke.progress", progress).await.unwrap_err();
    assert_eq!(error["message"], "unauthorized role: node");
}
