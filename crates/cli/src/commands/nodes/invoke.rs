//! `nodes invoke`: asking a node for one command.

use std::time::Duration;

use openclaw_protocol::methods::nodes::NodeInvokeParams;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Asked;
use crate::{args::InvokeArgs, commands::Context, failure::Failure, output};

pub(super) async fn run(cx: &Context, args: &InvokeArgs) -> Result<(), Failure> {
    let command = args.command.trim();
    if matches!(command, "system.run" | "system.run.prepare") {
        return Err(Failure::usage(format!(
            "{command} is asked for with `openclaw nodes run`, which shows what runs"
        )));
    }
    let params: Value = serde_json::from_str(&args.params)
        .map_err(|error| Failure::usage(format!("--params is no JSON: {error}")))?;
    let asked = Asked::for_node(cx, &args.ask, args.invoke_timeout).await?;
    let node_id = asked.find(&args.node).await?.node_id;
    let key = args.idempotency_key.as_deref();
    output::json(&asked.invoke((&node_id, command), params, (args.invoke_timeout, key)).await?)
}

impl Asked {
    /// Asks a node for a command; the whole answer.
    pub(super) async fn invoke(
        &self,
        (node_id, command): (&str, &str),
        params: Value,
        (wait, key): (Duration, Option<&str>),
    ) -> Result<Value, Failure> {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.ask::<NodeInvokeParams>(json!({
            "nodeId": node_id,
            "command": command,
            "params": params,
            "timeoutMs": wait,
            "idempotencyKey": key.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned),
        }))
        .await
    }
}
