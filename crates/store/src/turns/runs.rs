//! Runs in the database.

use openclaw_agent::store::{
    Accepted, Begin, Begun, Counts, DeadLetterKind, Finish, NewDeadLetter, NewRun, Remembered,
    RunRecord, RunState, StoreError, StoredEntry,
};
use openclaw_protocol::ids::{AgentId, RunId, SessionKey};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{idempotency, journal, sessions};
use crate::{
    dead,
    error::{Result, TurnError},
    layout::Layout,
};

const COLUMNS: &str = "seq, transcript, run_id, session_key, agent_id, session_id, kind, principal, \
                       state, accepted_at, started_at, ended_at, text_sent, outcome, request";

/// A run with its numbers.
pub(super) struct Found {
    pub(super) seq: i64,
    pub(super) transcript: Option<i64>,
    pub(super) record: RunRecord,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Found> {
    let state: String = row.get(8)?;
    let unknown =
        || rusqlite::Error::InvalidColumnType(8, "state".into(), rusqlite::types::Type::Text);
    let record = RunRecord {
        run_id: RunId::from(row.get::<_, String>(2)?),
        session_key: SessionKey::from(row.get::<_, String>(3)?),
        agent_id: AgentId::from(row.get::<_, String>(4)?),
        session_id: row.get(5)?,
        kind: row.get(6)?,
        principal: row.get(7)?,
        state: RunState::parse(&state).ok_or_else(unknown)?,
        accepted_at: row.get(9)?,
        started_at: row.get(10)?,
        ended_at: row.get(11)?,
        text_sent: row.get(12)?,
        outcome: row.get(13)?,
        request: row.get(14)?,
    };
    Ok(Found { seq: row.get(0)?, transcript: row.get(1)?, record })
}

pub(super) fn find(conn: &Connection, id: &str) -> Result<Option<Found>> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE run_id = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

pub(super) fn get(conn: &Connection, id: &RunId) -> Result<Found> {
    let found = find(conn, id.as_str())?;
    found.ok_or_else(|| StoreError::not_found("run", id.as_str()).into())
}

/// A run that is running, with its transcript.
pub(super) fn running(conn: &Connection, id: &RunId) -> Result<(Found, i64)> {
    let found = get(conn, id)?;
    match (found.record.state, found.transcript) {
        (RunState::Running, Some(transcript)) => Ok((found, transcript)),
        _ => conflict(id, "is not running"),
    }
}

pub(super) fn conflict<T>(id: &RunId, why: &str) -> Result<T> {
    Err(StoreError::Conflict(format!("run {id} {why}")).into())
}

/// A row that cannot be read.
pub(super) struct Unreadable {
    seq: i64,
    run_id: String,
    session_key: Option<String>,
    why: String,
}

/// Every run that has not ended, and the rows among them that cannot be read.
pub(super) fn unfinished(conn: &Connection) -> Result<(Vec<RunRecord>, Vec<Unreadable>)> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE ended_at IS NULL ORDER BY seq");
    let mut statement = conn.prepare_cached(&sql)?;
    let (mut runs, mut unreadable) = (Vec::new(), Vec::new());
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        match from_row(row) {
            Ok(found) => runs.push(found.record),
            Err(error) => unreadable.push(Unreadable::of(row, &error)?),
        }
    }
    Ok((runs, unreadable))
}

impl Unreadable {
    fn of(row: &Row<'_>, error: &rusqlite::Error) -> Result<Self> {
        let seq: i64 = row.get(0)?;
        let run_id = row.get(2).unwrap_or_else(|_| format!("row {seq}"));
        Ok(Self { seq, run_id, session_key: row.get(3).ok(), why: error.to_string() })
    }
}

/// Ends rows that cannot be read: no start would ever get past them.
pub(super) fn give_up(conn: &Connection, rows: &[Unreadable], now: i64) -> Result<()> {
    for row in rows {
        conn.execute(
            "UPDATE runs SET state = ?2, ended_at = ?3 WHERE seq = ?1",
            params![row.seq, RunState::Interrupted.as_str(), now],
        )?;
        let letter = NewDeadLetter {
            at: now,
            kind: DeadLetterKind::Unreadable,
            subject: row.run_id.clone(),
            reason: format!("the row of the run cannot be read: {}", row.why),
            session_key: row.session_key.clone(),
            node: None,
            text: None,
        };
        dead::bury(conn, &letter)?;
        tracing::error!(run = row.run_id, error = row.why, "a run was given up");
    }
    Ok(())
}

pub(super) fn accept(
    conn: &Connection,
    layout: &Layout,
    run: &NewRun,
    begin: Option<Begin>,
) -> Result<Accepted> {
    if let Some(key) = &run.idempotency {
        match idempotency::recall(conn, key, run.accepted_at)? {
            Some(Remembered::Run(known)) => return Ok(Accepted::Known(known)),
            Some(_) => return Err(StoreError::KeyReused.into()),
            None => idempotency::forget(conn, key)?,
        }
    }
    if find(conn, run.run_id.as_str())?.is_some() {
        return Err(StoreError::KeyReused.into());
    }
    let idle: bool = conn
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM runs WHERE session_key = ?1 AND ended_at IS NULL)",
        )?
        .query_row([run.session_key.as_str()], |row| row.get(0))?;
    insert(conn, run)?;
    let (mut entries, mut session) = (Vec::new(), None);
    if let Some(begin) = begin.filter(|_| idle) {
        let begun = self::begin(conn, layout, &run.run_id, begin)?;
        (entries, session) = (begun.entries, Some(Box::new(begun.session)));
    }
    let run = Box::new(get(conn, &run.run_id)?.record);
    Ok(Accepted::New { run, entries, session })
}

fn insert(conn: &Connection, run: &NewRun) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO runs (run_id, session_key, agent_id, kind, principal, state, accepted_at, request) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        run.run_id.as_str(),
        run.session_key.as_str(),
        run.agent_id.as_str(),
        run.kind,
        run.principal,
        RunState::Queued.as_str(),
        run.accepted_at,
        run.request,
    ])?;
    match &run.idempotency {
        Some(key) => idempotency::insert(conn, key, run.accepted_at, Some(&run.run_id), None),
        None => Ok(()),
    }
}

pub(super) fn begin(conn: &Connection, layout: &Layout, id: &RunId, begin: Begin) -> Result<Begun> {
    let Found { seq, record: mut run, .. } = get(conn, id)?;
    if run.state != RunState::Queued {
        return conflict(id, "is not queued");
    }
    let busy: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM runs WHERE session_key = ?1 AND ended_at IS NULL AND state = ?2)",
        )?
        .query_row([run.session_key.as_str(), RunState::Running.as_str()], |row| row.get(0))?;
    if busy {
        return conflict(id, "must wait: another run of its session is running");
    }
    let whose = (&run.session_key, Some(&run.agent_id));
    let row = sessions::edit(conn, layout, whose, begin.at, begin.session)?;
    let mut transcript = journal::ensure(conn, &row, &begin.cwd, begin.at)?;
    let entries = transcript.append(conn, Some(seq), &begin.entries)?;
    run.state = RunState::Running;
    run.started_at = Some(begin.at);
    run.session_id = Some(row.entry.session_id.clone());
    conn.prepare_cached(
        "UPDATE runs SET state = ?2, started_at = ?3, session_id = ?4, transcript = ?5 WHERE seq = ?1",
    )?
    .execute(params![seq, run.state.as_str(), run.started_at, run.session_id, transcript.id])?;
    Ok(Begun { run, entries, session: row })
}

pub(super) fn mark_text_sent(conn: &Connection, id: &RunId) -> Result<()> {
    let sql = "UPDATE runs SET text_sent = 1 WHERE run_id = ?1";
    match conn.prepare_cached(sql)?.execute([id.as_str()])? {
        0 => Err(StoreError::not_found("run", id.as_str()).into()),
        _ => Ok(()),
    }
}

pub(super) fn finish(
    conn: &Connection,
    layout: &Layout,
    id: &RunId,
    finish: Finish,
) -> Result<Vec<StoredEntry>> {
    let Found { seq, transcript, record: run } = get(conn, id)?;
    if run.state.is_final() {
        return conflict(id, "has ended already");
    }
    if !finish.outcome.state.is_final() {
        return conflict(id, "cannot end in a state that is not final");
    }
    let entries = match transcript {
        Some(transcript) => journal::append(conn, transcript, Some(seq), &finish.entries)?,
        None if finish.entries.is_empty() => Vec::new(),
        None => return conflict(id, "never began, so it has no transcript to write to"),
    };
    conn.prepare_cached("UPDATE runs SET state = ?2, ended_at = ?3, outcome = ?4 WHERE seq = ?1")?
        .execute(params![seq, finish.outcome.state.as_str(), finish.at, finish.outcome.detail])?;
    if let Some(letter) = &finish.dead_letter {
        dead::bury(conn, letter)?;
    }
    if let Some(edit) = finish.session {
        let present = sessions::by_key(conn, &run.session_key)?.map(|row| row.entry.session_id);
        if present.is_some() && present == run.session_id {
            let whose = (&run.session_key, Some(&run.agent_id));
            sessions::edit(conn, layout, whose, finish.at, edit)?;
        }
    }
    Ok(entries)
}

pub(super) fn counts(conn: &Connection) -> Result<Counts> {
    let sql = "SELECT (SELECT COUNT(*) FROM sessions), \
               (SELECT COUNT(*) FROM runs WHERE ended_at IS NULL AND state = 'queued'), \
               (SELECT COUNT(*) FROM runs WHERE ended_at IS NULL AND state = 'running'), \
               (SELECT COUNT(*) FROM pending WHERE seq > 0)";
    let counts = conn.prepare_cached(sql)?.query_row([], |row| {
        Ok([row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?].map(i64::unsigned_abs))
    });
    let [sessions, queued, running, unprojected] = counts.map_err(TurnError::from)?;
    Ok(Counts { sessions, queued, running, unprojected })
}
