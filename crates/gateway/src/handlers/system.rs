//! `system-presence`, `gateway.identity.get`: who is connected, and who the gateway is.

use openclaw_protocol::{
    RpcError, Scope,
    methods::system::{
        GatewayIdentityGetParams, GatewayIdentityGetResult, SystemPresenceParams,
        SystemPresenceResult,
    },
};
use tracing::error;

use crate::{context::Cx, identity, presence::Said, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(presence).handle(identity)
}

async fn presence(cx: Cx, params: SystemPresenceParams) -> Result<SystemPresenceResult, RpcError> {
    let (presence, now) = (&cx.app().presence, cx.app().clock.now_ms());
    if let Some(said) = Said::of(params) {
        cx.require(Scope::Write)?;
        presence.tell(cx.peer(), said, now);
    }
    Ok(SystemPresenceResult(presence.list(now)))
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
