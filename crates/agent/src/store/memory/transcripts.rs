//! Transcripts in memory.

use std::collections::BTreeSet;

use openclaw_protocol::ids::AgentId;

use super::{State, sessions::path};
use crate::{
    session::SessionRow,
    store::{HistoryQuery, StoreError, StoredEntry, TranscriptInfo},
    transcript::{NewEntry, entry::next_id, header_line, tree::Fork},
    usage::{Fact, Span, Tally, UsageQuery, Used},
};

#[derive(Clone)]
pub(super) struct Transcript {
    /// `None` once it is archived.
    pub(super) session_id: Option<String>,
    agent_id: AgentId,
    /// The id, even when it is archived.
    id: String,
    changed_at: i64,
    pub(super) path: String,
    pub(super) entries: Vec<StoredEntry>,
    ids: BTreeSet<String>,
    bytes: u64,
    header_bytes: u64,
    pub(super) last_seq: u64,
    pub(super) messages: u64,
    pub(super) leaf: Option<String>,
    pub(super) forks: Vec<Fork>,
    /// Entries of branches that are not the active one.
    pub(super) aside: BTreeSet<u64>,
}

impl Transcript {
    pub(super) fn push(&mut self, entry: &NewEntry) -> Result<StoredEntry, StoreError> {
        let mut id = entry.id.clone();
        while self.ids.contains(&id) {
            id = next_id(&id);
        }
        let line = entry.line(&id, self.leaf.as_deref());
        let line = line.map_err(|e| StoreError::failed("write a transcript entry", e))?;
        let kind = entry.body.kind();
        self.last_seq += 1;
        self.messages += u64::from(kind.is_shown());
        self.bytes += line.len() as u64 + 1;
        self.ids.insert(id.clone());
        self.leaf = Some(id.clone());
        self.changed_at = entry.at;
        let message_seq = kind.is_shown().then_some(self.messages);
        let stored = StoredEntry { seq: self.last_seq, message_seq, entry_id: id, kind, line };
        self.entries.push(stored.clone());
        Ok(stored)
    }

    pub(super) fn window(&self, query: &HistoryQuery) -> Vec<StoredEntry> {
        let mut bytes = 0;
        let fits = |e: &&StoredEntry| {
            query.before_seq.is_none_or(|seq| e.seq < seq)
                && query.after_seq.is_none_or(|seq| e.seq > seq)
                && (!query.messages_only || e.message_seq.is_some())
        };
        let newest = self.active().rev().filter(fits).take(query.limit);
        let mut window: Vec<_> = newest
            .enumerate()
            .take_while(|(n, e)| {
                bytes += e.line.len();
                *n == 0 || bytes <= query.max_bytes
            })
            .map(|(_, e)| e.clone())
            .collect();
        window.reverse();
        window
    }

    pub(super) fn last_entry(&self, fits: impl Fn(&StoredEntry) -> bool) -> Option<StoredEntry> {
        self.active().rev().find(|e| fits(e)).cloned()
    }

    fn used(&self, span: &Span) -> Used {
        let mut tally = Tally::default();
        for fact in self.entries.iter().filter_map(|e| Fact::of_line(e.line.as_bytes())) {
            tally.push(&fact, span);
        }
        Used {
            agent_id: self.agent_id.clone(),
            session_id: self.id.clone(),
            path: self.path.clone(),
            archived: self.session_id.is_none(),
            changed_at: self.changed_at,
            tally,
        }
    }

    pub(super) fn info(&self) -> TranscriptInfo {
        TranscriptInfo {
            path: self.path.clone(),
            bytes: self.bytes,
            last_seq: self.last_seq,
            messages: self.messages,
            leaf: self.leaf.clone(),
        }
    }

    /// Drops all but the last `max` entries of the active branch. True when it had more.
    pub(super) fn keep_last(&mut self, max: usize) -> bool {
        let drop = self.active().count().saturating_sub(max);
        if drop == 0 {
            return false;
        }
        self.entries = self.active().skip(drop).cloned().collect();
        self.forks.clear();
        self.aside.clear();
        let lines: u64 = self.entries.iter().map(|e| e.line.len() as u64 + 1).sum();
        self.bytes = self.header_bytes + lines;
        self.ids = self.entries.iter().map(|e| e.entry_id.clone()).collect();
        true
    }
}

impl State {
    pub(super) fn transcript(&self, session_id: &str) -> Option<&Transcript> {
        self.transcripts.values().find(|t| t.session_id.as_deref() == Some(session_id))
    }

    pub(super) fn used(&self, query: &UsageQuery) -> Vec<Used> {
        let wanted = |t: &&Transcript| {
            query.agents.contains(&t.agent_id)
                && query.wants(&t.id)
                && t.changed_at >= query.span.from
        };
        self.transcripts.values().filter(wanted).map(|t| t.used(&query.span)).collect()
    }

    /// The transcript of a session, made where there is none.
    pub(super) fn ensure_transcript(&mut self, row: &SessionRow, cwd: &str, at: i64) -> u64 {
        let id = &row.entry.session_id;
        let found = self.transcripts.iter().find(|(_, t)| t.session_id.as_ref() == Some(id));
        if let Some((number, _)) = found {
            return *number;
        }
        let header = header_line(id, at, cwd).len() as u64 + 1;
        let transcript = Transcript {
            session_id: Some(id.clone()),
            agent_id: row.agent_id.clone(),
            id: id.clone(),
            changed_at: at,
            path: row.entry.session_file.clone().unwrap_or_else(|| path(&row.agent_id, id)),
            entries: Vec::new(),
            ids: BTreeSet::new(),
            bytes: header,
            header_bytes: header,
            last_seq: 0,
            messages: 0,
            leaf: None,
            forks: Vec::new(),
            aside: BTreeSet::new(),
        };
        self.next_transcript += 1;
        self.transcripts.insert(self.next_transcript, transcript);
        self.next_transcript
    }

    pub(super) fn push(
        &mut self,
        transcript: u64,
        entries: &[NewEntry],
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let found = self.transcripts.get_mut(&transcript);
        let found = found.ok_or_else(|| StoreError::not_found("session", "of the run"))?;
        entries.iter().map(|entry| found.push(entry)).collect()
    }
}
