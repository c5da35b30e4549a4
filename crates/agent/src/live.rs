//! The growing text of one run, shared by all who watch it. Readers hold the run and an offset and
//! render the latest themselves, so a slow reader gets fewer, larger pieces and never a backlog.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
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

/// What stands between the texts of two assistant messages of a run where its whole text is shown.
const BREAK: &str = "\n\n";

/// A run while it runs: append-only text, append-only thinking, counters.
#[derive(Debug)]
pub struct LiveRun {
    info: RunInfo,
    session: Mutex<Option<Arc<SessionRow>>>,
    told: Mutex<Told>,
    len: AtomicUsize,
    thinking_len: AtomicUsize,
    seq: AtomicU64,
    grown: Notify,
}

/// What a run has told.
///
/// The text is that of the whole run (`chat` deltas show all of it), a paragraph for each assistant
/// message that says something. `agent` events show one message, as recorded from OpenClaw 2026.3.28.
#[derive(Debug)]
pub struct Told {
    text: String,
    thinking: String,
    /// Never empty; the last one grows.
    blocks: Vec<Block>,
}

/// The parts of one assistant message in the text and in the thinking, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// What it says.
    pub text: Range<usize>,
    /// What was thought for it.
    pub thinking: Range<usize>,
}

/// How far a reader is, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// In the text.
    pub text: usize,
    /// In the thinking.
    pub thinking: usize,
}

impl LiveRun {
    /// A run without text.
    pub fn new(info: RunInfo) -> Self {
        Self {
            info,
            session: Mutex::default(),
            told: Mutex::default(),
            len: AtomicUsize::new(0),
            thinking_len: AtomicUsize::new(0),
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

    /// How far the run is.
    pub fn extent(&self) -> Extent {
        Extent { text: self.len(), thinking: self.thinking_len.load(Ordering::Acquire) }
    }

    /// The whole text so far.
    pub fn snapshot(&self) -> String {
        self.told.lock().text.clone()
    }

    /// The text from a byte offset on; empty when the offset is at or past the end or inside a character.
    pub fn snapshot_from(&self, offset: usize) -> String {
        self.look(|told| told.text.get(offset..).unwrap_or_default().to_owned())
    }

    /// What the current assistant message says so far.
    pub fn message_text(&self) -> String {
        self.look(|told| {
            let range = told.blocks.last().map(|block| block.text.clone());
            range.and_then(|range| told.text.get(range)).unwrap_or_default().to_owned()
        })
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

    /// Looks at what was told without copying it. Keep it short: the run cannot append meanwhile.
    pub fn look<R>(&self, look: impl FnOnce(&Told) -> R) -> R {
        look(&self.told.lock())
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
        let mut told = self.told.lock();
        told.push(piece);
        self.len.store(told.text.len(), Ordering::Release);
        drop(told);
        self.grown.notify_waiters();
    }

    /// Appends thinking.
    pub(crate) fn push_thinking(&self, piece: &str) {
        let mut told = self.told.lock();
        told.push_thinking(piece);
        self.thinking_len.store(told.thinking.len(), Ordering::Release);
    }

    /// What comes now belongs to another assistant message.
    pub(crate) fn begin_block(&self) {
        self.told.lock().begin_block();
    }
}

impl Default for Told {
    fn default() -> Self {
        Self { text: String::new(), thinking: String::new(), blocks: vec![Block::default()] }
    }
}

impl Told {
    /// The text of the whole run.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All thinking.
    pub fn thinking(&self) -> &str {
        &self.thinking
    }

    /// The assistant messages, oldest first. The last one may be empty still.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn push(&mut self, piece: &str) {
        let Some(block) = self.blocks.last_mut() else { return };
        if block.text.is_empty() && !self.text.is_empty() {
            let there = self.text.bytes().rev().take_while(|byte| *byte == b'\n').count();
            self.text.push_str(&BREAK[there.min(BREAK.len())..]);
            block.text.start = self.text.len();
        }
        self.text.push_str(piece);
        block.text.end = self.text.len();
    }

    fn push_thinking(&mut self, piece: &str) {
        self.thinking.push_str(piece);
        if let Some(block) = self.blocks.last_mut() {
            block.thinking.end = self.thinking.len();
        }
    }

    fn begin_block(&mut self) {
        let block = Block {
            text: self.text.len()..self.text.len(),
            thinking: self.thinking.len()..self.thinking.len(),
        };
        match self.blocks.last_mut() {
            Some(last) if last.text.is_empty() && last.thinking.is_empty() => *last = block,
            _ => self.blocks.push(block),
        }
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
        assert_eq!(run.message_text(), "Grüße");
    }

    #[test]
    fn what_two_messages_say_does_not_run_together() {
        let run = LiveRun::new(info("r"));
        run.begin_block();
        run.push("Let me ");
        run.push("check.");
        run.begin_block();
        run.begin_block();
        assert_eq!((run.message_text().as_str(), run.snapshot().as_str()), ("", "Let me check."));
        run.push_thinking("hm");
        run.begin_block();
        run.push("Done.\n");
        run.begin_block();
        run.push("Really.");
        assert_eq!(run.snapshot(), "Let me check.\n\nDone.\n\nReally.");
        assert_eq!(run.message_text(), "Really.");
        assert_eq!(run.len(), run.snapshot().len());
        let blocks = run.look(|told| {
            let of = |block: &Block| {
                (told.text()[block.text.clone()].to_owned(), block.thinking.clone())
            };
            told.blocks().iter().map(of).collect::<Vec<_>>()
        });
        let texts = ["Let me check.", "", "Done.\n", "Really."];
        let expected: Vec<_> =
            texts.map(str::to_owned).into_iter().zip([0..0, 0..2, 2..2, 2..2]).collect();
        assert_eq!(blocks, expected);
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
        assert_eq!(run.extent(), Extent { text: 0, thinking: 2 });
        assert_eq!(run.look(|told| told.thinking().to_owned()), "hm");
    }
}
