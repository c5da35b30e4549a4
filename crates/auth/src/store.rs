//! What is kept of devices, and where: the trait, and an implementation in memory for tests.

use async_trait::async_trait;
use openclaw_protocol::ids::DeviceId;

use crate::{
    pairing::{Device, PendingRequest},
    rate_limit::Lockout,
};

mod memory;

pub use memory::MemoryAuthStore;

/// The records could not be read or written. Nothing is granted then.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// Keeps devices with their tokens, and requests that wait. Every change is durable when it is
/// answered, and each call is one transaction. [`crate::Authority`] is the only writer.
#[async_trait]
pub trait AuthStore: Send + Sync {
    /// One device with its tokens.
    async fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError>;
    /// Every device, the last approved first.
    async fn devices(&self) -> Result<Vec<Device>, StoreError>;
    /// Writes a device with all its tokens in the place of its former record.
    async fn put_device(&self, device: Device) -> Result<(), StoreError>;
    /// Writes a device like [`AuthStore::put_device`] and removes what it has pending.
    async fn approve(&self, device: Device) -> Result<(), StoreError>;
    /// Removes a device, its tokens and what it has pending; whether it was there.
    async fn remove_device(&self, id: &DeviceId) -> Result<bool, StoreError>;
    /// Notes when a device was last seen. May be written late, or lost in a crash.
    async fn seen(&self, id: &DeviceId, at_ms: u64) -> Result<(), StoreError>;
    /// Every request that waits, expired ones included, the latest first.
    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError>;
    /// Writes a request in the place of the device's former one.
    async fn put_pending(&self, request: PendingRequest) -> Result<(), StoreError>;
    /// Removes what these devices have pending.
    async fn remove_pending(&self, devices: &[DeviceId]) -> Result<(), StoreError>;
    /// The lockouts that were kept last.
    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError>;
    /// Keeps these lockouts in the place of the former ones.
    async fn put_lockouts(&self, lockouts: Vec<Lockout>) -> Result<(), StoreError>;
}
