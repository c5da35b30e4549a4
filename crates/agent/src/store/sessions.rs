//! Questions to the sessions index, and changes of whole sessions.

use openclaw_protocol::ids::AgentId;

use super::Reject;
use crate::session::{SessionEntry, SessionRow};

/// Makes the new entry of a session from its present one, or refuses. Runs inside the write transaction.
pub type SessionEdit = Box<dyn FnOnce(Option<SessionEntry>) -> Result<SessionEntry, Reject> + Send>;

/// Looks at a session inside the write transaction, before something happens to it; may refuse.
pub type SessionGuard = Box<dyn FnOnce(&SessionEntry) -> Result<(), Reject> + Send>;

/// What comes first in a list of sessions; equal times go by key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SessionOrder {
    /// The latest change.
    #[default]
    Changed,
    /// The latest message that began a turn ([`SessionEntry::last_interaction`]).
    Interaction,
}

impl SessionOrder {
    /// The time that a row is sorted by.
    pub fn time(self, entry: &SessionEntry) -> i64 {
        match self {
            Self::Changed => entry.updated_at,
            Self::Interaction => entry.last_interaction().unwrap_or_default(),
        }
    }
}

/// Which sessions to list. All given conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionQuery {
    /// Sessions of this agent only.
    pub agent_id: Option<AgentId>,
    /// Sessions whose key, label, display name, subject or id holds this text, whatever the case.
    pub search: Option<String>,
    /// Sessions with this very label.
    pub label: Option<String>,
    /// Sessions spawned by this key.
    pub spawned_by: Option<String>,
    /// Sessions active at or after this time, milliseconds since the epoch.
    pub active_since: Option<i64>,
    /// Leaves out the session `global`.
    pub without_global: bool,
    /// Leaves out the session `unknown`.
    pub without_unknown: bool,
    /// What comes first.
    pub order: SessionOrder,
    /// At most so many; `None` for all.
    pub limit: Option<usize>,
    /// Leaves out the first so many.
    pub offset: usize,
}

impl SessionQuery {
    /// The row meets the conditions; limit and offset aside.
    pub fn matches(&self, row: &SessionRow) -> bool {
        let entry = &row.entry;
        self.agent_id.as_ref().is_none_or(|id| *id == row.agent_id)
            && self.label.as_ref().is_none_or(|label| entry.label.as_ref() == Some(label))
            && self.spawned_by.as_ref().is_none_or(|key| entry.spawned_by.as_ref() == Some(key))
            && self.active_since.is_none_or(|since| entry.updated_at >= since)
            && !(self.without_global && row.key.as_str() == "global")
            && !(self.without_unknown && row.key.as_str() == "unknown")
            && self.needle().is_none_or(|text| search_text(row).contains(&text))
    }

    /// What is searched for, in lower case; `None` when nothing is.
    pub fn needle(&self) -> Option<String> {
        let text = self.search.as_ref()?.trim().to_lowercase();
        (!text.is_empty()).then_some(text)
    }
}

/// The text of a row that searches look through, in lower case.
pub fn search_text(row: &SessionRow) -> String {
    let entry = &row.entry;
    let named = [&entry.label, &entry.display_name, &entry.subject];
    let mut text = format!("{}\n{}", row.key, entry.session_id);
    for part in named.into_iter().flatten() {
        text.push('\n');
        text.push_str(part);
    }
    text.to_lowercase()
}

/// A page of sessions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionPage {
    /// The latest first, by the query's order.
    pub rows: Vec<SessionRow>,
    /// How many match without limit and offset.
    pub total: u64,
}

/// How a session is reset.
pub struct Reset {
    /// The new transcript's id, a UUID.
    pub new_session_id: String,
    /// Makes the new entry from the old one. The store then sets `session_id` and `session_file`.
    pub edit: SessionEdit,
    /// When, milliseconds since the epoch; the archive's name has it.
    pub at: i64,
}

/// How a session is deleted.
pub struct Delete {
    /// Its transcript is taken out of sight too.
    pub transcript: bool,
    /// Refuses to delete it.
    pub guard: Option<SessionGuard>,
}

impl Delete {
    /// Whatever the session is.
    pub fn unconditional(transcript: bool) -> Self {
        Self { transcript, guard: None }
    }
}

/// What deleting a session did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deleted {
    /// The session there was.
    pub row: Option<SessionRow>,
    /// Absolute paths of archived transcripts.
    pub archived: Vec<String>,
}

/// What compacting a transcript did; the names are those of the method's result.
#[expect(clippy::struct_field_names, reason = "the words of the wire")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Something was cut.
    pub compacted: bool,
    /// Absolute path of the archived transcript.
    pub archived: Option<String>,
    /// How many entries the transcript has now.
    pub kept: usize,
}
