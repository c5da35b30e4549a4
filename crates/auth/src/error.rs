//! Why an operation on devices and tokens did not happen.

use openclaw_protocol::{ErrorCode, RpcError, Scope, Version};
use serde_json::json;

use crate::store::StoreError;

/// One variant for each thing that a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The pairing request is unknown, expired, or was replaced by a newer one.
    #[error("no pending pairing request has this id; list the pending ones again")]
    UnknownRequest,
    /// No paired device has this id.
    #[error("no paired device has this id; list the devices again")]
    UnknownDevice,
    /// The device has no token for this role.
    #[error("the device has no token for this role")]
    UnknownToken,
    /// The device is not approved for what the new token would allow.
    #[error("a token can only be replaced within what its device is approved for")]
    RotationDenied,
    /// Only an administrator may manage a device that is not his own.
    #[error("only an operator with operator.admin manages other devices from a paired device")]
    NotYours,
    /// The one who asks does not hold what the grant would give.
    #[error("the grant needs {}, which the one who asks does not hold", .0.name())]
    MissingScope(Scope),
    /// The system gave no random bytes.
    #[error("the system's random source failed; nothing was issued")]
    Entropy,
    /// The device records could not be read or written.
    #[error("device records are not available: {0}")]
    Store(#[from] StoreError),
}

impl AuthError {
    /// The answer of the `device.*` methods, in the words of the version that asks.
    pub fn rpc(&self, method: DeviceMethod, version: Version) -> RpcError {
        match self {
            Self::UnknownRequest => RpcError::invalid("unknown requestId"),
            Self::MissingScope(scope) if method != DeviceMethod::Rotate => {
                missing_scope(*scope, version)
            }
            Self::Entropy | Self::Store(_) => {
                RpcError::busy("device records are not available, try again", RETRY_MS)
            }
            _ => RpcError::invalid(method.refusal(version)),
        }
    }
}

/// When to try again after the store failed, in milliseconds.
const RETRY_MS: u64 = 1_000;

/// Which method an error is for; the recorded wording differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceMethod {
    /// `device.pair.approve` and `device.pair.reject`.
    Decide,
    /// `device.pair.remove`.
    Remove,
    /// `device.token.rotate`.
    Rotate,
    /// `device.token.revoke`.
    Revoke,
}

impl DeviceMethod {
    const fn refusal(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::Decide, _) => "unknown requestId",
            (Self::Remove, _) => "unknown deviceId",
            (Self::Rotate, _) => "device token rotation denied",
            (Self::Revoke, Version::V3) => "unknown deviceId/role",
            (Self::Revoke, Version::V4) => "device token revocation denied",
        }
    }
}

fn missing_scope(scope: Scope, version: Version) -> RpcError {
    let message = format!("missing scope: {}", scope.name());
    match version {
        Version::V3 => RpcError::invalid(message),
        Version::V4 => RpcError::new(ErrorCode::Forbidden, message).with_details(json!({
            "code": "MISSING_SCOPE", "missingScope": scope.name(), "requiredScopes": [scope.name()],
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_words_of_both_versions() {
        let cases = [
            (AuthError::UnknownRequest, DeviceMethod::Decide, Version::V3, "unknown requestId"),
            (AuthError::UnknownRequest, DeviceMethod::Decide, Version::V4, "unknown requestId"),
            (AuthError::UnknownDevice, DeviceMethod::Remove, Version::V3, "unknown deviceId"),
            (AuthError::UnknownDevice, DeviceMethod::Remove, Version::V4, "unknown deviceId"),
            (
                AuthError::UnknownDevice,
                DeviceMethod::Rotate,
                Version::V3,
                "device token rotation denied",
            ),
            (
                AuthError::UnknownDevice,
                DeviceMethod::Rotate,
                Version::V4,
                "device token rotation denied",
            ),
            (AuthError::UnknownDevice, DeviceMethod::Revoke, Version::V3, "unknown deviceId/role"),
            (
                AuthError::UnknownDevice,
                DeviceMethod::Revoke,
                Version::V4,
                "device token revocation denied",
            ),
        ];
        for (error, method, version, message) in cases {
            let rpc = error.rpc(method, version);
            assert_eq!((rpc.code, &*rpc.message), (ErrorCode::InvalidRequest, message));
        }
    }

    #[test]
    fn a_missing_scope_has_its_own_code_in_protocol_4() {
        let error = AuthError::MissingScope(Scope::Admin);
        let old = error.rpc(DeviceMethod::Decide, Version::V3);
        assert_eq!(
            (old.code, &*old.message),
            (ErrorCode::InvalidRequest, "missing scope: operator.admin")
        );
        let new = error.rpc(DeviceMethod::Decide, Version::V4);
        assert_eq!(new.code, ErrorCode::Forbidden);
        assert_eq!(new.details.unwrap()["missingScope"], "operator.admin");
    }
}
