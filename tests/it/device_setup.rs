//! Setup codes, more scopes for a live connection, and the record that outlives a restart.

use std::net::SocketAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_agent::clock::{Clock as _, SystemClock};
use openclaw_tests::{Device, Peer, TestGateway, gateway::TOKEN, peer::connect_params};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

fn asking(protocol: u64, role: &str, scopes: &[&str], auth: Value) -> Value {
    let mut params = connect_params(protocol);
    params["client"]["displayName"] = json!("Ada's phone");
    (params["role"], params["scopes"], params["auth"]) = (json!(role), json!(scopes), auth);
    params
}

/// Connects a device from elsewhere: something in front of the gateway says so.
async fn elsewhere(address: SocketAddr, device: &Device, mut params: Value) -> Result<Peer, Value> {
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    request.headers_mut().insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
    let mut peer = Peer::open_with(request).await;
    device.sign(&mut params, &peer.nonce);
    peer.shake(params).await?;
    Ok(peer)
}

#[tokio::test]
async fn a_phone_comes_in_by_a_setup_code_with_a_token_for_each_role() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    for (protocol, asked) in [(3, Some("limited")), (4, None)] {
        let mut operator = gateway.operator().await;
        let mut params = json!({"publicUrl": "https://claw.example.org/"});
        if let Some(asked) = asked {
            params["bootstrapProfile"] = json!(asked);
        }
        let made = operator.call("device.pair.setupCode", params).await.unwrap();
        let access = asked.unwrap_or("full");
        assert_eq!((&made["access"], &made["auth"]), (&json!(access), &json!("token")));
        assert_eq!(made["urlSource"], "request.publicUrl");
        let picture = made["qrDataUrl"].as_str().unwrap();
        assert!(picture.starts_with("data:image/png;base64,") && picture.len() <= 16_384);
        let code = URL_SAFE_NO_PAD.decode(made["setupCode"].as_str().unwrap()).unwrap();
        let code: Value = serde_json::from_slice(&code).unwrap();
        assert_eq!(
            (&code["url"], &code["expiresAtMs"]),
            (&json!("wss://claw.example.org"), &made["expiresAtMs"])
        );
        assert!(!made.to_string().contains(TOKEN));
        let id = json!({"setupId": made["setupId"]});
        let unused = operator.call("device.pair.setupStatus", id.clone()).await.unwrap();
        assert_eq!(unused, json!({}));

        let phone = Device::new();
        let auth = json!({"bootstrapToken": code["bootstrapToken"]});
        let peer = elsewhere(address, &phone, asking(protocol, "node", &[], auth)).await.unwrap();
        let told = operator
            .event("device.pair.setup.completed", |told| told["setupId"] == made["setupId"])
            .await;
        assert_eq!((&told["deviceId"], &told["access"]), (&json!(phone.id()), &json!(access)));
        assert_eq!(told["deviceName"], "Ada's phone");
        let status = operator.call("device.pair.setupStatus", id).await.unwrap();
        assert_eq!(status["completion"], told);

        let granted = &peer.hello["auth"];
        assert_eq!(granted["role"], "node");
        let [more] = granted["deviceTokens"].as_array().unwrap().as_slice() else {
            panic!("{granted}")
        };
        assert_eq!(more["role"], "operator");
        let admin = more["scopes"].as_array().unwrap().contains(&json!("operator.admin"));
        assert_eq!(admin, asked.is_none());
        for (role, token) in [("node", &granted["deviceToken"]), ("operator", &more["deviceToken"])]
        {
            let auth = json!({"deviceToken": token});
            elsewhere(address, &phone, asking(protocol, role, &[], auth)).await.unwrap();
        }
        let list = operator.call("device.pair.list", json!({})).await.unwrap();
        let shown = list["paired"].as_array().unwrap().iter().find(|d| d["deviceId"] == phone.id());
        assert_eq!(shown.unwrap()["approvedVia"], "bootstrap");
    }
}

#[tokio::test]
async fn a_code_that_cannot_be_used_is_not_made() {
    let gateway = TestGateway::start().await;
    let mut operator = gateway.operator().await;
    for (params, words) in [
        (json!({}), "listens on loopback alone"),
        (json!({"publicUrl": "ftp://claw.example.org"}), "is no address of a gateway"),
        (
            json!({"publicUrl": "ws://claw.example.org"}),
            "is neither encrypted nor in a private network",
        ),
        (json!({"publicUrl": "wss://claw.example.org", "joinUrl": true}), "not in this build"),
    ] {
        let refused = operator.call("device.pair.setupCode", params.clone()).await.unwrap_err();
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains(words), "{params}: {message}");
        assert_eq!(refused["code"], "INVALID_REQUEST");
    }
    // In a private network without encryption somebody might read along.
    let near = json!({"publicUrl": "ws://192.168.1.4:18789", "includeQr": false});
    let made = operator.call("device.pair.setupCode", near).await.unwrap();
    assert_eq!((&made["access"], &made["accessDowngraded"]), (&json!("limited"), &json!(true)));
    assert!(made.get("qrDataUrl").is_none());
    // Where nothing is asked of anybody a code would say nothing.
    let none = TestGateway::with(json!({"gateway": {"auth": {"mode": "none"}}})).await;
    let mut operator = none.operator().await;
    let params = json!({"publicUrl": "https://claw.example.org/"});
    let refused = operator.call("device.pair.setupCode", params).await.unwrap_err();
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("every device comes in as it is"), "{message}");
}

/// What `qr` of OpenClaw 2026.3.28 leaves in the state directory; it asks no gateway.
fn made_by_the_official_command(gateway: &TestGateway, codes: &[(&str, u64)]) {
    let folder = gateway.state().path().join("devices");
    std::fs::create_dir_all(&folder).unwrap();
    let records: serde_json::Map<String, Value> = codes
        .iter()
        .map(|(token, at)| {
            let profile = json!({"roles": ["node"], "scopes": []});
            let record = json!({"token": token, "ts": at, "profile": profile, "issuedAtMs": at});
            ((*token).to_owned(), record)
        })
        .collect();
    std::fs::write(folder.join("bootstrap.json"), Value::from(records).to_string()).unwrap();
}

#[tokio::test]
async fn a_code_of_the_official_command_lets_one_device_in_as_what_it_says() {
    let gateway = TestGateway::start().await;
    let now = u64::try_from(SystemClock.now_ms()).unwrap();
    let (old, later) = (now - 11 * 60 * 1000, now + 60 * 60 * 1000);
    made_by_the_official_command(&gateway, &[("good", now), ("old", old), ("later", later)]);
    let come = async |token: &str, role: &str| {
        let auth = json!({"bootstrapToken": token});
        let scopes: &[&str] = if role == "node" { &[] } else { &["operator.read"] };
        elsewhere(gateway.address(), &Device::new(), asking(3, role, scopes, auth)).await
    };
    for (token, role) in
        [("old", "node"), ("later", "node"), ("other", "node"), ("good", "operator")]
    {
        let refused = come(token, role).await.err().unwrap();
        assert_eq!(refused["details"]["code"], "AUTH_BOOTSTRAP_TOKEN_INVALID", "{token} {role}");
    }
    let peer = come("good", "node").await.unwrap();
    assert_eq!(peer.hello["auth"]["role"], "node");
    assert!(come("good", "node").await.is_err(), "it was used");
    let gateway = TestGateway::open(gateway.stop().await).await;
    let again = asking(3, "node", &[], json!({"bootstrapToken": "good"}));
    assert!(
        elsewhere(gateway.address(), &Device::new(), again).await.is_err(),
        "the file is still there"
    );
    let mut operator = gateway.operator().await;
    let record = operator.call("audit.list", json!({})).await.unwrap();
    assert!(record.to_string().contains("openclaw qr"), "{record}");
}

#[tokio::test]
async fn a_live_connection_asks_for_more_and_waits_for_an_operators_word() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut operator = gateway.operator().await;
    let device = Device::new();
    let mut local = Peer::open(address).await;
    let mut params = asking(4, "operator", &["operator.read"], json!({"token": TOKEN}));
    device.sign(&mut params, &local.nonce);
    local.shake(params).await.unwrap();

    let wide = json!({"scopes": ["operator.read", "operator.write"]});
    for approved in [false, true] {
        let asked = local.call("device.scopes.requestUpgrade", wide.clone()).await.unwrap();
        let told = operator
            .event("device.pair.requested", |told| told["requestId"] == asked["requestId"])
            .await;
        assert_eq!(told["scopes"], wide["scopes"]);
        let id = json!({"requestId": asked["requestId"]});
        let waiting = local.send("device.scopes.waitUpgrade", id.clone()).await;
        let method = if approved { "device.pair.approve" } else { "device.pair.reject" };
        operator.call(method, id.clone()).await.unwrap();
        let answer = local.answer(&waiting).await.unwrap();
        assert_eq!(answer["requestId"], asked["requestId"]);
        assert_eq!(answer["status"], if approved { "approved" } else { "rejected" });
        assert_eq!(answer.get("deviceToken").is_some(), approved);
        // Asked again, the answer is the same.
        assert_eq!(local.call("device.scopes.waitUpgrade", id).await.unwrap(), answer);
        if approved {
            let refused = local.call("sessions.create", json!({})).await.unwrap_err();
            assert_eq!(
                refused["message"], "missing scope: operator.write",
                "not on this connection"
            );
            let auth = json!({"deviceToken": answer["deviceToken"]});
            let params = asking(4, "operator", &["operator.write"], auth);
            elsewhere(address, &device, params).await.unwrap();
        }
    }
    for (params, words) in [
        (json!({"scopes": ["operator.write"]}), None),
        (
            json!({"scopes": ["operator.pairing"]}),
            Some("requested scopes must include the connection's current scopes"),
        ),
        (
            json!({"scopes": ["operator.read", "root"]}),
            Some("requested scopes contain an unknown operator scope"),
        ),
    ] {
        let answer = local.call("device.scopes.requestUpgrade", params).await;
        assert_eq!(
            answer.err().map(|error| error["message"].clone()),
            words.map(|words| json!(words))
        );
    }
    let unknown = json!({"requestId": "nope"});
    let refused = local.call("device.scopes.waitUpgrade", unknown).await.unwrap_err();
    assert_eq!(refused["message"], "scope upgrade expired or not found");
    let refused = operator.call("device.scopes.requestUpgrade", wide).await.unwrap_err();
    assert_eq!(refused["details"]["code"], "DEVICE_IDENTITY_REQUIRED");
}

#[tokio::test]
async fn what_was_granted_refused_and_taken_back_outlives_a_restart() {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let device = Device::new();
    let mut params = asking(4, "operator", &["operator.read"], json!({"token": TOKEN}));
    let mut local = Peer::open(address).await;
    device.sign(&mut params, &local.nonce);
    local.shake(params).await.unwrap();
    for _ in 0..3 {
        let guess = asking(4, "operator", &[], json!({"token": "canary-guess"}));
        elsewhere(address, &Device::new(), guess).await.map(drop).unwrap_err();
    }
    let own = local.call("audit.list", json!({})).await.unwrap();
    let about: Vec<_> = own["events"].as_array().unwrap().iter().map(|e| &e["deviceId"]).collect();
    assert_eq!(about, [&json!(device.id())], "who may not administrate sees itself");
    let refused = local.call("audit.list", json!({"deviceId": "another"})).await.unwrap_err();
    assert_eq!(refused["message"], "missing scope: operator.admin");
    let mut operator = gateway.operator().await;
    operator.call("device.pair.remove", json!({"deviceId": device.id()})).await.unwrap();
    let state = gateway.stop().await;

    let gateway = TestGateway::open(state).await;
    let mut operator = gateway.operator().await;
    let list = operator.call("audit.list", json!({})).await.unwrap();
    assert!(!list.to_string().contains("canary-guess") && !list.to_string().contains(TOKEN));
    let of = |event: &str| {
        let records = list["events"].as_array().unwrap().iter();
        records.filter(|record| record["action"] == event).cloned().collect::<Vec<_>>()
    };
    let [approved, removed, refused] =
        ["device.approved", "device.removed", "connect.refused"].map(of);
    assert_eq!(approved.len(), 1, "{list}");
    assert_eq!(
        (&approved[0]["deviceId"], &approved[0]["detail"]["via"]),
        (&json!(device.id()), &json!("silent"))
    );
    assert_eq!(
        (&removed[0]["deviceId"], &removed[0]["actor"]),
        (&json!(device.id()), &json!({"type": "proof", "id": "shared-secret"}))
    );
    assert_eq!(
        (&refused[0]["count"], &refused[0]["actor"]),
        (&json!(3), &json!({"type": "address", "id": "127.0.0.1"}))
    );
    assert_eq!(refused[0]["detail"]["reason"], "token_mismatch");
    let page = operator.call("audit.list", json!({"limit": 1})).await.unwrap();
    let next = json!({"limit": 1, "cursor": page["nextCursor"]});
    let second = operator.call("audit.list", next).await.unwrap();
    assert_eq!(second["events"][0], list["events"][1]);
}
