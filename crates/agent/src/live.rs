//! The growing text of one run, shared by all who watch it. Readers hold the run and an offset and
//! render the latest themselves, so a slow reader gets fewer, larger pieces and never a backlog.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use openclaw_protocol::ids::{AgentId, RunId, SessionKey};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::session::SessionRow;

/// What is fixed about a run from the moment it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInfo {
    /// The run.
    pub run_id: RunId,
    /// The session it belongs to.
    pub session_key: SessionKey,
    /// The session's transcript (a UUID).
    pub session_id: Arc<str>,
    /// The agent that answers.
    pub agent_id: AgentId,
    /// Who asked, as the gateway's records name him (a device, a channel peer, an internal source).
    pub principal: Arc<str>,
    /// The channel or surface the message came by, for example `webchat`.
    pub origin: Arc<str>,
    /// The provider that answers, for example `anthropic`; empty until the model is resolved.
    pub provider: Arc<str>,
    /// The model at that provider; empty until the model is resolved.
    pub model: Arc<str>,
    /// When the run began, in milliseconds since the epoch; while it is queued, when it was accepted.
    pub started_at: i64,
}

/// A run while it runs: append-only text, append-only thinking, counters.
///
/// The text is that of the whole run (`chat` deltas show all of it). [`LiveRun::block_start`] is
/// where the current assistant message begins (`agent` assistant events show only that part, as
/// recorded from OpenClaw 2026.3.28).
#[derive(Debug)]
pub struct LiveRun {
    info: RunInfo,
    session: Mutex<Option<Arc<SessionRow>>>,
    text: Mutex<String>,
    thinking: Mutex<String>,
    len: AtomicUsize,
    thinking_len: AtomicUsize,
    block_start: AtomicUsize,
    seq: AtomicU64,
    grown: Notify,
}

impl LiveRun {
    /// A run without text.
    pub fn new(info: RunInfo) -> Self {
        Self {
            info,
            session: Mutex::default(),
            text: Mutex::default(),
            thinking: Mutex::default(),
            len: AtomicUsize::new(0),
            thinking_len: AtomicUsize::new(0),
            block_start: AtomicUsize::new(0),
            seq: AtomicU64::new(0),
            grown: Notify::new(),
        }
    }

    /// What is fixed about the run.
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// The session's row as the run began, or as it was changed since; `None` for a run that goes on
    /// after a restart of a session that is gone. Events carry it without a look into the store.
    pub fn session(&self) -> Option<Arc<SessionRow>> {
        self.session.lock().clone()
    }

    /// The session's row is another one now. That of another transcript, after a reset, is none of
    /// this run's.
    pub fn set_session(&self, row: SessionRow) {
        let own = row.entry.session_id == *self.info.session_id;
        *self.session.lock() = own.then(|| Arc::new(row));
    }

    /// Bytes of text so far.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether there is no text yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole text so far.
    pub fn snapshot(&self) -> String {
        self.text.lock().clone()
    }

    /// The text from a byte offset on; empty when the offset is at or past the end or inside a character.
    pub fn snapshot_from(&self, offset: usize) -> String {
        self.with_text(|text| text.get(offset..).unwrap_or_default().to_owned())
    }

    /// Waits until there is text beyond a byte offset. It follows every piece; what is told to
    /// [`crate::observer::RunObserver::run_text`] comes in bundles.
    pub async fn beyond(&self, offset: usize) {
        loop {
            // First the ear, then the look: a piece that comes in between is not missed.
            let grown = self.grown.notified();
            if self.len() > offset {
                return;
            }
            grown.await;
        }
    }

    /// Looks at the text without copying it. Keep it short: the run cannot append meanwhile.
    pub fn with_text<R>(&self, look: impl FnOnce(&str) -> R) -> R {
        look(&self.text.lock())
    }

    /// Where the current assistant message begins in the text.
    pub fn block_start(&self) -> usize {
        self.block_start.load(Ordering::Acquire)
    }

    /// Bytes of thinking so far.
    pub fn thinking_len(&self) -> usize {
        self.thinking_len.load(Ordering::Acquire)
    }

    /// The whole thinking so far.
    pub fn thinking(&self) -> String {
        self.thinking.lock().clone()
    }

    /// The thinking from a byte offset on; empty when the offset is at or past the end or inside a character.
    pub fn thinking_from(&self, offset: usize) -> String {
        self.thinking.lock().get(offset..).unwrap_or_default().to_owned()
    }

    /// The next number of the run's own event counter (`payload.seq`), from 1.
    pub fn next_seq(&self) -> u64 {
        self.seq.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// The last number given out, 0 when there was none.
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// Appends text.
    pub(crate) fn push(&self, piece: &str) {
        let mut text = self.text.lock();
        text.push_str(piece);
        self.len.store(text.len(), Ordering::Release);
        drop(text);
        self.grown.notify_waiters();
    }

    /// Appends thinking.
    pub(crate) fn push_thinking(&self, piece: &str) {
        let mut thinking = self.thinking.lock();
        thinking.push_str(piece);
        self.thinking_len.store(thinking.len(), Ordering::Release);
    }

    /// The next assistant message begins at the end of what is there.
    pub(crate) fn begin_block(&self) {
        self.block_start.store(self.len(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::SessionEntry;

    pub(crate) fn info(run: &str) -> RunInfo {
        RunInfo {
            run_id: RunId::new(run),
            session_key: SessionKey::new("agent:main:main"),
            session_id: "s".into(),
            agent_id: AgentId::new("main"),
            principal: "p".into(),
            origin: "webchat".into(),
            provider: "".into(),
            model: "".into(),
            started_at: 1,
        }
    }

    #[test]
    fn text_only_grows_and_offsets_are_safe() {
        let run = LiveRun::new(info("r"));
        assert!(run.is_empty());
        run.push("Grüße");
        assert_eq!(run.len(), 7);
        assert_eq!(run.snapshot_from(2), "üße");
        assert_eq!(run.snapshot_from(3), "", "inside a character");
        assert_eq!(run.snapshot_from(7), "");
        assert_eq!(run.snapshot_from(700), "");
        run.begin_block();
        run.push("!");
        assert_eq!(run.snapshot_from(run.block_start()), "!");
        assert_eq!(run.snapshot(), "Grüße!");
    }

    #[test]
    fn the_row_of_another_transcript_is_none_of_this_run() {
        let run = LiveRun::new(info("r"));
        assert_eq!(run.session(), None);
        let row = |id: &str| SessionRow {
            key: SessionKey::new("agent:main:main"),
            agent_id: AgentId::new("main"),
            entry: SessionEntry { session_id: id.to_owned(), ..SessionEntry::default() },
        };
        run.set_session(row("s"));
        assert_eq!(run.session().as_deref(), Some(&row("s")));
        run.set_session(row("after a reset"));
        assert_eq!(run.session(), None);
    }

    #[test]
    fn the_counter_starts_at_one() {
        let run = LiveRun::new(info("r"));
        assert_eq!(run.seq(), 0);
        assert_eq!(run.next_seq(), 1);
        assert_eq!(run.next_seq(), 2);
        assert_eq!(run.seq(), 2);
    }

    #[test]
    fn thinking_is_apart_from_text() {
        let run = LiveRun::new(info("r"));
        run.push_thinking("hm");
        assert_eq!((run.len(), run.thinking_len()), (0, 2));
        assert_eq!(run.thinking_from(1), "m");
        assert_eq!(run.thinking(), "hm");
    }
}
