//! `secrets.reload`: the config's secrets, looked up again.

use openclaw_protocol::{
    RpcError,
    methods::secrets::{SecretsReloadParams, SecretsReloadResult},
};

use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(reload)
}

async fn reload(cx: Cx, _: SecretsReloadParams) -> Result<SecretsReloadResult, RpcError> {
    let reloaded = cx.app().reload_secrets(&cx.peer().approver()).await.map_err(|reason| {
        RpcError::unavailable(format!(
            "secrets.reload failed: {reason}; the gateway goes on with the secrets that it has"
        ))
    })?;
    let (changed, warnings) = (reloaded.changed, reloaded.warnings);
    Ok(SecretsReloadResult {
        ok: true,
        warning_count: warnings.len() as u64,
        warnings: (!warnings.is_empty()).then_some(warnings),
        changed: Some(changed),
    })
}
