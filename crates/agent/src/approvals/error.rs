//! Why a request was not taken, decided or used.

use openclaw_protocol::methods::approvals::ApprovalDecision;

use crate::store::StoreError;

/// Why a call was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// What is asked cannot be shown or makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The text is too long to be shown in full.
    #[error("command exceeds exec approval display limit")]
    TooLong,
    /// The id has a form that no id has.
    #[error(
        "approval id must be 1-128 characters using only letters, numbers, '.', '_', ':', or '-', and cannot be '.' or '..'"
    )]
    BadId,
    /// The beginning is kept for others.
    #[error("approval ids starting with plugin: are reserved")]
    ReservedId,
    /// There is such a request already.
    #[error("approval id already pending")]
    IdTaken,
    /// Too many requests wait.
    #[error("too many approvals wait for a decision; decide some and ask again")]
    Full,
    /// There is no such request, or none that waits.
    #[error("unknown or expired approval id")]
    NotFound,
    /// Several ids begin so.
    #[error("ambiguous approval id prefix; use the full id")]
    Ambiguous,
    /// This may not be decided.
    #[error("{} is unavailable for this request", .0.name())]
    NotAllowed(ApprovalDecision),
    /// Whoever asked cannot say yes.
    #[error("the connection that asked cannot allow its own request; decide on another one")]
    OwnRequest,
    /// The answers do not fit the questions.
    #[error("{0}")]
    BadAnswer(String),
    /// The gateway is stopping.
    #[error("the gateway is stopping; ask for the decision again when it is back")]
    ShuttingDown,
    /// The store failed; the cause is for the log.
    #[error("the gateway's store failed; see its log")]
    Store(#[source] StoreError),
}

impl From<StoreError> for ApprovalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Full,
            StoreError::Closed => Self::ShuttingDown,
            other => Self::Store(other),
        }
    }
}

/// Why an approval cannot be used for a command.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// There is no such request.
    #[error("unknown approval id; ask again")]
    NotFound,
    /// Nobody said yes to it.
    #[error("the command was not approved")]
    NotApproved,
    /// It was used before, or whoever asked has lost the right to.
    #[error("the approval was used already; ask again")]
    Used,
    /// The yes is too old.
    #[error("the approval is too old; ask again")]
    Late,
    /// It was given for something else.
    #[error("approval id does not match request")]
    Mismatch,
    /// The store failed; the cause is for the log.
    #[error("the gateway's store failed; see its log")]
    Store(#[source] StoreError),
}
