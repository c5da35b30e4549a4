//! What can go wrong between a caller and the runtime. How a run itself fails is an
//! [`Outcome`](crate::outcome::Outcome), not an error.

use std::time::Duration;

use openclaw_protocol::ids::SessionKey;

use crate::store::StoreError;

/// Why the runtime refused. Nothing was accepted.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A bounded queue is full. The same request may succeed after the given time.
    #[error("{what}; try again in a moment")]
    Busy {
        /// Which queue is full.
        what: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// The gateway is stopping.
    #[error("the gateway is stopping; try again when it is back")]
    ShuttingDown,
    /// The idempotency key, or the run id, stands for another request.
    #[error("idempotency key was used for another request; use a new one")]
    KeyReused,
    /// The message cannot be run as it is.
    #[error("{0}")]
    Invalid(String),
    /// There is no such session.
    #[error("session not found")]
    SessionNotFound(SessionKey),
    /// The store did not answer in time. What was asked for may still have happened;
    /// the same request with the same key finds out.
    #[error("the store did not answer in time; repeat the request with the same key")]
    TimedOut,
    /// The store failed; the cause is for the log.
    #[error("the gateway's store failed; see its log")]
    Store(#[source] StoreError),
}

impl AgentError {
    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::ShuttingDown | Self::TimedOut | Self::Store(_))
    }
}

impl From<StoreError> for AgentError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => {
                Self::Busy { what: "the store is busy", retry_after: Duration::from_millis(250) }
            }
            StoreError::KeyReused => Self::KeyReused,
            StoreError::Closed => Self::ShuttingDown,
            StoreError::NotFound { what: "session", id } => {
                Self::SessionNotFound(SessionKey::from(id))
            }
            StoreError::Rejected(reject) => Self::Invalid(reject.0),
            other => Self::Store(other),
        }
    }
}
