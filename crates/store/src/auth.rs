//! Devices, their tokens and the requests that wait, in the database.
//!
//! What is read back can only be less than what was written: a name that this version does not know
//! grants nothing.

mod rows;

use async_trait::async_trait;
use openclaw_auth::{AuthStore, Device, PendingRequest, rate_limit::Lockout, store::StoreError};
use openclaw_protocol::ids::DeviceId;
use rusqlite::Connection;

use crate::{db::Db, error::DbError};

/// The [`AuthStore`] of a state directory.
#[derive(Debug, Clone)]
pub struct SqliteAuthStore {
    db: Db,
}

/// Carries either failure out of a transaction; a stored value that cannot be read is one of SQLite's.
struct Failed(DbError);

impl<E: Into<DbError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<Failed> for StoreError {
    fn from(Failed(error): Failed) -> Self {
        Self(error.to_string())
    }
}

type Result<T, E = Failed> = std::result::Result<T, E>;

/// Writes a device that another program approved, unless this one knows it already.
pub(crate) fn take_over(conn: &Connection, device: &Device) -> Result<bool, DbError> {
    let take = || -> Result<bool> {
        let new = rows::device(conn, &device.id)?.is_none();
        if new {
            rows::put_device(conn, device)?;
        }
        Ok(new)
    };
    take().map_err(|Failed(error)| error)
}

impl SqliteAuthStore {
    /// The devices in this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.db.try_write(work).await?)
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.db.read(question).await?)
    }
}

#[async_trait]
impl AuthStore for SqliteAuthStore {
    async fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        let id = id.clone();
        self.read(move |conn| rows::device(conn, &id)).await
    }

    async fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.read(rows::devices).await
    }

    async fn put_device(&self, device: Device) -> Result<(), StoreError> {
        self.write(move |conn| rows::put_device(conn, &device)).await
    }

    async fn approve(&self, device: Device) -> Result<(), StoreError> {
        self.write(move |conn| {
            rows::remove_request(conn, &device.id)?;
            rows::put_device(conn, &device)
        })
        .await
    }

    async fn remove_device(&self, id: &DeviceId) -> Result<bool, StoreError> {
        let id = id.clone();
        self.write(move |conn| {
            rows::remove_request(conn, &id)?;
            rows::remove_device(conn, &id)
        })
        .await
    }

    async fn seen(&self, id: &DeviceId, at_ms: u64) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |conn| rows::seen(conn, &id, at_ms)).await
    }

    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError> {
        self.read(rows::requests).await
    }

    async fn put_pending(&self, request: PendingRequest) -> Result<(), StoreError> {
        self.write(move |conn| rows::put_request(conn, &request)).await
    }

    async fn remove_pending(&self, devices: &[DeviceId]) -> Result<(), StoreError> {
        let devices = devices.to_vec();
        self.write(move |conn| devices.iter().try_for_each(|id| rows::remove_request(conn, id)))
            .await
    }

    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError> {
        self.read(rows::lockouts).await
    }

    async fn put_lockouts(&self, lockouts: Vec<Lockout>) -> Result<(), StoreError> {
        self.write(move |conn| rows::put_lockouts(conn, &lockouts)).await
    }
}

#[cfg(test)]
mod tests;
