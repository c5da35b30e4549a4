//! Nodes: what they may, what they are asked, what they tell. One story a test.

use openclaw_tests::{Device, Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};

mod allowed;
mod asked;
mod bound;
mod forged;
mod pairing;
mod recorded;
mod rules;
mod tells;
mod waits;
mod withdrawn;

/// A machine that connects as a node, each time with the same device.
struct Machine {
    device: Device,
    commands: Vec<&'static str>,
}

impl Machine {
    fn new(commands: &[&'static str]) -> Self {
        Self { device: Device::new(), commands: commands.to_vec() }
    }

    fn id(&self) -> String {
        self.device.id()
    }

    /// Connects, with the gateway's own token.
    async fn connect(&self, gateway: &TestGateway, protocol: u64) -> Peer {
        let client = json!({
            "id": "node-host", "version": "1.0.0", "platform": "linux", "mode": "node",
            "displayName": "Shelf",
        });
        self.connect_as(gateway, protocol, (client, json!({}))).await
    }

    /// The same as a Mac with its app, which may see whether somebody is there.
    async fn mac(&self, gateway: &TestGateway) -> Peer {
        let client = json!({
            "id": "openclaw-macos", "version": "1.0.0", "platform": "macOS 15.1", "mode": "node",
            "deviceFamily": "Mac", "displayName": "Mac",
        });
        self.connect_as(gateway, 4, (client, json!({ "accessibility": true }))).await
    }

    /// The same as a phone with its app.
    async fn phone(&self, gateway: &TestGateway) -> Peer {
        let client = json!({
            "id": "openclaw-ios", "version": "1.0.0", "platform": "ios 18.1", "mode": "node",
            "deviceFamily": "iPhone", "displayName": "Phone",
        });
        self.connect_as(gateway, 4, (client, json!({}))).await
    }

    async fn connect_as(
        &self,
        gateway: &TestGateway,
        protocol: u64,
        (client, permissions): (Value, Value),
    ) -> Peer {
        let mut peer = Peer::open(gateway.address()).await;
        let mut params = connect_params(protocol);
        params["client"] = client;
        params["role"] = json!("node");
        params["scopes"] = json!([]);
        params["caps"] = json!(["system"]);
        params["permissions"] = permissions;
        params["commands"] = json!(self.commands);
        self.device.sign(&mut params, &peer.nonce);
        peer.shake(params).await.expect("a node on this machine is let in");
        peer
    }

    /// The request that waits for it.
    async fn request(&self, operator: &mut Peer) -> Option<Value> {
        let list = operator.call("node.pair.list", json!({})).await.unwrap();
        let pending = list["pending"].as_array().unwrap();
        pending.iter().find(|request| request["nodeId"] == self.id()).cloned()
    }

    /// Approves what it has asked for.
    async fn approve(&self, operator: &mut Peer) -> Value {
        let request = self.request(operator).await.expect("it has asked to be approved");
        let params = json!({ "requestId": request["requestId"] });
        operator.call("node.pair.approve", params).await.unwrap()
    }

    /// How an operator sees it.
    async fn seen(&self, operator: &mut Peer) -> Value {
        operator.call("node.describe", json!({ "nodeId": self.id() })).await.unwrap()
    }

    /// `node.invoke` with a key of its own.
    fn invoke(&self, command: &str, params: &Value, key: &str) -> Value {
        json!({
            "nodeId": self.id(), "command": command, "params": params, "timeoutMs": 10_000,
            "idempotencyKey": key,
        })
    }
}

/// A gateway, an operator, a machine that is approved, and its connection.
async fn approved(commands: &[&'static str]) -> (TestGateway, Peer, Machine, Peer) {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let machine = Machine::new(commands);
    let node = machine.connect(&gateway, 4).await;
    machine.approve(&mut operator).await;
    (gateway, operator, machine, node)
}

/// What a node is asked next.
async fn asked(node: &mut Peer) -> Value {
    node.event("node.invoke.request", |_| true).await
}

/// Answers what a node was asked.
async fn answer(node: &mut Peer, request: &Value, payload: &Value) -> Value {
    let params = json!({
        "id": request["id"], "nodeId": request["nodeId"], "ok": true,
        "payloadJSON": payload.to_string(),
    });
    node.call("node.invoke.result", params).await.unwrap()
}
