//! The store in memory: for tests, and the reference that the embedded store is compared with.
//!
//! It keeps nothing after the process and writes no file; the paths it answers with are those that
//! files would have below `/memory`.

mod branches;
mod dead;
mod runs;
mod sessions;
mod transcripts;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use openclaw_protocol::ids::{RunId, SessionKey};
use parking_lot::Mutex;

use self::{runs::Runs, transcripts::Transcript};
use super::{
    Accepted, Append, Begin, Begun, Branch, Checkout, Compacted, Counts, Delete, Deleted,
    EntryKind, Finish, HistoryQuery, IdempotencyKey, NewRun, NewStep, Remembered, Reset, RunRecord,
    SessionEdit, SessionPage, SessionQuery, StepRecord, StoreError, StoredEntry, TranscriptInfo,
    TurnStore,
};
use crate::{
    clock::{Clock, SystemClock},
    session::SessionRow,
    transcript::NewEntry,
    usage::{UsageQuery, Used},
};

/// A store in memory. Clones share it.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
}

#[derive(Clone, Default)]
struct State {
    runs: Runs,
    sessions: BTreeMap<SessionKey, SessionRow>,
    transcripts: BTreeMap<u64, Transcript>,
    next_transcript: u64,
    dead: dead::DeadLetters,
    closed: bool,
}

impl MemoryStore {
    /// An empty store that goes by the machine's clock.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store that goes by this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::default(), clock }
    }

    /// Runs `change` on a copy and keeps it only when it succeeds: a transaction.
    fn write<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(StoreError::Closed);
        }
        let mut copy = state.clone();
        let done = change(&mut copy)?;
        *state = copy;
        Ok(done)
    }

    fn read<T>(&self, question: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        let state = self.state.lock();
        if state.closed { Err(StoreError::Closed) } else { Ok(question(&state)) }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl TurnStore for MemoryStore {
    async fn accept(&self, run: NewRun, begin: Option<Begin>) -> Result<Accepted, StoreError> {
        self.write(|s| s.accept(run, begin))
    }

    async fn begin(&self, run_id: &RunId, begin: Begin) -> Result<Begun, StoreError> {
        self.write(|s| s.begin(run_id, begin))
    }

    async fn mark_text_sent(&self, run_id: &RunId) -> Result<(), StoreError> {
        self.write(|s| s.mark_text_sent(run_id))
    }

    async fn begin_step(
        &self,
        step: NewStep,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.write(|s| s.begin_step(step, &entries))
    }

    async fn end_step(
        &self,
        run_id: &RunId,
        n: u32,
        result: String,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.write(|s| s.end_step(run_id, n, result, &entries))
    }

    async fn steps(&self, run_id: &RunId) -> Result<Vec<StepRecord>, StoreError> {
        self.read(|s| s.runs.steps(run_id))
    }

    async fn finish(&self, run_id: &RunId, finish: Finish) -> Result<Vec<StoredEntry>, StoreError> {
        self.write(|s| s.finish(run_id, finish))
    }

    async fn run(&self, run_id: &RunId) -> Result<Option<RunRecord>, StoreError> {
        self.read(|s| s.runs.get(run_id).cloned())
    }

    async fn unfinished(&self) -> Result<Vec<RunRecord>, StoreError> {
        self.read(|s| s.runs.unfinished())
    }

    async fn remember(
        &self,
        key: IdempotencyKey,
        result: String,
    ) -> Result<Remembered, StoreError> {
        let now = self.clock.now_ms();
        self.write(|s| s.runs.remember(&key, result, now))
    }

    async fn recall(&self, key: &IdempotencyKey) -> Result<Option<Remembered>, StoreError> {
        let now = self.clock.now_ms();
        self.read(|s| s.runs.recall(key, now))?
    }

    async fn session(&self, key: &SessionKey) -> Result<Option<SessionRow>, StoreError> {
        self.read(|s| s.sessions.get(key).cloned())
    }

    async fn session_by_id(&self, session_id: &str) -> Result<Option<SessionRow>, StoreError> {
        self.read(|s| s.newest(|row| row.entry.session_id == session_id))
    }

    async fn session_by_label(&self, label: &str) -> Result<Option<SessionRow>, StoreError> {
        self.read(|s| s.newest(|row| row.entry.label.as_deref() == Some(label)))
    }

    async fn sessions(&self, query: SessionQuery) -> Result<SessionPage, StoreError> {
        self.read(|s| s.page(&query))
    }

    async fn update_session(
        &self,
        key: &SessionKey,
        edit: SessionEdit,
    ) -> Result<SessionRow, StoreError> {
        let now = self.clock.now_ms();
        self.write(|s| s.edit_session(key, None, now, edit))
    }

    async fn reset_session(
        &self,
        key: &SessionKey,
        reset: Reset,
    ) -> Result<SessionRow, StoreError> {
        self.write(|s| s.reset_session(key, reset))
    }

    async fn delete_session(
        &self,
        key: &SessionKey,
        delete: Delete,
    ) -> Result<Deleted, StoreError> {
        let now = self.clock.now_ms();
        self.write(|s| s.delete_session(key, delete, now))
    }

    async fn checkout(
        &self,
        key: &SessionKey,
        checkout: Checkout,
    ) -> Result<SessionRow, StoreError> {
        self.write(|s| s.checkout(key, checkout))
    }

    async fn compact_session(
        &self,
        key: &SessionKey,
        max_lines: usize,
    ) -> Result<Compacted, StoreError> {
        let now = self.clock.now_ms();
        self.write(|s| s.compact_session(key, max_lines, now))
    }

    async fn append(
        &self,
        key: &SessionKey,
        append: Append,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.write(|s| s.append_outside(key, append))
    }

    async fn history(&self, query: HistoryQuery) -> Result<Vec<StoredEntry>, StoreError> {
        self.read(|s| s.transcript(&query.session_id).map_or_else(Vec::new, |t| t.window(&query)))
    }

    async fn entry(
        &self,
        session_id: &str,
        entry_id: &str,
    ) -> Result<Option<StoredEntry>, StoreError> {
        self.read(|s| s.transcript(session_id)?.last_entry(|e| e.entry_id == entry_id))
    }

    async fn last_of_kind(
        &self,
        session_id: &str,
        kind: EntryKind,
    ) -> Result<Option<StoredEntry>, StoreError> {
        self.read(|s| s.transcript(session_id)?.last_entry(|e| e.kind == kind))
    }

    async fn branches(&self, session_id: &str) -> Result<Vec<Branch>, StoreError> {
        self.read(|s| s.transcript(session_id).map_or_else(Vec::new, Transcript::branches))
    }

    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptInfo>, StoreError> {
        self.read(|s| s.transcript(session_id).map(Transcript::info))
    }

    async fn used(&self, query: UsageQuery) -> Result<Vec<Used>, StoreError> {
        self.read(|s| s.used(&query))
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(State::counts)
    }

    async fn flush(&self) -> Result<(), StoreError> {
        self.read(|_| ())
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.state.lock().closed = true;
        Ok(())
    }
}
