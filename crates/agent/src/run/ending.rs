//! How a turn ended, and the one commit and the announcements that end its run.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    entries, given_up,
    persist::persist,
    turn::{Answered, Turn},
};
use crate::{
    crash,
    live::{LiveRun, RunInfo},
    message::{AssistantMessage, Part, StopReason, ToolResultMessage, Usage},
    observer::SessionChange,
    outcome::{ClientCall, Outcome, RunStatus, RunUsage},
    provider::ModelInfo,
    runtime::Shared,
    session::SessionEntry,
    store::{self, DeadLetterKind, Finish, NewDeadLetter, RunState, StoreError, session_edit},
    transcript::NewEntry,
};

/// The end of a run, before it is committed.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) status: RunStatus,
    pub(crate) stop_reason: String,
    pub(crate) error: Option<String>,
    /// Calls that the client carries out.
    pub(crate) client_calls: Vec<ClientCall>,
    /// The text for people, when it is not that of the live run.
    pub(crate) text: Option<String>,
    /// The answer to a command as `chat` shows it; then no steps of a run are told.
    pub(crate) message: Option<Value>,
    /// The last entries.
    pub(crate) entries: Vec<NewEntry>,
    /// What the session's row says from now on; `None` leaves it.
    pub(crate) session: Option<SessionFigures>,
    /// It was given up, and people shall see that it was.
    pub(crate) given_up: Option<DeadLetterKind>,
}

/// What a run leaves in its session's row.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionFigures {
    /// Tokens of all model calls.
    usage: Usage,
    /// Tokens of the last one.
    last: Option<Usage>,
    model: Option<Arc<ModelInfo>>,
}

impl Ending {
    /// The model answered, or calls a tool of the client.
    pub(crate) fn answered(turn: &Turn<'_>, answered: Answered) -> Self {
        let Answered { message, calls } = answered;
        let reason = message.as_ref().and_then(|message| message.stop_reason);
        let stop = match reason {
            _ if !calls.is_empty() => "toolUse",
            Some(StopReason::Length) => "length",
            _ => "stop",
        };
        let entries = message.iter().map(entries::assistant).collect();
        Self { client_calls: calls, ..Self::of(turn, RunStatus::Ok, stop, None, entries) }
    }

    /// The turn failed.
    pub(crate) fn failed(turn: &Turn<'_>, error: &str) -> Self {
        let entries = leftovers(turn, StopReason::Error, error);
        Self::of(turn, RunStatus::Error, "error", Some(error.to_owned()), entries)
    }

    /// Somebody stopped it.
    pub(crate) fn aborted(turn: &Turn<'_>, reason: &str) -> Self {
        let text = turn.live.message_text();
        if text.is_empty() {
            let entries = leftovers(turn, StopReason::Aborted, "Request was aborted");
            return Self::of(turn, RunStatus::Aborted, reason, None, entries);
        }
        let at = turn.shared.clock.now_ms();
        let mut entries = open_calls(turn, at);
        let said = entries::stopped(&text, &turn.info().run_id, reason, at);
        entries.push(entries::assistant(&said));
        Self::of(turn, RunStatus::Aborted, reason, None, entries)
    }

    /// Its time was up.
    pub(crate) fn timed_out(turn: &Turn<'_>, limit: Duration) -> Self {
        let error = format!(
            "the run was not done within {} s (agents.defaults.timeoutSeconds or the run's own timeout)",
            limit.as_secs_f32()
        );
        let entries = leftovers(turn, StopReason::Aborted, &error);
        Self::of(turn, RunStatus::Timeout, "timeout", Some(error), entries)
    }

    /// Stopped before it began: nothing is written but the outcome.
    pub(crate) fn never_began(status: RunStatus, stop_reason: &str, error: Option<String>) -> Self {
        let stop_reason = stop_reason.to_owned();
        Self {
            status,
            stop_reason,
            error,
            client_calls: Vec::new(),
            text: None,
            message: None,
            entries: Vec::new(),
            session: None,
            given_up: Some(DeadLetterKind::NeverBegan),
        }
    }

    fn of(
        turn: &Turn<'_>,
        status: RunStatus,
        stop_reason: &str,
        error: Option<String>,
        entries: Vec<NewEntry>,
    ) -> Self {
        let model = turn.prepared.model.is_ok().then(|| turn.model());
        let progress = turn.progress.lock();
        let session =
            SessionFigures { usage: progress.usage.clone(), last: progress.last.clone(), model };
        drop(progress);
        // The end of one that never began, and what it wrote and counted besides.
        Self {
            entries,
            session: Some(session),
            given_up: None,
            ..Self::never_began(status, stop_reason, error)
        }
    }

    /// Why it ended, for people.
    fn why(&self) -> String {
        let stopped = || format!("stopped before it began ({})", self.stop_reason);
        self.error.clone().unwrap_or_else(stopped)
    }

    fn outcome(&self, info: &RunInfo, live: Option<&Arc<LiveRun>>, at: i64) -> Outcome {
        let text = self.text.clone().or_else(|| live.map(|live| live.snapshot()));
        let figures = self.session.as_ref();
        let model = figures.and_then(|figures| figures.model.as_deref());
        Outcome {
            status: self.status,
            stop_reason: self.stop_reason.clone(),
            error: self.error.clone(),
            client_calls: self.client_calls.clone(),
            text: text.unwrap_or_default(),
            provider: model.map(|model| model.provider.clone()).unwrap_or_default(),
            model: model.map(|model| model.id.clone()).unwrap_or_default(),
            context_window: model.map_or(0, |model| model.context_window),
            session_id: info.session_id.to_string(),
            usage: figures.map(SessionFigures::usage).unwrap_or_default(),
            last_call: figures.and_then(SessionFigures::last_call),
            started_at: if live.is_some() || figures.is_some() { info.started_at } else { 0 },
            ended_at: at,
        }
    }
}

/// The entries of a turn that did not end well: results for calls that have none, and what the model
/// had said, with the reason.
fn leftovers(turn: &Turn<'_>, stop: StopReason, error: &str) -> Vec<NewEntry> {
    let at = turn.shared.clock.now_ms();
    let mut entries = open_calls(turn, at);
    let text = turn.live.message_text();
    let model = turn.model();
    let message = AssistantMessage {
        content: if text.is_empty() { Vec::new() } else { vec![Part::text(text)] },
        api: model.api.as_str().to_owned(),
        provider: model.provider.clone(),
        model: model.id.clone(),
        usage: Some(entries::zero_usage()),
        stop_reason: Some(stop),
        timestamp: at,
        error_message: Some(error.to_owned()),
        ..AssistantMessage::default()
    };
    entries.push(entries::assistant(&message));
    entries
}

/// Results for recorded calls that have none.
fn open_calls(turn: &Turn<'_>, at: i64) -> Vec<NewEntry> {
    let progress = turn.progress.lock();
    let open = if progress.recorded_calls { progress.open_calls.clone() } else { Vec::new() };
    drop(progress);
    open.iter().map(|(id, name)| entries::tool_result(&stopped_call(id, name, at))).collect()
}

/// The result of a call that was cut off.
pub(crate) fn stopped_call(id: &str, name: &str, at: i64) -> ToolResultMessage {
    let text =
        "The run was stopped before this call had a result. Whether it took effect is unknown.";
    ToolResultMessage {
        tool_call_id: id.to_owned(),
        tool_name: name.to_owned(),
        content: vec![Part::text(text)],
        is_error: true,
        timestamp: at,
        ..ToolResultMessage::default()
    }
}

/// Commits the end of a run and tells everybody. When the runtime lets go before, the row stays for the next start.
pub(crate) async fn finish(
    shared: &Shared,
    info: &RunInfo,
    live: Option<&Arc<LiveRun>>,
    ending: Ending,
) {
    crash::point("before-finish");
    let at = shared.clock.now_ms();
    let outcome = Arc::new(ending.outcome(info, live, at));
    let dead_letter = match ending.given_up {
        Some(kind) => Some(given_up::letter(shared, info, kind, &ending.why()).await),
        None => None,
    };
    let write = || commit(shared, info, &ending, &outcome, dead_letter.clone());
    let stored = match persist(&shared.stop, "finish", write).await {
        Ok(stored) => stored,
        Err(StoreError::Closed) => return,
        // Only its own lane ends a run, so this is the answer to a write of ours that was repeated
        // though it had succeeded.
        Err(StoreError::Conflict(reason)) => {
            tracing::warn!(run = %info.run_id, reason, "a run had ended already");
            Vec::new()
        }
        Err(error) => return given_up::bury(shared, info, DeadLetterKind::NotEnded, &error).await,
    };
    crash::point("after-finish");
    // The last message is told while its run still counts as running, as its row says.
    shared.show(info, live, &stored);
    if let Some(lane) = shared.lanes.get(&info.session_key) {
        lane.ended(&info.run_id);
    }
    if let Some(message) = &ending.message {
        shared.observer.command_answered(info, &outcome, message);
    } else {
        let message = (!outcome.text.is_empty()).then(|| message_for_people(&outcome.text, at));
        shared.observer.run_ended(info, live, &outcome, message.as_ref());
    }
    let change = match outcome.status {
        RunStatus::Ok => SessionChange::End,
        RunStatus::Aborted => SessionChange::Abort,
        RunStatus::Error | RunStatus::Timeout | RunStatus::Interrupted => SessionChange::Error,
    };
    shared.observer.session_changed(&info.session_key, change);
    shared.ends.ended(&info.run_id, &outcome);
}

async fn commit(
    shared: &Shared,
    info: &RunInfo,
    ending: &Ending,
    outcome: &Arc<Outcome>,
    dead_letter: Option<NewDeadLetter>,
) -> Result<Vec<store::StoredEntry>, StoreError> {
    let state = match outcome.status {
        RunStatus::Ok => RunState::Ok,
        RunStatus::Error | RunStatus::Timeout => RunState::Error,
        RunStatus::Aborted => RunState::Aborted,
        RunStatus::Interrupted => RunState::Interrupted,
    };
    let detail = serde_json::to_string(&**outcome)
        .map_err(|error| StoreError::Conflict(format!("the outcome cannot be written: {error}")))?;
    let session = ending.session.clone().map(|figures| {
        let outcome = Arc::clone(outcome);
        session_edit(move |entry| Ok(figures.apply(entry.unwrap_or_default(), &outcome)))
    });
    let at = outcome.ended_at;
    let outcome = store::Outcome { state, detail };
    let finish = Finish { outcome, entries: ending.entries.clone(), session, dead_letter, at };
    shared.store.finish(&info.run_id, finish).await
}

/// The message as `chat` shows it.
pub(crate) fn message_for_people(text: &str, at: i64) -> Value {
    json!({"role": "assistant", "content": [{"type": "text", "text": text}], "timestamp": at})
}

impl SessionFigures {
    fn context(&self) -> u64 {
        self.last.as_ref().map_or(0, Usage::context_tokens)
    }

    fn usage(&self) -> RunUsage {
        RunUsage::new(&self.usage, self.context())
    }

    fn last_call(&self) -> Option<RunUsage> {
        self.last.as_ref().map(|last| RunUsage::new(last, last.context_tokens()))
    }

    fn apply(self, entry: SessionEntry, outcome: &Outcome) -> SessionEntry {
        let context = self.context();
        let Self { usage, model, .. } = self;
        let counted = context > 0;
        SessionEntry {
            updated_at: outcome.ended_at,
            status: Some(outcome.status.session_status().to_owned()),
            ended_at: Some(outcome.ended_at),
            runtime_ms: Some(i64::try_from(outcome.duration().as_millis()).unwrap_or(i64::MAX)),
            aborted_last_run: Some(outcome.status == RunStatus::Aborted),
            system_sent: Some(counted || entry.system_sent == Some(true)),
            model: model.as_ref().map(|model| model.id.clone()).or(entry.model),
            model_provider: model
                .as_ref()
                .map(|model| model.provider.clone())
                .or(entry.model_provider),
            context_tokens: model
                .as_ref()
                .map(|model| model.context_window)
                .or(entry.context_tokens),
            input_tokens: if counted { Some(usage.input) } else { entry.input_tokens },
            output_tokens: if counted { Some(usage.output) } else { entry.output_tokens },
            cache_read: if counted { Some(usage.cache_read) } else { entry.cache_read },
            cache_write: if counted { Some(usage.cache_write) } else { entry.cache_write },
            total_tokens: if counted { Some(context) } else { entry.total_tokens },
            total_tokens_fresh: if counted { Some(true) } else { entry.total_tokens_fresh },
            estimated_cost_usd: if counted {
                Some(entry.estimated_cost_usd.unwrap_or(0.0) + usage.cost.total.unwrap_or(0.0))
            } else {
                entry.estimated_cost_usd
            },
            ..entry
        }
    }
}
