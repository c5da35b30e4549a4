//! Requests that a person decides: commands, what plugins want, questions of agents.
//!
//! One resolver for every door. A request is a committed row before anyone is told of it, and so is
//! its end before anyone who waits is; a restart loses neither, and a deadline is a time on the
//! clock that the restart does not move. A yes is good for one use of exactly what was shown
//! ([`binding`]). Who asked and who decided is what the caller of this module knows of the
//! connection, never what the connection says.
//!
//! Reading order: [`record`] (what is kept), [`store`] (where), [`ask`] (how a request is made
//! from what a client sends), this file (what happens to it).

pub mod ask;
pub mod binding;
pub mod error;
pub mod questions;
pub mod record;
pub mod store;
pub mod visible;

mod deadlines;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use openclaw_protocol::methods::{approvals::ApprovalDecision, questions::QuestionAnswers};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, watch};
use uuid::Uuid;

pub use binding::Binding;
pub use error::{ApprovalError, RedeemError};
pub use record::{Approval, Ended, Kind, Outcome, QuestionRequest, Request, Requester, Resolver};
pub use store::{ApprovalStore, HistoryQuery, MemoryApprovalStore, Place};

use crate::{clock::Clock, store::StoreError};

/// Requests that may wait at a time. A further one is refused as busy.
pub const MAX_PENDING: usize = 512;
/// The longest wait; a longer one is cut to it.
pub const MAX_WAIT: Duration = Duration::from_hours(24);
/// How long a yes may be used after it was given, in milliseconds.
pub const REDEEM_WINDOW_MS: i64 = 10 * 60 * 1000;
/// Calls that may wait for an end at a time. A further one is refused as busy.
pub const MAX_WAITERS: usize = 4_096;
/// The shortest beginning of an id that stands for the whole.
pub const MIN_PREFIX: usize = 8;
/// The longest id of the asker's own.
const MAX_ID: usize = 128;

/// Hears of requests. It must not block.
pub trait ApprovalObserver: Send + Sync {
    /// A request waits; it is on the disk.
    fn asked(&self, approval: &Approval);

    /// A request has ended; that is on the disk.
    fn ended(&self, approval: &Approval);
}

/// A request to be made.
#[derive(Debug, Clone)]
pub struct NewApproval {
    /// The asker's own name for it.
    pub id: Option<String>,
    /// What is asked.
    pub request: Request,
    /// What a yes is good for.
    pub binding: Option<Binding>,
    /// Who asks, by the server's records.
    pub requester: Requester,
    /// How long it waits.
    pub timeout: Duration,
    /// Whether nobody is told of it.
    pub quiet: bool,
}

/// What someone says about a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Yes or no.
    Decision(ApprovalDecision),
    /// The answers to a question.
    Answer {
        /// The answers.
        answers: QuestionAnswers,
        /// A name for them.
        resolution_id: Option<String>,
    },
    /// The question shall not be asked any more.
    Cancel,
    /// Something that makes no sense, which is no yes.
    Malformed,
}

/// Who says it, by the server's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// Who is told to have decided.
    pub resolver: Resolver,
    /// The connection; none for the gateway itself.
    pub connection: Option<String>,
}

/// What a verdict did.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The request as it is now.
    pub approval: Arc<Approval>,
    /// Whether this verdict decided it; else another one had before.
    pub applied: bool,
}

/// A yes that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redeemed {
    /// Whether it shall hold for the same command from now on.
    pub always: bool,
}

/// The requests of a gateway. Clones share them.
#[derive(Clone)]
pub struct Approvals(Arc<Inner>);

struct Inner {
    store: Arc<dyn ApprovalStore>,
    observer: Arc<dyn ApprovalObserver>,
    clock: Arc<dyn Clock>,
    open: Mutex<Open>,
    /// A deadline may be nearer than the one that is waited for.
    wake: Notify,
    waiters: Semaphore,
    closed: AtomicBool,
}

#[derive(Default)]
struct Open {
    waiting: BTreeMap<String, Waiting>,
    /// Requests that are being written, with their ends: whoever guesses an id may decide about a
    /// row before it is told of.
    writing: BTreeMap<String, Option<Arc<Approval>>>,
}

/// A request that waits, and those who wait for it.
struct Waiting {
    approval: Arc<Approval>,
    done: watch::Sender<Option<Arc<Approval>>>,
}

impl Approvals {
    /// The requests that the store has. [`Approvals::keep_deadlines`] must run beside them.
    pub async fn open(
        store: Arc<dyn ApprovalStore>,
        observer: Arc<dyn ApprovalObserver>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let pending = store.pending().await?;
        let waiting = pending.into_iter().map(Waiting::new).collect();
        let open = Mutex::new(Open { waiting, writing: BTreeMap::new() });
        let (wake, waiters) = (Notify::new(), Semaphore::new(MAX_WAITERS));
        let closed = AtomicBool::new(false);
        Ok(Self(Arc::new(Inner { store, observer, clock, open, wake, waiters, closed })))
    }

    /// Lets everyone who waits go: the gateway stops. What waits for a decision goes on waiting on the disk.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.open.lock().waiting.clear();
        self.0.wake.notify_one();
    }

    /// Makes a request. From an `Ok` on it is on the disk, and those who may decide were told.
    pub async fn ask(&self, new: NewApproval) -> Result<Arc<Approval>, ApprovalError> {
        let id = match new.id {
            Some(id) => check_id(id)?,
            None if new.request.kind() == Kind::Plugin => format!("plugin:{}", Uuid::new_v4()),
            None => Uuid::new_v4().to_string(),
        };
        let place = Reserved::take(&self.0, &id)?;
        let created_at = self.0.clock.now_ms();
        let wait = i64::try_from(new.timeout.min(MAX_WAIT).as_millis()).unwrap_or(i64::MAX);
        let approval = Approval {
            id,
            request: new.request,
            binding: new.binding.as_ref().map(Binding::digest),
            requester: new.requester,
            created_at,
            expires_at: created_at.saturating_add(wait),
            ended: None,
            used_at: None,
        };
        match self.0.store.insert(approval.clone()).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Err(ApprovalError::IdTaken),
            Err(error) => return Err(error.into()),
        }
        let (id, waiting) = Waiting::new(approval);
        let approval = Arc::clone(&waiting.approval);
        let ended = {
            let mut open = self.0.open.lock();
            let ended = open.writing.remove(&id).flatten();
            if ended.is_none() && !self.0.closed.load(Ordering::Acquire) {
                open.waiting.insert(id, waiting);
            }
            ended
        };
        drop(place);
        if let Some(ended) = ended {
            return Ok(ended);
        }
        if !new.quiet {
            self.0.observer.asked(&approval);
        }
        self.0.wake.notify_one();
        Ok(approval)
    }

    /// Waits until a request has ended; at once when it has. `None` when there is no such request.
    pub async fn wait(&self, id: &str) -> Result<Option<Arc<Approval>>, ApprovalError> {
        let done = self.0.open.lock().waiting.get(id).map(|waiting| waiting.done.subscribe());
        let _place = self.0.waiters.try_acquire().map_err(|_| ApprovalError::Full)?;
        if let Some(mut done) = done
            && let Ok(ended) = done.wait_for(Option::is_some).await
        {
            return Ok(ended.clone());
        }
        if self.0.closed.load(Ordering::Acquire) {
            return Err(ApprovalError::ShuttingDown);
        }
        let approval = self.find(id).await?;
        Ok(approval.filter(|approval| !approval.is_pending()))
    }

    /// A request, whatever became of it.
    pub async fn find(&self, id: &str) -> Result<Option<Arc<Approval>>, ApprovalError> {
        let waiting =
            self.0.open.lock().waiting.get(id).map(|waiting| Arc::clone(&waiting.approval));
        match waiting {
            Some(approval) => Ok(Some(approval)),
            None => Ok(self.0.store.approval(id).await?.map(Arc::new)),
        }
    }

    /// A request of a kind by its id, or by how its id begins when no other ever began so.
    pub async fn lookup(&self, kind: Kind, id: &str) -> Result<Arc<Approval>, ApprovalError> {
        let id = id.trim();
        let found = match self.find(id).await? {
            None if id.len() >= MIN_PREFIX => {
                let ids = self.0.store.beginning(kind, id).await?;
                match ids.as_slice() {
                    [] => None,
                    [only] => self.find(only).await?,
                    _ => return Err(ApprovalError::Ambiguous),
                }
            }
            found => found,
        };
        found.filter(|approval| approval.kind() == kind).ok_or(ApprovalError::NotFound)
    }

    /// The requests of a kind that wait, oldest first.
    pub fn pending(&self, kind: Kind) -> Vec<Arc<Approval>> {
        let now = self.0.clock.now_ms();
        let open = self.0.open.lock();
        let mut found: Vec<_> = open
            .waiting
            .values()
            .map(|waiting| &waiting.approval)
            .filter(|approval| approval.kind() == kind && approval.expires_at > now)
            .cloned()
            .collect();
        found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        found
    }

    /// Requests that have ended, latest first.
    pub async fn history(
        &self,
        query: HistoryQuery,
    ) -> Result<Vec<(Place, Approval)>, ApprovalError> {
        Ok(self.0.store.history(query).await?)
    }

    /// Decides about a request. The first verdict stays; a later one is told what the first was.
    pub async fn resolve(
        &self,
        id: &str,
        verdict: Verdict,
        by: Decider,
    ) -> Result<Resolved, ApprovalError> {
        let approval = self.find(id).await?.ok_or(ApprovalError::NotFound)?;
        if !approval.is_pending() {
            return Ok(Resolved { approval, applied: false });
        }
        let at = self.0.clock.now_ms();
        if approval.expires_at <= at {
            let ended = Ended { at, outcome: Outcome::Expired, by: Resolver::System };
            let ended = self.end(&approval.id, ended).await?;
            return Ok(Resolved { applied: false, ..ended });
        }
        let outcome = outcome_of(&approval, verdict)?;
        let own = by.connection.is_some() && by.connection == approval.requester.connection;
        if own && says_yes(&outcome) {
            return Err(ApprovalError::OwnRequest);
        }
        self.end(&approval.id, Ended { at, outcome, by: by.resolver }).await
    }

    /// Ends a request without a decision of anyone, for example because nobody is there.
    pub async fn give_up(&self, id: &str, outcome: Outcome) -> Result<Resolved, ApprovalError> {
        let at = self.0.clock.now_ms();
        self.end(id, Ended { at, outcome, by: Resolver::System }).await
    }

    /// Ends what somebody has asked, whether it waits or was allowed and not used yet: it has lost the
    /// right to ask.
    pub async fn withdraw(&self, principal: &str) -> Result<(), ApprovalError> {
        let asked: Vec<String> = {
            let open = self.0.open.lock();
            let own = open.waiting.values().filter(|w| w.approval.requester.principal == principal);
            own.map(|waiting| waiting.approval.id.clone()).collect()
        };
        for id in asked {
            self.give_up(&id, Outcome::Aborted).await?;
        }
        // After the others: what was decided meanwhile is among these.
        Ok(self.0.store.forfeit(principal, self.0.clock.now_ms()).await?)
    }

    /// Uses the yes of a request for a command: once, in time, and for exactly what was shown.
    pub async fn redeem(&self, id: &str, binding: &Binding) -> Result<Redeemed, RedeemError> {
        let approval = self.0.store.approval(id).await.map_err(RedeemError::Store)?;
        let approval = approval.ok_or(RedeemError::NotFound)?;
        let always = match approval.outcome() {
            Some(Outcome::Decided(ApprovalDecision::AllowOnce)) => false,
            Some(Outcome::Decided(ApprovalDecision::AllowAlways)) => true,
            _ => return Err(RedeemError::NotApproved),
        };
        if approval.used_at.is_some() {
            return Err(RedeemError::Used);
        }
        // A yes to which nothing is bound is a yes to nothing.
        if approval.binding != Some(binding.digest()) {
            return Err(RedeemError::Mismatch);
        }
        let now = self.0.clock.now_ms();
        let given = approval.ended.as_ref().map_or(i64::MIN, |ended| ended.at);
        if now.saturating_sub(given) > REDEEM_WINDOW_MS {
            return Err(RedeemError::Late);
        }
        let first = self.0.store.mark_used(id, now).await.map_err(RedeemError::Store)?;
        if first { Ok(Redeemed { always }) } else { Err(RedeemError::Used) }
    }

    async fn end(&self, id: &str, ended: Ended) -> Result<Resolved, ApprovalError> {
        let ending = self.0.store.end(id, ended).await?.ok_or(ApprovalError::NotFound)?;
        let approval = Arc::new(ending.approval);
        let waiting = {
            let mut open = self.0.open.lock();
            if let Some(writing) = open.writing.get_mut(id) {
                *writing = Some(Arc::clone(&approval));
            }
            open.waiting.remove(id)
        };
        if let Some(waiting) = waiting {
            waiting.done.send_replace(Some(Arc::clone(&approval)));
        }
        if ending.applied {
            self.0.observer.ended(&approval);
        }
        Ok(Resolved { approval, applied: ending.applied })
    }
}

impl Waiting {
    fn new(approval: Approval) -> (String, Self) {
        let id = approval.id.clone();
        (id, Self { approval: Arc::new(approval), done: watch::Sender::new(None) })
    }
}

/// A place among the requests that wait, and a name, held while one is written.
struct Reserved<'a> {
    inner: &'a Inner,
    id: String,
}

impl<'a> Reserved<'a> {
    fn take(inner: &'a Inner, id: &str) -> Result<Self, ApprovalError> {
        if inner.closed.load(Ordering::Acquire) {
            return Err(ApprovalError::ShuttingDown);
        }
        let mut open = inner.open.lock();
        if open.waiting.len() + open.writing.len() >= MAX_PENDING {
            return Err(ApprovalError::Full);
        }
        if open.writing.contains_key(id) {
            return Err(ApprovalError::IdTaken);
        }
        open.writing.insert(id.to_owned(), None);
        Ok(Self { inner, id: id.to_owned() })
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.inner.open.lock().writing.remove(&self.id);
    }
}

fn check_id(id: String) -> Result<String, ApprovalError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    if id.is_empty() || id.len() > MAX_ID || id == "." || id == ".." || !id.bytes().all(fits) {
        return Err(ApprovalError::BadId);
    }
    if id.to_ascii_lowercase().starts_with("plugin:") {
        return Err(ApprovalError::ReservedId);
    }
    Ok(id)
}

/// What a verdict means for a request.
fn outcome_of(approval: &Approval, verdict: Verdict) -> Result<Outcome, ApprovalError> {
    match (&approval.request, verdict) {
        (Request::Question(question), Verdict::Answer { answers, resolution_id }) => {
            let answers = questions::canonical(&question.questions, &answers)
                .map_err(ApprovalError::BadAnswer)?;
            Ok(Outcome::Answered { answers, resolution_id })
        }
        (Request::Question(_), Verdict::Cancel) => Ok(Outcome::Cancelled),
        (Request::Exec(_) | Request::Plugin(_), Verdict::Decision(decision)) => {
            if approval.request.allowed().contains(&decision) {
                Ok(Outcome::Decided(decision))
            } else {
                Err(ApprovalError::NotAllowed(decision))
            }
        }
        (Request::Exec(_) | Request::Plugin(_), Verdict::Malformed) => Ok(Outcome::Malformed),
        _ => Err(ApprovalError::NotFound),
    }
}

/// Whether an end gives the asker what it wants.
fn says_yes(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Decided(decision) => *decision != ApprovalDecision::Deny,
        Outcome::Answered { .. } => true,
        _ => false,
    }
}
