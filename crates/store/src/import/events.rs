//! The database of one agent as OpenClaw 2026.9.6 leaves it, opened to read and never to write.
//!
//! Observed in state directories that 2026.9.6 made: `session_nodes` has a row for each session key with the
//! entry and the id of its current transcript; `session_windows` a row for each transcript;
//! `transcript_events` a row for each line, as JSON text or as a zstd frame with the length of the text;
//! `session_transcript_active_events` the lines that have not been left behind by an edit.
//! A reset does not begin a new transcript there: it is a line of type `reset` inside it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row};
use ruzstd::decoding::FrameDecoder;
use serde::Deserialize;

use crate::error::{DbError, Result};

/// The table layout that this reads: `schema_version` of the row `primary` in `schema_meta`.
const LAYOUT: i64 = 23;
/// The longest line that 2026.9.6 compresses, in bytes.
const MAX_COMPRESSED: i64 = 4 * 1024 * 1024;
/// The page cache, in KiB.
const CACHE_KIB: u32 = 2048;

/// A database of another program.
pub(super) struct Source {
    conn: Connection,
    path: PathBuf,
}

/// A session as its database has it.
pub(super) struct Node {
    pub(super) key: String,
    pub(super) session_id: String,
    /// JSON of one object.
    pub(super) entry: String,
}

/// What is known of a transcript before it is read.
pub(super) struct Outline {
    /// Lines that count; `None`: all.
    active: Option<BTreeSet<i64>>,
    /// The last reset that counts, and when it was.
    pub(super) reset: Option<Reset>,
}

/// A reset inside a transcript.
pub(super) struct Reset {
    pub(super) seq: i64,
    /// When it was, in the spelling of the line.
    pub(super) timestamp: String,
    /// The first line that belongs to the conversation after it.
    pub(super) from: i64,
}

impl Outline {
    /// Whether the line is part of the conversation.
    pub(super) fn is_active(&self, seq: i64) -> bool {
        self.active.as_ref().is_none_or(|active| active.contains(&seq))
    }
}

impl Source {
    /// Opens the database; `None` when there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<Connection> {
            let conn = Connection::open_with_flags(path, flags)?;
            conn.busy_timeout(Duration::from_secs(5))?;
            conn.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB}; BEGIN"))?;
            Ok(conn)
        };
        let source = open().map_err(|error| unreadable(path, &error))?;
        let source = Self { conn: source, path: path.into() };
        source.check_layout()?;
        Ok(Some(source))
    }

    fn check_layout(&self) -> Result<()> {
        let sql = "SELECT schema_version, app_version FROM schema_meta WHERE meta_key = 'primary'";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?));
        let (layout, version) = self.conn.query_row(sql, [], read).map_err(|e| self.failed(&e))?;
        let version = version.unwrap_or_else(|| "unknown".into());
        if layout > LAYOUT {
            return Err(self.refuse(format!(
                "OpenClaw {version} wrote it in table layout {layout}, and this version reads up to {LAYOUT}; \
                 install a newer version of this program, or move the file away to start without its sessions"
            )));
        }
        if layout < LAYOUT {
            return Err(self.refuse(format!(
                "OpenClaw {version} wrote it in table layout {layout}, and this version reads {LAYOUT}; let \
                 OpenClaw 2026.9.6 bring it up to date with `openclaw doctor --fix`, then start again"
            )));
        }
        Ok(())
    }

    fn refuse(&self, why: String) -> crate::error::TurnError {
        DbError::Foreign { path: self.path.clone(), why }.into()
    }

    fn failed(&self, error: &rusqlite::Error) -> crate::error::TurnError {
        unreadable(&self.path, error)
    }

    /// Every session.
    pub(super) fn each_node(&self, mut each: impl FnMut(Node) -> Result<()>) -> Result<()> {
        let sql = "SELECT session_key, current_session_id, entry_json FROM session_nodes ORDER BY session_key";
        let mut statement = self.conn.prepare(sql).map_err(|e| self.failed(&e))?;
        let mut rows = statement.query([]).map_err(|e| self.failed(&e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(&e))? {
            let node =
                || Ok(Node { key: row.get(0)?, session_id: row.get(1)?, entry: row.get(2)? });
            each(node().map_err(|e| self.failed(&e))?)?;
        }
        Ok(())
    }

    /// Transcripts that no session is at any more, with the time of their last change.
    pub(super) fn left(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT session_id, updated_at FROM session_windows w WHERE NOT EXISTS \
                   (SELECT 1 FROM session_nodes n WHERE n.current_session_id = w.session_id)";
        let read = || -> rusqlite::Result<Vec<(String, i64)>> {
            let mut statement = self.conn.prepare(sql)?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|e| self.failed(&e))
    }

    /// What is known of a transcript; `None` when it has no line.
    pub(super) fn outline(&self, session_id: &str) -> Result<Option<Outline>> {
        self.refuse_cold(session_id)?;
        let outline = || -> rusqlite::Result<Option<Outline>> {
            let sql = "SELECT EXISTS (SELECT 1 FROM transcript_events WHERE session_id = ?1)";
            if !self.conn.prepare_cached(sql)?.query_row([session_id], |row| row.get(0))? {
                return Ok(None);
            }
            let active = self.active(session_id)?;
            let mut outline = Outline { active, reset: None };
            outline.reset = self.last_reset(session_id, &outline)?;
            Ok(Some(outline))
        };
        outline().map_err(|e| self.failed(&e))
    }

    /// The lines that count, unless the index of them is not up to date.
    fn active(&self, session_id: &str) -> rusqlite::Result<Option<BTreeSet<i64>>> {
        let sql = "SELECT needs_rebuild = 0 AND indexed_seq >= \
                   (SELECT MAX(seq) FROM transcript_events WHERE session_id = ?1) \
                   FROM session_transcript_index_state WHERE session_id = ?1";
        let fits: Option<bool> =
            self.conn.prepare_cached(sql)?.query_row([session_id], |row| row.get(0)).optional()?;
        if fits != Some(true) {
            return Ok(None);
        }
        let sql = "SELECT event_seq FROM session_transcript_active_events WHERE session_id = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([session_id], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>().map(Some)
    }

    fn last_reset(&self, session_id: &str, outline: &Outline) -> rusqlite::Result<Option<Reset>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Line {
            #[serde(default)]
            timestamp: String,
            first_kept_entry_id: Option<String>,
        }
        let sql = "SELECT i.seq, e.event_json FROM transcript_event_identities i \
                   JOIN transcript_events e ON e.session_id = i.session_id AND e.seq = i.seq \
                   WHERE i.session_id = ?1 AND i.event_type = 'reset' ORDER BY i.seq DESC";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([session_id])?;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            if !outline.is_active(seq) {
                continue;
            }
            let text: Option<String> = row.get(1)?;
            let line = text.and_then(|text| serde_json::from_str::<Line>(&text).ok());
            let kept = line.as_ref().and_then(|line| line.first_kept_entry_id.as_deref());
            let from = kept.map(|id| self.seq_of(session_id, id)).transpose()?.flatten();
            let timestamp = line.map(|line| line.timestamp).unwrap_or_default();
            return Ok(Some(Reset { seq, timestamp, from: from.unwrap_or(seq + 1) }));
        }
        Ok(None)
    }

    fn seq_of(&self, session_id: &str, entry: &str) -> rusqlite::Result<Option<i64>> {
        let sql =
            "SELECT seq FROM transcript_event_identities WHERE session_id = ?1 AND event_id = ?2";
        self.conn.prepare_cached(sql)?.query_row([session_id, entry], |row| row.get(0)).optional()
    }

    /// A transcript in cold storage has no lines here; nothing else must be taken for it.
    fn refuse_cold(&self, session_id: &str) -> Result<()> {
        let sql = "SELECT archive_name FROM session_transcript_cold_archives WHERE session_id = ?1";
        let cold: Option<String> = self
            .conn
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row([session_id], |row| row.get(0)).optional())
            .map_err(|e| self.failed(&e))?;
        match cold {
            None => Ok(()),
            Some(name) => Err(self.refuse(format!(
                "the transcript {session_id} lies in cold storage ({name}), which is not read here; open that \
                 session in OpenClaw 2026.9.6 once, so that it comes back, then start again"
            ))),
        }
    }

    /// Every line of a transcript with its number, in order.
    pub(super) fn each_line(
        &self,
        session_id: &str,
        mut each: impl FnMut(i64, &str) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT seq, event_json, event_zstd, event_utf8_bytes FROM transcript_events \
                   WHERE session_id = ?1 ORDER BY seq";
        let mut statement = self.conn.prepare_cached(sql).map_err(|e| self.failed(&e))?;
        let mut rows = statement.query([session_id]).map_err(|e| self.failed(&e))?;
        let mut decoder = FrameDecoder::new();
        while let Some(row) = rows.next().map_err(|e| self.failed(&e))? {
            let seq: i64 = row.get(0).map_err(|e| self.failed(&e))?;
            let plain = row.get_ref(1).map_err(|e| self.failed(&e))?;
            if let Ok(text) = plain.as_str() {
                each(seq, text)?;
                continue;
            }
            let text = unpack(&mut decoder, row).map_err(|why| {
                self.refuse(format!("line {seq} of the transcript {session_id} {why}"))
            })?;
            each(seq, &text)?;
        }
        Ok(())
    }
}

fn unpack(decoder: &mut FrameDecoder, row: &Row<'_>) -> std::result::Result<String, String> {
    const RESTORE: &str =
        "put the file back from a backup, or move it away to start without its sessions";
    let length: i64 = row.get(3).unwrap_or_default();
    let length = usize::try_from(length.clamp(0, MAX_COMPRESSED)).unwrap_or_default();
    let packed: Vec<u8> = row.get(2).map_err(|_| format!("is neither text nor zstd; {RESTORE}"))?;
    let mut text = vec![0; length];
    match decoder.decode_all(&packed, &mut text) {
        Ok(n) if n == length => {
            String::from_utf8(text).map_err(|_| format!("is not UTF-8; {RESTORE}"))
        }
        _ => Err(format!("cannot be unpacked; {RESTORE}")),
    }
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> crate::error::TurnError {
    use rusqlite::ErrorCode as Code;
    let what_to_do = match error.sqlite_error_code() {
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
            "stop the OpenClaw that uses it with its own `openclaw gateway stop`"
        }
        _ => {
            "put it and its -wal file back from a backup, or move them away to start without its sessions"
        }
    };
    DbError::Foreign { path: path.into(), why: format!("{error}; {what_to_do}") }.into()
}
