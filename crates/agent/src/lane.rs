//! One actor for each busy session: it owns the session's queue and its run, is started by the first
//! message and retires when nothing is left. A lane stays on the list while anybody holds a place in
//! it, so a message that comes while the actor retires is never lost.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use openclaw_protocol::ids::{RunId, SessionKey};
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    error::AgentError,
    live::{LiveRun, RunInfo},
    run::{cancel::Cancel, carry_out, job::Job},
    runtime::{
        ActiveRun, Shared, recover,
        tasks::{Spawner, panic_text},
    },
    store::RunState,
};

/// At most so many messages of one session wait. One more is refused as busy, before it is accepted.
pub(crate) const MAX_QUEUED: usize = 64;
/// At most so many messages wait in all sessions together. One more is refused as busy.
pub(crate) const MAX_QUEUED_IN_ALL: usize = 10_000;
/// When one who was refused as busy may try again.
const BUSY_RETRY: std::time::Duration = std::time::Duration::from_secs(1);

/// All lanes.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<List>);

#[derive(Default)]
struct List {
    by_key: BTreeMap<SessionKey, Arc<Lane>>,
    /// Jobs in queues and places held, of all lanes.
    places: usize,
}

/// One session.
pub(crate) struct Lane {
    pub(crate) key: SessionKey,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By ticket: the order in which places were taken.
    queue: BTreeMap<u64, Job>,
    next_ticket: u64,
    /// Places held by messages that are not committed yet.
    claims: usize,
    running: Option<Running>,
    /// The actor's task exists.
    alive: bool,
    /// How often the actor panicked over the run that runs.
    panics: u32,
}

struct Running {
    info: RunInfo,
    live: Option<Arc<LiveRun>>,
    cancel: Arc<Cancel>,
}

/// A place in a lane. It is either filled with [`Claim::push`] or given back by dropping it.
pub(crate) struct Claim {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    ticket: u64,
    /// The lane was idle, and nobody else had a place, when this one was taken.
    pub(crate) alone: bool,
}

/// What an abort found.
#[derive(Default)]
pub(crate) struct Found {
    /// Runs that were told to stop and will end by themselves.
    pub(crate) told: Vec<RunId>,
    /// Jobs that were taken off the queue; the caller ends them.
    pub(crate) taken: Vec<Job>,
}

impl Lanes {
    /// Takes a place in a session's queue.
    pub(crate) fn claim(shared: &Arc<Shared>, key: &SessionKey) -> Result<Claim, AgentError> {
        let mut list = shared.lanes.0.lock();
        if list.places >= MAX_QUEUED_IN_ALL {
            let what = "too many messages wait in this gateway";
            return Err(AgentError::Busy { what, retry_after: BUSY_RETRY });
        }
        let lane = list.by_key.entry(key.clone()).or_insert_with(|| Lane::new(key.clone()));
        let lane = Arc::clone(lane);
        let mut state = lane.state.lock();
        if state.queue.len() + state.claims >= MAX_QUEUED {
            let what = "too many messages wait in this session";
            return Err(AgentError::Busy { what, retry_after: BUSY_RETRY });
        }
        let alone = state.is_idle();
        state.claims += 1;
        state.next_ticket += 1;
        let ticket = state.next_ticket;
        drop(state);
        list.places += 1;
        Ok(Claim { shared: Arc::clone(shared), lane, ticket, alone })
    }

    /// Takes a place for a run that was accepted before: it is never refused.
    pub(crate) fn claim_for_recovery(shared: &Arc<Shared>, key: &SessionKey) -> Claim {
        let mut list = shared.lanes.0.lock();
        list.places += 1;
        let lane = list.by_key.entry(key.clone()).or_insert_with(|| Lane::new(key.clone()));
        let lane = Arc::clone(lane);
        let mut state = lane.state.lock();
        state.claims += 1;
        state.next_ticket += 1;
        let ticket = state.next_ticket;
        drop(state);
        Claim { shared: Arc::clone(shared), lane, ticket, alone: false }
    }

    /// A lane, while anybody is in it.
    pub(crate) fn get(&self, key: &SessionKey) -> Option<Arc<Lane>> {
        self.0.lock().by_key.get(key).cloned()
    }

    /// All lanes.
    pub(crate) fn all(&self) -> Vec<Arc<Lane>> {
        self.0.lock().by_key.values().cloned().collect()
    }

    /// How many lanes there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().by_key.len()
    }

    /// The next job of a lane, which is the running one from now on; without one the actor retires.
    fn next(&self, lane: &Lane) -> Option<Job> {
        let mut list = self.0.lock();
        let mut state = lane.state.lock();
        let Some((_, job)) = state.queue.pop_first() else {
            list.retire(lane, &mut state);
            return None;
        };
        list.places -= 1;
        let (info, cancel) = (job.info.clone(), Arc::clone(&job.cancel));
        state.running = Some(Running { info, live: None, cancel });
        Some(job)
    }

    fn retire(&self, lane: &Lane) {
        let mut list = self.0.lock();
        list.retire(lane, &mut lane.state.lock());
    }

    fn give_back(&self, count: usize) {
        self.0.lock().places -= count;
    }
}

impl List {
    /// The actor ends. The lane goes too, unless somebody is in it.
    fn retire(&mut self, lane: &Lane, state: &mut State) {
        state.alive = false;
        if state.is_idle() {
            self.by_key.remove(&lane.key);
        }
    }
}

impl State {
    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.claims == 0 && !self.alive
    }
}

impl Claim {
    /// Fills the place and starts the actor if there is none.
    pub(crate) fn push(self, job: Job) {
        // Counted before it can be taken; dropping the claim counts only the claim out.
        self.shared.lanes.0.lock().places += 1;
        let mut state = self.lane.state.lock();
        state.queue.insert(self.ticket, job);
        let start = !std::mem::replace(&mut state.alive, true);
        drop(state);
        if start {
            Lane::start(&self.lane, &self.shared);
        }
    }

    /// The session's lane.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut list = self.shared.lanes.0.lock();
        list.places -= 1;
        let mut state = self.lane.state.lock();
        state.claims -= 1;
        if state.is_idle() {
            list.by_key.remove(&self.lane.key);
        }
    }
}

impl Lane {
    fn new(key: SessionKey) -> Arc<Self> {
        Arc::new(Self { key, state: Mutex::default() })
    }

    fn start(lane: &Arc<Self>, shared: &Arc<Shared>) {
        let (lane, shared) = (Arc::clone(lane), Arc::clone(shared));
        let spawner: Spawner = shared.spawner.clone();
        spawner.spawn("agent-lane", async move {
            // A panic here is one of this crate, not of a provider or tool: those end their run only.
            while let Err(panic) = AssertUnwindSafe(work(&shared, &lane)).catch_unwind().await {
                let panic = panic_text(panic.as_ref());
                tracing::error!(session = %lane.key, panic, "a session's actor panicked; it starts again from its rows");
                if shared.stop.unless_halted(restart(&shared, &lane)).await.is_none() {
                    return;
                }
            }
        });
    }

    /// What runs and what waits.
    pub(crate) fn active(&self) -> Vec<ActiveRun> {
        let state = self.state.lock();
        let running = state.running.iter().map(|run| {
            let info = run.live.as_ref().map_or(&run.info, |live| live.info());
            ActiveRun { info: info.clone(), state: RunState::Running }
        });
        let queued = state
            .queue
            .values()
            .map(|job| ActiveRun { info: job.info.clone(), state: RunState::Queued });
        running.chain(queued).collect()
    }

    /// The text of the run that runs.
    pub(crate) fn live(&self) -> Option<Arc<LiveRun>> {
        self.state.lock().running.as_ref().and_then(|run| run.live.clone())
    }

    /// The run shows itself from now on.
    pub(crate) fn set_live(&self, live: &Arc<LiveRun>) {
        if let Some(running) = &mut self.state.lock().running {
            running.live = Some(Arc::clone(live));
        }
    }

    /// A run has ended; it is not shown as running any more.
    pub(crate) fn ended(&self, run_id: &RunId) {
        let mut state = self.state.lock();
        if state.running.as_ref().is_some_and(|run| run.info.run_id == *run_id) {
            state.running = None;
            state.panics = 0;
        }
    }

    /// Tells the run that runs, and with `queued` all that wait, to stop; with `only` just that one.
    pub(crate) fn cancel(
        &self,
        shared: &Shared,
        only: Option<&RunId>,
        queued: bool,
        reason: &str,
    ) -> Found {
        let matches = |info: &RunInfo| only.is_none_or(|id| *id == info.run_id);
        let mut found = Found::default();
        let mut state = self.state.lock();
        if let Some(run) = state.running.as_ref().filter(|run| matches(&run.info)) {
            run.cancel.cancel(reason);
            found.told.push(run.info.run_id.clone());
        }
        if queued || only.is_some() {
            let mut kept = BTreeMap::new();
            for (ticket, job) in std::mem::take(&mut state.queue) {
                if !matches(&job.info) {
                    kept.insert(ticket, job);
                } else if job.is_fresh() {
                    found.taken.push(job);
                } else {
                    // Its row says that it runs: the actor ends it in its turn.
                    job.cancel.cancel(reason);
                    found.told.push(job.info.run_id.clone());
                    kept.insert(ticket, job);
                }
            }
            state.queue = kept;
        }
        drop(state);
        shared.lanes.give_back(found.taken.len());
        found
    }

    /// The permit to run: that of the first job when it has one, else the next free one.
    /// `None`: the runtime stops.
    async fn permit(&self, shared: &Shared) -> Option<OwnedSemaphorePermit> {
        let held =
            self.state.lock().queue.first_entry().and_then(|mut job| job.get_mut().permit.take());
        if held.is_some() {
            return held;
        }
        let free = Arc::clone(&shared.permits).acquire_owned();
        shared.stop.unless_draining(free).await?.ok()
    }
}

/// Runs what there is, one after the other.
async fn work(shared: &Arc<Shared>, lane: &Arc<Lane>) {
    while !shared.stop.is_draining() {
        let Some(permit) = lane.permit(shared).await else { break };
        let Some(job) = shared.lanes.next(lane) else { return };
        let run_id = job.info.run_id.clone();
        Box::pin(carry_out(shared, lane, job)).await;
        drop(permit);
        lane.ended(&run_id);
    }
    // What waits now is for the next start.
    shared.lanes.retire(lane);
}

/// After a panic: what ran is taken up again as after a crash, in front of all that waits.
async fn restart(shared: &Arc<Shared>, lane: &Arc<Lane>) {
    let (running, panics) = {
        let mut state = lane.state.lock();
        state.panics += 1;
        (state.running.take(), state.panics)
    };
    let Some(Running { info, cancel, .. }) = running else { return };
    if let Some(start) = recover::after_panic(shared, &info.run_id, panics).await {
        let job = Job { info, cancel, start, submission: None, permit: None };
        // Counted before it can be taken.
        shared.lanes.0.lock().places += 1;
        lane.state.lock().queue.insert(0, job);
    }
}
