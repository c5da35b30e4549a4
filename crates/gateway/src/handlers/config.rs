//! `config.get`, `config.schema`: the config file as it is, without its secrets, and what may be in it.

use openclaw_protocol::{
    RpcError, Version,
    methods::config::{
        ConfigGetParams, ConfigGetResult, ConfigSchemaLookupParams, ConfigSchemaLookupResult,
        ConfigSchemaParams, ConfigSchemaResult,
    },
};
use serde_json::Value;
use tracing::error;

use crate::{
    config::{Config, ConfigSnapshot, describe},
    context::Cx,
    router::RouterBuilder,
    state::VERSION,
};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(get).handle(schema).handle(lookup)
}

async fn get(cx: Cx, _: ConfigGetParams) -> Result<ConfigGetResult, RpcError> {
    let app = std::sync::Arc::clone(cx.app());
    // The file is read anew: it may have been edited since the gateway started.
    let further = cx.peer().version == Version::V4;
    let taken = tokio::task::spawn_blocking(move || {
        let snapshot = ConfigSnapshot::take(&app.paths, &app.config.environment.as_started());
        let mut told = snapshot.redacted();
        if further
            && let (Value::Object(told), Value::Object(more)) =
                (&mut told, snapshot.redacted_further(&app.config.snapshot))
        {
            told.extend(more);
        }
        serde_json::from_value::<ConfigGetResult>(told)
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

async fn schema(cx: Cx, _: ConfigSchemaParams) -> Result<ConfigSchemaResult, RpcError> {
    let schema = Config::json_schema();
    Ok(ConfigSchemaResult {
        ui_hints: describe::hints(&schema),
        schema,
        version: VERSION.to_owned(),
        generated_at: openclaw_agent::clock::iso(cx.app().clock.now_ms()),
    })
}

async fn lookup(
    _: Cx,
    params: ConfigSchemaLookupParams,
) -> Result<ConfigSchemaLookupResult, RpcError> {
    let found = describe::lookup(&Config::json_schema(), params.path.as_str());
    found.ok_or_else(|| RpcError::invalid("config schema path not found"))
}
