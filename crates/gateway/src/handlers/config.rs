//! `config.get`: the config file as it is, without its secrets.

use openclaw_protocol::{
    RpcError,
    methods::config::{ConfigGetParams, ConfigGetResult},
};
use tracing::error;

use crate::{config::ConfigSnapshot, context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(get)
}

async fn get(cx: Cx, _: ConfigGetParams) -> Result<ConfigGetResult, RpcError> {
    let app = std::sync::Arc::clone(cx.app());
    // The file is read anew: it may have been edited since the gateway started.
    let taken = tokio::task::spawn_blocking(move || {
        let snapshot = ConfigSnapshot::take(&app.paths, &app.config.environment);
        serde_json::from_value::<ConfigGetResult>(snapshot.redacted())
    });
    match taken.await {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(problem)) => {
            error!(%problem, "the config cannot be shown");
            Err(RpcError::unavailable("the config cannot be shown; see the gateway's log"))
        }
        Err(_) => Err(RpcError::unavailable("the config cannot be read; see the gateway's log")),
    }
}
