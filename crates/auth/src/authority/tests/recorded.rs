//! What OpenClaw 2026.3.28 (protocol 3) and 2026.9.6 (protocol 4) were recorded to answer.

use serde_json::{Value, json};

use super::*;
use crate::OriginVerdict;

fn backend(mut attempt: Attempt) -> Attempt {
    attempt.client.id = "gateway-client".to_owned();
    attempt.client.mode = "backend".to_owned();
    attempt
}

fn node(mut attempt: Attempt) -> Attempt {
    attempt.client.id = "node-host".to_owned();
    attempt.client.mode = "node".to_owned();
    attempt.role = Some("node".to_owned());
    attempt.scopes = vec![];
    attempt
}

fn wrong(mut attempt: Attempt) -> Attempt {
    attempt.auth.token = Some("wrong-token-value".into());
    attempt
}

fn no_auth(mut attempt: Attempt) -> Attempt {
    attempt.auth = crate::AuthFields::default();
    attempt
}

fn by_password(mut attempt: Attempt) -> Attempt {
    attempt.auth =
        crate::AuthFields { password: Some("nope".into()), ..crate::AuthFields::default() };
    attempt
}

fn with(mut attempt: Attempt, change: impl FnOnce(&mut Attempt)) -> Attempt {
    change(&mut attempt);
    attempt
}

fn signed(attempt: Attempt) -> Attempt {
    asking(attempt, 7, &ALL_FIVE)
}

fn claim(attempt: &mut Attempt) -> &mut crate::DeviceClaim {
    attempt.device.as_mut().unwrap()
}

fn invalid(message: &str, details: &Value) -> Value {
    json!({ "code": "INVALID_REQUEST", "message": message, "details": details })
}

fn unauthorized(message: &str, code: &str, reason: &str, retry: bool, next: &str) -> Value {
    invalid(
        &format!("unauthorized: {message}"),
        &json!({
            "code": code, "authReason": reason, "canRetryWithDeviceToken": retry,
            "recommendedNextStep": next,
        }),
    )
}

/// Sends it to a fresh gateway and compares the whole error and the close reason with the message.
async fn check(attempt: Attempt, expected: Value) {
    let refusal = refusal(authority().authenticate(&attempt, NOW).await);
    assert_eq!(serde_json::to_value(&refusal.error).unwrap(), expected);
    assert_eq!(refusal.close.code, 1008);
    assert_eq!(refusal.close.reason, refusal.error.message);
}

#[tokio::test]
async fn what_both_say_alike() {
    const ORIGIN: &str = "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)";
    for version in Version::ALL {
        let client = || attempt(version);
        check(
            with(client(), |a| a.role = Some("admin".to_owned())),
            json!({ "code": "INVALID_REQUEST", "message": "invalid role" }),
        )
        .await;
        for (verdict, reason) in [
            (OriginVerdict::Absent, "origin missing or invalid"),
            (OriginVerdict::Invalid, "origin missing or invalid"),
            (OriginVerdict::NotAllowed, "origin not allowed"),
        ] {
            let details = json!({ "code": "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason": reason });
            check(page(client(), verdict), invalid(ORIGIN, &details)).await;
        }
        check(
            page(client(), OriginVerdict::SameHost),
            invalid(
                "control ui requires device identity (use HTTPS or localhost secure context)",
                &json!({ "code": "CONTROL_UI_DEVICE_IDENTITY_REQUIRED" }),
            ),
        )
        .await;
        let required = json!({
            "code": "NOT_PAIRED", "message": "device identity required",
            "details": { "code": "DEVICE_IDENTITY_REQUIRED" },
        });
        check(no_auth(backend(client())), required.clone()).await;
        check(node(client()), required).await;
    }
}

#[tokio::test]
async fn devices_that_are_not_believed() {
    type Change = fn(&mut Attempt);
    let cases: [(Change, &str, &str, &str); 5] = [
        (
            |a| claim(a).signature = "AAAA".into(),
            "device signature invalid",
            "DEVICE_AUTH_SIGNATURE_INVALID",
            "device-signature",
        ),
        (
            |a| claim(a).id = "0".repeat(64),
            "device identity mismatch",
            "DEVICE_AUTH_DEVICE_ID_MISMATCH",
            "device-id-mismatch",
        ),
        (
            |a| claim(a).signed_at -= 600_000,
            "device signature expired",
            "DEVICE_AUTH_SIGNATURE_EXPIRED",
            "device-signature-stale",
        ),
        (
            |a| claim(a).nonce = Some("other".into()),
            "device nonce mismatch",
            "DEVICE_AUTH_NONCE_MISMATCH",
            "device-nonce-mismatch",
        ),
        (
            |a| claim(a).nonce = Some(String::new()),
            "device nonce required",
            "DEVICE_AUTH_NONCE_REQUIRED",
            "device-nonce-missing",
        ),
    ];
    for version in Version::ALL {
        for (change, message, code, reason) in cases {
            let expected = invalid(message, &json!({ "code": code, "reason": reason }));
            check(with(signed(attempt(version)), change), expected).await;
        }
    }
}

#[tokio::test]
async fn credentials_that_do_not_let_in() {
    const OLD: &str = "set gateway.remote.token to match gateway.auth.token";
    const NEW: &str = "use this gateway's gateway.auth.token or pair the device";
    const ANY: &str = "provide gateway auth token";
    let missing = |hint| {
        let message = format!("gateway token missing ({hint})");
        unauthorized(
            &message,
            "AUTH_TOKEN_MISSING",
            "token_missing",
            false,
            "update_auth_configuration",
        )
    };
    let mismatch = |hint, retry| {
        let message = format!("gateway token mismatch ({hint})");
        let next = if retry { "retry_with_device_token" } else { "update_auth_credentials" };
        unauthorized(&message, "AUTH_TOKEN_MISMATCH", "token_mismatch", retry, next)
    };
    let (old, new) = (|| attempt(Version::V3), || attempt(Version::V4));
    check(signed(no_auth(old())), missing(OLD)).await;
    check(signed(no_auth(new())), missing(NEW)).await;
    check(signed(wrong(old())), mismatch(OLD, true)).await;
    check(signed(wrong(new())), mismatch(NEW, true)).await;
    check(wrong(old()), mismatch(OLD, false)).await;
    check(wrong(new()), mismatch(NEW, false)).await;
    check(wrong(backend(old())), mismatch(ANY, false)).await;
    check(wrong(backend(new())), mismatch(ANY, false)).await;
    check(by_password(backend(old())), missing(ANY)).await;
    check(by_password(backend(new())), mismatch(ANY, false)).await;
}

#[tokio::test]
async fn a_known_operator_that_comes_as_a_node_must_be_approved() {
    for version in Version::ALL {
        let authority = authority();
        granted(authority.authenticate(&signed(attempt(version)), NOW).await);
        let as_node = asking(node(attempt(version)), 7, &[]);
        let refusal = refusal(authority.authenticate(&as_node, NOW).await);
        let mut error = serde_json::to_value(&refusal.error).unwrap();
        let id = error["details"]["requestId"].take();
        let id = id.as_str().unwrap();
        assert_eq!(id.len(), 36);
        let device = as_node.device.unwrap().id;
        if version == Version::V3 {
            assert_eq!(
                error,
                json!({
                    "code": "NOT_PAIRED", "message": "pairing required",
                    "details": { "code": "PAIRING_REQUIRED", "requestId": null, "reason": "role-upgrade" },
                })
            );
            assert_eq!(refusal.close.reason, "pairing required");
        } else {
            let message =
                "pairing required: device is asking for a higher role than currently approved";
            assert_eq!(
                error,
                json!({
                    "code": "NOT_PAIRED", "message": message,
                    "details": {
                        "code": "PAIRING_REQUIRED", "reason": "role-upgrade", "requestId": null,
                        "remediationHint": "Review the requested role upgrade, then approve the pending request.",
                        "deviceId": device, "requestedRole": "node", "approvedRoles": ["operator"],
                        "approvedScopes": [
                            "operator.admin", "operator.approvals", "operator.pairing", "operator.read",
                            "operator.write",
                        ],
                    },
                })
            );
            let whole = format!("{message} (requestId: {id})");
            assert_eq!(refusal.close.reason, whole[..120]);
        }
    }
}

#[tokio::test]
async fn connects_that_succeeded() {
    for version in Version::ALL {
        let authority = authority();
        let five = granted(authority.authenticate(&attempt(version), NOW).await);
        assert_eq!((five.scopes, five.method), (ScopeSet::parse(ALL_FIVE), AuthMethod::Token));
        assert!(five.device_token.is_none() && five.device.is_none());

        let probe = with(attempt(version), |a| {
            a.client.mode = "probe".to_owned();
            a.scopes = vec!["operator.read".to_owned()];
        });
        // 2026.9.6 cleared them, which left its own `gateway probe` with three errors of four.
        assert_eq!(granted(authority.authenticate(&probe, NOW).await).scopes.names(), READ);

        let first = granted(authority.authenticate(&signed(attempt(version)), NOW).await);
        let again = granted(authority.authenticate(&paired(version, 7, &READ), NOW + 5).await);
        assert_eq!(again.scopes.names(), READ);
        let kept = again.device_token.as_ref().unwrap();
        assert_eq!(kept.scopes, ScopeSet::parse(ALL_FIVE), "the token allows what was approved");
        assert_eq!(kept.issued_at_ms, NOW);
        assert_eq!(kept.token.expose(), token(&first).expose());
        assert_eq!(kept.token.expose().len(), 43);
    }
}

#[tokio::test]
async fn a_narrow_first_connect_does_not_bind_a_local_client() {
    let authority = authority();
    granted(authority.authenticate(&paired(Version::V3, 7, &READ), NOW).await);
    // 2026.3.28 answered "pairing required" here.
    let wide = granted(authority.authenticate(&paired(Version::V3, 7, &ALL_FIVE), NOW).await);
    assert_eq!(wide.scopes, ScopeSet::parse(ALL_FIVE));
    let local_node = asking(node(attempt(Version::V3)), 9, &[]);
    let node = granted(authority.authenticate(&local_node, NOW).await);
    assert_eq!((node.role, node.scopes), (Role::Node, ScopeSet::EMPTY));
}
