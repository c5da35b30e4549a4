//! What is done with devices, whoever asks: a connection's request, or the owner without a gateway.

use openclaw_auth::{Approver, AuthError, Authority, TokenKey};
use openclaw_protocol::{
    Role,
    ids::DeviceId,
    methods::devices::{
        DevicePairApproveParams, DevicePairApproveResult, DevicePairListResult,
        DevicePairRejectParams, DevicePairRejectResult, DevicePairRemoveParams,
        DevicePairRemoveResult, DevicePairRenameParams, DevicePairRenameResult,
        DeviceTokenRevokeParams, DeviceTokenRevokeResult, DeviceTokenRotateParams,
        DeviceTokenRotateResult, TokenDelivery,
    },
};

/// Where devices are managed, on behalf of one who asks.
pub(crate) struct Desk<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) by: Approver,
    pub(crate) now_ms: u64,
}

type Result<T> = std::result::Result<T, AuthError>;

impl Desk<'_> {
    pub(crate) async fn list(&self) -> Result<DevicePairListResult> {
        self.authority.list(&self.by, self.now_ms).await
    }

    pub(crate) async fn approve(
        &self,
        params: &DevicePairApproveParams,
    ) -> Result<DevicePairApproveResult> {
        let request_id = params.request_id.trim().to_owned();
        let device = self.authority.approve(&request_id, &self.by, self.now_ms).await?;
        Ok(DevicePairApproveResult { request_id, device })
    }

    pub(crate) async fn reject(
        &self,
        params: &DevicePairRejectParams,
    ) -> Result<DevicePairRejectResult> {
        let request_id = params.request_id.trim().to_owned();
        let device = self.authority.reject(&request_id, &self.by, self.now_ms).await?;
        Ok(DevicePairRejectResult { request_id, device_id: device.to_string() })
    }

    pub(crate) async fn remove(
        &self,
        params: &DevicePairRemoveParams,
    ) -> Result<DevicePairRemoveResult> {
        let device = DeviceId::from(params.device_id.trim());
        self.authority.remove(&device, &self.by, self.now_ms).await?;
        Ok(DevicePairRemoveResult { device_id: device.to_string() })
    }

    pub(crate) async fn rename(
        &self,
        params: &DevicePairRenameParams,
    ) -> Result<DevicePairRenameResult> {
        let device = DeviceId::from(params.device_id.trim());
        let label = self.authority.rename(&device, &params.label, &self.by, self.now_ms).await?;
        Ok(DevicePairRenameResult { device_id: device.to_string(), label })
    }

    /// The new token's text is in the answer when `hand_over` says so of its device.
    pub(crate) async fn rotate(
        &self,
        params: &DeviceTokenRotateParams,
        hand_over: impl FnOnce(&DeviceId) -> TokenDelivery,
    ) -> Result<DeviceTokenRotateResult> {
        let (device, role) = key(&params.device_id, &params.role)?;
        let scopes = params.scopes.as_ref();
        let scopes =
            scopes.map(|scopes| scopes.iter().map(ToString::to_string).collect::<Vec<_>>());
        let key = TokenKey { device: &device, role };
        let token = self.authority.rotate(key, scopes.as_deref(), &self.by, self.now_ms).await?;
        let delivery = hand_over(&device);
        Ok(DeviceTokenRotateResult {
            device_id: device.to_string(),
            role: role.name().to_owned(),
            token: (delivery == TokenDelivery::InBand).then(|| token.token.expose().to_owned()),
            scopes: token.scopes.names(),
            rotated_at_ms: token.issued_at_ms(),
            token_delivery: Some(delivery),
        })
    }

    pub(crate) async fn revoke(
        &self,
        params: &DeviceTokenRevokeParams,
    ) -> Result<DeviceTokenRevokeResult> {
        let (device, role) = key(&params.device_id, &params.role)?;
        let key = TokenKey { device: &device, role };
        let revoked_at_ms = self.authority.revoke(key, &self.by, self.now_ms).await?;
        let (device_id, role) = (device.to_string(), role.name().to_owned());
        Ok(DeviceTokenRevokeResult { device_id, role, revoked_at_ms })
    }
}

/// Which token is meant; no device has one of a role that there is not.
fn key(device: &str, role: &str) -> Result<(DeviceId, Role)> {
    let role = Role::parse(role.trim()).ok_or(AuthError::UnknownToken)?;
    Ok((DeviceId::from(device.trim()), role))
}
