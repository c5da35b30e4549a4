//! The journal: each line of a transcript is a row before it is in the file.

use openclaw_agent::{
    session::SessionRow,
    store::{Append, StoreError, StoredEntry},
    transcript::{LineKind, NewEntry, entry::next_id, header_line},
};
use openclaw_protocol::ids::{AgentId, SessionKey};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::sessions;
use crate::{
    error::Result,
    layout::{Layout, transcript_name},
};

/// A transcript's row.
#[derive(Debug, Clone)]
pub(crate) struct Transcript {
    pub(crate) id: i64,
    pub(crate) session_id: Option<String>,
    pub(crate) agent_id: AgentId,
    pub(crate) file: String,
    pub(crate) indexed: bool,
    pub(crate) generation: i64,
    /// Length of the file when all lines are in it.
    pub(crate) bytes: i64,
    pub(crate) last_seq: i64,
    pub(crate) messages: i64,
    pub(crate) leaf: Option<String>,
}

/// A line on its way into the tables.
pub(crate) struct Line<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: LineKind,
    pub(crate) offset: i64,
    pub(crate) length: i64,
    pub(crate) run: Option<i64>,
    /// The entry that it follows, when that is not the last one.
    pub(crate) parent: Option<i64>,
}

/// The generation of a transcript whose file the import wrote: the original lies elsewhere, untouched.
const OWN_COPY: i64 = -1;

const COLUMNS: &str =
    "id, session_id, agent_id, file, indexed, generation, bytes, last_seq, messages, leaf";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Transcript> {
    Ok(Transcript {
        id: row.get(0)?,
        session_id: row.get(1)?,
        agent_id: AgentId::from(row.get::<_, String>(2)?),
        file: row.get(3)?,
        indexed: row.get(4)?,
        generation: row.get(5)?,
        bytes: row.get(6)?,
        last_seq: row.get(7)?,
        messages: row.get(8)?,
        leaf: row.get(9)?,
    })
}

pub(crate) fn by_session(conn: &Connection, session_id: &str) -> Result<Option<Transcript>> {
    let sql = format!("SELECT {COLUMNS} FROM transcripts WHERE session_id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([session_id], from_row).optional()?)
}

pub(crate) fn by_id(conn: &Connection, id: i64) -> Result<Option<Transcript>> {
    let sql = format!("SELECT {COLUMNS} FROM transcripts WHERE id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// The id of a session's transcript, when another program wrote it and it has not been read.
pub(super) fn foreign_of(conn: &Connection, key: &SessionKey) -> Result<Option<String>> {
    let sql = "SELECT t.session_id FROM sessions s JOIN transcripts t ON t.session_id = s.session_id \
               WHERE s.key = ?1 AND t.indexed = 0";
    Ok(conn.prepare_cached(sql)?.query_row([key.as_str()], |row| row.get(0)).optional()?)
}

/// The transcript of a session; a new one has its header in the journal.
pub(super) fn ensure(
    conn: &Connection,
    row: &SessionRow,
    cwd: &str,
    at: i64,
) -> Result<Transcript> {
    let id = &row.entry.session_id;
    if let Some(found) = by_session(conn, id)? {
        return Ok(found);
    }
    let file = transcript_name(row.entry.session_file.as_deref(), id);
    let mut transcript = Transcript::insert(conn, Some(id), &row.agent_id, &file, true)?;
    let header = header_line(id, at, cwd);
    let line = Line {
        id,
        kind: LineKind::Session,
        offset: 0,
        length: i64::try_from(header.len()).unwrap_or(i64::MAX),
        run: None,
        parent: None,
    };
    insert_line(conn, &mut transcript, &line)?;
    insert_pending(conn, transcript.id, 0, &header)?;
    transcript.save(conn)?;
    Ok(transcript)
}

/// Puts a line into the index and moves the transcript's end behind it. The header gets seq 0.
pub(crate) fn insert_line(conn: &Connection, t: &mut Transcript, line: &Line<'_>) -> Result<i64> {
    let seq = if line.kind == LineKind::Session && t.last_seq == 0 {
        0
    } else {
        t.last_seq += 1;
        t.leaf = Some(line.id.to_owned());
        t.last_seq
    };
    t.messages += i64::from(line.kind.is_shown());
    t.bytes = line.offset + line.length + 1;
    let message_seq = line.kind.is_shown().then_some(t.messages);
    conn.prepare_cached(
        "INSERT OR REPLACE INTO entries (transcript, seq, message_seq, entry_id, kind, offset, length, run, parent) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        t.id,
        seq,
        message_seq,
        line.id,
        line.kind.number(),
        line.offset,
        line.length,
        line.run,
        line.parent,
    ])?;
    Ok(seq)
}

fn insert_pending(conn: &Connection, transcript: i64, seq: i64, line: &str) -> Result<()> {
    conn.prepare_cached("INSERT INTO pending (transcript, seq, line) VALUES (?1, ?2, ?3)")?
        .execute(params![transcript, seq, line])?;
    Ok(())
}

/// Appends entries to a transcript by its number.
pub(super) fn append(
    conn: &Connection,
    transcript: i64,
    run: Option<i64>,
    entries: &[NewEntry],
) -> Result<Vec<StoredEntry>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let found = by_id(conn, transcript)?;
    let mut found = found.ok_or_else(|| StoreError::not_found("session", "of the run"))?;
    found.append(conn, run, entries)
}

pub(super) fn append_outside(
    conn: &Connection,
    layout: &Layout,
    key: &SessionKey,
    append: Append,
) -> Result<Vec<StoredEntry>> {
    let row = if let Some(edit) = append.session {
        sessions::edit(conn, layout, (key, None), append.at, edit)?
    } else {
        let row = sessions::by_key(conn, key)?;
        row.ok_or_else(|| StoreError::not_found("session", key.as_str()))?
    };
    ensure(conn, &row, &append.cwd, append.at)?.append(conn, None, &append.entries)
}

impl Transcript {
    pub(crate) fn insert(
        conn: &Connection,
        session_id: Option<&str>,
        agent_id: &AgentId,
        file: &str,
        indexed: bool,
    ) -> Result<Self> {
        conn.prepare_cached(
            "INSERT INTO transcripts (session_id, agent_id, file, indexed) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![session_id, agent_id.as_str(), file, indexed])?;
        Ok(Self {
            id: conn.last_insert_rowid(),
            session_id: session_id.map(str::to_owned),
            agent_id: agent_id.clone(),
            file: file.to_owned(),
            indexed,
            generation: 0,
            bytes: 0,
            last_seq: 0,
            messages: 0,
            leaf: None,
        })
    }

    /// Marks the file as one that the import wrote.
    pub(crate) fn mark_own_copy(mut self, conn: &Connection) -> Result<()> {
        self.generation = OWN_COPY;
        self.save(conn)
    }

    /// The import wrote the file.
    pub(crate) fn own_copy(&self) -> bool {
        self.generation == OWN_COPY
    }

    /// Writes the row back.
    pub(crate) fn save(&self, conn: &Connection) -> Result<()> {
        conn.prepare_cached(
            "UPDATE transcripts SET session_id = ?2, file = ?3, indexed = ?4, generation = ?5, bytes = ?6, \
             last_seq = ?7, messages = ?8, leaf = ?9 WHERE id = ?1",
        )?
        .execute(params![
            self.id,
            self.session_id,
            self.file,
            self.indexed,
            self.generation,
            self.bytes,
            self.last_seq,
            self.messages,
            self.leaf,
        ])?;
        Ok(())
    }

    /// Appends entries to the journal, each behind the one before.
    pub(super) fn append(
        &mut self,
        conn: &Connection,
        run: Option<i64>,
        entries: &[NewEntry],
    ) -> Result<Vec<StoredEntry>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let push = |entry| self.push(conn, run, entry, None);
        let stored = entries.iter().map(push).collect::<Result<_>>()?;
        self.save(conn)?;
        Ok(stored)
    }

    /// Appends an entry that follows an earlier one, which is the leaf. The caller settles and saves.
    pub(super) fn append_fork(
        &mut self,
        conn: &Connection,
        entry: &NewEntry,
        parent: i64,
    ) -> Result<()> {
        self.push(conn, None, entry, Some(parent)).map(drop)
    }

    fn push(
        &mut self,
        conn: &Connection,
        run: Option<i64>,
        entry: &NewEntry,
        parent: Option<i64>,
    ) -> Result<StoredEntry> {
        let mut id = entry.id.clone();
        while has_entry(conn, self.id, &id)? {
            id = next_id(&id);
        }
        let text = entry.line(&id, self.leaf.as_deref())?;
        let kind = entry.body.kind();
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let line = Line { id: &id, kind, offset: self.bytes, length, run, parent };
        let seq = insert_line(conn, self, &line)?;
        insert_pending(conn, self.id, seq, &text)?;
        Ok(StoredEntry {
            seq: seq.unsigned_abs(),
            message_seq: kind.is_shown().then(|| self.messages.unsigned_abs()),
            entry_id: id,
            kind,
            line: text,
        })
    }
}

pub(super) fn has_entry(conn: &Connection, transcript: i64, id: &str) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM entries WHERE transcript = ?1 AND entry_id = ?2 AND seq > 0)";
    Ok(conn.prepare_cached(sql)?.query_row(params![transcript, id], |row| row.get(0))?)
}
