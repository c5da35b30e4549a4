//! A store whose writes take time and are sometimes refused as busy, so that stops and new messages
//! fall into the middle of them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use openclaw_protocol::ids::{RunId, SessionKey};

use crate::{
    session::SessionRow,
    store::*,
    transcript::NewEntry,
    usage::{UsageQuery, Used},
};

/// The store in memory, slowed down.
pub(super) struct Slow {
    inner: MemoryStore,
    calls: AtomicU64,
    seed: u64,
}

impl Slow {
    /// The delays follow from the seed.
    pub(super) fn new(inner: MemoryStore, seed: u64) -> Self {
        Self { inner, calls: AtomicU64::new(0), seed }
    }

    /// A number that looks random.
    fn next(&self) -> u64 {
        let n = self.calls.fetch_add(1, Ordering::Relaxed).wrapping_add(self.seed);
        let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
    }

    /// Before a write: it takes up to 20 ms, and one of eight is refused.
    async fn before(&self) -> Result<(), StoreError> {
        tokio::time::sleep(Duration::from_millis(self.next() % 20)).await;
        if self.next().is_multiple_of(8) { Err(StoreError::Busy) } else { Ok(()) }
    }

    /// After a write: its answer takes up to 20 ms.
    async fn after(&self) {
        tokio::time::sleep(Duration::from_millis(self.next() % 20)).await;
    }
}

#[async_trait]
impl DeadLetterStore for Slow {
    async fn bury(&self, letter: NewDeadLetter) -> Result<(), StoreError> {
        self.inner.bury(letter).await
    }

    async fn dead_letters(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<DeadLetterPage, StoreError> {
        self.inner.dead_letters(before, limit).await
    }

    async fn discard(&self, ids: Option<Vec<i64>>) -> Result<(u64, u64), StoreError> {
        self.inner.discard(ids).await
    }
}

#[async_trait]
impl TurnStore for Slow {
    async fn accept(&self, run: NewRun, begin: Option<Begin>) -> Result<Accepted, StoreError> {
        self.before().await?;
        let done = self.inner.accept(run, begin).await;
        self.after().await;
        done
    }

    async fn begin(&self, run_id: &RunId, begin: Begin) -> Result<Begun, StoreError> {
        self.before().await?;
        let done = self.inner.begin(run_id, begin).await;
        self.after().await;
        done
    }

    async fn mark_text_sent(&self, run_id: &RunId) -> Result<(), StoreError> {
        self.before().await?;
        let done = self.inner.mark_text_sent(run_id).await;
        self.after().await;
        done
    }

    async fn begin_step(
        &self,
        step: NewStep,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.before().await?;
        let done = self.inner.begin_step(step, entries).await;
        self.after().await;
        done
    }

    async fn end_step(
        &self,
        run_id: &RunId,
        n: u32,
        result: String,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.before().await?;
        let done = self.inner.end_step(run_id, n, result, entries).await;
        self.after().await;
        done
    }

    async fn steps(&self, run_id: &RunId) -> Result<Vec<StepRecord>, StoreError> {
        self.inner.steps(run_id).await
    }

    async fn finish(&self, run_id: &RunId, finish: Finish) -> Result<Vec<StoredEntry>, StoreError> {
        self.before().await?;
        let done = self.inner.finish(run_id, finish).await;
        self.after().await;
        done
    }

    async fn run(&self, run_id: &RunId) -> Result<Option<RunRecord>, StoreError> {
        self.inner.run(run_id).await
    }

    async fn unfinished(&self) -> Result<Vec<RunRecord>, StoreError> {
        self.after().await;
        self.inner.unfinished().await
    }

    async fn remember(
        &self,
        key: IdempotencyKey,
        result: String,
    ) -> Result<Remembered, StoreError> {
        self.inner.remember(key, result).await
    }

    async fn recall(&self, key: &IdempotencyKey) -> Result<Option<Remembered>, StoreError> {
        self.inner.recall(key).await
    }

    async fn session(&self, key: &SessionKey) -> Result<Option<SessionRow>, StoreError> {
        self.inner.session(key).await
    }

    async fn session_by_id(&self, session_id: &str) -> Result<Option<SessionRow>, StoreError> {
        self.inner.session_by_id(session_id).await
    }

    async fn session_by_label(&self, label: &str) -> Result<Option<SessionRow>, StoreError> {
        self.inner.session_by_label(label).await
    }

    async fn sessions(&self, query: SessionQuery) -> Result<SessionPage, StoreError> {
        self.inner.sessions(query).await
    }

    async fn update_session(
        &self,
        key: &SessionKey,
        edit: SessionEdit,
    ) -> Result<SessionRow, StoreError> {
        self.inner.update_session(key, edit).await
    }

    async fn reset_session(
        &self,
        key: &SessionKey,
        reset: Reset,
    ) -> Result<SessionRow, StoreError> {
        self.inner.reset_session(key, reset).await
    }

    async fn delete_session(
        &self,
        key: &SessionKey,
        delete: Delete,
    ) -> Result<Deleted, StoreError> {
        self.inner.delete_session(key, delete).await
    }

    async fn checkout(
        &self,
        key: &SessionKey,
        checkout: Checkout,
    ) -> Result<SessionRow, StoreError> {
        self.inner.checkout(key, checkout).await
    }

    async fn compact_session(
        &self,
        key: &SessionKey,
        max_lines: usize,
    ) -> Result<Compacted, StoreError> {
        self.inner.compact_session(key, max_lines).await
    }

    async fn append(
        &self,
        key: &SessionKey,
        append: Append,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.inner.append(key, append).await
    }

    async fn history(&self, query: HistoryQuery) -> Result<Vec<StoredEntry>, StoreError> {
        self.inner.history(query).await
    }

    async fn entry(
        &self,
        session_id: &str,
        entry_id: &str,
    ) -> Result<Option<StoredEntry>, StoreError> {
        self.inner.entry(session_id, entry_id).await
    }

    async fn last_of_kind(
        &self,
        session_id: &str,
        kind: EntryKind,
    ) -> Result<Option<StoredEntry>, StoreError> {
        self.inner.last_of_kind(session_id, kind).await
    }

    async fn used(&self, query: UsageQuery) -> Result<Vec<Used>, StoreError> {
        self.inner.used(query).await
    }

    async fn branches(&self, session_id: &str) -> Result<Vec<Branch>, StoreError> {
        self.inner.branches(session_id).await
    }

    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptInfo>, StoreError> {
        self.inner.transcript(session_id).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.inner.counts().await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush().await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.inner.close().await
    }
}
