//! The durable record of turns: runs, their steps, sessions and transcripts.
//!
//! [`TurnStore`] is what the rest of the program sees. Every method that changes something answers
//! only after its change is durable, except where it says otherwise.

pub mod branches;
pub mod dead;
pub mod error;
pub mod history;
pub mod memory;
pub mod run;
pub mod sessions;

use async_trait::async_trait;
use openclaw_protocol::ids::{RunId, SessionKey};

pub use branches::{Branch, Checkout, Place};
pub use dead::{
    DeadLetter, DeadLetterKind, DeadLetterPage, DeadLetterStore, MAX_DEAD_LETTERS, NewDeadLetter,
};
pub use error::{Reject, StoreError};
pub use history::{EntryKind, HistoryQuery, StoredEntry, TranscriptInfo};
pub use memory::MemoryStore;
pub use run::{
    Accepted, Append, Begin, Begun, Counts, Finish, IdempotencyKey, NewRun, NewStep, Outcome,
    Remembered, RunRecord, RunState, StepClass, StepRecord,
};
pub use sessions::{
    Compacted, Delete, Deleted, Reset, SessionEdit, SessionGuard, SessionOrder, SessionPage,
    SessionQuery,
};

use crate::{
    session::{SessionEntry, SessionRow},
    transcript::NewEntry,
    usage::{UsageQuery, Used},
};

/// Keeps runs, sessions and transcripts.
///
/// Calls are answered in any order; two calls that must happen in order are made one after the other.
#[async_trait]
pub trait TurnStore: DeadLetterStore {
    // Runs: the inbox and what became of it.

    /// Takes a run into the inbox. From an `Ok` on it is accepted: it will be carried out or its failure shown.
    ///
    /// With `begin`, and when no run of the same session waits or runs, the run is begun in the same commit
    /// (its state in the answer is then [`RunState::Running`]); else it is queued.
    /// The same idempotency key with the same digest answers with the run of then, with another one
    /// [`StoreError::KeyReused`]. A run id that another request has taken is also `KeyReused`.
    async fn accept(&self, run: NewRun, begin: Option<Begin>) -> Result<Accepted, StoreError>;

    /// Begins a queued run: session upsert, first entries, and the state, in one commit.
    /// [`StoreError::Conflict`] when it is not queued, or another run of the session is running.
    async fn begin(&self, run_id: &RunId, begin: Begin) -> Result<Begun, StoreError>;

    /// Notes that text of this run is about to reach a reader. Call it before the first piece leaves.
    async fn mark_text_sent(&self, run_id: &RunId) -> Result<(), StoreError>;

    /// Notes that a step begins, with the entries that announce it (the assistant's tool call).
    /// [`StoreError::Conflict`] when the run has a step of that number or is not running.
    async fn begin_step(
        &self,
        step: NewStep,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<StoredEntry>, StoreError>;

    /// Notes how step `n` ended: `result` is JSON text; the entries are its tool results.
    async fn end_step(
        &self,
        run_id: &RunId,
        n: u32,
        result: String,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<StoredEntry>, StoreError>;

    /// The steps of a run, in order.
    async fn steps(&self, run_id: &RunId) -> Result<Vec<StepRecord>, StoreError>;

    /// Ends a run, in whatever state it was (a queued run may be aborted). Last entries, the session's
    /// entry, the outcome and the dead letter are one commit. [`StoreError::Conflict`] when it had ended already.
    async fn finish(&self, run_id: &RunId, finish: Finish) -> Result<Vec<StoredEntry>, StoreError>;

    /// A run, finished or not.
    async fn run(&self, run_id: &RunId) -> Result<Option<RunRecord>, StoreError>;

    /// Every run that has not ended, in the order in which they were accepted. One whose row cannot be
    /// read is ended, and becomes a dead letter in the same commit.
    async fn unfinished(&self) -> Result<Vec<RunRecord>, StoreError>;

    /// Remembers the result of a request that is not a run, for the idempotency window. `result` is JSON text.
    async fn remember(&self, key: IdempotencyKey, result: String)
    -> Result<Remembered, StoreError>;

    /// What an earlier request with this key was answered or which run it became; `None` when there was none.
    async fn recall(&self, key: &IdempotencyKey) -> Result<Option<Remembered>, StoreError>;

    // Sessions.

    /// A session by its canonical key.
    async fn session(&self, key: &SessionKey) -> Result<Option<SessionRow>, StoreError>;

    /// The session whose current transcript has this id.
    async fn session_by_id(&self, session_id: &str) -> Result<Option<SessionRow>, StoreError>;

    /// The session with this label.
    async fn session_by_label(&self, label: &str) -> Result<Option<SessionRow>, StoreError>;

    /// A page of sessions, the latest first.
    async fn sessions(&self, query: SessionQuery) -> Result<SessionPage, StoreError>;

    /// Changes a session's entry, or makes one: `edit` gets the present entry and runs inside the write
    /// transaction, so it must be quick and must not block. A new entry without a session id gets one.
    async fn update_session(
        &self,
        key: &SessionKey,
        edit: SessionEdit,
    ) -> Result<SessionRow, StoreError>;

    /// Gives a session a new, empty transcript; the old file is kept as `<file>.reset.<time>`.
    /// `reset.edit` makes the new entry from the old; the store sets its session id and file.
    async fn reset_session(&self, key: &SessionKey, reset: Reset)
    -> Result<SessionRow, StoreError>;

    /// Removes a session; with `delete.transcript` its file is kept as `<file>.deleted.<time>`,
    /// else it stays where it is. Not an error when there is none.
    async fn delete_session(&self, key: &SessionKey, delete: Delete)
    -> Result<Deleted, StoreError>;

    /// Lets a session's transcript go on at an earlier place, or on another branch of it. Nothing is
    /// removed: what is not on the way to that place is left out of [`Self::history`] and
    /// [`Self::entry`], and stays in the file. [`StoreError::Conflict`] while a run of the session is
    /// not finished, [`StoreError::NotFound`] for an entry or branch that is not there.
    async fn checkout(
        &self,
        key: &SessionKey,
        checkout: Checkout,
    ) -> Result<SessionRow, StoreError>;

    /// Cuts a transcript down to its header and the last `max_lines` entries of its active branch, at least one; the old file is kept as `<file>.bak.<time>`.
    async fn compact_session(
        &self,
        key: &SessionKey,
        max_lines: usize,
    ) -> Result<Compacted, StoreError>;

    // Transcripts.

    /// Appends entries to a session's transcript outside a run, for example `chat.inject`.
    async fn append(
        &self,
        key: &SessionKey,
        append: Append,
    ) -> Result<Vec<StoredEntry>, StoreError>;

    /// A window of a transcript's active branch, oldest entry first. Unknown ids have none.
    async fn history(&self, query: HistoryQuery) -> Result<Vec<StoredEntry>, StoreError>;

    /// One entry of a transcript's active branch.
    async fn entry(
        &self,
        session_id: &str,
        entry_id: &str,
    ) -> Result<Option<StoredEntry>, StoreError>;

    /// The last entry of a kind, for example the last compaction.
    async fn last_of_kind(
        &self,
        session_id: &str,
        kind: EntryKind,
    ) -> Result<Option<StoredEntry>, StoreError>;

    /// The branches of a transcript, the newest first; at most
    /// [`MAX_BRANCHES`](crate::transcript::tree::MAX_BRANCHES). Unknown ids have none.
    async fn branches(&self, session_id: &str) -> Result<Vec<Branch>, StoreError>;

    /// Length and place of a transcript; `None` when there is none.
    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptInfo>, StoreError>;

    /// Counts what transcripts say of use, archived ones too. Transcripts that were last written
    /// before the span may be left out. Reads whole files: for a person who asks, not for a loop.
    async fn used(&self, query: UsageQuery) -> Result<Vec<Used>, StoreError>;

    // The whole.

    /// How much of everything there is.
    async fn counts(&self) -> Result<Counts, StoreError>;

    /// Returns when everything committed before the call is in the files, and the files are on the disk.
    async fn flush(&self) -> Result<(), StoreError>;

    /// Flushes, and ends the store's threads. Later calls get [`StoreError::Closed`].
    async fn close(&self) -> Result<(), StoreError>;
}

/// Makes a [`SessionEdit`] from a closure.
pub fn session_edit(
    edit: impl FnOnce(Option<SessionEntry>) -> Result<SessionEntry, Reject> + Send + 'static,
) -> SessionEdit {
    Box::new(edit)
}
