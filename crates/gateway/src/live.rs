//! The text of a run on its way to connections: rendered once for all that are equally far.

use std::sync::Arc;

use openclaw_agent::live::LiveRun;
use openclaw_protocol::{Audience, Event as _, events::chat::ChatEvent};
use parking_lot::Mutex;

use crate::{bus::Prepared, clock::Clock, edge::Voice, observer::payload};

/// Renderings that are kept; readers at other offsets get their own.
const KEPT_RENDERINGS: usize = 4;

/// A run whose text is being shown.
#[derive(Debug)]
pub(crate) struct LiveText {
    run: Arc<LiveRun>,
    clock: Arc<dyn Clock>,
    kept: Mutex<Vec<(Key, Arc<Rendered>)>>,
}

/// What a rendering depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    voice: Voice,
    from: usize,
    to: usize,
}

/// The events that bring a reader from one offset to another.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) to: usize,
    pub(crate) events: Vec<Prepared>,
}

impl LiveText {
    /// Who hears it: those who hear `chat`.
    pub(crate) const AUDIENCE: Audience = ChatEvent::SPEC.audience;

    /// The text of a run that has begun.
    pub(crate) fn new(run: Arc<LiveRun>, clock: Arc<dyn Clock>) -> Self {
        Self { run, clock, kept: Mutex::default() }
    }

    /// What a reader who has seen `from` bytes has yet to see, or `None` when it has seen all.
    pub(crate) fn since(&self, from: usize, voice: Voice) -> Option<Arc<Rendered>> {
        let key = Key { voice, from, to: self.run.len() };
        if key.to <= from {
            return None;
        }
        let mut kept = self.kept.lock();
        if let Some((_, rendered)) = kept.iter().find(|(k, _)| *k == key) {
            return Some(Arc::clone(rendered));
        }
        let rendered = Arc::new(self.render(key));
        if kept.len() >= KEPT_RENDERINGS {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&rendered)));
        Some(rendered)
    }

    fn render(&self, key: Key) -> Rendered {
        let now = self.clock.now_ms();
        let (seq, block) = (self.run.next_seq(), self.run.block_start());
        let (assistant, chat) = self.run.with_text(|text| {
            let text = &text[..key.to];
            let assistant = payload::assistant(
                &self.run,
                payload::Part { text, from: key.from, block, seq },
                now,
            );
            (
                assistant,
                payload::delta(&self.run, payload::Part { text, from: key.from, block, seq }, now),
            )
        });
        let events = [
            Prepared::new(&assistant, key.voice, false, None),
            Prepared::new(&chat, key.voice, false, None),
        ];
        Rendered { to: key.to, events: events.into_iter().flatten().collect() }
    }
}
