//! Steps of runs in the database.

use openclaw_agent::{
    store::{NewStep, StepClass, StepRecord, StoreError, StoredEntry},
    transcript::NewEntry,
};
use openclaw_protocol::ids::RunId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{journal, runs};
use crate::error::Result;

pub(super) fn begin(
    conn: &Connection,
    step: &NewStep,
    entries: &[NewEntry],
) -> Result<Vec<StoredEntry>> {
    let (run, transcript) = runs::running(conn, &step.run_id)?;
    let inserted = conn
        .prepare_cached(
            "INSERT INTO steps (run, n, tool, class, at, args) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![run.seq, step.n, step.tool, step.class.as_str(), step.at, step.args])?;
    if inserted == 0 {
        return runs::conflict(&step.run_id, &format!("has a step {} already", step.n));
    }
    journal::append(conn, transcript, Some(run.seq), entries)
}

pub(super) fn end(
    conn: &Connection,
    id: &RunId,
    n: u32,
    result: &str,
    entries: &[NewEntry],
) -> Result<Vec<StoredEntry>> {
    let (run, transcript) = runs::running(conn, id)?;
    let ended: Option<bool> = conn
        .prepare_cached("SELECT result IS NOT NULL FROM steps WHERE run = ?1 AND n = ?2")?
        .query_row(params![run.seq, n], |row| row.get(0))
        .optional()?;
    match ended {
        None => return Err(StoreError::not_found("step", format!("{id}/{n}")).into()),
        Some(true) => return runs::conflict(id, &format!("has ended step {n} already")),
        Some(false) => {}
    }
    conn.prepare_cached("UPDATE steps SET result = ?3 WHERE run = ?1 AND n = ?2")?
        .execute(params![run.seq, n, result])?;
    journal::append(conn, transcript, Some(run.seq), entries)
}

pub(super) fn of_run(conn: &Connection, id: &RunId) -> Result<Vec<StepRecord>> {
    let mut statement = conn.prepare_cached(
        "SELECT s.n, s.tool, s.class, s.at, s.args, s.result FROM steps s \
         JOIN runs r ON r.seq = s.run WHERE r.run_id = ?1 ORDER BY s.n",
    )?;
    let unknown =
        || rusqlite::Error::InvalidColumnType(2, "class".into(), rusqlite::types::Type::Text);
    let steps = statement.query_map([id.as_str()], |row| {
        let class: String = row.get(2)?;
        let step = NewStep {
            run_id: id.clone(),
            n: row.get(0)?,
            tool: row.get(1)?,
            class: StepClass::parse(&class).ok_or_else(unknown)?,
            args: row.get(4)?,
            at: row.get(3)?,
        };
        Ok(StepRecord { step, result: row.get(5)? })
    })?;
    Ok(steps.collect::<rusqlite::Result<_>>()?)
}
