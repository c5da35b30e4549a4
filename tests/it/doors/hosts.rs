//! By which names the gateway is reached: on loopback, and on a bind that others can reach.

use std::net::{IpAddr, Ipv4Addr};

use openclaw_tests::TestGateway;
use serde_json::json;

use super::turned_away;

/// What an upgrade under this `Host` is answered; `None` when it is let through to its token check.
async fn stopped(gateway: &TestGateway, host: &str) -> Option<String> {
    // A wrong token is compared behind the checks of Host and Origin.
    let answer = turned_away(gateway, "/ws?token=a&token=b", &[("host", host)]).await;
    (!answer.starts_with("HTTP/1.1 401")).then_some(answer)
}

#[tokio::test]
async fn a_bind_that_others_reach_answers_to_names_that_no_page_can_have() {
    let config = json!({"gateway": {
        "allowedHosts": ["claw.example.org", "*.fleet.example"],
        "controlUi": {"allowedOrigins": ["https://page.example"]},
        "trustedProxies": [],
    }});
    let open = TestGateway::on(&[IpAddr::V4(Ipv4Addr::UNSPECIFIED)], config.clone()).await;
    let closed = TestGateway::on(&[IpAddr::V4(Ipv4Addr::LOCALHOST)], config).await;
    let own = rustix::system::uname().nodename().to_str().unwrap().to_lowercase();
    let everywhere =
        ["localhost", "127.0.0.1:18789", "claw.example.org", "a.fleet.example", "page.example"];
    let reachable = [
        "openclaw-gateway:18789",
        "gateway",
        "zaki-user-1",
        "192.0.2.7:8080",
        "[2001:db8::1]:80",
        &*own,
    ];
    let nowhere = [
        "evil.example",
        "gateway.evil.example:18789",
        "fleet.example",
        "claw.example.org.evil.example",
    ];
    for host in everywhere {
        assert_eq!(stopped(&open, host).await, None, "{host}");
        assert_eq!(stopped(&closed, host).await, None, "{host} on loopback");
    }
    for host in reachable {
        assert_eq!(stopped(&open, host).await, None, "{host}");
        let answer = stopped(&closed, host).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{host} on loopback: {answer}");
    }
    for host in nowhere {
        for gateway in [&open, &closed] {
            let answer = stopped(gateway, host).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
            assert!(answer.contains("gateway.allowedHosts"), "it names the key: {answer}");
        }
    }
    for host in ["127.1", "2130706433", "localhost.", "0.0.0.0:18789", "[::]:18789"] {
        let answer = stopped(&open, host).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_listed_proxy_names_the_host() {
    let config = json!({"gateway": {"trustedProxies": ["127.0.0.0/8"]}});
    let gateway = TestGateway::with(config).await;
    assert_eq!(stopped(&gateway, "claw.example.org").await, None);
}
