//! `sessions.json`: the sessions of an agent, as other programs read them.

use std::io::{self, Write as _};

use openclaw_agent::crash;
use openclaw_protocol::ids::AgentId;
use rusqlite::{Connection, params};

use super::Worker;
use crate::{
    error::{DbError, Result},
    files::{self, Replacement},
};

impl Worker {
    /// Writes the `sessions.json` of every agent whose sessions changed.
    pub(super) fn write_indexes(&self) -> Result<()> {
        let stale = self.db.read_blocking(|conn| -> Result<Vec<(String, i64)>> {
            let mut statement = conn.prepare_cached("SELECT agent_id, n FROM stale_indexes")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        for (agent, n) in stale {
            let id = AgentId::new(agent.as_str());
            let dir = self.layout.sessions_dir(&id);
            files::create_dir(&dir).map_err(DbError::file(dir))?;
            let path = self.layout.sessions_json(&id);
            let target = path.clone();
            let mut file = self.db.read_blocking(move |conn| -> Result<Replacement> {
                let mut file = Replacement::of(&target).map_err(DbError::file(&target))?;
                write(conn, id.as_str(), &mut file)?.map_err(DbError::file(&target))?;
                Ok(file)
            })?;
            file.sync().map_err(DbError::file(&path))?;
            crash::point("sessions-json-before-rename");
            file.rename().map_err(DbError::file(&path))?;
            crash::point("sessions-json-after-rename");
            // A change that came meanwhile has moved n on, and the row stays.
            self.db.write_blocking(move |conn| -> Result<()> {
                let sql = "DELETE FROM stale_indexes WHERE agent_id = ?1 AND n = ?2";
                conn.execute(sql, params![agent, n])?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Writes all entries of an agent, one line each.
fn write(conn: &Connection, agent: &str, file: &mut Replacement) -> Result<io::Result<()>> {
    let mut statement = conn.prepare_cached(
        "SELECT s.key, e.entry FROM sessions s JOIN session_entries e ON e.id = s.id \
         WHERE s.agent_id = ?1 ORDER BY s.updated_at DESC, s.key",
    )?;
    let mut rows = statement.query([agent])?;
    let mut before = "{\n";
    while let Some(row) = rows.next()? {
        let key = serde_json::to_string(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
        let entry = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if let Err(e) = write!(file, "{before}  {key}: {entry}") {
            return Ok(Err(e));
        }
        before = ",\n";
    }
    let end = if before == "{\n" { "{}\n" } else { "\n}\n" };
    Ok(file.write_all(end.as_bytes()))
}
