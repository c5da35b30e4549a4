//! Devices, their tokens, the requests that wait, setup codes and the audit record, in the database.
//!
//! What is read back can only be less than what was written: a name that this version does not know
//! grants nothing.

mod audit;
mod foreign_setups;
mod rows;
mod setups;

use async_trait::async_trait;
use openclaw_auth::{
    AuthStore, Device, PendingRequest, Setup,
    audit::{AuditEntry, AuditQuery, AuditRecord},
    credential::Digest,
    rate_limit::Lockout,
    store::{Change, SetupKey, StoreError},
};
use openclaw_protocol::ids::DeviceId;
use rusqlite::Connection;

use self::rows::Half;
use crate::{db::Db, error::DbError, layout::Layout};

/// The [`AuthStore`] of a state directory.
#[derive(Debug, Clone)]
pub struct SqliteAuthStore {
    db: Db,
    layout: Layout,
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

/// Adds to the audit record what another part of the store writes in the same transaction.
pub(crate) fn note(conn: &Connection, entry: &AuditEntry) -> Result<(), DbError> {
    audit::add(conn, entry).map_err(|Failed(error)| error)
}

impl SqliteAuthStore {
    /// The devices in this database, which is that of the state directory.
    pub const fn new(db: Db, layout: Layout) -> Self {
        Self { db, layout }
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
        // A half for each reader: with thousands of devices this is what takes the time.
        let half = |half| self.read(move |conn| rows::devices(conn, half));
        let (low, high) = tokio::try_join!(half(Half::Low), half(Half::High))?;
        Ok(rows::in_order(low, high))
    }

    async fn pending(&self) -> Result<Vec<PendingRequest>, StoreError> {
        self.read(rows::requests).await
    }

    async fn setup(&self, key: &SetupKey) -> Result<Option<Setup>, StoreError> {
        let key = key.clone();
        self.read(move |conn| setups::find(conn, &key)).await
    }

    async fn setup_made_elsewhere(&self, digest: &Digest) -> Result<Option<Setup>, StoreError> {
        let (layout, digest) = (self.layout.clone(), *digest);
        // No transaction of ours; it is done where blocking is allowed.
        self.read(move |_| Ok(foreign_setups::find(&layout, &digest))).await
    }

    async fn lockouts(&self) -> Result<Vec<Lockout>, StoreError> {
        self.read(rows::lockouts).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        let query = query.clone();
        self.read(move |conn| audit::list(conn, &query)).await
    }

    async fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let work = move |conn: &Connection| changes.iter().try_for_each(|c| apply(conn, c));
        Ok(self.db.try_write(work).await?)
    }
}

/// One change; an error undoes what was written with it.
fn apply(conn: &Connection, change: &Change) -> Result<()> {
    match change {
        Change::PutDevice(device) => rows::put_device(conn, device),
        Change::RemoveDevice(id) => {
            rows::remove_request(conn, id)?;
            rows::remove_device(conn, id)
        }
        Change::Seen(id, at_ms) => rows::seen(conn, id, *at_ms),
        Change::PutPending(request) => rows::put_request(conn, request),
        Change::RemovePending(id) => rows::remove_request(conn, id),
        Change::PutSetup(setup) => setups::put(conn, setup),
        Change::UseSetup(id, used) => setups::used(conn, id, used),
        Change::SetupDelivered(id) => setups::delivered(conn, id),
        Change::EndSetups(maker) => setups::end(conn, maker),
        Change::Lockouts(lockouts) => rows::put_lockouts(conn, lockouts),
        Change::Audit(entry) => audit::add(conn, entry),
    }
}

#[cfg(test)]
mod tests;
