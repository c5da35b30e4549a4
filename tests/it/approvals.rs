//! Requests that a person decides: one connection asks, another one decides.

use openclaw_tests::{
    Peer, TestGateway,
    peer::{SCOPES, connect_params},
};
use serde_json::{Value, json};

mod doors;
mod exec;
mod file;
mod kinds;
mod questions;
mod restart;

/// A connection of protocol 4 that shows requests to someone.
async fn approver(address: std::net::SocketAddr) -> Peer {
    let mut peer = Peer::open(address).await;
    let mut params = connect_params(4);
    params["caps"] = json!(["approvals"]);
    peer.shake(params).await.expect("the approver is let in");
    peer
}

/// A connection of protocol 4 with every scope but this one.
async fn without(gateway: &TestGateway, scope: &str) -> Peer {
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = connect_params(4);
    params["caps"] = json!(["approvals"]);
    let scopes: Vec<&str> = SCOPES.into_iter().filter(|had| *had != scope).collect();
    // Who administers may do all.
    let scopes: Vec<&str> = scopes.into_iter().filter(|had| *had != "operator.admin").collect();
    params["scopes"] = json!(scopes);
    peer.shake(params).await.expect("the peer is let in");
    peer
}

/// A command that wants to run, by its words.
fn command(id: &str, argv: &[&str]) -> Value {
    json!({"id": id, "commandArgv": argv, "cwd": "/srv", "host": "gateway"})
}

/// The message of a refusal.
#[track_caller]
fn refusal(answer: Result<Value, Value>) -> String {
    answer.expect_err("it is refused")["message"].as_str().unwrap().to_owned()
}
