//! What was granted, refused and taken back: written beside what it is about, and shown.

use std::fmt::Display;

use super::{
    Approver, AuthEvent, Authority,
    upgrade::{Decided, MAX_DECIDED},
};
use crate::{
    attempt::PeerFacts,
    audit::{self, AuditEntry, AuditEvent, AuditQuery, AuditRecord},
    error::AuthError,
    store::{Change, StoreError},
};

impl Authority {
    /// What was recorded, the latest first, with the refusals until now.
    pub async fn audit(
        &self,
        query: &AuditQuery,
        now_ms: u64,
    ) -> Result<Vec<AuditRecord>, AuthError> {
        self.record_refusals(now_ms).await?;
        Ok(self.store.audit(query).await?)
    }

    /// Records that the shared secret at `place` of the config was replaced.
    pub async fn record_replaced(
        &self,
        place: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<(), AuthError> {
        let entry = AuditEntry::new(AuditEvent::SecretReplaced, by.name.clone(), now_ms);
        Ok(self.store.write(vec![Change::Audit(entry.with("secret", place))]).await?)
    }

    /// Writes the refusals since the last time, one record for each kind. A gateway calls it now and
    /// then and at its end; guessing does not write the disk for each guess.
    pub async fn record_refusals(&self, now_ms: u64) -> Result<(), AuthError> {
        let refusals = self.refusals.lock().take(now_ms);
        if !refusals.is_empty() {
            self.store.write(refusals.into_iter().map(Change::Audit).collect()).await?;
        }
        Ok(())
    }

    pub(super) fn note_refusal(&self, peer: &PeerFacts, reason: &str, now_ms: u64) {
        let actor = audit::address(peer);
        self.refusals.lock().count(AuditEvent::Refused, actor, reason, now_ms);
    }

    /// Notes that one who was let in was refused something about devices.
    pub fn note_denial(&self, by: &Approver, what: &str, error: &impl Display, now_ms: u64) {
        let reason = format!("{what}: {error}");
        self.refusals.lock().count(AuditEvent::Denied, by.name.clone(), &reason, now_ms);
    }

    /// Notes that a node told of something that it was not asked for.
    pub fn note_forgery(&self, node: &Approver, what: &str, now_ms: u64) {
        self.refusals.lock().count(AuditEvent::NodeForged, node.name.clone(), what, now_ms);
    }

    /// Records what was done outside of these records, for example in a file.
    pub async fn record(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.store.write(vec![Change::Audit(entry)]).await
    }

    pub(super) fn tell(&self, event: AuthEvent) {
        if let AuthEvent::Resolved { request_id, device, approved, .. } = &event {
            let (request_id, device) = (request_id.clone(), device.clone());
            let mut decided = self.decided.lock();
            if decided.len() >= MAX_DECIDED {
                decided.pop_front();
            }
            decided.push_back(Decided { request_id, device, approved: *approved });
        }
        self.announce(event);
    }

    pub(super) fn announce(&self, event: AuthEvent) {
        // Nobody listens while a gateway starts or stops; there is no connection to close then.
        self.events.send(event).ok();
    }
}
