//! Commands.

use openclaw_tests::{Peer, TestGateway};
use serde_json::{Value, json};

use super::{approver, command, refusal, without};

async fn requested(peer: &mut Peer, id: &str) -> Value {
    peer.event("exec.approval.requested", |asked| asked["id"] == id).await
}

async fn resolve(peer: &mut Peer, id: &str, decision: &str) -> Result<Value, Value> {
    peer.call("exec.approval.resolve", json!({"id": id, "decision": decision})).await
}

#[tokio::test]
async fn one_asks_and_another_decides() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let mut older = gateway.operator_v3().await;
    let waiting = asker.send("exec.approval.request", command("one", &["rm", "-r", "a b"])).await;
    let asked = requested(&mut approver, "one").await;
    let request = &asked["request"];
    assert_eq!(request["command"], "rm -r 'a b'");
    assert_eq!(
        (&request["commandArgv"], &request["cwd"]),
        (&json!(["rm", "-r", "a b"]), &json!("/srv"))
    );
    assert_eq!(request["allowedDecisions"], json!(["allow-once", "allow-always", "deny"]));
    assert!(asked["expiresAtMs"].as_u64() > asked["createdAtMs"].as_u64());
    requested(&mut older, "one").await;
    let list = approver.call("exec.approval.list", json!({})).await.unwrap();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["id"]), (1, &json!("one")));
    let got = approver.call("exec.approval.get", json!({"id": "one"})).await.unwrap();
    assert_eq!(got["commandText"], "rm -r 'a b'");

    // The older client decides, and its device is who decided, whatever it calls itself.
    assert_eq!(resolve(&mut older, "one", "allow-once").await.unwrap(), json!({"ok": true}));
    let decided = asker.answer(&waiting).await.unwrap();
    assert_eq!((&decided["id"], &decided["decision"]), (&json!("one"), &json!("allow-once")));
    let told = approver.event("exec.approval.resolved", |told| told["id"] == "one").await;
    assert_eq!(told["decision"], "allow-once");
    let device = told["resolvedBy"].as_str().unwrap();
    assert_eq!((device.len(), device.chars().all(|c| c.is_ascii_hexdigit())), (64, true), "{told}");
    assert_eq!(approver.call("exec.approval.list", json!({})).await.unwrap(), json!([]));
    // Whoever asks again later finds the decision.
    let found = asker.call("exec.approval.waitDecision", json!({"id": "one"})).await.unwrap();
    assert_eq!(found["decision"], "allow-once");
}

#[tokio::test]
async fn two_answers_where_two_are_asked_for() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    for (mut asker, route) in [
        (gateway.operator().await, json!("approval-client")),
        (gateway.operator_v3().await, Value::Null),
    ] {
        let params = json!({"command": "ls -la", "twoPhase": true, "timeoutMs": 60_000});
        let request = asker.send("exec.approval.request", params).await;
        let accepted = asker.answer(&request).await.unwrap();
        assert_eq!((&accepted["status"], &accepted["deliveryRoute"]), (&json!("accepted"), &route));
        assert!(accepted.get("decision").is_none(), "{accepted}");
        let id = accepted["id"].as_str().unwrap();
        requested(&mut approver, id).await;
        resolve(&mut approver, id, "deny").await.unwrap();
        let decided = asker.answer(&request).await.unwrap();
        assert_eq!((&decided["id"], &decided["decision"]), (&json!(id), &json!("deny")));
    }
}

#[tokio::test]
async fn nobody_there_is_no_yes() {
    let gateway = TestGateway::start().await;
    let mut asker = gateway.operator().await;
    let mut silent = gateway.operator().await;
    let ended = asker.call("exec.approval.request", command("lonely", &["ls"])).await.unwrap();
    assert_eq!((&ended["id"], &ended["decision"]), (&json!("lonely"), &Value::Null));
    let got = silent.call("approval.get", json!({"id": "lonely"})).await.unwrap();
    assert_eq!(
        (&got["approval"]["status"], &got["approval"]["reason"]),
        (&json!("denied"), &json!("no-route"))
    );
    // Who says that somebody will look waits.
    let mut params = command("later", &["ls"]);
    params["requireDeliveryRoute"] = json!(false);
    let waiting = asker.send("exec.approval.request", params).await;
    while silent.call("exec.approval.list", json!({})).await.unwrap() == json!([]) {}
    resolve(&mut silent, "later", "allow-once").await.unwrap();
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], "allow-once");
}

#[tokio::test]
async fn when_the_time_is_up_nobody_has_said_yes() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let mut params = command("short", &["ls"]);
    params["timeoutMs"] = json!(40);
    let ended = asker.call("exec.approval.request", params).await.unwrap();
    assert_eq!(ended["decision"], Value::Null);
    let told = approver.event("exec.approval.resolved", |told| told["id"] == "short").await;
    assert_eq!((&told["decision"], &told["resolvedBy"]), (&Value::Null, &Value::Null), "{told}");
    assert!(
        refusal(resolve(&mut approver, "short", "allow-once").await).contains("already resolved")
    );
    let found = asker.call("exec.approval.waitDecision", json!({"id": "short"})).await.unwrap();
    assert_eq!((&found["decision"], &found["terminalReason"]), (&Value::Null, &json!("timeout")));
}

#[tokio::test]
async fn the_first_decision_stays() {
    let gateway = TestGateway::start().await;
    let mut first = approver(gateway.address()).await;
    let mut second = gateway.operator_v3().await;
    let mut asker = gateway.operator().await;
    let waiting = asker.send("exec.approval.request", command("twice", &["ls"])).await;
    requested(&mut first, "twice").await;
    requested(&mut second, "twice").await;
    // Both at once: one of them decides.
    let (no, yes) = tokio::join!(
        resolve(&mut first, "twice", "deny"),
        resolve(&mut second, "twice", "allow-once")
    );
    assert!(no.is_ok() ^ yes.is_ok(), "{no:?} {yes:?}");
    let stays = if no.is_ok() { "deny" } else { "allow-once" };
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], stays);
    for decision in ["allow-once", "allow-always", "deny"] {
        let again = resolve(&mut first, "twice", decision).await;
        assert_eq!(again.is_ok(), decision == stays, "{again:?}");
        let again = resolve(&mut second, "twice", decision).await;
        assert_eq!(refusal(again), "unknown or expired approval id");
    }
    let found = asker.call("exec.approval.waitDecision", json!({"id": "twice"})).await.unwrap();
    assert_eq!(found["decision"], stays);
}

#[tokio::test]
async fn deciding_needs_the_scope() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut stranger = without(&gateway, "operator.approvals").await;
    let mut asker = gateway.operator().await;
    let waiting = asker.send("exec.approval.request", command("scoped", &["ls"])).await;
    requested(&mut approver, "scoped").await;
    for (method, params) in [
        ("exec.approval.resolve", json!({"id": "scoped", "decision": "allow-once"})),
        ("approval.resolve", json!({"id": "scoped", "kind": "exec", "decision": "allow-once"})),
        ("exec.approval.list", json!({})),
        ("exec.approval.waitDecision", json!({"id": "scoped"})),
        ("approval.get", json!({"id": "scoped"})),
        ("exec.approvals.get", json!({})),
    ] {
        let refused = refusal(stranger.call(method, params).await);
        assert!(refused.contains("missing scope: operator."), "{method}: {refused}");
    }
    resolve(&mut approver, "scoped", "deny").await.unwrap();
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], "deny");
    // Nor was it told what wants to run: all that it heard was about something else.
    stranger.call("health", json!({})).await.unwrap();
    stranger.send("nothing.such", json!({})).await;
    loop {
        let frame = stranger.next().await.unwrap();
        assert!(!frame.to_string().contains("approval"), "{frame}");
        if frame["ok"] == false {
            break;
        }
    }
}

#[tokio::test]
async fn the_asker_cannot_say_yes_to_itself() {
    let gateway = TestGateway::start().await;
    let mut other = approver(gateway.address()).await;
    let mut asker = approver(gateway.address()).await;
    for id in ["own-1", "own-2"] {
        let mut params = command(id, &["ls"]);
        params["twoPhase"] = json!(true);
        asker.call("exec.approval.request", params).await.unwrap();
        requested(&mut other, id).await;
        for decision in ["allow-once", "allow-always"] {
            let refused = refusal(resolve(&mut asker, id, decision).await);
            assert!(refused.contains("cannot allow its own request"), "{refused}");
        }
    }
    let unified = json!({"id": "own-1", "kind": "exec", "decision": "allow-once"});
    assert!(refusal(asker.call("approval.resolve", unified).await).contains("its own request"));
    // To say no it may, and to come back with another id it does not help to claim one.
    resolve(&mut asker, "own-1", "deny").await.unwrap();
    let claim = json!({"id": "own-2", "decision": "allow-once",
        "reviewer": {"channel": "telegram", "accountId": "a", "senderId": "someone"}});
    assert!(asker.call("exec.approval.resolve", claim).await.is_err());
    resolve(&mut other, "own-2", "allow-once").await.unwrap();
}

#[tokio::test]
async fn an_id_stands_for_one_command() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    let waiting = asker.send("exec.approval.request", command("deploy-0001", &["ls"])).await;
    requested(&mut approver, "deploy-0001").await;
    // Before it is decided and after, the id is taken: nothing can be put behind a yes.
    let other = command("deploy-0001", &["rm", "-rf", "/"]);
    let taken = "approval id already pending";
    assert_eq!(refusal(asker.call("exec.approval.request", other.clone()).await), taken);
    for (id, why) in [
        ("deploy-0002", "unknown or expired approval id"),
        ("deploy", "unknown or expired approval id"),
        ("%", "unknown or expired approval id"),
    ] {
        assert_eq!(refusal(resolve(&mut approver, id, "allow-once").await), why, "{id}");
    }
    // A plugin's door does not open a command's request.
    let params = json!({"id": "deploy-0001", "decision": "allow-once"});
    let refused = refusal(approver.call("plugin.approval.resolve", params).await);
    assert_eq!(refused, "unknown or expired approval id");
    assert_eq!(refusal(resolve(&mut approver, "deploy-0001", "yes").await), "invalid decision");
    // The first characters do when they are enough.
    resolve(&mut approver, "deploy-0", "allow-once").await.unwrap();
    assert_eq!(asker.answer(&waiting).await.unwrap()["decision"], "allow-once");
    assert_eq!(refusal(asker.call("exec.approval.request", other).await), taken);
}

#[tokio::test]
async fn what_would_run_is_shown_as_it_is() {
    let gateway = TestGateway::start().await;
    let mut approver = approver(gateway.address()).await;
    let mut asker = gateway.operator().await;
    // What moves the cursor, turns the line around or cannot be seen is written out; the friendly
    // words beside it are not shown for it.
    let mut params = command("odd", &["rm", "a\u{1b}[2K\u{202e}gnp.\r\n\u{200b}b", "\u{a0}-rf"]);
    params["command"] = json!("ls");
    params["twoPhase"] = json!(true);
    asker.call("exec.approval.request", params).await.unwrap();
    let asked = requested(&mut approver, "odd").await;
    let shown = asked["request"]["command"].as_str().unwrap();
    assert_eq!(shown, r"rm 'a\u{1B}[2K\u{202E}gnp.\u{D}\u{A}\u{200B}b' '\u{A0}-rf'");
    let got = approver.call("approval.get", json!({"id": "odd"})).await.unwrap();
    assert_eq!(got["approval"]["presentation"]["commandText"], shown);
    // Letters of another alphabet that look like ours are named.
    let mut params = command("alike", &["/bin/\u{441}\u{430}t"]);
    params["twoPhase"] = json!(true);
    asker.call("exec.approval.request", params).await.unwrap();
    let asked = requested(&mut approver, "alike").await;
    assert!(asked["request"]["warningText"].as_str().unwrap().contains("U+0441"), "{asked}");
    // What cannot be shown in full is not asked at all.
    let long = command("long", &["echo", &"x".repeat(20_000)]);
    assert!(refusal(asker.call("exec.approval.request", long).await).contains("display limit"));
    // A yes for ever is not for what runs other programs.
    for argv in [&["sh", "-c", "ls"][..], &["env", "A=1", "ls"], &["busybox", "sh"]] {
        let mut params = command(&format!("carrier-{}", argv[0]), argv);
        params["twoPhase"] = json!(true);
        let id = asker.call("exec.approval.request", params).await.unwrap()["id"].clone();
        let asked = requested(&mut approver, id.as_str().unwrap()).await;
        assert_eq!(asked["request"]["allowedDecisions"], json!(["allow-once", "deny"]));
        let refused = refusal(resolve(&mut approver, id.as_str().unwrap(), "allow-always").await);
        assert!(refused.contains("allow-always is unavailable"), "{refused}");
    }
}
