//! Rows of nodes and of their requests.

use openclaw_auth::node::{Approved, NodeRecord, SurfaceRequest};
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use super::{Result, read_maybe_time, read_time, time};

const NODE: &str = "SELECT n.id, n.about, n.label, n.approved, n.created_at, n.approved_at, \
    n.token_digest, n.last_connected_at, n.last_disconnected_at, n.last_seen_at, n.last_seen_reason, \
    r.id, r.surface, r.about, r.silent, r.on_behalf, r.at \
    FROM nodes n LEFT JOIN node_requests r ON r.node = n.id";

pub(super) fn node(conn: &Connection, id: &str) -> Result<Option<NodeRecord>> {
    let mut statement = conn.prepare_cached(&format!("{NODE} WHERE n.id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

pub(super) fn nodes(conn: &Connection) -> Result<Vec<NodeRecord>> {
    let mut statement = conn.prepare_cached(&format!("{NODE} ORDER BY n.id"))?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put(conn: &Connection, node: &NodeRecord) -> Result<()> {
    let approved = node.approved.as_ref();
    // Not REPLACE: that would take the request along before it is written again.
    conn.prepare_cached(
        "INSERT INTO nodes (id, about, label, approved, created_at, approved_at, token_digest, \
         last_connected_at, last_disconnected_at, last_seen_at, last_seen_reason) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (id) DO UPDATE SET about = ?2, label = ?3, approved = ?4, created_at = ?5, \
         approved_at = ?6, token_digest = ?7, last_connected_at = ?8, last_disconnected_at = ?9, \
         last_seen_at = ?10, last_seen_reason = ?11",
    )?
    .execute(params![
        node.id,
        json(&node.about)?,
        node.label,
        approved.map(|approved| json(&approved.surface)).transpose()?,
        approved.map(|approved| time(approved.first_at_ms)),
        approved.map(|approved| time(approved.at_ms)),
        node.token_digest,
        node.last_connected_at_ms.map(time),
        node.last_disconnected_at_ms.map(time),
        node.last_seen_at_ms.map(time),
        node.last_seen_reason,
    ])?;
    conn.prepare_cached("DELETE FROM node_requests WHERE node = ?1")?.execute([&node.id])?;
    if let Some(request) = &node.request {
        put_request(conn, &node.id, request)?;
    }
    Ok(())
}

fn put_request(conn: &Connection, node: &str, request: &SurfaceRequest) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO node_requests (node, id, surface, about, silent, on_behalf, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        node,
        request.id,
        json(&request.surface)?,
        json(&request.about)?,
        request.silent,
        request.on_behalf,
        time(request.at_ms),
    ])?;
    Ok(())
}

pub(super) fn remove(conn: &Connection, id: &str) -> Result<bool> {
    Ok(conn.prepare_cached("DELETE FROM nodes WHERE id = ?1")?.execute([id])? > 0)
}

fn read(row: &Row<'_>) -> rusqlite::Result<NodeRecord> {
    let approved = match row.get_ref(3)?.as_str_or_null()? {
        None => None,
        Some(_) => Some(Approved {
            surface: parse(row, 3)?,
            first_at_ms: read_time(row, 4)?,
            at_ms: read_time(row, 5)?,
        }),
    };
    let request = match row.get::<_, Option<String>>(11)? {
        None => None,
        Some(id) => Some(SurfaceRequest {
            id,
            surface: parse(row, 12)?,
            about: parse(row, 13)?,
            silent: row.get(14)?,
            on_behalf: row.get(15)?,
            at_ms: read_time(row, 16)?,
        }),
    };
    Ok(NodeRecord {
        id: row.get(0)?,
        about: parse(row, 1)?,
        label: row.get(2)?,
        approved,
        request,
        token_digest: row.get(6)?,
        last_connected_at_ms: read_maybe_time(row, 7)?,
        last_disconnected_at_ms: read_maybe_time(row, 8)?,
        last_seen_at_ms: read_maybe_time(row, 9)?,
        last_seen_reason: row.get(10)?,
    })
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn parse<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}
