//! The `sessions.json` of each agent, as OpenClaw 2026.3.28 has it.
//!
//! Transcripts are not read here; each is when it is first asked for.

use std::{
    fs::{self, File},
    io::{self, BufReader},
};

use openclaw_agent::{
    clock::iso_with_dashes,
    session::{self, SessionEntry, SessionRow},
};
use openclaw_protocol::ids::AgentId;
use rusqlite::Connection;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Cx, progress};
use crate::{
    db::Db,
    error::{DbError, Result},
    layout::{Layout, transcript_name},
    turns::tables::{Transcript, by_key, by_session, put},
};

/// Entries in one transaction.
const CHUNK: usize = 500;

/// Takes over the sessions of one agent. A session whose key is there already stays as it is.
pub(super) fn take_over(cx: &Cx<'_>, agent: &AgentId) -> Result<()> {
    let Cx { db, layout, now, .. } = *cx;
    let path = layout.sessions_json(agent);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(DbError::file(path)(e).into()),
    };
    cx.keep_original(&path)?;
    let mut taker = Taker { db, layout, agent, chunk: Vec::new(), taken: 0, failed: None };
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(file));
    let read = json.deserialize_map(&mut taker).and_then(|()| json.end());
    taker.store()?;
    if let Some(error) = taker.failed {
        return Err(error);
    }
    let taken = taker.taken;
    if let Err(error) = read {
        let aside = path.with_file_name(format!("sessions.json.damaged.{}", iso_with_dashes(now)));
        tracing::warn!(path = %path.display(), %error, taken, aside = %aside.display(),
            "sessions.json is damaged; what could be read was taken over, and a copy was kept");
        fs::copy(&path, &aside).map_err(DbError::file(&aside))?;
    } else {
        tracing::info!(agent = agent.as_str(), taken, "took over sessions.json");
    }
    Ok(())
}

/// Takes entries as they are read, so that a large file is never in memory as a whole.
struct Taker<'a> {
    db: &'a Db,
    layout: &'a Layout,
    agent: &'a AgentId,
    chunk: Vec<(SessionRow, bool)>,
    taken: usize,
    failed: Option<crate::error::TurnError>,
}

impl<'de> Visitor<'de> for &mut Taker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of sessions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            self.take(&key, value);
            if self.chunk.len() >= CHUNK
                && let Err(error) = self.store()
            {
                self.failed = Some(error);
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Taker<'_> {
    fn take(&mut self, key: &str, value: Value) {
        let key = session::canonical_key(key, self.agent);
        let entry = entry(value).filter(|e| session::is_session_id(&e.session_id));
        let (Ok(key), Some(mut entry)) = (key, entry) else {
            tracing::warn!(
                agent = self.agent.as_str(),
                "an entry of sessions.json without a key or a session id is left out"
            );
            return;
        };
        let name = transcript_name(entry.session_file.as_deref(), &entry.session_id);
        let path = self.layout.transcript(self.agent, &name);
        let there = path.is_file();
        entry.session_file = Some(path.to_string_lossy().into_owned());
        self.chunk.push((SessionRow { key, agent_id: self.agent.clone(), entry }, there));
    }

    fn store(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        let (before, after) = (self.taken, self.taken + chunk.len());
        self.taken = after;
        self.db.write_blocking(move |conn| store(conn, &chunk))?;
        progress(before, after);
        Ok(())
    }
}

fn store(conn: &Connection, chunk: &[(SessionRow, bool)]) -> Result<()> {
    for (row, has_file) in chunk {
        if by_key(conn, &row.key)?.is_some() {
            tracing::warn!(
                key = row.key.as_str(),
                "sessions.json has a session that was taken over from a database already; that one stays"
            );
            continue;
        }
        put(conn, row)?;
        let id = &row.entry.session_id;
        if *has_file && by_session(conn, id)?.is_none() {
            let name = transcript_name(row.entry.session_file.as_deref(), id);
            Transcript::insert(conn, Some(id), &row.agent_id, &name, false)?;
        }
    }
    Ok(())
}

/// An entry from a value that another program wrote: a known field of an unexpected type is dropped, the rest stays.
pub(super) fn entry(value: Value) -> Option<SessionEntry> {
    let Value::Object(fields) = value else { return None };
    if let Ok(entry) = serde_json::from_value(Value::Object(fields.clone())) {
        return Some(entry);
    }
    let fits = |(name, value): &(String, Value)| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<SessionEntry>(Value::Object(alone)).is_ok()
    };
    let fields: Map<String, Value> = fields.into_iter().filter(fits).collect();
    serde_json::from_value(Value::Object(fields)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_a_wrong_type_does_not_cost_the_entry() {
        let value = serde_json::json!({"sessionId": "s", "updatedAt": 3.5, "label": 7, "model": "m", "x": [1]});
        let entry = entry(value).unwrap();
        assert_eq!((entry.session_id.as_str(), entry.updated_at, entry.label), ("s", 0, None));
        assert_eq!(
            (entry.model.as_deref(), entry.extra["x"].clone()),
            (Some("m"), serde_json::json!([1]))
        );
    }
}
