//! `system-presence`, `gateway.identity.get`: who is connected, and who the gateway is.

use openclaw_protocol::{
    RpcError,
    methods::system::{
        GatewayIdentityGetParams, GatewayIdentityGetResult, SystemPresenceParams,
        SystemPresenceResult,
    },
};
use tracing::error;

use crate::{context::Cx, identity, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(presence).handle(identity)
}

async fn presence(cx: Cx, _: SystemPresenceParams) -> Result<SystemPresenceResult, RpcError> {
    Ok(SystemPresenceResult(cx.app().presence.list(cx.app().clock.now_ms())))
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
