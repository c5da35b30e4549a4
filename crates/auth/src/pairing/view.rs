//! Devices and requests as `device.pair.list` shows them: never a token, only what it allows.

use openclaw_protocol::{Role, Scope, ScopeSet};
use serde::Serialize;

use super::{About, ApprovedVia, Device, PendingRequest};
use crate::token::DeviceToken;

/// A request in `pending[]`, and the payload of `device.pair.requested`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    /// The request's id.
    pub request_id: String,
    /// The device that asks.
    pub device_id: String,
    /// Its raw key as base64url.
    pub public_key: String,
    /// What it says of itself.
    #[serde(flatten)]
    pub about: About,
    /// The role of the latest retry.
    pub role: &'static str,
    /// Every role that it asks for.
    pub roles: Vec<&'static str>,
    /// Every scope that it asks for.
    pub scopes: Vec<&'static str>,
    /// Always false: what is approved silently never waits.
    pub silent: bool,
    /// Whether the device is paired already and asks for more.
    pub is_repair: bool,
    /// When it last asked, in milliseconds since 1970.
    pub ts: u64,
}

/// A device in `paired[]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PairedView {
    /// The device's id.
    pub device_id: String,
    /// Its raw key as base64url.
    pub public_key: String,
    /// What it said of itself when it was approved.
    #[serde(flatten)]
    pub about: About,
    /// Its last approved role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// Every approved role.
    pub roles: Vec<&'static str>,
    /// What an operator on it may do; absent on a device that is only a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<&'static str>>,
    /// How it was approved (protocol 4).
    pub approved_via: ApprovedVia,
    /// When it was first approved, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// When it was last approved.
    pub approved_at_ms: u64,
    /// When it last connected (protocol 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at_ms: Option<u64>,
    /// Its tokens, without their texts.
    pub tokens: Vec<TokenView>,
}

/// A token in `tokens[]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// The role that it is for.
    pub role: &'static str,
    /// What it allows, sorted by name.
    pub scopes: Vec<String>,
    /// When the device got its first one, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// When it was last replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotated_at_ms: Option<u64>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at_ms: Option<u64>,
}

fn roles(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

fn scopes(scopes: ScopeSet) -> Vec<&'static str> {
    scopes.iter().map(Scope::name).collect()
}

impl From<&PendingRequest> for PendingView {
    fn from(request: &PendingRequest) -> Self {
        Self {
            request_id: request.id.clone(),
            device_id: request.device.as_str().to_owned(),
            public_key: request.public_key.clone(),
            about: request.about.clone(),
            role: request.role.name(),
            roles: roles(&request.roles),
            scopes: scopes(request.scopes),
            silent: false,
            is_repair: request.is_repair,
            ts: request.at_ms,
        }
    }
}

impl From<&DeviceToken> for TokenView {
    fn from(token: &DeviceToken) -> Self {
        Self {
            role: token.role.name(),
            scopes: token.scopes.names(),
            created_at_ms: token.created_at_ms,
            rotated_at_ms: token.rotated_at_ms,
            revoked_at_ms: token.revoked_at_ms,
        }
    }
}

impl From<&Device> for PairedView {
    fn from(device: &Device) -> Self {
        let operator = device.roles.contains(&Role::Operator);
        Self {
            device_id: device.id.as_str().to_owned(),
            public_key: device.public_key.clone(),
            about: device.about.clone(),
            role: device.roles.last().map(|role| role.name()),
            roles: roles(&device.roles),
            scopes: operator.then(|| scopes(device.scopes)),
            approved_via: device.approved_via,
            created_at_ms: device.created_at_ms,
            approved_at_ms: device.approved_at_ms,
            last_seen_at_ms: device.last_seen_at_ms,
            tokens: device.tokens.iter().map(TokenView::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::pairing::tests::{ask, device};

    use super::*;

    #[test]
    fn the_recorded_shapes() {
        let mut device = device(["operator.admin", "operator.write", "operator.read"]);
        device.ensure_token(Role::Operator, 5).unwrap();
        let paired = serde_json::to_string(&PairedView::from(&device)).unwrap();
        expect![[r#"{"deviceId":"d1","publicKey":"k1","platform":"linux","clientId":"cli","clientMode":"cli","role":"operator","roles":["operator"],"scopes":["operator.admin","operator.read","operator.write"],"approvedVia":"silent","createdAtMs":1,"approvedAtMs":1,"tokens":[{"role":"operator","scopes":["operator.admin","operator.read","operator.write"],"createdAtMs":5}]}"#]].assert_eq(&paired);
        assert!(!paired.contains(device.token(Role::Operator).unwrap().token.expose()));

        let ask = ask(Role::Node, []);
        let request = PendingRequest::ask(None, &ask, true, || "r1".to_owned(), 7);
        let pending = serde_json::to_string(&PendingView::from(request.request())).unwrap();
        expect![[r#"{"requestId":"r1","deviceId":"d1","publicKey":"k1","platform":"linux","clientId":"cli","clientMode":"cli","role":"node","roles":["node"],"scopes":[],"silent":false,"isRepair":true,"ts":7}"#]].assert_eq(&pending);
    }
}
