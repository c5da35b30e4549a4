//! Devices and requests as `device.pair.list` shows them: never a token's text, only what it allows.

use std::borrow::Cow;

use openclaw_protocol::{
    Role, ScopeSet,
    methods::devices::{DeviceTokenSummary, PairedDevice, PendingDevice},
};

use super::{Device, PendingRequest};
use crate::token::DeviceToken;

// Of ten thousand devices half a million words would be copied if they were not borrowed.
fn roles(roles: &[Role]) -> Vec<Cow<'static, str>> {
    roles.iter().map(|role| role.name().into()).collect()
}

fn scopes(scopes: ScopeSet) -> Vec<Cow<'static, str>> {
    scopes.iter().map(|scope| scope.name().into()).collect()
}

/// A request in `pending[]`, and the payload of `device.pair.requested`.
impl From<&PendingRequest> for PendingDevice {
    fn from(request: &PendingRequest) -> Self {
        let about = request.about.clone();
        Self {
            request_id: request.id.clone(),
            device_id: request.device.as_str().to_owned(),
            public_key: request.public_key.clone(),
            display_name: about.display_name,
            platform: about.platform,
            device_family: about.device_family,
            client_id: Some(about.client_id),
            client_mode: Some(about.client_mode),
            browser_origin: None,
            role: Some(request.role.name().into()),
            roles: Some(roles(&request.roles)),
            scopes: Some(scopes(request.scopes)),
            remote_ip: about.remote_ip,
            // What is approved silently never waits.
            silent: Some(false),
            is_repair: Some(request.is_repair),
            ts: request.at_ms,
        }
    }
}

impl From<&DeviceToken> for DeviceTokenSummary {
    fn from(token: &DeviceToken) -> Self {
        let mut scopes = scopes(token.scopes);
        scopes.sort_unstable();
        Self {
            role: token.role.name().into(),
            scopes,
            created_at_ms: token.created_at_ms,
            rotated_at_ms: token.rotated_at_ms,
            revoked_at_ms: token.revoked_at_ms,
            last_used_at_ms: None,
        }
    }
}

impl From<&Device> for PairedDevice {
    fn from(device: &Device) -> Self {
        device.clone().into()
    }
}

/// A device in `paired[]`. Whether it is connected is not known here.
impl From<Device> for PairedDevice {
    fn from(device: Device) -> Self {
        let about = device.about;
        let operator = device.roles.contains(&Role::Operator);
        Self {
            device_id: device.id.as_str().to_owned(),
            public_key: device.public_key,
            display_name: about.display_name,
            operator_label: device.label,
            platform: about.platform,
            device_family: about.device_family,
            client_id: Some(about.client_id),
            client_mode: Some(about.client_mode),
            role: device.roles.last().map(|role| role.name().into()),
            roles: Some(roles(&device.roles)),
            scopes: operator.then(|| scopes(device.scopes)),
            remote_ip: about.remote_ip,
            approved_via: Some(device.approved_via.name().into()),
            created_at_ms: device.created_at_ms,
            approved_at_ms: device.approved_at_ms,
            last_seen_at_ms: device.last_seen_at_ms,
            // It is noted at connects alone.
            last_seen_reason: device.last_seen_at_ms.map(|_| "connect".into()),
            connected: None,
            tokens: Some(device.tokens.iter().map(DeviceTokenSummary::from).collect()),
            node_surface: None,
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
        let paired = serde_json::to_string(&PairedDevice::from(&device)).unwrap();
        expect![[r#"{"deviceId":"d1","publicKey":"k1","platform":"linux","clientId":"cli","clientMode":"cli","role":"operator","roles":["operator"],"scopes":["operator.admin","operator.read","operator.write"],"approvedVia":"silent","createdAtMs":1,"approvedAtMs":1,"tokens":[{"role":"operator","scopes":["operator.admin","operator.read","operator.write"],"createdAtMs":5}]}"#]].assert_eq(&paired);
        assert!(!paired.contains(device.token(Role::Operator).unwrap().token.expose()));

        let ask = ask(Role::Node, []);
        let request = PendingRequest::ask(None, &ask, true, || "r1".to_owned(), 7);
        let pending = serde_json::to_string(&PendingDevice::from(request.request())).unwrap();
        expect![[r#"{"requestId":"r1","deviceId":"d1","publicKey":"k1","platform":"linux","clientId":"cli","clientMode":"cli","role":"node","roles":["node"],"scopes":[],"silent":false,"isRepair":true,"ts":7}"#]].assert_eq(&pending);
    }
}
