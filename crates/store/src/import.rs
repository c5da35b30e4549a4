//! The first start in a state directory of another program: what it holds is taken over.
//!
//! Each source is read once, noted in `meta`, and never written to: what this program will write over
//! later (`sessions.json`, transcripts) is copied to `originals` before the first change.
//!
//! Reading order: [`take_over`], `index` (OpenClaw 2026.3.28), `agent_db` and `events` (2026.9.6),
//! `devices` (both), `flat` (one file of all sessions in a workspace).

mod agent_db;
mod devices;
mod events;
mod flat;
mod index;
mod transcript;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use openclaw_agent::session::{self, SessionRow};
use openclaw_protocol::ids::{AgentId, SessionKey};
use rusqlite::{Connection, params};

use crate::{
    db::Db,
    error::{DbError, Result},
    files,
    layout::Layout,
    turns::tables::{Transcript, by_key, by_session, put},
};

/// What an import works with.
pub(crate) struct Cx<'a> {
    db: &'a Db,
    layout: &'a Layout,
    now: i64,
}

/// Takes over everything that has not been taken over into this database: sessions and transcripts,
/// devices, and the `session.jsonl` of each workspace. Blocks; at later starts it does next to nothing.
///
/// # Errors
/// [`DbError::Foreign`] says which file cannot be read and what to do; nothing is lost then, and the
/// next start tries again.
pub fn take_over(
    db: &Db,
    state_dir: &Path,
    workspaces: &[(AgentId, PathBuf)],
    now: i64,
) -> Result<(), DbError> {
    let layout = Layout::new(state_dir);
    let cx = Cx { db, layout: &layout, now };
    let all = || -> Result<()> {
        devices::take_over(&cx)?;
        for agent in agents(&layout.agents())? {
            agent_db::take_over(&cx, &agent)?;
        }
        sessions_json(&cx)?;
        for (agent, workspace) in workspaces {
            flat::take_over(&cx, agent, workspace)?;
        }
        Ok(())
    };
    all().map_err(DbError::from)
}

/// Takes over every agent's `sessions.json`, when that has not been done in this database.
pub(crate) fn import_once(db: &Db, layout: &Layout, now: i64) -> Result<()> {
    sessions_json(&Cx { db, layout, now })
}

fn sessions_json(cx: &Cx<'_>) -> Result<()> {
    if cx.done("imported")? {
        return Ok(());
    }
    for agent in agents(&cx.layout.agents())? {
        index::take_over(cx, &agent)?;
    }
    let now = cx.now;
    cx.db.write_blocking(move |conn| mark(conn, "imported", now))
}

impl Cx<'_> {
    /// Whether this source was taken over before.
    fn done(&self, name: &str) -> Result<bool> {
        let name = name.to_owned();
        self.db.read_blocking(move |conn| -> Result<bool> {
            let sql = "SELECT EXISTS (SELECT 1 FROM meta WHERE name = ?1)";
            Ok(conn.query_row(sql, [name], |row| row.get(0))?)
        })
    }

    /// Copies a file before this program may write over it.
    fn keep_original(&self, path: &Path) -> Result<()> {
        let (root, originals) = (self.layout.state_dir(), self.layout.originals());
        let kept = files::keep_original(root, &originals, path);
        if let Some(copy) = kept.map_err(DbError::file(path))? {
            tracing::info!(path = %path.display(), copy = %copy.display(),
                "a file of another program was copied before it is written over");
        }
        Ok(())
    }
}

/// Sessions after which a start that takes them over says so: whoever waits sees that it goes on.
const WORD_EVERY: usize = 200;

/// Says how far it is, now and then.
fn progress(before: usize, after: usize) {
    if before / WORD_EVERY != after / WORD_EVERY {
        tracing::info!("taking over sessions: {after} so far");
    }
}

/// Notes that a source was taken over.
fn mark(conn: &Connection, name: &str, now: i64) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)";
    conn.execute(sql, params![name, now.to_string()])?;
    Ok(())
}

/// A session id that no transcript has yet: this one, else the same with `-imported` behind it.
fn free_id(conn: &Connection, id: &str) -> Result<String> {
    let mut id = id.to_owned();
    while by_session(conn, &id)?.is_some() {
        id.push_str("-imported");
    }
    Ok(id)
}

/// A key that no session has yet: this one, else the same with `:imported` behind it.
fn free_key(conn: &Connection, key: SessionKey) -> Result<SessionKey> {
    let mut key = key;
    while by_key(conn, &key)?.is_some() {
        key = SessionKey::from(format!("{key}:imported"));
    }
    Ok(key)
}

/// Writes the row of an imported session, under a key that is free, and of the transcript file that was made for it.
fn put_new(conn: &Connection, mut row: SessionRow, has_file: bool) -> Result<()> {
    let key = free_key(conn, row.key.clone())?;
    if key != row.key {
        tracing::warn!(
            key = row.key.as_str(),
            now = key.as_str(),
            "a session of this key is there already; the imported one has another"
        );
        row.key = key;
    }
    put(conn, &row)?;
    if has_file {
        let id = &row.entry.session_id;
        let name = format!("{id}.jsonl");
        Transcript::insert(conn, Some(id), &row.agent_id, &name, false)?.mark_own_copy(conn)?;
    }
    Ok(())
}

/// The agents that have a folder.
fn agents(dir: &Path) -> Result<Vec<AgentId>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(DbError::file(dir)(e).into()),
    };
    let mut agents = Vec::new();
    for entry in entries {
        let name = entry.map_err(DbError::file(dir))?.file_name();
        let id = name.to_str().map(session::normalize_agent_id);
        agents.extend(id.filter(|id| name.to_str() == Some(id.as_str())));
    }
    agents.sort();
    Ok(agents)
}
