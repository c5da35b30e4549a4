//! Devices from the first knock to the last close: approved, named, replaced, revoked, removed.

use std::net::SocketAddr;

use openclaw_tests::{Device, ModelServer, Peer, TestGateway, peer::connect_params};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const PAIRING: [&str; 2] = ["operator.pairing", "operator.read"];

/// What a device's program sends; `auth` is its secret.
fn asking(protocol: u64, role: &str, scopes: &[&str], auth: Value) -> Value {
    let mut params = connect_params(protocol);
    params["client"] = json!({"id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli"});
    (params["role"], params["scopes"], params["auth"]) = (json!(role), json!(scopes), auth);
    params
}

fn secret() -> Value {
    connect_params(4)["auth"].take()
}

/// Connects a device from this machine.
async fn local(address: SocketAddr, device: &Device, mut params: Value) -> Result<Peer, Value> {
    let mut peer = Peer::open(address).await;
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await?;
    Ok(peer)
}

/// Connects a device from elsewhere: something in front of the gateway says so.
async fn remote(address: SocketAddr, device: &Device, mut params: Value) -> Result<Peer, Value> {
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
    let mut peer = Peer::open_with(request).await;
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await?;
    Ok(peer)
}

/// The id of the request that a refused device has made.
fn request_of(refused: Result<Peer, Value>) -> String {
    let Err(refused) = refused else { panic!("it is let in") };
    assert_eq!(refused["details"]["code"], "PAIRING_REQUIRED", "{refused}");
    refused["details"]["requestId"].as_str().unwrap().to_owned()
}

/// A device that this machine's person has paired, and its own token.
async fn paired(gateway: &TestGateway, protocol: u64, scopes: &[&str]) -> (Device, Value) {
    let device = Device::new();
    let params = asking(protocol, "operator", scopes, secret());
    let peer = local(gateway.address(), &device, params).await.unwrap();
    let token = peer.hello["auth"]["deviceToken"].clone();
    (device, json!({"deviceToken": token}))
}

/// The same, connected with its own token.
async fn on_its_own(gateway: &TestGateway, protocol: u64, scopes: &[&str]) -> (Device, Peer) {
    let (device, token) = paired(gateway, protocol, scopes).await;
    let params = asking(protocol, "operator", scopes, token);
    let peer = local(gateway.address(), &device, params).await.unwrap();
    (device, peer)
}

#[tokio::test]
async fn a_device_from_elsewhere_waits_for_an_operator_and_is_known_until_it_is_removed() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    for protocol in [3, 4] {
        let mut operator = Peer::connect_with_device(address, protocol).await;
        let device = Device::new();
        let knock = || asking(protocol, "operator", &["operator.read"], secret());
        let id = request_of(remote(address, &device, knock()).await);
        let told = operator.event("device.pair.requested", |told| told["requestId"] == id).await;
        assert_eq!((&told["deviceId"], &told["role"]), (&json!(device.id()), &json!("operator")));
        assert_eq!(told["scopes"], json!(["operator.read"]));

        let done = operator.call("device.pair.approve", json!({"requestId": id})).await.unwrap();
        assert_eq!(
            (&done["requestId"], &done["device"]["deviceId"]),
            (&json!(id), &json!(device.id()))
        );
        assert!(!done.to_string().contains("\"token\":"), "no token's text: {done}");
        let decided = operator.event("device.pair.resolved", |told| told["requestId"] == id).await;
        assert_eq!(decided["decision"], "approved");
        let again = operator.call("device.pair.approve", json!({"requestId": id})).await;
        assert_eq!(again.unwrap_err()["message"], "unknown requestId");

        let mut peer = remote(address, &device, knock()).await.unwrap();
        peer.call("sessions.list", json!({})).await.unwrap();
        let refused = peer.call("device.pair.list", json!({})).await.unwrap_err();
        assert_eq!(refused["message"], "missing scope: operator.pairing");
        let gone = json!({"deviceId": device.id()});
        let done = operator.call("device.pair.remove", gone.clone()).await.unwrap();
        assert_eq!(done, gone);
        let ended = peer.ended().await;
        assert_eq!((ended.code, ended.reason.as_str()), (4001, "device removed"));
        let again = operator.call("device.pair.remove", gone).await.unwrap_err();
        assert_eq!(again["message"], "unknown deviceId");

        let id = request_of(remote(address, &device, knock()).await);
        let done = operator.call("device.pair.reject", json!({"requestId": id})).await.unwrap();
        assert_eq!(done, json!({"requestId": id, "deviceId": device.id()}));
        let decided = operator.event("device.pair.resolved", |told| told["requestId"] == id).await;
        assert_eq!(decided["decision"], "rejected");
    }
}

#[tokio::test]
async fn who_ends_its_own_right_is_answered_before_its_socket_closes() {
    let gateway = TestGateway::start().await;
    for protocol in [3, 4] {
        for method in ["device.token.rotate", "device.token.revoke", "device.pair.remove"] {
            // The answer and the close race when nothing orders them.
            for round in 0..10 {
                let (device, mut peer) = on_its_own(&gateway, protocol, &["operator.admin"]).await;
                let mut params = json!({"deviceId": device.id()});
                if method != "device.pair.remove" {
                    params["role"] = json!("operator");
                }
                let done = peer.call(method, params).await.unwrap();
                assert_eq!(done["deviceId"], device.id(), "{method} {round}");
                if method == "device.token.rotate" {
                    assert_eq!(done["token"].as_str().unwrap().len(), 43);
                    let delivery = &done["tokenDelivery"];
                    assert_eq!(delivery.as_str(), (protocol == 4).then_some("in-band"));
                }
                let ended = peer.ended().await;
                assert_eq!((ended.code, ended.reason.as_str()), (4001, "device removed"));
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_takes_long_does_not_hold_a_revoked_connection() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let (device, mut peer) = on_its_own(&gateway, 4, &["operator.write", "operator.read"]).await;
    let message = json!({"sessionKey": "main", "message": "hi", "idempotencyKey": "r1"});
    peer.call("chat.send", message).await.unwrap();
    let turn = model.turn().await;
    // This one waits for a run that nobody ends.
    peer.send("agent.wait", json!({"runId": "r1", "timeoutMs": 60_000})).await;
    peer.call("health", json!({})).await.unwrap();
    let mut operator = gateway.operator().await;
    let started = tokio::time::Instant::now();
    operator.call("device.pair.remove", json!({"deviceId": device.id()})).await.unwrap();
    // A frame of a connection that has lost its ground begins nothing.
    peer.send(
        "chat.send",
        json!({"sessionKey": "other", "message": "late", "idempotencyKey": "r2"}),
    )
    .await;
    assert_eq!(peer.ended().await.code, 4001);
    assert!(started.elapsed() < std::time::Duration::from_secs(1), "{:?}", started.elapsed());
    // What it had started ends with it, and nobody else's does.
    turn.given_up().await;
    assert_eq!(operator.run_end("r1").await["state"], "aborted");
    let sessions = operator.call("sessions.list", json!({})).await.unwrap();
    assert!(!sessions.to_string().contains("agent:main:other"), "{sessions}");
}

#[tokio::test]
async fn a_replaced_token_ends_what_stood_on_it_and_no_runs() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let (device, mut peer) = on_its_own(&gateway, 4, &["operator.write", "operator.read"]).await;
    let message = json!({"sessionKey": "main", "message": "hi", "idempotencyKey": "r1"});
    peer.call("chat.send", message).await.unwrap();
    let turn = model.turn().await;
    let mut operator = gateway.operator().await;
    let token = json!({"deviceId": device.id(), "role": "operator", "scopes": ["operator.read"]});
    let done = operator.call("device.token.rotate", token).await.unwrap();
    assert_eq!(done["tokenDelivery"], "withheld-cross-device");
    assert!(done.get("token").is_none(), "{done}");
    assert_eq!(done["scopes"], json!(["operator.read"]));
    assert_eq!(peer.ended().await.code, 4001);
    turn.text("still here");
    turn.done();
    assert_eq!(operator.run_end("r1").await["state"], "final");
    // To a client of protocol 3 the text is told.
    let mut old = gateway.operator_v3().await;
    let token = json!({"deviceId": device.id(), "role": "operator"});
    let done = old.call("device.token.rotate", token).await.unwrap();
    assert_eq!((done["token"].as_str().unwrap().len(), done.get("tokenDelivery")), (43, None));
}

#[tokio::test]
async fn a_device_that_came_with_its_own_token_sees_and_decides_about_itself() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let (_, stranger) = (Device::new(), Device::new());
    let (device, mut peer) = on_its_own(&gateway, 4, &PAIRING).await;
    let others = request_of(
        remote(address, &stranger, asking(4, "operator", &["operator.read"], secret())).await,
    );
    let wider = ["operator.pairing", "operator.read", "operator.approvals"];
    let own = request_of(remote(address, &device, asking(4, "operator", &wider, secret())).await);

    // The first request that it hears of is its own.
    let told = peer.event("device.pair.requested", |_| true).await;
    assert_eq!(told["requestId"], own);
    let list = peer.call("device.pair.list", json!({})).await.unwrap();
    assert_eq!(list["pending"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["paired"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(
        (&list["paired"][0]["deviceId"], &list["paired"][0]["connected"]),
        (&json!(device.id()), &json!(true))
    );

    let refuse = [
        ("device.pair.approve", json!({"requestId": others}), "device pairing approval denied"),
        ("device.pair.approve", json!({"requestId": "nope"}), "device pairing approval denied"),
        ("device.pair.reject", json!({"requestId": others}), "device pairing rejection denied"),
        ("device.pair.reject", json!({"requestId": "nope"}), "device pairing rejection denied"),
        ("device.pair.remove", json!({"deviceId": "nope"}), "device pairing removal denied"),
        (
            "device.pair.rename",
            json!({"deviceId": "nope", "label": "x"}),
            "device pairing rename denied",
        ),
        ("device.pair.approve", json!({"requestId": own}), "missing scope: operator.approvals"),
    ];
    for (method, params, words) in refuse {
        let refused = peer.call(method, params).await.unwrap_err();
        assert_eq!(
            (&refused["code"], &refused["message"]),
            (&json!("INVALID_REQUEST"), &json!(words))
        );
    }
    peer.call("device.pair.reject", json!({"requestId": own})).await.unwrap();
}

#[tokio::test]
async fn an_operators_name_is_shown_beside_the_one_that_the_device_tells() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    let (device, _) = paired(&gateway, 4, &["operator.read"]).await;
    let name = json!({"deviceId": device.id(), "label": "  Kitchen  "});
    let done = operator.call("device.pair.rename", name).await.unwrap();
    assert_eq!(done, json!({"deviceId": device.id(), "label": "Kitchen"}));
    operator.event("device.pair.changed", |_| true).await;
    // It asks for more and is approved anew by the secret that it proves.
    let more = asking(4, "operator", &["operator.read", "operator.write"], secret());
    local(gateway.address(), &device, more).await.unwrap();
    let list = operator.call("device.pair.list", json!({})).await.unwrap();
    assert_eq!(list["paired"][0]["operatorLabel"], "Kitchen");
    let long = json!({"deviceId": device.id(), "label": "x".repeat(65)});
    let refused = operator.call("device.pair.rename", long).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().starts_with("invalid device.pair.rename params"));
    let blank = json!({"deviceId": device.id(), "label": " "});
    let refused = operator.call("device.pair.rename", blank).await.unwrap_err();
    assert_eq!(refused["message"], "label required");
    // Protocol 3 has no such method.
    let mut old = gateway.operator_v3().await;
    let name = json!({"deviceId": device.id(), "label": "x"});
    let unknown = old.call("device.pair.rename", name).await.unwrap_err();
    assert_eq!(unknown["message"], "unknown method: device.pair.rename");
}

#[tokio::test]
async fn a_local_program_that_proves_the_secret_widens_its_own_device_and_no_token_does() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    for protocol in [3, 4] {
        let (device, token) = paired(&gateway, protocol, &["operator.read"]).await;
        let wide = |auth: Value| asking(protocol, "operator", &["operator.admin"], auth);
        let Err(refused) = local(address, &device, wide(token.clone())).await else {
            panic!("its own token widens nothing");
        };
        assert_eq!(refused["details"]["reason"], "scope-upgrade");
        request_of(remote(address, &device, wide(secret())).await);
        let mut page = format!("ws://{address}/").into_client_request().unwrap();
        page.headers_mut().insert("sec-fetch-mode", "websocket".parse().unwrap());
        let mut page = Peer::open_with(page).await;
        let mut params = wide(secret());
        device.sign(&mut params, &page.nonce);
        let refused = page.shake(params).await.unwrap_err();
        assert_eq!(refused["details"]["reason"], "scope-upgrade", "a browser is no such program");

        let mut admin = local(address, &device, wide(secret())).await.unwrap();
        let unknown = admin.call("no.such", json!({})).await.unwrap_err();
        assert_eq!(unknown["message"], "unknown method: no.such");
        // What was granted by the secret holds for its token too, and the request is done with.
        let mut again = local(address, &device, wide(token)).await.unwrap();
        let list = again.call("device.pair.list", json!({})).await.unwrap();
        assert_eq!(list["pending"], json!([]));
    }
}
