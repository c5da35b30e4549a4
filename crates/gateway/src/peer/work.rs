//! The requests of one connection that are at work, and the end that waits for their answers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use tokio::sync::Notify;

use super::Peer;

/// How many requests are at work, and whether new ones begin. Beginning counts first and looks then,
/// withdrawing marks first and counts then: one of the two sees the other.
#[derive(Debug, Default)]
pub(crate) struct Work {
    count: AtomicUsize,
    withdrawn: AtomicBool,
    done: Notify,
    ended: AtomicBool,
    gone: Notify,
}

impl Work {
    /// How many requests are at work.
    pub(crate) fn count(&self) -> usize {
        self.count.load(SeqCst)
    }

    /// Begins no more; whether nothing is at work.
    pub(crate) fn withdraw(&self) -> bool {
        self.withdrawn.store(true, SeqCst);
        self.count() == 0
    }

    /// Whether what let the connection in holds no longer.
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(SeqCst)
    }

    /// The connection has ended: nobody waits for answers any more.
    pub(crate) fn end(&self) {
        self.ended.store(true, SeqCst);
        self.gone.notify_waiters();
    }

    /// Waits until the connection has ended; for requests that wait for somebody's decision.
    pub(crate) async fn gone(&self) {
        loop {
            let mut gone = std::pin::pin!(self.gone.notified());
            gone.as_mut().enable();
            if self.ended.load(SeqCst) {
                return;
            }
            gone.await;
        }
    }

    /// Waits until the answer to every request that was begun is in the peer's queue.
    pub(crate) async fn done(&self) {
        loop {
            let mut done = std::pin::pin!(self.done.notified());
            done.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            done.await;
        }
    }
}

/// One request at work; to be dropped once its answer is queued.
#[derive(Debug)]
pub(crate) struct Working(Arc<Peer>);

impl Working {
    /// Begins one, unless the connection has lost its ground.
    pub(crate) fn begin(peer: &Arc<Peer>) -> Option<Self> {
        peer.work.count.fetch_add(1, SeqCst);
        let working = Self(Arc::clone(peer));
        (!peer.work.is_withdrawn()).then_some(working)
    }

    /// Whose request it is.
    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.0
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let work = &self.0.work;
        if work.count.fetch_sub(1, SeqCst) == 1 {
            work.done.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use openclaw_protocol::{Role, ScopeSet, Version, ids::ConnId};

    use super::*;
    use crate::{
        edge::Voice,
        peer::{Caller, ClientInfo},
    };

    #[tokio::test]
    async fn the_end_waits_for_what_has_begun_and_nothing_begins_after_it() {
        let caller =
            Caller { role: Role::Operator, scopes: ScopeSet::all(), device: None, user: None };
        let voice = Voice::Protocol(Version::V4);
        let peer =
            Arc::new(Peer::new(ConnId::from("c".to_owned()), voice, caller, ClientInfo::default()));
        let (one, two) = (Working::begin(&peer).unwrap(), Working::begin(&peer).unwrap());
        assert!(!peer.withdraw());
        assert!(Working::begin(&peer).is_none());
        drop(one);
        let mut done = std::pin::pin!(peer.work.done());
        let pending = poll_fn(|cx| std::task::Poll::Ready(done.as_mut().poll(cx).is_pending()));
        assert!(pending.await, "one is still at work");
        drop(two);
        done.await;
        assert!(peer.withdraw());
    }
}
