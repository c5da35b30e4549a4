//! Devices in memory. Forgets everything at the end of the process.

use std::{cmp::Reverse, collections::BTreeMap};

use async_trait::async_trait;
use openclaw_protocol::ids::DeviceId;
use parking_lot::Mutex;

use super::{AuthStore, StoreError};
use crate::{
    pairing::{Device, PendingRequest},
    rate_limit::Lockout,
};

/// An [`AuthStore`] that keeps nothing.
#[derive(Debug, Default)]
pub struct MemoryAuthStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    devices: BTreeMap<DeviceId, Device>,
    pending: BTreeMap<DeviceId, PendingRequest>,
    lockouts: Vec<Lockout>,
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

    async fn put_device(&self, device: Device) -> Result<(), StoreError> {
        self.state.lock().devices.insert(device.id.clone(), device);
        Ok(())
    }

    async fn approve(&self, device: Device) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.pending.remove(&device.id);
        state.devices.insert(device.id.clone(), device);
        Ok(())
    }

    async fn remove_device(&self, id: &DeviceId) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        state.pending.remove(id);
        Ok(state.devices.remove(id).is_some())
    }

    async fn seen(&self, id: &DeviceId, at_ms: u64) -> Result<(), StoreError> {
        if let Some(device) = self.state.lock().devices.get_mut(id) {
            device.last_seen_at_ms = Some(at_ms);
        }
        Ok(())
    }

    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError> {
        let mut pending: Vec<_> = self.state.lock().pending.values().cloned().collect();
        pending.sort_by_key(|request| Reverse(request.at_ms));
        Ok(pending)
    }

    async fn put_pending(&self, request: PendingRequest) -> Result<(), StoreError> {
        self.state.lock().pending.insert(request.device.clone(), request);
        Ok(())
    }

    async fn remove_pending(&self, devices: &[DeviceId]) -> Result<(), StoreError> {
        self.state.lock().pending.retain(|id, _| !devices.contains(id));
        Ok(())
    }

    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError> {
        Ok(self.state.lock().lockouts.clone())
    }

    async fn put_lockouts(&self, lockouts: Vec<Lockout>) -> Result<(), StoreError> {
        self.state.lock().lockouts = lockouts;
        Ok(())
    }
}
