//! `system`: who is connected, and what concerns heartbeats.
//!
//! Lines for the agent and the switch of heartbeats are asked for by name: this build's own gateway has
//! neither, others do.

use openclaw_protocol::methods::{health::LastHeartbeatParams, system::SystemPresenceParams};
use openclaw_sdk::CallOptions;
use serde_json::{Value, json};

use crate::{
    args::{AskArgs, HeartbeatCommand, SystemCommand, SystemEventArgs},
    commands::Context,
    connect::{ALL, Gateway, Manner},
    failure::Failure,
    output, patience,
};

pub(crate) async fn run(cx: &Context, command: &SystemCommand) -> Result<(), Failure> {
    match command {
        SystemCommand::Presence(args) => {
            let gateway = connect(cx, &args.ask).await?;
            output::json(&gateway.ask::<SystemPresenceParams>(json!({})).await?)
        }
        SystemCommand::Event(args) => event(cx, args).await,
        SystemCommand::Heartbeat(args) => heartbeat(cx, &args.command).await,
    }
}

async fn connect(cx: &Context, args: &AskArgs) -> Result<Gateway, Failure> {
    Gateway::connect(&cx.settings()?, &args.remote, Manner::visit(ALL, args.timeout)).await
}

async fn event(cx: &Context, args: &SystemEventArgs) -> Result<(), Failure> {
    let text = args.text.trim();
    if text.is_empty() {
        return Err(Failure::usage("--text is empty; say what happened"));
    }
    let ask = &args.ask.ask;
    let mut params = json!({ "mode": args.mode.name(), "text": text });
    if let Some(key) = &args.session_key {
        params["sessionKey"] = key.as_str().into();
    }
    let instead = "`openclaw agent --message` says it to the agent at once";
    let gateway = connect(cx, ask).await?;
    let answer = by_name(&gateway, "wake", &params, ask, instead).await?;
    if answer["ok"] == false {
        let reason = answer["reason"].as_str().unwrap_or("the gateway did not take the line");
        return Err(Failure::new("NOT_TAKEN", reason));
    }
    if ask.json { output::json(&answer) } else { output::line("ok") }
}

async fn heartbeat(cx: &Context, command: &HeartbeatCommand) -> Result<(), Failure> {
    let (args, enabled) = match command {
        HeartbeatCommand::Last(args) => {
            let gateway = connect(cx, &args.ask).await?;
            return output::json(&gateway.ask::<LastHeartbeatParams>(json!({})).await?);
        }
        HeartbeatCommand::Enable(args) => (args, true),
        HeartbeatCommand::Disable(args) => (args, false),
    };
    let gateway = connect(cx, &args.ask).await?;
    let params = json!({ "enabled": enabled });
    let instead = "it has no heartbeats to turn on or off";
    output::json(&by_name(&gateway, "set-heartbeats", &params, &args.ask, instead).await?)
}

/// Calls a method that this build's gateway does not have; one that has it says so in its list.
async fn by_name(
    gateway: &Gateway,
    method: &str,
    params: &Value,
    args: &AskArgs,
    instead: &str,
) -> Result<Value, Failure> {
    if !gateway.client.hello().features.methods.iter().any(|known| known == method) {
        let message = format!("not in this build: the gateway has no {method}; {instead}");
        return Err(Failure::new("UNSUPPORTED", message));
    }
    let options = CallOptions { timeout: args.timeout, expect_final: false };
    let call = gateway.client.call_with(method, Some(params), options);
    patience::wait("waiting for the gateway", call)
        .await
        .map_err(|error| gateway.target.explain(error))
}
