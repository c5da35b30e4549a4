//! What a node tells by itself.

use openclaw_tests::TestGateway;
use serde_json::{Value, json};

use super::{Machine, approved};

fn event(name: &str, payload: &Value) -> Value {
    json!({ "event": name, "payloadJSON": payload.to_string() })
}

#[tokio::test]
async fn how_its_machine_does_is_told_to_operators() {
    let (_gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let stats = json!({
        "cpuCount": 8, "loadAverage": [0.5, 0.25, 0.125], "memoryTotalBytes": 1024,
        "memoryFreeBytes": 512,
    });
    let told = node.call("node.event", event("node.host.stats", &stats)).await.unwrap();
    assert_eq!((&told["handled"], &told["reason"]), (&json!(true), &json!("updated")));
    let heard = operator.event("node.hostStats", |_| true).await;
    assert_eq!(
        (&heard["nodeId"], &heard["hostStats"]["cpuCount"]),
        (&json!(machine.id()), &json!(8))
    );
    assert_eq!(machine.seen(&mut operator).await["hostStats"]["memoryFreeBytes"], 512);
    for bad in [json!({ "cpuCount": -1 }), json!([]), json!("x")] {
        let told = node.call("node.event", event("node.host.stats", &bad)).await.unwrap();
        assert_eq!(told["reason"], "invalid_payload", "{bad}");
    }
}

#[tokio::test]
async fn that_it_lives_is_noted() {
    let (_gateway, mut operator, machine, mut node) = approved(&["system.which"]).await;
    let alive = event("node.presence.alive", &json!({ "trigger": "manual" }));
    let told = node.call("node.event", alive.clone()).await.unwrap();
    assert_eq!(told["handled"], true);
    let told = node.call("node.event", alive).await.unwrap();
    assert_eq!(told["reason"], "throttled", "the disk is not worn out by a node that is well");
    assert!(machine.seen(&mut operator).await["lastSeenAtMs"].is_u64());
    let told = node.call("node.event", event("made.up", &json!({}))).await.unwrap();
    assert_eq!((&told["handled"], &told["reason"]), (&json!(false), &json!("unsupported_event")));
}

#[tokio::test]
async fn whether_somebody_is_there_is_told_by_those_who_may_see_it() {
    let (gateway, mut operator, _machine, mut node) = approved(&["system.which"]).await;
    let idle = |payload: &Value| event("node.presence.activity", payload);
    for source in ["system", "app"] {
        let told = json!({ "idleSeconds": 1, "source": source });
        let told = node.call("node.event", idle(&told)).await.unwrap();
        assert_eq!(told["reason"], "permission_required", "a server has nobody before it");
    }
    let machine = Machine::new(&["system.which"]);
    let mut mac = machine.mac(&gateway).await;
    let told = mac.call("node.event", idle(&json!({ "idleSeconds": 1 }))).await.unwrap();
    assert_eq!(told["reason"], "permission_required", "nobody has approved it yet");
    machine.approve(&mut operator).await;
    let told = mac.call("node.event", idle(&json!({ "idleSeconds": 60 }))).await.unwrap();
    assert_eq!((&told["handled"], &told["reason"]), (&json!(true), &json!("updated")));
    let heard = operator.event("node.presence", |_| true).await;
    let (active, at) = (&heard["lastActiveAtMs"], &heard["presenceUpdatedAtMs"]);
    assert_eq!(at.as_u64().unwrap() - active.as_u64().unwrap(), 60_000);
    assert_eq!(&machine.seen(&mut operator).await["lastActiveAtMs"], active);
    // A count that has ended says nothing new of when somebody was there.
    let told = json!({ "idleSeconds": 5, "saturated": true });
    mac.call("node.event", idle(&told)).await.unwrap();
    assert_eq!(&operator.event("node.presence", |_| true).await["lastActiveAtMs"], active);
    for reason in ["cleared", "already_clear"] {
        let told = mac.call("node.event", idle(&json!({ "action": "clear" }))).await.unwrap();
        assert_eq!(told["reason"], reason);
    }
    let heard = operator.event("node.presence", |_| true).await;
    assert_eq!(heard["lastActiveAtMs"], Value::Null);
    assert!(machine.seen(&mut operator).await["lastActiveAtMs"].is_null());
    // The app itself is believed on its own platform, and no other program there.
    let app = json!({ "idleSeconds": 1, "source": "app" });
    let told = mac.call("node.event", idle(&app)).await.unwrap();
    assert_eq!(told["reason"], "updated");
    let host = json!({
        "id": "node-host", "version": "1.0.0", "platform": "macOS 15.1", "mode": "node",
        "deviceFamily": "Mac",
    });
    let mut host = Machine::new(&[]).connect_as(&gateway, 4, (host, json!({}))).await;
    let told = host.call("node.event", idle(&app)).await.unwrap();
    assert_eq!(told["reason"], "permission_required");
    for bad in [json!({ "idleSeconds": 2_592_001 }), json!({ "action": "x" }), json!({})] {
        let told = mac.call("node.event", idle(&bad)).await.unwrap();
        assert_eq!(told["reason"], "invalid_payload", "{bad}");
    }
}

#[tokio::test]
async fn what_its_user_says_reaches_the_agent_once() {
    let (_gateway, mut operator, _machine, mut node) = approved(&["system.which"]).await;
    operator.call("sessions.subscribe", json!({})).await.unwrap();
    let said = event("voice.transcript", &json!({ "text": "what time is it", "eventId": "e1" }));
    let told = node.call("node.event", said.clone()).await.unwrap();
    assert_eq!(told["handled"], true, "{told}");
    let message = operator
        .event("session.message", |message| message.to_string().contains("what time is it"))
        .await;
    assert_eq!(message["sessionKey"], "agent:main:main");
    let again = node.call("node.event", said).await.unwrap();
    assert_eq!(again["handled"], false, "{again}");
    let long = event("voice.transcript", &json!({ "text": "x".repeat(20_001) }));
    let told = node.call("node.event", long).await.unwrap();
    assert_eq!(told["reason"], "invalid_payload");
    // Another session than its own or the main one is not its to speak in.
    let foreign = json!({ "text": "transfer", "sessionKey": "agent:main:telegram:1" });
    let told = node.call("node.event", event("voice.transcript", &foreign)).await.unwrap();
    assert_eq!(told["handled"], false, "{told}");
}

#[tokio::test]
async fn it_is_here_while_it_is_connected() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let machine = Machine::new(&["system.which"]);
    let node = machine.connect(&gateway, 4).await;
    let has = |presence: &Value, id: &str| {
        presence["presence"].as_array().unwrap().iter().any(|one| one["deviceId"] == id)
    };
    let id = machine.id();
    operator.event("presence", |presence| has(presence, &id)).await;
    drop(node);
    operator
        .event("presence", |presence| {
            let gone = |one: &Value| one["deviceId"] == id && one["reason"] == "disconnect";
            presence["presence"].as_array().unwrap().iter().any(gone) || !has(presence, &id)
        })
        .await;
    let list = operator.call("node.list", json!({})).await.unwrap();
    assert_eq!(list["nodes"][0]["connected"], false);
    // When it went is written behind; a stop waits for what is being written.
    drop(operator);
    let gateway = TestGateway::open(gateway.stop().await).await;
    let mut operator = gateway.operator().await;
    let seen = machine.seen(&mut operator).await;
    assert!(seen["lastDisconnectedAtMs"].is_u64() && seen["lastSeenAtMs"].is_u64(), "{seen}");
}

#[tokio::test]
async fn the_programs_that_skills_need_are_told_to_nodes() {
    let (gateway, mut operator, _machine, mut node) = approved(&["system.which"]).await;
    let bins = node.call("skills.bins", json!({})).await.unwrap();
    assert_eq!(bins, json!({ "bins": [] }));
    let error = operator.call("skills.bins", json!({})).await.unwrap_err();
    assert_eq!(error["message"], "unauthorized role: operator");
    let skill = gateway.state().path().join("skills/tide");
    std::fs::create_dir_all(&skill).unwrap();
    let head = "---\nname: tide\ndescription: tides\nmetadata: {\"openclaw\":{\"requires\":{\"bins\":[\"tide-cli\"]}}}\n---\n";
    std::fs::write(skill.join("SKILL.md"), head).unwrap();
    let bins = node.call("skills.bins", json!({})).await.unwrap();
    assert_eq!(bins, json!({ "bins": ["tide-cli"] }));
}
