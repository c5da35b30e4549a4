//! Transcript entries as they are read.

/// The type of a transcript line.
pub use crate::transcript::LineKind as EntryKind;

/// The most bytes of lines that one window holds unless the query says otherwise: 6 MiB, the cap of `chat.history`.
pub const DEFAULT_WINDOW_BYTES: usize = 6 * 1024 * 1024;

/// Which entries of a transcript. The newest that fit are taken; of what is left out, the newest is nearest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The transcript.
    pub session_id: String,
    /// Only entries before this one.
    pub before_seq: Option<u64>,
    /// Only entries after this one.
    pub after_seq: Option<u64>,
    /// Only what a reader sees: messages and compactions.
    pub messages_only: bool,
    /// At most so many entries.
    pub limit: usize,
    /// At most so many bytes of lines; but always one entry, when there is one.
    pub max_bytes: usize,
}

impl HistoryQuery {
    /// The last `limit` messages of a transcript.
    pub fn last_messages(session_id: impl Into<String>, limit: usize) -> Self {
        Self { messages_only: true, ..Self::last_entries(session_id, limit) }
    }

    /// The last `limit` entries of a transcript, of whatever kind.
    pub fn last_entries(session_id: impl Into<String>, limit: usize) -> Self {
        Self {
            session_id: session_id.into(),
            before_seq: None,
            after_seq: None,
            messages_only: false,
            limit,
            max_bytes: DEFAULT_WINDOW_BYTES,
        }
    }
}

/// An entry of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place among the transcript's entries, from 1; gaps are possible.
    pub seq: u64,
    /// Its place among the messages and compactions, from 1: what clients see as `__openclaw.seq`.
    pub message_seq: Option<u64>,
    /// The entry's id: what clients see as `__openclaw.id`.
    pub entry_id: String,
    /// What sort of entry.
    pub kind: EntryKind,
    /// The whole line as JSON text, without its line feed.
    pub line: String,
}

/// A transcript as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptInfo {
    /// Its absolute path; the file may be a moment behind the journal.
    pub path: String,
    /// Bytes, all committed entries included.
    pub bytes: u64,
    /// The last entry's `seq`; 0 when there is none.
    pub last_seq: u64,
    /// The last `message_seq`: how many messages and compactions were written to it.
    pub messages: u64,
    /// The last entry's id.
    pub leaf: Option<String>,
}
