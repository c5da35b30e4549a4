//! `device.scopes.requestUpgrade` and `device.scopes.waitUpgrade`.

use std::time::Duration;

use openclaw_auth::{AuthError, Grant, Upgrade, error::DeviceMethod};
use openclaw_protocol::{
    RpcError,
    methods::devices::{
        ScopeUpgradeRequestParams, ScopeUpgradeRequestResult, ScopeUpgradeStatus,
        ScopeUpgradeWaitParams, ScopeUpgradeWaitResult,
    },
};

use super::{now, refused};
use crate::{context::Cx, router::RouterBuilder};

pub(super) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(request).handle(wait)
}

async fn request(
    cx: Cx,
    params: ScopeUpgradeRequestParams,
) -> Result<ScopeUpgradeRequestResult, RpcError> {
    let scopes: Vec<String> = params.scopes.iter().map(ToString::to_string).collect();
    let grant = grant(&cx)?;
    let asked = cx.app().authority.request_upgrade(grant, &scopes, now(&cx)).await;
    let request_id = asked.map_err(|problem| refused(&cx, DeviceMethod::Upgrade, &problem))?;
    Ok(ScopeUpgradeRequestResult { request_id })
}

async fn wait(cx: Cx, params: ScopeUpgradeWaitParams) -> Result<ScopeUpgradeWaitResult, RpcError> {
    let request_id = params.request_id.into_string();
    let mut waited = false;
    let token = loop {
        // First listening, then looking: what is decided in between is not missed.
        let mut events = cx.app().authority.subscribe();
        let stands = cx.app().authority.upgrade(grant(&cx)?, &request_id, now(&cx)).await;
        match stands.map_err(|problem| refused(&cx, DeviceMethod::Upgrade, &problem))? {
            Upgrade::Approved(token) => break Ok(token),
            Upgrade::Rejected => break Err(ScopeUpgradeStatus::Rejected),
            Upgrade::Unknown if waited => break Err(ScopeUpgradeStatus::Expired),
            Upgrade::Unknown => {
                return Err(RpcError::invalid("scope upgrade expired or not found"));
            }
            Upgrade::Waiting { until_ms } => {
                waited = true;
                let left = Duration::from_millis(until_ms.saturating_sub(now(&cx)).max(1));
                tokio::select! {
                    // Whatever it is: the records say what it means for this request.
                    _ = events.recv() => {}
                    () = tokio::time::sleep(left) => {}
                    () = cx.peer().work.gone() => {
                        return Err(RpcError::unavailable("the connection has ended"));
                    }
                }
            }
        }
    };
    Ok(match token {
        Ok(token) => ScopeUpgradeWaitResult {
            status: ScopeUpgradeStatus::Approved,
            request_id,
            device_token: Some(token.token.expose().to_owned()),
            scopes: Some(token.scopes.names()),
        },
        Err(status) => {
            ScopeUpgradeWaitResult { status, request_id, device_token: None, scopes: None }
        }
    })
}

fn grant(cx: &Cx) -> Result<&Grant, RpcError> {
    let grant = cx.peer().grant.as_ref();
    grant.ok_or_else(|| refused(cx, DeviceMethod::Upgrade, &AuthError::DeviceNeeded))
}
