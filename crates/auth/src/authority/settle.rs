//! What is written when a device comes in: its approval by its proof, a new token, or a request that waits.

use super::{AuthEvent, Authority, Judged, new_id, refused};
use crate::{
    audit::{self, AuditEntry, AuditEvent},
    pairing::{Device, MAX_PENDING, PairingAsk, PairingReason, PendingRequest},
    policy::{Admitted, Decision, Proof, Verdict},
    refusal::Refusal,
    store::{Change, StoreError},
};

impl Authority {
    /// Decides again with the records held, and writes what follows.
    pub(super) async fn settle(
        &self,
        judged: &Judged<'_>,
        proof: Proof,
    ) -> Result<Decision, StoreError> {
        let Some(id) = judged.screened.device().map(|device| device.id.clone()) else {
            return Ok(refused(Refusal::device_required()));
        };
        let _writing = self.writes.lock().await;
        let record = self.store.device(&id).await?;
        let setup = self.setup_of(judged).await?;
        let proof = match proof {
            // The token may have been revoked since, the code used.
            Proof::DeviceToken { .. } | Proof::Setup(_) => {
                judged.prove(judged.records(record.as_ref(), setup.as_ref()))
            }
            other => other,
        };
        match judged.decide(proof, record.as_ref()) {
            Verdict::Device(admitted) => match (admitted.setup, setup) {
                (Some(_), Some(setup)) => self.set_up(judged, &admitted, record, &setup).await,
                _ => self.admit(judged, &admitted, record).await,
            },
            Verdict::Ask { ask, reason } => self.ask(judged, &ask, reason, record.as_ref()).await,
            Verdict::Refused(refusal) => Ok(refused(*refusal)),
            // Its record was withdrawn meanwhile; the word that lets it in stands.
            Verdict::Plain { scopes, method } => Ok(judged.plain(scopes, method)),
        }
    }

    async fn admit(
        &self,
        judged: &Judged<'_>,
        admitted: &Admitted,
        record: Option<Device>,
    ) -> Result<Decision, StoreError> {
        let (role, now_ms) = (admitted.ask.role, judged.now_ms);
        let known = record.is_some();
        let mut device = match (admitted.approve, record) {
            (false, Some(device)) => device,
            (_, record) => admitted.ask.approved(record, now_ms),
        };
        let fresh = device.ensure_token(role, now_ms).map_err(|e| StoreError(e.to_string()))?;
        device.last_seen_at_ms = Some(now_ms);
        let Some(token) = device.token(role).cloned() else {
            return Ok(refused(Refusal::unavailable()));
        };
        let entry = |event| {
            let entry = AuditEntry::new(event, audit::proof(admitted.method), now_ms);
            entry.about(&device.id).with("from", audit::address(&judged.attempt.peer))
        };
        let grant = judged.grant(admitted, &token);
        if admitted.approve {
            let entry = entry(AuditEvent::Approved).with("via", device.approved_via.name());
            let entry = entry.access(&device.roles, device.scopes);
            self.approve_device(device, vec![Change::Audit(entry)], now_ms).await?;
        } else {
            let mut changes = Vec::new();
            if fresh && known {
                let entry = entry(AuditEvent::Rotated).with("via", "connect");
                changes.push(Change::Audit(entry.access(&[role], token.scopes)));
            }
            changes.push(Change::PutDevice(device));
            self.store.write(changes).await?;
        }
        Ok(Decision::Granted(Box::new(grant)))
    }

    /// Writes a device that has been approved, and says so to whoever waits for its request.
    pub(super) async fn approve_device(
        &self,
        device: Device,
        mut changes: Vec<Change>,
        at_ms: u64,
    ) -> Result<(), StoreError> {
        let id = device.id.clone();
        let waited = self.store.pending().await?.into_iter().find(|r| r.device == id);
        changes.extend([Change::RemovePending(id.clone()), Change::PutDevice(device)]);
        self.store.write(changes).await?;
        let request_id = waited.map_or_else(new_id, |request| request.id);
        self.tell(AuthEvent::Resolved { request_id, device: id, approved: true, at_ms });
        Ok(())
    }

    async fn ask(
        &self,
        judged: &Judged<'_>,
        ask: &PairingAsk,
        reason: PairingReason,
        record: Option<&Device>,
    ) -> Result<Decision, StoreError> {
        let waiting = self.waiting(judged.now_ms).await?;
        let others = waiting.iter().filter(|request| request.device != ask.device.id).count();
        let mut request_id = None;
        if others < MAX_PENDING {
            let own = waiting.into_iter().find(|request| request.device == ask.device.id);
            let (repair, now_ms) = (record.is_some(), judged.now_ms);
            let request = PendingRequest::ask(own.clone(), ask, repair, new_id, now_ms);
            let request = request.request().clone();
            self.store.write(vec![Change::PutPending(request.clone())]).await?;
            request_id = Some(self.requested(own, request, now_ms));
        }
        let version = judged.attempt.version;
        Ok(refused(Refusal::pairing(version, reason, request_id.as_deref(), ask, record)))
    }

    /// Tells of a request that was written, unless it was there before; its id.
    pub(super) fn requested(
        &self,
        former: Option<PendingRequest>,
        request: PendingRequest,
        at_ms: u64,
    ) -> String {
        let id = request.id.clone();
        if let Some(former) = former {
            if former.id == id {
                return id;
            }
            let (request_id, device) = (former.id, former.device);
            self.tell(AuthEvent::Resolved { request_id, device, approved: false, at_ms });
        }
        self.tell(AuthEvent::Requested(request));
        id
    }

    /// What waits today; what ran out is removed.
    pub(super) async fn waiting(&self, now_ms: u64) -> Result<Vec<PendingRequest>, StoreError> {
        let (expired, waiting): (Vec<_>, Vec<_>) =
            self.store.pending().await?.into_iter().partition(|request| request.expired(now_ms));
        if !expired.is_empty() {
            let gone = expired.iter().map(|request| Change::RemovePending(request.device.clone()));
            self.store.write(gone.collect()).await?;
        }
        for PendingRequest { id: request_id, device, .. } in expired {
            // Nobody has decided, so it is not among the decisions: whoever waits hears that it ran out.
            self.announce(AuthEvent::Resolved {
                request_id,
                device,
                approved: false,
                at_ms: now_ms,
            });
        }
        Ok(waiting)
    }

    /// Removes requests that ran out, and says so. A gateway calls it now and then.
    pub async fn expire(&self, now_ms: u64) -> Result<(), StoreError> {
        let _writing = self.writes.lock().await;
        self.waiting(now_ms).await.map(drop)
    }
}
