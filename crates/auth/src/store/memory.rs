//! Records in memory. Forgets everything at the end of the process.

use std::{cmp::Reverse, collections::BTreeMap};

use async_trait::async_trait;
use openclaw_protocol::ids::DeviceId;
use parking_lot::Mutex;

use super::{AuthStore, Change, SetupKey, StoreError};
use crate::{
    audit::{AuditQuery, AuditRecord, MAX_RECORDS},
    pairing::{Device, PendingRequest},
    rate_limit::Lockout,
    setup::{MAX_SETUPS, Setup},
};

/// An [`AuthStore`] that keeps nothing.
#[derive(Debug, Default)]
pub struct MemoryAuthStore {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone)]
struct State {
    devices: BTreeMap<DeviceId, Device>,
    pending: BTreeMap<DeviceId, PendingRequest>,
    setups: BTreeMap<String, Setup>,
    lockouts: Vec<Lockout>,
    audit: Vec<AuditRecord>,
    last: u64,
}

#[async_trait]
impl AuthStore for MemoryAuthStore {
    async fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        Ok(self.state.lock().devices.get(id).cloned())
    }

    async fn devices(&self) -> Result<Vec<Device>, StoreError> {
        let mut devices: Vec<_> = self.state.lock().devices.values().cloned().collect();
        devices.sort_by_key(|device| Reverse(device.approved_at_ms));
        Ok(devices)
    }

    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError> {
        let mut pending: Vec<_> = self.state.lock().pending.values().cloned().collect();
        pending.sort_by_key(|request| Reverse(request.at_ms));
        Ok(pending)
    }

    async fn setup(&self, key: &SetupKey) -> Result<Option<Setup>, StoreError> {
        let state = self.state.lock();
        Ok(match key {
            SetupKey::Id(id) => state.setups.get(id).cloned(),
            SetupKey::Digest(digest) => {
                state.setups.values().find(|setup| setup.digest.same(digest)).cloned()
            }
        })
    }

    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError> {
        Ok(self.state.lock().lockouts.clone())
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        let state = self.state.lock();
        let fits = state.audit.iter().rev().filter(|record| query.fits(record));
        Ok(fits.take(query.limit).cloned().collect())
    }

    async fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let mut next = state.clone();
        changes.into_iter().try_for_each(|change| next.apply(change))?;
        *state = next;
        Ok(())
    }
}

impl State {
    fn apply(&mut self, change: Change) -> Result<(), StoreError> {
        match change {
            Change::PutDevice(device) => drop(self.devices.insert(device.id.clone(), device)),
            Change::RemoveDevice(id) => {
                self.pending.remove(&id);
                self.devices.remove(&id);
            }
            Change::Seen(id, at_ms) => {
                if let Some(device) = self.devices.get_mut(&id) {
                    device.last_seen_at_ms = Some(at_ms);
                }
            }
            Change::PutPending(request) => {
                self.pending.insert(request.device.clone(), request);
            }
            Change::RemovePending(id) => drop(self.pending.remove(&id)),
            Change::PutSetup(setup) => self.put_setup(setup),
            Change::UseSetup(id, used) => {
                let unused = self.setups.get_mut(&id).filter(|setup| setup.used.is_none());
                unused.ok_or_else(|| StoreError("the setup code is used up".to_owned()))?.used =
                    Some(used);
            }
            Change::SetupDelivered(id) => {
                if let Some(used) = self.setups.get_mut(&id).and_then(|setup| setup.used.as_mut()) {
                    used.delivered = true;
                }
            }
            Change::EndSetups(maker) => {
                self.setups.retain(|_, s| s.used.is_some() || s.maker.as_ref() != Some(&maker));
            }
            Change::Lockouts(lockouts) => self.lockouts = lockouts,
            Change::Audit(entry) => {
                self.last += 1;
                self.audit.push(AuditRecord { seq: self.last, entry });
                let over = self.audit.len().saturating_sub(MAX_RECORDS);
                self.audit.drain(..over);
            }
        }
        Ok(())
    }

    fn put_setup(&mut self, setup: Setup) {
        self.setups.retain(|_, old| !old.is_forgotten(setup.issued_at_ms));
        let mut unused: Vec<_> = self.setups.values().filter(|old| old.used.is_none()).collect();
        unused.sort_by_key(|old| Reverse(old.issued_at_ms));
        let over: Vec<_> = unused.iter().skip(MAX_SETUPS - 1).map(|old| old.id.clone()).collect();
        self.setups.retain(|id, _| !over.contains(id));
        self.setups.insert(setup.id.clone(), setup);
    }
}
