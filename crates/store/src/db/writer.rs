//! The thread that writes: group commit.

use std::{
    sync::{Arc, atomic::Ordering, mpsc},
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::OwnedSemaphorePermit;

use super::{AbortOnPanic, Counters};
use crate::error::DbError;

/// Pieces of work in one transaction, at most: a bound on how long the first waits for the last.
const MAX_BATCH: usize = 256;

/// A piece of work with its answer.
pub(super) trait Job: Send {
    /// Does the work. False: undo it.
    fn run(&mut self, conn: &Connection) -> bool;
    /// Answers, after the commit or instead of it.
    fn answer(self: Box<Self>, commit: Result<(), DbError>);
}

struct Work<F, T, E, R> {
    todo: Option<F>,
    result: Option<Result<T, E>>,
    reply: R,
    room: Option<OwnedSemaphorePermit>,
}

/// A piece of work for the queue. `room` is its place there.
pub(super) fn work<F, T, E, R>(
    work: F,
    reply: R,
    room: Option<OwnedSemaphorePermit>,
) -> Box<dyn Job>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    R: FnOnce(Result<T, E>) + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    Box::new(Work { todo: Some(work), result: None, reply, room })
}

impl<F, T, E, R> Job for Work<F, T, E, R>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    R: FnOnce(Result<T, E>) + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, conn: &Connection) -> bool {
        self.room = None; // it has left the queue
        let Some(work) = self.todo.take() else { return false };
        self.result.insert(work(conn)).is_ok()
    }

    fn answer(self: Box<Self>, commit: Result<(), DbError>) {
        let result = match (self.result, commit) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(DbError::Closed.into()),
        };
        (self.reply)(result);
    }
}

/// Starts the writer. It ends when the last sender of its queue is gone and the queue is empty.
pub(super) fn spawn(
    conn: Connection,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    counters: Arc<Counters>,
) -> Result<JoinHandle<()>, DbError> {
    let thread = thread::Builder::new().name("store-write".into());
    thread.spawn(move || run(&conn, &jobs, &counters)).map_err(DbError::file("store-write thread"))
}

fn run(conn: &Connection, jobs: &mpsc::Receiver<Box<dyn Job>>, counters: &Counters) {
    let _guard = AbortOnPanic;
    let mut batch = Vec::new();
    while let Ok(first) = jobs.recv() {
        let committed = transact(conn, first, jobs, &mut batch);
        counters.commits.fetch_add(1, Ordering::Relaxed);
        counters.jobs.fetch_add(batch.len() as u64, Ordering::Relaxed);
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = batch.len(), "a transaction of the store failed");
        }
        for job in batch.drain(..) {
            let commit = committed.as_ref().copied().map_err(|e| DbError::Commit(e.to_string()));
            job.answer(commit);
        }
        batch.shrink_to(16);
    }
}

/// Does the first piece and whatever is queued behind it in one transaction.
fn transact(
    conn: &Connection,
    first: Box<dyn Job>,
    jobs: &mpsc::Receiver<Box<dyn Job>>,
    batch: &mut Vec<Box<dyn Job>>,
) -> rusqlite::Result<()> {
    let mut result = conn.execute_batch("BEGIN IMMEDIATE");
    let mut next = Some(first);
    while let Some(mut job) = next {
        if result.is_ok() {
            result = in_savepoint(conn, job.as_mut());
        }
        batch.push(job);
        next = if batch.len() < MAX_BATCH { jobs.try_recv().ok() } else { None };
    }
    let result = result.and_then(|()| conn.execute_batch("COMMIT"));
    if result.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK")?;
    }
    result
}

/// A failing piece is undone alone. An error here means that the whole transaction is lost.
fn in_savepoint(conn: &Connection, job: &mut dyn Job) -> rusqlite::Result<()> {
    conn.prepare_cached("SAVEPOINT job")?.execute([])?;
    if !job.run(conn) {
        // After a full disk or the like SQLite has rolled everything back by itself; this then fails.
        conn.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    conn.prepare_cached("RELEASE job")?.execute([]).map(drop)
}
