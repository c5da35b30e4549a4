//! The attacks of docs/security.md, over real sockets, by their names there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_tests::{
    Device, ModelServer, Peer, TestGateway,
    gateway::TOKEN,
    peer::{SCOPES, connect_params},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{client::IntoClientRequest as _, http::Request};

mod browser;
mod frames;
mod guesses;
mod input;
pub(crate) mod table;
mod texts;

/// Each row that is tested here, in the order of the table.
macro_rules! attacks {
    ($($place:ident: $($name:ident)+;)+) => {
        $($(#[tokio::test] async fn $name() { $place::$name().await; })+)+

        const HERE: &[(&str, &str)] = &[$($((stringify!($place), stringify!($name))),+),+];
    };
}

attacks! {
    rows: a2 a3 a5 a6 a7 a8 a9 a10 a11 a12 a13 a17 a18;
    browser: p1 p2 p3 p4 p5 p6 p7 p8 p11 p12;
    input: a4 p9 p10 p13 p14 p20;
    guesses: p16 p18;
    frames: p21 p23 p24 p25;
    texts: p26 p26_http p27 p28 p29 p29_odd;
}

/// What the table has to have a row for.
const IDS: [(char, std::ops::RangeInclusive<usize>); 4] =
    [('A', 1..=18), ('B', 1..=14), ('P', 1..=29), ('P', 37..=42)];

/// Every attack has a row, every row a test that is there or the reason why there is none, and every test
/// of this file has a row.
#[test]
fn every_row_of_the_table_is_tested() {
    let rows =
        table::DOCUMENT.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(" | ").collect()).skip(1).collect();
    let (mut named, mut variants) = (Vec::new(), 0);
    for row in &rows {
        let [id, _, _, tests] = row.as_slice() else { panic!("{row:?} has not four columns") };
        if let Some(reason) = tests.strip_prefix("none: ") {
            assert!(!reason.is_empty(), "{id}");
            continue;
        }
        for test in tests.split(", ") {
            let (test, count) = test.rsplit_once("` ").unwrap_or((test, "1"));
            let test = test.trim_matches('`');
            variants += count.parse::<usize>().unwrap_or_else(|_| panic!("{id}: {count}"));
            assert!(is_there(test), "{id}: no {test}");
            named.push((*id, test.to_owned()));
        }
    }
    let mut ids: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rows.len(), "each attack has one row");
    let due = IDS.iter().flat_map(|(kind, ids)| ids.clone().map(move |id| format!("{kind}{id}")));
    let missing: Vec<_> = due.filter(|id| !rows.iter().any(|row| row[0] == id)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
    for (place, name) in HERE {
        let id = name.split('_').next().unwrap().to_uppercase();
        let place = if *place == "rows" { "attacks" } else { &format!("attacks::{place}") };
        let test = format!("{place}::{name}");
        assert!(named.iter().any(|row| *row == (id.as_str(), test.clone())), "{id}: {test}");
    }
    println!("{} attacks, {} tests, {variants} variants", rows.len(), named.len());
}

/// Whether a test exists: `file::name` below tests/it, or `path/of/a/file::title` below the root.
fn is_there(test: &str) -> bool {
    let here = env!("CARGO_MANIFEST_DIR");
    let (path, title) = match test.rsplit_once("::") {
        Some((path, title)) if path.contains('/') => {
            (format!("{here}/../{path}"), title.to_owned())
        }
        Some((file, name)) => {
            (format!("{here}/it/{}.rs", file.replace("::", "/")), format!("fn {name}()"))
        }
        None => return false,
    };
    std::fs::read_to_string(path).is_ok_and(|source| source.contains(&title))
}

/// What a device's program sends.
fn asking(scopes: &[&str], auth: Value) -> Value {
    let mut params = connect_params(4);
    (params["scopes"], params["auth"]) = (json!(scopes), auth);
    params
}

fn secret() -> Value {
    json!({"token": TOKEN})
}

fn request(address: SocketAddr, headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

/// Connects with these headers; `device` signs when there is one.
async fn connect_with(
    address: SocketAddr,
    headers: &[(&'static str, &str)],
    device: Option<&Device>,
    mut params: Value,
) -> Result<Peer, Value> {
    let mut peer = Peer::open_with(request(address, headers)).await;
    if let Some(device) = device {
        device.sign(&mut params, &peer.nonce);
    }
    peer.shake(params).await.map(|_| ())?;
    Ok(peer)
}

/// From elsewhere, as far as the gateway can tell.
const ELSEWHERE: &[(&str, &str)] = &[("x-forwarded-for", "192.0.2.7")];

async fn here(address: SocketAddr, device: &Device, params: Value) -> Result<Peer, Value> {
    connect_with(address, &[], Some(device), params).await
}

async fn elsewhere(address: SocketAddr, device: &Device, params: Value) -> Result<Peer, Value> {
    connect_with(address, ELSEWHERE, Some(device), params).await
}

#[track_caller]
fn code(refused: Result<Peer, Value>) -> String {
    let Err(refused) = refused else { panic!("it is let in") };
    refused["details"]["code"].as_str().unwrap_or_default().to_owned()
}

/// Everything that the gateway knows of devices.
async fn devices(gateway: &TestGateway) -> Value {
    gateway.operator().await.call("device.pair.list", json!({})).await.unwrap()
}

/// A device, paired by the person at this machine, and its own token.
async fn paired(gateway: &TestGateway, scopes: &[&str]) -> (Device, Value) {
    let device = Device::new();
    let peer = here(gateway.address(), &device, asking(scopes, secret())).await.unwrap();
    let token = peer.hello["auth"]["deviceToken"].clone();
    (device, json!({"deviceToken": token}))
}

/// A setup code's secret.
async fn setup(operator: &mut Peer, profile: Option<&str>) -> (Value, String) {
    let mut params = json!({"publicUrl": "wss://claw.example.org", "includeQr": false});
    if let Some(profile) = profile {
        params["bootstrapProfile"] = json!(profile);
    }
    let made = operator.call("device.pair.setupCode", params).await.unwrap();
    let code = URL_SAFE_NO_PAD.decode(made["setupCode"].as_str().unwrap()).unwrap();
    let code: Value = serde_json::from_slice(&code).unwrap();
    assert_eq!(code["url"], "wss://claw.example.org");
    let id = made["setupId"].as_str().unwrap().to_owned();
    (json!({"bootstrapToken": code["bootstrapToken"]}), id)
}

mod rows {
    use super::*;

    pub(super) async fn a2() {
        let gateway = TestGateway::start().await;
        for method in ["config.apply", "device.pair.approve", "device.pair.setupCode"] {
            let mut peer = Peer::open(gateway.address()).await;
            peer.call(method, json!({"requestId": "x"})).await.unwrap_err();
            assert_eq!(peer.ended().await.code, 1008, "{method}");
        }
        let known = devices(&gateway).await;
        assert_eq!(known, json!({"pending": [], "paired": []}));
    }

    pub(super) async fn a3() {
        let gateway = TestGateway::start().await;
        for auth in [
            json!({"token": "x"}),
            json!({"password": "x"}),
            json!({"deviceToken": "x"}),
            json!({"bootstrapToken": "x"}),
            json!({"token": "x", "deviceToken": "y", "bootstrapToken": "z"}),
            json!({}),
        ] {
            let refused =
                connect_with(gateway.address(), ELSEWHERE, None, asking(&SCOPES, auth)).await;
            assert!(refused.is_err());
        }
        assert_eq!(devices(&gateway).await, json!({"pending": [], "paired": []}));
    }

    pub(super) async fn a5() {
        let hidden = [
            json!({"token": "guess"}),
            json!({"deviceToken": "made-up", "bootstrapToken": "made-up"}),
            json!({"token": "guess", "deviceToken": "made-up"}),
            json!({"token": "guess", "bootstrapToken": "made-up"}),
            json!({"token": "guess", "deviceToken": "made-up", "bootstrapToken": "made-up"}),
        ];
        let apart = [json!({"deviceToken": "made-up"}), json!({"bootstrapToken": "made-up"})];
        for auth in hidden.into_iter().chain(apart.clone()) {
            let gateway = TestGateway::start().await;
            let address = gateway.address();
            let origin = format!("http://{address}");
            let page: &[(&str, &str)] = &[("origin", &origin)];
            for headers in [ELSEWHERE, page] {
                let device = Device::new();
                let guess = async |auth: Value| {
                    let refused =
                        connect_with(address, headers, Some(&device), asking(&[], auth)).await;
                    code(refused)
                };
                for _ in 0..10 {
                    assert_ne!(guess(auth.clone()).await, "AUTH_RATE_LIMITED", "{auth}");
                }
                assert_eq!(guess(auth.clone()).await, "AUTH_RATE_LIMITED", "{auth}");
                if !apart.contains(&auth) {
                    assert_eq!(guess(secret()).await, "AUTH_RATE_LIMITED", "the right one too");
                    continue;
                }
                // What is no guess of the shared secret locks it out for nobody, and hides none.
                let mut beside = auth.clone();
                beside["token"] = json!("guess");
                for _ in 0..10 {
                    assert_ne!(guess(beside.clone()).await, "AUTH_RATE_LIMITED", "{beside}");
                }
                assert_eq!(guess(beside).await, "AUTH_RATE_LIMITED");
                assert_eq!(guess(secret()).await, "AUTH_RATE_LIMITED", "the right one too");
            }
        }
    }

    pub(super) async fn a6() {
        let gateway = TestGateway::start().await;
        let mut peer = connect_with(gateway.address(), ELSEWHERE, None, asking(&SCOPES, secret()))
            .await
            .unwrap();
        peer.call("sessions.list", json!({})).await.unwrap();
        for method in ["config.set", "device.pair.setupCode", "audit.list"] {
            let refused = peer.call(method, json!({})).await.unwrap_err();
            assert_eq!(refused["message"], "missing scope: operator.admin", "{method}");
        }
    }

    pub(super) async fn a7() {
        let gateway = TestGateway::start().await;
        let address = gateway.address();
        let (device, own) = paired(&gateway, &["operator.read"]).await;
        for auth in [own, secret()] {
            let refused = elsewhere(address, &device, asking(&SCOPES, auth)).await;
            assert_eq!(code(refused), "PAIRING_REQUIRED");
        }
        let mut peer =
            elsewhere(address, &device, asking(&["operator.read"], secret())).await.unwrap();
        let refused = peer.call("device.pair.list", json!({})).await.unwrap_err();
        assert_eq!(refused["message"], "missing scope: operator.pairing");
        let known = devices(&gateway).await;
        assert_eq!(known["paired"][0]["scopes"], json!(["operator.read"]));
        assert_eq!(known["pending"].as_array().unwrap().len(), 1);
    }

    pub(super) async fn a8() {
        let gateway = TestGateway::start().await;
        let claims: &[(&str, &str)] = &[
            ("x-openclaw-scopes", "operator.admin"),
            ("x-openclaw-role", "operator"),
            ("x-forwarded-for", "192.0.2.7"),
        ];
        let params = asking(&["operator.read"], secret());
        let mut peer = connect_with(gateway.address(), claims, None, params).await.unwrap();
        let refused = peer.call("config.set", json!({})).await.unwrap_err();
        assert_eq!(refused["message"], "missing scope: operator.admin");
        assert_eq!(peer.hello["auth"]["scopes"], json!(["operator.read"]));
    }

    pub(super) async fn a9() {
        let gateway = TestGateway::start().await;
        let address = gateway.address();
        let device = Device::new();
        let asks = || asking(&["operator.admin"], secret());
        let Err(refused) = elsewhere(address, &device, asks()).await else { panic!("it waits") };
        let id = json!({"requestId": refused["details"]["requestId"]});
        for scopes in [
            &["operator.pairing"][..],
            &["operator.pairing", "operator.write", "operator.approvals"],
        ] {
            let mut approver =
                connect_with(address, &[], None, asking(scopes, secret())).await.unwrap();
            let refused = approver.call("device.pair.approve", id.clone()).await.unwrap_err();
            assert_eq!(refused["message"], "missing scope: operator.admin");
        }
        assert_eq!(code(elsewhere(address, &device, asks()).await), "PAIRING_REQUIRED");
        assert_eq!(devices(&gateway).await["paired"], json!([]));
    }

    pub(super) async fn a10() {
        let gateway = TestGateway::start().await;
        let address = gateway.address();
        let mut operator = gateway.operator().await;
        let (device, _) = paired(&gateway, &["operator.read"]).await;
        for (role, scopes) in [
            ("node", json!([])),
            ("operator", json!(["operator.admin"])),
            ("operator", json!(["operator.read", "operator.write"])),
            ("owner", json!([])),
        ] {
            let rotate = json!({"deviceId": device.id(), "role": role, "scopes": scopes});
            let refused = operator.call("device.token.rotate", rotate).await.unwrap_err();
            assert_eq!(refused["message"], "device token rotation denied", "{role} {scopes}");
        }
        let nothing = json!({"deviceId": device.id(), "role": "operator", "scopes": []});
        let done = operator.call("device.token.rotate", nothing).await.unwrap();
        assert_eq!(done["scopes"], json!([]), "nothing is nothing");
        let empty = Device::new();
        let peer = here(address, &empty, asking(&[], secret())).await.unwrap();
        assert_eq!(peer.hello["auth"]["scopes"], json!([]));

        // A setup code: no more than it says, once, and never the shared secret's worth.
        let (auth, id) = setup(&mut operator, Some("limited")).await;
        let phone = Device::new();
        for scopes in [&["operator.admin"][..], &["operator.read", "operator.pairing"]] {
            let refused = elsewhere(address, &phone, asking(scopes, auth.clone())).await;
            assert_eq!(code(refused), "AUTH_BOOTSTRAP_TOKEN_INVALID");
        }
        let asks = || asking(&["operator.read"], auth.clone());
        let refused = connect_with(address, ELSEWHERE, None, asks()).await;
        assert!(refused.is_err(), "it is a device's");
        elsewhere(address, &phone, asks()).await.unwrap();
        let status =
            operator.call("device.pair.setupStatus", json!({"setupId": id})).await.unwrap();
        let used = status.as_object().unwrap().values().next().unwrap();
        assert_eq!((&used["deviceId"], &used["access"]), (&json!(phone.id()), &json!("limited")));
        for device in [&phone, &Device::new()] {
            let again = elsewhere(address, device, asks()).await;
            assert_eq!(code(again), "AUTH_BOOTSTRAP_TOKEN_INVALID", "once");
        }
        let (node, _) = setup(&mut operator, Some("node")).await;
        let refused =
            elsewhere(address, &Device::new(), asking(&["operator.read"], node.clone())).await;
        assert_eq!(code(refused), "AUTH_BOOTSTRAP_TOKEN_INVALID", "a node is no operator");
        let mut as_node = asking(&[], node);
        as_node["role"] = json!("node");
        elsewhere(address, &Device::new(), as_node).await.unwrap();
    }

    pub(super) async fn a11() {
        let model = ModelServer::start().await;
        let gateway = TestGateway::with(model.config()).await;
        let address = gateway.address();
        let mut operator = gateway.operator().await;
        for method in ["device.token.revoke", "device.pair.remove"] {
            let (device, own) = paired(&gateway, &SCOPES).await;
            let mut peer = here(address, &device, asking(&SCOPES, own.clone())).await.unwrap();
            let (code_of_its_own, _) = setup(&mut peer, None).await;
            let (run, key) = (device.id(), format!("agent:main:{}", &device.id()[..8]));
            let message = json!({"sessionKey": key, "message": "hi", "idempotencyKey": run});
            peer.call("chat.send", message).await.unwrap();
            let turn = model.turn().await;
            let mut gone = json!({"deviceId": device.id()});
            if method == "device.token.revoke" {
                gone["role"] = json!("operator");
            }
            let begun = tokio::time::Instant::now();
            operator.call(method, gone).await.unwrap();
            assert_eq!(peer.ended().await.code, 4001, "{method}");
            assert!(begun.elapsed().as_secs() < 1, "{method}: {:?}", begun.elapsed());
            turn.given_up().await;
            assert_eq!(operator.run_end(&run).await["state"], "aborted", "{method}");
            let back = elsewhere(address, &device, asking(&["operator.read"], own)).await;
            assert!(back.is_err(), "{method}: its token is gone");
            let heir =
                elsewhere(address, &Device::new(), asking(&["operator.read"], code_of_its_own))
                    .await;
            assert_eq!(code(heir), "AUTH_BOOTSTRAP_TOKEN_INVALID", "{method}: so is its code");
        }
    }

    pub(super) async fn a12() {
        let gateway = TestGateway::start().await;
        let address = gateway.address();
        let local = format!("localhost:{}", address.port());
        for headers in [
            &[("host", local.as_str()), ("x-forwarded-for", "127.0.0.1")][..],
            &[("x-real-ip", "127.0.0.1")],
            &[("forwarded", "for=127.0.0.1")],
            &[("x-forwarded-host", "localhost"), ("x-forwarded-proto", "http")],
        ] {
            let device = Device::new();
            let refused =
                connect_with(address, headers, Some(&device), asking(&SCOPES, secret())).await;
            assert_eq!(code(refused), "PAIRING_REQUIRED", "{headers:?}");
            let mut peer =
                connect_with(address, headers, None, asking(&SCOPES, secret())).await.unwrap();
            let refused = peer.call("config.set", json!({})).await.unwrap_err();
            assert_eq!(refused["message"], "missing scope: operator.admin", "{headers:?}");
        }
        assert_eq!(devices(&gateway).await["paired"], json!([]));
    }

    pub(super) async fn a13() {
        let gateway = TestGateway::start().await;
        for (id, mode) in
            [("cli", "cli"), ("gateway-client", "backend"), ("openclaw-probe", "probe")]
        {
            let mut params = asking(&["operator.read"], secret());
            params["client"]["id"] = json!(id);
            params["client"]["mode"] = json!(mode);
            let mut peer = connect_with(gateway.address(), ELSEWHERE, None, params).await.unwrap();
            let refused = peer.call("config.set", json!({})).await.unwrap_err();
            assert_eq!(refused["message"], "missing scope: operator.admin", "{id}");
        }
        let mut operator = gateway.operator().await;
        for (method, mut params) in [
            ("device.pair.approve", json!({"requestId": "x"})),
            ("device.token.rotate", json!({"deviceId": "x", "role": "operator"})),
            ("device.pair.remove", json!({"deviceId": "x"})),
        ] {
            for claim in ["callerScopes", "approvedVia", "approved", "silent", "callerDeviceId"] {
                params[claim] = json!(true);
                let refused = operator.call(method, params.clone()).await.unwrap_err();
                let message = refused["message"].as_str().unwrap();
                assert!(message.contains("unexpected property"), "{method} {claim}: {message}");
                params.as_object_mut().unwrap().remove(claim);
            }
        }
    }

    pub(super) async fn a17() {
        let gateway = TestGateway::start().await;
        let address = gateway.address();
        let (device, own) = paired(&gateway, &["operator.read"]).await;
        let mut served = here(address, &device, asking(&["operator.read"], own)).await.unwrap();
        let mut idle = Vec::new();
        for _ in 0..32 {
            idle.push(Peer::open(address).await);
        }
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let refused =
            tokio_tungstenite::client_async(request(address, &[]), stream).await.unwrap_err();
        assert!(refused.to_string().contains("503"), "{refused}");
        served.call("sessions.list", json!({})).await.unwrap();
    }

    pub(super) async fn a18() {
        let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let gateway =
            TestGateway::on(&addresses[..1], json!({"gateway": {"trustedProxies": ["127.0.0.1"]}}))
                .await;
        let guess = async |from: &str, auth: Value| {
            let headers = [("x-forwarded-for", from)];
            code(
                connect_with(gateway.address(), &headers, Some(&Device::new()), asking(&[], auth))
                    .await,
            )
        };
        let ways = ["192.0.2.9", "::ffff:192.0.2.9", "::ffff:c000:209"];
        for n in 0..10 {
            let from = ways[n % ways.len()];
            assert_eq!(guess(from, json!({"token": "guess"})).await, "AUTH_TOKEN_MISMATCH", "{n}");
        }
        assert_eq!(guess("198.51.100.1", json!({"token": "guess"})).await, "AUTH_TOKEN_MISMATCH");
        for from in ways {
            assert_eq!(guess(from, json!({"token": "guess"})).await, "AUTH_RATE_LIMITED", "{from}");
        }
        // A network of IPv6 counts as one, since one person has all of it.
        for n in 1..=10 {
            let from = format!("2001:db8::{n}");
            assert_eq!(guess(&from, json!({"token": "guess"})).await, "AUTH_TOKEN_MISMATCH", "{n}");
        }
        assert_eq!(guess("2001:db8::ffff", json!({"token": "guess"})).await, "AUTH_RATE_LIMITED");
        assert_eq!(
            guess("2001:db8:0:1::1", json!({"token": "guess"})).await,
            "AUTH_TOKEN_MISMATCH"
        );
    }
}
