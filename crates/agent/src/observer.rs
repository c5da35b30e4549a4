//! What a run tells those who watch. The gateway turns it into `agent`, `chat` and `session.*` events.
//!
//! Every method is synchronous and must return at once: it is called by the session's own task.

use std::sync::Arc;

use openclaw_protocol::ids::{RunId, SessionKey};
use serde_json::Value;

use crate::{
    live::{LiveRun, RunInfo},
    outcome::Outcome,
    session::SessionRow,
};

/// What happened to a tool call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolEvent {
    /// The model's name of the call.
    pub tool_call_id: Arc<str>,
    /// The tool's name.
    pub name: Arc<str>,
    /// Start, update or result.
    pub phase: ToolPhase,
}

/// The phase of a tool call, with what it carries.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolPhase {
    /// The call begins; its step is already recorded.
    Start {
        /// The arguments as the model gave them.
        args: Value,
    },
    /// Output so far: `{content:[..], details?}`.
    Update {
        /// The partial result.
        partial_result: Value,
    },
    /// The call ended.
    Result {
        /// `{content:[..], details?}`.
        result: Value,
        /// Whether the model is told that it failed.
        is_error: bool,
        /// One line about the call for people, for example `from AGENTS.md`.
        meta: Option<String>,
    },
}

/// A transcript entry that was committed.
#[derive(Debug, Clone, Copy)]
pub struct AppendedEntry<'a> {
    /// The session.
    pub session_key: &'a SessionKey,
    /// The session's transcript (a UUID).
    pub session_id: &'a str,
    /// The message's place in the session, from 1, counting messages only (`__openclaw.seq`);
    /// `None` for entries that are not messages.
    pub message_seq: Option<u64>,
    /// The entry's 8-hex id.
    pub entry_id: &'a str,
    /// The JSONL line without its line feed.
    pub line: &'a str,
    /// The run that wrote it; `None` for a note of the gateway.
    pub run_id: Option<&'a RunId>,
    /// The session's row, where it is known without asking the store for it.
    pub session: Option<&'a SessionRow>,
}

/// Why a session's row changed, the `reason` of `sessions.changed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionChange {
    /// A run began (`phase: start`).
    Start,
    /// A run ended well (`phase: end`).
    End,
    /// A run ended otherwise (`phase: error`).
    Error,
    /// A message was accepted (`reason: send`).
    Send,
    /// A message was accepted that interrupts (`reason: steer`).
    Steer,
    /// Runs were aborted (`reason: abort`).
    Abort,
    /// The session was reset (`reason: reset`).
    Reset,
    /// The session came to be (`reason: create`).
    Create,
}

/// Hears what runs do. One per runtime; it must not block and must not call back into the runtime's
/// async methods from inside.
pub trait RunObserver: Send + Sync {
    /// A run left its queue and begins. Provider and model are resolved.
    fn run_started(&self, run: &Arc<LiveRun>);

    /// There is more text: the first at once, then at most one call in 125 ms and run. The last
    /// piece may come without a call of its own; [`RunObserver::run_ended`] covers it.
    /// The store has already recorded that text was shown.
    fn run_text(&self, run: &Arc<LiveRun>);

    /// There is more thinking; paced like text.
    fn run_thinking(&self, run: &Arc<LiveRun>);

    /// A tool call began, reports, or ended.
    fn run_tool(&self, run: &Arc<LiveRun>, event: &ToolEvent);

    /// The run reached its one terminal outcome, which is committed. `run` is `None` when the run
    /// never began (aborted in its queue, or given up at a restart). `message` is the final message
    /// for people (`{role, content, timestamp, ..}`), with the text of the whole run.
    fn run_ended(
        &self,
        info: &RunInfo,
        run: Option<&Arc<LiveRun>>,
        outcome: &Outcome,
        message: Option<&Value>,
    );

    /// The gateway has answered a slash command itself: a run that never asked a model. `message` is
    /// the whole answer as it is in the transcript.
    fn command_answered(&self, info: &RunInfo, outcome: &Outcome, message: &Value) {
        self.run_ended(info, None, outcome, Some(message));
    }

    /// A transcript entry was committed.
    fn entry_appended(&self, entry: AppendedEntry<'_>);

    /// A session's row changed; details are read from the store.
    fn session_changed(&self, key: &SessionKey, change: SessionChange);
}

/// Hears nothing: for embedders that only wait for outcomes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl RunObserver for Unobserved {
    fn run_started(&self, _: &Arc<LiveRun>) {}
    fn run_text(&self, _: &Arc<LiveRun>) {}
    fn run_thinking(&self, _: &Arc<LiveRun>) {}
    fn run_tool(&self, _: &Arc<LiveRun>, _: &ToolEvent) {}
    fn run_ended(&self, _: &RunInfo, _: Option<&Arc<LiveRun>>, _: &Outcome, _: Option<&Value>) {}
    fn entry_appended(&self, _: AppendedEntry<'_>) {}
    fn session_changed(&self, _: &SessionKey, _: SessionChange) {}
}
