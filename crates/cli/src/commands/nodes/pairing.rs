//! `nodes pending`, `approve`, `reject`, `remove` and `rename`.

use jiff::Timestamp;
use openclaw_protocol::methods::nodes::{
    NodePairApproveParams, NodePairListParams, NodePairRejectParams, NodePairRemoveParams,
    NodeRenameParams, PendingNode,
};
use serde_json::{Value, json};

use super::{Asked, LOOK, joined, name_of};
use crate::{
    args::{AskArgs, OneNodeArgs, RenameArgs, RequestArgs},
    commands::Context,
    connect::{self, ALL},
    failure::Failure,
    format, output,
};

pub(super) async fn pending(cx: &Context, args: &AskArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, args, LOOK).await?;
    let pending = asked.read::<NodePairListParams>(json!({})).await?.pending;
    if args.json {
        return output::json(&pending);
    }
    if pending.is_empty() {
        return output::line("No node waits to be approved.");
    }
    let now = Timestamp::now().as_millisecond().try_into().unwrap_or_default();
    output::lines(&table(&pending, now))
}

/// Requests, one a row.
pub(super) fn table(pending: &[PendingNode], now: u64) -> Vec<String> {
    let heads = ["Request", "Node", "ID", "IP", "Asked", "Commands"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(pending.iter().map(|request| {
        vec![
            request.request_id.clone(),
            name_of(request.display_name.as_ref(), &request.node_id).to_owned(),
            request.node_id.clone(),
            request.remote_ip.clone().unwrap_or_else(|| "-".into()),
            format::age(Some(now.saturating_sub(request.ts))),
            joined(&request.commands),
        ]
    }));
    format::table(&rows)
}

pub(super) async fn approve(cx: &Context, args: &RequestArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, ALL).await?;
    let answer = asked.ask::<NodePairApproveParams>(json!({ "requestId": args.request })).await?;
    told(args.ask.json, answer, |answer| {
        let node = connect::read::<NodePairApproveParams>(answer)?.node;
        let name = name_of(node.display_name.as_ref(), &node.node_id);
        Ok(format!("{name} may be asked for: {}", joined(&node.commands)))
    })
}

pub(super) async fn reject(cx: &Context, args: &RequestArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, LOOK).await?;
    let answer = asked.ask::<NodePairRejectParams>(json!({ "requestId": args.request })).await?;
    told(args.ask.json, answer, |answer| {
        let node = connect::read::<NodePairRejectParams>(answer)?.node_id;
        Ok(format!("Rejected the request of {node}; what was approved before stays approved"))
    })
}

pub(super) async fn remove(cx: &Context, args: &OneNodeArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, ALL).await?;
    let node = asked.find(&args.node).await?;
    let answer = asked.ask::<NodePairRemoveParams>(json!({ "nodeId": node.node_id })).await?;
    told(args.ask.json, answer, |_| {
        Ok(format!("Removed {}", name_of(node.display_name.as_ref(), &node.node_id)))
    })
}

pub(super) async fn rename(cx: &Context, args: &RenameArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, LOOK).await?;
    let node_id = asked.find(&args.node).await?.node_id;
    let params = json!({ "nodeId": node_id, "displayName": args.name });
    let answer = asked.ask::<NodeRenameParams>(params).await?;
    told(args.ask.json, answer, |answer| {
        let renamed = connect::read::<NodeRenameParams>(answer)?;
        Ok(format!("{} is called {}", renamed.node_id, renamed.display_name))
    })
}

/// Prints an answer, or what it means.
fn told(
    json: bool,
    answer: Value,
    say: impl FnOnce(Value) -> Result<String, Failure>,
) -> Result<(), Failure> {
    if json { output::json(&answer) } else { output::line(say(answer)?) }
}
