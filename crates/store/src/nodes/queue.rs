//! Rows of what waits for nodes and of what they were asked for.

use openclaw_agent::store::NewDeadLetter;
use openclaw_auth::node::{Action, Dispatch, DispatchState, GivenUp, WorkItem};
use openclaw_protocol::methods::nodes::{WorkPriority, WorkType};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Result, read_time, time};
use crate::dead;

pub(super) fn work(conn: &Connection, node: &str) -> Result<Vec<WorkItem>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, kind, priority, created_at, expires_at, asker FROM node_work WHERE node = ?1",
    )?;
    // A kind that this version does not know is not given out.
    let read = |row: &Row<'_>| {
        let kind = WorkType::parse(row.get_ref(1)?.as_str()?);
        let priority = WorkPriority::parse(row.get_ref(2)?.as_str()?);
        let (Some(kind), Some(priority)) = (kind, priority) else { return Ok(None) };
        Ok(Some(WorkItem {
            id: row.get(0)?,
            kind,
            priority,
            created_at_ms: read_time(row, 3)?,
            expires_at_ms: read_time(row, 4)?,
            asker: row.get(5)?,
        }))
    };
    let items = statement.query_map([node], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(items.into_iter().flatten().collect())
}

pub(super) fn put_work(conn: &Connection, node: &str, item: &WorkItem) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO node_work (id, node, kind, priority, created_at, expires_at, asker) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        item.id,
        node,
        item.kind.name(),
        item.priority.name(),
        time(item.created_at_ms),
        time(item.expires_at_ms),
        item.asker,
    ])?;
    Ok(())
}

pub(super) fn actions(conn: &Connection, node: &str) -> Result<Vec<Action>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, command, params, key, at, asker FROM node_actions WHERE node = ?1 ORDER BY seq",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Action {
            id: row.get(0)?,
            command: row.get(1)?,
            params: row.get(2)?,
            key: row.get(3)?,
            at_ms: read_time(row, 4)?,
            asker: row.get(5)?,
        })
    };
    Ok(statement.query_map([node], read)?.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put_action(conn: &Connection, node: &str, action: &Action) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO node_actions (id, node, command, params, key, at, asker) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        action.id,
        node,
        action.command,
        action.params,
        action.key,
        time(action.at_ms),
        action.asker,
    ])?;
    Ok(())
}

pub(super) fn share_work(conn: &Connection, id: &str) -> Result<()> {
    conn.prepare_cached("UPDATE node_work SET asker = NULL WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Takes out what somebody has left; the nodes whose work it was.
pub(super) fn take_back(conn: &Connection, asker: &str) -> Result<Vec<String>> {
    conn.prepare_cached("DELETE FROM node_actions WHERE asker = ?1")?.execute([asker])?;
    let mut nodes = conn.prepare_cached("SELECT DISTINCT node FROM node_work WHERE asker = ?1")?;
    let nodes = nodes.query_map([asker], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    conn.prepare_cached("DELETE FROM node_work WHERE asker = ?1")?.execute([asker])?;
    Ok(nodes)
}

pub(super) fn take_out(conn: &Connection, node: &str, ids: &[String]) -> Result<usize> {
    let mut work = conn.prepare_cached("DELETE FROM node_work WHERE node = ?1 AND id = ?2")?;
    let mut actions =
        conn.prepare_cached("DELETE FROM node_actions WHERE node = ?1 AND id = ?2")?;
    let mut taken = 0;
    for id in ids {
        taken += work.execute(params![node, id])?;
        actions.execute(params![node, id])?;
    }
    Ok(taken)
}

/// Takes out what will never be done, and leaves a dead letter for each.
pub(super) fn give_up(conn: &Connection, node: &str, given_up: Vec<GivenUp>) -> Result<()> {
    let ids: Vec<String> = given_up.iter().map(|gone| gone.id.clone()).collect();
    take_out(conn, node, &ids)?;
    for GivenUp { id, what, kind, reason, at_ms } in given_up {
        let letter = NewDeadLetter {
            at: time(at_ms),
            kind,
            subject: id,
            reason: reason.to_owned(),
            session_key: None,
            node: Some(node.to_owned()),
            text: Some(what),
        };
        dead::bury(conn, &letter)?;
    }
    Ok(())
}

pub(super) fn overdue(conn: &Connection, now_ms: u64, left_ms: u64) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT node FROM node_work WHERE expires_at <= ?1 \
         UNION SELECT node FROM node_actions WHERE at <= ?2",
    )?;
    let nodes = statement.query_map([time(now_ms), time(left_ms)], |row| row.get(0))?;
    Ok(nodes.collect::<rusqlite::Result<_>>()?)
}

/// Forgets everything that waits for a node.
pub(super) fn forget(conn: &Connection, node: &str) -> Result<()> {
    conn.prepare_cached("DELETE FROM node_work WHERE node = ?1")?.execute([node])?;
    conn.prepare_cached("DELETE FROM node_actions WHERE node = ?1")?.execute([node])?;
    Ok(())
}

pub(super) fn begin(
    conn: &Connection,
    dispatch: &Dispatch,
    since_ms: u64,
) -> Result<DispatchState> {
    conn.prepare_cached("DELETE FROM node_dispatches WHERE at < ?1")?.execute([time(since_ms)])?;
    let known = conn
        .prepare_cached(
            "SELECT digest, answered, answer FROM node_dispatches WHERE principal = ?1 AND key = ?2",
        )?
        .query_row(params![dispatch.principal, dispatch.key], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?, row.get(2)?))
        })
        .optional()?;
    if let Some((digest, answered, answer)) = known {
        return Ok(match answered {
            _ if digest != dispatch.digest => DispatchState::Reused,
            false => DispatchState::Begun,
            true => DispatchState::Answered(answer),
        });
    }
    conn.prepare_cached(
        "INSERT INTO node_dispatches (principal, key, digest, node, command, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        dispatch.principal,
        dispatch.key,
        dispatch.digest,
        dispatch.node_id,
        dispatch.command,
        time(dispatch.at_ms),
    ])?;
    Ok(DispatchState::New)
}

pub(super) fn end(
    conn: &Connection,
    principal: &str,
    key: &str,
    answer: Option<&str>,
) -> Result<()> {
    conn.prepare_cached(
        "UPDATE node_dispatches SET answered = 1, answer = ?3 WHERE principal = ?1 AND key = ?2",
    )?
    .execute(params![principal, key, answer])?;
    Ok(())
}

pub(super) fn undo(conn: &Connection, principal: &str, key: &str) -> Result<()> {
    conn.prepare_cached("DELETE FROM node_dispatches WHERE principal = ?1 AND key = ?2")?
        .execute(params![principal, key])?;
    Ok(())
}
