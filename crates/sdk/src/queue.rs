//! The bounded queue between the connection and one reader of its events.

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
};

use parking_lot::Mutex;

use crate::events::{Delivery, Event, Gap};

/// Events that may wait for one reader. When it is full, newer events are dropped for this reader
/// and a [`Gap::SlowReader`] in their place counts them.
pub const EVENT_QUEUE: usize = 1024;
/// Bytes of payload that may wait for one reader; above it newer events are dropped likewise.
pub const EVENT_QUEUE_BYTES: usize = 16 * 1024 * 1024;

/// One reader's queue.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The only event that the reader wants, or all.
    only: Option<&'static str>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Delivery>,
    bytes: usize,
    closed: bool,
    waker: Option<Waker>,
}

impl State {
    fn push(&mut self, item: Delivery) {
        let size = size(&item);
        if self.items.len() < EVENT_QUEUE && self.bytes + size <= EVENT_QUEUE_BYTES {
            self.bytes += size;
            self.items.push_back(item);
        } else if let Some(Delivery::Gap(Gap::SlowReader { missed })) = self.items.back_mut() {
            *missed += 1;
        } else {
            self.items.push_back(Delivery::Gap(Gap::SlowReader { missed: 1 }));
        }
    }
}

fn size(item: &Delivery) -> usize {
    match item {
        Delivery::Event(event) => event.payload.get().len(),
        Delivery::Gap(_) => 0,
    }
}

impl Queue {
    fn push(&self, item: Delivery) {
        if let (Some(only), Delivery::Event(event)) = (self.only, &item)
            && *event.name != *only
        {
            return;
        }
        let waker = {
            let mut state = self.state.lock();
            state.push(item);
            state.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    fn close(&self) {
        let waker = {
            let mut state = self.state.lock();
            state.closed = true;
            state.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// The next delivery; `None` when the connection has ended for good and the queue is empty.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let mut state = self.state.lock();
        if let Some(item) = state.items.pop_front() {
            state.bytes -= size(&item);
            return Poll::Ready(Some(item));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// All readers of one client.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<Readers>);

#[derive(Debug, Default)]
struct Readers {
    queues: Vec<Weak<Queue>>,
    closed: bool,
}

impl Hub {
    /// Adds a reader; dropping the queue removes it.
    pub(crate) fn reader(&self, only: Option<&'static str>) -> Arc<Queue> {
        let queue = Arc::new(Queue { only, ..Queue::default() });
        let mut readers = self.0.lock();
        if readers.closed {
            queue.close();
        }
        readers.queues.push(Arc::downgrade(&queue));
        queue
    }

    /// Gives one event to every reader that wants it.
    pub(crate) fn event(&self, event: &Event) {
        self.each(|queue| queue.push(Delivery::Event(event.clone())));
    }

    /// Tells every reader that something may be missing.
    pub(crate) fn gap(&self, gap: Gap) {
        self.each(|queue| queue.push(Delivery::Gap(gap)));
    }

    /// Ends every reader, now and later.
    pub(crate) fn close(&self) {
        self.0.lock().closed = true;
        self.each(Queue::close);
    }

    fn each(&self, act: impl Fn(&Queue)) {
        self.0.lock().queues.retain(|queue| {
            queue.upgrade().is_some_and(|queue| {
                act(&queue);
                true
            })
        });
    }
}
