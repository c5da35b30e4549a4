//! What can go wrong between a caller and the store.

/// A session edit's refusal, with the message for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reject(pub String);

impl Reject {
    /// A refusal with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A message cannot be taken back when nothing precedes it.
    pub fn nothing_before() -> Self {
        Self::new("nothing comes before this message; reset the session instead")
    }

    /// The transcript goes on there already.
    pub fn same_branch() -> Self {
        Self::new("the session is on this branch already")
    }
}

/// Why the store did not do what it was asked to do. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The write queue is full; nothing was accepted. Try again soon.
    #[error("the store is busy; try again")]
    Busy,
    /// The idempotency key, or the run id, stands for another request.
    #[error("idempotency key was used for another request; use a new one")]
    KeyReused,
    /// There is no such run or session.
    #[error("no such {what}: {id}")]
    NotFound {
        /// `run`, `step`, `session`, `entry` or `branch`.
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The run is in a state in which this is not possible.
    #[error("{0}")]
    Conflict(String),
    /// The edit refused.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// What is stored cannot be read, and will not be the next time either.
    #[error("a stored row cannot be read: {0}")]
    Unreadable(String),
    /// The database or a file failed.
    #[error("the store failed: {message}")]
    Failed {
        /// What was tried, for the log.
        message: String,
        /// What the database or the system said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl StoreError {
    /// [`Self::NotFound`].
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }

    /// [`Self::Conflict`]: what shall happen to the session waits for its runs.
    pub fn session_busy() -> Self {
        Self::Conflict("a run of the session is not finished".to_owned())
    }

    /// [`Self::Failed`], with what was tried and why it failed.
    pub fn failed(
        tried: impl std::fmt::Display,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        Self::Failed { message: format!("{tried}: {source}"), source: Some(source) }
    }
}
