//! `nodes list` and `nodes status`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use openclaw_protocol::methods::nodes::{
    NodeListParams, NodeListResult, NodePairListParams, NodePairListResult, NodeSummary, PairedNode,
};
use serde_json::json;

use super::{Asked, LOOK, joined, name_of, pairing};
use crate::{
    args::NodesListArgs, commands::Context, connect::READ, failure::Failure, format, output,
};

pub(super) async fn list(cx: &Context, args: &NodesListArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, LOOK).await?;
    let mut pairs = asked.read::<NodePairListParams>(json!({})).await?;
    if args.connected || args.last_connected.is_some() {
        let nodes = asked.read::<NodeListParams>(json!({})).await?;
        let nodes: BTreeMap<_, _> =
            nodes.nodes.iter().map(|node| (node.node_id.as_str(), node)).collect();
        pairs.paired.retain(|pair| {
            let node = nodes.get(pair.node_id.as_str());
            let last = node.and_then(|node| last_connected(node)).or(pair.last_connected_at_ms);
            fits(args, (node.is_some_and(|node| node.connected), last), now())
        });
    }
    if args.ask.json {
        return output::json(&pairs);
    }
    output::lines(&render_list(&pairs, now()))
}

pub(super) async fn status(cx: &Context, args: &NodesListArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, READ).await?;
    let mut list = asked.read::<NodeListParams>(json!({})).await?;
    let now = list.ts;
    list.nodes.retain(|node| fits(args, (node.connected, last_connected(node)), now));
    if args.ask.json {
        return output::json(&list);
    }
    output::lines(&render_status(&list))
}

fn now() -> u64 {
    Timestamp::now().as_millisecond().try_into().unwrap_or_default()
}

fn last_connected(node: &NodeSummary) -> Option<u64> {
    node.connected_at_ms.or(node.last_connected_at_ms)
}

/// Whether a node is asked for: connected or not, and when it last was.
fn fits(args: &NodesListArgs, (connected, last): (bool, Option<u64>), now: u64) -> bool {
    let recent = args.last_connected.is_none_or(|within| {
        let age = last.map(|last| u128::from(now.saturating_sub(last)));
        connected || age.is_some_and(|age| age <= within.as_millis())
    });
    recent && (connected || !args.connected)
}

fn render_list(pairs: &NodePairListResult, now: u64) -> Vec<String> {
    let mut lines =
        vec![format!("Pending: {} · Paired: {}", pairs.pending.len(), pairs.paired.len())];
    if !pairs.pending.is_empty() {
        lines.extend([String::new(), "Pending".to_owned()]);
        lines.extend(pairing::table(&pairs.pending, now));
    }
    if !pairs.paired.is_empty() {
        lines.extend([String::new(), "Paired".to_owned()]);
        let mut rows = vec![["Node", "ID", "IP", "Last Connect"].map(str::to_owned).to_vec()];
        rows.extend(pairs.paired.iter().map(|node| paired(node, now)));
        lines.extend(format::table(&rows));
    }
    lines
}

fn paired(node: &PairedNode, now: u64) -> Vec<String> {
    vec![
        name_of(node.display_name.as_ref(), &node.node_id).to_owned(),
        node.node_id.clone(),
        node.remote_ip.clone().unwrap_or_else(|| "-".into()),
        format::age(node.last_connected_at_ms.map(|then| now.saturating_sub(then))),
    ]
}

fn render_status(list: &NodeListResult) -> Vec<String> {
    let count =
        |test: fn(&NodeSummary) -> bool| list.nodes.iter().filter(|node| test(node)).count();
    let mut lines = vec![format!(
        "Known: {} · Paired: {} · Connected: {}",
        list.nodes.len(),
        count(|node| node.paired),
        count(|node| node.connected),
    )];
    if list.nodes.is_empty() {
        return lines;
    }
    let heads = ["Node", "ID", "IP", "Detail", "Status", "Caps"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(list.nodes.iter().map(|node| known(node, list.ts)));
    lines.extend(format::table(&rows));
    lines
}

fn known(node: &NodeSummary, now: u64) -> Vec<String> {
    vec![
        name_of(node.display_name.as_ref(), &node.node_id).to_owned(),
        node.node_id.clone(),
        node.remote_ip.clone().unwrap_or_else(|| "-".into()),
        detail(node),
        state(node, now),
        joined(&node.caps),
    ]
}

fn detail(node: &NodeSummary) -> String {
    let version = node.version.as_ref().map(|version| format!("v{version}"));
    let kind = node.device_family.clone().or_else(|| node.platform.clone());
    let parts: Vec<_> =
        [kind, node.model_identifier.clone(), version].into_iter().flatten().collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(" · ") }
}

/// How it stands, in OpenClaw's words.
fn state(node: &NodeSummary, now: u64) -> String {
    let connected = if node.connected { "connected" } else { "disconnected" };
    let since = last_connected(node).map(|then| format::age(Some(now.saturating_sub(then))));
    let mut parts = vec![if node.paired { "paired" } else { "unpaired" }.to_owned()];
    parts.push(match since {
        Some(since) if !node.connected => format!("{connected} (last connected {since})"),
        _ => connected.to_owned(),
    });
    parts.extend(node.approval_state.clone());
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;

    use super::*;
    use crate::{
        args::{AskArgs, RemoteArgs},
        connect,
    };

    #[test]
    fn the_status_of_every_node_is_a_row() {
        let answer = json!({
            "ts": 1_000_000,
            "nodes": [
                { "nodeId": "28cb", "displayName": "Desk", "platform": "linux", "deviceFamily": "Linux", "version": "1.0.0", "remoteIp": "10.0.0.7", "caps": ["system"], "commands": ["system.which"], "approvalState": "approved", "paired": true, "connected": true, "connectedAtMs": 900_000 },
                { "nodeId": "beef", "caps": [], "commands": [], "paired": true, "connected": false, "lastConnectedAtMs": 520_000 },
            ],
        });
        let list = connect::read::<NodeListParams>(answer).unwrap();
        expect![[r"
            Known: 2 · Paired: 2 · Connected: 1
            Node  ID    IP        Detail          Status                                         Caps
            Desk  28cb  10.0.0.7  Linux · v1.0.0  paired · connected · approved                  system
            beef  beef  -         -               paired · disconnected (last connected 8m ago)  -"]]
        .assert_eq(&render_status(&list).join("\n"));
    }

    #[test]
    fn the_list_has_what_waits_first() {
        let answer = json!({
            "pending": [{ "requestId": "r-1", "nodeId": "beef", "displayName": "New", "caps": ["system"], "commands": ["system.run", "system.which"], "ts": 940_000 }],
            "paired": [{ "nodeId": "28cb", "displayName": "Renamed", "caps": ["system"], "commands": [], "createdAtMs": 1, "approvedAtMs": 1, "lastConnectedAtMs": 520_000 }],
        });
        let pairs = connect::read::<NodePairListParams>(answer).unwrap();
        expect![[r"
            Pending: 1 · Paired: 1

            Pending
            Request  Node  ID    IP  Asked   Commands
            r-1      New   beef  -   1m ago  system.run, system.which

            Paired
            Node     ID    IP  Last Connect
            Renamed  28cb  -   8m ago"]]
        .assert_eq(&render_list(&pairs, 1_000_000).join("\n"));
        let empty = NodePairListResult::default();
        assert_eq!(render_list(&empty, 0), ["Pending: 0 · Paired: 0"]);
    }

    #[test]
    fn who_is_here_fits_every_time() {
        let args = |connected, minutes: Option<u64>| NodesListArgs {
            connected,
            last_connected: minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            ask: AskArgs {
                remote: RemoteArgs::default(),
                timeout: Duration::from_secs(1),
                json: false,
            },
        };
        let now = 10 * 60_000;
        let gone = (false, Some(5 * 60_000));
        assert!(fits(&args(false, None), gone, now));
        assert!(!fits(&args(true, None), gone, now));
        assert!(fits(&args(false, Some(5)), gone, now));
        assert!(!fits(&args(false, Some(4)), gone, now));
        assert!(!fits(&args(false, Some(4)), (false, None), now));
        assert!(fits(&args(true, Some(1)), (true, Some(0)), now));
    }
}
