//! What is kept of devices, and where: the trait, and an implementation in memory for tests.

use async_trait::async_trait;
use openclaw_protocol::ids::DeviceId;

use crate::{
    audit::{AuditEntry, AuditQuery, AuditRecord},
    credential::Digest,
    pairing::{Device, PendingRequest},
    rate_limit::Lockout,
    setup::{Setup, SetupUse},
};

mod memory;

pub use memory::MemoryAuthStore;

/// The records could not be read or written. Nothing is granted then.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// One change of the records.
#[derive(Debug, Clone)]
pub enum Change {
    /// Writes a device with all its tokens in the place of its former record.
    PutDevice(Device),
    /// Removes a device, its tokens and what it has pending.
    RemoveDevice(DeviceId),
    /// Notes when a device was last seen. May be written late, or lost in a crash.
    Seen(DeviceId, u64),
    /// Writes a request in the place of the device's former one.
    PutPending(PendingRequest),
    /// Removes what a device has pending.
    RemovePending(DeviceId),
    /// Writes a setup code; see [`crate::setup::MAX_SETUPS`] for what makes room for it.
    PutSetup(Setup),
    /// Uses up a setup code. One that is used already, or gone, fails the whole write.
    UseSetup(String, SetupUse),
    /// Notes that who used a setup code has got its tokens.
    SetupDelivered(String),
    /// Removes the unused setup codes that a device has made.
    EndSetups(DeviceId),
    /// Keeps these lockouts in the place of the former ones.
    Lockouts(Vec<Lockout>),
    /// Adds to the audit record; see [`crate::audit::MAX_RECORDS`].
    Audit(AuditEntry),
}

/// How a setup code is looked up.
#[derive(Debug, Clone)]
pub enum SetupKey {
    /// By its id.
    Id(String),
    /// By its secret's digest.
    Digest(Digest),
}

/// Keeps devices with their tokens, requests that wait, setup codes, and the record of what was decided.
/// [`crate::Authority`] is the only writer.
#[async_trait]
pub trait AuthStore: Send + Sync {
    /// One device with its tokens.
    async fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError>;
    /// Every device, the last approved first.
    async fn devices(&self) -> Result<Vec<Device>, StoreError>;
    /// Every request that waits, expired ones included, the latest first.
    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError>;
    /// One setup code, used and expired ones included.
    async fn setup(&self, key: &SetupKey) -> Result<Option<Setup>, StoreError>;
    /// A setup code that another program's command line has made beside these records, and that is not
    /// in them yet. Nothing by default.
    async fn setup_made_elsewhere(&self, _digest: &Digest) -> Result<Option<Setup>, StoreError> {
        Ok(None)
    }
    /// The lockouts that were kept last.
    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError>;
    /// What was recorded, the latest first.
    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError>;
    /// Makes these changes in one transaction, durable when it is answered, or none of them.
    async fn write(&self, changes: Vec<Change>) -> Result<(), StoreError>;
}
