//! How a run begins: which model answers, what its session's row says, its first entries.

use std::{path::Path, sync::Arc, time::Duration};

use openclaw_protocol::ids::RunId;
use serde_json::{Map, Value, json};

use super::{entries, job::Begun, persist::persist};
use crate::{
    live::RunInfo,
    message::Message,
    provider::{ModelInfo, Provider, ThinkingLevel},
    runtime::{Origin, Shared, Submission, supplied},
    session::SessionEntry,
    store::{self, RunRecord, StoreError, session_edit},
    tool::ToolPolicy,
    transcript::NewEntry,
};

/// What is settled before a run begins.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// The models to ask, the first first; or why there is none.
    pub(crate) model: Result<Vec<Candidate>, String>,
    /// How much it shall think.
    pub(crate) thinking: Option<ThinkingLevel>,
    /// The agent's settings.
    pub(crate) agent: Arc<AgentView>,
    /// The session's row before.
    pub(crate) before: Option<SessionEntry>,
    /// What the client says was said before, and the transcript does not have.
    earlier: Vec<Message>,
}

/// A model that may answer.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) model: Arc<ModelInfo>,
}

/// What a run needs of its agent's settings.
#[derive(Debug, Clone)]
pub(crate) struct AgentView {
    pub(crate) name: String,
    pub(crate) theme: Option<String>,
    pub(crate) workspace: Arc<Path>,
    pub(crate) time_zone: Option<String>,
    pub(crate) bootstrap_max_chars: usize,
    pub(crate) bootstrap_total_max_chars: usize,
    pub(crate) timeout: Duration,
    pub(crate) tools: ToolPolicy,
}

/// Why a run does not begin.
pub(crate) enum CannotBegin {
    /// The runtime stops; the row stays.
    Stopping,
    /// It never will.
    Failed(String),
    /// It never will: what was asked cannot be read any more.
    Unreadable(String),
}

impl From<StoreError> for CannotBegin {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Closed => Self::Stopping,
            StoreError::Unreadable(error) => Self::Unreadable(error),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// What was asked, from the run's row.
pub(crate) async fn load(shared: &Shared, info: &RunInfo) -> Result<Arc<Submission>, CannotBegin> {
    let read = || shared.store.run(&info.run_id);
    let record = persist(&shared.stop, "read run", read).await?;
    let record = record.ok_or_else(|| CannotBegin::Failed("the run's row is gone".to_owned()))?;
    serde_json::from_str(&record.request)
        .map(Arc::new)
        .map_err(|error| CannotBegin::Unreadable(format!("the run's row cannot be read: {error}")))
}

/// Settles what a run needs. Never fails: a run without a model begins, and ends by saying so.
pub(crate) async fn prepare(
    shared: &Shared,
    submission: &Submission,
) -> Result<Prepared, StoreError> {
    let before = shared.store.session(&submission.session_key).await?.map(|row| row.entry);
    let earlier = supplied::unseen(shared, submission, before.as_ref()).await?;
    Ok(Prepared { earlier, ..shared.prepare(submission, before) })
}

/// Begins a queued run.
pub(crate) async fn begin(
    shared: &Shared,
    info: &RunInfo,
    submission: &Submission,
) -> Result<Begun, CannotBegin> {
    let prepared = persist(&shared.stop, "read session", || prepare(shared, submission)).await?;
    let write =
        || shared.store.begin(&info.run_id, prepared.begin(submission, shared.clock.now_ms()));
    let store::Begun { run: record, entries, session } =
        persist(&shared.stop, "begin", write).await?;
    Ok(Begun { record, entries, prepared, session: Some(session) })
}

/// Takes a run up again that had begun before a restart.
pub(crate) async fn resume(shared: &Shared, record: RunRecord, submission: &Submission) -> Begun {
    let before =
        persist(&shared.stop, "read session", || shared.store.session(&record.session_key)).await;
    let session = before.ok().flatten();
    let prepared = shared.prepare(submission, session.as_ref().map(|row| row.entry.clone()));
    Begun { record, entries: Vec::new(), prepared, session }
}

impl Begun {
    /// What is known of the run now that it has begun.
    pub(crate) fn info(&self, info: RunInfo) -> RunInfo {
        let model = self.prepared.first_model();
        RunInfo {
            session_id: self.record.session_id.as_deref().unwrap_or_default().into(),
            provider: model.map_or(info.provider, |model| model.provider.as_str().into()),
            model: model.map_or(info.model, |model| model.id.as_str().into()),
            started_at: self.record.started_at.unwrap_or(info.started_at),
            ..info
        }
    }
}

impl Prepared {
    pub(crate) fn new(
        model: Result<Vec<Candidate>, String>,
        thinking: Option<ThinkingLevel>,
        agent: Arc<AgentView>,
        before: Option<SessionEntry>,
    ) -> Self {
        Self { model, thinking, agent, before, earlier: Vec::new() }
    }

    pub(crate) fn first_model(&self) -> Option<&ModelInfo> {
        self.model.as_ref().ok()?.first().map(|candidate| &*candidate.model)
    }

    /// The commit that begins the run.
    pub(crate) fn begin(&self, submission: &Submission, at: i64) -> store::Begin {
        let mut entries = self.changes(at);
        entries.extend(self.earlier.iter().map(|message| entries::said(message, at)));
        if !submission.is_silent() {
            entries.push(entries::user(submission, at));
        }
        self.begin_with(submission, entries, at)
    }

    /// The commit that begins the run with these entries.
    pub(crate) fn begin_with(
        &self,
        submission: &Submission,
        entries: Vec<NewEntry>,
        at: i64,
    ) -> store::Begin {
        let (origin, run) = (submission.origin.clone(), submission.run_id.clone());
        let session =
            session_edit(move |entry| Ok(started(entry.unwrap_or_default(), &origin, &run, at)));
        let cwd = self.agent.workspace.to_string_lossy().into_owned();
        store::Begin { session, cwd, entries, at }
    }

    /// A new transcript says first which model answers and how much it thinks; later only what changed.
    fn changes(&self, at: i64) -> Vec<NewEntry> {
        let before = self.before.as_ref().filter(|entry| entry.system_sent == Some(true));
        let mut changes = Vec::new();
        if let Some(model) = self.first_model() {
            let same = before.is_some_and(|entry| {
                entry.model.as_deref() == Some(&model.id)
                    && entry.model_provider.as_deref() == Some(&model.provider)
            });
            if !same {
                changes.push(entries::model_change(&model.provider, &model.id, at));
            }
        }
        if before.is_none() {
            let level = self.thinking.unwrap_or(ThinkingLevel::Off);
            changes.push(entries::thinking_change(level.as_str(), at));
        }
        changes
    }
}

/// The session's row while a run runs.
fn started(entry: SessionEntry, origin: &Origin, run: &RunId, at: i64) -> SessionEntry {
    let mut entry = SessionEntry {
        updated_at: at,
        last_interaction_at: Some(at),
        last_run_id: Some(run.to_string()),
        status: Some("running".to_owned()),
        started_at: Some(at),
        ended_at: None,
        runtime_ms: None,
        aborted_last_run: Some(false),
        ..entry
    };
    if !origin.channel.is_empty() {
        let chat_type = origin.chat_type.clone().unwrap_or_else(|| "direct".to_owned());
        entry.origin.get_or_insert_with(|| {
            json!({"provider": origin.channel, "surface": origin.channel, "chatType": chat_type})
        });
        entry.chat_type.get_or_insert(chat_type);
        entry.delivery_context = Some(delivery(origin));
        entry.last_channel = Some(origin.channel.clone());
        entry.last_to.clone_from(&origin.to);
        entry.last_account_id.clone_from(&origin.account_id);
        entry.last_thread_id = origin.thread_id.clone().map(Value::String);
    }
    entry
}

/// Where answers go.
fn delivery(origin: &Origin) -> Value {
    let mut fields = Map::new();
    fields.insert("channel".to_owned(), Value::String(origin.channel.clone()));
    let optional =
        [("to", &origin.to), ("accountId", &origin.account_id), ("threadId", &origin.thread_id)];
    for (name, value) in optional {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    Value::Object(fields)
}
