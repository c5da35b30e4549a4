//! The runtime of agents: accepts messages durably, runs them one at a time per session, and starts
//! again from the rows after any stop. Everything else in this crate is a part of it.

mod accept;
pub(crate) mod ends;
mod inject;
mod models;
pub(crate) mod recover;
mod settings;
pub(crate) mod stop;
pub mod submission;
pub(crate) mod supplied;
pub mod tasks;

use std::{fmt, sync::Arc, time::Duration};

use openclaw_protocol::ids::{RunId, SessionKey};
use tokio::sync::{Semaphore, watch};

pub use models::ModelSource;
pub use settings::AgentSettings;
pub use submission::{
    AbortReach, Aborted, ActiveRun, Attachment, Injected, Origin, QueueMode, Submission, Submitted,
    is_stop_phrase,
};
pub use supplied::Supplied;
pub use tasks::Spawner;

use self::{ends::Ends, stop::Stop};
use crate::{
    clock::Clock,
    error::AgentError,
    lane::Lanes,
    live::LiveRun,
    observer::RunObserver,
    outcome::{Outcome, RunStatus},
    store::TurnStore,
    tool::ToolSet,
};

/// How long an abort waits for the outcomes of the runs it stops. They end anyway.
pub const ABORT_SETTLE: Duration = Duration::from_secs(5);
/// How long a message waits for the rows of the last start to be read.
const RECOVERY_DEADLINE: Duration = Duration::from_secs(20);
/// After the budget of a shutdown is over, tasks get this long to notice.
const LAST_CALL: Duration = Duration::from_secs(1);

/// What a runtime is made of.
pub struct RuntimeParts {
    /// Keeps rows and transcripts.
    pub store: Arc<dyn TurnStore>,
    /// Resolves models to providers; the [`Catalog`](crate::catalog::Catalog), as a rule.
    pub models: Arc<dyn ModelSource>,
    /// The tools that agents may use.
    pub tools: ToolSet,
    /// Hears what runs do.
    pub observer: Arc<dyn RunObserver>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The settings, as they are now and as they change.
    pub config: watch::Receiver<Arc<AgentSettings>>,
    /// Spawns every task of the runtime; [`Runtime::shutdown`] joins all of its tasks.
    pub spawner: Spawner,
}

/// The runtime; a cheap handle.
#[derive(Clone)]
pub struct Runtime {
    shared: Arc<Shared>,
}

/// What all lanes and runs share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn TurnStore>,
    pub(crate) models: Arc<dyn ModelSource>,
    pub(crate) tools: ToolSet,
    pub(crate) observer: Arc<dyn RunObserver>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: watch::Receiver<Arc<AgentSettings>>,
    pub(crate) spawner: Spawner,
    pub(crate) lanes: Lanes,
    pub(crate) ends: Arc<Ends>,
    pub(crate) stop: Stop,
    /// Runs that may run at a time. Fair: the one that waits longest is next.
    pub(crate) permits: Arc<Semaphore>,
    /// The rows of the last start are in their lanes.
    pub(crate) recovered: watch::Sender<bool>,
}

impl Runtime {
    /// Starts. Rows that the last start left are taken up in the background, by one path after a crash and
    /// after a clean stop. A message that is submitted meanwhile waits until they are in their
    /// queues, and so comes after them. Must be called inside a tokio runtime.
    pub fn start(parts: RuntimeParts) -> Self {
        let RuntimeParts { store, models, tools, observer, clock, config, spawner } = parts;
        let permits = Arc::new(Semaphore::new(config.borrow().max_concurrent.max(1)));
        let shared = Arc::new(Shared {
            store,
            models,
            tools,
            observer,
            clock,
            config,
            spawner,
            lanes: Lanes::default(),
            ends: Arc::default(),
            stop: Stop::default(),
            permits,
            recovered: watch::Sender::new(false),
        });
        let own = Arc::clone(&shared);
        shared.spawner.spawn("agent-recover", async move {
            if own.stop.unless_halted(recover::recover(&own)).await.is_none() {
                tracing::warn!("stopped before the runs of the last start were read");
            }
        });
        let own = Arc::clone(&shared);
        shared.spawner.spawn("agent-concurrency", async move {
            own.stop.unless_draining(settings::follow(&own)).await;
        });
        Self { shared }
    }

    /// Accepts a message. When this returns [`Submitted::Started`] its row is committed, and the run
    /// is carried out even if the caller is gone.
    pub async fn submit(&self, submission: Submission) -> Result<Submitted, AgentError> {
        accept::submit(&self.shared, submission).await
    }

    /// Stops runs of a session: just `run_id`, running or queued, when it is given; else what `reach` says.
    /// `reason` becomes their stop reason (`rpc`, `stop`, ..). Returns when their outcomes are
    /// committed, at the latest after [`ABORT_SETTLE`]; a run that ended by itself meanwhile is not among them.
    pub async fn abort(
        &self,
        key: &SessionKey,
        run_id: Option<&RunId>,
        reach: AbortReach,
        reason: &str,
    ) -> Aborted {
        let Some(lane) = self.shared.lanes.get(key) else { return Aborted::default() };
        let active = lane.active();
        let mut waiters: Vec<_> =
            active.iter().filter_map(|run| self.shared.ends.wait_for(&run.info.run_id)).collect();
        let queued = reach == AbortReach::RunningAndQueued;
        let found = lane.cancel(&self.shared, run_id, queued, reason);
        let mut run_ids = found.told;
        run_ids.extend(found.taken.iter().map(|job| job.info.run_id.clone()));
        accept::end_taken(&self.shared, found.taken, reason);
        waiters.retain(|waiter| run_ids.contains(waiter.run_id()));
        let settled = async {
            for waiter in &mut waiters {
                if let Some(outcome) = waiter.outcome().await
                    && outcome.status != RunStatus::Aborted
                {
                    run_ids.retain(|id| id != waiter.run_id());
                }
            }
        };
        if tokio::time::timeout(ABORT_SETTLE, settled).await.is_err() {
            tracing::warn!(session = %key, "aborted runs take long to end");
        }
        Aborted { run_ids }
    }

    /// Waits for a run to end; one that has ended is found in the store. `None`: time is up. A run
    /// that is not known (yet) is waited for like any other.
    pub async fn wait(
        &self,
        run_id: &RunId,
        timeout: Duration,
    ) -> Result<Option<Outcome>, AgentError> {
        let what = "too many callers wait for runs";
        let busy = AgentError::Busy { what, retry_after: Duration::from_secs(1) };
        // First the place, then the look: a run that ends in between is not missed.
        let mut waiter = self.shared.ends.wait_for(run_id).ok_or(busy)?;
        let look = async {
            if let Some(run) = self.shared.store.run(run_id).await?
                && run.state.is_final()
            {
                return Ok(accept::outcome_of(&run));
            }
            Ok(waiter.outcome().await.map(|outcome| (*outcome).clone()))
        };
        tokio::time::timeout(timeout, look).await.unwrap_or(Ok(None))
    }

    /// What models may call.
    pub fn tools(&self) -> &ToolSet {
        &self.shared.tools
    }

    /// The runs of a session that have not ended, the running one first.
    pub fn active(&self, key: &SessionKey) -> Vec<ActiveRun> {
        self.shared.lanes.get(key).map(|lane| lane.active()).unwrap_or_default()
    }

    /// All runs that have not ended.
    pub fn active_all(&self) -> Vec<ActiveRun> {
        self.shared.lanes.all().iter().flat_map(|lane| lane.active()).collect()
    }

    /// The live text of the run that a session runs now.
    pub fn live(&self, key: &SessionKey) -> Option<Arc<LiveRun>> {
        self.shared.lanes.get(key)?.live()
    }

    /// Writes an assistant note into a session without a model (`chat.inject`).
    pub async fn inject(
        &self,
        key: &SessionKey,
        text: &str,
        label: Option<&str>,
    ) -> Result<Injected, AgentError> {
        inject::inject(&self.shared, key, text, label).await
    }

    /// Begins no more runs, lets those that run end within `budget`, then lets go of them. What has not ended
    /// stays in its rows for the next start. Returns the names of tasks that had to be stopped.
    pub async fn shutdown(&self, budget: Duration) -> Vec<&'static str> {
        self.shared.stop.drain();
        let late = tokio::time::timeout(budget, self.shared.spawner.ended()).await.is_err();
        self.shared.stop.halt();
        if late { self.shared.spawner.join(LAST_CALL).await } else { Vec::new() }
    }
}

impl Shared {
    /// Resolves when the rows of the last start are in their lanes.
    pub(crate) async fn recovered(&self) -> Result<(), AgentError> {
        let mut recovered = self.recovered.subscribe();
        let wait = tokio::time::timeout(RECOVERY_DEADLINE, recovered.wait_for(|done| *done));
        match wait.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(AgentError::ShuttingDown),
            Err(_) => {
                let what = "the gateway still reads what it left at its last stop";
                Err(AgentError::Busy { what, retry_after: Duration::from_secs(2) })
            }
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("active", &self.active_all().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
