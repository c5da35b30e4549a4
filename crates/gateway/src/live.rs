//! What a run says and thinks on its way to connections: rendered once for all that are equally far.

use std::{ops::Range, sync::Arc};

use openclaw_agent::live::{Extent, LiveRun, Told};
use openclaw_protocol::{
    Audience, Event as _,
    events::{agent::AgentEvent, chat::ChatEvent},
};
use parking_lot::Mutex;

use crate::{
    bus::Prepared,
    clock::Clock,
    edge::Voice,
    observer::payload::{self, Part},
};

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
    from: Extent,
    to: Extent,
}

/// The events that bring a reader from one offset to another.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) to: Extent,
    pub(crate) events: Vec<Prepared>,
}

impl LiveText {
    /// Who hears it: those who hear `chat`.
    pub(crate) const AUDIENCE: Audience = ChatEvent::SPEC.audience;

    /// The text of a run that has begun.
    pub(crate) fn new(run: Arc<LiveRun>, clock: Arc<dyn Clock>) -> Self {
        Self { run, clock, kept: Mutex::default() }
    }

    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        let run = openclaw_agent::live::RunInfo {
            run_id: "r".into(),
            session_key: "agent:main:main".into(),
            session_id: "s".into(),
            agent_id: "main".into(),
            principal: "p".into(),
            origin: "webchat".into(),
            provider: "".into(),
            model: "".into(),
            started_at: 1,
        };
        Self::new(Arc::new(LiveRun::new(run)), Arc::new(crate::clock::SystemClock))
    }

    /// How far the run is.
    pub(crate) fn extent(&self) -> Extent {
        self.run.extent()
    }

    /// What a reader who is at `from` has yet to see, at most up to `until`; `None` when it has seen all.
    pub(crate) fn since(
        &self,
        from: Extent,
        until: Option<Extent>,
        voice: Voice,
    ) -> Option<Arc<Rendered>> {
        let now = self.run.extent();
        let until = until.unwrap_or(now);
        let to = Extent {
            text: now.text.min(until.text).max(from.text),
            thinking: now.thinking.min(until.thinking).max(from.thinking),
        };
        if to == from {
            return None;
        }
        let key = Key { voice, from, to };
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
        let (steps, chat) = self.run.look(|told| self.payloads(told, key));
        let steps = steps.iter().map(|event| Prepared::new(event, key.voice, false, None));
        let chat = chat.iter().map(|event| Prepared::new(event, key.voice, false, None));
        Rendered { to: key.to, events: steps.chain(chat).flatten().collect() }
    }

    /// Message by message what was thought and said, and the whole text where that has grown.
    fn payloads(&self, told: &Told, key: Key) -> (Vec<AgentEvent>, Option<ChatEvent>) {
        let (run, now) = (&*self.run, self.clock.now_ms());
        let mut steps = Vec::new();
        for block in told.blocks() {
            let thought = (key.from.thinking, key.to.thinking);
            if let Some(part) = unseen(told.thinking(), &block.thinking, thought) {
                steps.push(payload::thinking(run, part, run.next_seq(), now));
            }
            let said = (key.from.text, key.to.text);
            if let Some(part) = unseen(told.text(), &block.text, said) {
                steps.push(payload::assistant(run, part, run.next_seq(), now));
            }
        }
        let said = 0..told.text().len();
        let part = unseen(told.text(), &said, (key.from.text, key.to.text));
        // The same number as the step before, as recorded.
        (steps, part.map(|part| payload::delta(run, part, run.seq(), now)))
    }
}

/// The part of a range that a reader has yet to see on his way; `None` when there is none.
fn unseen<'a>(
    whole: &'a str,
    range: &Range<usize>,
    (from, to): (usize, usize),
) -> Option<Part<'a>> {
    let (start, end) = (range.start, range.end.min(to));
    let text = whole.get(start..end)?;
    let fresh = whole.get(from.max(start)..end).filter(|fresh| !fresh.is_empty())?;
    Some(Part { text, fresh })
}
