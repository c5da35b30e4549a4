//! Taking a role from a device, and which devices have one.

use openclaw_protocol::{Role, ScopeSet, ids::DeviceId};

use super::{Approver, Authority, Lost};
use crate::{audit::AuditEvent, error::AuthError, pairing::Device, store::Change};

impl Authority {
    /// The devices that are approved for a role, the last approved first.
    pub async fn devices_of(&self, role: Role) -> Result<Vec<Device>, AuthError> {
        let devices = self.store.devices().await?;
        Ok(devices.into_iter().filter(|device| device.roles.contains(&role)).collect())
    }

    /// One device, when it is approved for a role.
    pub async fn device_of(
        &self,
        device: &DeviceId,
        role: Role,
    ) -> Result<Option<Device>, AuthError> {
        let device = self.store.device(device).await?;
        Ok(device.filter(|device| device.roles.contains(&role)))
    }

    /// Takes a role and its token from a device and closes its connections of that role. A device that
    /// has no other role is forgotten.
    pub async fn remove_role(
        &self,
        device: &DeviceId,
        role: Role,
        by: &Approver,
        now_ms: u64,
    ) -> Result<(), AuthError> {
        let _writing = self.writes.lock().await;
        by.may_manage(device)?;
        let record = self.store.device(device).await?;
        let Some(mut record) = record.filter(|record| record.roles.contains(&role)) else {
            return Err(AuthError::UnknownDevice);
        };
        by.may_change(&record)?;
        record.roles.retain(|own| *own != role);
        record.tokens.retain(|token| token.role != role);
        let mut ended = Vec::new();
        if role == Role::Operator {
            // Whoever makes it an operator again decides anew what it may do.
            record.scopes = ScopeSet::EMPTY;
            ended.push(Change::EndSetups(device.clone()));
        }
        if record.roles.is_empty() {
            let entry = Change::Audit(by.entry(AuditEvent::Removed, device, now_ms));
            let ended = [Change::RemoveDevice(device.clone()), Change::EndSetups(device.clone())];
            self.store.write(ended.into_iter().chain([entry]).collect()).await?;
            self.revoked(device, None, Lost::Removed, by);
        } else {
            let entry = by.entry(AuditEvent::Revoked, device, now_ms).with("roles", role.name());
            ended.extend([Change::PutDevice(record), Change::Audit(entry)]);
            self.store.write(ended).await?;
            self.revoked(device, Some(role), Lost::TokenRevoked, by);
        }
        Ok(())
    }
}
