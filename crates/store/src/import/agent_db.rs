//! Sessions and transcripts of OpenClaw 2026.9.6 become files and rows.
//!
//! Files first, each whole or not at all; then one transaction with every row and the note that it is
//! done. After a crash in between the next start writes the same files again.

use std::path::PathBuf;

use openclaw_agent::{
    clock::iso_with_dashes,
    session::{self, SessionRow},
};
use openclaw_protocol::ids::{AgentId, SessionKey};
use rusqlite::Connection;
use serde_json::Value;

use super::{
    Cx,
    events::{Node, Outline, Source},
    free_id, index, mark, progress, put_new,
    transcript::Writer,
};
use crate::{
    error::{DbError, Result},
    layout::Layout,
};

/// The version of transcript that is written: 2026.9.6 writes 4, whose lines are the same but for resets.
const VERSION: u32 = 3;

/// Takes over an agent's database, once.
pub(super) fn take_over(cx: &Cx<'_>, agent: &AgentId) -> Result<()> {
    let path = cx.layout.foreign_database(agent);
    let name = format!("imported-sqlite:{agent}");
    if !path.is_file() || cx.done(&name)? {
        return Ok(());
    }
    let Some(source) = Source::open(&path)? else { return Ok(()) };
    tracing::info!(path = %path.display(), "taking over the sessions of OpenClaw 2026.9.6");
    let mut files = Files { cx, agent, source: &source, transcripts: 0, lines: 0 };
    source.each_node(|node| files.current(&node))?;
    for (id, updated_at) in source.left()? {
        files.left(&id, updated_at)?;
    }
    let Files { transcripts, lines, .. } = files;
    let (layout, agent, now) = (cx.layout.clone(), agent.clone(), cx.now);
    let sessions = cx.db.write_blocking(move |conn| -> Result<usize> {
        let mut sessions = 0;
        source.each_node(|node| {
            sessions += 1;
            row(conn, &layout, &agent, &node)
        })?;
        mark(conn, &name, now)?;
        Ok(sessions)
    })?;
    tracing::info!(path = %path.display(), sessions, transcripts, lines,
        "took over the sessions of OpenClaw 2026.9.6; its database stays as it is");
    Ok(())
}

/// Writes the transcripts.
struct Files<'a> {
    cx: &'a Cx<'a>,
    agent: &'a AgentId,
    source: &'a Source,
    transcripts: usize,
    lines: usize,
}

impl Files<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.cx.layout.transcript(self.agent, name)
    }

    fn create(&mut self, name: &str) -> Result<Writer> {
        self.transcripts += 1;
        progress(self.transcripts - 1, self.transcripts);
        Writer::create(self.cx, self.path(name))
    }

    /// The transcript that a session is at. What came before its last reset becomes an archive, as
    /// OpenClaw 2026.3.28 leaves one; where an edit left lines behind, a copy keeps all of them.
    fn current(&mut self, node: &Node) -> Result<()> {
        let id = &node.session_id;
        if !session::is_session_id(id) {
            return Err(unfit(self.cx.layout, self.agent, id));
        }
        let Some(outline) = self.source.outline(id)? else { return Ok(()) };
        let wanted = id.clone();
        let name = self.cx.db.read_blocking(move |conn| free_id(conn, &wanted))?;
        let mut split = Split::new(self, &name, &outline)?;
        self.source.each_line(id, |seq, line| split.line(seq, line))?;
        let (lines, left_out) = split.finish()?;
        self.lines += lines;
        if left_out {
            let archive = format!("{name}.jsonl.bak.{}", iso_with_dashes(self.cx.now));
            self.whole(id, &archive)?;
        }
        Ok(())
    }

    /// A transcript that its session has left becomes an archive.
    fn left(&mut self, id: &str, updated_at: i64) -> Result<()> {
        if !session::is_session_id(id) {
            return Err(unfit(self.cx.layout, self.agent, id));
        }
        match self.source.outline(id)? {
            Some(_) => self.whole(id, &format!("{id}.jsonl.reset.{}", iso_with_dashes(updated_at))),
            None => Ok(()),
        }
    }

    fn whole(&mut self, id: &str, name: &str) -> Result<()> {
        let mut file = self.create(name)?;
        self.source.each_line(id, |_, line| file.line(line))?;
        self.lines += file.lines;
        file.finish()
    }
}

/// The two files that the lines of one transcript go to.
struct Split<'a> {
    outline: &'a Outline,
    id: String,
    now: Writer,
    before: Option<Writer>,
    left_out: bool,
}

impl<'a> Split<'a> {
    fn new(files: &mut Files<'_>, id: &str, outline: &'a Outline) -> Result<Self> {
        let now = files.create(&format!("{id}.jsonl"))?;
        let before = match &outline.reset {
            Some(reset) => {
                let at = reset.timestamp.replace(':', "-");
                // The text goes into a file's name: only what a timestamp is made of.
                let at: String =
                    at.chars().filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
                Some(files.create(&format!("{id}.jsonl.reset.{at}"))?)
            }
            None => None,
        };
        Ok(Self { outline, id: id.to_owned(), now, before, left_out: false })
    }

    fn line(&mut self, seq: i64, line: &str) -> Result<()> {
        if seq == 0
            && let Some(header) = header(line, &self.id)?
        {
            if let Some(before) = &mut self.before {
                before.line(line)?;
            }
            return self.now.line(&header);
        }
        let (active, reset) = (self.outline.is_active(seq), self.outline.reset.as_ref());
        if let (Some(reset), Some(before)) = (reset, &mut self.before)
            && seq <= reset.seq
        {
            before.line(line)?;
            if seq < reset.from || seq == reset.seq {
                return Ok(());
            }
        }
        if active {
            let first = self.now.lines == 1 && self.before.is_some();
            return if first { self.now.line(&root(line)?) } else { self.now.line(line) };
        }
        self.left_out = true;
        Ok(())
    }

    /// Lines written, and whether some that are in no file were left out.
    fn finish(self) -> Result<(usize, bool)> {
        let mut lines = self.now.lines;
        // The archive first: a crash in between leaves too much, never too little.
        if let Some(before) = self.before {
            lines += before.lines;
            before.finish()?;
        }
        self.now.finish()?;
        Ok((lines, self.left_out))
    }
}

/// The header as it is written here; `None` when the line is no header.
fn header(line: &str, id: &str) -> Result<Option<String>> {
    let mut value: Value = serde_json::from_str(line)?;
    if value["type"] != "session" {
        return Ok(None);
    }
    value["version"] = VERSION.into();
    value["id"] = id.into();
    Ok(Some(value.to_string()))
}

/// An entry whose parent lies in another file begins the tree of this one.
fn root(line: &str) -> Result<String> {
    let mut value: Value = serde_json::from_str(line)?;
    value["parentId"] = Value::Null;
    Ok(value.to_string())
}

fn row(conn: &Connection, layout: &Layout, agent: &AgentId, node: &Node) -> Result<()> {
    let value = serde_json::from_str(&node.entry).unwrap_or(Value::Null);
    let mut entry = index::entry(value).unwrap_or_default();
    let id = free_id(conn, &node.session_id)?;
    let path = layout.transcript(agent, &format!("{id}.jsonl"));
    entry.session_file = Some(path.to_string_lossy().into_owned());
    entry.session_id = id;
    let key = session::canonical_key(&node.key, agent).unwrap_or_else(|_| {
        tracing::warn!(key = node.key, "a session whose key is none here gets one made of its id");
        SessionKey::from(format!("agent:{agent}:{}", entry.session_id.to_lowercase()))
    });
    put_new(conn, SessionRow { key, agent_id: agent.clone(), entry }, path.is_file())
}

fn unfit(layout: &Layout, agent: &AgentId, id: &str) -> crate::error::TurnError {
    let why = format!(
        "a transcript has the id {id:?}, which cannot be a file's name; please report this"
    );
    DbError::Foreign { path: layout.foreign_database(agent), why }.into()
}
