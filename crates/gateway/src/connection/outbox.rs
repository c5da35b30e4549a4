//! What waits to be written to one connection: bounded, latest text wins, never blocks a sender.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use openclaw_agent::live::Extent;
use openclaw_protocol::{Close, frame};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{bus::Prepared, live::LiveText};

/// Events that may wait for one slow reader, in bytes. Above it a droppable event is skipped, and
/// any other closes the connection with 1008 `slow consumer`.
pub(crate) const MAX_EVENT_BACKLOG: usize = 4 * 1024 * 1024;
/// What one event counts at most, in bytes: a picture may be larger than the whole backlog, and a reader
/// who keeps up gets it. All readers share its text.
const MAX_EVENT_WEIGHT: usize = MAX_EVENT_BACKLOG / 2;

/// One thing to write.
#[derive(Debug)]
pub(crate) enum Item {
    /// A whole response frame.
    Response(Bytes),
    /// An event that many connections share; the writer adds the sequence number.
    Event(Arc<Prepared>),
    /// What a run says and thinks as far as it is when the writer gets here, or up to a place.
    Live(Arc<LiveText>, Option<Extent>),
}

/// The queue between everyone who has something to say and the connection's writer.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    notify: Notify,
    dead: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Item>,
    response_bytes: usize,
    event_bytes: usize,
    close: Option<Close>,
    given_up: bool,
    hushed: bool,
    probe: bool,
    skipped: u64,
}

impl Outbox {
    /// Queues a response. More than [`frame::MAX_BUFFERED`] unread bytes close the connection.
    pub(crate) fn respond(&self, text: Bytes) {
        let mut queue = self.queue.lock();
        queue.response_bytes += text.len();
        if queue.response_bytes > frame::MAX_BUFFERED {
            queue.give_up(slow());
            self.dead.notify_one();
        } else {
            queue.items.push_back(Item::Response(text));
        }
        drop(queue);
        self.notify.notify_one();
    }

    /// Queues an event; see [`MAX_EVENT_BACKLOG`].
    pub(crate) fn event(&self, event: Arc<Prepared>, droppable: bool) {
        let mut queue = self.queue.lock();
        let size = weight(&event);
        if queue.hushed {
            return;
        }
        if queue.event_bytes + size > MAX_EVENT_BACKLOG {
            if droppable {
                queue.skipped += 1;
                return;
            }
            queue.give_up(slow());
            self.dead.notify_one();
        } else {
            queue.event_bytes += size;
            queue.items.push_back(Item::Event(event));
        }
        drop(queue);
        self.notify.notify_one();
    }

    /// Says that a run has new text. A connection that has not yet written the last one gets both as
    /// one, unless something is to come between them: what is queued then ends at `until`.
    pub(crate) fn live(&self, text: &Arc<LiveText>, until: Option<Extent>) {
        let mut queue = self.queue.lock();
        if queue.hushed {
            return;
        }
        let last = queue.items.len().saturating_sub(1);
        // One that is closed takes more only as long as nothing is behind it.
        let waiting = queue.items.iter_mut().enumerate().find_map(|(at, item)| match item {
            Item::Live(l, end) if Arc::ptr_eq(l, text) && (end.is_none() || at == last) => {
                Some(end)
            }
            _ => None,
        });
        if let Some(end) = waiting {
            *end = until;
            return;
        }
        queue.items.push_back(Item::Live(Arc::clone(text), until));
        drop(queue);
        self.notify.notify_one();
    }

    /// Ends the connection after what is queued has been written.
    pub(crate) fn close(&self, close: Close) {
        self.queue.lock().close.get_or_insert(close);
        self.notify.notify_one();
    }

    /// Tells no more events, not even those that wait; answers still go out.
    pub(crate) fn hush(&self) {
        let mut queue = self.queue.lock();
        queue.hushed = true;
        queue.event_bytes = 0;
        queue.items.retain(|item| matches!(item, Item::Response(_)));
    }

    /// Ends the connection at once, whatever waits: its peer does not read.
    pub(crate) fn cut(&self, close: Close) {
        self.queue.lock().give_up(close);
        self.dead.notify_one();
        self.notify.notify_one();
    }

    /// Takes the next item, or the reason to close once nothing else waits.
    pub(crate) fn pop(&self) -> Option<Result<Item, Close>> {
        let mut queue = self.queue.lock();
        if let Some(item) = queue.items.pop_front() {
            match &item {
                Item::Response(text) => queue.response_bytes -= text.len(),
                Item::Event(event) => queue.event_bytes -= weight(event),
                Item::Live(..) => {}
            }
            if queue.items.is_empty() && queue.items.capacity() > 64 {
                queue.items = VecDeque::new();
            }
            return Some(Ok(item));
        }
        queue.close.clone().map(Err)
    }

    /// Asks the writer to look whether the peer still lives.
    pub(crate) fn probe(&self) {
        self.queue.lock().probe = true;
        self.notify.notify_one();
    }

    /// Whether [`Outbox::probe`] was called since the last time.
    pub(crate) fn take_probe(&self) -> bool {
        std::mem::take(&mut self.queue.lock().probe)
    }

    /// Waits until the connection is given up because nobody reads it.
    pub(crate) async fn given_up(&self) -> Close {
        loop {
            if let Some(close) = self.queue.lock().verdict() {
                return close;
            }
            self.dead.notified().await;
        }
    }

    /// Waits until something was queued since the last call.
    pub(crate) async fn changed(&self) {
        self.notify.notified().await;
    }
}

fn weight(event: &Prepared) -> usize {
    event.len().min(MAX_EVENT_WEIGHT)
}

impl Queue {
    fn verdict(&self) -> Option<Close> {
        self.close.clone().filter(|_| self.given_up)
    }

    fn give_up(&mut self, close: Close) {
        self.items.clear();
        (self.response_bytes, self.event_bytes) = (0, 0);
        self.given_up = true;
        self.close = Some(close);
    }
}

fn slow() -> Close {
    Close::policy("slow consumer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn droppable_events_are_skipped_and_others_end_a_connection_that_does_not_read() {
        let outbox = Outbox::default();
        let event = Arc::new(Prepared::for_test(1024 * 1024));
        for _ in 0..10 {
            outbox.event(Arc::clone(&event), true);
        }
        assert!(!outbox.queue.lock().given_up);
        assert_eq!(outbox.queue.lock().items.len(), 3);
        assert_eq!(outbox.queue.lock().skipped, 7);
        outbox.event(event, false);
        assert!(outbox.queue.lock().given_up);
        assert_eq!(outbox.pop().unwrap().unwrap_err(), Close::policy("slow consumer"));
    }

    #[test]
    fn answers_that_nobody_reads_end_a_connection() {
        let outbox = Outbox::default();
        let half = Bytes::from(vec![b' '; frame::MAX_BUFFERED / 2]);
        outbox.respond(half.clone());
        outbox.respond(half.clone());
        assert!(!outbox.queue.lock().given_up);
        outbox.respond(Bytes::from_static(b" "));
        assert!(outbox.queue.lock().given_up);
        assert!(matches!(outbox.pop(), Some(Err(close)) if close.reason == "slow consumer"));
    }

    #[tokio::test]
    async fn a_hushed_connection_gets_its_answers_and_no_events() {
        let outbox = Outbox::default();
        outbox.event(Arc::new(Prepared::for_test(10)), false);
        outbox.respond(Bytes::from_static(b"{}"));
        outbox.hush();
        outbox.event(Arc::new(Prepared::for_test(10)), false);
        outbox.live(&Arc::new(LiveText::for_test()), None);
        outbox.respond(Bytes::from_static(b"[]"));
        for text in ["{}", "[]"] {
            assert!(matches!(outbox.pop(), Some(Ok(Item::Response(bytes))) if bytes == text));
        }
        assert!(outbox.pop().is_none());
        outbox.respond(Bytes::from_static(b"{}"));
        let close = Close::new(Close::AUTH, "device removed");
        outbox.cut(close.clone());
        assert_eq!(outbox.given_up().await, close);
        assert_eq!(outbox.pop().unwrap().unwrap_err(), close);
    }

    #[test]
    fn the_latest_text_wins_but_never_passes_what_came_between() {
        let outbox = Outbox::default();
        let text = Arc::new(LiveText::for_test());
        let to = |text| Some(Extent { text, thinking: 0 });
        let event = || outbox.event(Arc::new(Prepared::for_test(1)), false);
        outbox.live(&text, None);
        outbox.live(&text, None);
        event();
        outbox.live(&text, to(5));
        event();
        outbox.live(&text, None);
        event();
        outbox.live(&text, to(7));
        outbox.live(&text, to(9));
        outbox.live(&text, None);
        let queued = std::iter::from_fn(|| outbox.pop()).map(|item| match item {
            Ok(Item::Live(_, until)) => Some(until.map(|until| until.text)),
            _ => None,
        });
        let expected = [Some(Some(5)), None, None, Some(Some(7)), None, Some(None)];
        assert_eq!(queued.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_close_waits_for_what_was_queued_before() {
        let outbox = Outbox::default();
        outbox.respond(Bytes::from_static(b"{}"));
        outbox.close(Close::new(Close::RESTART, "service restart"));
        assert!(matches!(outbox.pop(), Some(Ok(Item::Response(_)))));
        assert!(matches!(outbox.pop(), Some(Err(close)) if close.code == 1012));
    }
}
