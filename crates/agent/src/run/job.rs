//! A run on its way through its lane.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{begin::Prepared, cancel::Cancel};
use crate::{
    live::RunInfo,
    runtime::Submission,
    session::SessionRow,
    store::{RunRecord, StepRecord, StoredEntry},
};

/// A run that waits.
pub(crate) struct Job {
    /// What is known of it.
    pub(crate) info: RunInfo,
    /// To stop it.
    pub(crate) cancel: Arc<Cancel>,
    /// Where it starts.
    pub(crate) start: Start,
    /// What was asked; `None` when it is large or old, then it is read from its row.
    pub(crate) submission: Option<Arc<Submission>>,
    /// The permit to run, when it was begun as it was accepted.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
}

/// Where a run starts.
pub(crate) enum Start {
    /// Its row is queued.
    Fresh,
    /// It was begun in the commit that accepted it.
    Begun(Box<Begun>),
    /// It was running when the program stopped, and may run again.
    Resume(Box<RunRecord>, Vec<StepRecord>),
    /// It was running when the program stopped, and must not run again.
    Interrupted(Box<RunRecord>, Vec<StepRecord>),
    /// It was running when the program stopped, and its steps cannot be read for this reason.
    Unreadable(Box<RunRecord>, String),
}

/// A run whose row says that it runs.
pub(crate) struct Begun {
    pub(crate) record: RunRecord,
    /// The entries that the begin appended, for those who watch.
    pub(crate) entries: Vec<StoredEntry>,
    pub(crate) prepared: Prepared,
    /// The session's row as the begin made it, for those who watch.
    pub(crate) session: Option<SessionRow>,
}

impl Job {
    /// Whether its row is queued, so that it can be ended without the actor.
    pub(crate) fn is_fresh(&self) -> bool {
        matches!(self.start, Start::Fresh)
    }
}
