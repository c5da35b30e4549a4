//! `device.pair.*`, `device.token.*`: paired devices, those that ask to be, and their tokens.

use std::collections::BTreeSet;

use openclaw_auth::{AuthError, error::DeviceMethod};
use openclaw_protocol::{
    RpcError, Version,
    ids::DeviceId,
    methods::devices::{
        DevicePairApproveParams, DevicePairApproveResult, DevicePairListParams,
        DevicePairListResult, DevicePairRejectParams, DevicePairRejectResult,
        DevicePairRemoveParams, DevicePairRemoveResult, DevicePairRenameParams,
        DevicePairRenameResult, DeviceTokenRevokeParams, DeviceTokenRevokeResult,
        DeviceTokenRotateParams, DeviceTokenRotateResult, TokenDelivery,
    },
};
use tracing::{error, info, warn};

use super::sessions::row::millis;
use crate::{context::Cx, devices::Desk, router::RouterBuilder};

mod scopes;
mod setup;

pub(crate) use setup::completion as setup_completion;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    let builder = builder.handle(list).handle(approve).handle(reject).handle(remove);
    let builder = builder.handle(rename).handle(rotate).handle(revoke);
    scopes::routes(setup::routes(builder))
}

async fn list(cx: Cx, _: DevicePairListParams) -> Result<DevicePairListResult, RpcError> {
    let mut listed = desk(&cx).list().await.map_err(|problem| unreadable(&problem))?;
    let connected = connected_devices(&cx);
    for device in &mut listed.paired {
        device.connected = Some(connected.contains(device.device_id.as_str()));
    }
    Ok(listed)
}

async fn approve(
    cx: Cx,
    params: DevicePairApproveParams,
) -> Result<DevicePairApproveResult, RpcError> {
    let done = desk(&cx).approve(&params).await;
    let done = done.map_err(|problem| refused(&cx, DeviceMethod::Approve, &problem))?;
    info!(device = done.device.device_id, by = %cx.peer().id, "a device was approved");
    Ok(done)
}

async fn reject(
    cx: Cx,
    params: DevicePairRejectParams,
) -> Result<DevicePairRejectResult, RpcError> {
    let done = desk(&cx).reject(&params).await;
    let done = done.map_err(|problem| refused(&cx, DeviceMethod::Reject, &problem))?;
    info!(device = done.device_id, by = %cx.peer().id, "a device was rejected");
    Ok(done)
}

async fn remove(
    cx: Cx,
    params: DevicePairRemoveParams,
) -> Result<DevicePairRemoveResult, RpcError> {
    let done = desk(&cx).remove(&params).await;
    let done = done.map_err(|problem| refused(&cx, DeviceMethod::Remove, &problem))?;
    info!(device = done.device_id, by = %cx.peer().id, "a device was removed");
    fence(&cx, &done.device_id).await;
    Ok(done)
}

async fn rename(
    cx: Cx,
    params: DevicePairRenameParams,
) -> Result<DevicePairRenameResult, RpcError> {
    let done = desk(&cx).rename(&params).await;
    done.map_err(|problem| refused(&cx, DeviceMethod::Rename, &problem))
}

async fn rotate(
    cx: Cx,
    params: DeviceTokenRotateParams,
) -> Result<DeviceTokenRotateResult, RpcError> {
    // Clients of protocol 3 hand the text on; alone, without its device's key, it opens nothing.
    let hand_over = |device: &DeviceId| {
        let own = cx.caller().device.as_ref() == Some(device);
        match cx.peer().version {
            Version::V4 if !own => TokenDelivery::Withheld,
            Version::V3 | Version::V4 => TokenDelivery::InBand,
        }
    };
    let done = desk(&cx).rotate(&params, hand_over).await;
    let done = done.map_err(|problem| refused(&cx, DeviceMethod::Rotate, &problem))?;
    info!(device = done.device_id, role = done.role, by = %cx.peer().id, "a token was replaced");
    fence(&cx, &done.device_id).await;
    Ok(done)
}

async fn revoke(
    cx: Cx,
    params: DeviceTokenRevokeParams,
) -> Result<DeviceTokenRevokeResult, RpcError> {
    let done = desk(&cx).revoke(&params).await;
    let done = done.map_err(|problem| refused(&cx, DeviceMethod::Revoke, &problem))?;
    info!(device = done.device_id, role = done.role, by = %cx.peer().id, "a token was revoked");
    fence(&cx, &done.device_id).await;
    Ok(done)
}

/// Once this is answered, nothing more begins by the right that was taken away.
async fn fence(cx: &Cx, device: &str) {
    cx.app().fence(&DeviceId::from(device)).await;
}

fn desk(cx: &Cx) -> Desk<'_> {
    Desk { authority: &cx.app().authority, by: cx.peer().approver(), now_ms: now(cx) }
}

fn now(cx: &Cx) -> u64 {
    millis(cx.app().clock.now_ms())
}

/// The answer to a caller, and the reason for the log.
fn refused(cx: &Cx, method: DeviceMethod, problem: &AuthError) -> RpcError {
    match problem {
        AuthError::Store(_) | AuthError::Entropy => {
            error!(%problem, ?method, "a device's records failed");
        }
        _ => {
            let (by, what) = (cx.peer().approver(), format!("{method:?}").to_lowercase());
            cx.app().authority.note_denial(&by, &what, problem, now(cx));
            warn!(%problem, ?method, by = %cx.peer().id, "a request about a device was refused");
        }
    }
    problem.rpc(method, cx.peer().version)
}

/// The answer when there is nothing to show.
pub(super) fn unreadable(problem: &AuthError) -> RpcError {
    error!(%problem, "the devices cannot be read");
    RpcError::unavailable("the devices cannot be read; see the gateway's log")
}

/// The devices that hold a connection now.
pub(super) fn connected_devices(cx: &Cx) -> BTreeSet<DeviceId> {
    cx.app().bus.peers().iter().filter_map(|peer| peer.caller.device.clone()).collect()
}
