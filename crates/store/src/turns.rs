//! The turn store over SQLite: each method is one transaction of the writer or one question to a reader.

mod archive;
mod branches;
mod dead;
mod history;
mod idempotency;
mod journal;
mod retention;
mod runs;
mod sessions;
mod steps;
mod used;

#[cfg(test)]
pub(crate) mod tests;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use openclaw_agent::{
    clock::{Clock, SystemClock},
    crash,
    session::SessionRow,
    store::{
        Accepted, Append, Begin, Begun, Branch, Checkout, Compacted, Counts, Delete, Deleted,
        EntryKind, Finish, HistoryQuery, IdempotencyKey, NewRun, NewStep, Remembered, Reset,
        RunRecord, SessionEdit, SessionPage, SessionQuery, StepRecord, StoreError, StoredEntry,
        TranscriptInfo, TurnStore,
    },
    transcript::NewEntry,
    usage::{UsageQuery, Used},
};
use openclaw_protocol::ids::{RunId, SessionKey};
use rusqlite::Connection;
use tokio::sync::Semaphore;

pub(crate) use self::{archive::NewIndex, retention::sweep};
pub(crate) mod tables {
    //! What the projection needs of the tables.
    pub(crate) use super::archive::swap;
    pub(crate) use super::branches::fork_of;
    pub(crate) use super::journal::{Line, Transcript, by_id, by_session, insert_line};
    pub(crate) use super::sessions::{by_key, put};
}
use crate::{db::Db, error::Result, import, layout::Layout, project::Projector};

/// How often a question about a transcript is asked again after its index was made anew.
const HISTORY_TRIES: usize = 3;
/// Who may count transcripts at one time: it reads whole files. The others wait.
const COUNTERS: usize = 1;

/// Where and how a store works.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The state directory.
    pub state_dir: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Journal lines are brought into their files this long after the first of them.
    pub project_every: Duration,
    /// `sessions.json` is written this long after the first change.
    pub index_every: Duration,
}

impl StoreOptions {
    /// The usual options: files a quarter of a second behind the journal, `sessions.json` a second.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self {
            state_dir: state_dir.into(),
            clock: Arc::new(SystemClock),
            project_every: Duration::from_millis(250),
            index_every: Duration::from_secs(1),
        }
    }
}

/// The turn store of a state directory.
pub struct SqliteStore {
    db: Db,
    layout: Arc<Layout>,
    clock: Arc<dyn Clock>,
    projector: Projector,
    counters: Arc<Semaphore>,
    /// There are transcripts of another program that have not been read yet.
    foreign: AtomicBool,
    closed: AtomicBool,
}

impl SqliteStore {
    /// Opens the store over a database that is open. At the first start it takes over the
    /// `sessions.json` of each agent; else it does next to nothing. Blocks.
    pub fn open(db: Db, options: StoreOptions) -> std::result::Result<Self, StoreError> {
        let layout = Arc::new(Layout::new(options.state_dir.clone()));
        let clock = Arc::clone(&options.clock);
        import::import_once(&db, &layout, clock.now_ms())?;
        let foreign: bool = db
            .read_blocking(|conn| -> Result<_> {
                let sql = "SELECT EXISTS (SELECT 1 FROM transcripts WHERE indexed = 0)";
                Ok(conn.query_row(sql, [], |row| row.get(0))?)
            })
            .map_err(StoreError::from)?;
        let projector = Projector::start(db.clone(), Arc::clone(&layout), options)?;
        Ok(Self {
            db,
            layout,
            clock,
            projector,
            counters: Arc::new(Semaphore::new(COUNTERS)),
            foreign: AtomicBool::new(foreign),
            closed: AtomicBool::new(false),
        })
    }

    /// A write that belongs to something accepted.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, StoreError> {
        self.open_or_closed()?;
        let done = self.db.write(work).await?;
        self.projector.nudge();
        Ok(done)
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, StoreError> {
        self.open_or_closed()?;
        Ok(self.db.read(question).await?)
    }

    fn open_or_closed(&self) -> std::result::Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(()) }
    }

    /// Reads the session's transcript into the index, where another program wrote it and it has not been read.
    async fn know_transcript(&self, key: &SessionKey) -> std::result::Result<(), StoreError> {
        if !self.foreign.load(Ordering::Acquire) {
            return Ok(());
        }
        let key = key.clone();
        match self.read(move |conn| journal::foreign_of(conn, &key)).await? {
            Some(session_id) => self.projector.index(session_id).await,
            None => Ok(()),
        }
    }

    /// Asks a question about a transcript; when the index does not fit the file it is made anew first.
    async fn about<T: Send + 'static>(
        &self,
        session_id: &str,
        question: impl Fn(&Connection, &Layout) -> Result<history::Answer<T>> + Send + Sync + 'static,
    ) -> std::result::Result<Option<T>, StoreError> {
        let question = Arc::new(question);
        for _ in 0..HISTORY_TRIES {
            let (question, layout) = (Arc::clone(&question), Arc::clone(&self.layout));
            match self.read(move |conn| question(conn, &layout)).await? {
                history::Answer::Is(answer) => return Ok(Some(answer)),
                history::Answer::NoTranscript => return Ok(None),
                history::Answer::Stale => self.projector.index(session_id.to_owned()).await?,
            }
        }
        Err(StoreError::Conflict(format!(
            "transcript {session_id} is being changed by another program"
        )))
    }
}

#[async_trait]
impl TurnStore for SqliteStore {
    async fn accept(
        &self,
        run: NewRun,
        begin: Option<Begin>,
    ) -> std::result::Result<Accepted, StoreError> {
        self.open_or_closed()?;
        self.know_transcript(&run.session_key).await?;
        crash::point("before-accept-commit");
        let layout = Arc::clone(&self.layout);
        let accepted =
            self.db.try_write(move |conn| runs::accept(conn, &layout, &run, begin)).await?;
        crash::point("after-accept-commit");
        self.projector.nudge();
        Ok(accepted)
    }

    async fn begin(&self, run_id: &RunId, begin: Begin) -> std::result::Result<Begun, StoreError> {
        if self.foreign.load(Ordering::Acquire)
            && let Some(run) = self.run(run_id).await?
        {
            self.know_transcript(&run.session_key).await?;
        }
        let (id, layout) = (run_id.clone(), Arc::clone(&self.layout));
        self.write(move |conn| runs::begin(conn, &layout, &id, begin)).await
    }

    async fn mark_text_sent(&self, run_id: &RunId) -> std::result::Result<(), StoreError> {
        let id = run_id.clone();
        self.write(move |conn| runs::mark_text_sent(conn, &id)).await
    }

    async fn begin_step(
        &self,
        step: NewStep,
        entries: Vec<NewEntry>,
    ) -> std::result::Result<Vec<StoredEntry>, StoreError> {
        self.write(move |conn| steps::begin(conn, &step, &entries)).await
    }

    async fn end_step(
        &self,
        run_id: &RunId,
        n: u32,
        result: String,
        entries: Vec<NewEntry>,
    ) -> std::result::Result<Vec<StoredEntry>, StoreError> {
        let id = run_id.clone();
        self.write(move |conn| steps::end(conn, &id, n, &result, &entries)).await
    }

    async fn steps(&self, run_id: &RunId) -> std::result::Result<Vec<StepRecord>, StoreError> {
        let id = run_id.clone();
        self.read(move |conn| steps::of_run(conn, &id)).await
    }

    async fn finish(
        &self,
        run_id: &RunId,
        finish: Finish,
    ) -> std::result::Result<Vec<StoredEntry>, StoreError> {
        crash::point("before-finish-commit");
        let (id, layout) = (run_id.clone(), Arc::clone(&self.layout));
        let entries = self.write(move |conn| runs::finish(conn, &layout, &id, finish)).await?;
        crash::point("after-finish-commit");
        Ok(entries)
    }

    async fn run(&self, run_id: &RunId) -> std::result::Result<Option<RunRecord>, StoreError> {
        let id = run_id.clone();
        self.read(move |conn| Ok(runs::find(conn, id.as_str())?.map(|found| found.record))).await
    }

    async fn unfinished(&self) -> std::result::Result<Vec<RunRecord>, StoreError> {
        let (runs, unreadable) = self.read(runs::unfinished).await?;
        if !unreadable.is_empty() {
            let now = self.clock.now_ms();
            self.write(move |conn| runs::give_up(conn, &unreadable, now)).await?;
        }
        Ok(runs)
    }

    async fn remember(
        &self,
        key: IdempotencyKey,
        result: String,
    ) -> std::result::Result<Remembered, StoreError> {
        let now = self.clock.now_ms();
        self.write(move |conn| idempotency::remember(conn, &key, &result, now)).await
    }

    async fn recall(
        &self,
        key: &IdempotencyKey,
    ) -> std::result::Result<Option<Remembered>, StoreError> {
        let (key, now) = (key.clone(), self.clock.now_ms());
        self.read(move |conn| idempotency::recall(conn, &key, now)).await
    }

    async fn session(
        &self,
        key: &SessionKey,
    ) -> std::result::Result<Option<SessionRow>, StoreError> {
        let key = key.clone();
        self.read(move |conn| sessions::by_key(conn, &key)).await
    }

    async fn session_by_id(
        &self,
        session_id: &str,
    ) -> std::result::Result<Option<SessionRow>, StoreError> {
        let id = session_id.to_owned();
        self.read(move |conn| sessions::by_session_id(conn, &id)).await
    }

    async fn session_by_label(
        &self,
        label: &str,
    ) -> std::result::Result<Option<SessionRow>, StoreError> {
        let label = label.to_owned();
        self.read(move |conn| sessions::by_label(conn, &label)).await
    }

    async fn sessions(&self, query: SessionQuery) -> std::result::Result<SessionPage, StoreError> {
        self.read(move |conn| sessions::page(conn, &query)).await
    }

    async fn update_session(
        &self,
        key: &SessionKey,
        edit: SessionEdit,
    ) -> std::result::Result<SessionRow, StoreError> {
        let (key, layout, now) = (key.clone(), Arc::clone(&self.layout), self.clock.now_ms());
        self.write(move |conn| sessions::edit(conn, &layout, (&key, None), now, edit)).await
    }

    async fn reset_session(
        &self,
        key: &SessionKey,
        reset: Reset,
    ) -> std::result::Result<SessionRow, StoreError> {
        let (key, layout) = (key.clone(), Arc::clone(&self.layout));
        let row = self.write(move |conn| archive::reset(conn, &layout, &key, reset)).await?;
        self.flush().await?;
        Ok(row)
    }

    async fn delete_session(
        &self,
        key: &SessionKey,
        delete: Delete,
    ) -> std::result::Result<Deleted, StoreError> {
        let (key, layout, now) = (key.clone(), Arc::clone(&self.layout), self.clock.now_ms());
        let work = move |conn: &_| archive::delete(conn, &layout, &key, delete, now);
        let deleted = self.write(work).await?;
        self.flush().await?;
        Ok(deleted)
    }

    async fn checkout(
        &self,
        key: &SessionKey,
        checkout: Checkout,
    ) -> std::result::Result<SessionRow, StoreError> {
        self.know_transcript(key).await?;
        let (key, layout) = (key.clone(), Arc::clone(&self.layout));
        let row = self.write(move |conn| branches::checkout(conn, &layout, &key, checkout)).await?;
        self.flush().await?;
        Ok(row)
    }

    async fn compact_session(
        &self,
        key: &SessionKey,
        max_lines: usize,
    ) -> std::result::Result<Compacted, StoreError> {
        self.know_transcript(key).await?;
        let row = self.session(key).await?;
        let row = row.ok_or_else(|| StoreError::not_found("session", key.as_str()))?;
        self.projector.compact(row.entry.session_id, max_lines).await
    }

    async fn append(
        &self,
        key: &SessionKey,
        append: Append,
    ) -> std::result::Result<Vec<StoredEntry>, StoreError> {
        self.know_transcript(key).await?;
        let (key, layout) = (key.clone(), Arc::clone(&self.layout));
        self.write(move |conn| journal::append_outside(conn, &layout, &key, append)).await
    }

    async fn history(
        &self,
        query: HistoryQuery,
    ) -> std::result::Result<Vec<StoredEntry>, StoreError> {
        let id = query.session_id.clone();
        let answer = self.about(&id, move |conn, layout| history::window(conn, layout, &query));
        Ok(answer.await?.unwrap_or_default())
    }

    async fn entry(
        &self,
        session_id: &str,
        entry_id: &str,
    ) -> std::result::Result<Option<StoredEntry>, StoreError> {
        let which = history::Which::Id(entry_id.to_owned());
        let id = session_id.to_owned();
        let ask = move |conn: &_, layout: &_| history::one(conn, layout, &id, &which);
        Ok(self.about(session_id, ask).await?.flatten())
    }

    async fn last_of_kind(
        &self,
        session_id: &str,
        kind: EntryKind,
    ) -> std::result::Result<Option<StoredEntry>, StoreError> {
        let id = session_id.to_owned();
        let which = history::Which::LastOf(kind);
        let ask = move |conn: &_, layout: &_| history::one(conn, layout, &id, &which);
        Ok(self.about(session_id, ask).await?.flatten())
    }

    async fn branches(&self, session_id: &str) -> std::result::Result<Vec<Branch>, StoreError> {
        let id = session_id.to_owned();
        let ask = move |conn: &_, layout: &_| branches::list(conn, layout, &id);
        Ok(self.about(session_id, ask).await?.unwrap_or_default())
    }

    async fn transcript(
        &self,
        session_id: &str,
    ) -> std::result::Result<Option<TranscriptInfo>, StoreError> {
        let id = session_id.to_owned();
        self.about(session_id, move |conn, layout| history::info(conn, layout, &id)).await
    }

    async fn used(&self, query: UsageQuery) -> std::result::Result<Vec<Used>, StoreError> {
        // The files are read, so what is in the journal alone has to be there first.
        self.flush().await?;
        let agents = query.agents.clone();
        let known = self.read(move |conn| used::known(conn, &agents)).await?;
        let permit = Arc::clone(&self.counters).acquire_owned().await;
        let layout = Arc::clone(&self.layout);
        let work = tokio::task::spawn_blocking(move || -> Result<Vec<Used>> {
            let _permit = permit;
            let mut all = Vec::new();
            for (agent, known) in &known {
                all.extend(used::count(&layout, (agent, known), &query)?);
            }
            Ok(all)
        });
        Ok(work.await.map_err(|error| StoreError::failed("count transcripts", error))??)
    }

    async fn counts(&self) -> std::result::Result<Counts, StoreError> {
        self.read(runs::counts).await
    }

    async fn flush(&self) -> std::result::Result<(), StoreError> {
        self.open_or_closed()?;
        self.projector.flush().await
    }

    async fn close(&self) -> std::result::Result<(), StoreError> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.projector.close().await
    }
}
