//! `nodes describe`.

use openclaw_protocol::methods::nodes::{NodeDescribeParams, NodeDescribeResult};
use serde_json::json;

use super::{Asked, LOOK, joined, name_of};
use crate::{args::OneNodeArgs, commands::Context, connect, failure::Failure, format, output};

pub(super) async fn run(cx: &Context, args: &OneNodeArgs) -> Result<(), Failure> {
    let asked = Asked::connect(cx, &args.ask, LOOK).await?;
    let node_id = asked.find(&args.node).await?.node_id;
    let answer = asked.ask::<NodeDescribeParams>(json!({ "nodeId": node_id })).await?;
    if args.ask.json {
        return output::json(&answer);
    }
    output::lines(&render(&connect::read::<NodeDescribeParams>(answer)?))
}

fn render(described: &NodeDescribeResult) -> Vec<String> {
    let (node, now) = (&described.node, described.ts);
    let ago = |then: Option<u64>| then.map(|then| format::age(Some(now.saturating_sub(then))));
    let rows = [
        ("ID", Some(node.node_id.clone())),
        ("Address", node.remote_ip.clone()),
        ("Platform", node.platform.clone()),
        ("Device", node.device_family.clone()),
        ("Model", node.model_identifier.clone()),
        ("Version", node.version.clone()),
        ("Paired", Some(if node.paired { "yes" } else { "no" }.to_owned())),
        ("Connected", Some(if node.connected { "yes" } else { "no" }.to_owned())),
        ("Last connected", ago(node.connected_at_ms.or(node.last_connected_at_ms))),
        ("Last seen", ago(node.last_seen_at_ms)),
        ("Last used", ago(node.last_active_at_ms)),
        ("Approval", node.approval_state.clone()),
        ("Caps", Some(joined(&node.caps))),
        ("Permissions", node.permissions.as_ref().map(permissions)),
        ("Searches", node.path_env.clone()),
        ("Request", node.pending_request_id.clone()),
        ("Asks for", node.pending_declared_commands.as_deref().map(joined)),
    ];
    let mut lines = vec![name_of(node.display_name.as_ref(), &node.node_id).to_owned()];
    lines
        .extend(rows.into_iter().filter_map(|(name, value)| Some(format!("  {name}: {}", value?))));
    lines.push("Commands".to_owned());
    if node.commands.is_empty() {
        lines.push("  - none that may be asked for".to_owned());
    }
    lines.extend(node.commands.iter().map(|command| format!("  - {command}")));
    lines
}

fn permissions(given: &std::collections::BTreeMap<String, bool>) -> String {
    let one = |(name, on): (&String, &bool)| format!("{name}={}", if *on { "yes" } else { "no" });
    given.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        let answer = json!({
            "ts": 1_000_000, "nodeId": "28cb", "displayName": "Desk", "platform": "linux",
            "caps": ["system"], "commands": ["system.which"], "permissions": { "camera": false },
            "approvalState": "pending-reapproval", "pendingRequestId": "r-1",
            "pendingDeclaredCommands": ["system.run", "system.which"],
            "paired": true, "connected": true, "connectedAtMs": 400_000,
        });
        let described = connect::read::<NodeDescribeParams>(answer).unwrap();
        expect![[r"
            Desk
              ID: 28cb
              Platform: linux
              Paired: yes
              Connected: yes
              Last connected: 10m ago
              Approval: pending-reapproval
              Caps: system
              Permissions: camera=no
              Request: r-1
              Asks for: system.run, system.which
            Commands
              - system.which"]]
        .assert_eq(&render(&described).join("\n"));
    }
}
