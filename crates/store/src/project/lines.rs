//! Journal lines are appended to their files; archives get their names.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::FileExt as _,
    path::Path,
};

use openclaw_agent::crash;
use openclaw_protocol::ids::AgentId;
use rusqlite::{Connection, params};

use super::Worker;
use crate::{
    error::{DbError, Result},
    files,
};

/// Bytes of lines that are taken from the journal at once: the bound of this thread's memory, but for one longer line.
const BATCH_BYTES: usize = 1024 * 1024;
/// Lines that are taken from the journal at once.
const BATCH_LINES: usize = 2_000;

/// Lines for one file.
#[derive(Debug, Default)]
struct Group {
    transcript: i64,
    agent: String,
    file: String,
    /// Where the first line belongs.
    offset: u64,
    /// The lines, with their line feeds.
    text: String,
    /// Their rows in `pending`.
    rows: Vec<i64>,
}

/// A file that is to get another name.
#[derive(Debug)]
struct Move {
    id: i64,
    agent: String,
    source: String,
    target: String,
}

#[derive(Debug, Default)]
struct Batch {
    moves: Vec<Move>,
    groups: Vec<Group>,
}

/// Whether lines found their place.
enum Appended {
    Yes,
    /// The file is not what the index says.
    Misfit,
}

impl Worker {
    /// Brings everything that is in the journal now into the files.
    pub(super) fn project(&self) -> Result<()> {
        loop {
            let Batch { moves, groups } = self.db.read_blocking(load)?;
            if moves.is_empty() && groups.is_empty() {
                return Ok(());
            }
            let moved = !moves.is_empty();
            for work in moves {
                self.rename(work)?;
            }
            let mut done = Vec::new();
            let mut misfits = Vec::new();
            for group in groups {
                match self.append(&group)? {
                    Appended::Yes => done.extend(group.rows),
                    Appended::Misfit => misfits.push(group.transcript),
                }
            }
            crash::point("projection-before-mark");
            self.db.write_blocking(move |conn| forget_pending(conn, &done))?;
            for transcript in misfits {
                self.rebuild(transcript)?;
            }
            if moved {
                crate::turns::sweep(&self.db, self.options.clock.now_ms())?;
            }
        }
    }

    fn append(&self, group: &Group) -> Result<Appended> {
        let agent = AgentId::new(group.agent.as_str());
        let dir = self.layout.sessions_dir(&agent);
        let path = dir.join(&group.file);
        append(&dir, &path, group).map_err(|e| DbError::file(path)(e).into())
    }

    /// Gives an archived transcript its name. A file that is not there was never written; then there is nothing to do.
    fn rename(&self, Move { id, agent, source, target }: Move) -> Result<()> {
        let dir = self.layout.sessions_dir(&AgentId::from(agent));
        let source = dir.join(source);
        match fs::rename(&source, dir.join(target)).and_then(|()| files::sync_dir(&dir)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(DbError::file(source)(e).into());
            }
            _ => {}
        }
        self.db.write_blocking(move |conn| -> Result<()> {
            conn.execute("DELETE FROM moves WHERE id = ?1", [id])?;
            Ok(())
        })
    }
}

/// Appends what the file lacks. A file that ends in a part of the lines, cut off by a crash, is completed.
fn append(dir: &Path, path: &Path, group: &Group) -> io::Result<Appended> {
    if group.offset == 0 {
        files::create_dir(dir)?;
    }
    let mut file = files::open_append(path)?;
    let length = file.metadata()?.len();
    let Some(there) = length.checked_sub(group.offset) else { return Ok(Appended::Misfit) };
    let there = usize::try_from(there).unwrap_or(usize::MAX).min(group.text.len());
    let text = group.text.as_bytes();
    if !holds(&file, group.offset, &text[..there])? {
        return Ok(Appended::Misfit);
    }
    file.write_all(&text[there..])?;
    crash::point("projection-appended");
    file.sync_data()?;
    if group.offset == 0 {
        files::sync_dir(dir)?;
    }
    Ok(Appended::Yes)
}

fn holds(file: &File, offset: u64, bytes: &[u8]) -> io::Result<bool> {
    let mut there = vec![0; bytes.len()];
    file.read_exact_at(&mut there, offset)?;
    Ok(there == bytes)
}

/// The oldest pending lines, by file.
fn load(conn: &Connection) -> Result<Batch> {
    let snapshot = conn.unchecked_transaction()?;
    let mut batch = Batch::default();
    let mut moves =
        conn.prepare_cached("SELECT id, agent_id, source, target FROM moves ORDER BY id")?;
    for row in moves.query_map([], |row| {
        Ok(Move { id: row.get(0)?, agent: row.get(1)?, source: row.get(2)?, target: row.get(3)? })
    })? {
        batch.moves.push(row?);
    }
    let mut lines = conn.prepare_cached(
        "SELECT p.id, p.transcript, p.line, e.offset FROM pending p \
         JOIN entries e ON e.transcript = p.transcript AND e.seq = p.seq \
         ORDER BY p.transcript, p.seq LIMIT ?1",
    )?;
    let mut rows = lines.query([i64::try_from(BATCH_LINES).unwrap_or(i64::MAX)])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let (id, transcript, line): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        bytes += line.len() + 1;
        if bytes > BATCH_BYTES && !batch.groups.is_empty() {
            break;
        }
        if batch.groups.last().is_none_or(|group| group.transcript != transcript) {
            let offset = row.get::<_, i64>(3)?.unsigned_abs();
            batch.groups.push(group(conn, transcript, offset)?);
        }
        if let Some(group) = batch.groups.last_mut() {
            group.text.push_str(&line);
            group.text.push('\n');
            group.rows.push(id);
        }
    }
    drop(rows);
    drop(snapshot);
    Ok(batch)
}

fn group(conn: &Connection, transcript: i64, offset: u64) -> Result<Group> {
    let sql = "SELECT agent_id, file FROM transcripts WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([transcript], |row| {
        let (agent, file) = (row.get(0)?, row.get(1)?);
        Ok(Group { transcript, agent, file, offset, ..Group::default() })
    })?)
}

fn forget_pending(conn: &Connection, rows: &[i64]) -> Result<()> {
    let mut delete = conn.prepare_cached("DELETE FROM pending WHERE id = ?1")?;
    for row in rows {
        delete.execute(params![row])?;
    }
    Ok(())
}
