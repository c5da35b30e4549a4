//! Making setup codes, letting devices in by them, and telling what became of them.

use super::{Approver, AuthEvent, Authority, Judged};
use crate::{
    audit::{AuditEntry, AuditEvent},
    credential::{Digest, Secret},
    error::AuthError,
    pairing::Device,
    policy::{Admitted, Decision, GrantedToken},
    refusal::Refusal,
    setup::{Setup, SetupAccess, SetupUse},
    store::{Change, SetupKey, StoreError},
};

/// A setup code that was made.
#[derive(Debug)]
pub struct Issued {
    /// Its id.
    pub id: String,
    /// The secret, told this once.
    pub secret: Secret,
    /// When it ends, in milliseconds since 1970.
    pub expires_at_ms: u64,
}

/// What became of a setup code that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupStatus {
    /// What it gave.
    pub access: SetupAccess,
    /// Who used it.
    pub used: SetupUse,
}

impl Authority {
    /// Makes a code of one use. Its maker must hold what it gives, and decides about nodes: an administrator.
    pub async fn issue_setup(
        &self,
        access: SetupAccess,
        by: &Approver,
        now_ms: u64,
    ) -> Result<Issued, AuthError> {
        by.must_administrate()?;
        let (setup, secret) = Setup::issue(access, by.device.clone(), now_ms)?;
        let (id, expires_at_ms) = (setup.id.clone(), setup.expires_at_ms());
        let entry = AuditEntry::new(AuditEvent::SetupIssued, by.name.clone(), now_ms);
        let entry = entry.with("setup", id.clone()).with("access", access.name());
        let _writing = self.writes.lock().await;
        self.store.write(vec![Change::PutSetup(setup), Change::Audit(entry)]).await?;
        Ok(Issued { id, secret, expires_at_ms })
    }

    /// What became of a code; `None` while nobody has used it, and of one that there is not.
    pub async fn setup_status(
        &self,
        id: &str,
        now_ms: u64,
    ) -> Result<Option<SetupStatus>, AuthError> {
        let setup = self.store.setup(&SetupKey::Id(id.to_owned())).await?;
        let known = setup.filter(|setup| !setup.is_forgotten(now_ms));
        Ok(known.and_then(|Setup { access, used, .. }| Some(SetupStatus { access, used: used? })))
    }

    /// Who used a code was answered, or went away before: listeners hear what became of it.
    pub async fn setup_answered(&self, id: &str, delivered: bool) -> Result<(), AuthError> {
        if delivered {
            self.store.write(vec![Change::SetupDelivered(id.to_owned())]).await?;
        }
        let setup = self.store.setup(&SetupKey::Id(id.to_owned())).await?;
        if let Some(Setup { access, used: Some(used), .. }) = setup {
            self.tell(AuthEvent::SetUp {
                setup: id.to_owned(),
                status: SetupStatus { access, used },
            });
        }
        Ok(())
    }

    /// The code whose secret an attempt brings.
    pub(super) async fn setup_of(&self, judged: &Judged<'_>) -> Result<Option<Setup>, StoreError> {
        let offered = crate::attempt::provided(judged.attempt.auth.bootstrap_token.as_ref());
        let Some(secret) =
            offered.filter(|_| judged.compares() && judged.screened.device().is_some())
        else {
            return Ok(None);
        };
        let digest = secret.digest();
        match self.store.setup(&SetupKey::Digest(digest)).await? {
            None => self.adopt_setup(&digest, judged.now_ms).await,
            known => Ok(known),
        }
    }

    /// A code that the owner made with another program's command line. It enters the records before it
    /// lets anybody in, and counts as used from then on like any other.
    async fn adopt_setup(&self, digest: &Digest, now_ms: u64) -> Result<Option<Setup>, StoreError> {
        let found = self.store.setup_made_elsewhere(digest).await?;
        // One from the future would live longer than a code does.
        let found = found.filter(|s| s.is_live(now_ms) && s.issued_at_ms <= now_ms);
        let Some(setup) = found else { return Ok(None) };
        let entry = AuditEntry::new(AuditEvent::SetupIssued, "openclaw qr".to_owned(), now_ms);
        let entry = entry.with("setup", setup.id.clone()).with("access", setup.access.name());
        let adopted = vec![Change::PutSetup(setup.clone()), Change::Audit(entry)];
        match self.store.write(adopted).await {
            Ok(()) => Ok(Some(setup)),
            // Another connection with the same code was first.
            Err(_) => self.store.setup(&SetupKey::Digest(*digest)).await,
        }
    }

    /// Lets a device in by a code, which is used up in the same transaction.
    pub(super) async fn set_up(
        &self,
        judged: &Judged<'_>,
        admitted: &Admitted,
        record: Option<Device>,
        setup: &Setup,
    ) -> Result<Decision, StoreError> {
        let (role, now_ms) = (admitted.ask.role, judged.now_ms);
        let before = record.as_ref().map(|device| device.roles.clone()).unwrap_or_default();
        let mut device = setup.access.approve(&admitted.ask, record, now_ms);
        device.last_seen_at_ms = Some(now_ms);
        let given: Vec<_> =
            device.roles.iter().copied().filter(|r| *r == role || !before.contains(r)).collect();
        for role in &given {
            device.ensure_token(*role, now_ms).map_err(|error| StoreError(error.to_string()))?;
        }
        let Some(token) = device.token(role).cloned() else {
            return Ok(Decision::Refused(Box::new(Refusal::unavailable())));
        };
        let mut grant = judged.grant(admitted, &token);
        grant.setup = Some(setup.id.clone());
        let others = given.iter().filter(|other| **other != role);
        grant.more_tokens =
            others.filter_map(|role| device.token(*role)).map(GrantedToken::from).collect();
        let used = SetupUse {
            device: device.id.clone(),
            device_name: device.label.clone().or_else(|| device.about.display_name.clone()),
            at_ms: now_ms,
            delivered: false,
        };
        let entry = AuditEntry::new(AuditEvent::Approved, format!("setup:{}", setup.id), now_ms);
        let entry = entry.about(&device.id).with("via", device.approved_via.name());
        let entry = entry.access(&device.roles, device.scopes);
        let changes = vec![Change::UseSetup(setup.id.clone(), used), Change::Audit(entry)];
        self.approve_device(device, changes, now_ms).await?;
        Ok(Decision::Granted(Box::new(grant)))
    }
}
