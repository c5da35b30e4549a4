//! The limiter of failed attempts: lockout for other machines and browsers, growing delay for programs on this one.
//!
//! Check, comparison and count are one step under one lock, so that a thousand parallel guesses get
//! exactly as many comparisons as a thousand in a row. A success does not clear the count: whoever
//! holds one good credential could otherwise guess at another for ever.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use tokio::sync::Notify;

mod bucket;

pub use bucket::{Bucket, SecretKind, Whose, canonical};

/// Buckets of addresses that are remembered. When all places are in use the one whose last failure is
/// oldest goes, never one that is locked; if all are locked, further addresses share one of their own.
pub const MAX_BUCKETS: usize = 4096;
/// The delay after the first failure of a program on this machine, in milliseconds; it doubles.
const FIRST_DELAY_MS: u64 = 250;
/// The longest delay. Kept short: one stale client on this machine must not shut out the others.
pub const MAX_DELAY_MS: u64 = 1_000;

/// The limiter's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Failures within the window that lead to a lockout; 1 to [`Limits::MOST_ATTEMPTS`].
    pub max_attempts: usize,
    /// The sliding window, in milliseconds.
    pub window_ms: u64,
    /// The lockout, in milliseconds.
    pub lockout_ms: u64,
    /// Whether programs on this machine are delayed instead of locked out.
    pub exempt_loopback: bool,
}

impl Limits {
    /// The most failures that can be configured; each is remembered.
    pub const MOST_ATTEMPTS: usize = 1_000;
}

impl Default for Limits {
    /// As OpenClaw: 10 in 60 s, then 300 s.
    fn default() -> Self {
        Self { max_attempts: 10, window_ms: 60_000, lockout_ms: 300_000, exempt_loopback: true }
    }
}

/// A bucket that is locked, as it is kept over a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lockout {
    /// Whose failures led to it.
    pub bucket: Bucket,
    /// When it ends, in milliseconds since 1970.
    pub until_ms: u64,
}

/// What became of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission<T> {
    /// It was compared; this is the comparison's answer.
    Compared(T),
    /// Not compared: locked out.
    Locked {
        /// Until the lockout ends.
        retry_after_ms: u64,
    },
    /// Not compared: come back.
    Wait {
        /// In this many milliseconds.
        ms: u64,
    },
}

/// Whether a comparison counts as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// A credential was offered and was wrong.
    Failure,
    /// It was right, or none was offered.
    Nothing,
}

/// Counts failed attempts. Times are milliseconds of any clock that does not jump by design; a jump
/// back never makes a lockout longer than configured.
#[derive(Debug)]
pub struct RateLimiter {
    state: Mutex<State>,
    began: Notify,
}

#[derive(Debug)]
struct State {
    limits: Limits,
    /// How many buckets of addresses there may be: [`MAX_BUCKETS`].
    room: usize,
    buckets: BTreeMap<Bucket, Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    /// Times within the window, oldest first; at most `max_attempts`.
    at: VecDeque<u64>,
    locked_until: Option<u64>,
    not_before: Option<u64>,
}

impl RateLimiter {
    /// An empty limiter.
    pub fn new(limits: Limits) -> Self {
        Self::with_room(limits, MAX_BUCKETS)
    }

    fn with_room(limits: Limits, room: usize) -> Self {
        let state = State { limits, room, buckets: BTreeMap::new() };
        Self { state: Mutex::new(state), began: Notify::new() }
    }

    /// Changes the figures; what was counted stays.
    pub fn set_limits(&self, limits: Limits) {
        self.state.lock().limits = limits;
    }

    /// Runs the comparison unless the bucket is locked or must wait, and counts its failure.
    /// The comparison must be short and must not block: it runs under the limiter's lock.
    pub fn attempt<T>(
        &self,
        bucket: Bucket,
        now_ms: u64,
        compare: impl FnOnce() -> (Counts, T),
    ) -> Admission<T> {
        let mut state = self.state.lock();
        let bucket = state.admit(bucket, now_ms);
        if let Some(refused) = state.refusal(bucket, now_ms) {
            return refused.into_admission();
        }
        let (counts, answer) = compare();
        if counts == Counts::Failure && state.fail(bucket, now_ms) {
            self.began.notify_one();
        }
        Admission::Compared(answer)
    }

    /// Whether an attempt would be refused now, to spare the work before it.
    pub fn check(&self, bucket: Bucket, now_ms: u64) -> Admission<()> {
        self.attempt(bucket, now_ms, || (Counts::Nothing, ()))
    }

    /// Waits until a lockout has begun since the last call.
    pub async fn lockout_began(&self) {
        self.began.notified().await;
    }

    /// The lockouts of today: what is to be kept over a restart.
    pub fn lockouts(&self, now_ms: u64) -> Vec<Lockout> {
        let state = self.state.lock();
        let locked = state.buckets.iter().filter_map(|(bucket, failures)| {
            let until_ms = failures.locked_until.filter(|until| *until > now_ms)?;
            Some(Lockout { bucket: *bucket, until_ms })
        });
        locked.collect()
    }

    /// Takes over the lockouts of an earlier process, none longer than is configured today.
    pub fn restore(&self, lockouts: &[Lockout], now_ms: u64) {
        let mut state = self.state.lock();
        let longest = now_ms.saturating_add(state.limits.lockout_ms);
        for Lockout { bucket, until_ms } in lockouts.iter().take(state.room + Bucket::OTHERS) {
            if *until_ms > now_ms {
                let until = (*until_ms).min(longest);
                state.buckets.entry(*bucket).or_default().locked_until = Some(until);
            }
        }
    }

    #[cfg(test)]
    fn remembered(&self) -> usize {
        self.state.lock().buckets.len()
    }
}

enum Refused {
    Locked(u64),
    Wait(u64),
}

impl Refused {
    fn into_admission<T>(self) -> Admission<T> {
        match self {
            Self::Locked(retry_after_ms) => Admission::Locked { retry_after_ms },
            Self::Wait(ms) => Admission::Wait { ms },
        }
    }
}

impl State {
    /// Where the attempt is counted: its own bucket, or the shared one when there is no room.
    fn admit(&mut self, bucket: Bucket, now_ms: u64) -> Bucket {
        let has_room =
            !bucket.is_address() || !self.is_full() || self.buckets.contains_key(&bucket);
        if has_room {
            return bucket;
        }
        let limits = self.limits;
        self.buckets.retain(|_, failures| failures.refresh(limits, now_ms));
        let full_of_locks = self.is_full() && self.oldest_unlocked().is_none();
        if full_of_locks { Bucket { whose: Whose::Overflow, ..bucket } } else { bucket }
    }

    /// Whether a further address finds no place. What is no address has one of its own, which no address
    /// can take; these few are the first and the last.
    fn is_full(&self) -> bool {
        let first = self.buckets.keys().take_while(|bucket| !bucket.is_address()).count();
        let last = self.buckets.keys().rev().take_while(|bucket| !bucket.is_address()).count();
        self.buckets.len() >= self.room + first + last
    }

    /// The address that goes first.
    fn oldest_unlocked(&self) -> Option<Bucket> {
        self.buckets
            .iter()
            .filter(|(bucket, failures)| bucket.is_address() && failures.locked_until.is_none())
            .min_by_key(|(_, failures)| failures.at.back().copied())
            .map(|(bucket, _)| *bucket)
    }

    fn refusal(&mut self, bucket: Bucket, now_ms: u64) -> Option<Refused> {
        let limits = self.limits;
        let failures = self.buckets.get_mut(&bucket)?;
        if !failures.refresh(limits, now_ms) {
            self.buckets.remove(&bucket);
            return None;
        }
        let locked = failures.locked_until.map(|until| Refused::Locked(until - now_ms));
        locked.or_else(|| failures.not_before.map(|at| Refused::Wait(at - now_ms)))
    }

    /// Counts a failure; whether a lockout began.
    fn fail(&mut self, bucket: Bucket, now_ms: u64) -> bool {
        let limits = self.limits;
        if bucket.is_address() && self.is_full() && !self.buckets.contains_key(&bucket) {
            self.oldest_unlocked().and_then(|oldest| self.buckets.remove(&oldest));
        }
        let failures = self.buckets.entry(bucket).or_default();
        failures.at.push_back(now_ms);
        if bucket.whose == Whose::Loopback && limits.exempt_loopback {
            let doublings = u32::try_from(failures.at.len() - 1).unwrap_or(u32::MAX).min(16);
            let delay = (FIRST_DELAY_MS << doublings).min(MAX_DELAY_MS);
            failures.not_before = Some(now_ms.saturating_add(delay));
            let excess = failures.at.len().saturating_sub(limits.max_attempts);
            failures.at.drain(..excess);
        } else if failures.at.len() >= limits.max_attempts {
            failures.at.clear();
            failures.locked_until = Some(now_ms.saturating_add(limits.lockout_ms));
            return true;
        }
        false
    }
}

impl Failures {
    /// Forgets what is over and pulls in what a clock that jumped back left in the future.
    /// False when nothing is left to remember.
    fn refresh(&mut self, limits: Limits, now_ms: u64) -> bool {
        let end = |until: Option<u64>, longest: u64| {
            let until = until.map(|at| at.min(now_ms.saturating_add(longest)));
            until.filter(|at| *at > now_ms)
        };
        self.locked_until = end(self.locked_until, limits.lockout_ms);
        self.not_before = end(self.not_before, MAX_DELAY_MS);
        for at in &mut self.at {
            *at = (*at).min(now_ms);
        }
        self.at.retain(|at| now_ms - at < limits.window_ms);
        self.locked_until.is_some() || self.not_before.is_some() || !self.at.is_empty()
    }
}

#[cfg(test)]
mod tests;
