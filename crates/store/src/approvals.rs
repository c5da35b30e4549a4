//! Requests that a person decides, in the database.
//!
//! A row that cannot be read is no yes: it counts as one that is not there.

use async_trait::async_trait;
use openclaw_agent::{
    approvals::{
        Approval, ApprovalStore, Ended, HistoryQuery, Kind, Outcome, Place, Request, Resolver,
        binding::Digest, store::Ending,
    },
    store::StoreError,
};
use openclaw_auth::audit::{AuditEntry, AuditEvent, device};
use openclaw_protocol::ids::DeviceId;
use rusqlite::{Connection, OptionalExtension as _, Row, params, types::Type};

use crate::{auth, db::Db, error::Result};

/// The columns that [`read`] reads.
const COLUMNS: &str = "seq, id, request, binding, requester, created_at, expires_at, ended_at, \
                       outcome, resolver, used_at";

/// The [`ApprovalStore`] of a state directory.
#[derive(Debug, Clone)]
pub struct SqliteApprovalStore {
    db: Db,
}

impl SqliteApprovalStore {
    /// The requests in this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl ApprovalStore for SqliteApprovalStore {
    async fn insert(&self, approval: Approval) -> Result<(), StoreError> {
        Ok(self.db.try_write(move |conn| insert(conn, &approval)).await?)
    }

    async fn approval(&self, id: &str) -> Result<Option<Approval>, StoreError> {
        let id = id.to_owned();
        Ok(self.db.read(move |conn| by_id(conn, &id)).await?)
    }

    async fn beginning(&self, kind: Kind, start: &str) -> Result<Vec<String>, StoreError> {
        let start = start.to_owned();
        let ask = move |conn: &Connection| -> Result<Vec<String>> {
            let mut statement = conn.prepare_cached(
                "SELECT id FROM approvals WHERE kind = ?1 \
                 AND lower(substr(id, 1, length(?2))) = lower(?2) ORDER BY seq LIMIT 2",
            )?;
            let ids = statement.query_map([kind.name(), &start], |row| row.get(0))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        };
        Ok(self.db.read(ask).await?)
    }

    async fn pending(&self) -> Result<Vec<Approval>, StoreError> {
        let ask = |conn: &Connection| -> Result<Vec<Approval>> {
            let mut statement = conn.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM approvals WHERE ended_at IS NULL ORDER BY seq"
            ))?;
            let rows = statement.query_map([], read)?;
            Ok(rows.filter_map(readable).map(|(_, approval)| approval).collect())
        };
        Ok(self.db.read(ask).await?)
    }

    async fn end(&self, id: &str, ended: Ended) -> Result<Option<Ending>, StoreError> {
        let id = id.to_owned();
        // What was accepted must come to its end, so this waits for room.
        Ok(self.db.write(move |conn| end(conn, &id, &ended)).await?)
    }

    async fn mark_used(&self, id: &str, at: i64) -> Result<bool, StoreError> {
        let id = id.to_owned();
        let mark = move |conn: &Connection| -> Result<bool> {
            let marked = conn
                .prepare_cached(
                    "UPDATE approvals SET used_at = ?2 WHERE id = ?1 AND used_at IS NULL",
                )?
                .execute(params![id, at])?;
            Ok(marked > 0)
        };
        Ok(self.db.write(mark).await?)
    }

    async fn forfeit(&self, principal: &str, at: i64) -> Result<(), StoreError> {
        let principal = principal.to_owned();
        let mark = move |conn: &Connection| -> Result<()> {
            conn.execute(
                "UPDATE approvals SET used_at = ?2 WHERE requester ->> 'principal' = ?1 \
                 AND ended_at IS NOT NULL AND used_at IS NULL",
                params![principal, at],
            )?;
            Ok(())
        };
        Ok(self.db.write(mark).await?)
    }

    async fn history(&self, query: HistoryQuery) -> Result<Vec<(Place, Approval)>, StoreError> {
        Ok(self.db.read(move |conn| history(conn, query)).await?)
    }

    async fn forget(&self, before: i64, keep: usize) -> Result<usize, StoreError> {
        let keep = i64::try_from(keep).unwrap_or(i64::MAX);
        let forget = move |conn: &Connection| -> Result<usize> {
            Ok(conn.execute(
                "DELETE FROM approvals WHERE ended_at IS NOT NULL AND (ended_at < ?1 OR seq NOT IN \
                 (SELECT seq FROM approvals WHERE ended_at IS NOT NULL \
                  ORDER BY ended_at DESC, seq DESC LIMIT ?2))",
                [before, keep],
            )?)
        };
        Ok(self.db.write(forget).await?)
    }
}

fn insert(conn: &Connection, approval: &Approval) -> Result<()> {
    let taken: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM approvals WHERE substr(id, 1, length(?1)) = ?1)",
        )?
        .query_row([&approval.id], |row| row.get(0))?;
    if taken {
        return Err(StoreError::Conflict("approval id is taken".to_owned()).into());
    }
    conn.prepare_cached(
        "INSERT INTO approvals (id, kind, request, binding, requester, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        approval.id,
        approval.kind().name(),
        serde_json::to_string(&approval.request)?,
        approval.binding.as_ref().map(<[u8; 32]>::as_slice),
        serde_json::to_string(&approval.requester)?,
        approval.created_at,
        approval.expires_at,
    ])?;
    Ok(())
}

fn by_id(conn: &Connection, id: &str) -> Result<Option<Approval>> {
    let found = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM approvals WHERE id = ?1"))?
        .query_row([id], read)
        .optional();
    match found {
        Ok(found) => Ok(found.map(|(_, approval)| approval)),
        Err(error) => Ok(readable(Err(error)).map(|(_, approval)| approval)),
    }
}

fn end(conn: &Connection, id: &str, ended: &Ended) -> Result<Option<Ending>> {
    let changed = conn
        .prepare_cached(
            "UPDATE approvals SET ended_at = ?2, outcome = ?3, resolver = ?4 \
             WHERE id = ?1 AND ended_at IS NULL",
        )?
        .execute(params![
            id,
            ended.at,
            serde_json::to_string(&ended.outcome)?,
            serde_json::to_string(&ended.by)?,
        ])?;
    let approval = by_id(conn, id)?;
    if changed > 0
        && let Some(entry) = approval.as_ref().and_then(|approval| decided(approval, ended))
    {
        auth::note(conn, &entry)?;
    }
    Ok(approval.map(|approval| Ending { approval, applied: changed > 0 }))
}

/// What the audit record says of an end: a person's word about a command or a plugin. The words of the
/// command stay with the request; there may be secrets among them.
fn decided(approval: &Approval, ended: &Ended) -> Option<AuditEntry> {
    let event = match approval.kind() {
        Kind::Exec => AuditEvent::ExecDecided,
        Kind::Plugin => AuditEvent::PluginDecided,
        Kind::Question => return None,
    };
    let decision = match &ended.outcome {
        Outcome::Decided(decision) => decision.name(),
        Outcome::Malformed => "malformed",
        _ => return None,
    };
    let actor = match &ended.by {
        Resolver::Device { id } => device(&DeviceId::from(id.clone())),
        // One name for them, whatever they do.
        Resolver::Runtime { .. } => "shared-secret".to_owned(),
        Resolver::System => return None,
    };
    let at_ms = u64::try_from(ended.at).unwrap_or_default();
    let entry = AuditEntry::new(event, actor, at_ms).with("decision", decision);
    let entry = entry.with("approval", &approval.id).with("for", &approval.requester.principal);
    let node = match &approval.request {
        Request::Exec(request) => request.node_id.as_deref(),
        _ => None,
    };
    Some(match node {
        Some(node) => entry.about(&DeviceId::from(node)),
        None => entry,
    })
}

fn history(conn: &Connection, query: HistoryQuery) -> Result<Vec<(Place, Approval)>> {
    let before = query.before.unwrap_or(Place { ended_at: i64::MAX, seq: i64::MAX });
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM approvals WHERE ended_at IS NOT NULL \
         AND (ended_at, seq) < (?1, ?2) AND CASE WHEN ?3 IS NULL THEN kind <> 'question' \
         ELSE kind = ?3 END ORDER BY ended_at DESC, seq DESC LIMIT ?4"
    ))?;
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let kind = query.kind.map(Kind::name);
    let rows = statement.query_map(params![before.ended_at, before.seq, kind, limit], read)?;
    let placed = |(seq, approval): (i64, Approval)| {
        let ended_at = approval.ended.as_ref()?.at;
        Some((Place { ended_at, seq }, approval))
    };
    Ok(rows.filter_map(readable).filter_map(placed).collect())
}

/// A row, unless it cannot be read.
fn readable(row: rusqlite::Result<(i64, Approval)>) -> Option<(i64, Approval)> {
    row.inspect_err(|error| tracing::error!(%error, "an approval cannot be read")).ok()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Approval)> {
    let ended = match row.get::<_, Option<i64>>(7)? {
        Some(at) => Some(Ended { at, outcome: json(row, 8)?, by: json(row, 9)? }),
        None => None,
    };
    let approval = Approval {
        id: row.get(1)?,
        request: json(row, 2)?,
        binding: row.get::<_, Option<Digest>>(3)?,
        requester: json(row, 4)?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        ended,
        used_at: row.get(10)?,
    };
    Ok((row.get(0)?, approval))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}

#[cfg(test)]
mod tests;
