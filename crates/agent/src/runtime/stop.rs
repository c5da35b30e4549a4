//! How the runtime stops: first it begins nothing new, then it lets go of what still runs.

use tokio::sync::watch;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    #[default]
    Open,
    Draining,
    Halted,
}

/// The phase of the runtime's life.
#[derive(Debug, Default)]
pub(crate) struct Stop(watch::Sender<Phase>);

impl Stop {
    /// Nothing new begins from now on.
    pub(crate) fn drain(&self) {
        self.reach(Phase::Draining);
    }

    /// What runs is let go; its rows stay for the next start.
    pub(crate) fn halt(&self) {
        self.reach(Phase::Halted);
    }

    fn reach(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let later = *now < phase;
            *now = phase.max(*now);
            later
        });
    }

    /// Whether nothing new may begin.
    pub(crate) fn is_draining(&self) -> bool {
        *self.0.borrow() >= Phase::Draining
    }

    /// The future's result, or `None` when nothing new may begin before it is there.
    pub(crate) async fn unless_draining<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.unless(Phase::Draining, work).await
    }

    /// The future's result, or `None` when the runtime lets go before it is there.
    pub(crate) async fn unless_halted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.unless(Phase::Halted, work).await
    }

    async fn unless<T>(&self, phase: Phase, work: impl Future<Output = T>) -> Option<T> {
        let mut now = self.0.subscribe();
        tokio::select! {
            biased;
            _ = now.wait_for(|now| *now >= phase) => None,
            done = work => Some(done),
        }
    }
}
