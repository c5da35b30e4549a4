//! `gateway call`: any method, any JSON.

use openclaw_sdk::CallOptions;
use serde_json::Value;

use crate::{
    args::CallArgs,
    commands::Context,
    connect::{ALL, Gateway, Manner},
    failure::Failure,
    output::{self, Style},
};

pub(crate) async fn run(cx: &Context, args: &CallArgs) -> Result<(), Failure> {
    let params: Value = serde_json::from_str(&args.params)
        .map_err(|error| Failure::usage(format!("--params is not JSON: {error}")))?;
    let manner = Manner::visit(ALL, args.ask.timeout);
    let gateway = Gateway::connect(&cx.settings()?, &args.ask.remote, manner).await?;
    let options = CallOptions { timeout: args.ask.timeout, expect_final: args.expect_final };
    let answer: Value = gateway
        .client
        .call_with(&args.method, Some(&params), options)
        .await
        .map_err(|error| gateway.target.explain(error))?;
    if !args.ask.json {
        output::line(format!("{}: {}", cx.out.style(Style::Bold, "Gateway call"), args.method))?;
    }
    output::json(&answer)
}
