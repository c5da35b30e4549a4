//! Named background tasks that shutdown joins. The only place of this crate that spawns.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::task::JoinSet;
use tracing::{debug, error};

/// A handle to spawn with; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<Mutex<JoinSet<&'static str>>>);

impl Tasks {
    /// Runs `future` in the background. A panic in it is logged with the name and ends it alone.
    pub(crate) fn spawn(
        &self,
        name: &'static str,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut set = self.0.lock();
        while let Some(ended) = set.try_join_next() {
            report(ended);
        }
        set.spawn(async move {
            future.await;
            name
        });
    }

    /// Waits until every task has ended, at most `budget`; what is left then is aborted.
    pub(crate) async fn join(&self, budget: Duration) {
        let mut set = std::mem::take(&mut *self.0.lock());
        let drained = tokio::time::timeout(budget, async {
            while let Some(ended) = set.join_next().await {
                report(ended);
            }
        });
        if drained.await.is_err() {
            debug!(left = set.len(), "tasks did not end in time and are aborted");
            set.shutdown().await;
        }
    }
}

fn report(ended: Result<&'static str, tokio::task::JoinError>) {
    match ended {
        Ok(name) => debug!(name, "task ended"),
        Err(error) if error.is_cancelled() => {}
        Err(error) => error!(%error, "a background task panicked"),
    }
}
