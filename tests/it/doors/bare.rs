//! 004: a tutorial gateway. Frames have no type, errors the numbers of JSON-RPC, and no secret is sent.

use openclaw_tests::{Device, Peer, TestGateway, gateway::TOKEN, peer::connect_params};
use serde_json::{Value, json};

use super::{ELSEWHERE, hear, open, say};

async fn call(peer: &mut Peer, id: Value, method: &str, params: Value) -> Value {
    say(peer, &json!({"id": id, "method": method, "params": params})).await;
    hear(peer, |frame| frame["id"] == id && frame.get("event").is_none()).await
}

#[tokio::test]
async fn the_tutorials_client_talks_without_a_handshake() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    let health = call(&mut peer, json!(1), "health", json!({})).await;
    assert_eq!(health["result"]["ok"], true);
    assert_eq!(health.as_object().unwrap().len(), 2, "an id and a result: {health}");
    let nodes = call(&mut peer, json!("n"), "nodes.list", json!({})).await;
    assert_eq!(nodes["result"]["nodes"], json!([]));

    let params = json!({"sessionKey": "main", "message": "run tool session_status {}"});
    let run = call(&mut peer, json!(2), "chat.send", params).await;
    assert_eq!(run["result"]["status"], "started");
    let tool = hear(&mut peer, |frame| frame["event"] == "agent.tool").await;
    assert_eq!(tool["data"]["data"]["name"], "session_status");
    let message = hear(&mut peer, |frame| frame["event"] == "agent.message").await;
    assert_eq!(message["data"]["runId"], run["result"]["runId"]);
    assert!(message.get("type").is_none() && message.get("seq").is_none(), "{message}");
    hear(&mut peer, |frame| frame["event"] == "chat" && frame["data"]["state"] == "final").await;

    // `agent` answers once; the end is told by events.
    let run = call(&mut peer, json!(3), "agent", json!({"message": "again"})).await;
    assert_eq!(run["result"]["status"], "accepted");
    hear(&mut peer, |f| f["event"] == "agent" && f["data"]["data"]["phase"] == "end").await;
    let next = call(&mut peer, json!(3), "health", json!({})).await;
    assert_eq!(next["result"]["ok"], true, "no second answer came between: {next}");
}

#[tokio::test]
async fn a_node_registers_and_is_listed_but_may_nothing() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    let said = json!({"name": "Kitchen", "platform": "linux", "capabilities": ["camera"],
        "commands": ["camera.snap"]});
    let registered = call(&mut peer, json!(1), "nodes.register", said).await;
    let id = registered["result"]["id"].as_str().unwrap().to_owned();
    assert_eq!(registered["result"]["status"], "pending", "{registered}");
    let listed = call(&mut peer, json!(2), "nodes.list", json!({})).await;
    let node = &listed["result"]["nodes"][0];
    assert_eq!((&node["id"], &node["displayName"]), (&json!(id), &json!("Kitchen")), "{node}");
    assert_eq!((&node["commands"], &node["connected"]), (&json!([]), &json!(false)));
    assert_eq!(
        (&node["paired"], &node["approvalState"]),
        (&json!(false), &json!("pending-approval"))
    );
    let first = node["lastHeartbeat"].as_u64().unwrap();

    // Of its own connection it need not say which node lives; another one has to.
    for params in [json!({}), json!({"id": id})] {
        let beat = call(&mut peer, json!(3), "nodes.heartbeat", params).await;
        assert!(beat["result"]["lastHeartbeat"].as_u64().unwrap() >= first, "{beat}");
    }
    let mut other = Peer::open(gateway.address()).await;
    let unknown = call(&mut other, json!(1), "nodes.heartbeat", json!({})).await;
    assert_eq!(unknown["error"]["message"], "unknown node; register it first");
    let unknown = call(&mut other, json!(2), "nodes.heartbeat", json!({"id": "nope"})).await;
    assert_eq!(unknown["error"]["message"], "unknown node; register it first");
    let listed = call(&mut other, json!(3), "nodes.list", json!({})).await;
    assert_eq!(listed["result"]["nodes"][0]["lastSeenReason"], "heartbeat");

    // An operator sees the request and approves it; a program still runs nowhere, since nobody is there.
    let mut operator = gateway.operator().await;
    let asked = operator.call("node.pair.list", json!({})).await.unwrap();
    let request = &asked["pending"][0];
    assert_eq!((&request["nodeId"], &request["displayName"]), (&json!(id), &json!("Kitchen")));
    let approve = json!({"requestId": request["requestId"]});
    operator.call("node.pair.approve", approve).await.unwrap();
    let again = json!({"id": id, "name": "Kitchen", "platform": "linux"});
    let again = call(&mut peer, json!(4), "nodes.register", again).await;
    assert_eq!(
        (&again["result"]["id"], &again["result"]["status"]),
        (&json!(id), &json!("approved"))
    );
    let invoke = json!({"nodeId": id, "command": "camera.snap", "idempotencyKey": "k"});
    let refused = operator.call("node.invoke", invoke).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("not connected"), "{refused}");
    let methods = operator.hello["features"]["methods"].as_array().unwrap();
    assert!(!methods.iter().any(|name| name == "node.register"), "no feature list shows it");
}

/// The id of a device, or one that an operator asked for, is nobody else's.
#[tokio::test]
async fn nobody_registers_as_a_node_that_is_known() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator_v3().await;
    operator.call("node.pair.request", json!({"nodeId": "known"})).await.unwrap();
    let mut peer = Peer::open(gateway.address()).await;
    let refused = call(&mut peer, json!(1), "nodes.register", json!({"id": "known"})).await;
    assert_eq!(refused["error"]["message"], "this id is another node's; register without one");
    let beat = call(&mut peer, json!(2), "nodes.heartbeat", json!({"id": "known"})).await;
    assert_eq!(beat["error"]["message"], "unknown node; register it first");
    // Nor is that of a device which may be a node and has not connected as one yet.
    let device = Device::new();
    let mut stranger = open(&gateway, "/", &[ELSEWHERE]).await;
    let mut params = connect_params(4);
    (params["role"], params["scopes"]) = (json!("node"), json!([]));
    device.sign(&mut params, &stranger.nonce);
    let waits = stranger.shake(params).await.unwrap_err();
    let request = json!({"requestId": waits["details"]["requestId"]});
    operator.call("device.pair.approve", request).await.unwrap();
    let refused = call(&mut peer, json!(3), "nodes.register", json!({"id": device.id()})).await;
    assert_eq!(refused["error"]["message"], "this id is another node's; register without one");
}

#[tokio::test]
async fn errors_have_the_numbers_and_words_of_that_description() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    let mut code = async |method: &str, params: Value| {
        let answer = call(&mut peer, json!(9), method, params).await;
        (answer["error"]["code"].as_i64().unwrap(), answer["error"].clone())
    };
    let (number, error) = code("cron.add", json!({})).await;
    assert_eq!((number, &error["message"]), (-32601, &json!("Unknown method: cron.add")));
    let (number, error) = code("connect", json!({})).await;
    assert_eq!((number, &error["message"]), (-32601, &json!("Unknown method: connect")));
    let (number, error) = code("chat.history", json!({})).await;
    assert_eq!((number, &error["data"]["code"]), (-32602, &json!("INVALID_REQUEST")));
    let (number, error) = code("sessions.clear", json!({"key": "main"})).await;
    assert_eq!((number, &error["data"]["code"]), (-32000, &json!("FORBIDDEN")));
    for odd in [
        "{",
        "[]",
        r#"{"id":1}"#,
        r#"{"id":{},"method":"health"}"#,
        r#"{"id":1,"id":1,"method":"health"}"#,
    ] {
        peer.send_text(odd).await;
        let answer = hear(&mut peer, |frame| frame.get("error").is_some()).await;
        let expected = json!({"code": -32600, "message": "Invalid request format"});
        assert_eq!((&answer["id"], &answer["error"]), (&Value::Null, &expected), "{odd}");
    }
}

#[tokio::test]
async fn from_elsewhere_it_needs_a_bearer_or_the_query() {
    let gateway = TestGateway::start().await;
    let bearer = format!("Bearer {TOKEN}");
    let query = format!("/ws?token={TOKEN}");
    for (path, headers) in
        [("/", &[ELSEWHERE, ("authorization", &*bearer)][..]), (&query, &[ELSEWHERE])]
    {
        let mut peer = open(&gateway, path, headers).await;
        let health = call(&mut peer, json!(1), "health", json!({})).await;
        assert_eq!(health["result"]["ok"], true);
    }
    let mut peer = open(&gateway, "/", &[ELSEWHERE]).await;
    let refused = call(&mut peer, json!(1), "health", json!({})).await;
    assert_eq!(refused["error"]["code"], -32000);
    assert_eq!(refused["error"]["data"]["details"]["code"], "AUTH_TOKEN_MISSING");
    assert_eq!(peer.ended().await.code, 1008);
}

#[tokio::test]
async fn the_end_is_called_gateway_closing() {
    let gateway = TestGateway::start().await;
    let mut peer = Peer::open(gateway.address()).await;
    call(&mut peer, json!(1), "health", json!({})).await;
    let stopping = gateway.stop();
    let watching = async {
        hear(&mut peer, |frame| frame["event"] == "gateway.closing").await;
        peer.ended().await
    };
    let (_, ended) = tokio::join!(stopping, watching);
    assert_eq!(ended.code, 1012);
}
