//! Requests in memory: for tests, and the reference that the embedded store is compared with.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{ApprovalStore, Ending, HistoryQuery, Place};
use crate::{
    approvals::record::{Approval, Ended, Kind},
    store::StoreError,
};

/// A store in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryApprovalStore(Arc<Mutex<Vec<(i64, Approval)>>>);

#[async_trait]
impl ApprovalStore for MemoryApprovalStore {
    async fn insert(&self, approval: Approval) -> Result<(), StoreError> {
        {
            let mut rows = self.0.lock();
            if rows.iter().any(|(_, row)| row.id.starts_with(&approval.id)) {
                return Err(StoreError::Conflict("approval id is taken".to_owned()));
            }
            let seq = rows.iter().map(|(seq, _)| seq).max().map_or(1, |last| last + 1);
            rows.push((seq, approval));
        }
        // As with a disk, the row is there for others before its writer hears of it.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn approval(&self, id: &str) -> Result<Option<Approval>, StoreError> {
        Ok(self.0.lock().iter().find(|(_, row)| row.id == id).map(|(_, row)| row.clone()))
    }

    async fn beginning(&self, kind: Kind, start: &str) -> Result<Vec<String>, StoreError> {
        let start = start.to_ascii_lowercase();
        let rows = self.0.lock();
        let begins =
            |row: &Approval| row.kind() == kind && row.id.to_ascii_lowercase().starts_with(&start);
        let ids = rows.iter().filter(|(_, row)| begins(row)).map(|(_, row)| row.id.clone());
        Ok(ids.take(2).collect())
    }

    async fn pending(&self) -> Result<Vec<Approval>, StoreError> {
        let rows = self.0.lock();
        Ok(rows.iter().filter(|(_, row)| row.is_pending()).map(|(_, row)| row.clone()).collect())
    }

    async fn end(&self, id: &str, ended: Ended) -> Result<Option<Ending>, StoreError> {
        let mut rows = self.0.lock();
        let Some((_, row)) = rows.iter_mut().find(|(_, row)| row.id == id) else {
            return Ok(None);
        };
        let applied = row.is_pending();
        if applied {
            row.ended = Some(ended);
        }
        Ok(Some(Ending { approval: row.clone(), applied }))
    }

    async fn mark_used(&self, id: &str, at: i64) -> Result<bool, StoreError> {
        let mut rows = self.0.lock();
        let row = rows.iter_mut().find(|(_, row)| row.id == id && row.used_at.is_none());
        Ok(row.map(|(_, row)| row.used_at = Some(at)).is_some())
    }

    async fn forfeit(&self, principal: &str, at: i64) -> Result<(), StoreError> {
        let mut rows = self.0.lock();
        let own = rows.iter_mut().map(|(_, row)| row).filter(|row| {
            row.requester.principal == principal && row.ended.is_some() && row.used_at.is_none()
        });
        own.for_each(|row| row.used_at = Some(at));
        Ok(())
    }

    async fn history(&self, query: HistoryQuery) -> Result<Vec<(Place, Approval)>, StoreError> {
        let rows = self.0.lock();
        let fits = |kind: Kind| match query.kind {
            Some(wanted) => kind == wanted,
            None => kind != Kind::Question,
        };
        let mut found: Vec<_> = rows
            .iter()
            .filter(|(_, row)| fits(row.kind()))
            .filter_map(|(seq, row)| {
                let place = Place { ended_at: row.ended.as_ref()?.at, seq: *seq };
                Some((place, row.clone()))
            })
            .filter(|(place, _)| {
                let key = |place: &Place| (place.ended_at, place.seq);
                query.before.is_none_or(|before| key(place) < key(&before))
            })
            .collect();
        found.sort_by_key(|(place, _)| std::cmp::Reverse((place.ended_at, place.seq)));
        found.truncate(query.limit);
        Ok(found)
    }

    async fn forget(&self, before: i64, keep: usize) -> Result<usize, StoreError> {
        let mut rows = self.0.lock();
        let mut ended: Vec<_> =
            rows.iter().filter_map(|(seq, row)| Some((row.ended.as_ref()?.at, *seq))).collect();
        ended.sort_unstable_by_key(|place| std::cmp::Reverse(*place));
        let gone: Vec<i64> = ended
            .iter()
            .enumerate()
            .filter(|(n, (at, _))| *n >= keep || *at < before)
            .map(|(_, (_, seq))| *seq)
            .collect();
        rows.retain(|(seq, _)| !gone.contains(seq));
        Ok(gone.len())
    }
}
