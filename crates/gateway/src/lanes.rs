//! Lanes: requests that must run one after another do, in the order in which they arrived.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// The lanes in use; one that nobody waits in takes no memory.
#[derive(Clone, Default)]
pub(crate) struct Lanes(Arc<Mutex<Tails>>);

#[derive(Default)]
struct Tails {
    next: u64,
    last: BTreeMap<String, (u64, oneshot::Receiver<()>)>,
}

/// A place in a lane; the next request starts when it is dropped.
pub(crate) struct Place {
    lanes: Lanes,
    key: String,
    number: u64,
    before: Option<oneshot::Receiver<()>>,
    _done: oneshot::Sender<()>,
}

impl Lanes {
    /// Takes the next place; waiting for it comes later, so that order is that of these calls.
    pub(crate) fn enter(&self, key: String) -> Place {
        let (done, wait) = oneshot::channel();
        let mut tails = self.0.lock();
        tails.next += 1;
        let number = tails.next;
        let before = tails.last.insert(key.clone(), (number, wait)).map(|(_, wait)| wait);
        Place { lanes: self.clone(), key, number, before, _done: done }
    }

    /// How many lanes are in use.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().last.len()
    }
}

impl Place {
    /// Waits until every earlier request of the lane has ended.
    pub(crate) async fn turn(&mut self) {
        if let Some(before) = self.before.take() {
            // An error means that the one before was dropped, which is an end too.
            before.await.ok();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut tails = self.lanes.0.lock();
        if tails.last.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            tails.last.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_of_one_lane_run_in_order_and_leave_nothing_behind() {
        let lanes = Lanes::default();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut running = Vec::new();
        for n in 0..50 {
            let mut place = lanes.enter("a".into());
            let seen = Arc::clone(&seen);
            running.push(async move {
                place.turn().await;
                tokio::task::yield_now().await;
                seen.lock().push(n);
            });
        }
        running.reverse();
        futures_util::future::join_all(running).await;
        assert_eq!(*seen.lock(), (0..50).collect::<Vec<_>>());
        assert_eq!(lanes.len(), 0);
    }
}
