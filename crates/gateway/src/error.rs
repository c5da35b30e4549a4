//! What stops a gateway, and the one place where inner errors become wire codes.

use std::{io, path::PathBuf};

use openclaw_agent::{approvals::ApprovalError, error::AgentError, store::StoreError};
use openclaw_protocol::RpcError;
use serde_json::json;
use tracing::error;

use crate::lock::Holder;

/// Why a gateway cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Another gateway uses the state directory.
    #[error(
        "another gateway{} uses this state directory (lock {}); stop it with `openclaw gateway stop`, or set OPENCLAW_STATE_DIR to another directory",
        describe(.holder.as_ref()), .path.display()
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, when its file says so.
        holder: Option<Holder>,
    },
    /// The state directory cannot be used.
    #[error("cannot use {}: {source}{}", .path.display(), openclaw_store::advice(.source))]
    State {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The port cannot be bound.
    #[error("cannot listen on {address}: {source}; choose another port with --port")]
    Bind {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The configuration forbids serving.
    #[error("{0}")]
    Refused(String),
    /// A method without handler, or with two: a mistake of whoever builds the router.
    #[error("the router is incomplete: {0}")]
    Router(String),
    /// The store cannot be opened.
    #[error("cannot open the store: {0}")]
    Store(String),
}

fn describe(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) if holder.port != 0 => {
            format!(" (process {}, port {})", holder.pid, holder.port)
        }
        Some(holder) => format!(" (process {})", holder.pid),
        None => String::new(),
    }
}

// === What handlers answer ===

impl From<Problem<AgentError>> for RpcError {
    fn from(Problem(error): Problem<AgentError>) -> Self {
        match &error {
            AgentError::Busy { retry_after, .. } => {
                let after = u64::try_from(retry_after.as_millis()).unwrap_or(1000);
                Self::busy(error.to_string(), after)
            }
            AgentError::ShuttingDown | AgentError::TimedOut => Self::busy(error.to_string(), 1000),
            AgentError::KeyReused | AgentError::Invalid(_) | AgentError::SessionNotFound(_) => {
                Self::invalid(error.to_string())
            }
            AgentError::Store(cause) => {
                error!(%cause, "the store failed");
                Self::busy(error.to_string(), 1000)
            }
        }
    }
}

impl From<Problem<StoreError>> for RpcError {
    fn from(Problem(error): Problem<StoreError>) -> Self {
        Problem(AgentError::from(error)).into()
    }
}

impl From<Problem<ApprovalError>> for RpcError {
    fn from(Problem(error): Problem<ApprovalError>) -> Self {
        let refuse = |reason: &str| {
            Self::invalid(error.to_string()).with_details(json!({ "reason": reason }))
        };
        match &error {
            ApprovalError::Full => Self::busy(error.to_string(), 5_000),
            ApprovalError::ShuttingDown => Self::busy(error.to_string(), 1_000),
            ApprovalError::Store(cause) => {
                error!(%cause, "the store failed");
                Self::busy(error.to_string(), 1_000)
            }
            ApprovalError::Invalid(_)
            | ApprovalError::IdTaken
            | ApprovalError::ReservedId
            | ApprovalError::Ambiguous => Self::invalid(error.to_string()),
            ApprovalError::TooLong => refuse("EXEC_APPROVAL_COMMAND_DISPLAY_LIMIT"),
            ApprovalError::BadId => Self::invalid(error.to_string()).with_details(
                json!({ "code": "EXEC_APPROVAL_ID_INVALID", "reason": "INVALID_APPROVAL_ID" }),
            ),
            ApprovalError::NotFound => refuse("APPROVAL_NOT_FOUND"),
            ApprovalError::NotAllowed(_) => refuse("APPROVAL_DECISION_UNAVAILABLE"),
            ApprovalError::OwnRequest => refuse("APPROVAL_OWN_REQUEST"),
            ApprovalError::BadAnswer(_) => refuse("QUESTION_INVALID_ANSWER"),
        }
    }
}

/// An inner error on its way to a client; `?` cannot convert between two foreign types without it.
pub(crate) struct Problem<E>(pub(crate) E);

/// Turns inner errors into what clients are told.
pub(crate) trait OrRefuse<T> {
    /// The value, or the wire error.
    fn or_refuse(self) -> Result<T, RpcError>;
}

impl<T, E> OrRefuse<T> for Result<T, E>
where
    RpcError: From<Problem<E>>,
{
    fn or_refuse(self) -> Result<T, RpcError> {
        self.map_err(|error| Problem(error).into())
    }
}
