//! `node.event`: what a node tells by itself.
//!
//! A node is a device that runs commands; what it says of itself is noted, what it says of a command counts
//! while it was asked for that command, and what its user says reaches the agent as words of that user.

use openclaw_protocol::{
    RpcError,
    events::nodes::NodeHostStatsEvent,
    methods::nodes::{HostStats, NodeEventParams, NodeEventResult, NodeHostStats},
};
use serde_json::Value;
use tracing::warn;

use super::{approver, own, unreadable};
use crate::{bus::To, context::Cx, handlers::millis};

mod activity;
mod talk;

/// What became of an event: whether it was handled, and why not or what.
type Handled = (bool, &'static str);

pub(super) async fn event(cx: Cx, params: NodeEventParams) -> Result<NodeEventResult, RpcError> {
    let payload = payload(&params);
    let (handled, reason) = match params.event.as_str() {
        "node.presence.alive" => alive(&cx, payload.as_ref()).await?,
        "node.presence.activity" => activity::activity(&cx, payload)?,
        "node.host.stats" => stats(&cx, payload)?,
        "exec.started" | "exec.finished" | "exec.denied" => exec(&cx, &params, payload.as_ref())?,
        "voice.transcript" => talk::voice(&cx, payload.as_ref()).await?,
        "agent.request" => talk::request(&cx, payload.as_ref()).await?,
        // What operators say in a session is told to operators.
        "chat.subscribe" | "chat.unsubscribe" => (false, "not_for_nodes"),
        _ => (false, "unsupported_event"),
    };
    let (event, reason) = (params.event.into_string(), Some(reason.to_owned()));
    Ok(NodeEventResult { ok: true, event, handled, reason })
}

/// The payload, from whichever field it came in.
fn payload(params: &NodeEventParams) -> Option<Value> {
    match &params.payload_JSON {
        Some(Some(text)) => serde_json::from_str(text).ok(),
        _ => params.payload.clone(),
    }
}

async fn alive(cx: &Cx, payload: Option<&Value>) -> Result<Handled, RpcError> {
    const TRIGGERS: [&str; 6] = [
        "background",
        "silent_push",
        "bg_app_refresh",
        "significant_location",
        "manual",
        "connect",
    ];
    let Some(payload) = payload.filter(|payload| payload.is_object()) else {
        return Ok((false, "invalid_payload"));
    };
    let said = payload["trigger"].as_str().unwrap_or_default();
    let trigger = TRIGGERS.iter().find(|known| **known == said).copied().unwrap_or("background");
    let now = millis(cx.app().clock.now_ms());
    let noted = cx.app().nodes.book.seen(&own(cx)?.node_id, trigger, now).await;
    Ok((true, if noted.map_err(unreadable)? { "persisted" } else { "throttled" }))
}

fn stats(cx: &Cx, payload: Option<Value>) -> Result<Handled, RpcError> {
    let told: Option<HostStats> = payload.and_then(|value| serde_json::from_value(value).ok());
    let Some(told) = told else { return Ok((false, "invalid_payload")) };
    let session = own(cx)?;
    let host_stats = NodeHostStats::new(&told, millis(cx.app().clock.now_ms()));
    session.set_stats(host_stats.clone());
    let event = NodeHostStatsEvent { node_id: session.node_id.clone(), host_stats };
    cx.app().bus.emit(&event, To::Audience);
    Ok((true, "updated"))
}

/// What a node tells of a program. It counts only while this connection was asked to run that program.
fn exec(cx: &Cx, params: &NodeEventParams, payload: Option<&Value>) -> Result<Handled, RpcError> {
    let node = &own(cx)?.node_id;
    let run_id = payload.and_then(|payload| payload["runId"].as_str()).unwrap_or_default();
    if !cx.app().nodes.live.runs(cx.peer(), run_id) {
        let event = params.event.as_str();
        warn!(
            node,
            event, run_id, "a node tells of a program that it was not asked to run; it is dropped"
        );
        let now = millis(cx.app().clock.now_ms());
        let what = format!("{event} of a program that it was not asked to run");
        cx.app().authority.note_forgery(&approver(cx), &what, now);
        return Ok((false, "unmatched_exec_event"));
    }
    // Whoever asked gets the answer itself; there is nobody else to tell.
    Ok((false, "answer_follows"))
}
