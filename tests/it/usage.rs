//! What sessions used is counted from their transcripts: it grows with each answer and stays after a reset.

use openclaw_tests::{ModelServer, Peer, TestGateway, model::Turn};
use serde_json::{Value, json};

/// A price of 1000 and 2000 dollars for a million tokens: an answer of 10 and 5 tokens is 0.02.
fn priced(model: &ModelServer) -> Value {
    let mut config = model.config();
    config["models"]["providers"]["test"]["models"][0]["cost"] =
        json!({"input": 1000, "output": 2000, "cacheRead": 0, "cacheWrite": 0});
    config
}

async fn ask(peer: &mut Peer, model: &ModelServer, key: &str, run: &str) {
    let message = json!({"sessionKey": key, "message": "hello", "idempotencyKey": run});
    peer.call("chat.send", message).await.unwrap();
    answer(model.turn().await);
    assert_eq!(peer.run_end(run).await["state"], "final");
}

fn answer(turn: Turn) {
    turn.text("hi");
    turn.done();
}

#[track_caller]
fn tokens(totals: &Value, answers: u64) {
    let told = (&totals["input"], &totals["output"], &totals["totalTokens"]);
    assert_eq!(told, (&json!(10 * answers), &json!(5 * answers), &json!(15 * answers)), "{totals}");
}

#[expect(clippy::cast_precision_loss, reason = "a few answers")]
#[track_caller]
fn cost(amount: &Value, answers: u64) {
    assert!((amount.as_f64().unwrap() - 0.02 * answers as f64).abs() < 1e-9, "{amount}");
}

#[tokio::test]
async fn it_grows_with_each_answer_and_knows_tools_and_failures() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(priced(&model)).await;
    let (mut new, mut old) = (gateway.operator().await, gateway.operator_v3().await);
    for peer in [&mut new, &mut old] {
        let usage = peer.call("sessions.usage", json!({})).await.unwrap();
        assert_eq!((&usage["sessions"], &usage["totals"]["totalTokens"]), (&json!([]), &json!(0)));
    }
    ask(&mut new, &model, "agent:main:one", "r1").await;
    ask(&mut new, &model, "agent:main:one", "r2").await;
    let message = json!({"sessionKey": "agent:main:two", "message": "x", "idempotencyKey": "r3"});
    new.call("chat.send", message).await.unwrap();
    model.turn().await.tool("session_status", &json!({}));
    answer(model.turn().await);
    new.run_end("r3").await;

    for peer in [&mut new, &mut old] {
        let usage = peer.call("sessions.usage", json!({})).await.unwrap();
        tokens(&usage["totals"], 4);
        cost(&usage["totals"]["totalCost"], 4);
        let [two, one] = usage["sessions"].as_array().unwrap().as_slice() else {
            panic!("{usage}")
        };
        assert_eq!(
            (&one["key"], &two["key"]),
            (&json!("agent:main:one"), &json!("agent:main:two"))
        );
        tokens(&one["usage"], 2);
        assert_eq!(one["usage"]["messageCounts"]["user"], 2);
        assert_eq!(
            two["usage"]["toolUsage"]["tools"],
            json!([{"name": "session_status", "count": 1}])
        );
        assert_eq!(two["usage"]["messageCounts"]["toolResults"], 1);
        let sums = &usage["aggregates"];
        assert_eq!(sums["byModel"][0]["count"], 4);
        assert_eq!(
            (&sums["byModel"][0]["provider"], &sums["byModel"][0]["model"]),
            (&json!("test"), &json!("test"))
        );
        assert_eq!(sums["latency"]["count"], 4);
        assert_eq!(sums["daily"][0]["tokens"], 60);
        assert_eq!(sums["byAgent"][0]["agentId"], "main");
        let shown = peer.call("sessions.usage", json!({"limit": 1})).await.unwrap();
        assert_eq!(shown["sessions"].as_array().unwrap().len(), 1);
        tokens(&shown["totals"], 4);

        let only = peer.call("sessions.usage", json!({"key": "agent:main:one"})).await.unwrap();
        tokens(&only["totals"], 2);
        let cost = peer.call("usage.cost", json!({"days": 7})).await.unwrap();
        assert_eq!((&cost["days"], &cost["daily"][0]["totalTokens"]), (&json!(7), &json!(60)));
        tokens(&cost["totals"], 4);
    }
}

#[tokio::test]
async fn a_session_is_told_answer_by_answer() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(priced(&model)).await;
    let mut peer = gateway.operator().await;
    let key = json!({"key": "agent:main:one"});
    for method in ["sessions.usage.timeseries", "sessions.usage.logs"] {
        let missing = peer.call(method, key.clone()).await.unwrap_err();
        assert_eq!(missing["message"], "there is no session agent:main:one");
        let nameless = peer.call(method, json!({})).await.unwrap_err();
        assert_eq!(nameless["message"], "key is required: name a session");
    }
    ask(&mut peer, &model, "agent:main:one", "r1").await;
    ask(&mut peer, &model, "agent:main:one", "r2").await;
    let series = peer.call("sessions.usage.timeseries", key.clone()).await.unwrap();
    let points = series["points"].as_array().unwrap();
    assert_eq!(points.len(), 2);
    assert_eq!(points.iter().map(|p| p["cumulativeTokens"].clone()).collect::<Vec<_>>(), [15, 30]);
    cost(&points[1]["cumulativeCost"], 2);
    let logs = peer.call("sessions.usage.logs", key).await.unwrap();
    let logs = logs["logs"].as_array().unwrap();
    assert_eq!(logs.len(), 4);
    assert_eq!((&logs[0]["role"], &logs[0]["content"]), (&json!("user"), &json!("hello")));
    assert_eq!((&logs[1]["tokens"], &logs[1]["content"]), (&json!(15), &json!("hi")));
    assert!(logs[0].get("tokens").is_none());
}

#[tokio::test]
async fn what_was_used_before_a_reset_is_not_forgotten() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(priced(&model)).await;
    let mut peer = gateway.operator().await;
    let key = "agent:main:one";
    ask(&mut peer, &model, key, "r1").await;
    let row = async |peer: &mut Peer| {
        let told = peer.call("sessions.describe", json!({"key": key})).await.unwrap();
        told["session"].clone()
    };
    cost(&row(&mut peer).await["estimatedCostUsd"], 1);
    ask(&mut peer, &model, key, "r2").await;
    let told = row(&mut peer).await;
    // What it cost is that of the session; how full the context is, that of the last answer.
    cost(&told["estimatedCostUsd"], 2);
    assert_eq!(told["totalTokens"], 10);
    peer.call("sessions.reset", json!({"key": key})).await.unwrap();
    assert!(row(&mut peer).await.get("estimatedCostUsd").is_none());
    ask(&mut peer, &model, key, "r3").await;

    let one = peer.call("sessions.usage", json!({"key": key})).await.unwrap();
    tokens(&one["totals"], 1);
    let family = json!({"key": key, "groupBy": "family"});
    let all = peer.call("sessions.usage", family).await.unwrap();
    tokens(&all["totals"], 3);
    let [row] = all["sessions"].as_array().unwrap().as_slice() else { panic!("{all}") };
    assert_eq!((&row["scope"], &row["historicalInstanceCount"]), (&json!("family"), &json!(2)));
    tokens(&row["usage"], 3);
    let each = peer.call("sessions.usage", json!({})).await.unwrap();
    assert_eq!(each["sessions"].as_array().unwrap().len(), 2, "{each}");
    tokens(&each["totals"], 3);
    peer.call("sessions.delete", json!({"key": key})).await.unwrap();
    tokens(&peer.call("usage.cost", json!({})).await.unwrap()["totals"], 3);
}

#[tokio::test]
async fn days_and_agents_are_chosen() {
    let model = ModelServer::start().await;
    let mut config = priced(&model);
    config["agents"]["list"] = json!([{"id": "main", "default": true}, {"id": "other"}]);
    let gateway = TestGateway::with(config).await;
    let (mut new, mut old) = (gateway.operator().await, gateway.operator_v3().await);
    ask(&mut new, &model, "agent:main:one", "r1").await;
    ask(&mut new, &model, "agent:other:one", "r2").await;
    for (params, answers) in [
        (json!({}), 1),
        (json!({"agentId": "other"}), 1),
        (json!({"agentScope": "all"}), 2),
        (json!({"agentScope": "all", "range": "all"}), 2),
        (json!({"agentScope": "all", "startDate": "2020-01-01", "endDate": "2020-12-31"}), 0),
        (json!({"agentScope": "all", "creatorKey": "[\"profile\",\"me\"]"}), 0),
    ] {
        let told = new.call("sessions.usage", params.clone()).await.unwrap();
        tokens(&told["totals"], answers);
    }
    // Protocol 3 cannot name an agent there, and means all; its cost is that of the default agent.
    tokens(&old.call("sessions.usage", json!({})).await.unwrap()["totals"], 2);
    tokens(&old.call("usage.cost", json!({})).await.unwrap()["totals"], 1);
    let both = json!({"agentScope": "all", "agentId": "main"});
    for (method, params, message) in [
        ("sessions.usage", both.clone(), "agentScope cannot be combined with key or agentId"),
        ("usage.cost", both, "agentScope cannot be combined with agentId"),
        (
            "sessions.usage",
            json!({"startDate": "2026-11-20"}),
            "startDate and endDate must be given together",
        ),
        ("sessions.usage", json!({"agentId": "none"}), "unknown agent id \"none\""),
    ] {
        assert_eq!(new.call(method, params).await.unwrap_err()["message"], message);
    }
    let bad = new.call("sessions.usage", json!({"startDate": "yesterday"})).await.unwrap_err();
    assert!(bad["message"].as_str().unwrap().starts_with("invalid sessions.usage params"), "{bad}");
}
