//! What waits for a node until it comes.

use openclaw_tests::TestGateway;
use serde_json::{Value, json};

use super::{Machine, approved, asked};

fn ids(items: &Value) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn work_waits_on_the_disk_and_goes_when_it_is_acknowledged() {
    let (gateway, mut operator, machine, node) = approved(&["system.which"]).await;
    drop(node);
    let left = json!({ "nodeId": machine.id(), "type": "location.request", "priority": "high" });
    let queued = operator.call("node.pending.enqueue", left.clone()).await.unwrap();
    assert_eq!(queued["queued"]["type"], "location.request");
    assert_eq!(queued["wakeTriggered"], false, "nothing here wakes a node that is away");
    let again = operator.call("node.pending.enqueue", left).await.unwrap();
    assert_eq!(again["queued"]["id"], queued["queued"]["id"], "one of a kind waits");
    let state = gateway.stop().await;
    let gateway = TestGateway::open(state).await;
    let mut node = machine.connect(&gateway, 4).await;
    let drained = node.call("node.pending.drain", json!({})).await.unwrap();
    let id = queued["queued"]["id"].as_str().unwrap().to_owned();
    assert!(ids(&drained["items"]).contains(&id), "{drained}");
    // Looked at is not done.
    let drained = node.call("node.pending.drain", json!({})).await.unwrap();
    assert!(ids(&drained["items"]).contains(&id), "{drained}");
    let acked = node.call("node.pending.ack", json!({ "ids": [id, "unknown"] })).await.unwrap();
    assert_eq!(acked["ackedIds"], json!([id, "unknown"]));
    let drained = node.call("node.pending.drain", json!({})).await.unwrap();
    assert!(!ids(&drained["items"]).contains(&id), "{drained}");
    let many: Vec<String> = (0..257).map(|n| n.to_string()).collect();
    let error = node.call("node.pending.ack", json!({ "ids": many })).await.unwrap_err();
    assert_eq!(error["message"], "too many ids at once; acknowledge them in parts");
}

#[tokio::test]
async fn a_node_that_is_here_is_told_that_work_waits() {
    let (_gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let left = |kind: &str| json!({ "nodeId": machine.id(), "type": kind });
    let mut quiet = left("status.request");
    quiet["wake"] = json!(false);
    let queued = operator.call("node.pending.enqueue", quiet).await.unwrap();
    assert_eq!(queued["wakeTriggered"], false);
    let queued = operator.call("node.pending.enqueue", left("location.request")).await.unwrap();
    assert_eq!(queued["wakeTriggered"], true);
    let told = node.event("node.pending.changed", |_| true).await;
    let expected = json!({ "nodeId": machine.id(), "revision": queued["revision"] });
    assert_eq!(told, expected, "of the quiet one it heard nothing");
    let drained = node.call("node.pending.drain", json!({})).await.unwrap();
    assert!(ids(&drained["items"]).contains(&queued["queued"]["id"].as_str().unwrap().to_owned()));
}

#[tokio::test]
async fn nothing_is_left_for_nobody() {
    let gateway = TestGateway::start().await;
    let left = json!({ "nodeId": "nobody", "type": "status.request" });
    let mut operator = gateway.operator().await;
    let error = operator.call("node.pending.enqueue", left.clone()).await.unwrap_err();
    assert_eq!(error["details"]["code"], "PAIRING_CHANGED");
    let mut older = gateway.operator_v3().await;
    let error = older.call("node.pending.enqueue", left).await.unwrap_err();
    assert_eq!(error["message"], "unknown nodeId");
}

#[tokio::test]
async fn what_a_dark_screen_refused_waits_until_it_is_lit() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let machine = Machine::new(&["canvas.present"]);
    let mut phone = machine.phone(&gateway).await;
    machine.approve(&mut operator).await;
    let params = machine.invoke("canvas.present", &json!({ "url": "x" }), "k");
    let call = operator.send("node.invoke", params).await;
    let request = asked(&mut phone).await;
    let refusal = json!({
        "id": request["id"], "nodeId": machine.id(), "ok": false,
        "error": { "code": "NODE_BACKGROUND_UNAVAILABLE", "message": "NODE_BACKGROUND_UNAVAILABLE: canvas" },
    });
    phone.call("node.invoke.result", refusal).await.unwrap();
    let error = operator.answer(&call).await.unwrap_err();
    assert_eq!(error["details"]["code"], "QUEUED_UNTIL_FOREGROUND", "{error}");
    let pulled = phone.call("node.pending.pull", json!({})).await.unwrap();
    assert_eq!(pulled["actions"][0]["command"], "canvas.present");
    assert_eq!(pulled["actions"][0]["id"], error["details"]["queuedActionId"]);
    let acked = phone.call("node.pending.ack", json!({ "ids": ids(&pulled["actions"]) })).await;
    assert_eq!(acked.unwrap()["remainingCount"], 0);
    let pulled = phone.call("node.pending.pull", json!({})).await.unwrap();
    assert_eq!(pulled["actions"], json!([]));
}
