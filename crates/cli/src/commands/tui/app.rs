//! The state of the terminal interface, and what each key, event and answer does to it. Nothing here
//! touches a terminal or a socket: what is to be done outside is returned as [`Effect`]s.

use std::time::Duration;

use openclaw_protocol::{
    events::{
        agent::{AgentEvent, AgentStream, LifecyclePhase, SessionToolEvent},
        chat::{ChatEvent, ChatPhase, ChatState},
        sessions::{SessionMessageEvent, SessionsChangedEvent},
    },
    methods::{
        chat::{ChatHistoryResult, ChatMessage},
        sessions::{SessionRow, SessionsPatchResolved},
    },
};
use openclaw_sdk::{Delivery, Gap};
use serde::de::DeserializeOwned;

use super::{
    composer::Composer,
    feed::{Entry, Feed, Pending},
    picker::{Choice, Item, Picker},
};

mod commands;
mod keys;

pub(super) use commands::COMMANDS;

/// How long a passing word stays.
const FLASH: Duration = Duration::from_secs(4);
/// The word for a stop that is on its way; it passes with the turn.
const STOPPING: &str = "stopping";
/// Within this time a second Ctrl+C ends the program.
const TWICE: Duration = Duration::from_secs(2);

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Read the session's messages.
    History(String),
    Sessions,
    Models,
    /// Send a message; the id makes a repetition harmless.
    Send {
        key: String,
        id: String,
        text: String,
    },
    /// Stop the turn of a session; all of its turns when none is named.
    Abort {
        key: String,
        run: Option<String>,
    },
    /// Change one setting of a session; `None` sets it back to its default.
    Patch {
        key: String,
        name: &'static str,
        value: Option<String>,
    },
    /// Begin a new transcript in the session.
    Reset(String),
    Quit,
}

/// An answer of the gateway. A failure is a line for people.
#[derive(Debug)]
pub(super) enum Reply {
    History(String, Result<Box<ChatHistoryResult>, String>),
    Sessions(Result<Vec<Item>, String>),
    Models(Result<Vec<Item>, String>),
    Sent(String, Result<(), String>),
    Aborted(Result<bool, String>),
    Patched(String, Result<Box<SessionsPatchResolved>, String>),
    Reset(String, Result<(), String>),
}

/// How the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Up,
    /// Lost since this time.
    Down(Duration),
}

/// A turn that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) since: Duration,
    /// What is prepared, before words come.
    pub(super) phase: Option<&'static str>,
}

/// What is shown folded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unfolded {
    pub(super) tools: bool,
    pub(super) thinking: bool,
}

/// Everything that the screen shows.
#[derive(Debug)]
pub(super) struct App {
    /// Where the gateway is.
    pub(super) place: String,
    /// The session's canonical key.
    pub(super) key: String,
    pub(super) row: Option<Box<SessionRow>>,
    pub(super) model: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) feed: Feed,
    /// Whether the messages of the session have been read.
    pub(super) loaded: bool,
    pub(super) composer: Composer,
    pub(super) picker: Option<Picker>,
    pub(super) help: bool,
    pub(super) run: Option<Run>,
    pub(super) link: Link,
    pub(super) unfolded: Unfolded,
    /// Lines between the end of the feed and the end of the screen.
    pub(super) scroll: usize,
    /// What the view has room for; told by the view.
    pub(super) page: usize,
    /// Time since the program began.
    pub(super) now: Duration,
    flash: Option<(Duration, String)>,
    asked_to_quit: Option<Duration>,
    sent: u64,
    /// Makes ids of messages unique among programs.
    nonce: String,
}

impl App {
    pub(super) fn new(place: String, key: String, nonce: String) -> Self {
        Self {
            place,
            key,
            row: None,
            model: None,
            thinking: None,
            feed: Feed::default(),
            loaded: false,
            composer: Composer::default(),
            picker: None,
            help: false,
            run: None,
            link: Link::Up,
            unfolded: Unfolded::default(),
            scroll: 0,
            page: 10,
            now: Duration::ZERO,
            flash: None,
            asked_to_quit: None,
            sent: 0,
            nonce,
        }
    }

    /// The agent that the session's key names.
    pub(super) fn agent(&self) -> &str {
        self.key.strip_prefix("agent:").and_then(|rest| rest.split(':').next()).unwrap_or("main")
    }

    /// The session's name for people.
    pub(super) fn title(&self) -> String {
        let row = self.row.as_deref();
        let named = row.and_then(|row| row.label.clone().or_else(|| row.derived_title.clone()));
        named.unwrap_or_else(|| short_key(&self.key).to_owned())
    }

    /// A passing word for the person.
    pub(super) fn flash(&mut self, text: impl Into<String>) {
        self.flash = Some((self.now + FLASH, text.into()));
    }

    pub(super) fn flashed(&self) -> Option<&str> {
        self.flash.as_ref().map(|(_, text)| text.as_str())
    }

    /// Time has passed. True when the screen shows something else now.
    pub(super) fn tick(&mut self, now: Duration, connected: bool) -> bool {
        self.now = now;
        let link = match (connected, self.link) {
            (true, _) => Link::Up,
            (false, Link::Up) => Link::Down(now),
            (false, down) => down,
        };
        let mut changed = link != self.link || self.run.is_some() || link != Link::Up;
        self.link = link;
        if self.flash.as_ref().is_some_and(|(until, _)| *until <= now) {
            (self.flash, changed) = (None, true);
        }
        changed
    }

    /// Goes to another session.
    pub(super) fn open(&mut self, key: String) -> Vec<Effect> {
        self.feed = Feed::after(&self.feed);
        (self.row, self.model, self.thinking, self.run) = (None, None, None, None);
        (self.loaded, self.scroll) = (false, 0);
        self.key.clone_from(&key);
        vec![Effect::History(key)]
    }

    /// Sends a message, which is shown at once.
    pub(super) fn send(&mut self, text: String) -> Effect {
        self.sent += 1;
        let id = format!("tui-{}-{}", self.nonce, self.sent);
        self.feed.pending.push(Pending { id: id.clone(), text: text.clone(), accepted: false });
        self.scroll = 0;
        Effect::Send { key: self.key.clone(), id, text }
    }

    // === What the gateway answers ===

    pub(super) fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        match reply {
            Reply::History(key, answer) if key == self.key => match answer {
                Ok(history) => self.load(*history),
                Err(problem) => self.problem(problem),
            },
            Reply::Sessions(answer) => self.fill(Choice::Session, answer),
            Reply::Models(answer) => self.fill(Choice::Model, answer),
            Reply::Sent(id, Ok(())) => {
                if let Some(sent) = self.feed.pending.iter_mut().find(|pending| pending.id == id) {
                    sent.accepted = true;
                }
            }
            Reply::Sent(id, Err(problem)) => {
                self.give_back(&id);
                self.problem(problem);
            }
            Reply::Aborted(Ok(false)) => self.flash("nothing runs"),
            Reply::Patched(key, Ok(resolved)) if key == self.key => {
                self.flash("changed");
                self.model =
                    model_name(resolved.model_provider, resolved.model).or(self.model.take());
                self.thinking = resolved.thinking_level.or(self.thinking.take());
            }
            Reply::Reset(key, Ok(())) if key == self.key => return self.open(key),
            Reply::Aborted(Err(problem))
            | Reply::Patched(_, Err(problem))
            | Reply::Reset(_, Err(problem)) => self.problem(problem),
            _ => {}
        }
        Vec::new()
    }

    /// A message that will not come is there to be sent again.
    fn give_back(&mut self, id: &str) {
        match self.feed.withdraw(id) {
            Some(text) if self.composer.is_empty() => self.composer.set(text),
            Some(text) => self.feed.push(Entry::Note(format!("not sent: {text}"))),
            None => {}
        }
    }

    /// The transcript often tells the same.
    fn problem(&mut self, problem: String) {
        let problem = Entry::Problem(problem);
        if self.feed.entries().last() != Some(&problem) {
            self.feed.push(problem);
        }
    }

    fn load(&mut self, history: ChatHistoryResult) {
        self.feed.load(&history.messages.unwrap_or_default());
        self.loaded = true;
        self.thinking = history.thinking_level;
        if let Some(run) = history.in_flight_run {
            self.begin(run.run_id);
            self.feed.stream(run.text.as_deref().unwrap_or_default());
        } else {
            self.run = None;
            // Nothing runs, so nothing that was taken waits.
            self.feed.pending.retain(|pending| !pending.accepted);
        }
        if let Some(row) = history.session_info {
            self.know(row);
        }
        let defaults = history.defaults;
        self.model = self.model.take().or_else(|| {
            defaults.and_then(|defaults| model_name(defaults.model_provider, defaults.model))
        });
    }

    fn know(&mut self, row: Box<SessionRow>) {
        let model = model_name(row.model_provider.clone(), row.model.clone());
        self.model = model.or(self.model.take());
        self.thinking = row.thinking_level.clone().or(self.thinking.take());
        self.row = Some(row);
    }

    fn fill(&mut self, choice: Choice, answer: Result<Vec<Item>, String>) {
        let Some(picker) = self.picker.as_mut().filter(|picker| picker.choice == choice) else {
            return;
        };
        match answer {
            Ok(items) => picker.fill(items),
            Err(problem) => {
                self.picker = None;
                self.problem(problem);
            }
        }
    }

    // === What happens ===

    pub(super) fn delivery(&mut self, delivery: Delivery) -> Vec<Effect> {
        let event = match delivery {
            Delivery::Event(event) => event,
            Delivery::Gap(gap) => return self.gap(gap),
        };
        let payload = event.payload.get();
        match &*event.name {
            "chat" => read(payload).map(|chat| self.chat(&chat)).unwrap_or_default(),
            "sessions.changed" => read(payload).map(|c| self.changed(c)).unwrap_or_default(),
            name => {
                self.told(name, payload);
                Vec::new()
            }
        }
    }

    /// Events that ask for nothing.
    fn told(&mut self, name: &str, payload: &str) {
        match name {
            "agent" => {
                if let Some(step) = read(payload) {
                    self.agent_step(&step);
                }
            }
            "session.tool" => {
                if let Some(SessionToolEvent(step)) = read(payload) {
                    self.tool_step(&step);
                }
            }
            "session.message" => {
                if let Some(said) = read(payload) {
                    self.message(&said);
                }
            }
            "shutdown" => self.flash("the gateway stops"),
            _ => {}
        }
    }

    /// Something may be missing: read again what is shown.
    fn gap(&mut self, gap: Gap) -> Vec<Effect> {
        if gap == Gap::Reconnected {
            self.flash("connected again");
        }
        let mut effects = vec![Effect::History(self.key.clone())];
        if self.picker.as_ref().is_some_and(|picker| picker.choice == Choice::Session) {
            effects.push(Effect::Sessions);
        }
        effects
    }

    fn begin(&mut self, id: String) {
        if self.run.as_ref().is_none_or(|run| run.id != id) {
            self.run = Some(Run { id, since: self.now, phase: None });
        }
    }

    fn chat(&mut self, chat: &ChatEvent) -> Vec<Effect> {
        if chat.session_key != self.key {
            return Vec::new();
        }
        let words = chat.message.as_ref().map(ChatMessage::words);
        match chat.state {
            ChatState::Status => {
                self.begin(chat.run_id.clone());
                if let Some(run) = &mut self.run {
                    run.phase = chat.phase.map(ChatPhase::name);
                }
            }
            // The words themselves come with `agent`, which says where each message begins.
            ChatState::Delta => self.begin(chat.run_id.clone()),
            ChatState::Final => {
                self.ended(&chat.run_id, words.as_deref());
                // The transcript's own word comes with `session.message`, or is read when it does not.
                if !self.feed.live().is_empty() {
                    return vec![Effect::History(self.key.clone())];
                }
            }
            ChatState::Aborted => {
                self.ended(&chat.run_id, None);
                return vec![Effect::History(self.key.clone())];
            }
            ChatState::Error => {
                self.ended(&chat.run_id, None);
                let problem = chat.error_message.clone();
                self.problem(problem.unwrap_or_else(|| "the turn failed".to_owned()));
            }
        }
        Vec::new()
    }

    fn ended(&mut self, run: &str, words: Option<&str>) {
        self.give_back(run);
        if self.run.as_ref().is_some_and(|running| running.id == run) {
            self.run = None;
            self.flash = self.flash.take().filter(|(_, text)| text != STOPPING);
        }
        self.feed.run_ended(words);
    }

    fn agent_step(&mut self, step: &AgentEvent) {
        if step.session_key.as_deref() != Some(&self.key) {
            return;
        }
        match &step.stream {
            AgentStream::Lifecycle(data) if data.phase == LifecyclePhase::Start => {
                self.begin(step.run_id.clone());
            }
            AgentStream::Assistant(data) => {
                self.begin(step.run_id.clone());
                self.feed.stream(&data.text);
            }
            AgentStream::Thinking(data) => data.text.clone_into(&mut self.feed.thought),
            _ => {}
        }
    }

    fn tool_step(&mut self, step: &AgentEvent) {
        if step.session_key.as_deref() == Some(&self.key)
            && let AgentStream::Tool(data) = &step.stream
        {
            self.feed.tool_step(data);
        }
    }

    fn message(&mut self, said: &SessionMessageEvent) {
        if said.session_key == self.key {
            self.feed.arrive(&said.message, said.message_id.as_deref());
        }
    }

    fn changed(&mut self, change: SessionsChangedEvent) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.picker.as_ref().is_some_and(|picker| picker.choice == Choice::Session) {
            effects.push(Effect::Sessions);
        }
        if change.session_key.as_deref() != Some(&self.key) {
            return effects;
        }
        if matches!(change.reason.as_deref(), Some("reset" | "new" | "delete")) {
            effects.extend(self.open(self.key.clone()));
        }
        if let Some(row) = change.session {
            self.know(row);
        }
        effects
    }
}

fn read<T: DeserializeOwned>(payload: &str) -> Option<T> {
    serde_json::from_str(payload).ok()
}

/// The part of a key behind its agent.
pub(super) fn short_key(key: &str) -> &str {
    key.strip_prefix("agent:").and_then(|rest| rest.split_once(':')).map_or(key, |(_, rest)| rest)
}

fn model_name(provider: Option<String>, model: Option<String>) -> Option<String> {
    match (provider, model?) {
        (Some(provider), model) if !model.starts_with(&format!("{provider}/")) => {
            Some(format!("{provider}/{model}"))
        }
        (_, model) => Some(model),
    }
}

#[cfg(test)]
mod tests;
