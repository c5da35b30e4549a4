//! From what runs do to the events that connections hear.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, Weak},
};

use openclaw_agent::{
    live::{LiveRun, RunInfo},
    observer::{AppendedEntry, RunObserver, SessionChange, ToolEvent, ToolPhase},
    outcome::Outcome,
    runtime::Injected,
    session::SessionRow,
};
use openclaw_protocol::{
    events::{
        agent::{AgentEvent, SessionToolEvent},
        sessions::SessionMessageEvent,
    },
    ids::{AgentId, RunId, SessionKey},
    methods::{chat::ChatMessage, sessions::SessionRow as WireRow},
};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    bus::{Bus, To},
    clock::Clock,
    handlers::{chat_message, session_row},
    health::Health,
    live::LiveText,
    state::App,
};

pub(crate) mod changes;
pub(crate) mod payload;
pub(crate) mod watch;

pub(crate) use changes::ListReason;
use changes::{Change, MAX_CHANGES};
use watch::Watches;

/// Hears the runtime, tells the bus.
pub(crate) struct Observer {
    bus: Arc<Bus>,
    clock: Arc<dyn Clock>,
    health: Arc<Health>,
    /// The runs that are being shown.
    live: Mutex<BTreeMap<RunId, Arc<LiveText>>>,
    /// Requests that wait for a run or follow a session.
    pub(crate) watches: Watches,
    changes: mpsc::Sender<Change>,
    /// What a session's row is told with.
    app: OnceLock<Weak<App>>,
}

impl Observer {
    /// An observer, and the changes that [`changes::tell`] turns into `sessions.changed`.
    pub(crate) fn new(
        bus: Arc<Bus>,
        clock: Arc<dyn Clock>,
        health: Arc<Health>,
    ) -> (Arc<Self>, mpsc::Receiver<Change>) {
        let (changes, receiver) = mpsc::channel(MAX_CHANGES);
        let live = Mutex::default();
        let (watches, app) = (Watches::default(), OnceLock::new());
        (Arc::new(Self { bus, clock, health, live, watches, changes, app }), receiver)
    }

    /// The gateway is put together; before, no run runs.
    pub(crate) fn attach(&self, app: &Arc<App>) {
        self.app.get_or_init(|| Arc::downgrade(app));
    }

    /// A row as clients see it.
    fn row(&self, row: &SessionRow) -> Option<Box<WireRow>> {
        let app = self.app.get()?.upgrade()?;
        Some(Box::new(session_row(&app, &row.key, Some(row))))
    }

    /// A handler has changed a session's row.
    pub(crate) fn list_changed(&self, key: &SessionKey, reason: ListReason) {
        self.health.stale();
        self.watches.touched(key);
        self.change(Change::new(key, reason, self.clock.now_ms()));
    }

    /// `chat.inject` has written a message.
    pub(crate) fn injected(&self, key: &SessionKey, agent: &AgentId, injected: &Injected) {
        self.bus.emit(&payload::injected(key, agent, injected), To::Audience);
    }

    fn run_changed(&self, info: &RunInfo, reason: ListReason) {
        self.health.stale();
        let mut change = Change::new(&info.session_key, reason, self.clock.now_ms());
        change.run = Some(info.run_id.clone());
        self.change(change);
    }

    fn change(&self, change: Change) {
        // A full queue loses a hint to look at a list, which the next change repeats.
        if self.bus.anyone_follows_sessions() && self.changes.try_send(change).is_err() {
            tracing::debug!("the queue of session changes is full");
        }
    }

    fn text_of(&self, run: &Arc<LiveRun>) -> Arc<LiveText> {
        let mut live = self.live.lock();
        let shown = live.entry(run.info().run_id.clone());
        let new = || Arc::new(LiveText::new(Arc::clone(run), Arc::clone(&self.clock)));
        Arc::clone(shown.or_insert_with(new))
    }
}

impl RunObserver for Observer {
    fn run_started(&self, run: &Arc<LiveRun>) {
        self.watches.began(run);
        self.text_of(run);
        self.run_changed(run.info(), ListReason::Start);
        self.bus.emit(&payload::started(run, self.clock.now_ms()), To::Audience);
    }

    fn run_text(&self, run: &Arc<LiveRun>) {
        self.bus.live(&self.text_of(run));
    }

    fn run_thinking(&self, run: &Arc<LiveRun>) {
        self.bus.live(&self.text_of(run));
    }

    fn run_tool(&self, run: &Arc<LiveRun>, event: &ToolEvent) {
        if matches!(event.phase, ToolPhase::Start { .. }) {
            // What was said before the call is told before it, and what is said later after it.
            self.bus.live_until_now(&self.text_of(run));
        }
        let mut event = payload::tool(run, event, self.clock.now_ms());
        let watchers = To::ToolWatchers(&run.info().run_id);
        let followers = To::SessionMessages(&run.info().session_key);
        if self.bus.anyone_receives::<AgentEvent>(watchers)
            || self.bus.anyone_receives::<SessionToolEvent>(followers)
        {
            event.session = run.session().and_then(|row| self.row(&row));
        }
        self.bus.emit(&event, watchers);
        self.bus.emit(&SessionToolEvent(event), followers);
    }

    fn run_ended(
        &self,
        info: &RunInfo,
        run: Option<&Arc<LiveRun>>,
        outcome: &Outcome,
        message: Option<&Value>,
    ) {
        self.watches.ended(&info.run_id, run, outcome);
        if let Some(run) = run {
            // The last piece of text goes out before the end is told.
            self.bus.live(&self.text_of(run));
        }
        let seq = run.map_or(1, |run| run.next_seq());
        self.bus.emit(&payload::ended(info, outcome, seq, self.clock.now_ms()), To::Audience);
        self.bus.emit(&payload::last(info, outcome, seq, message), To::Audience);
        self.live.lock().remove(&info.run_id);
        self.bus.run_over(&info.run_id);
        let reason = match outcome.error {
            Some(_) => ListReason::Error,
            None => ListReason::End,
        };
        self.run_changed(info, reason);
    }

    fn command_answered(&self, info: &RunInfo, outcome: &Outcome, message: &Value) {
        self.watches.ended(&info.run_id, None, outcome);
        // Recorded behaviour: no steps of a run, and its only event is the first.
        self.bus.emit(&payload::last(info, outcome, 1, Some(message)), To::Audience);
        self.bus.run_over(&info.run_id);
        self.run_changed(info, ListReason::End);
    }

    fn entry_appended(&self, entry: AppendedEntry<'_>) {
        let Some(seq) = entry.message_seq else { return };
        self.watches.touched(entry.session_key);
        let to = To::SessionMessages(entry.session_key);
        if !self.bus.anyone_receives::<SessionMessageEvent>(to) {
            return;
        }
        let Some(message) = chat_message(entry.line, entry.entry_id, seq) else { return };
        let event = SessionMessageEvent {
            session_key: entry.session_key.to_string(),
            agent_id: openclaw_agent::session::agent_of(entry.session_key).map(|id| id.to_string()),
            run_id: run_of(&message, entry.run_id),
            sender_is_owner: None,
            message,
            message_id: Some(entry.entry_id.to_owned()),
            message_seq: Some(seq),
            session: entry.session.and_then(|row| self.row(row)),
        };
        self.bus.emit(&event, to);
        let mut change = Change::new(entry.session_key, ListReason::Message, self.clock.now_ms());
        change.message = Some((entry.entry_id.to_owned(), seq));
        self.change(change);
    }

    fn session_changed(&self, key: &SessionKey, change: SessionChange) {
        // The phases of a run are told with the run, where it is known.
        if !matches!(change, SessionChange::Start | SessionChange::End | SessionChange::Error) {
            self.list_changed(key, change.into());
        }
    }
}

/// The run of a message. What a person said has a key of its own, as recorded from 2026.9.6.
fn run_of(message: &ChatMessage, run: Option<&RunId>) -> Option<String> {
    run.filter(|_| message.role != "user").map(ToString::to_string)
}
