//! Does the index of a transcript fit its file? If not, it is made anew.

use std::{fs, io};

use rusqlite::{Connection, OptionalExtension as _};

use super::Worker;
use crate::{
    error::{DbError, Result},
    turns::tables::{Transcript, by_session},
};

impl Worker {
    /// Makes the index of a session's transcript fit its file. Cheap when it does.
    pub(super) fn fit(&self, session_id: &str) -> Result<()> {
        self.project()?;
        let id = session_id.to_owned();
        let found = self.db.read_blocking(move |conn| load(conn, &id))?;
        let Some((transcript, synced)) = found else { return Ok(()) };
        let path = self.layout.transcript(&transcript.agent_id, &transcript.file);
        let length = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => 0,
            Err(e) => return Err(DbError::file(path)(e).into()),
        };
        // Read after the file's length: lines that were journalled meanwhile only make it larger.
        let id = session_id.to_owned();
        let now = self.db.read_blocking(move |conn| by_session(conn, &id))?;
        let fits = transcript.indexed
            && length >= synced
            && now.is_some_and(|now| length <= now.bytes.unsigned_abs());
        if fits { Ok(()) } else { self.rebuild(transcript.id) }
    }
}

/// The transcript, and how long its file must be at least.
fn load(conn: &Connection, session_id: &str) -> Result<Option<(Transcript, u64)>> {
    let snapshot = conn.unchecked_transaction()?;
    let Some(transcript) = by_session(conn, session_id)? else { return Ok(None) };
    let sql = "SELECT e.offset FROM pending p JOIN entries e ON e.transcript = p.transcript AND e.seq = p.seq \
               WHERE p.transcript = ?1 ORDER BY p.seq LIMIT 1";
    let pending: Option<i64> =
        conn.prepare_cached(sql)?.query_row([transcript.id], |row| row.get(0)).optional()?;
    drop(snapshot);
    let synced = pending.unwrap_or(transcript.bytes).unsigned_abs();
    Ok(Some((transcript, synced)))
}
