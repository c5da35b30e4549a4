//! Nodes, what waits for them and what they were asked for, in the database.

mod queue;
mod rows;

use async_trait::async_trait;
use openclaw_auth::{
    NodeStore,
    audit::AuditEntry,
    node::{Action, Dispatch, DispatchState, GivenUp, NodeRecord, WorkItem},
    store::StoreError,
};
use rusqlite::Connection;

use crate::{auth, db::Db, error::DbError};

type Result<T, E = DbError> = std::result::Result<T, E>;

/// The [`NodeStore`] of a state directory.
#[derive(Debug, Clone)]
pub struct SqliteNodeStore {
    db: Db,
}

impl SqliteNodeStore {
    /// The nodes in this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.db.try_write(work).await.map_err(|error: DbError| StoreError(error.to_string()))
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.db.read(question).await.map_err(|error: DbError| StoreError(error.to_string()))
    }
}

#[async_trait]
impl NodeStore for SqliteNodeStore {
    async fn node(&self, id: &str) -> Result<Option<NodeRecord>, StoreError> {
        let id = id.to_owned();
        self.read(move |conn| rows::node(conn, &id)).await
    }

    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError> {
        self.read(rows::nodes).await
    }

    async fn put(&self, node: NodeRecord, noted: Option<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |conn| {
            rows::put(conn, &node)?;
            noted.map_or(Ok(()), |entry| auth::note(conn, &entry))
        })
        .await
    }

    async fn remove(&self, id: &str, noted: Option<AuditEntry>) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write(move |conn| {
            queue::forget(conn, &id)?;
            let known = rows::remove(conn, &id)?;
            noted.filter(|_| known).map_or(Ok(()), |entry| auth::note(conn, &entry))?;
            Ok(known)
        })
        .await
    }

    async fn work(&self, node: &str) -> Result<Vec<WorkItem>, StoreError> {
        let node = node.to_owned();
        self.read(move |conn| queue::work(conn, &node)).await
    }

    async fn put_work(&self, node: &str, item: WorkItem) -> Result<(), StoreError> {
        let node = node.to_owned();
        self.write(move |conn| queue::put_work(conn, &node, &item)).await
    }

    async fn actions(&self, node: &str) -> Result<Vec<Action>, StoreError> {
        let node = node.to_owned();
        self.read(move |conn| queue::actions(conn, &node)).await
    }

    async fn put_action(&self, node: &str, action: Action) -> Result<(), StoreError> {
        let node = node.to_owned();
        self.write(move |conn| queue::put_action(conn, &node, &action)).await
    }

    async fn share_work(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |conn| queue::share_work(conn, &id)).await
    }

    async fn take_back(&self, asker: &str) -> Result<Vec<String>, StoreError> {
        let asker = asker.to_owned();
        self.write(move |conn| queue::take_back(conn, &asker)).await
    }

    async fn take_out(&self, node: &str, ids: &[String]) -> Result<usize, StoreError> {
        let (node, ids) = (node.to_owned(), ids.to_vec());
        self.write(move |conn| queue::take_out(conn, &node, &ids)).await
    }

    async fn give_up(&self, node: &str, given_up: Vec<GivenUp>) -> Result<(), StoreError> {
        let node = node.to_owned();
        self.write(move |conn| queue::give_up(conn, &node, given_up)).await
    }

    async fn overdue(&self, now_ms: u64, left_ms: u64) -> Result<Vec<String>, StoreError> {
        self.read(move |conn| queue::overdue(conn, now_ms, left_ms)).await
    }

    async fn begin_dispatch(
        &self,
        dispatch: Dispatch,
        since_ms: u64,
    ) -> Result<DispatchState, StoreError> {
        self.write(move |conn| queue::begin(conn, &dispatch, since_ms)).await
    }

    async fn end_dispatch(
        &self,
        principal: &str,
        key: &str,
        answer: Option<String>,
    ) -> Result<(), StoreError> {
        let (principal, key) = (principal.to_owned(), key.to_owned());
        self.write(move |conn| queue::end(conn, &principal, &key, answer.as_deref())).await
    }

    async fn undo_dispatch(&self, principal: &str, key: &str) -> Result<(), StoreError> {
        let (principal, key) = (principal.to_owned(), key.to_owned());
        self.write(move |conn| queue::undo(conn, &principal, &key)).await
    }
}

/// Times beyond what SQLite can hold are cut; no clock says such.
fn time(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn read_time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

fn read_maybe_time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let ms = row.get::<_, Option<i64>>(column)?;
    Ok(ms.map(|ms| u64::try_from(ms).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
