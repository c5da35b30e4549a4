//! What a session has said so far: transcript entries, tool calls, and the answer that is on its way.

use std::collections::{BTreeSet, VecDeque};

use openclaw_protocol::{
    events::agent::{ToolData, ToolPhase},
    methods::chat::{ChatMessage, ContentPart, MessageContent},
};
use serde_json::Value;

/// Messages that are kept against a history that comes late; fewer than any history brings.
const MAX_TOLD: usize = 20;

/// One piece of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    User(String),
    Assistant(String),
    Thinking(String),
    Tool(Tool),
    /// A word of the gateway or of this program.
    Note(String),
    /// Something that went wrong.
    Problem(String),
}

/// A tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) id: String,
    pub(super) name: String,
    /// What it works on, in a line.
    pub(super) what: String,
    pub(super) state: ToolState,
    pub(super) result: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToolState {
    Running,
    Done,
    Failed,
}

/// A message that was sent and is not in the transcript yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) id: String,
    pub(super) text: String,
    /// Whether the gateway has taken it.
    pub(super) accepted: bool,
}

/// The conversation of one session.
#[derive(Debug, Default)]
pub(super) struct Feed {
    entries: Vec<Entry>,
    /// Transcript entries that are among [`Feed::entries`].
    seen: BTreeSet<String>,
    pub(super) pending: Vec<Pending>,
    /// The part of the running answer that is not in the transcript yet.
    live: String,
    /// The thoughts of the running answer, likewise.
    pub(super) thought: String,
    /// Messages that were told lately. One of them may be missing in a history that was read before
    /// it was written, and answered after it was told.
    told: VecDeque<(ChatMessage, Option<String>)>,
    /// Counts changes of the entries, for whoever keeps something made from them.
    pub(super) revision: u64,
}

impl Feed {
    /// An empty one in place of another.
    pub(super) fn after(other: &Self) -> Self {
        Self { revision: other.revision + 1, ..Self::default() }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The text that is on its way. What the transcript has already is not shown twice.
    pub(super) fn live(&self) -> &str {
        let last = self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Assistant(text) => Some(text.as_str()),
            _ => None,
        });
        if last.is_some_and(|last| last.starts_with(self.live.trim_end())) {
            ""
        } else {
            &self.live
        }
    }

    /// Takes back a message that will not come.
    pub(super) fn withdraw(&mut self, id: &str) -> Option<String> {
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        Some(self.pending.remove(at).text)
    }

    /// Begins anew with what the transcript has. Messages that are on their way stay, unless they
    /// have arrived.
    pub(super) fn load(&mut self, messages: &[ChatMessage]) {
        let (pending, told) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.told));
        *self = Self { pending, revision: self.revision + 1, ..Self::default() };
        for message in messages {
            self.add(message, None);
        }
        for (message, id) in &told {
            self.add(message, id.as_deref());
        }
        self.told = told;
    }

    /// Adds a message that was told as it was written.
    pub(super) fn arrive(&mut self, message: &ChatMessage, id: Option<&str>) {
        self.add(message, id);
        if self.told.len() >= MAX_TOLD {
            self.told.pop_front();
        }
        self.told.push_back((message.clone(), id.map(str::to_owned)));
    }

    /// Adds an entry of the transcript, once.
    pub(super) fn add(&mut self, message: &ChatMessage, id: Option<&str>) {
        let own = message.meta.as_ref().and_then(|meta| meta.id.as_deref());
        if let Some(id) = id.or(own)
            && !self.seen.insert(id.to_owned())
        {
            return;
        }
        self.revision += 1;
        match message.role.as_str() {
            "user" => self.add_user(message),
            "assistant" => self.add_assistant(message),
            "toolResult" => self.add_result(message),
            _ => {
                let words = message.words();
                if !words.trim().is_empty() {
                    self.entries.push(Entry::Note(words));
                }
            }
        }
    }

    fn add_user(&mut self, message: &ChatMessage) {
        let text = with_pictures(message);
        let keys = [
            message.idempotency_key.as_deref(),
            message.meta.as_ref().and_then(|meta| meta.idempotency_key.as_deref()),
        ];
        let arrived = |sent: &Pending| {
            keys.contains(&Some(sent.id.as_str())) || sent.text.trim() == text.trim()
        };
        if let Some(at) = self.pending.iter().position(arrived) {
            self.pending.remove(at);
        }
        self.entries.push(Entry::User(text));
    }

    fn add_assistant(&mut self, message: &ChatMessage) {
        (self.live, self.thought) = (String::new(), String::new());
        let parts = match &message.content {
            Some(MessageContent::Parts(parts)) => parts.as_slice(),
            _ => &[],
        };
        // Calls that were told before the transcript had them stand behind the words before them.
        let called = |entry: &Entry| match entry {
            Entry::Tool(tool) => parts.iter().any(|part| part.id.as_deref() == Some(&tool.id)),
            _ => false,
        };
        let tail = match self.entries.iter().position(called) {
            Some(at) => self.entries.split_off(at),
            None => Vec::new(),
        };
        let mut calls = Vec::new();
        for part in parts {
            match part.kind.as_str() {
                "thinking" => self.say(Entry::Thinking, part.thinking.as_deref()),
                "text" => self.say(Entry::Assistant, part.text.as_deref()),
                "toolCall" => calls.push(call(part)),
                _ => {}
            }
        }
        if let Some(MessageContent::Text(text)) = &message.content {
            self.say(Entry::Assistant, Some(text));
        }
        self.entries.extend(tail);
        for tool in calls {
            if self.tool(&tool.id).is_none() {
                self.entries.push(Entry::Tool(tool));
            }
        }
        if message.stop_reason.as_deref() == Some("aborted") || message.abort.is_some() {
            self.entries.push(Entry::Note("stopped".to_owned()));
        } else if let Some(problem) = message.error_message.as_deref().filter(|t| !t.is_empty()) {
            self.entries.push(Entry::Problem(problem.to_owned()));
        }
    }

    fn say(&mut self, entry: fn(String) -> Entry, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            self.entries.push(entry(text.to_owned()));
        }
    }

    fn add_result(&mut self, message: &ChatMessage) {
        let failed = message.is_error == Some(true);
        let id = message.tool_call_id.as_deref().unwrap_or_default();
        let tool = self.tool_or_new(id, message.tool_name.as_deref().unwrap_or("tool"));
        tool.state = if failed { ToolState::Failed } else { ToolState::Done };
        tool.result = with_pictures(message);
    }

    fn tool(&mut self, id: &str) -> Option<&mut Tool> {
        self.entries.iter_mut().rev().find_map(|entry| match entry {
            Entry::Tool(tool) if tool.id == id => Some(tool),
            _ => None,
        })
    }

    fn tool_or_new(&mut self, id: &str, name: &str) -> &mut Tool {
        let known = |entry: &Entry| matches!(entry, Entry::Tool(tool) if tool.id == id);
        let at = self.entries.iter().rposition(known).unwrap_or_else(|| {
            self.entries.push(Entry::Tool(Tool {
                id: id.to_owned(),
                name: name.to_owned(),
                what: String::new(),
                state: ToolState::Running,
                result: String::new(),
            }));
            self.entries.len() - 1
        });
        match &mut self.entries[at] {
            Entry::Tool(tool) => tool,
            _ => unreachable!("the entry at this place is a tool"),
        }
    }

    /// A step of a tool call, told while it happens.
    pub(super) fn tool_step(&mut self, data: &ToolData) {
        self.revision += 1;
        let tool = self.tool_or_new(&data.tool_call_id, &data.name);
        if let Some(args) = &data.args {
            tool.what = arguments(args);
        }
        match data.phase {
            ToolPhase::Start | ToolPhase::Update => {}
            ToolPhase::Result => {
                let failed = data.is_error == Some(true);
                tool.state = if failed { ToolState::Failed } else { ToolState::Done };
                if let Some(summary) = &data.tool_error_summary {
                    tool.result.clone_from(summary);
                }
            }
        }
    }

    /// The whole current text of the running answer.
    pub(super) fn stream(&mut self, text: &str) {
        text.clone_into(&mut self.live);
    }

    /// The run has ended: what is still on its way will not come, unless the transcript brings it.
    pub(super) fn run_ended(&mut self, text: Option<&str>) {
        self.thought.clear();
        if let Some(text) = text {
            self.stream(text);
        }
        let mut changed = false;
        for entry in &mut self.entries {
            if let Entry::Tool(tool) = entry
                && tool.state == ToolState::Running
            {
                (tool.state, changed) = (ToolState::Failed, true);
            }
        }
        self.revision += u64::from(changed);
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.revision += 1;
        self.entries.push(entry);
    }
}

fn call(part: &ContentPart) -> Tool {
    Tool {
        id: part.id.clone().unwrap_or_default(),
        name: part.name.clone().unwrap_or_else(|| "tool".to_owned()),
        what: part.arguments.as_ref().map(arguments).unwrap_or_default(),
        state: ToolState::Running,
        result: String::new(),
    }
}

/// The words of a message, and a word for each picture.
fn with_pictures(message: &ChatMessage) -> String {
    let mut text = message.words();
    if let Some(MessageContent::Parts(parts)) = &message.content {
        let pictures = parts.iter().filter(|part| part.kind == "image").count();
        text.push_str(&" [image]".repeat(pictures));
    }
    text.trim().to_owned()
}

/// The arguments of a call in a line: the only one's value, else `name=value` of each.
fn arguments(args: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match args {
        Value::Object(map) if map.len() == 1 => map.values().map(plain).collect(),
        Value::Object(map) => {
            let pairs = map.iter().map(|(name, value)| format!("{name}={}", plain(value)));
            pairs.collect::<Vec<_>>().join(" ")
        }
        Value::Null => String::new(),
        other => plain(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(value: Value) -> ChatMessage {
        serde_json::from_value(value).unwrap()
    }

    fn text(role: &str, text: &str, id: &str) -> ChatMessage {
        message(
            json!({ "role": role, "content": [{ "type": "text", "text": text }], "__openclaw": { "id": id } }),
        )
    }

    fn step(value: Value) -> ToolData {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_message_that_was_sent_is_shown_once() {
        let mut feed = Feed::default();
        feed.pending.push(Pending { id: "k".into(), text: "hi".into(), accepted: false });
        let said = text("user", "hi", "1");
        feed.add(&said, None);
        feed.add(&said, Some("1"));
        assert_eq!(feed.entries(), [Entry::User("hi".into())]);
        assert!(feed.pending.is_empty());
    }

    #[test]
    fn what_streams_gives_way_to_the_transcript() {
        let mut feed = Feed::default();
        feed.stream("Hel");
        assert_eq!(feed.live(), "Hel");
        feed.add(&text("assistant", "Hello", "1"), None);
        assert_eq!(feed.live(), "");
        // A delta that was on its way when the entry was written.
        feed.stream("Hello");
        assert_eq!(feed.live(), "");
        feed.stream("Hello again");
        assert_eq!(feed.live(), "Hello again");
    }

    #[test]
    fn a_tool_call_stands_behind_the_words_before_it_however_it_is_told() {
        let mut feed = Feed::default();
        feed.tool_step(&step(json!({ "phase": "start", "name": "read", "toolCallId": "c", "args": { "path": "a.txt" } })));
        feed.add(
            &message(json!({ "role": "assistant", "content": [
            { "type": "text", "text": "Let me look." },
            { "type": "toolCall", "id": "c", "name": "read", "arguments": { "path": "a.txt" } },
        ] })),
            Some("1"),
        );
        feed.add(&message(json!({ "role": "toolResult", "toolCallId": "c", "toolName": "read", "isError": false, "content": [{ "type": "text", "text": "blue" }] })), Some("2"));
        feed.tool_step(&step(
            json!({ "phase": "result", "name": "read", "toolCallId": "c", "isError": false }),
        ));
        let [Entry::Assistant(words), Entry::Tool(tool)] = feed.entries() else {
            panic!("{:?}", feed.entries());
        };
        assert_eq!((words.as_str(), tool.what.as_str()), ("Let me look.", "a.txt"));
        assert_eq!((tool.state, tool.result.as_str()), (ToolState::Done, "blue"));
    }

    #[test]
    fn failures_and_stops_are_told() {
        let mut feed = Feed::default();
        let failed = json!({ "role": "assistant", "content": [], "stopReason": "error", "errorMessage": "no credit" });
        feed.add(&message(failed), None);
        feed.add(&message(json!({ "role": "assistant", "content": [{ "type": "text", "text": "par" }], "stopReason": "aborted", "errorMessage": "Request was aborted" })), None);
        let expected = [
            Entry::Problem("no credit".into()),
            Entry::Assistant("par".into()),
            Entry::Note("stopped".into()),
        ];
        assert_eq!(feed.entries(), expected);
        feed.tool_step(&step(json!({ "phase": "start", "name": "x", "toolCallId": "c" })));
        feed.run_ended(None);
        assert!(
            matches!(feed.entries().last(), Some(Entry::Tool(tool)) if tool.state == ToolState::Failed)
        );
    }

    #[test]
    fn loading_again_keeps_what_is_on_its_way() {
        let mut feed = Feed::default();
        for text in ["one", "two"] {
            feed.pending.push(Pending { id: text.into(), text: text.into(), accepted: false });
        }
        feed.stream("half an answer");
        feed.load(&[text("user", "one", "1")]);
        assert_eq!((feed.pending.len(), feed.live()), (1, ""));
    }

    #[test]
    fn a_history_that_comes_late_loses_nothing() {
        let mut feed = Feed::default();
        feed.arrive(&text("user", "one", "1"), Some("1"));
        feed.arrive(&text("assistant", "two", "2"), Some("2"));
        feed.load(&[text("user", "one", "1")]);
        assert_eq!(feed.entries(), [Entry::User("one".into()), Entry::Assistant("two".into())]);
    }

    #[test]
    fn arguments_in_a_line() {
        assert_eq!(arguments(&json!({ "path": "a b" })), "a b");
        assert_eq!(arguments(&json!({ "a": 1, "b": "x" })), "a=1 b=x");
        assert_eq!(arguments(&json!(null)), "");
    }
}
