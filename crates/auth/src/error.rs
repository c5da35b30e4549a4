//! Why an operation on devices and tokens did not happen.

use openclaw_protocol::{RpcError, Scope, Version};
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
    /// A paired device that is no administrator sees and manages itself alone.
    #[error("only an operator with operator.admin manages other devices from a paired device")]
    NotYours,
    /// What a node may do is not counted in scopes, so that an administrator decides about it.
    #[error("only an operator with operator.admin decides about a role beside operator")]
    AdminOnly,
    /// The connection brought no device that could have more.
    #[error("more scopes need a paired device; connect again with one, and ask then")]
    DeviceNeeded,
    /// A scope that there is not.
    #[error("a scope that is asked for is not known")]
    UnknownScope,
    /// The scopes that are asked for lack one that the connection has.
    #[error("the scopes that are asked for must include those of the connection")]
    NarrowerScopes,
    /// Too many requests wait for an operator.
    #[error("too many requests wait to be decided; ask again once some are")]
    TooManyRequests,
    /// A name of which nothing is left once it can be shown.
    #[error("the name of a device needs a character that can be shown")]
    LabelNeeded,
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
    /// The same for one who may not know which requests there are.
    pub(crate) fn hidden(self, may_know: bool) -> Self {
        match self {
            Self::UnknownRequest if !may_know => Self::NotYours,
            other => other,
        }
    }

    /// The answer of the `device.*` methods, in the words of the version that asks.
    pub fn rpc(&self, method: DeviceMethod, version: Version) -> RpcError {
        use DeviceMethod::{Approve, Remove, Rename, Revoke, Rotate};
        let missing = |scope: Scope| RpcError::invalid(format!("missing scope: {}", scope.name()));
        match (self, method, version) {
            (Self::Entropy | Self::Store(_), ..) => {
                RpcError::busy("device records are not available, try again", RETRY_MS)
            }
            (Self::UnknownRequest, ..) => RpcError::invalid("unknown requestId"),
            (Self::UnknownDevice, Remove | Rename, _) => RpcError::invalid("unknown deviceId"),
            (Self::TooManyRequests, ..) => RpcError::busy(self.to_string(), RETRY_MS),
            (Self::UnknownScope, ..) => {
                RpcError::invalid("requested scopes contain an unknown operator scope")
            }
            (Self::NarrowerScopes, ..) => {
                RpcError::invalid("requested scopes must include the connection's current scopes")
            }
            (Self::DeviceNeeded, ..) => {
                let details = json!({ "code": "DEVICE_IDENTITY_REQUIRED" });
                RpcError::invalid(self.to_string()).with_details(details)
            }
            (Self::LabelNeeded, ..) => RpcError::invalid("label required"),
            (Self::MissingScope(scope), Approve, _)
            | (Self::MissingScope(scope), Revoke, Version::V3) => missing(*scope),
            // Protocol 3 has no words of its own for it; these say what to do.
            (Self::AdminOnly, method, Version::V3) if method != Rotate => missing(Scope::Admin),
            _ => RpcError::invalid(method.denied(version)),
        }
    }
}

/// When to try again after the store failed, in milliseconds.
const RETRY_MS: u64 = 1_000;

/// Which method an error is for; the recorded wording differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceMethod {
    /// `device.pair.approve`.
    Approve,
    /// `device.pair.reject`.
    Reject,
    /// `device.pair.remove`.
    Remove,
    /// `device.pair.rename`.
    Rename,
    /// `device.token.rotate`.
    Rotate,
    /// `device.token.revoke`.
    Revoke,
    /// `device.pair.setupCode` and `device.pair.setupStatus`.
    Setup,
    /// `device.scopes.requestUpgrade` and `device.scopes.waitUpgrade`.
    Upgrade,
}

impl DeviceMethod {
    /// What one is told who may not.
    const fn denied(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::Approve | Self::Reject, Version::V3) => "unknown requestId",
            (Self::Approve, Version::V4) => "device pairing approval denied",
            (Self::Reject, Version::V4) => "device pairing rejection denied",
            (Self::Remove, Version::V3) => "unknown deviceId",
            (Self::Remove, Version::V4) => "device pairing removal denied",
            (Self::Rename, _) => "device pairing rename denied",
            (Self::Rotate, _) => "device token rotation denied",
            (Self::Setup, _) => "setup codes need operator.admin",
            (Self::Upgrade, _) => "device scope upgrade denied",
            (Self::Revoke, Version::V3) => "unknown deviceId/role",
            (Self::Revoke, Version::V4) => "device token revocation denied",
        }
    }
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::ErrorCode;

    use super::*;

    /// The words of protocol 3, and those of protocol 4.
    #[track_caller]
    fn check(error: &AuthError, method: DeviceMethod, words: [&str; 2]) {
        for (version, words) in [Version::V3, Version::V4].into_iter().zip(words) {
            let rpc = error.rpc(method, version);
            assert_eq!((rpc.code, &*rpc.message), (ErrorCode::InvalidRequest, words), "{error:?}");
            assert!(rpc.details.is_none());
        }
    }

    #[test]
    fn the_recorded_words_of_both_versions() {
        use DeviceMethod::{Approve, Reject, Remove, Rename, Revoke, Rotate};
        let admin = "missing scope: operator.admin";
        check(&AuthError::UnknownRequest, Approve, ["unknown requestId"; 2]);
        check(&AuthError::UnknownRequest, Reject, ["unknown requestId"; 2]);
        check(&AuthError::UnknownDevice, Remove, ["unknown deviceId"; 2]);
        check(&AuthError::UnknownDevice, Rename, ["unknown deviceId"; 2]);
        check(&AuthError::LabelNeeded, Rename, ["label required"; 2]);
        check(&AuthError::UnknownDevice, Rotate, ["device token rotation denied"; 2]);
        let revoke = ["unknown deviceId/role", "device token revocation denied"];
        check(&AuthError::UnknownDevice, Revoke, revoke);
        check(&AuthError::UnknownToken, Revoke, revoke);
        check(&AuthError::NotYours, Revoke, revoke);
        check(
            &AuthError::NotYours,
            Approve,
            ["unknown requestId", "device pairing approval denied"],
        );
        check(
            &AuthError::NotYours,
            Reject,
            ["unknown requestId", "device pairing rejection denied"],
        );
        check(&AuthError::NotYours, Remove, ["unknown deviceId", "device pairing removal denied"]);
        check(&AuthError::AdminOnly, Approve, [admin, "device pairing approval denied"]);
        check(&AuthError::AdminOnly, Rotate, ["device token rotation denied"; 2]);
        check(&AuthError::MissingScope(Scope::Admin), Approve, [admin; 2]);
        check(&AuthError::MissingScope(Scope::Admin), Rotate, ["device token rotation denied"; 2]);
        check(&AuthError::MissingScope(Scope::Admin), Revoke, [admin, revoke[1]]);
    }

    #[test]
    fn a_failing_store_is_told_as_one_to_try_again() {
        let error = AuthError::Store(StoreError("disk full".to_owned()));
        let rpc = error.rpc(DeviceMethod::Remove, Version::V4);
        assert_eq!((rpc.code, rpc.retryable), (ErrorCode::Unavailable, Some(true)));
        assert!(!rpc.message.contains("disk"), "causes are for the log");
    }
}
