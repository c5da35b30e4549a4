//! Watchers of one run or one session, for requests that are answered as things happen.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_agent::{live::LiveRun, outcome::Outcome};
use openclaw_protocol::ids::{RunId, SessionKey};
use parking_lot::Mutex;
use tokio::sync::watch;

/// What is known of a run that is watched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The run, once it has begun.
    pub(crate) live: Option<Arc<LiveRun>>,
    /// Its end.
    pub(crate) outcome: Option<Arc<Outcome>>,
}

/// Who watches what. Each watcher is an open HTTP request, so there are never more than connections.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    runs: Mutex<BTreeMap<RunId, watch::Sender<Seen>>>,
    sessions: Mutex<BTreeMap<SessionKey, watch::Sender<()>>>,
}

impl Watches {
    /// Watches a run from now on; to be called before it is submitted.
    pub(crate) fn run(&self, id: &RunId) -> watch::Receiver<Seen> {
        let (sender, receiver) = watch::channel(Seen::default());
        self.runs.lock().insert(id.clone(), sender);
        receiver
    }

    /// A run that nobody watches any more.
    pub(crate) fn forget_run(&self, id: &RunId) {
        self.runs.lock().remove(id);
    }

    /// Hears of every change of a session from now on.
    pub(crate) fn session(&self, key: &SessionKey) -> watch::Receiver<()> {
        let mut sessions = self.sessions.lock();
        // Those that nobody listens to any more make room for this one.
        sessions.retain(|_, sender| sender.receiver_count() > 0);
        sessions.entry(key.clone()).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// Ends every watch: the gateway stops.
    pub(crate) fn end(&self) {
        self.runs.lock().clear();
        self.end_sessions();
    }

    /// Ends the watches of sessions: what let their readers in holds no longer.
    pub(crate) fn end_sessions(&self) {
        self.sessions.lock().clear();
    }

    pub(super) fn began(&self, run: &Arc<LiveRun>) {
        if let Some(sender) = self.runs.lock().get(&run.info().run_id) {
            sender.send_modify(|seen| seen.live = Some(Arc::clone(run)));
        }
    }

    pub(super) fn ended(&self, id: &RunId, run: Option<&Arc<LiveRun>>, outcome: &Outcome) {
        let Some(sender) = self.runs.lock().remove(id) else { return };
        sender.send_modify(|seen| {
            seen.live = run.cloned().or(seen.live.take());
            seen.outcome = Some(Arc::new(outcome.clone()));
        });
    }

    pub(super) fn touched(&self, key: &SessionKey) {
        if let Some(sender) = self.sessions.lock().get(key) {
            sender.send_replace(());
        }
    }
}
