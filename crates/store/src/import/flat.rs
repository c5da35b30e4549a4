//! `session.jsonl` in a workspace: one file with the messages of all sessions, one flat entry a line,
//! each with its `sessionId`. An older description of this gateway keeps its conversations so.
//!
//! An entry is `{sessionId, role, content, timestamp}`; `session_id`, `text` or `message` in the place of
//! `content`, a number in the place of an ISO time, and `assistant` spelled `agent` are read too. The
//! file is never written to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    os::unix::fs::FileExt as _,
    path::Path,
};

use openclaw_agent::{
    session::{self, SessionEntry, SessionRow},
    transcript::{EntryBody, NewEntry, header_line},
};
use openclaw_protocol::ids::{AgentId, SessionKey};
use serde_json::{Map, Value, json};

use super::{Cx, free_id, mark, progress, put_new, transcript::Writer};
use crate::error::{DbError, Result};

/// Where the file may be, below a workspace.
const PLACES: [&str; 2] = ["session.jsonl", "sessions/session.jsonl"];
/// The session of entries that name none.
const NAMELESS: &str = "imported";
/// The longest line that is read, in bytes; a longer one is left out with a warning.
const MAX_LINE: u64 = 32 * 1024 * 1024;

/// Where the entries of each session lie in the file: offset and length.
type Places = BTreeMap<String, Vec<(u64, usize)>>;

/// Takes over the file of a workspace, once.
pub(super) fn take_over(cx: &Cx<'_>, agent: &AgentId, workspace: &Path) -> Result<()> {
    for path in PLACES.map(|place| workspace.join(place)) {
        let mark = format!("imported-flat:{}", path.display());
        if path.is_file() && !cx.done(&mark)? {
            import(cx, agent, workspace, &path, mark)?;
        }
    }
    Ok(())
}

fn import(cx: &Cx<'_>, agent: &AgentId, cwd: &Path, path: &Path, name: String) -> Result<()> {
    let file = File::open(path).map_err(DbError::file(path))?;
    let (places, left_out) = scan(&file, cx.now).map_err(DbError::file(path))?;
    let (count, now) = (places.len(), cx.now);
    let mut rows: Vec<SessionRow> = Vec::with_capacity(count);
    let mut taken = BTreeSet::new();
    let flat = Flat { cx, agent, cwd, path, file };
    for (session, places) in places {
        let row = flat.session(&session, &places, &taken)?;
        taken.insert(row.entry.session_id.clone());
        rows.push(row);
        progress(rows.len() - 1, rows.len());
    }
    cx.db.write_blocking(move |conn| -> Result<()> {
        for row in rows {
            put_new(conn, row, true)?;
        }
        mark(conn, &name, now)
    })?;
    tracing::info!(path = %path.display(), sessions = count, left_out,
        "took over a file of sessions, which stays as it is");
    Ok(())
}

/// Finds the entries of each session. What is no message is counted and left out.
fn scan(file: &File, now: i64) -> io::Result<(Places, usize)> {
    let (mut places, mut left_out) = (Places::new(), 0);
    let mut lines = BufReader::new(file);
    let (mut line, mut offset) = (Vec::new(), 0);
    loop {
        line.clear();
        // Of a line that is too long the pieces are no entries.
        let read = lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok((places, left_out));
        }
        match Entry::read(&line, now) {
            Some(entry) => places.entry(entry.session).or_default().push((offset, read)),
            None => left_out += usize::from(!line.trim_ascii().is_empty()),
        }
        offset += read as u64;
    }
}

/// A file that is being taken over.
struct Flat<'a> {
    cx: &'a Cx<'a>,
    agent: &'a AgentId,
    cwd: &'a Path,
    path: &'a Path,
    file: File,
}

impl Flat<'_> {
    /// Writes the transcript of one session.
    fn session(
        &self,
        name: &str,
        places: &[(u64, usize)],
        taken: &BTreeSet<String>,
    ) -> Result<SessionRow> {
        let wanted = plain_id(name);
        let mut id = self.cx.db.read_blocking(move |conn| free_id(conn, &wanted))?;
        while taken.contains(&id) {
            id.push_str("-imported"); // two names can make one id
        }
        let path = self.cx.layout.transcript(self.agent, &format!("{id}.jsonl"));
        let mut row = self.row(name, &id, &path);
        let mut file = Writer::create(self.cx, path)?;
        let mut parent = None;
        for (offset, length) in places {
            let mut line = vec![0; *length];
            self.file.read_exact_at(&mut line, *offset).map_err(DbError::file(self.path))?;
            let Some(entry) = Entry::read(&line, self.cx.now) else { continue };
            if file.lines == 0 {
                file.line(&header_line(&id, entry.at, &self.cwd.to_string_lossy()))?;
            }
            let entry_id = format!("{:08x}", file.lines);
            let body = EntryBody::message(&entry.message)?;
            let line = NewEntry { id: entry_id.clone(), at: entry.at, body };
            file.line(&line.line(&entry_id, parent.as_deref())?)?;
            row.entry.updated_at = row.entry.updated_at.max(entry.at);
            parent = Some(entry_id);
        }
        file.finish()?;
        Ok(row)
    }

    fn row(&self, name: &str, id: &str, path: &Path) -> SessionRow {
        let own = |key: &SessionKey| session::agent_of(key).as_ref() == Some(self.agent);
        let key = session::canonical_key(name, self.agent).ok().filter(own).unwrap_or_else(|| {
            SessionKey::from(format!("agent:{}:{}", self.agent, id.to_lowercase()))
        });
        let entry = SessionEntry {
            session_id: id.to_owned(),
            session_file: Some(path.to_string_lossy().into_owned()),
            display_name: Some(name.to_owned()),
            ..SessionEntry::default()
        };
        SessionRow { key, agent_id: self.agent.clone(), entry }
    }
}

/// A name as a session id: what cannot be part of a file's name becomes a dash.
fn plain_id(name: &str) -> String {
    if session::is_session_id(name) {
        return name.to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
    let id: String = name.chars().map(plain).take(100).collect();
    if id.is_empty() { NAMELESS.to_owned() } else { id }
}

/// A flat entry.
struct Entry {
    session: String,
    at: i64,
    message: Value,
}

impl Entry {
    fn read(line: &[u8], now: i64) -> Option<Self> {
        let fields: Map<String, Value> = serde_json::from_slice(line).ok()?;
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| fields.get(*name)?.as_str());
            found.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let session = text(&["sessionId", "session_id", "session"]);
        let role = match text(&["role"])?.as_str() {
            "user" | "human" => "user",
            "assistant" | "agent" | "ai" => "assistant",
            _ => return None,
        };
        let content = ["content", "text", "message"].iter().find_map(|name| fields.get(*name))?;
        let content = match content {
            Value::String(text) => json!([{"type": "text", "text": text}]),
            Value::Array(parts) if parts.iter().all(|part| part["type"].is_string()) => {
                content.clone()
            }
            _ => return None,
        };
        let at = ["timestamp", "ts", "time"].iter().find_map(|name| time(fields.get(*name)?));
        let at = at.unwrap_or(now);
        let message = json!({"role": role, "content": content, "timestamp": at});
        Some(Self { session: session.unwrap_or_else(|| NAMELESS.to_owned()), at, message })
    }
}

/// Milliseconds since 1970: of an ISO text, of seconds, or of milliseconds.
fn time(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_f64() {
        // Seconds since 1970 have ten digits until the year 2286.
        let ms = if number < 1e11 { number * 1000.0 } else { number };
        #[expect(clippy::cast_possible_truncation, reason = "a float is cut to the nearest i64")]
        return Some(ms as i64);
    }
    openclaw_agent::clock::parse_iso(value.as_str()?)
}
