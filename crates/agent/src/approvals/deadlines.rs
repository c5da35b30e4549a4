//! Ends requests whose time is up, and forgets those that ended long ago.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{Approvals, record::Outcome};

/// How long a request is remembered after it has ended, in milliseconds.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How many are remembered at most.
const KEPT: usize = 10_000;
/// The clock is looked at so often at least: it may be set while nobody looks.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// How long to wait after the store has failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How often to forget, in milliseconds; the first time after this too, since a start has better
/// things to do.
const FORGET_EVERY_MS: i64 = 10 * 60 * 1000;

impl Approvals {
    /// Ends requests at their deadlines, until [`Approvals::close`]. Those whose deadline passed
    /// while no gateway ran end at once.
    pub async fn keep_deadlines(self) {
        let mut forget_at = self.0.clock.now_ms().saturating_add(FORGET_EVERY_MS);
        while !self.0.closed.load(Ordering::Acquire) {
            let now = self.0.clock.now_ms();
            if now >= forget_at {
                self.forget(now).await;
                forget_at = now.saturating_add(FORGET_EVERY_MS);
            }
            let sleep = match self.expire_due(now).await {
                Ok(()) => self.time_to_next(now),
                Err(()) => AFTER_FAILURE,
            };
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.0.wake.notified() => {}
            }
        }
    }

    async fn expire_due(&self, now: i64) -> Result<(), ()> {
        let due: Vec<_> = {
            let open = self.0.open.lock();
            let due = open.waiting.values().filter(|waiting| waiting.approval.expires_at <= now);
            due.map(|waiting| Arc::clone(&waiting.approval)).collect()
        };
        for approval in due {
            if let Err(error) = self.give_up(&approval.id, Outcome::Expired).await {
                tracing::error!(%error, id = approval.id, "an approval cannot be ended");
                return Err(());
            }
        }
        Ok(())
    }

    fn time_to_next(&self, now: i64) -> Duration {
        let open = self.0.open.lock();
        let next = open.waiting.values().map(|waiting| waiting.approval.expires_at).min();
        let left = next.map_or(i64::MAX, |at| at.saturating_sub(now).max(0));
        Duration::from_millis(u64::try_from(left).unwrap_or_default()).min(LONGEST_SLEEP)
    }

    async fn forget(&self, now: i64) {
        if let Err(error) = self.0.store.forget(now.saturating_sub(KEPT_MS), KEPT).await {
            tracing::warn!(%error, "old approvals cannot be forgotten now");
        }
    }
}
