//! The sessions index in the database.

use openclaw_agent::{
    session::{self, SessionRow},
    store::{SessionEdit, SessionOrder, SessionPage, SessionQuery, sessions::search_text},
};
use openclaw_protocol::ids::{AgentId, SessionKey};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params, params_from_iter};

use super::archive;
use crate::{error::Result, layout::Layout};

const SELECT: &str =
    "SELECT s.key, s.agent_id, e.entry FROM sessions s JOIN session_entries e ON e.id = s.id";

fn from_row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    let text = row.get_ref(2)?.as_str()?;
    let entry = serde_json::from_str(text).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(e))
    })?;
    Ok(SessionRow {
        key: SessionKey::from(row.get::<_, String>(0)?),
        agent_id: AgentId::from(row.get::<_, String>(1)?),
        entry,
    })
}

fn one(conn: &Connection, condition: &str, value: &str) -> Result<Option<SessionRow>> {
    let sql = format!("{SELECT} WHERE {condition} ORDER BY s.updated_at DESC, s.key LIMIT 1");
    Ok(conn.prepare_cached(&sql)?.query_row([value], from_row).optional()?)
}

pub(crate) fn by_key(conn: &Connection, key: &SessionKey) -> Result<Option<SessionRow>> {
    one(conn, "s.key = ?1", key.as_str())
}

pub(super) fn by_session_id(conn: &Connection, id: &str) -> Result<Option<SessionRow>> {
    one(conn, "s.session_id = ?1", id)
}

pub(super) fn by_label(conn: &Connection, label: &str) -> Result<Option<SessionRow>> {
    one(conn, "s.label = ?1", label)
}

pub(super) fn page(conn: &Connection, query: &SessionQuery) -> Result<SessionPage> {
    let needle = query.needle();
    let mut conditions = Vec::new();
    let mut values: Vec<&dyn ToSql> = Vec::new();
    let mut add =
        |condition: &'static str, value: &'static str| conditions.push((condition, value));
    let agent = query.agent_id.as_ref().map(AgentId::as_str);
    if let Some(agent) = &agent {
        values.push(agent);
        // The plus keeps it from the agent's own index, which is in another order.
        let by_talk = query.order == SessionOrder::Interaction;
        add(if by_talk { "+s.agent_id = " } else { "s.agent_id = " }, "?");
    }
    if let Some(label) = &query.label {
        values.push(label);
        add("s.label = ", "?");
    }
    if let Some(key) = &query.spawned_by {
        values.push(key);
        add("s.spawned_by = ", "?");
    }
    if let Some(since) = &query.active_since {
        values.push(since);
        add("s.updated_at >= ", "?");
    }
    if let Some(text) = &needle {
        values.push(text);
        add("0 < instr(s.search, ", "?)");
    }
    if query.without_global {
        add("s.key <> ", "'global'");
    }
    if query.without_unknown {
        add("s.key <> ", "'unknown'");
    }
    let filter = conditions.iter().fold(String::new(), |mut sql, (condition, value)| {
        sql.push_str(if sql.is_empty() { " WHERE " } else { " AND " });
        sql + condition + value
    });
    let count = format!("SELECT COUNT(*) FROM sessions s{filter}");
    let total: i64 =
        conn.prepare_cached(&count)?.query_row(params_from_iter(&values), |row| row.get(0))?;
    let limit = query.limit.map_or(-1, |n| i64::try_from(n).unwrap_or(i64::MAX));
    let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
    values.extend([&limit as &dyn ToSql, &offset]);
    // A search reads every row: one after the other, instead of each by way of the index (hence the plus).
    let by_time = match query.order {
        SessionOrder::Changed => "s.updated_at",
        SessionOrder::Interaction => "s.interacted_at",
    };
    let by_time = if needle.is_some() { format!("+{by_time}") } else { by_time.to_owned() };
    let list = format!("{SELECT}{filter} ORDER BY {by_time} DESC, s.key LIMIT ? OFFSET ?");
    let mut statement = conn.prepare_cached(&list)?;
    let rows = statement.query_map(params_from_iter(&values), from_row)?;
    Ok(SessionPage { rows: rows.collect::<rusqlite::Result<_>>()?, total: total.unsigned_abs() })
}

/// Runs an edit and stores what it makes; a transcript that the session leaves is archived.
pub(super) fn edit(
    conn: &Connection,
    layout: &Layout,
    (key, caller): (&SessionKey, Option<&AgentId>),
    at: i64,
    edit: SessionEdit,
) -> Result<SessionRow> {
    let old = by_key(conn, key)?;
    let agent_id = session::store_of(key, caller, old.as_ref());
    let mut entry = edit(old.as_ref().map(|row| row.entry.clone()))
        .map_err(openclaw_agent::store::StoreError::from)?;
    session::complete(&mut entry).map_err(openclaw_agent::store::StoreError::from)?;
    session::stamp(&mut entry, old.as_ref(), at);
    let same = old.as_ref().is_some_and(|o| o.entry.session_id == entry.session_id);
    let kept = old.as_ref().filter(|_| same).and_then(|o| o.entry.session_file.clone());
    let path = || layout.transcript(&agent_id, &format!("{}.jsonl", entry.session_id));
    entry.session_file = Some(kept.unwrap_or_else(|| path().to_string_lossy().into_owned()));
    if let Some(label) = &entry.label {
        let taken: bool = conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM sessions WHERE label = ?1 AND key <> ?2)",
            )?
            .query_row([label, key.as_str()], |row| row.get(0))?;
        if taken {
            return Err(openclaw_agent::store::StoreError::from(session::label_taken(label)).into());
        }
    }
    let row = SessionRow { key: key.clone(), agent_id, entry };
    put(conn, &row)?;
    if let Some(old) = old.filter(|_| !same) {
        archive::archive(conn, &old, "reset", at)?;
    }
    Ok(row)
}

/// Writes a row, and notes that `sessions.json` is behind.
pub(crate) fn put(conn: &Connection, row: &SessionRow) -> Result<()> {
    let entry = &row.entry;
    let id: i64 = conn
        .prepare_cached(
            "INSERT INTO sessions (key, agent_id, session_id, updated_at, label, spawned_by, search, \
             interacted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO UPDATE SET \
             agent_id = ?2, session_id = ?3, updated_at = ?4, label = ?5, spawned_by = ?6, search = ?7, \
             interacted_at = ?8 RETURNING id",
        )?
        .query_row(
            params![
                row.key.as_str(),
                row.agent_id.as_str(),
                entry.session_id,
                entry.updated_at,
                entry.label,
                entry.spawned_by,
                search_text(row),
                SessionOrder::Interaction.time(entry),
            ],
            |row| row.get(0),
        )?;
    let text = serde_json::to_string(entry)?;
    conn.prepare_cached(
        "INSERT INTO session_entries (id, entry) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET entry = ?2",
    )?
    .execute(params![id, text])?;
    touch(conn, &row.agent_id)
}

pub(super) fn remove(conn: &Connection, row: &SessionRow) -> Result<()> {
    conn.prepare_cached("DELETE FROM sessions WHERE key = ?1")?.execute([row.key.as_str()])?;
    touch(conn, &row.agent_id)
}

fn touch(conn: &Connection, agent: &AgentId) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO stale_indexes (agent_id, n) VALUES (?1, 1) ON CONFLICT (agent_id) DO UPDATE SET n = n + 1",
    )?
    .execute([agent.as_str()])?;
    Ok(())
}
