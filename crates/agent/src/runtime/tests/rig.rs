//! What the tests stand on: a runtime, its store, its provider's calls, and a log of what observers heard.

use std::{fmt::Write as _, path::Path, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use openclaw_protocol::ids::{RunId, SessionKey};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use crate::{
    catalog::ResolvedModel,
    clock::ManualClock,
    config::Config,
    live::{LiveRun, RunInfo},
    observer::{AppendedEntry, RunObserver, SessionChange, ToolEvent, ToolPhase},
    outcome::{Outcome, RunStatus},
    provider::{
        Provider,
        scripted::{self, Answer, Calls, Scripted},
    },
    runtime::{AgentSettings, Runtime, RuntimeParts, Spawner, Submission, Submitted},
    store::{HistoryQuery, MemoryStore, TurnStore},
    tool::ToolSet,
};

pub(super) const KEY: &str = "agent:main:main";
pub(super) const LONG: Duration = Duration::from_hours(1);

/// Writes down what it hears.
pub(super) struct Log {
    store: MemoryStore,
    lines: Mutex<Vec<String>>,
    pub(super) panic_at_start: Mutex<u32>,
}

impl Log {
    fn note(&self, line: String) {
        self.lines.lock().push(line);
    }

    /// What was heard, without entries and session changes.
    pub(super) fn runs(&self) -> Vec<String> {
        let lines = self.lines.lock();
        lines
            .iter()
            .filter(|l| !l.starts_with("entry") && !l.starts_with("session"))
            .cloned()
            .collect()
    }

    pub(super) fn count(&self, start: &str) -> usize {
        self.lines.lock().iter().filter(|line| line.starts_with(start)).count()
    }
}

impl RunObserver for Log {
    fn run_started(&self, run: &Arc<LiveRun>) {
        let mut panics = self.panic_at_start.lock();
        if *panics > 0 {
            *panics -= 1;
            drop(panics);
            panic!("on purpose");
        }
        self.note(format!("started {}", run.info().run_id));
    }

    fn run_text(&self, run: &Arc<LiveRun>) {
        let row = self.store.run(&run.info().run_id).now_or_never().unwrap().unwrap().unwrap();
        assert!(row.text_sent, "text was shown before the store knew");
        self.note(format!("text {} {:?}", run.info().run_id, run.snapshot()));
    }

    fn run_thinking(&self, run: &Arc<LiveRun>) {
        let thinking = run.look(|told| told.thinking().to_owned());
        self.note(format!("thinking {} {thinking:?}", run.info().run_id));
    }

    fn run_tool(&self, run: &Arc<LiveRun>, event: &ToolEvent) {
        let phase = match &event.phase {
            ToolPhase::Start { args } => format!("start {args}"),
            ToolPhase::Update { .. } => "update".to_owned(),
            ToolPhase::Result { is_error, .. } => format!("result error={is_error}"),
        };
        self.note(format!("tool {} {} {phase}", run.info().run_id, event.name));
    }

    fn run_ended(
        &self,
        info: &RunInfo,
        _: Option<&Arc<LiveRun>>,
        outcome: &Outcome,
        message: Option<&Value>,
    ) {
        let row = self.store.run(&info.run_id).now_or_never().unwrap().unwrap().unwrap();
        assert!(row.state.is_final(), "an end was told before it was committed");
        let mut line =
            format!("ended {} {:?} {}", info.run_id, outcome.status, outcome.stop_reason);
        if let Some(message) = message {
            write!(line, " {}", message["content"][0]["text"]).unwrap();
        }
        self.note(line);
    }

    fn entry_appended(&self, entry: AppendedEntry<'_>) {
        let value: Value = serde_json::from_str(entry.line).unwrap();
        assert_eq!(value["id"], entry.entry_id);
        self.note(format!("entry {}", value["type"].as_str().unwrap()));
    }

    fn session_changed(&self, key: &SessionKey, change: SessionChange) {
        self.note(format!("session {key} {change:?}"));
    }
}

/// A runtime and all that is around it.
pub(super) struct Rig {
    pub(super) runtime: Runtime,
    pub(super) store: MemoryStore,
    pub(super) calls: Calls,
    pub(super) log: Arc<Log>,
    pub(super) settings: watch::Sender<Arc<AgentSettings>>,
    pub(super) dir: tempfile::TempDir,
}

impl Rig {
    /// A runtime whose model calls the test answers.
    pub(super) fn new() -> Self {
        Self::over(MemoryStore::new(), [])
    }

    /// A runtime whose first model calls are answered like this.
    pub(super) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::over(MemoryStore::new(), answers)
    }

    /// A runtime over a store that has seen another one.
    pub(super) fn over(store: MemoryStore, answers: impl IntoIterator<Item = Answer>) -> Self {
        let (provider, calls) = Scripted::answers(answers);
        Self::with(store, provider, calls)
    }

    pub(super) fn with(store: MemoryStore, provider: Arc<dyn Provider>, calls: Calls) -> Self {
        Self::behind(Arc::new(store.clone()), store, provider, calls)
    }

    /// A runtime that sees its store through another one.
    pub(super) fn behind(
        front: Arc<dyn TurnStore>,
        store: MemoryStore,
        provider: Arc<dyn Provider>,
        calls: Calls,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = Arc::new(Log {
            store: store.clone(),
            lines: Mutex::default(),
            panic_at_start: Mutex::new(0),
        });
        let (settings, config) = watch::channel(Arc::new(settings(dir.path(), 4)));
        let runtime = Runtime::start(RuntimeParts {
            store: front,
            models: Arc::new(ResolvedModel { provider, info: Arc::new(scripted::model()) }),
            tools: tools(),
            observer: Arc::clone(&log) as Arc<dyn RunObserver>,
            clock: Arc::new(ManualClock::at(1_795_217_494_948)),
            config,
            spawner: Spawner::new(),
        });
        Self { runtime, store, calls, log, settings, dir }
    }

    /// Submits a new message.
    pub(super) async fn send(&self, run: &str, text: &str) {
        self.submit(submission(run, text)).await;
    }

    pub(super) async fn submit(&self, submission: Submission) {
        let submitted = self.runtime.submit(submission).await.unwrap();
        assert!(matches!(submitted, Submitted::Started { .. }), "{submitted:?}");
    }

    /// A run's outcome.
    pub(super) async fn outcome(&self, run: &str) -> Outcome {
        let outcome = self.runtime.wait(&RunId::new(run), LONG).await.unwrap();
        outcome.unwrap_or_else(|| panic!("{run} did not end"))
    }

    pub(super) async fn status(&self, run: &str) -> RunStatus {
        self.outcome(run).await.status
    }

    /// The message of an entry.
    pub(super) async fn message(&self, at: usize) -> Value {
        let row = self.store.session(&SessionKey::new(KEY)).await.unwrap().unwrap();
        let query = HistoryQuery::last_entries(row.entry.session_id, 1_000);
        let entries = self.store.history(query).await.unwrap();
        let mut entry: Value = serde_json::from_str(&entries[at].line).unwrap();
        entry["message"].take()
    }

    /// The transcript, one short line an entry.
    pub(super) async fn transcript(&self) -> Vec<String> {
        let row = self.store.session(&SessionKey::new(KEY)).await.unwrap().unwrap();
        let query = HistoryQuery::last_entries(row.entry.session_id, 1_000);
        let entries = self.store.history(query).await.unwrap();
        let mut parent = Value::Null;
        let mut lines = Vec::new();
        for entry in entries {
            let value: Value = serde_json::from_str(&entry.line).unwrap();
            assert_eq!(value["parentId"], parent, "the chain is whole");
            parent = value["id"].clone();
            lines.push(brief(&value));
        }
        lines
    }
}

fn brief(entry: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    match entry["type"].as_str() {
        Some("message") => {
            let message = &entry["message"];
            let parts =
                message["content"].as_array().unwrap().iter().map(|part| {
                    match part["type"].as_str() {
                        Some("toolCall") => {
                            format!("{}({})", text(&part["name"]), part["arguments"])
                        }
                        _ => text(&part["text"]),
                    }
                });
            let mut line =
                format!("{}: {}", text(&message["role"]), parts.collect::<Vec<_>>().join(" | "));
            if let Some(stop) = message["stopReason"].as_str() {
                write!(line, " [{stop}]").unwrap();
            }
            line
        }
        Some("model_change") => {
            format!("model {}/{}", text(&entry["provider"]), text(&entry["modelId"]))
        }
        Some("thinking_level_change") => format!("thinking {}", text(&entry["thinkingLevel"])),
        other => format!("{other:?}"),
    }
}

/// A plain message to the main session.
pub(super) fn submission(run: &str, text: &str) -> Submission {
    Submission::new(RunId::new(run), SessionKey::new(KEY), text)
}

/// The harmless tools, and one that is not.
pub(super) fn tools() -> ToolSet {
    use crate::tool::{self, StepClass, ToolOutput};

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}
    let fire = |_, _: Nothing| async { ToolOutput::text("fired") };
    let hang = |_, _: Nothing| std::future::pending();
    ToolSet::new([
        tool::read::tool(),
        tool::session_status::tool(),
        tool::typed("fire", "Fires.", StepClass::Unsafe, fire),
        tool::typed("hang", "Hangs.", StepClass::Pure, hang),
    ])
}

/// Settings with a workspace and a number of runs at a time.
pub(super) fn settings(workspace: &Path, max: usize) -> AgentSettings {
    let config =
        serde_json::json!({"agents": {"defaults": {"workspace": workspace, "maxConcurrent": max}}});
    let config: Config = serde_json::from_value(config).unwrap();
    AgentSettings::new(&config, workspace, workspace)
}
