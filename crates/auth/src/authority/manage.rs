//! What operators do with devices: list, approve, reject, remove, replace and revoke tokens.

use std::sync::atomic::Ordering;

use openclaw_protocol::{Role, Scope, ScopeSet, ids::DeviceId};
use serde::Serialize;

use super::{AuthEvent, Authority};
use crate::{
    error::AuthError,
    pairing::{
        ApprovedVia, Device, PendingRequest,
        view::{PairedView, PendingView},
    },
    token::DeviceToken,
};

/// Who asks, by the server's records of the connection.
#[derive(Debug, Clone)]
pub struct Approver {
    /// What the connection may do.
    pub scopes: ScopeSet,
    /// The device that it came with.
    pub device: Option<DeviceId>,
}

/// Which token: a device has one for each role at most.
#[derive(Debug, Clone, Copy)]
pub struct TokenKey<'a> {
    /// The device.
    pub device: &'a DeviceId,
    /// The role.
    pub role: Role,
}

impl Approver {
    /// Nobody gives what he does not hold.
    fn must_hold(&self, scopes: ScopeSet) -> Result<(), AuthError> {
        match scopes.iter().find(|scope| !self.scopes.allows(*scope)) {
            Some(missing) => Err(AuthError::MissingScope(missing)),
            None => Ok(()),
        }
    }

    /// A paired device without `operator.admin` manages itself only. Who proved the shared secret
    /// without a device manages all: that secret stands above them.
    fn may_manage(&self, device: &DeviceId) -> Result<(), AuthError> {
        let own = self.device.as_ref().is_none_or(|own| own == device);
        if own || self.scopes.allows(Scope::Admin) { Ok(()) } else { Err(AuthError::NotYours) }
    }
}

/// What `device.pair.list` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeviceList {
    /// Requests that wait, the latest first.
    pub pending: Vec<PendingView>,
    /// Devices, the last approved first.
    pub paired: Vec<PairedView>,
}

impl Authority {
    /// Every request that waits and every device.
    pub async fn list(&self, now_ms: u64) -> Result<DeviceList, AuthError> {
        let pending = self.store.pending().await?;
        let waiting = pending.iter().filter(|request| !request.expired(now_ms));
        let devices = self.store.devices().await?;
        Ok(DeviceList {
            pending: waiting.map(PendingView::from).collect(),
            paired: devices.iter().map(PairedView::from).collect(),
        })
    }

    /// Approves a request: the device gets the roles and scopes that the request shows.
    pub async fn approve(
        &self,
        request_id: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<PairedView, AuthError> {
        let _writing = self.writes.lock().await;
        let request = self.find_request(request_id, now_ms).await?;
        by.must_hold(request.scopes)?;
        let record = self.store.device(&request.device).await?;
        let roles = request.roles.clone();
        let mut device = request.approve(record, ApprovedVia::Operator, now_ms);
        for role in roles {
            device.ensure_token(role, now_ms)?;
        }
        let view = PairedView::from(&device);
        let id = device.id.clone();
        self.store.approve(device).await?;
        self.resolved(request_id, id, true, now_ms);
        Ok(view)
    }

    /// Rejects a request; the device that had asked.
    pub async fn reject(&self, request_id: &str, now_ms: u64) -> Result<DeviceId, AuthError> {
        let _writing = self.writes.lock().await;
        let device = self.find_request(request_id, now_ms).await?.device;
        self.store.remove_pending(std::slice::from_ref(&device)).await?;
        self.resolved(request_id, device.clone(), false, now_ms);
        Ok(device)
    }

    /// Forgets a device and closes its connections.
    pub async fn remove(&self, device: &DeviceId, by: &Approver) -> Result<(), AuthError> {
        let _writing = self.writes.lock().await;
        if self.store.device(device).await?.is_none() {
            return Err(AuthError::UnknownDevice);
        }
        by.may_manage(device)?;
        self.store.remove_device(device).await?;
        self.revoked(device, None);
        Ok(())
    }

    /// Replaces a device's token. `scopes` absent keeps what the old one allowed; present they are
    /// exactly what the new one allows, and none of them (or none that is known) is none.
    pub async fn rotate(
        &self,
        TokenKey { device, role }: TokenKey<'_>,
        scopes: Option<&[String]>,
        by: &Approver,
        now_ms: u64,
    ) -> Result<DeviceToken, AuthError> {
        let _writing = self.writes.lock().await;
        let mut record = self.known(device).await?;
        by.may_manage(device)?;
        let token = record.rotate_token(role, scopes.map(ScopeSet::parse), now_ms)?.clone();
        by.must_hold(token.scopes)?;
        self.store.put_device(record).await?;
        self.revoked(device, Some(role));
        Ok(token)
    }

    /// Revokes a device's token and closes its connections of that role; when it was revoked.
    pub async fn revoke(
        &self,
        TokenKey { device, role }: TokenKey<'_>,
        by: &Approver,
        now_ms: u64,
    ) -> Result<u64, AuthError> {
        let _writing = self.writes.lock().await;
        let mut record = self.known(device).await?;
        by.may_manage(device)?;
        let revoked_at_ms = record.revoke_token(role, now_ms)?;
        self.store.put_device(record).await?;
        self.revoked(device, Some(role));
        Ok(revoked_at_ms)
    }

    async fn known(&self, device: &DeviceId) -> Result<Device, AuthError> {
        self.store.device(device).await?.ok_or(AuthError::UnknownDevice)
    }

    async fn find_request(&self, id: &str, now_ms: u64) -> Result<PendingRequest, AuthError> {
        let waiting = self.waiting(now_ms).await?;
        waiting.into_iter().find(|request| request.id == id).ok_or(AuthError::UnknownRequest)
    }

    fn resolved(&self, request_id: &str, device: DeviceId, approved: bool, at_ms: u64) {
        let request_id = request_id.to_owned();
        self.tell(AuthEvent::Resolved { request_id, device, approved, at_ms });
    }

    /// After the records are written: who registers a connection later sees the new count, who has
    /// registered it before gets the event.
    fn revoked(&self, device: &DeviceId, role: Option<Role>) {
        self.revision.fetch_add(1, Ordering::AcqRel);
        self.tell(AuthEvent::Revoked { device: device.clone(), role });
    }
}
