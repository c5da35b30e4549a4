//! Devices of a state directory that no gateway serves: the way back when nobody is left who may decide.

use std::{fmt, path::Path, sync::Arc};

use openclaw_auth::{
    Approver, AuthConfig, AuthError, Authority, Credentials, Rules, rate_limit::Limits,
};
use openclaw_protocol::methods::audit::{AuditListParams, AuditListResult};
use openclaw_protocol::methods::devices::{
    DevicePairApproveParams, DevicePairApproveResult, DevicePairListResult, DevicePairRejectParams,
    DevicePairRejectResult, DevicePairRemoveParams, DevicePairRemoveResult, DevicePairRenameParams,
    DevicePairRenameResult, DeviceTokenRevokeParams, DeviceTokenRevokeResult,
    DeviceTokenRotateParams, DeviceTokenRotateResult, TokenDelivery,
};

use crate::{
    clock::{Clock as _, SystemClock},
    devices::Desk,
    error::GatewayError,
    gateway::store_error,
    handlers,
    lock::{Holder, StateLock},
    state::VERSION,
};

/// The devices of a state directory, for its owner. While it is held no gateway starts there.
pub struct OfflineDevices {
    authority: Authority,
    clock: SystemClock,
    _lock: StateLock,
}

type Result<T> = std::result::Result<T, GatewayError>;

impl OfflineDevices {
    /// Takes the directory's lock and opens its records. Blocks for a few milliseconds.
    pub fn open(state_dir: &Path) -> Result<Self> {
        let clock = SystemClock;
        let database = openclaw_store::Layout::new(state_dir).database();
        if !database.is_file() {
            let problem = format!(
                "no gateway has run with the state directory {} yet, so it knows no device",
                state_dir.display()
            );
            return Err(GatewayError::Refused(problem));
        }
        let holder = Holder {
            pid: std::process::id(),
            port: 0,
            started_at: u64::try_from(clock.now_ms()).unwrap_or_default(),
            version: VERSION.to_owned(),
            reloads: false,
        };
        let lock = StateLock::acquire(state_dir, &holder)?;
        let db = openclaw_store::Db::open(&database).map_err(store_error)?;
        let authority = Authority::new(
            Arc::new(openclaw_store::SqliteAuthStore::new(
                db,
                openclaw_store::Layout::new(state_dir),
            )),
            Credentials::new(&AuthConfig::default()),
            Rules::default(),
            Limits::default(),
        );
        Ok(Self { authority, clock, _lock: lock })
    }

    fn desk(&self) -> Desk<'_> {
        let now_ms = u64::try_from(self.clock.now_ms()).unwrap_or_default();
        Desk { authority: &self.authority, by: Approver::owner(), now_ms }
    }

    /// `device.pair.list`.
    pub async fn list(&self) -> Result<DevicePairListResult> {
        self.desk().list().await.map_err(failed)
    }

    /// `device.pair.approve`.
    pub async fn approve(
        &self,
        params: &DevicePairApproveParams,
    ) -> Result<DevicePairApproveResult> {
        self.desk().approve(params).await.map_err(failed)
    }

    /// `device.pair.reject`.
    pub async fn reject(&self, params: &DevicePairRejectParams) -> Result<DevicePairRejectResult> {
        self.desk().reject(params).await.map_err(failed)
    }

    /// `device.pair.remove`.
    pub async fn remove(&self, params: &DevicePairRemoveParams) -> Result<DevicePairRemoveResult> {
        self.desk().remove(params).await.map_err(failed)
    }

    /// `device.pair.rename`.
    pub async fn rename(&self, params: &DevicePairRenameParams) -> Result<DevicePairRenameResult> {
        self.desk().rename(params).await.map_err(failed)
    }

    /// `device.token.rotate`; the device learns of its new token when it connects with the shared secret.
    pub async fn rotate(
        &self,
        params: &DeviceTokenRotateParams,
    ) -> Result<DeviceTokenRotateResult> {
        self.desk().rotate(params, |_| TokenDelivery::Withheld).await.map_err(failed)
    }

    /// `audit.list`.
    pub async fn audit(&self, params: &AuditListParams) -> Result<AuditListResult> {
        let query = handlers::audit_query(params)
            .map_err(|problem| GatewayError::Refused(problem.to_owned()))?;
        let records = self.authority.audit(&query, self.desk().now_ms).await.map_err(failed)?;
        Ok(handlers::audit_page(&query, records))
    }

    /// `device.token.revoke`.
    pub async fn revoke(
        &self,
        params: &DeviceTokenRevokeParams,
    ) -> Result<DeviceTokenRevokeResult> {
        self.desk().revoke(params).await.map_err(failed)
    }
}

impl fmt::Debug for OfflineDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfflineDevices").finish_non_exhaustive()
    }
}

fn failed(error: AuthError) -> GatewayError {
    match error {
        AuthError::Store(error) => GatewayError::Store(error.to_string()),
        error => GatewayError::Refused(error.to_string()),
    }
}
