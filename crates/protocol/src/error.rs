//! Errors on the wire: a code, a message for the caller, and details that clients match on.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a request was refused. Clients match on these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// A channel account is not linked.
    NotLinked,
    /// The device is not paired, or asks for more than it was paired for.
    NotPaired,
    /// The agent did not finish in time.
    AgentTimeout,
    /// The request cannot succeed as it is.
    InvalidRequest,
    /// The approval is unknown or already decided.
    ApprovalNotFound,
    /// Not now: too busy, shutting down, or a part that is needed is missing.
    Unavailable,
    /// The caller lacks a scope (protocol 4; protocol 3 says `INVALID_REQUEST`).
    Forbidden,
}

/// The error of a response frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RpcError {
    /// The kind of refusal.
    pub code: ErrorCode,
    /// One line for the person in front of the client.
    pub message: Cow<'static, str>,
    /// What a program needs to react, when there is more than the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// Whether the same request may succeed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// When to try again, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl RpcError {
    /// An error with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: None, retryable: None, retry_after_ms: None }
    }

    /// `INVALID_REQUEST`.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// `UNAVAILABLE`.
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    /// `UNAVAILABLE` because a bounded queue is full: nothing was accepted, try again.
    pub fn busy(message: impl Into<Cow<'static, str>>, retry_after_ms: u64) -> Self {
        Self {
            retryable: Some(true),
            retry_after_ms: Some(retry_after_ms),
            ..Self::unavailable(message)
        }
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RpcError {}

/// Why a connection ends: a WebSocket close code and a reason of at most 123 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The close code.
    pub code: u16,
    /// The reason; cut at [`Close::MAX_REASON`] bytes as OpenClaw does.
    pub reason: Cow<'static, str>,
}

impl Close {
    /// Reasons are cut at this many bytes.
    pub const MAX_REASON: usize = 120;

    /// 1000: normal end, also an unparsable first frame and the handshake deadline.
    pub const NORMAL: u16 = 1000;
    /// 1002: no common protocol version.
    pub const PROTOCOL: u16 = 1002;
    /// 1008: every refusal by policy.
    pub const POLICY: u16 = 1008;
    /// 1009: a message over the limit.
    pub const TOO_LARGE: u16 = 1009;
    /// 1012: the gateway restarts or stops.
    pub const RESTART: u16 = 1012;
    /// 4001: what let the client in holds no longer.
    pub const AUTH: u16 = 4001;

    /// A close whose reason is cut to fit.
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        let mut reason = reason.into();
        if reason.len() > Self::MAX_REASON {
            let end = reason.floor_char_boundary(Self::MAX_REASON);
            reason = Cow::Owned(reason[..end].to_owned());
        }
        Self { code, reason }
    }

    /// 1008 with a reason.
    pub fn policy(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Self::POLICY, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::Close;

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let close = Close::policy("ü".repeat(100));
        assert_eq!(close.reason.len(), 120);
        assert_eq!(Close::policy("x".repeat(121)).reason.len(), 120);
    }
}
