//! What a node may be asked for is what an operator has approved, for as long as it is approved.

use openclaw_tests::{Device, Ended, Peer, TestGateway, peer::connect_params};
use serde_json::json;

use super::{Machine, answer, approved, asked};

#[tokio::test]
async fn a_node_may_be_asked_for_what_was_approved_and_at_once() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let machine = Machine::new(&["system.which", "system.run"]);
    let mut node = machine.connect(&gateway, 4).await;
    assert_eq!(node.hello["auth"]["role"], "node");
    let id = machine.id();
    let told = operator.event("node.pair.requested", |told| told["nodeId"] == id).await;
    assert_eq!(told["commands"], json!(["system.run", "system.which"]));
    assert_eq!(told["displayName"], "Shelf");

    let seen = machine.seen(&mut operator).await;
    assert_eq!((&seen["paired"], &seen["connected"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&seen["commands"], &seen["approvalState"]),
        (&json!([]), &json!("pending-approval"))
    );
    let early = machine.invoke("system.which", &json!({ "bins": ["sh"] }), "early");
    let error = operator.call("node.invoke", early).await.unwrap_err();
    assert_eq!(error["details"]["reason"], "command not approved");

    let node_told = machine.approve(&mut operator).await;
    assert_eq!(node_told["node"]["commands"], json!(["system.run", "system.which"]));
    for peer in [&mut operator, &mut node] {
        let resolved = peer.event("node.pair.resolved", |told| told["nodeId"] == id).await;
        assert_eq!(resolved["decision"], "approved");
    }
    // The connection that waited counts from now on; nobody has to connect again.
    let params = machine.invoke("system.which", &json!({ "bins": ["sh"] }), "now");
    let call = operator.send("node.invoke", params).await;
    let request = asked(&mut node).await;
    assert_eq!(request["command"], "system.which");
    assert_eq!(request["paramsJSON"], json!({ "bins": ["sh"] }).to_string());
    answer(&mut node, &request, &json!({ "bins": { "sh": "/bin/sh" } })).await;
    let answered = operator.answer(&call).await.unwrap();
    assert_eq!(answered["payload"]["bins"]["sh"], "/bin/sh");
    assert_eq!((&answered["nodeId"], &answered["ok"]), (&json!(id), &json!(true)));
}

#[tokio::test]
async fn an_approval_outlives_the_gateway_and_more_than_it_waits_again() {
    let (gateway, mut operator, mut machine, node) = approved(&["system.which"]).await;
    let state = gateway.stop().await;
    drop((operator, node));
    let gateway = TestGateway::open(state).await;
    operator = gateway.operator().await;
    let seen = machine.seen(&mut operator).await;
    assert_eq!((&seen["paired"], &seen["connected"]), (&json!(true), &json!(false)));
    assert!(seen["lastConnectedAtMs"].is_u64() && seen["lastSeenAtMs"].is_u64(), "{seen}");

    machine.commands.push("system.run");
    let _node = machine.connect(&gateway, 4).await;
    let seen = machine.seen(&mut operator).await;
    assert_eq!(seen["commands"], json!(["system.which"]));
    assert_eq!(seen["approvalState"], "pending-reapproval");
    assert_eq!(seen["pendingDeclaredCommands"], json!(["system.run", "system.which"]));
    let request = machine.request(&mut operator).await.unwrap();
    let reject = json!({ "requestId": request["requestId"] });
    operator.call("node.pair.reject", reject.clone()).await.unwrap();
    let error = operator.call("node.pair.approve", reject).await.unwrap_err();
    assert_eq!(error["message"], "unknown requestId");
    assert_eq!(machine.seen(&mut operator).await["commands"], json!(["system.which"]));
}

#[tokio::test]
async fn what_the_platform_has_not_is_not_even_asked_for() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let machine = Machine::new(&["system.which", "contacts.search", "sms.send", "made.up"]);
    let _node = machine.connect(&gateway, 4).await;
    let request = machine.request(&mut operator).await.unwrap();
    assert_eq!(request["commands"], json!(["system.which"]));
}

#[tokio::test]
async fn an_operator_who_may_not_run_programs_approves_none() {
    let gateway = TestGateway::start().await;
    let mut admin = gateway.operator().await;
    let machine = Machine::new(&["system.run"]);
    let _node = machine.connect(&gateway, 4).await;
    let request = machine.request(&mut admin).await.unwrap();
    let mut helper = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params["scopes"] = json!(["operator.pairing", "operator.write", "operator.read"]);
    helper.shake(params).await.unwrap();
    let params = json!({ "requestId": request["requestId"] });
    let error = helper.call("node.pair.approve", params).await.unwrap_err();
    assert_eq!(error["message"], "missing scope: operator.admin");
    assert!(machine.request(&mut admin).await.is_some(), "it still waits");
}

#[tokio::test]
async fn a_removed_node_loses_its_connection_and_whoever_waits_for_it_hears_so() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let params = machine.invoke("system.which", &json!({ "bins": [] }), "k");
    let call = operator.send("node.invoke", params).await;
    asked(&mut node).await;
    let removed = json!({ "nodeId": machine.id() });
    // The answers may come in any order.
    let remove = operator.send("node.pair.remove", removed.clone()).await;
    assert_eq!(operator.answer(&remove).await.unwrap()["nodeId"], machine.id());
    let error = operator.answer(&call).await.unwrap_err();
    assert_eq!(error["code"], "UNAVAILABLE", "{error}");
    assert_ne!(node.ended().await, Ended { code: 1006, reason: String::new() });
    let error = operator.call("node.pair.remove", removed).await.unwrap_err();
    assert_eq!(error["message"], "unknown nodeId");
    let list = operator.call("node.list", json!({})).await.unwrap();
    assert_eq!(list["nodes"], json!([]));
    // It may ask again; what was approved is forgotten.
    let _node = machine.connect(&gateway, 4).await;
    assert_eq!(machine.seen(&mut operator).await["commands"], json!([]));
}

#[tokio::test]
async fn who_speaks_for_one_device_removes_no_other() {
    let (gateway, mut operator, machine, _node) = approved(&["system.which"]).await;
    let (device, mut params) = (Device::new(), connect_params(4));
    params["scopes"] = json!(["operator.pairing"]);
    let mut helper = Peer::open(gateway.address()).await;
    device.sign(&mut params, &helper.nonce);
    let hello = helper.shake(params.clone()).await.unwrap();
    params["auth"] = json!({ "deviceToken": hello["auth"]["deviceToken"] });
    helper = Peer::open(gateway.address()).await;
    device.sign(&mut params, &helper.nonce);
    helper.shake(params).await.unwrap();
    let removed = json!({ "nodeId": machine.id() });
    let error = helper.call("node.pair.remove", removed).await.unwrap_err();
    assert_eq!(error["message"], "node pairing removal denied");
    assert_eq!(machine.seen(&mut operator).await["commands"], json!(["system.which"]));
}

/// A name with characters that are no text.
#[tokio::test]
async fn what_a_node_says_of_itself_is_shown_as_text() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let machine = Machine::new(&["system.which"]);
    let client = json!({
        "id": "node-host", "version": "1.0.0", "platform": "linux", "mode": "node",
        "displayName": "She\u{1b}[2Jlf",
    });
    let _node = machine.connect_as(&gateway, 4, (client, json!({}))).await;
    assert_eq!(machine.seen(&mut operator).await["displayName"], "She[2Jlf");
}

#[tokio::test]
async fn a_name_that_a_person_gave_stays() {
    let (gateway, mut operator, machine, node) = approved(&["system.which"]).await;
    let renamed = json!({ "nodeId": machine.id(), "displayName": " Büro " });
    let answer = operator.call("node.rename", renamed).await.unwrap();
    assert_eq!(answer, json!({ "nodeId": machine.id(), "displayName": "Büro" }));
    assert_eq!(machine.seen(&mut operator).await["displayName"], "Büro");
    drop(node);
    let _node = machine.connect(&gateway, 4).await;
    assert_eq!(machine.seen(&mut operator).await["displayName"], "Büro");
    let unknown = json!({ "nodeId": "nobody", "displayName": "x" });
    let error = operator.call("node.rename", unknown).await.unwrap_err();
    assert_eq!(error["message"], "unknown nodeId");
}

#[tokio::test]
async fn protocol_3_asks_on_behalf_of_a_node_and_compares_its_token() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator_v3().await;
    let params = json!({ "nodeId": "n-1", "displayName": "Cellar", "commands": ["system.which"] });
    let asked = operator.call("node.pair.request", params.clone()).await.unwrap();
    assert_eq!((&asked["status"], &asked["created"]), (&json!("pending"), &json!(true)));
    let again = operator.call("node.pair.request", params).await.unwrap();
    assert_eq!(again["created"], false);
    assert_eq!(again["request"]["requestId"], asked["request"]["requestId"]);
    // What somebody has only asked for is no node yet.
    let list = operator.call("node.list", json!({})).await.unwrap();
    assert_eq!(list["nodes"], json!([]));
    let error = operator.call("node.describe", json!({ "nodeId": "n-1" })).await.unwrap_err();
    assert_eq!(error["message"], "unknown nodeId");
    let request = json!({ "requestId": asked["request"]["requestId"] });
    let approved = operator.call("node.pair.approve", request).await.unwrap();
    let token = approved["node"]["token"].as_str().unwrap().to_owned();
    for (token, ok) in [(token.as_str(), true), ("wrong", false)] {
        let params = json!({ "nodeId": "n-1", "token": token });
        let verified = operator.call("node.pair.verify", params).await.unwrap();
        assert_eq!(verified["ok"], ok);
        assert!(!verified.to_string().contains(&approved["node"]["token"].to_string()));
    }
    let list = operator.call("node.pair.list", json!({})).await.unwrap();
    assert_eq!(list["paired"][0]["nodeId"], "n-1");
    assert!(list["paired"][0]["token"].is_null(), "a token is told once");
    let mut newer = gateway.operator().await;
    let error = newer.call("node.pair.request", json!({ "nodeId": "n" })).await.unwrap_err();
    assert_eq!(error["message"], "unknown method: node.pair.request");
}

/// Its device is taken away as a whole, and with it what it may as a node.
#[tokio::test]
async fn a_device_that_is_removed_is_forgotten_as_a_node() {
    let (gateway, mut operator, machine, node) = approved(&["system.which"]).await;
    assert_eq!(machine.seen(&mut operator).await["commands"], json!(["system.which"]));
    let removed = json!({ "deviceId": machine.id() });
    operator.call("device.pair.remove", removed).await.unwrap();
    drop(node);
    let paired = async |operator: &mut Peer| {
        let list = operator.call("node.pair.list", json!({})).await.unwrap();
        list["paired"] != json!([])
    };
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while paired(&mut operator).await {
        assert!(tokio::time::Instant::now() < deadline, "it is still approved");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let _node = machine.connect(&gateway, 4).await;
    assert_eq!(machine.seen(&mut operator).await["commands"], json!([]));
}
