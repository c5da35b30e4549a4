//! `logs.tail`: the end of the gateway's log file.

use openclaw_protocol::{
    RpcError,
    field::Int,
    methods::logs::{LogsTailParams, LogsTailResult},
};
use tracing::error;

use crate::{context::Cx, logs, router::RouterBuilder};

/// Lines when the client does not say how many.
const DEFAULT_LIMIT: usize = 500;
/// Bytes when the client does not say how many.
const DEFAULT_BYTES: usize = 250_000;

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(tail)
}

async fn tail(cx: Cx, params: LogsTailParams) -> Result<LogsTailResult, RpcError> {
    let limit = params.limit.map_or(DEFAULT_LIMIT, Int::to_usize);
    let bytes = params.max_bytes.map_or(DEFAULT_BYTES, Int::to_usize);
    let (file, cursor) = (cx.app().log.clone(), params.cursor.map(Int::get));
    let read = tokio::task::spawn_blocking(move || logs::tail(&file, cursor, limit, bytes)).await;
    match read {
        Ok(Ok(tail)) => Ok(tail),
        Ok(Err(problem)) => {
            error!(%problem, "the log cannot be read");
            Err(RpcError::unavailable(format!("log read failed: {problem}")))
        }
        Err(_) => Err(RpcError::unavailable("log read failed")),
    }
}
