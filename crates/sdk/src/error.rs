//! What can go wrong between a caller and a gateway.

use std::{io, sync::Arc, time::Duration};

use openclaw_protocol::RpcError;

/// Why a call or a connection failed. Cheap to clone: one lost socket fails many calls.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The address is not a WebSocket address.
    #[error("{url} is not a gateway address: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody listens there.
    #[error("no gateway answers at {url}: {source}")]
    Connect {
        /// Where.
        url: String,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Somebody listens, but refused to speak WebSocket.
    #[error("{url} refused the WebSocket: HTTP {status} {body}")]
    Upgrade {
        /// Where.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The start of the answer's body.
        body: String,
    },
    /// The gateway answered, and refused.
    #[error("{0}")]
    Refused(RpcError),
    /// The connection ended before the answer came.
    #[error("the gateway closed the connection ({code}): {reason}")]
    Closed {
        /// The WebSocket close code; 1006 when the socket broke without one.
        code: u16,
        /// The reason that came with it.
        reason: String,
    },
    /// The deadline passed. The gateway may still do what was asked.
    #[error("no answer to {what} within {} ms", after.as_millis())]
    Timeout {
        /// The method, or the part of the handshake.
        what: String,
        /// The deadline.
        after: Duration,
    },
    /// Parameters that do not turn into JSON.
    #[error("the parameters of {method} do not turn into JSON: {reason}")]
    Encode {
        /// The method.
        method: String,
        /// What serde said.
        reason: String,
    },
    /// The answer, the event or the handshake is not what this version expects.
    #[error("{what} is not what this client expects: {reason}")]
    Decode {
        /// The method, the event or the frame.
        what: String,
        /// What serde said.
        reason: String,
    },
    /// Too many calls wait for an answer; nothing was sent.
    #[error("{0} calls wait for an answer already; wait for some of them first")]
    Busy(usize),
    /// The device's key could not be read or made.
    #[error("the device identity is unusable: {0}")]
    Identity(String),
}

impl Error {
    /// Close code of a socket that broke without a close frame.
    pub const ABNORMAL: u16 = 1006;

    /// A socket that broke.
    pub(crate) fn broken(reason: impl Into<String>) -> Self {
        Self::Closed { code: Self::ABNORMAL, reason: reason.into() }
    }

    /// Whether connecting again cannot help until a person changes something.
    ///
    /// A refusal is final unless the gateway says `UNAVAILABLE` or `retryable`.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Refused(error) => {
                error.code != openclaw_protocol::ErrorCode::Unavailable
                    && error.retryable != Some(true)
            }
            Self::Url { .. } | Self::Identity(_) | Self::Encode { .. } => true,
            Self::Upgrade { status, .. } => *status != 503,
            _ => false,
        }
    }
}
