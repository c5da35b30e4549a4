//! Those who wait for runs to end.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_protocol::ids::RunId;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::outcome::Outcome;

/// At most so many may wait at once; one more is refused and may try again.
pub(crate) const MAX_WAITERS: usize = 4_096;

/// Waiters by run.
#[derive(Default)]
pub(crate) struct Ends(Mutex<Waiters>);

#[derive(Default)]
struct Waiters {
    next: u64,
    by_run: BTreeMap<(RunId, u64), oneshot::Sender<Arc<Outcome>>>,
}

impl Ends {
    /// A place to wait; `None` when all are taken. Giving it up frees it.
    pub(crate) fn wait_for(self: &Arc<Self>, run_id: &RunId) -> Option<Waiter> {
        let mut waiters = self.0.lock();
        if waiters.by_run.len() >= MAX_WAITERS {
            return None;
        }
        waiters.next += 1;
        let key = (run_id.clone(), waiters.next);
        let (tx, rx) = oneshot::channel();
        waiters.by_run.insert(key.clone(), tx);
        Some(Waiter { ends: Arc::clone(self), key, rx })
    }

    /// Tells all who wait for this run.
    pub(crate) fn ended(&self, run_id: &RunId, outcome: &Arc<Outcome>) {
        let mut waiters = self.0.lock();
        let mut later = waiters.by_run.split_off(&(run_id.clone(), 0));
        let mut rest = later.split_off(&(run_id.clone(), u64::MAX));
        waiters.by_run.append(&mut rest);
        drop(waiters);
        for waiter in later.into_values() {
            // One who has gone meanwhile need not hear it.
            drop(waiter.send(Arc::clone(outcome)));
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().by_run.len()
    }
}

/// Waits for one run.
pub(crate) struct Waiter {
    ends: Arc<Ends>,
    key: (RunId, u64),
    rx: oneshot::Receiver<Arc<Outcome>>,
}

impl Waiter {
    /// The run.
    pub(crate) fn run_id(&self) -> &RunId {
        &self.key.0
    }

    /// The run's outcome, when it comes.
    pub(crate) async fn outcome(&mut self) -> Option<Arc<Outcome>> {
        (&mut self.rx).await.ok()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.ends.0.lock().by_run.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{RunStatus, RunUsage};

    #[tokio::test]
    async fn only_those_who_wait_for_it_hear_of_it() {
        let ends = Arc::new(Ends::default());
        let [mut a, mut a2, b] = ["a", "a", "b"].map(|id| ends.wait_for(&RunId::new(id)).unwrap());
        let outcome = Arc::new(Outcome {
            status: RunStatus::Ok,
            stop_reason: "stop".into(),
            error: None,
            client_calls: Vec::new(),
            text: "x".into(),
            provider: String::new(),
            model: String::new(),
            context_window: 0,
            session_id: String::new(),
            usage: RunUsage::default(),
            last_call: None,
            started_at: 1,
            ended_at: 2,
        });
        ends.ended(&RunId::new("a"), &outcome);
        assert_eq!(a.outcome().await, Some(Arc::clone(&outcome)));
        assert_eq!(a2.outcome().await, Some(outcome));
        assert_eq!(ends.len(), 1);
        drop(b);
        assert_eq!(ends.len(), 0);
    }
}
