//! The durable record of requests.

pub mod memory;

use async_trait::async_trait;

use super::record::{Approval, Ended, Kind};
use crate::store::StoreError;

pub use memory::MemoryApprovalStore;

/// Requests that have ended, latest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Only those of one kind; none for commands and plugins.
    pub kind: Option<Kind>,
    /// Only those that ended before this one: when it ended, and its place.
    pub before: Option<Place>,
    /// How many at most.
    pub limit: usize,
}

/// The place of a request in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When it ended, in milliseconds since the epoch.
    pub ended_at: i64,
    /// The order in which it was asked.
    pub seq: i64,
}

/// What ended a request, if this call did.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// The request as it is now.
    pub approval: Approval,
    /// Whether this call ended it; else it had ended before.
    pub applied: bool,
}

/// Keeps requests. Every method that changes something answers only after its change is durable.
#[async_trait]
pub trait ApprovalStore: Send + Sync {
    /// Keeps a new request. [`StoreError::Conflict`] when its id is taken, or is how the id of another
    /// request begins, since people shorten ids.
    async fn insert(&self, approval: Approval) -> Result<(), StoreError>;

    /// A request, whatever became of it.
    async fn approval(&self, id: &str) -> Result<Option<Approval>, StoreError>;

    /// Ids that begin so, whatever became of them, two at most; upper and lower case are one.
    async fn beginning(&self, kind: Kind, start: &str) -> Result<Vec<String>, StoreError>;

    /// Every request that waits, in the order in which they were asked.
    async fn pending(&self) -> Result<Vec<Approval>, StoreError>;

    /// Ends a request that waits; of two ends the first stays. `None` when there is no such request.
    async fn end(&self, id: &str, ended: Ended) -> Result<Option<Ending>, StoreError>;

    /// Uses the yes of a request; false when it was used before.
    async fn mark_used(&self, id: &str, at: i64) -> Result<bool, StoreError>;

    /// Marks every yes that somebody asked for and has not used yet as used.
    async fn forfeit(&self, principal: &str, at: i64) -> Result<(), StoreError>;

    /// A page of requests that have ended.
    async fn history(&self, query: HistoryQuery) -> Result<Vec<(Place, Approval)>, StoreError>;

    /// Forgets requests that ended before `before`, and all but the last `keep`. How many.
    async fn forget(&self, before: i64, keep: usize) -> Result<usize, StoreError>;
}
