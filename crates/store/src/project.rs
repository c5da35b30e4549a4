//! The journal becomes files: one thread appends lines to transcripts, renames archives, and writes `sessions.json`.
//!
//! It owns every change of these files, so nothing here is done twice at once. It sleeps while there is
//! nothing to do. What it has not done before a crash it does after the next start.

mod compact;
mod index;
mod lines;
mod rebuild;
mod sessions_json;

#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use openclaw_agent::store::{Compacted, StoreError};
use parking_lot::Mutex;
use tokio::{sync::oneshot, time::Instant};

use crate::{
    db::Db,
    error::{DbError, Result},
    layout::Layout,
    turns::{StoreOptions, sweep},
};

/// Orders that wait for the thread. When so many wait, a further one is refused with [`StoreError::Busy`];
/// what is in the journal is projected all the same.
const ORDERS: usize = 256;
/// How often what is over is swept away.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// After a failure (a full disk) the thread tries again after this long.
const RETRY_AFTER: Duration = Duration::from_secs(5);

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

enum Order {
    /// There is something new in the journal.
    Look,
    /// Bring everything into the files, then answer.
    Flush(Reply<()>),
    /// Make the index of a transcript fit its file.
    Index(String, Reply<()>),
    /// Cut a transcript to its last lines.
    Compact(String, usize, Reply<Compacted>),
    /// Flush and end.
    Close(Reply<()>),
}

/// The handle of the thread.
pub(crate) struct Projector {
    /// `None` only while it is dropped.
    orders: Option<SyncSender<Order>>,
    /// A look is on its way already.
    nudged: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Projector {
    /// Starts the thread. It looks at once for what an earlier process left behind.
    pub(crate) fn start(
        db: Db,
        layout: Arc<Layout>,
        options: StoreOptions,
    ) -> Result<Self, DbError> {
        let (orders, received) = mpsc::sync_channel(ORDERS);
        let nudged = Arc::new(AtomicBool::new(false));
        let worker = Worker { db, layout, options, nudged: Arc::clone(&nudged) };
        let thread = thread::Builder::new().name("store-files".into());
        let thread = thread.spawn(move || worker.run(&received));
        let thread = thread.map_err(DbError::file("store-files thread"))?;
        Ok(Self { orders: Some(orders), nudged, thread: Mutex::new(Some(thread)) })
    }

    /// Tells the thread that there is something new. Costs an atomic swap while it has not looked yet.
    pub(crate) fn nudge(&self) {
        // A full queue is full of orders, and after each of them the thread looks anyway.
        if !self.nudged.swap(true, Ordering::AcqRel) {
            self.orders.as_ref().map(|orders| orders.try_send(Order::Look));
        }
    }

    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        self.order(Order::Flush).await
    }

    pub(crate) async fn index(&self, session_id: String) -> Result<(), StoreError> {
        self.order(|reply| Order::Index(session_id, reply)).await
    }

    pub(crate) async fn compact(
        &self,
        session_id: String,
        max_lines: usize,
    ) -> Result<Compacted, StoreError> {
        self.order(|reply| Order::Compact(session_id, max_lines, reply)).await
    }

    /// Flushes, and ends the thread.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        let flushed = self.order(Order::Close).await;
        if let Some(thread) = self.thread.lock().take() {
            thread.join().ok(); // it answered as its last act
        }
        flushed
    }

    async fn order<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let orders = self.orders.as_ref().ok_or(StoreError::Closed)?;
        orders.try_send(order(reply)).map_err(|e| match e {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// Dropped without a close, the thread ends where it is: as after a crash, the next start does the rest.
impl Drop for Projector {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.lock().take() {
            thread.join().ok();
        }
    }
}

struct Worker {
    db: Db,
    layout: Arc<Layout>,
    options: StoreOptions,
    nudged: Arc<AtomicBool>,
}

/// When which work is due; `None`: there is none.
struct Due {
    lines: Option<Instant>,
    index: Option<Instant>,
    sweep: Instant,
}

impl Worker {
    fn run(self, orders: &Receiver<Order>) {
        let now = Instant::now();
        // What an earlier process left is looked for soon, but after the program has become ready.
        let mut due = Due {
            lines: Some(now + self.options.project_every),
            index: Some(now + self.options.index_every),
            sweep: now + SWEEP_EVERY,
        };
        loop {
            let next = [due.lines, due.index].into_iter().flatten().min();
            let next = next.map_or(due.sweep, |at| at.min(due.sweep));
            let order = orders.recv_timeout(next.saturating_duration_since(Instant::now()));
            match order {
                Err(RecvTimeoutError::Disconnected) => return, // dropped without a close
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::Look) => self.looked(&mut due),
                Ok(Order::Close(reply)) => {
                    let flushed = self.flush();
                    drop(reply.send(flushed.map_err(StoreError::from)));
                    return;
                }
                Ok(order) => self.obey(order, &mut due),
            }
            self.do_what_is_due(&mut due);
        }
    }

    /// Something is new: its work is due a while from now, not later for what comes meanwhile.
    fn looked(&self, due: &mut Due) {
        self.nudged.store(false, Ordering::Release);
        let now = Instant::now();
        due.lines.get_or_insert(now + self.options.project_every);
        due.index.get_or_insert(now + self.options.index_every);
    }

    fn obey(&self, order: Order, due: &mut Due) {
        match order {
            Order::Flush(reply) => {
                self.looked(due);
                drop(reply.send(self.flush().map_err(StoreError::from)));
            }
            Order::Index(session_id, reply) => {
                drop(reply.send(self.fit(&session_id).map_err(StoreError::from)));
            }
            Order::Compact(session_id, max_lines, reply) => {
                let done = self.compact(&session_id, max_lines);
                drop(reply.send(done.map_err(StoreError::from)));
            }
            Order::Look | Order::Close(_) => {}
        }
    }

    fn do_what_is_due(&self, due: &mut Due) {
        let now = Instant::now();
        if due.lines.is_some_and(|at| at <= now) {
            due.lines = self.retry("write transcripts", self.project());
        }
        if due.index.is_some_and(|at| at <= now) {
            due.index = self.retry("write sessions.json", self.write_indexes());
        }
        if due.sweep <= now {
            let swept = sweep(&self.db, self.options.clock.now_ms());
            due.sweep = self.retry("sweep", swept).unwrap_or(now + SWEEP_EVERY);
        }
    }

    /// After a failure: says so, and when to try again. What failed stays in the database.
    fn retry(&self, what: &str, done: Result<()>) -> Option<Instant> {
        let error = done.err()?;
        tracing::error!(%error, state_dir = %self.options.state_dir.display(), "could not {what}; trying again");
        Some(Instant::now() + RETRY_AFTER)
    }

    fn flush(&self) -> Result<()> {
        self.project()?;
        self.write_indexes()
    }
}
