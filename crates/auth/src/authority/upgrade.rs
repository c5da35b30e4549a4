//! More scopes for a device that is connected: asked for by itself, decided by an operator.

use openclaw_protocol::{Role, Scope, ScopeSet, ids::DeviceId};

use super::{Approver, Authority, new_id};
use crate::{
    audit::{AuditEntry, AuditEvent},
    device::ProvenDevice,
    error::AuthError,
    pairing::{Device, MAX_PENDING, PENDING_TTL_MS, PairingAsk, PendingRequest},
    policy::{Grant, GrantedToken},
    store::Change,
};

/// Decisions that are remembered for whoever waits; the oldest is forgotten first.
pub(super) const MAX_DECIDED: usize = 256;

/// A request that was decided.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) request_id: String,
    pub(super) device: DeviceId,
    pub(super) approved: bool,
}

/// How a request for more scopes stands.
#[derive(Debug)]
pub enum Upgrade {
    /// Nobody has decided; it runs out then, in milliseconds since 1970.
    Waiting {
        /// When.
        until_ms: u64,
    },
    /// The device may; this is its token now.
    Approved(Box<GrantedToken>),
    /// It may not.
    Rejected,
    /// There is no such request of this device, or no longer.
    Unknown,
}

impl Authority {
    /// Asks for more scopes for the device of a connection; the request's id.
    pub async fn request_upgrade(
        &self,
        grant: &Grant,
        scopes: &[String],
        now_ms: u64,
    ) -> Result<String, AuthError> {
        let id = own_device(grant)?;
        if scopes.iter().any(|name| Scope::parse(name).is_none()) {
            return Err(AuthError::UnknownScope);
        }
        let scopes = ScopeSet::parse(scopes);
        if !scopes.covers(grant.scopes) {
            return Err(AuthError::NarrowerScopes);
        }
        let _writing = self.writes.lock().await;
        let device = self.store.device(id).await?.ok_or(AuthError::DeviceNeeded)?;
        let waiting = self.waiting(now_ms).await?;
        if waiting.iter().filter(|request| request.device != *id).count() >= MAX_PENDING {
            return Err(AuthError::TooManyRequests);
        }
        let own = waiting.into_iter().find(|request| request.device == *id);
        let request =
            PendingRequest::ask(own.clone(), &asking(device, scopes), true, new_id, now_ms);
        let request = request.request().clone();
        let entry = AuditEntry::new(AuditEvent::ScopesRequested, Approver::of(grant).name, now_ms);
        let entry = entry.about(id).access(&request.roles, request.scopes);
        self.store.write(vec![Change::PutPending(request.clone()), Change::Audit(entry)]).await?;
        Ok(self.requested(own, request, now_ms))
    }

    /// How a request of a connection's device stands. To be asked again after each event until the
    /// answer is no longer [`Upgrade::Waiting`].
    pub async fn upgrade(
        &self,
        grant: &Grant,
        request_id: &str,
        now_ms: u64,
    ) -> Result<Upgrade, AuthError> {
        let id = own_device(grant)?;
        let pending = self.store.pending().await?;
        let mine = pending.iter().find(|r| r.id == request_id && r.device == *id);
        if let Some(request) = mine.filter(|request| !request.expired(now_ms)) {
            return Ok(Upgrade::Waiting { until_ms: request.at_ms + PENDING_TTL_MS });
        }
        Ok(match self.decision(request_id, id) {
            None => Upgrade::Unknown,
            Some(false) => Upgrade::Rejected,
            // Revoked since then is as good as rejected.
            Some(true) => {
                match self.store.device(id).await?.as_ref().and_then(|d| d.token(Role::Operator)) {
                    Some(token) => Upgrade::Approved(Box::new(GrantedToken::from(token))),
                    None => Upgrade::Rejected,
                }
            }
        })
    }
}

impl Authority {
    /// Whether a request was approved, when it was decided lately.
    fn decision(&self, request_id: &str, device: &DeviceId) -> Option<bool> {
        let decided = self.decided.lock();
        let mine = decided.iter().rev().find(|d| d.request_id == request_id && d.device == *device);
        mine.map(|decided| decided.approved)
    }
}

fn own_device(grant: &Grant) -> Result<&DeviceId, AuthError> {
    grant.device.as_ref().filter(|_| grant.role == Role::Operator).ok_or(AuthError::DeviceNeeded)
}

/// What is asked for, with what the record says of the device: nothing about it has changed.
fn asking(device: Device, scopes: ScopeSet) -> PairingAsk {
    let proven = ProvenDevice { id: device.id, public_key: device.public_key };
    PairingAsk { device: proven, about: device.about, role: Role::Operator, scopes }
}
