//! `system-presence`, `system-event`, `gateway.identity.get`, `system.info`: who is connected and what it
//! says of itself, who the gateway is, and where it runs.

use openclaw_protocol::{
    RpcError, Scope,
    methods::system::{
        GatewayIdentityGetParams, GatewayIdentityGetResult, SystemEventParams, SystemEventResult,
        SystemInfoParams, SystemInfoResult, SystemPresenceParams, SystemPresenceResult,
    },
};
use tracing::error;

use crate::{context::Cx, identity, machine, presence::Said, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(presence).handle(event).handle(identity).handle(info)
}

async fn presence(cx: Cx, params: SystemPresenceParams) -> Result<SystemPresenceResult, RpcError> {
    let (presence, now) = (&cx.app().presence, cx.app().clock.now_ms());
    if let Some(said) = Said::of(params) {
        cx.require(Scope::Write)?;
        presence.tell(cx.peer(), said, now);
    }
    Ok(SystemPresenceResult(presence.list(now)))
}

/// It is about the caller, whoever else its parameters name.
async fn event(cx: Cx, params: SystemEventParams) -> Result<SystemEventResult, RpcError> {
    let said = Said::event(params).ok_or_else(|| RpcError::invalid("text required"))?;
    cx.app().presence.tell(cx.peer(), said, cx.app().clock.now_ms());
    Ok(SystemEventResult { ok: true })
}

async fn identity(
    cx: Cx,
    _: GatewayIdentityGetParams,
) -> Result<GatewayIdentityGetResult, RpcError> {
    let (dir, now) = (cx.app().paths.state_dir.clone(), cx.app().clock.now_ms());
    let loaded = tokio::task::spawn_blocking(move || identity::load_or_create(&dir, now)).await;
    match loaded {
        Ok(Ok(identity)) => Ok(GatewayIdentityGetResult {
            device_id: identity.device_id,
            public_key: identity.public_key,
        }),
        Ok(Err(problem)) => {
            error!(%problem, "the gateway's identity cannot be read");
            Err(RpcError::unavailable("the gateway's identity cannot be read; see its log"))
        }
        Err(_) => Err(RpcError::unavailable("the gateway's identity cannot be read; see its log")),
    }
}

async fn info(cx: Cx, _: SystemInfoParams) -> Result<SystemInfoResult, RpcError> {
    let dir = cx.app().paths.state_dir.clone();
    let looked = tokio::task::spawn_blocking(move || machine::look(&dir)).await;
    let Ok(Ok(seen)) = looked else {
        return Err(RpcError::unavailable("this machine does not tell about itself"));
    };
    let uptime = cx.app().started.elapsed().as_millis();
    Ok(SystemInfoResult {
        process_instance_id: Some(cx.app().boot_id.clone()),
        uptime_ms: u64::try_from(uptime).unwrap_or(u64::MAX),
        ..seen
    })
}
