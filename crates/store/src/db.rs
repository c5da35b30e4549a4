//! The database: one thread that writes, two that read.
//!
//! Work is a closure over a connection. The writer commits whatever is queued in one transaction,
//! each piece in a savepoint of its own, and answers after the commit; it never waits for more.
//! A panic in any of these threads ends the process: what is half done is undone at the next start.

mod reader;
mod schema;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, oneshot};

use crate::{error::DbError, files};

/// Pieces of work that wait for the writer. When so many wait, [`Db::try_write`] refuses with
/// [`DbError::Busy`], and [`Db::write`] waits for room.
pub const WRITE_QUEUE: usize = 1024;
/// Pieces of work that wait for a reader. When so many wait, [`Db::read`] waits for room.
pub const READ_QUEUE: usize = 256;
/// Reading threads.
const READERS: usize = 2;
/// The writer's page cache, in KiB.
const WRITER_CACHE_KIB: u32 = 1024;
/// The page cache of each reader, in KiB.
const READER_CACHE_KIB: u32 = 512;
/// How long SQLite waits for a lock of another process, in milliseconds.
const BUSY_TIMEOUT_MS: u64 = 5_000;

/// How much the writer has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DbStats {
    /// Pieces of work.
    pub jobs: u64,
    /// Transactions that carried them.
    pub commits: u64,
}

/// A handle of the database; clones share it. When the last one goes, the threads end.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    queues: Mutex<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    write_room: Arc<Semaphore>,
    read_room: Arc<Semaphore>,
    counters: Arc<Counters>,
    path: PathBuf,
}

impl Inner {
    fn close(&self) {
        drop(self.queues.lock().take());
        for thread in self.threads.lock().drain(..) {
            thread.join().ok();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

#[derive(Clone)]
struct Queues {
    write: mpsc::Sender<Box<dyn writer::Job>>,
    read: mpsc::Sender<reader::Job>,
}

#[derive(Default)]
struct Counters {
    jobs: AtomicU64,
    commits: AtomicU64,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Db").field(&self.0.path).finish()
    }
}

impl Db {
    /// Opens the database, makes it where there is none, and brings its tables up to date.
    /// Blocks for a few milliseconds.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        if let Some(dir) = path.parent() {
            files::create_dir(dir).map_err(DbError::file(dir))?;
        }
        files::create_private(path).map_err(DbError::file(path))?;
        let conn = connect(path, false)?;
        schema::migrate(&conn)?;
        let counters = Arc::new(Counters::default());
        let (write, writes) = mpsc::channel();
        let (read, reads) = mpsc::channel();
        let mut threads = vec![writer::spawn(conn, writes, Arc::clone(&counters))?];
        threads.extend(reader::spawn(path, reads, READERS)?);
        Ok(Self(Arc::new(Inner {
            queues: Mutex::new(Some(Queues { write, read })),
            threads: Mutex::new(threads),
            write_room: Arc::new(Semaphore::new(WRITE_QUEUE)),
            read_room: Arc::new(Semaphore::new(READ_QUEUE)),
            counters,
            path: path.into(),
        })))
    }

    /// Does a piece of work in a write transaction; answers when it is committed. Waits for room in
    /// the queue: for work that belongs to something that has been accepted already.
    ///
    /// The closure runs on the writer's thread: it must be quick and do nothing but database work.
    /// An `Err` of it undoes what it did. Dropping the future after it was first polled does not stop the work.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let room = Arc::clone(&self.0.write_room).acquire_owned().await;
        self.write_with(work, room.map_err(|_| DbError::Closed)?).await
    }

    /// As [`Self::write`], but refuses with [`DbError::Busy`] when the queue is full: for work that
    /// has not been accepted yet.
    pub async fn try_write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let room = Arc::clone(&self.0.write_room).try_acquire_owned();
        self.write_with(work, room.map_err(|_| DbError::Busy)?).await
    }

    async fn write_with<T, E, F>(
        &self,
        work: F,
        room: tokio::sync::OwnedSemaphorePermit,
    ) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let reply = move |result| drop(reply.send(result));
        self.queue_write(writer::work(work, reply, Some(room)))?;
        answer.await.map_err(|_| DbError::Closed)?
    }

    /// As [`Self::write`], for threads outside the async runtime and for the start of the program.
    /// Blocks until the commit, and does not wait for room.
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = mpsc::sync_channel(1);
        let reply = move |result| drop(reply.send(result));
        self.queue_write(writer::work(work, reply, None))?;
        answer.recv().map_err(|_| DbError::Closed)?
    }

    /// Asks a question on a read-only connection.
    pub async fn read<T, E, F>(&self, question: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let room = Arc::clone(&self.0.read_room).acquire_owned().await;
        let room = room.map_err(|_| DbError::Closed)?;
        let (reply, answer) = oneshot::channel();
        self.queue_read(Box::new(move |conn| {
            drop(room);
            drop(reply.send(conn.map_err(E::from).and_then(question)));
        }))?;
        answer.await.map_err(|_| DbError::Closed)?
    }

    /// As [`Self::read`], for threads outside the async runtime and for the start of the program.
    pub fn read_blocking<T, E, F>(&self, question: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = mpsc::sync_channel(1);
        self.queue_read(Box::new(move |conn| {
            drop(reply.send(conn.map_err(E::from).and_then(question)));
        }))?;
        answer.recv().map_err(|_| DbError::Closed)?
    }

    /// Ends the threads after the work that is queued. Blocks until then. Later work gets [`DbError::Closed`].
    pub fn close(&self) {
        self.0.close();
    }

    /// How much the writer has done since the start.
    pub fn stats(&self) -> DbStats {
        DbStats {
            jobs: self.0.counters.jobs.load(Ordering::Relaxed),
            commits: self.0.counters.commits.load(Ordering::Relaxed),
        }
    }

    fn queue_write(&self, job: Box<dyn writer::Job>) -> Result<(), DbError> {
        let queue = self.0.queues.lock().as_ref().map(|q| q.write.clone());
        queue.ok_or(DbError::Closed)?.send(job).map_err(|_| DbError::Closed)
    }

    fn queue_read(&self, job: reader::Job) -> Result<(), DbError> {
        let queue = self.0.queues.lock().as_ref().map(|q| q.read.clone());
        queue.ok_or(DbError::Closed)?.send(job).map_err(|_| DbError::Closed)
    }
}

/// Opens a connection with this program's settings.
fn connect(path: &Path, read_only: bool) -> Result<Connection, DbError> {
    let access = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    let cache = if read_only { READER_CACHE_KIB } else { WRITER_CACHE_KIB };
    conn.execute_batch(&format!(
        "PRAGMA cache_size = -{cache}; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY;"
    ))?;
    if !read_only {
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA journal_size_limit = 8388608;",
        )?;
    }
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Ends the process when its thread panics: the promise of the store cannot be kept without it.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a store thread panicked; the process ends");
            std::process::abort();
        }
    }
}
