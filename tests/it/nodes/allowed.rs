//! A person's yes to a program on a node: asked for, given, and used once for exactly what was shown.

use openclaw_tests::{Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};

use super::{Machine, answer, approved, asked};

/// What the node says that it would run.
fn plan() -> Value {
    json!({
        "argv": ["/usr/bin/env", "ls", "-l"], "cwd": "/srv", "commandText": "env ls -l",
        "agentId": "main", "sessionKey": null,
    })
}

/// The request for a decision about it.
fn request(machine: &Machine, id: &str) -> Value {
    json!({
        "id": id, "host": "node", "nodeId": machine.id(), "systemRunPlan": plan(), "cwd": "/srv",
        "agentId": "main", "env": { "LANG": "C" }, "requireDeliveryRoute": false, "twoPhase": true,
    })
}

/// What is to run when it is allowed.
fn run(id: &str) -> Value {
    json!({
        "command": ["/usr/bin/env", "ls", "-l"], "rawCommand": "env ls -l", "cwd": "/srv",
        "env": { "LANG": "C" }, "agentId": "main", "runId": id,
        "approved": true, "approvalDecision": "allow-once",
    })
}

fn with(mut fields: Value, name: &str, value: Value) -> Value {
    fields[name] = value;
    fields
}

/// One asks, another decides.
async fn decided(asker: &mut Peer, decider: &mut Peer, params: Value, decision: &str) {
    let id = params["id"].clone();
    // The versions differ in which fields they have.
    let waiting = asker.send("exec.approval.request", params).await;
    assert_eq!(asker.answer(&waiting).await.unwrap()["status"], "accepted");
    let verdict = json!({ "id": id, "decision": decision });
    decider.call("exec.approval.resolve", verdict).await.unwrap();
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], decision);
}

/// The name of a refusal.
#[track_caller]
fn code(answer: Result<Value, Value>) -> String {
    let error = answer.expect_err("it is refused");
    assert_eq!(error["code"], "INVALID_REQUEST", "{error}");
    error["details"]["code"].as_str().unwrap_or_default().to_owned()
}

/// What the node was asked to run.
fn sent(request: &Value) -> Value {
    serde_json::from_str(request["paramsJSON"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_yes_runs_what_was_shown_once() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.run"]).await;
    let mut decider = gateway.operator().await;
    decided(&mut operator, &mut decider, request(&machine, "one"), "allow-once").await;
    // The words of the caller are not what is sent: the record is.
    let forged = with(run("one"), "approvalDecision", json!("allow-always"));
    let forged = with(forged, "systemRunPlan", json!({ "argv": ["/bin/rm"], "cwd": "/" }));
    let params = machine.invoke("system.run", &forged, "first");
    let call = operator.send("node.invoke", params.clone()).await;
    let request = asked(&mut node).await;
    let told = sent(&request);
    assert_eq!(
        (&told["approved"], &told["approvalDecision"], &told["runId"]),
        (&json!(true), &json!("allow-once"), &json!("one"))
    );
    assert_eq!(told["command"], plan()["argv"]);
    assert_eq!(told["systemRunPlan"]["argv"], plan()["argv"]);
    assert_eq!((&told["cwd"], told.get("rawCommand")), (&json!("/srv"), None));
    answer(&mut node, &request, &json!({ "success": true })).await;
    assert_eq!(operator.answer(&call).await.unwrap()["payload"]["success"], true);
    // A repetition is the same answer, not a second run; a second use is none.
    assert_eq!(operator.call("node.invoke", params).await.unwrap()["payload"]["success"], true);
    let again = machine.invoke("system.run", &run("one"), "second");
    assert_eq!(code(operator.call("node.invoke", again).await), "APPROVAL_REQUIRED");
    // Without the claim it is an ordinary command, about which the node decides alone.
    let plain = json!({ "command": ["id"], "runId": "one", "approved": false });
    let call = operator.send("node.invoke", machine.invoke("system.run", &plain, "plain")).await;
    let request = asked(&mut node).await;
    assert_eq!(sent(&request), json!({ "command": ["id"], "runId": "one" }));
    answer(&mut node, &request, &json!({})).await;
    operator.answer(&call).await.unwrap();
}

#[tokio::test]
async fn a_lasting_yes_is_told_to_the_node_which_keeps_it() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.run"]).await;
    let mut decider = gateway.operator().await;
    let mut params = request(&machine, "lasting");
    params["systemRunPlan"]["argv"] = json!(["/usr/bin/ls"]);
    params["systemRunPlan"]["mutableFileOperand"] =
        json!({ "argvIndex": 0, "path": "/usr/bin/ls", "sha256": "ab" });
    decided(&mut operator, &mut decider, params, "allow-always").await;
    let wanted = with(run("lasting"), "command", json!(["/usr/bin/ls"]));
    let call = operator.send("node.invoke", machine.invoke("system.run", &wanted, "k")).await;
    let request = asked(&mut node).await;
    let told = sent(&request);
    assert_eq!(told["approvalDecision"], "allow-always", "the caller said once");
    let operand = &told["systemRunPlan"]["mutableFileOperand"];
    assert_eq!(operand, &json!({ "argvIndex": 0, "path": "/usr/bin/ls", "sha256": "ab" }));
    answer(&mut node, &request, &json!({})).await;
    operator.answer(&call).await.unwrap();
    let again = machine.invoke("system.run", &wanted, "again");
    assert_eq!(code(operator.call("node.invoke", again).await), "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn what_was_not_shown_does_not_run() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.run"]).await;
    let mut decider = gateway.operator().await;
    let other = Machine::new(&["system.run"]);
    let _other_node = other.connect(&gateway, 4).await;
    other.approve(&mut operator).await;
    decided(&mut operator, &mut decider, request(&machine, "bound"), "allow-once").await;
    for (name, value) in [
        ("command", json!(["/usr/bin/env", "ls", "-la"])),
        ("command", json!(["/usr/bin/env", "ls -l"])),
        ("command", json!(["/usr/bin/ENV", "ls", "-l"])),
        ("command", json!("/usr/bin/env ls -l")),
        ("command", json!(null)),
        ("cwd", json!("/")),
        ("cwd", json!("/srv/")),
        ("cwd", json!(null)),
        ("cwd", json!(["/srv"])),
        ("env", json!({})),
        ("env", json!(null)),
        ("env", json!({ "LANG": "C", "LC_ALL": "C" })),
        ("env", json!({ "LANG": "D" })),
        ("agentId", json!("other")),
        ("agentId", json!(null)),
        ("sessionKey", json!("agent:main:main")),
    ] {
        let changed = with(run("bound"), name, value);
        let params = machine.invoke("system.run", &changed, &changed.to_string());
        let refused = code(operator.call("node.invoke", params).await);
        assert_eq!(refused, "APPROVAL_REQUEST_MISMATCH", "{changed}");
    }
    let elsewhere = other.invoke("system.run", &run("bound"), "elsewhere");
    assert_eq!(code(operator.call("node.invoke", elsewhere).await), "APPROVAL_NODE_MISMATCH");
    let unknown = machine.invoke("system.run", &run("no-such"), "unknown");
    assert_eq!(code(operator.call("node.invoke", unknown).await), "UNKNOWN_APPROVAL_ID");
    let unnamed = machine.invoke("system.run", &run(" "), "unnamed");
    assert_eq!(code(operator.call("node.invoke", unnamed).await), "MISSING_RUN_ID");
    // A yes for the gateway's own machine is none for a node, and the path that is shown is the first word.
    let mut here = request(&machine, "here");
    here["host"] = json!("gateway");
    here["commandArgv"] = plan()["argv"].clone();
    decided(&mut operator, &mut decider, here, "allow-once").await;
    let params = machine.invoke("system.run", &run("here"), "here");
    assert_eq!(code(operator.call("node.invoke", params).await), "APPROVAL_NODE_BINDING_MISSING");
    let masked = with(request(&machine, "masked"), "resolvedPath", json!("/usr/bin/true"));
    decided(&mut operator, &mut decider, masked, "allow-once").await;
    let params = machine.invoke("system.run", &run("masked"), "masked");
    assert_eq!(code(operator.call("node.invoke", params).await), "APPROVAL_REQUEST_MISMATCH");
    // None of it used the yes up or reached a node: the first that comes is the one that was shown.
    let call = operator.send("node.invoke", machine.invoke("system.run", &run("bound"), "k")).await;
    let request = asked(&mut node).await;
    assert_eq!(
        (&request["idempotencyKey"], &sent(&request)["approved"]),
        (&json!("k"), &json!(true))
    );
    answer(&mut node, &request, &json!({})).await;
    operator.answer(&call).await.unwrap();
}

#[tokio::test]
async fn without_a_yes_nothing_runs() {
    let (gateway, mut operator, machine, _node) = approved(&["system.run"]).await;
    let mut decider = gateway.operator().await;
    let invoke = |id: &str| machine.invoke("system.run", &run(id), id);
    decided(&mut operator, &mut decider, request(&machine, "denied"), "deny").await;
    assert_eq!(code(operator.call("node.invoke", invoke("denied")).await), "APPROVAL_REQUIRED");
    operator.call("exec.approval.request", request(&machine, "waits")).await.unwrap();
    assert_eq!(code(operator.call("node.invoke", invoke("waits")).await), "APPROVAL_REQUIRED");
    let mut short = with(request(&machine, "short"), "timeoutMs", json!(20));
    short["twoPhase"] = json!(false);
    let ended = operator.call("exec.approval.request", short).await.unwrap();
    assert_eq!(ended["decision"], Value::Null);
    // As a client would say whose own rules fall back to a yes.
    assert_eq!(code(operator.call("node.invoke", invoke("short")).await), "APPROVAL_EXPIRED");
}

#[tokio::test]
async fn a_yes_is_for_who_asked() {
    let (gateway, mut operator, machine, mut node) = approved(&["system.run"]).await;
    let mut decider = gateway.operator().await;
    let invoke = |id: &str, key: &str| machine.invoke("system.run", &run(id), key);
    // Whoever holds the secret is known by the connection.
    decided(&mut operator, &mut decider, request(&machine, "secret"), "allow-once").await;
    let refused = decider.call("node.invoke", invoke("secret", "decider")).await;
    assert_eq!(code(refused), "APPROVAL_CLIENT_MISMATCH");
    let mut stranger = gateway.operator_v3().await;
    let refused = stranger.call("node.invoke", invoke("secret", "stranger")).await;
    assert_eq!(code(refused), "APPROVAL_DEVICE_MISMATCH");
    // A device is itself on each of its connections, also after a restart of the gateway.
    let device = openclaw_tests::Device::new();
    let mut asker = with_device(&gateway, &device).await;
    decided(&mut asker, &mut decider, request(&machine, "device"), "allow-once").await;
    for (peer, key) in [(&mut operator, "no-device"), (&mut stranger, "other-device")] {
        let refused = peer.call("node.invoke", invoke("device", key)).await;
        assert_eq!(code(refused), "APPROVAL_DEVICE_MISMATCH");
    }
    drop((asker, operator, stranger, decider));
    node.call("node.event", json!({ "event": "made.up", "payloadJSON": "{}" })).await.unwrap();
    drop(node);
    let gateway = TestGateway::open(gateway.stop().await).await;
    let mut node = machine.connect(&gateway, 4).await;
    let mut again = with_device(&gateway, &device).await;
    let call = again.send("node.invoke", invoke("device", "mine")).await;
    let request = asked(&mut node).await;
    assert_eq!(sent(&request)["approved"], true);
    answer(&mut node, &request, &json!({})).await;
    again.answer(&call).await.unwrap();
    assert_eq!(
        code(again.call("node.invoke", invoke("device", "twice")).await),
        "APPROVAL_REQUIRED"
    );
}

#[tokio::test]
async fn a_node_that_is_away_uses_nothing_up() {
    let (gateway, mut operator, machine, node) = approved(&["system.run"]).await;
    let mut decider = gateway.operator().await;
    decided(&mut operator, &mut decider, request(&machine, "kept"), "allow-once").await;
    drop(node);
    let call = machine.invoke("system.run", &run("kept"), "away");
    loop {
        // Until the gateway has seen that it is gone the node is asked, and cannot answer.
        let list = operator.call("node.list", json!({})).await.unwrap();
        if list["nodes"][0]["connected"] == false {
            break;
        }
    }
    let error = operator.call("node.invoke", call).await.unwrap_err();
    assert_eq!(error["details"]["code"], "NOT_CONNECTED");
    let mut node = machine.connect(&gateway, 4).await;
    let call = operator.send("node.invoke", machine.invoke("system.run", &run("kept"), "k")).await;
    let request = asked(&mut node).await;
    assert_eq!(sent(&request)["approved"], true);
    answer(&mut node, &request, &json!({})).await;
    operator.answer(&call).await.unwrap();
}

async fn with_device(gateway: &TestGateway, device: &openclaw_tests::Device) -> Peer {
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await.unwrap();
    peer
}
