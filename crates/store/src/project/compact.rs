//! A transcript is cut down to its last entries.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use openclaw_agent::{
    clock::iso_with_dashes,
    store::{Compacted, StoreError},
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Worker;
use crate::{
    error::{DbError, Result},
    files::{self, Replacement},
    turns::{
        NewIndex,
        tables::{Transcript, by_session, swap},
    },
};

/// How often a transcript that is being written to is brought up to date before compacting is refused.
const TRIES: usize = 5;

enum Plan {
    Cut(Cut),
    /// So many entries are not too many.
    Nothing(usize),
    /// Lines are not in the file yet.
    Behind,
}

/// What stays of a transcript.
struct Cut {
    old: Transcript,
    /// The entries that stay, oldest first.
    kept: Vec<Kept>,
    /// Where the header ends; 0 when there is none.
    header_end: i64,
}

/// A line that stays.
struct Kept {
    seq: i64,
    /// Where it begins in the file as it was.
    offset: i64,
    length: i64,
}

impl Worker {
    /// Cuts a session's transcript to its header and the last entries of its active branch; the whole
    /// file stays as `.bak`.
    pub(super) fn compact(&self, session_id: &str, max_lines: usize) -> Result<Compacted> {
        let mut plan = Plan::Behind;
        for _ in 0..TRIES {
            self.fit(session_id)?;
            let id = session_id.to_owned();
            plan = self.db.read_blocking(move |conn| make_plan(conn, &id, max_lines.max(1)))?;
            if !matches!(plan, Plan::Behind) {
                break;
            }
        }
        let cut = match plan {
            Plan::Cut(cut) => cut,
            Plan::Nothing(kept) => return Ok(Compacted { kept, ..Compacted::default() }),
            Plan::Behind => return Err(StoreError::Busy.into()),
        };
        let path = self.layout.transcript(&cut.old.agent_id, &cut.old.file);
        let archive = free_name(&path, self.options.clock.now_ms());
        replace(&path, &archive, &cut).map_err(DbError::file(&path))?;
        let kept = cut.kept.len();
        self.db.write_blocking(move |conn| reindex(conn, &cut))?;
        crate::turns::sweep(&self.db, self.options.clock.now_ms())?;
        let archived = Some(archive.to_string_lossy().into_owned());
        Ok(Compacted { compacted: true, archived, kept })
    }
}

/// `<file>.bak.<time>`, a millisecond later where there is such a file.
fn free_name(path: &Path, mut at: i64) -> PathBuf {
    loop {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".bak.{}", iso_with_dashes(at)));
        let archive = path.with_file_name(name);
        if !archive.exists() {
            return archive;
        }
        at += 1;
    }
}

/// Where to cut, in one snapshot.
fn make_plan(conn: &Connection, session_id: &str, max_lines: usize) -> Result<Plan> {
    let _snapshot = conn.unchecked_transaction()?;
    let Some(old) = by_session(conn, session_id)? else { return Ok(Plan::Nothing(0)) };
    let behind: bool = conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM pending WHERE transcript = ?1)",
        [old.id],
        |row| row.get(0),
    )?;
    if behind {
        return Ok(Plan::Behind);
    }
    let entries: i64 = conn.query_row(
        "SELECT COUNT(*) FROM entries WHERE transcript = ?1 AND seq > 0 AND aside = 0",
        [old.id],
        |row| row.get(0),
    )?;
    let entries = usize::try_from(entries).unwrap_or(0);
    if entries <= max_lines {
        return Ok(Plan::Nothing(entries));
    }
    let kept = last_lines(conn, old.id, max_lines)?;
    let header: Option<i64> = conn
        .query_row(
            "SELECT offset + length + 1 FROM entries WHERE transcript = ?1 AND seq = 0",
            [old.id],
            |row| row.get(0),
        )
        .optional()?;
    Ok(Plan::Cut(Cut { old, kept, header_end: header.unwrap_or(0) }))
}

/// The last entries of the active branch.
fn last_lines(conn: &Connection, transcript: i64, max: usize) -> Result<Vec<Kept>> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, offset, length FROM entries WHERE transcript = ?1 AND seq > 0 AND aside = 0 \
         ORDER BY seq DESC LIMIT ?2",
    )?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = statement.query_map([transcript, max], |row| {
        Ok(Kept { seq: row.get(0)?, offset: row.get(1)?, length: row.get(2)? })
    })?;
    let mut kept = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    kept.reverse();
    Ok(kept)
}

/// Writes the shorter file, keeps the old one under another name, and puts the new one in its place.
fn replace(path: &Path, archive: &Path, cut: &Cut) -> io::Result<()> {
    let mut old = File::open(path)?;
    let mut new = Replacement::of(path)?;
    io::copy(&mut (&old).take(cut.header_end.unsigned_abs()), &mut new)?;
    for line in &cut.kept {
        old.seek(SeekFrom::Start(line.offset.unsigned_abs()))?;
        io::copy(&mut (&old).take(line.length.unsigned_abs()), &mut new)?;
        new.write_all(b"\n")?;
    }
    new.sync()?;
    fs::hard_link(path, archive)?;
    if let Some(dir) = path.parent() {
        files::sync_dir(dir)?;
    }
    new.rename()
}

/// The index of the shorter file, in which each line follows the one before. Lines that were
/// journalled meanwhile follow behind.
fn reindex(conn: &Connection, cut: &Cut) -> Result<()> {
    let old = &cut.old;
    let mut new = Transcript::insert(conn, None, &old.agent_id, &old.file, true)?;
    let mut copy = conn.prepare_cached(
        "INSERT INTO entries (transcript, seq, message_seq, entry_id, kind, offset, length, run) \
         SELECT ?3, seq, message_seq, entry_id, kind, ?4, length, run \
         FROM entries WHERE transcript = ?1 AND seq = ?2",
    )?;
    conn.execute(
        "INSERT INTO entries (transcript, seq, entry_id, kind, offset, length) \
         SELECT ?2, seq, entry_id, kind, offset, length FROM entries WHERE transcript = ?1 AND seq = 0",
        [old.id, new.id],
    )?;
    new.bytes = cut.header_end;
    for line in &cut.kept {
        copy.execute(params![old.id, line.seq, new.id, new.bytes])?;
        new.bytes += line.length + 1;
    }
    // As the plan saw them: entries journalled since are pending, and come behind in the swap.
    new.last_seq = old.last_seq;
    new.messages = old.messages;
    new.leaf.clone_from(&old.leaf);
    swap(conn, NewIndex { old: old.id, new })
}
