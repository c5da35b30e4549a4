//! The sessions index in memory.

use openclaw_protocol::ids::{AgentId, SessionKey};

use super::State;
use crate::{
    clock::iso_with_dashes,
    session::{self, SessionRow},
    store::{
        Append, Compacted, Counts, Delete, Deleted, Reset, RunState, SessionEdit, SessionPage,
        SessionQuery, StoreError, StoredEntry,
    },
};

impl State {
    pub(super) fn newest(&self, fits: impl Fn(&SessionRow) -> bool) -> Option<SessionRow> {
        let found = self.sessions.values().filter(|row| fits(row));
        found.min_by_key(|row| (-row.entry.updated_at, row.key.clone())).cloned()
    }

    pub(super) fn page(&self, query: &SessionQuery) -> SessionPage {
        let mut rows: Vec<_> = self.sessions.values().filter(|row| query.matches(row)).collect();
        rows.sort_by_key(|row| (-query.order.time(&row.entry), &row.key));
        let total = rows.len() as u64;
        let limit = query.limit.unwrap_or(usize::MAX);
        SessionPage {
            rows: rows.into_iter().skip(query.offset).take(limit).cloned().collect(),
            total,
        }
    }

    /// Runs an edit and stores what it makes; a transcript that the session leaves is archived.
    pub(super) fn edit_session(
        &mut self,
        key: &SessionKey,
        agent: Option<&AgentId>,
        at: i64,
        edit: SessionEdit,
    ) -> Result<SessionRow, StoreError> {
        let old = self.sessions.get(key).cloned();
        let agent_id = session::store_of(key, agent, old.as_ref());
        let mut entry = edit(old.as_ref().map(|row| row.entry.clone()))?;
        session::complete(&mut entry)?;
        session::stamp(&mut entry, old.as_ref(), at);
        if let Some(label) = &entry.label
            && self
                .sessions
                .values()
                .any(|r| r.key != *key && r.entry.label.as_ref() == Some(label))
        {
            return Err(session::label_taken(label).into());
        }
        let same = old.as_ref().is_some_and(|o| o.entry.session_id == entry.session_id);
        let kept = old.as_ref().filter(|_| same).and_then(|o| o.entry.session_file.clone());
        entry.session_file = kept.or_else(|| Some(path(&agent_id, &entry.session_id)));
        let row = SessionRow { key: key.clone(), agent_id, entry };
        self.sessions.insert(key.clone(), row.clone());
        if let Some(old) = old.filter(|_| !same) {
            self.archive(&old, "reset", at);
        }
        Ok(row)
    }

    /// Takes a transcript out of sight, unless a session still has it. The archive's path.
    fn archive(&mut self, row: &SessionRow, reason: &str, at: i64) -> Option<String> {
        let id = &row.entry.session_id;
        if self.sessions.values().any(|other| other.entry.session_id == *id) {
            return None;
        }
        let transcript =
            self.transcripts.values_mut().find(|t| t.session_id.as_ref() == Some(id))?;
        transcript.session_id = None;
        Some(format!("{}.{reason}.{}", transcript.path, iso_with_dashes(at)))
    }

    pub(super) fn reset_session(
        &mut self,
        key: &SessionKey,
        reset: Reset,
    ) -> Result<SessionRow, StoreError> {
        let Reset { new_session_id, edit, at } = reset;
        let edit = move |old| Ok(edit(old)?.with_new_transcript(new_session_id));
        self.edit_session(key, None, at, Box::new(edit))
    }

    pub(super) fn delete_session(
        &mut self,
        key: &SessionKey,
        delete: Delete,
        at: i64,
    ) -> Result<Deleted, StoreError> {
        let Some(row) = self.sessions.get(key).cloned() else { return Ok(Deleted::default()) };
        if let Some(guard) = delete.guard {
            guard(&row.entry)?;
        }
        self.sessions.remove(key);
        let archived = delete.transcript.then(|| self.archive(&row, "deleted", at)).flatten();
        Ok(Deleted { row: Some(row), archived: archived.into_iter().collect() })
    }

    pub(super) fn compact_session(
        &mut self,
        key: &SessionKey,
        max_lines: usize,
        at: i64,
    ) -> Result<Compacted, StoreError> {
        let row = self.sessions.get(key);
        let row = row.ok_or_else(|| StoreError::not_found("session", key.as_str()))?;
        let id = row.entry.session_id.clone();
        let transcript = self.transcripts.values_mut().find(|t| t.session_id.as_ref() == Some(&id));
        let Some(transcript) = transcript else { return Ok(Compacted::default()) };
        let compacted = transcript.keep_last(max_lines.max(1));
        let archived =
            compacted.then(|| format!("{}.bak.{}", transcript.path, iso_with_dashes(at)));
        Ok(Compacted { compacted, archived, kept: transcript.active().count() })
    }

    pub(super) fn append_outside(
        &mut self,
        key: &SessionKey,
        append: Append,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let row = if let Some(edit) = append.session {
            self.edit_session(key, None, append.at, edit)?
        } else {
            let row = self.sessions.get(key).cloned();
            row.ok_or_else(|| StoreError::not_found("session", key.as_str()))?
        };
        let transcript = self.ensure_transcript(&row, &append.cwd, append.at);
        self.push(transcript, &append.entries)
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            sessions: self.sessions.len() as u64,
            queued: self.runs.in_state(RunState::Queued),
            running: self.runs.in_state(RunState::Running),
            unprojected: 0,
        }
    }
}

pub(super) fn path(agent: &AgentId, session_id: &str) -> String {
    format!("/memory/agents/{agent}/sessions/{session_id}.jsonl")
}
