//! Runs, their steps, and idempotency.

use openclaw_protocol::ids::{AgentId, RunId, SessionKey};

use super::{NewDeadLetter, Reject, SessionEdit};
use crate::{
    session::{SessionEntry, SessionRow},
    transcript::NewEntry,
};

/// How long an idempotency key is remembered: seven days, in milliseconds. Restarts do not shorten it.
pub const IDEMPOTENCY_WINDOW_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Whose request it was, and by which name that one would repeat it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who asked: a server-made id of the device, the person or the channel peer. Never from the wire.
    pub principal: String,
    /// The method, so that the same key may be used with another one.
    pub scope: String,
    /// The client's key.
    pub key: String,
    /// SHA-256 of the request's body: the same key with another body is refused.
    pub digest: [u8; 32],
}

/// What an idempotency key stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Remembered {
    /// Nothing until now; it has just been remembered.
    New,
    /// The result of an earlier request, as JSON text.
    Result(String),
    /// The run that an earlier request became.
    Run(Box<RunRecord>),
}

/// A run that wants to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// The run's id; for `chat.send` and `agent` the client's idempotency key.
    pub run_id: RunId,
    /// The canonical key of the session it runs in.
    pub session_key: SessionKey,
    /// The agent that runs.
    pub agent_id: AgentId,
    /// What sort of run, for example `chat`, `agent`, `cron`, `channel`: the runtime's own word.
    pub kind: String,
    /// Who asked for it.
    pub principal: String,
    /// Everything that is needed to run it again after a restart, as JSON text.
    pub request: String,
    /// When it was accepted, milliseconds since the epoch.
    pub accepted_at: i64,
    /// The key that makes a repetition harmless.
    pub idempotency: Option<IdempotencyKey>,
}

/// How a run begins.
pub struct Begin {
    /// Makes or changes the session's entry. A new entry without a session id gets one.
    pub session: SessionEdit,
    /// The agent's workspace, for the header of a new transcript.
    pub cwd: String,
    /// The first entries: a model change where there is one, and the user's message.
    pub entries: Vec<NewEntry>,
    /// When it begins, milliseconds since the epoch.
    pub at: i64,
}

/// A run that has begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// The run as it stands.
    pub run: RunRecord,
    /// The entries that were appended.
    pub entries: Vec<super::StoredEntry>,
    /// The session's row as the begin made it.
    pub session: SessionRow,
}

/// What `accept` did.
#[derive(Debug, Clone, PartialEq)]
pub enum Accepted {
    /// The run is in the inbox; its state says whether it has begun.
    New {
        /// The run as it stands.
        run: Box<RunRecord>,
        /// The entries that `begin` appended; empty when it is only queued.
        entries: Vec<super::StoredEntry>,
        /// The session's row as `begin` made it; `None` when it is only queued.
        session: Option<Box<SessionRow>>,
    },
    /// The same request came before; nothing was changed.
    Known(Box<RunRecord>),
}

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunState {
    /// Accepted, not begun.
    Queued,
    /// Begun.
    Running,
    /// Ended well.
    Ok,
    /// Ended with an error.
    Error,
    /// Ended on someone's wish.
    Aborted,
    /// Cut off by a restart and not repeated.
    Interrupted,
}

impl RunState {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Aborted => "aborted",
            Self::Interrupted => "interrupted",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Ok, Self::Error, Self::Aborted, Self::Interrupted]
            .into_iter()
            .find(|s| s.as_str() == word)
    }

    /// The run has ended.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A run as the store has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// The run's id.
    pub run_id: RunId,
    /// Its session.
    pub session_key: SessionKey,
    /// Its agent.
    pub agent_id: AgentId,
    /// The transcript it writes to; `None` until it begins.
    pub session_id: Option<String>,
    /// The runtime's word for the sort of run.
    pub kind: String,
    /// Who asked.
    pub principal: String,
    /// What is needed to run it again, as JSON text.
    pub request: String,
    /// Where it stands.
    pub state: RunState,
    /// When it was accepted.
    pub accepted_at: i64,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Text of it may have reached a reader.
    pub text_sent: bool,
    /// How it ended, as JSON text.
    pub outcome: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// One of the final states.
    pub state: RunState,
    /// The runtime's own account of it, as JSON text.
    pub detail: String,
}

/// The end of a run.
pub struct Finish {
    /// How it ended.
    pub outcome: Outcome,
    /// The last entries; they go to the transcript the run began in, also when its session was reset since.
    pub entries: Vec<NewEntry>,
    /// Changes the session's entry; skipped when the session was reset or deleted since.
    pub session: Option<SessionEdit>,
    /// What people shall see of it when it was given up.
    pub dead_letter: Option<NewDeadLetter>,
    /// When it ended, milliseconds since the epoch.
    pub at: i64,
}

/// Entries to append outside a run.
pub struct Append {
    /// Makes or changes the session's entry; without it the session must exist.
    pub session: Option<SessionEdit>,
    /// The agent's workspace, for the header of a new transcript.
    pub cwd: String,
    /// The entries.
    pub entries: Vec<NewEntry>,
    /// Milliseconds since the epoch.
    pub at: i64,
}

/// What a step does to the world, and so what may be done with it after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepClass {
    /// Nothing: it may run again.
    Pure,
    /// Something, under a key by which the other side recognises a repetition.
    Keyed,
    /// Something that must not happen twice.
    Unsafe,
}

impl StepClass {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Keyed => "keyed",
            Self::Unsafe => "unsafe",
        }
    }

    /// The class of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pure, Self::Keyed, Self::Unsafe].into_iter().find(|c| c.as_str() == word)
    }
}

/// A step that is about to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// Its run.
    pub run_id: RunId,
    /// Its number in the run; any order, no repetition.
    pub n: u32,
    /// The tool, or `model` for a model call.
    pub tool: String,
    /// What it does to the world.
    pub class: StepClass,
    /// Its arguments, as JSON text.
    pub args: String,
    /// Milliseconds since the epoch.
    pub at: i64,
}

/// A step as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The step as it began.
    pub step: NewStep,
    /// Its result as JSON text; `None` while it runs, or when a crash cut it off.
    pub result: Option<String>,
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions in the index.
    pub sessions: u64,
    /// Runs that wait.
    pub queued: u64,
    /// Runs that run.
    pub running: u64,
    /// Journal entries that are not in their files yet.
    pub unprojected: u64,
}

impl Begin {
    /// A begin that leaves an existing session's entry as it is, but for the time, and makes a new one else.
    pub fn touching(at: i64, cwd: impl Into<String>, entries: Vec<NewEntry>) -> Self {
        let touch = move |entry: Option<SessionEntry>| -> Result<SessionEntry, Reject> {
            Ok(SessionEntry { updated_at: at, ..entry.unwrap_or_default() })
        };
        Self { session: Box::new(touch), cwd: cwd.into(), entries, at }
    }
}
