//! Branches of transcripts: a fork is a row with a parent, and the rows of other branches are aside.

use std::collections::BTreeMap;

use openclaw_agent::{
    session::SessionRow,
    store::{self, Branch, Checkout, Reject, StoreError},
    transcript::{
        LineKind,
        tree::{self, BranchPlace, Fork, Span},
    },
};
use openclaw_protocol::ids::SessionKey;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    history::{self, Answer},
    journal::{self, Transcript},
    sessions,
};
use crate::{error::Result, layout::Layout};

/// Rows that readers see, aside or not.
const SHOWN: &str = "kind IN (1, 2)";

/// An entry that a transcript goes on behind.
struct Target {
    seq: i64,
    entry_id: String,
}

pub(super) fn checkout(
    conn: &Connection,
    layout: &Layout,
    key: &SessionKey,
    checkout: Checkout,
) -> Result<SessionRow> {
    let Checkout { place, marker, session, at } = checkout;
    let row = sessions::by_key(conn, key)?;
    let row = row.ok_or_else(|| StoreError::not_found("session", key.as_str()))?;
    let transcript = journal::by_session(conn, &row.entry.session_id)?;
    let mut transcript = transcript.ok_or_else(|| place.not_found())?;
    if is_busy(conn, key, transcript.id)? {
        return Err(StoreError::session_busy().into());
    }
    let target = match &place {
        store::Place::Before(id) => before(conn, transcript.id, id)?,
        store::Place::Tip(id) => tip(conn, &transcript, id)?,
    };
    let target = target.ok_or_else(|| place.not_found())?;
    let row = sessions::edit(conn, layout, (key, None), at, session)?;
    transcript.leaf = Some(target.entry_id);
    transcript.append_fork(conn, &marker, target.seq)?;
    settle(conn, &mut transcript)?;
    transcript.save(conn)?;
    Ok(row)
}

/// A run of the session, or another one that writes to its transcript, has not ended.
fn is_busy(conn: &Connection, key: &SessionKey, transcript: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE ended_at IS NULL AND session_key = ?1) \
               OR EXISTS (SELECT 1 FROM runs WHERE ended_at IS NULL AND transcript = ?2)";
    Ok(conn.prepare_cached(sql)?.query_row(params![key.as_str(), transcript], |row| row.get(0))?)
}

/// The entry before a message of the active branch.
fn before(conn: &Connection, transcript: i64, id: &str) -> Result<Option<Target>> {
    let sql = "SELECT MAX(seq) FROM entries \
               WHERE transcript = ?1 AND entry_id = ?2 AND seq > 0 AND aside = 0 AND kind = ?3";
    let values = params![transcript, id, LineKind::Message.number()];
    let message: Option<i64> = conn.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    let Some(message) = message else { return Ok(None) };
    // An entry without an id cannot be anybody's parent.
    let sql = "SELECT seq, entry_id FROM entries WHERE transcript = ?1 AND seq > 0 AND seq < ?2 \
               AND aside = 0 AND entry_id <> '' ORDER BY seq DESC LIMIT 1";
    let mut statement = conn.prepare_cached(sql)?;
    let target = statement.query_row(params![transcript, message], |row| {
        Ok(Target { seq: row.get(0)?, entry_id: row.get(1)? })
    });
    let target = target.optional()?;
    Ok(Some(target.ok_or_else(|| StoreError::from(Reject::nothing_before()))?))
}

/// The last message of another branch.
fn tip(conn: &Connection, transcript: &Transcript, id: &str) -> Result<Option<Target>> {
    let sql = "SELECT entry_id FROM entries WHERE transcript = ?1 AND seq = ?2";
    for branch in places(conn, transcript)? {
        let seq = signed(branch.tip);
        let entry_id: String =
            conn.prepare_cached(sql)?.query_row(params![transcript.id, seq], |row| row.get(0))?;
        if entry_id != id {
            continue;
        }
        if branch.active {
            return Err(StoreError::from(Reject::same_branch()).into());
        }
        return Ok(Some(Target { seq, entry_id }));
    }
    Ok(None)
}

/// The branches with their last messages.
pub(super) fn list(
    conn: &Connection,
    layout: &Layout,
    session_id: &str,
) -> Result<Answer<Vec<Branch>>> {
    let mut found = BTreeMap::new();
    let tips = history::about(conn, layout, session_id, |transcript| {
        let branches = places(conn, transcript)?;
        found = branches.into_iter().map(|branch| (branch.tip, branch)).collect();
        found.keys().map(|tip| history::at(conn, transcript.id, signed(*tip))).collect()
    })?;
    Ok(tips.map(|tips| {
        let branches = tips.into_iter().rev().filter_map(|tip| {
            let BranchPlace { messages, active, .. } = *found.get(&tip.seq)?;
            Some(Branch { tip, messages, active })
        });
        branches.collect()
    }))
}

fn places(conn: &Connection, transcript: &Transcript) -> Result<Vec<BranchPlace>> {
    let sql = format!(
        "SELECT seq FROM entries WHERE transcript = ?1 AND seq > 0 AND {SHOWN} ORDER BY seq"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let shown = statement.query_map([transcript.id], |row| row.get::<_, i64>(0))?;
    let shown = shown.map(|seq| Ok(seq?.unsigned_abs())).collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(tree::branches(&forks(conn, transcript.id)?, &shown, transcript.last_seq.unsigned_abs()))
}

fn forks(conn: &Connection, transcript: i64) -> Result<Vec<Fork>> {
    let sql =
        "SELECT seq, parent FROM entries WHERE transcript = ?1 AND parent IS NOT NULL ORDER BY seq";
    let mut statement = conn.prepare_cached(sql)?;
    let forks = statement.query_map([transcript], |row| {
        let (seq, parent) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
        Ok(Fork { seq: seq.unsigned_abs(), parent: parent.unsigned_abs() })
    })?;
    Ok(forks.collect::<rusqlite::Result<_>>()?)
}

/// The `seq` of the entry that a line follows, when it is not the last one. `tip` is the id of another
/// one that counts as the last. An unknown parent says nothing: lines are damaged, or were cut away.
pub(crate) fn fork_of(
    conn: &Connection,
    transcript: &Transcript,
    parent: Option<&str>,
    tip: Option<&str>,
) -> Result<Option<i64>> {
    let follows = |id: &str| Some(id) == transcript.leaf.as_deref() || Some(id) == tip;
    let Some(parent) = parent.filter(|id| !id.is_empty() && !follows(id)) else { return Ok(None) };
    let sql = "SELECT MAX(seq) FROM entries WHERE transcript = ?1 AND entry_id = ?2 AND seq > 0";
    let seq: Option<i64> =
        conn.prepare_cached(sql)?.query_row(params![transcript.id, parent], |row| row.get(0))?;
    Ok(seq.filter(|seq| *seq != transcript.last_seq))
}

/// Brings the rows up to the last entry's branch: who is aside, and the numbers of the messages. Those
/// that the branch before had too keep theirs. The caller saves the transcript.
pub(crate) fn settle(conn: &Connection, transcript: &mut Transcript) -> Result<()> {
    let forks = forks(conn, transcript.id)?;
    if forks.is_empty() {
        return Ok(());
    }
    let path = tree::path(&forks, transcript.last_seq.unsigned_abs());
    let gaps: Vec<Span> = tree::gaps(&path).collect();
    let mut first = None;
    for (spans, aside) in [(&path, 1), (&gaps, 0)] {
        for span in spans {
            first = first.into_iter().chain(first_in(conn, transcript.id, span, aside)?).min();
        }
    }
    let Some(first) = first else { return Ok(()) };
    let put = "UPDATE entries SET aside = ?4, message_seq = NULL \
                   WHERE transcript = ?1 AND seq BETWEEN ?2 AND ?3 AND aside = 1 - ?4";
    let mut put = conn.prepare_cached(put)?;
    for (spans, aside) in [(&path, 0), (&gaps, 1)] {
        for span in spans {
            let (from, to) = (signed(*span.start()), signed(*span.end()));
            put.execute(params![transcript.id, from, to, aside])?;
        }
    }
    transcript.messages = renumber(conn, transcript.id, first)?;
    Ok(())
}

/// The first entry of a span that is aside, or is not.
fn first_in(conn: &Connection, transcript: i64, span: &Span, aside: i64) -> Result<Option<i64>> {
    let sql = format!(
        "SELECT seq FROM entries WHERE transcript = ?1 AND seq BETWEEN ?2 AND ?3 AND aside = {aside} \
         ORDER BY seq LIMIT 1"
    );
    let values = params![transcript, signed(*span.start()), signed(*span.end())];
    Ok(conn.prepare_cached(&sql)?.query_row(values, |row| row.get(0)).optional()?)
}

/// Numbers the messages of the active branch from an entry on. The last number.
fn renumber(conn: &Connection, transcript: i64, first: i64) -> Result<i64> {
    let sql = "SELECT message_seq FROM entries WHERE transcript = ?1 AND seq < ?2 AND aside = 0 \
               AND message_seq IS NOT NULL ORDER BY seq DESC LIMIT 1";
    let before = conn.prepare_cached(sql)?.query_row([transcript, first], |row| row.get(0));
    let mut messages: i64 = before.optional()?.unwrap_or(0);
    let sql = format!(
        "SELECT seq FROM entries WHERE transcript = ?1 AND seq >= ?2 AND aside = 0 AND {SHOWN} ORDER BY seq"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([transcript, first], |row| row.get(0))?;
    let rows = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    let sql = "UPDATE entries SET message_seq = ?3 WHERE transcript = ?1 AND seq = ?2";
    let mut update = conn.prepare_cached(sql)?;
    for seq in rows {
        messages += 1;
        update.execute([transcript, seq, messages])?;
    }
    Ok(messages)
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
