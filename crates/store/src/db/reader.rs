//! The threads that read. Each has a read-only connection, made when it is first needed.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use parking_lot::Mutex;
use rusqlite::Connection;

use super::{AbortOnPanic, connect};
use crate::error::DbError;

/// A question; it gets the connection, or why there is none.
pub(super) type Job = Box<dyn FnOnce(Result<&Connection, DbError>) + Send>;

/// Starts the readers, which share one queue.
pub(super) fn spawn(
    path: &Path,
    jobs: mpsc::Receiver<Job>,
    how_many: usize,
) -> Result<Vec<JoinHandle<()>>, DbError> {
    let jobs = Arc::new(Mutex::new(jobs));
    let start = |n| {
        let (jobs, path) = (Arc::clone(&jobs), path.to_owned());
        let thread = thread::Builder::new().name(format!("store-read-{n}"));
        thread.spawn(move || run(&path, &jobs))
    };
    (0..how_many).map(start).collect::<Result<_, _>>().map_err(DbError::file(path))
}

fn run(path: &Path, jobs: &Mutex<mpsc::Receiver<Job>>) {
    let _guard = AbortOnPanic;
    let mut conn = None;
    loop {
        // The lock is held while waiting: the other readers wait for the lock instead of the queue.
        let job = jobs.lock().recv();
        let Ok(job) = job else { return };
        if conn.is_none() {
            match connect(path, true) {
                Ok(new) => conn = Some(new),
                Err(error) => {
                    job(Err(error));
                    continue;
                }
            }
        }
        job(conn.as_ref().ok_or(DbError::Closed));
    }
}
