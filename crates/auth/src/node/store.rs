//! What is kept of nodes, and where: the trait, and an implementation in memory for tests.

use async_trait::async_trait;

use super::{Action, Dispatch, DispatchState, GivenUp, NodeRecord, WorkItem};
use crate::{audit::AuditEntry, store::StoreError};

mod memory;

pub use memory::MemoryNodeStore;

/// Keeps nodes, what waits for them, and what they were asked for. Every change is durable when it is
/// answered, and each call is one transaction. [`super::NodeBook`] is the only writer.
#[async_trait]
pub trait NodeStore: Send + Sync {
    /// One node.
    async fn node(&self, id: &str) -> Result<Option<NodeRecord>, StoreError>;
    /// Every node, by id.
    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError>;
    /// Writes a node in the place of its former record, and with it who decided so.
    async fn put(&self, node: NodeRecord, noted: Option<AuditEntry>) -> Result<(), StoreError>;
    /// Removes a node and everything that waits for it; whether it was there. Only then is it noted.
    async fn remove(&self, id: &str, noted: Option<AuditEntry>) -> Result<bool, StoreError>;

    /// The work that waits for a node.
    async fn work(&self, node: &str) -> Result<Vec<WorkItem>, StoreError>;
    /// Leaves work for a node.
    async fn put_work(&self, node: &str, item: WorkItem) -> Result<(), StoreError>;
    /// The commands that wait for a node, the oldest first.
    async fn actions(&self, node: &str) -> Result<Vec<Action>, StoreError>;
    /// Leaves a command for a node.
    async fn put_action(&self, node: &str, action: Action) -> Result<(), StoreError>;
    /// Work that more than one have left: it is nobody's in particular.
    async fn share_work(&self, id: &str) -> Result<(), StoreError>;
    /// Takes out the work and the commands that somebody has left; the nodes whose work it was.
    async fn take_back(&self, asker: &str) -> Result<Vec<String>, StoreError>;
    /// Takes out work and commands with these ids; how many work items there were among them.
    async fn take_out(&self, node: &str, ids: &[String]) -> Result<usize, StoreError>;

    /// Takes out what will never be done, and keeps in the same transaction that it was given up.
    async fn give_up(&self, node: &str, given_up: Vec<GivenUp>) -> Result<(), StoreError>;
    /// The nodes with work that ran out before `now_ms`, or a command that was left before `left_ms`.
    async fn overdue(&self, now_ms: u64, left_ms: u64) -> Result<Vec<String>, StoreError>;

    /// Notes that a command is about to be sent, unless its key is known. Forgets what was noted before `since_ms`.
    async fn begin_dispatch(
        &self,
        dispatch: Dispatch,
        since_ms: u64,
    ) -> Result<DispatchState, StoreError>;
    /// Notes the answer; `None` for one that is too long to keep.
    async fn end_dispatch(
        &self,
        principal: &str,
        key: &str,
        answer: Option<String>,
    ) -> Result<(), StoreError>;
    /// Forgets a dispatch that was never sent.
    async fn undo_dispatch(&self, principal: &str, key: &str) -> Result<(), StoreError>;
}
