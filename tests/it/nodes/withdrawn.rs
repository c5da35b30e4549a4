//! What somebody has begun ends with the right to begin it, within a second.

use std::time::Duration;

use openclaw_tests::{Device, ModelServer, Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Machine, approved, asked};

/// An operator that is this device.
async fn operator(gateway: &TestGateway, device: &Device) -> Peer {
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await.unwrap();
    peer
}

/// What waits for a node beside the usual question.
async fn waiting(node: &mut Peer) -> Vec<Value> {
    let drained = node.call("node.pending.drain", json!({})).await.unwrap();
    let items = drained["items"].as_array().unwrap().iter().map(|item| item["type"].clone());
    items.filter(|kind| kind == "location.request").collect()
}

#[tokio::test]
async fn programs_requests_and_work_end_with_the_right_of_who_asked() {
    let (gateway, mut admin, machine, mut node) = approved(&["system.run"]).await;
    for (method, role) in [("device.token.revoke", Some("operator")), ("device.pair.remove", None)]
    {
        let device = Device::new();
        let mut gone = operator(&gateway, &device).await;
        let run = machine.invoke("system.run", &json!({ "command": ["sleep", "600"] }), method);
        gone.send("node.invoke", run.clone()).await;
        let begun = asked(&mut node).await;
        let own = machine.invoke("system.run", &json!({ "command": ["sleep", "1"] }), method);
        let stays = admin.send("node.invoke", own).await;
        let other = asked(&mut node).await;
        let id = format!("asked-{}", &device.id()[..8]);
        let ask = json!({ "id": id, "commandArgv": ["id"], "host": "gateway",
            "requireDeliveryRoute": false, "twoPhase": true });
        gone.call("exec.approval.request", ask.clone()).await.unwrap();
        let mut kept = ask;
        kept["id"] = json!(format!("kept-{method}"));
        admin.call("exec.approval.request", kept).await.unwrap();
        let left = json!({ "nodeId": machine.id(), "type": "location.request" });
        gone.call("node.pending.enqueue", left).await.unwrap();
        assert_eq!(waiting(&mut node).await.len(), 1, "{method}");

        let mut params = json!({ "deviceId": device.id() });
        if let Some(role) = role {
            params["role"] = json!(role);
        }
        let at = Instant::now();
        admin.call(method, params).await.unwrap();
        let cancel = node.event("node.invoke.cancel", |_| true).await;
        assert_eq!((&cancel["invokeId"], &cancel["nodeId"]), (&begun["id"], &json!(machine.id())));
        let wait = admin.call("exec.approval.waitDecision", json!({ "id": id })).await.unwrap();
        assert_eq!(wait["terminalReason"], "run-aborted", "{method}: {wait}");
        assert_eq!(gone.ended().await.code, 4001, "{method}");
        assert!(at.elapsed() < Duration::from_secs(1), "{method}: {:?}", at.elapsed());
        assert!(waiting(&mut node).await.is_empty(), "{method}");
        // Its answer is not taken any more, and what others have asked for goes on.
        let late = super::answer(&mut node, &begun, &json!({})).await;
        assert_eq!(late["ignored"], true, "{method}");
        let pending = admin.call("exec.approval.list", json!({})).await.unwrap();
        assert_eq!(pending.as_array().unwrap().len(), usize::from(role.is_none()) + 1, "{pending}");
        super::answer(&mut node, &other, &json!({ "success": true })).await;
        assert_eq!(admin.answer(&stays).await.unwrap()["payload"]["success"], true, "{method}");
        // Not even with the same key, once it is a device again, does it run a second time.
        let mut back = operator(&gateway, &device).await;
        let again = back.call("node.invoke", run).await.unwrap_err();
        assert_eq!(again["details"]["nodeError"]["code"], "CANCELLED", "{method}: {again}");
    }
}

#[tokio::test]
async fn work_that_two_have_left_ends_with_neither() {
    let (gateway, mut admin, machine, mut node) = approved(&["system.run"]).await;
    let device = Device::new();
    let mut gone = operator(&gateway, &device).await;
    let left = json!({ "nodeId": machine.id(), "type": "location.request" });
    gone.call("node.pending.enqueue", left.clone()).await.unwrap();
    admin.call("node.pending.enqueue", left).await.unwrap();
    let run = machine.invoke("system.run", &json!({ "command": ["sleep", "600"] }), "k");
    gone.send("node.invoke", run).await;
    asked(&mut node).await;
    admin.call("device.pair.remove", json!({ "deviceId": device.id() })).await.unwrap();
    gone.ended().await;
    node.event("node.invoke.cancel", |_| true).await;
    assert_eq!(waiting(&mut node).await.len(), 1);
}

#[tokio::test]
async fn what_waits_for_a_lit_screen_ends_with_the_right_of_who_asked() {
    let gateway = TestGateway::start().await;
    let mut admin = gateway.operator().await;
    let machine = Machine::new(&["canvas.present"]);
    let mut phone = machine.phone(&gateway).await;
    machine.approve(&mut admin).await;
    let device = Device::new();
    let mut gone = operator(&gateway, &device).await;
    let show = machine.invoke("canvas.present", &json!({ "url": "x" }), "k");
    let call = gone.send("node.invoke", show).await;
    let request = asked(&mut phone).await;
    let dark = json!({
        "id": request["id"], "nodeId": machine.id(), "ok": false,
        "error": { "code": "NODE_BACKGROUND_UNAVAILABLE", "message": "dark" },
    });
    phone.call("node.invoke.result", dark).await.unwrap();
    let queued = gone.answer(&call).await.unwrap_err();
    assert_eq!(queued["details"]["code"], "QUEUED_UNTIL_FOREGROUND", "{queued}");
    // What it asks of people is withdrawn after that.
    let ask = json!({ "id": "a", "commandArgv": ["id"], "host": "gateway",
        "requireDeliveryRoute": false, "twoPhase": true });
    gone.call("exec.approval.request", ask).await.unwrap();
    admin.call("device.pair.remove", json!({ "deviceId": device.id() })).await.unwrap();
    admin.call("exec.approval.waitDecision", json!({ "id": "a" })).await.unwrap();
    let pulled = phone.call("node.pending.pull", json!({})).await.unwrap();
    assert_eq!(pulled["actions"], json!([]));
}

#[tokio::test]
async fn what_a_nodes_user_has_said_ends_with_the_role() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut admin = gateway.operator().await;
    let machine = Machine::new(&["system.which"]);
    let mut node = machine.connect(&gateway, 4).await;
    machine.approve(&mut admin).await;
    // The same device is an operator too, once somebody has said so.
    let mut person = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    machine.device.sign(&mut params, &person.nonce);
    let waits = person.shake(params).await.unwrap_err();
    let request = json!({ "requestId": waits["details"]["requestId"] });
    admin.call("device.pair.approve", request).await.unwrap();
    let mut person = operator(&gateway, &machine.device).await;
    let said = json!({ "message": "from the node" }).to_string();
    let params = json!({ "event": "agent.request", "payloadJSON": said });
    let heard = node.call("node.event", params).await.unwrap();
    assert_eq!(heard["handled"], true, "{heard}");
    let of_node = model.turn().await;
    let message = json!({ "sessionKey": "person", "message": "hi", "idempotencyKey": "person" });
    person.call("chat.send", message).await.unwrap();
    let of_person = model.turn().await;

    let at = Instant::now();
    admin.call("node.pair.remove", json!({ "nodeId": machine.id() })).await.unwrap();
    assert_eq!(node.ended().await.code, 4001);
    of_node.given_up().await;
    let key = format!("agent:main:node-{}", machine.id());
    let ends = |chat: &Value| chat["sessionKey"] == key && chat["state"] == "aborted";
    admin.event("chat", ends).await;
    assert!(at.elapsed() < Duration::from_secs(1), "{:?}", at.elapsed());
    // The device is an operator still, and what it has begun as such goes on.
    of_person.text("hello");
    of_person.done();
    assert_eq!(admin.run_end("person").await["state"], "final");
    person.call("sessions.list", json!({})).await.unwrap();
}
