//! What operators do with devices: list, approve, reject, remove, name, replace and revoke tokens.

use std::sync::atomic::Ordering;

use openclaw_protocol::{
    Role, Scope, ScopeSet,
    ids::DeviceId,
    methods::devices::{DevicePairListResult, PairedDevice, PendingDevice},
};

use super::{AuthEvent, Authority, Lost};
use crate::{
    audit::{self, AuditEntry, AuditEvent},
    error::AuthError,
    pairing::{ApprovedVia, Device, MAX_LABEL, PendingRequest, shown},
    policy::Grant,
    store::Change,
    token::DeviceToken,
};

/// Who asks, by the server's records of the connection.
#[derive(Debug, Clone)]
pub struct Approver {
    /// What the connection may do.
    pub scopes: ScopeSet,
    /// The device that it speaks for alone, unless it may administrate. Absent where the shared secret
    /// let it in: that secret stands above devices.
    pub device: Option<DeviceId>,
    /// How it is called in the audit record.
    pub name: String,
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
    /// The one whom a grant has let in.
    pub fn of(grant: &Grant) -> Self {
        let name = match (&grant.device, &grant.user) {
            (Some(device), _) => audit::device(device),
            (None, Some(user)) => audit::user(user),
            (None, None) => audit::proof(grant.method),
        };
        let device = grant.device.clone().filter(|_| !grant.method.proves_secret());
        Self { scopes: grant.scopes, device, name }
    }

    /// Who owns the state folder and works on it without a gateway.
    pub fn owner() -> Self {
        Self { scopes: ScopeSet::all(), device: None, name: "owner".to_owned() }
    }

    /// Whether it may know of this device.
    pub fn sees(&self, device: &DeviceId) -> bool {
        self.is_admin() || self.device.as_ref().is_none_or(|own| own == device)
    }

    fn is_admin(&self) -> bool {
        self.scopes.contains(Scope::Admin)
    }

    pub(super) fn must_administrate(&self) -> Result<(), AuthError> {
        if self.is_admin() { Ok(()) } else { Err(AuthError::AdminOnly) }
    }

    fn must_hold(&self, scopes: ScopeSet) -> Result<(), AuthError> {
        match scopes.iter().find(|scope| !self.scopes.allows(*scope)) {
            Some(missing) => Err(AuthError::MissingScope(missing)),
            None => Ok(()),
        }
    }

    pub(super) fn may_manage(&self, device: &DeviceId) -> Result<(), AuthError> {
        if self.sees(device) { Ok(()) } else { Err(AuthError::NotYours) }
    }

    /// What a node may do is not counted in scopes: only an administrator decides about it.
    fn may_manage_roles(&self, roles: &[Role]) -> Result<(), AuthError> {
        let operator = roles.iter().all(|role| *role == Role::Operator);
        if operator { Ok(()) } else { self.must_administrate() }
    }

    /// What it did, for the audit record.
    pub fn entry(&self, event: AuditEvent, device: &DeviceId, at_ms: u64) -> AuditEntry {
        AuditEntry::new(event, self.name.clone(), at_ms).about(device)
    }

    /// Removing and naming one's own device: it must be an operator's and nothing else.
    pub(super) fn may_change(&self, device: &Device) -> Result<(), AuthError> {
        if self.device.is_none() { Ok(()) } else { self.may_manage_roles(&device.roles) }
    }
}

impl Authority {
    /// The requests that wait, the latest first, and the devices, the last approved first; of a caller
    /// that speaks for one device, that one's.
    pub async fn list(
        &self,
        by: &Approver,
        now_ms: u64,
    ) -> Result<DevicePairListResult, AuthError> {
        let pending = self.store.pending().await?;
        let waiting = pending.iter().filter(|r| !r.expired(now_ms) && by.sees(&r.device));
        let devices = match by.device.as_ref().filter(|_| !by.is_admin()) {
            Some(own) => self.store.device(own).await?.into_iter().collect(),
            None => self.store.devices().await?,
        };
        Ok(DevicePairListResult {
            pending: waiting.map(PendingDevice::from).collect(),
            paired: devices.into_iter().map(PairedDevice::from).collect(),
        })
    }

    /// Every paired device, the last approved first.
    pub async fn devices(&self) -> Result<Vec<Device>, AuthError> {
        Ok(self.store.devices().await?)
    }

    /// Approves a request: the device gets the roles and scopes that the request shows.
    pub async fn approve(
        &self,
        request_id: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<PairedDevice, AuthError> {
        let _writing = self.writes.lock().await;
        // Who is no administrator is not told which ids there are.
        let found = self.find_request(request_id, now_ms).await;
        let request = found.map_err(|error| error.hidden(by.is_admin()))?;
        by.may_manage(&request.device)?;
        by.may_manage_roles(&request.roles)?;
        by.must_hold(request.scopes)?;
        let record = self.store.device(&request.device).await?;
        let roles = request.roles.clone();
        let mut device = request.approve(record, ApprovedVia::Operator, now_ms);
        for role in roles {
            device.ensure_token(role, now_ms)?;
        }
        let view = PairedDevice::from(&device);
        let id = device.id.clone();
        let entry =
            by.entry(AuditEvent::Approved, &id, now_ms).with("via", device.approved_via.name());
        let entry = entry.access(&device.roles, device.scopes);
        let decided = [Change::RemovePending(id.clone()), Change::PutDevice(device)];
        self.store.write(decided.into_iter().chain([Change::Audit(entry)]).collect()).await?;
        self.resolved(request_id, id, true, now_ms);
        Ok(view)
    }

    /// Rejects a request; the device that had asked.
    pub async fn reject(
        &self,
        request_id: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<DeviceId, AuthError> {
        let _writing = self.writes.lock().await;
        let found = self.find_request(request_id, now_ms).await;
        let all = by.is_admin() || by.device.is_none();
        let request = found.map_err(|error| error.hidden(all))?;
        let device = request.device;
        by.may_manage(&device)?;
        let entry = by.entry(AuditEvent::Rejected, &device, now_ms);
        let entry = Change::Audit(entry.access(&request.roles, request.scopes));
        self.store.write(vec![Change::RemovePending(device.clone()), entry]).await?;
        self.resolved(request_id, device.clone(), false, now_ms);
        Ok(device)
    }

    /// Forgets a device and closes its connections.
    pub async fn remove(
        &self,
        device: &DeviceId,
        by: &Approver,
        now_ms: u64,
    ) -> Result<(), AuthError> {
        let _writing = self.writes.lock().await;
        by.may_manage(device)?;
        by.may_change(&self.known(device).await?)?;
        let entry = Change::Audit(by.entry(AuditEvent::Removed, device, now_ms));
        let ended = [Change::RemoveDevice(device.clone()), Change::EndSetups(device.clone())];
        self.store.write(ended.into_iter().chain([entry]).collect()).await?;
        self.revoked(device, None, Lost::Removed, by);
        Ok(())
    }

    /// Gives a device the name that people see; the name as it is kept.
    pub async fn rename(
        &self,
        device: &DeviceId,
        label: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<String, AuthError> {
        let label = shown(label, MAX_LABEL).ok_or(AuthError::LabelNeeded)?;
        let _writing = self.writes.lock().await;
        by.may_manage(device)?;
        let mut record = self.known(device).await?;
        by.may_change(&record)?;
        record.label = Some(label.clone());
        let entry = by.entry(AuditEvent::Renamed, device, now_ms).with("label", label.clone());
        self.store.write(vec![Change::PutDevice(record), Change::Audit(entry)]).await?;
        self.tell(AuthEvent::Changed);
        Ok(label)
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
        by.may_manage(device)?;
        by.may_manage_roles(&[role])?;
        let mut record = self.known(device).await?;
        let token = record.rotate_token(role, scopes.map(ScopeSet::parse), now_ms)?.clone();
        by.must_hold(token.scopes)?;
        let entry = by.entry(AuditEvent::Rotated, device, now_ms).access(&[role], token.scopes);
        self.store.write(vec![Change::PutDevice(record), Change::Audit(entry)]).await?;
        self.revoked(device, Some(role), Lost::TokenReplaced, by);
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
        by.may_manage(device)?;
        by.may_manage_roles(&[role])?;
        let mut record = self.known(device).await?;
        if let Some(token) = record.token(role) {
            by.must_hold(token.scopes)?;
        }
        let revoked_at_ms = record.revoke_token(role, now_ms)?;
        let entry = by.entry(AuditEvent::Revoked, device, now_ms).with("roles", role.name());
        let ended = [Change::PutDevice(record), Change::EndSetups(device.clone())];
        self.store.write(ended.into_iter().chain([Change::Audit(entry)]).collect()).await?;
        self.revoked(device, Some(role), Lost::TokenRevoked, by);
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
    pub(super) fn revoked(&self, device: &DeviceId, role: Option<Role>, lost: Lost, by: &Approver) {
        self.revision.fetch_add(1, Ordering::AcqRel);
        self.tell(AuthEvent::Revoked { device: device.clone(), role, lost, by: by.clone() });
    }
}
