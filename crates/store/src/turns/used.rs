//! What transcripts say of use: each file of an agent's folder that is or was a session's transcript
//! is read once, from front to back.

use std::{
    collections::BTreeMap,
    fs::{self, DirEntry, File},
    io::{self, BufReader},
    time::UNIX_EPOCH,
};

use openclaw_agent::usage::{self, UsageQuery, Used};
use openclaw_protocol::ids::AgentId;
use rusqlite::Connection;

use crate::{
    error::{DbError, Result},
    layout::Layout,
};

/// The buffer through which a file is read.
const BUFFER: usize = 64 * 1024;

/// The sessions' transcripts of an agent: id by file name.
pub(super) type Known = BTreeMap<String, String>;

pub(super) fn known(conn: &Connection, agents: &[AgentId]) -> Result<Vec<(AgentId, Known)>> {
    let sql =
        "SELECT file, session_id FROM transcripts WHERE agent_id = ?1 AND session_id IS NOT NULL";
    let mut statement = conn.prepare_cached(sql)?;
    let mut of = |agent: &AgentId| -> Result<(AgentId, Known)> {
        let rows = statement.query_map([agent.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((agent.clone(), rows.collect::<rusqlite::Result<_>>()?))
    };
    agents.iter().map(&mut of).collect()
}

/// Counts the transcripts in an agent's folder. Blocks for as long as reading them takes.
pub(super) fn count(
    layout: &Layout,
    (agent, known): (&AgentId, &Known),
    query: &UsageQuery,
) -> Result<Vec<Used>> {
    let dir = layout.sessions_dir(agent);
    let mut files = match fs::read_dir(&dir).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(files) => files,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(DbError::file(dir)(e).into()),
    };
    files.sort_by_key(DirEntry::file_name);
    let mut all = Vec::new();
    for file in files {
        let name = file.file_name();
        let Some((name, stem)) = name.to_str().and_then(|name| Some((name, stem(name)?))) else {
            continue;
        };
        let session_id = known.get(name).map_or(stem, String::as_str);
        if !query.wants(session_id) {
            continue;
        }
        match one(&file, query) {
            Ok(Some((changed_at, tally))) => all.push(Used {
                agent_id: agent.clone(),
                session_id: session_id.to_owned(),
                path: file.path().to_string_lossy().into_owned(),
                archived: !known.contains_key(name),
                changed_at,
                tally,
            }),
            Ok(None) => {}
            // It was archived or deleted since the folder was listed.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(DbError::file(file.path())(e).into()),
        }
    }
    Ok(all)
}

/// When a file was last written, and what it counts; `None` when it cannot hold anything of the span.
fn one(file: &DirEntry, query: &UsageQuery) -> io::Result<Option<(i64, usage::Tally)>> {
    // This does not follow a link, and a link is no file.
    let metadata = file.metadata()?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let changed_at = i64::try_from(changed.as_millis()).unwrap_or(i64::MAX);
    if !metadata.is_file() || changed_at < query.span.from {
        return Ok(None);
    }
    let reader = BufReader::with_capacity(BUFFER, File::open(file.path())?);
    Ok(Some((changed_at, usage::count(reader, &query.span)?)))
}

/// The name without its ending, when it is that of a transcript: one of today, or one that a reset or
/// a deletion archived. What a compaction archived is in the transcript still, as far as it was kept.
fn stem(name: &str) -> Option<&str> {
    let (stem, rest) = name.split_once(".jsonl")?;
    let counted = rest.is_empty() || rest.starts_with(".reset.") || rest.starts_with(".deleted.");
    (counted && !stem.is_empty()).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_transcripts_are_counted() {
        for (name, expected) in [
            ("a.jsonl", Some("a")),
            ("a-topic-7.jsonl", Some("a-topic-7")),
            ("a.jsonl.reset.2026-11-20T23-30-31.434Z", Some("a")),
            ("a.jsonl.deleted.2026-11-20T23-30-31.434Z", Some("a")),
            ("a.jsonl.bak.2026-11-20T23-30-31.434Z", None),
            ("a.jsonl.torn-2026-11-20T23-30-31.434Z", None),
            ("sessions.json", None),
            (".jsonl", None),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
