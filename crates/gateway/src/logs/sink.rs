//! A bounded queue and the thread that empties it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    time::Duration,
};

use jiff::Timestamp;

/// Lines that may wait; one more is dropped and counted.
const QUEUE: usize = 1024;
/// Lines that are written at once.
const BATCH: usize = 256;

/// Takes lines to where they go. A failure loses the lines it was given; it is counted.
pub(super) trait Write: Send + 'static {
    /// Writes whole lines, all logged at about `at`.
    fn write(&mut self, at: Timestamp, lines: &str) -> io::Result<()>;

    /// The line that says how many were lost, when this destination says so.
    fn lost(&self, at: Timestamp, count: u64) -> Option<String>;
}

enum Message {
    Line(Timestamp, String),
    Flush(SyncSender<()>),
}

/// The thread's owner.
#[derive(Debug)]
pub(super) struct Sink(Sender);

/// Where lines are handed in; cheap to clone. The thread ends with the last one.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl Sender {
    /// Queues a line, or drops and counts it when the queue is full. Never waits.
    pub(super) fn send(&self, at: Timestamp, line: String) {
        if self.queue.try_send(Message::Line(at, line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Sink {
    /// Starts the thread.
    pub(super) fn start(name: &str, mut writer: impl Write) -> io::Result<Self> {
        let (queue, lines) = mpsc::sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = Arc::clone(&dropped);
        // The thread ends when the last sender is gone; `flush` is its join.
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(&lines, &mut writer, &lost))?;
        Ok(Self(Sender { queue, dropped }))
    }

    pub(super) fn sender(&self) -> Sender {
        self.0.clone()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything queued so far is written, at most `budget`; tells whether it was.
    pub(super) fn flush(&self, budget: Duration) -> bool {
        let (done, wait) = mpsc::sync_channel(1);
        // A full queue means that the writer is stuck or behind; there is nothing to wait for then.
        let asked = self.0.queue.try_send(Message::Flush(done)).is_ok();
        asked && wait.recv_timeout(budget).is_ok()
    }
}

fn run(lines: &Receiver<Message>, writer: &mut impl Write, dropped: &AtomicU64) {
    let mut told = 0;
    while let Ok(first) = lines.recv() {
        let mut next = Some(first);
        let (mut batch, mut count, mut day) = (String::new(), 0, None);
        let mut flush = None;
        while let Some(message) = next.take() {
            match message {
                Message::Line(at, line) => {
                    day = Some(at);
                    batch.push_str(&line);
                    count += 1;
                }
                Message::Flush(done) => flush = Some(done),
            }
            if count < BATCH && flush.is_none() {
                next = lines.try_recv().ok();
            }
        }
        if let Some(at) = day {
            let total = dropped.load(Ordering::Relaxed);
            if total > told
                && let Some(line) = writer.lost(at, total - told)
            {
                batch.push_str(&line);
            }
            told = total;
            if writer.write(at, &batch).is_err() {
                dropped.fetch_add(count as u64, Ordering::Relaxed);
            }
        }
        if let Some(done) = flush {
            // Whoever waited may have given up.
            done.try_send(()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes nothing until it is told to.
    struct Stuck(Receiver<()>, mpsc::Sender<String>);

    impl Write for Stuck {
        fn write(&mut self, _: Timestamp, lines: &str) -> io::Result<()> {
            self.0.recv().map_err(io::Error::other)?;
            self.1.send(lines.to_owned()).map_err(io::Error::other)
        }

        fn lost(&self, _: Timestamp, count: u64) -> Option<String> {
            Some(format!("lost {count}\n"))
        }
    }

    #[test]
    fn a_full_queue_drops_and_counts_and_never_waits() {
        let (go, gate) = mpsc::channel();
        let (out, written) = mpsc::channel();
        let sink = Sink::start("stuck", Stuck(gate, out)).unwrap();
        let sender = sink.sender();
        for _ in 0..QUEUE + 2 * BATCH {
            sender.send(Timestamp::UNIX_EPOCH, "x\n".into());
        }
        let dropped = sink.dropped();
        // What the thread had taken out before the queue filled is not known; the rest is.
        assert!((1..=2 * BATCH as u64).contains(&dropped), "{dropped}");
        let (mut lines, mut told) = (0, String::new());
        while lines + dropped < (QUEUE + 2 * BATCH) as u64 {
            go.send(()).unwrap();
            let batch = written.recv().unwrap();
            lines += batch.lines().filter(|line| *line == "x").count() as u64;
            told += &batch;
        }
        // The thread may have begun a batch in the middle of the loss; it tells the rest with the next.
        let numbers =
            told.lines().filter_map(|line| line.strip_prefix("lost ")?.parse::<u64>().ok());
        assert_eq!(numbers.sum::<u64>(), dropped);
    }

    #[test]
    fn what_cannot_be_written_is_counted() {
        let (go, gate) = mpsc::channel();
        drop(go);
        let sink = Sink::start("broken", Stuck(gate, mpsc::channel().0)).unwrap();
        sink.sender().send(Timestamp::UNIX_EPOCH, "x\n".into());
        assert!(sink.flush(Duration::from_secs(10)));
        assert_eq!(sink.dropped(), 1);
    }
}
