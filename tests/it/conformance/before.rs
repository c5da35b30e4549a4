//! What the recorded gateway had gone through before a flow, as far as the flow shows it.

use openclaw_tests::{Device, Peer, TestGateway, peer};
use serde_json::{Value, json};

use super::script::{Before, Recorded};

/// One line of a log.
const LOG_LINE: &str = r#"{"time":"2026-11-20T23:32:34.474Z","level":"info","message":"a line"}"#;
/// As many of them as make a log longer than any answer.
const LOG_LINES: usize = 20_000;

/// Brings the gateway there.
pub(crate) async fn prepare(
    gateway: &TestGateway,
    device: &Device,
    recorded: Recorded,
    before: Before,
) {
    match before {
        Before::Chat => {
            let mut peer = gateway.operator().await;
            let message = json!({"sessionKey": "agent:main:live", "message": "earlier", "idempotencyKey": "before"});
            peer.call("chat.send", message).await.unwrap();
            assert_eq!(peer.run_end("before").await["state"], "final");
        }
        Before::Workspace => {
            let workspace = gateway.state().path().join("workspace");
            std::fs::create_dir_all(&workspace).unwrap();
            std::fs::write(workspace.join("AGENTS.md"), "# The workspace").unwrap();
        }
        Before::Log => {
            let log = gateway.state().path().join("test.log");
            std::fs::write(log, format!("{LOG_LINE}\n").repeat(LOG_LINES)).unwrap();
        }
        Before::Approvals => {
            let file = json!({"version": 1, "socket": {"path": "/run/x.sock", "token": "secret"},
                "defaults": {}, "agents": {}});
            let path = gateway.state().path().join("exec-approvals.json");
            std::fs::write(path, file.to_string()).unwrap();
        }
        Before::Device => {
            let mut params = peer::connect_params(recorded.protocol());
            params["client"] =
                json!({"id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli"});
            connect(gateway, device, params).await.unwrap();
        }
        Before::Pending => {
            let mut params = peer::connect_params(recorded.protocol());
            params["client"] = json!({"id": "node-host", "version": "1.0.0", "platform": "linux",
                "deviceFamily": "Linux", "mode": "node"});
            params["role"] = json!("node");
            params["scopes"] = json!([]);
            connect(gateway, device, params).await.unwrap_err();
        }
    }
}

async fn connect(
    gateway: &TestGateway,
    device: &Device,
    mut params: Value,
) -> Result<Value, Value> {
    let mut peer = Peer::open(gateway.address()).await;
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await
}
