//! `agent --local`: a turn in this process. It has the state directory to itself while it runs, as a
//! gateway has; nothing listens.

use std::net::{Ipv4Addr, SocketAddr};

use openclaw_gateway::{Gateway, GatewayError, Options};
use serde_json::{Value, json};
use tokio::signal::ctrl_c;

use super::{Place, params, show, turn};
use crate::{
    args::AgentArgs,
    commands::{
        Context,
        gateway::run::{Console, explain, load, runtime, start_log},
    },
    failure::{Exit, Failure},
    patience, settings,
};

pub(crate) fn run(cx: &Context, args: &AgentArgs) -> Result<(), Failure> {
    let params = params(args)?;
    let paths = settings::paths(&cx.root, &cx.env)?;
    let loaded = load(cx, &paths)?;
    let logs = start_log(cx, Console::Quiet, &loaded, &paths)?;
    let options = Options::new(loaded, paths, logs.file())
        .hosted_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let runtime = runtime()?;
    let answer = runtime.block_on(alone(options, args, params));
    drop(runtime);
    show(answer?, args)
}

async fn alone(options: Options, args: &AgentArgs, params: Value) -> Result<Value, Failure> {
    // The first start in another program's state directory takes over what is there.
    let starting = patience::wait("opening the state directory", Gateway::start(options));
    let gateway = starting.await.map_err(|error| refused(&error))?;
    // A gateway answers before it knows of local model servers; this turn may need one.
    patience::wait("looking for models", gateway.searched()).await;
    let run = params["idempotencyKey"].clone();
    let place = Place::Here(&gateway);
    let answer = tokio::select! {
        answer = turn(&place, args, params) => answer,
        _ = ctrl_c() => Err(interrupted(&gateway, &run).await),
    };
    gateway.shutdown("the turn has ended").await;
    answer
}

/// Ends the turn for good: it is not taken up again by the next gateway.
async fn interrupted(gateway: &Gateway, run: &Value) -> Failure {
    match gateway.call("sessions.abort", &json!({ "runId": run })).await {
        Ok(_) => Failure::shown(Exit::Interrupted),
        Err(error) => Failure::new("NOT_STOPPED", error.message),
    }
}

fn refused(error: &GatewayError) -> Failure {
    let GatewayError::Locked { holder, .. } = error else { return explain(error) };
    let who =
        holder.as_ref().map(|holder| format!(" (process {})", holder.pid)).unwrap_or_default();
    Failure::new(
        "ALREADY_RUNNING",
        format!(
            "a gateway{who} uses this state directory; leave --local out to ask it, or stop it with `openclaw gateway stop`"
        ),
    )
}
