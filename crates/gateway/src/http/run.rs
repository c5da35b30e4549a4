//! A run that an HTTP request waits for: submitted as every message is, watched, and stopped when the
//! client goes away.

use std::sync::Arc;

use openclaw_agent::{
    live::LiveRun,
    outcome::Outcome,
    runtime::{AbortReach, Submission},
};
use openclaw_protocol::{
    RpcError,
    ids::{RunId, SessionKey},
};
use tokio::sync::{oneshot, watch};

use super::problem::Problem;
use crate::{error::OrRefuse as _, observer::watch::Seen, state::App};

/// Why such a run is stopped, as its outcome tells.
const GONE: &str = "disconnect";

/// A run and its watcher. Dropping it before the end stops the run.
pub(super) struct Running {
    app: Arc<App>,
    key: SessionKey,
    id: RunId,
    seen: watch::Receiver<Seen>,
    over: bool,
}

/// What a run has to tell next.
pub(super) enum News {
    /// There is text beyond the offset: from there on.
    Text(String),
    /// It has ended.
    Ended(Arc<Outcome>),
    /// The gateway stops; how the run ends is told by its next start.
    Lost,
}

/// Submits a message; returns when its row is committed.
pub(super) async fn start(app: &Arc<App>, submission: Submission) -> Result<Running, Problem> {
    let (sender, receiver) = oneshot::channel();
    let own = Arc::clone(app);
    // A task of its own: when the client goes away meanwhile, what was accepted still has to be stopped.
    // The receiver drops what it did not read, and with it the run.
    app.tasks.spawn("http run", async move {
        drop(sender.send(submit(own, submission).await));
    });
    Ok(receiver.await.map_err(|_| Problem::stopping())??)
}

async fn submit(app: Arc<App>, submission: Submission) -> Result<Running, RpcError> {
    let (key, id) = (submission.session_key.clone(), submission.run_id.clone());
    let seen = app.observer.watches.run(&id);
    let mut running = Running { app, key, id, seen, over: false };
    match running.app.runtime.submit(submission).await.or_refuse() {
        Ok(_) => Ok(running),
        Err(error) => {
            // Nothing was accepted, so there is nothing to stop.
            running.over = true;
            Err(error)
        }
    }
}

impl Running {
    /// The next news for a reader who has seen `from` bytes of text.
    pub(super) async fn next(&mut self, from: usize) -> News {
        loop {
            let Seen { live, outcome } = self.seen.borrow_and_update().clone();
            if let Some(outcome) = outcome {
                self.over = true;
                return News::Ended(outcome);
            }
            let changed = tokio::select! {
                text = beyond(live.as_ref(), from) => return News::Text(text),
                changed = self.seen.changed() => changed,
            };
            if changed.is_err() && self.seen.borrow().outcome.is_none() {
                self.over = true;
                return News::Lost;
            }
        }
    }

    /// Its outcome; none when the gateway stops before.
    pub(super) async fn ended(&mut self) -> Option<Arc<Outcome>> {
        loop {
            match self.next(usize::MAX).await {
                News::Ended(outcome) => return Some(outcome),
                News::Lost => return None,
                News::Text(_) => {}
            }
        }
    }
}

/// The text from an offset on, when there is some; never without a run.
async fn beyond(live: Option<&Arc<LiveRun>>, from: usize) -> String {
    match live {
        Some(live) => {
            live.beyond(from).await;
            live.snapshot_from(from)
        }
        None => std::future::pending().await,
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.app.observer.watches.forget_run(&self.id);
        if self.over {
            return;
        }
        let (app, key, id) = (Arc::clone(&self.app), self.key.clone(), self.id.clone());
        self.app.tasks.spawn("abandoned run", async move {
            app.runtime.abort(&key, Some(&id), AbortReach::RunningAndQueued, GONE).await;
        });
    }
}
