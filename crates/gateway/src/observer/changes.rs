//! `sessions.changed`: what changed in the list of sessions, with the row as it is now.

use std::sync::Arc;

use openclaw_agent::observer::SessionChange;
use openclaw_protocol::{
    events::sessions::SessionsChangedEvent,
    ids::{RunId, SessionKey},
};
use tokio::sync::mpsc;

use crate::{bus::To, handlers::session_row, state::App};

/// Changes that wait to be told; a further one is left out.
pub(crate) const MAX_CHANGES: usize = 1024;

/// Why a session's row changed: the `phase` of a run, or a `reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListReason {
    Start,
    End,
    Error,
    Message,
    Send,
    Steer,
    Abort,
    Reset,
    Create,
    Patch,
    Delete,
    Rewind,
    BranchSwitch,
}

impl ListReason {
    /// The wire fields `phase` and `reason`, of which one is told.
    fn names(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Start => (Some("start"), None),
            Self::End => (Some("end"), None),
            Self::Error => (Some("error"), None),
            Self::Message => (Some("message"), None),
            Self::Send => (None, Some("send")),
            Self::Steer => (None, Some("steer")),
            Self::Abort => (None, Some("abort")),
            Self::Reset => (None, Some("reset")),
            Self::Create => (None, Some("create")),
            Self::Patch => (None, Some("patch")),
            Self::Delete => (None, Some("delete")),
            Self::Rewind => (None, Some("rewind")),
            Self::BranchSwitch => (None, Some("branch-switch")),
        }
    }
}

impl From<SessionChange> for ListReason {
    fn from(change: SessionChange) -> Self {
        match change {
            SessionChange::Start => Self::Start,
            SessionChange::End => Self::End,
            SessionChange::Error => Self::Error,
            SessionChange::Send => Self::Send,
            SessionChange::Steer => Self::Steer,
            SessionChange::Abort => Self::Abort,
            SessionChange::Reset => Self::Reset,
            SessionChange::Create => Self::Create,
        }
    }
}

/// One change, before its row is looked up.
#[derive(Debug)]
pub(crate) struct Change {
    key: SessionKey,
    reason: ListReason,
    at: i64,
    /// The run that began or ended.
    pub(super) run: Option<RunId>,
    /// The message that was appended: its id and number.
    pub(super) message: Option<(String, u64)>,
}

impl Change {
    pub(super) fn new(key: &SessionKey, reason: ListReason, at: i64) -> Self {
        Self { key: key.clone(), reason, at, run: None, message: None }
    }
}

/// Looks up rows and tells, until the observer is gone.
pub(crate) async fn tell(app: Arc<App>, mut changes: mpsc::Receiver<Change>) {
    while let Some(change) = changes.recv().await {
        let row = match change.reason {
            ListReason::Delete => None,
            // A row that cannot be read is left out: the event is a hint to look.
            _ => app.store.session(&change.key).await.ok().flatten(),
        };
        let (phase, reason) = change.reason.names();
        let (message_id, message_seq) = change.message.unzip();
        let event = SessionsChangedEvent {
            session_key: Some(change.key.to_string()),
            agent_id: openclaw_agent::session::agent_of(&change.key).map(|id| id.to_string()),
            phase: phase.map(str::to_owned),
            reason: reason.map(str::to_owned),
            run_id: change.run.map(|run| run.to_string()),
            message_id,
            message_seq,
            ts: u64::try_from(change.at).unwrap_or_default(),
            session: row.as_ref().map(|row| Box::new(session_row(&app, &change.key, Some(row)))),
            ..SessionsChangedEvent::default()
        };
        let new = change.reason == ListReason::Create;
        app.bus.emit(&event, if new { To::NewSession } else { To::SessionList });
    }
}
