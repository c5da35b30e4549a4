//! Why an operation on nodes did not happen.

use openclaw_protocol::{ErrorCode, RpcError, Scope, Version};
use serde_json::json;

use crate::store::StoreError;

/// One variant for each thing that a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The request is unknown, decided, or was replaced by a newer one.
    #[error("unknown requestId")]
    UnknownRequest,
    /// No node has this id.
    #[error("unknown nodeId")]
    UnknownNode,
    /// The name has nothing that can be shown.
    #[error("displayName required")]
    NameNeeded,
    /// Only an administrator decides about a node that is not his own.
    #[error("node pairing denied: only operator.admin decides about other devices")]
    NotYours,
    /// The one who asks does not hold what the commands need.
    #[error("missing scope: {}", .0.name())]
    MissingScope(Scope),
    /// Too many nodes wait for a first approval.
    #[error("too many nodes wait for approval; decide about some of them first")]
    Full,
    /// The system gave no random bytes.
    #[error("the system's random source failed; nothing was approved")]
    Entropy,
    /// The records could not be read or written.
    #[error("node records are not available: {0}")]
    Store(#[from] StoreError),
}

/// When to try again after the store failed, in milliseconds.
const RETRY_MS: u64 = 1_000;

impl NodeError {
    /// The answer of the `node.*` methods, in the words of the version that asks.
    pub fn rpc(&self, version: Version) -> RpcError {
        match self {
            Self::MissingScope(scope) if version == Version::V4 => {
                let required = json!([Scope::Pairing.name(), scope.name()]);
                RpcError::new(ErrorCode::Forbidden, self.to_string()).with_details(json!({
                    "code": "MISSING_SCOPE", "missingScope": scope.name(), "requiredScopes": required,
                }))
            }
            Self::Full => RpcError::busy(self.to_string(), RETRY_MS),
            Self::Entropy | Self::Store(_) => {
                RpcError::busy("node records are not available, try again", RETRY_MS)
            }
            _ => RpcError::invalid(self.to_string()),
        }
    }
}
