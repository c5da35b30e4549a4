//! Refusals by role and scope, in the words of each protocol.

use openclaw_protocol::{
    ErrorCode, RpcError, Version,
    scope::{Role, Scope},
};
use serde_json::json;

/// The caller lacks a scope. Protocol 3 knows one code for every refusal.
pub(crate) fn missing_scope(scope: Scope, version: Version) -> RpcError {
    let message = format!("missing scope: {}", scope.name());
    match version {
        Version::V3 => RpcError::invalid(message),
        Version::V4 => RpcError::new(ErrorCode::Forbidden, message).with_details(json!({
            "code": "MISSING_SCOPE",
            "missingScope": scope.name(),
            "requiredScopes": [scope.name()],
        })),
    }
}

/// The method is not for this role.
pub(crate) fn wrong_role(role: Role) -> RpcError {
    RpcError::invalid(format!("unauthorized role: {}", role.name()))
}
