//! One turn: prompt, model call, tools, and again, until the model has answered.

use std::{
    path::Path,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::{
    begin::Prepared,
    cancel::Cancel,
    ending::Ending,
    entries,
    persist::persist,
    steps::{self, MAX_STEPS},
    stream,
};
use crate::{
    crash,
    live::{LiveRun, RunInfo},
    message::{AssistantMessage, Message, Usage},
    observer::AppendedEntry,
    outcome::{ClientCall, RunUsage},
    prompt,
    provider::{
        Api, Compat, Limits, ModelInfo, ModelRequest, Price, ProviderError, ToolSpec, ToolSpecs,
        retry,
    },
    runtime::{Shared, Submission},
    store::{HistoryQuery, StepRecord, StoreError, StoredEntry},
    tool::ToolSet,
};

/// At most so many entries of a transcript are looked at for the prompt.
const MAX_HISTORY: usize = 2_000;

/// A turn that runs.
pub(crate) struct Turn<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) submission: &'a Submission,
    pub(crate) live: &'a Arc<LiveRun>,
    pub(crate) prepared: &'a Prepared,
    pub(crate) workspace: Arc<Path>,
    /// Our tools, as far as the agent's model may call them.
    pub(crate) own: ToolSet,
    /// What the model is offered: these and the client's.
    tools: Arc<ToolSpecs>,
    /// The steps that the run had before a restart.
    pub(crate) resumed: &'a [StepRecord],
    pub(crate) progress: Mutex<Progress>,
    /// Held during a write.
    writing: tokio::sync::Mutex<()>,
    /// The run is being stopped: the write that is under way is the last.
    stopping: AtomicBool,
    /// How long it may take.
    timeout: Duration,
    started: Instant,
}

/// How far a turn got; what is left of it when it is stopped.
#[derive(Default)]
pub(crate) struct Progress {
    /// The store knows that text was shown.
    pub(crate) text_sent: bool,
    /// Tokens of all model calls.
    pub(crate) usage: Usage,
    /// Tokens of the last one.
    pub(crate) last: Option<Usage>,
    /// The number of the last step.
    pub(crate) steps: u32,
    /// Calls (id and name) of the last answer that have no result yet.
    pub(crate) open_calls: Vec<(String, String)>,
    /// The answer that made them is in the transcript.
    pub(crate) recorded_calls: bool,
    /// Which of the candidates answers.
    pub(crate) candidate: usize,
}

/// A model call may take as long as its run, and this longer, so that it is the run's limit that is told.
const AFTER_RUN: Duration = Duration::from_secs(1);
/// No run takes longer, whatever is asked for: later moments cannot be told by every clock.
const LONGEST_RUN: Duration = Duration::from_hours(365 * 24);
/// How long a stopped run waits for its last write.
const LAST_WRITE: Duration = Duration::from_secs(10);

/// Why a turn failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The model.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store.
    #[error("the gateway could not write to its store; the run was given up: {0}")]
    Store(#[from] StoreError),
    /// A loop, most likely.
    #[error("the run was stopped after {MAX_STEPS} tool calls; ask for a smaller task")]
    TooManySteps,
    /// Nothing can answer.
    #[error("{0}")]
    NoModel(String),
}

/// Runs a turn to its end, in time, unless somebody stops it.
pub(crate) async fn run(turn: &Turn<'_>, cancel: &Cancel) -> Ending {
    let mut work = pin!(converse(turn));
    let stopped_by = tokio::select! {
        biased;
        reason = cancel.cancelled() => Some(reason),
        done = tokio::time::timeout(turn.remaining(), &mut work) => match done {
            Ok(Ok(answered)) => return Ending::answered(turn, answered),
            Ok(Err(trouble)) => return Ending::failed(turn, &trouble.to_string()),
            Err(_) => None,
        },
    };
    turn.stopping.store(true, Ordering::Release);
    tokio::select! {
        biased;
        _ = tokio::time::timeout(LAST_WRITE, turn.writing.lock()) => {}
        _ = work => {}
    }
    match stopped_by {
        Some(reason) => Ending::aborted(turn, &reason),
        None => Ending::timed_out(turn, turn.timeout),
    }
}

/// What a conversation with the model came to.
pub(crate) struct Answered {
    /// The last answer, when the transcript does not have it yet.
    pub(crate) message: Option<AssistantMessage>,
    /// Calls that the client carries out.
    pub(crate) calls: Vec<ClientCall>,
}

/// Model call and tools in turn, until an answer calls no tool of ours.
async fn converse(turn: &Turn<'_>) -> Result<Answered, Trouble> {
    let candidates =
        turn.prepared.model.as_ref().map_err(|error| Trouble::NoModel(error.clone()))?;
    if candidates.is_empty() {
        return Err(Trouble::NoModel("no model is configured".to_owned()));
    }
    let system = system_prompt(turn).await;
    let mut messages = history(turn).await?;
    let calls = steps::resume(turn, &mut messages).await?;
    if !calls.is_empty() {
        return Ok(Answered { message: None, calls });
    }
    let mut messages = fit(turn, messages, system.len());
    loop {
        let mut answer = ask(turn, &system, &messages).await?;
        let calls = steps::take_clients(turn, &mut answer.calls);
        if answer.calls.is_empty() {
            return Ok(Answered { message: Some(answer.message), calls });
        }
        messages.extend(steps::carry_out(turn, answer).await?);
        if !calls.is_empty() {
            return Ok(Answered { message: None, calls });
        }
    }
}

/// One model call. While nothing of it was shown, a passing fault is tried again, and then the next
/// candidate is asked.
async fn ask(
    turn: &Turn<'_>,
    system: &str,
    messages: &[Message],
) -> Result<stream::Answer, Trouble> {
    crash::point("before-model");
    turn.live.begin_block();
    let start = turn.live.extent();
    let mut retries = 0;
    loop {
        let error = match call(turn, system, messages).await {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Provider(error)) => error,
            Err(trouble) => return Err(trouble),
        };
        if turn.live.extent() != start {
            return Err(error.into());
        }
        if let Some(wait) = retry::wait_before(&error, retries) {
            tracing::info!(%error, ?wait, "a model call failed; it is made again");
            tokio::time::sleep(wait).await;
            retries += 1;
        } else if turn.next_candidate() {
            tracing::warn!(%error, next = turn.model().reference(), "a model failed; the next one is asked");
            retries = 0;
        } else {
            return Err(error.into());
        }
    }
}

async fn call(
    turn: &Turn<'_>,
    system: &str,
    messages: &[Message],
) -> Result<stream::Answer, Trouble> {
    let Some(candidate) = turn.candidate() else {
        return Err(Trouble::NoModel("no model is configured".to_owned()));
    };
    let supplied = turn.submission.supplied.as_deref();
    let limit = supplied.and_then(|supplied| supplied.max_tokens);
    let choice = supplied.and_then(|supplied| supplied.tool_choice.as_ref());
    // Only the first call must call a tool: after ours have run the model is free to answer.
    let first = turn.progress.lock().steps == 0;
    let request = ModelRequest {
        system: system.to_owned(),
        tools: Arc::clone(&turn.tools),
        tool_choice: choice.filter(|_| first).cloned(),
        thinking: turn.prepared.thinking,
        limits: Limits { total: turn.remaining() + AFTER_RUN, ..Limits::default() },
        max_tokens: limit
            .map(|limit| candidate.model.max_tokens.map_or(limit, |own| own.min(limit))),
        ..ModelRequest::new(Arc::clone(&candidate.model), messages.to_vec())
    };
    let stream = candidate.provider.stream(request).await?;
    stream::read(turn, &candidate.model, stream).await
}

async fn system_prompt(turn: &Turn<'_>) -> String {
    let agent = &turn.prepared.agent;
    let bounds = (agent.bootstrap_max_chars, agent.bootstrap_total_max_chars);
    let files = prompt::workspace::files(Arc::clone(&turn.workspace), bounds).await;
    let workspace = turn.workspace.to_string_lossy();
    let parts = prompt::SystemParts {
        name: &agent.name,
        theme: agent.theme.as_deref(),
        workspace: &workspace,
        time_zone: agent.time_zone.as_deref(),
        now_ms: turn.shared.clock.now_ms(),
        files: &files,
        extra: turn.submission.extra_system_prompt.as_deref(),
    };
    prompt::system(&parts, &turn.own)
}

/// The conversation so far.
async fn history(turn: &Turn<'_>) -> Result<Vec<Message>, Trouble> {
    let query = HistoryQuery {
        messages_only: true,
        ..HistoryQuery::last_entries(&*turn.info().session_id, MAX_HISTORY)
    };
    let entries = turn.shared.store.history(query).await?;
    Ok(prompt::history::messages(&entries))
}

/// As much of the conversation as the model holds.
fn fit(turn: &Turn<'_>, messages: Vec<Message>, system_chars: usize) -> Vec<Message> {
    let model = turn.model();
    let tools = turn.tools.specs().iter();
    let tools: usize = tools.map(|spec| spec.parameters.to_string().len()).sum();
    let room = prompt::room(model.context_window, model.max_tokens, system_chars + tools);
    prompt::history::fit(messages, room)
}

impl<'a> Turn<'a> {
    pub(crate) fn new(
        shared: &'a Shared,
        submission: &'a Submission,
        live: &'a Arc<LiveRun>,
        prepared: &'a Prepared,
        resumed: &'a [StepRecord],
    ) -> Self {
        let steps = resumed.iter().map(|step| step.step.n).max().unwrap_or(0);
        let own_limit = submission.timeout.filter(|timeout| !timeout.is_zero());
        let own = shared.tools.permitted(&prepared.agent.tools);
        Self {
            shared,
            submission,
            live,
            prepared,
            workspace: Arc::clone(&prepared.agent.workspace),
            tools: offered(&own, submission.client_tools()),
            own,
            resumed,
            progress: Mutex::new(Progress { steps, ..Progress::default() }),
            writing: tokio::sync::Mutex::default(),
            stopping: AtomicBool::new(false),
            timeout: own_limit.unwrap_or(prepared.agent.timeout).min(LONGEST_RUN),
            started: Instant::now(),
        }
    }

    /// The time that is left.
    fn remaining(&self) -> Duration {
        self.timeout.saturating_sub(self.started.elapsed())
    }

    /// A write, and what follows from it. Once begun both are carried through, also when the run is
    /// stopped meanwhile, so that what the turn knows is what the store has.
    pub(crate) async fn commit<T, F, Fut>(
        &self,
        what: &'static str,
        write: F,
        then: impl FnOnce(&T),
    ) -> Result<T, Trouble>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, StoreError>>,
    {
        let writing = self.writing.lock().await;
        let done = persist(&self.shared.stop, what, write).await;
        if let Ok(done) = &done {
            then(done);
        }
        drop(writing);
        if self.stopping.load(Ordering::Acquire) {
            // Nothing more begins; `run` drops this future.
            std::future::pending::<()>().await;
        }
        Ok(done?)
    }

    pub(crate) fn info(&self) -> &RunInfo {
        self.live.info()
    }

    /// Whether the client carries out the tool of this name.
    pub(crate) fn is_clients(&self, name: &str) -> bool {
        self.submission.client_tools().iter().any(|tool| tool.name == name)
    }

    /// The model that answers.
    pub(crate) fn model(&self) -> Arc<ModelInfo> {
        self.candidate().map_or_else(no_model, |candidate| Arc::clone(&candidate.model))
    }

    fn candidate(&self) -> Option<&super::begin::Candidate> {
        let at = self.progress.lock().candidate;
        self.prepared.model.as_ref().ok()?.get(at)
    }

    fn next_candidate(&self) -> bool {
        let count = self.prepared.model.as_ref().map_or(0, Vec::len);
        let mut progress = self.progress.lock();
        let more = progress.candidate + 1 < count;
        progress.candidate += usize::from(more);
        more
    }

    /// The number of the next step.
    pub(crate) fn next_step(&self) -> Result<u32, Trouble> {
        let mut progress = self.progress.lock();
        progress.steps += 1;
        if progress.steps > MAX_STEPS { Err(Trouble::TooManySteps) } else { Ok(progress.steps) }
    }

    /// Counts the tokens of a model call.
    pub(crate) fn count(&self, usage: &Usage) {
        let mut progress = self.progress.lock();
        progress.usage.add(usage);
        progress.last = Some(usage.clone());
    }

    /// Tells watchers of entries that were committed.
    pub(crate) fn show(&self, entries: &[StoredEntry]) {
        self.shared.show(self.info(), Some(self.live), entries);
    }
}

/// Our tools, those of the client in place of ours that are called the same.
fn offered(own: &ToolSet, clients: &[ToolSpec]) -> Arc<ToolSpecs> {
    if clients.is_empty() {
        return Arc::clone(own.specs());
    }
    let free = |spec: &&ToolSpec| clients.iter().all(|tool| tool.name != spec.name);
    let own = own.specs().specs().iter().filter(free);
    Arc::new(ToolSpecs::new(own.chain(clients).cloned().collect()))
}

/// Stands where no model could be resolved, in entries that name one.
fn no_model() -> Arc<ModelInfo> {
    let (provider, id) = entries::INJECTED;
    Arc::new(ModelInfo {
        provider: provider.to_owned(),
        id: id.to_owned(),
        name: id.to_owned(),
        api: Api::OpenaiCompletions,
        reasoning: false,
        images: false,
        context_window: 0,
        max_tokens: None,
        price: Price::default(),
        compat: Compat::default(),
    })
}

impl Progress {
    /// Tokens so far.
    pub(crate) fn usage(&self) -> RunUsage {
        RunUsage::new(&self.usage, self.last.as_ref().map_or(0, Usage::context_tokens))
    }
}

impl Shared {
    /// Tells watchers of entries that were committed.
    pub(crate) fn show(
        &self,
        info: &RunInfo,
        live: Option<&Arc<LiveRun>>,
        entries: &[StoredEntry],
    ) {
        let session = live.and_then(|live| live.session());
        for entry in entries {
            self.observer.entry_appended(AppendedEntry {
                session_key: &info.session_key,
                session_id: &info.session_id,
                message_seq: entry.message_seq,
                entry_id: &entry.entry_id,
                line: &entry.line,
                run_id: Some(&info.run_id),
                session: session.as_deref(),
            });
        }
    }
}
