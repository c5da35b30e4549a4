//! The list of dead letters as the turn store shows it.

use async_trait::async_trait;
use openclaw_agent::store::{DeadLetterPage, DeadLetterStore, NewDeadLetter, StoreError};

use super::SqliteStore;
use crate::dead;

#[async_trait]
impl DeadLetterStore for SqliteStore {
    async fn bury(&self, letter: NewDeadLetter) -> Result<(), StoreError> {
        self.write(move |conn| Ok(dead::bury(conn, &letter)?)).await
    }

    async fn dead_letters(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<DeadLetterPage, StoreError> {
        self.read(move |conn| Ok(dead::page(conn, before, limit)?)).await
    }

    async fn discard(&self, ids: Option<Vec<i64>>) -> Result<(u64, u64), StoreError> {
        self.write(move |conn| Ok(dead::discard(conn, ids.as_deref())?)).await
    }
}
