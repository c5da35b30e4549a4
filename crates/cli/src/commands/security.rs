//! `security audit`: what opens more than it should, and what to do about it.

use std::time::Duration;

use openclaw_gateway::{
    audit::{self, Finding, Severity, Summary},
    config::{Environment, Paths},
};
use openclaw_protocol::methods::{
    devices::{DevicePairListParams, DevicePairListResult, PairedDevice},
    nodes::{NodePairListParams, NodePairListResult, PairedNode},
};
use serde_json::{Value, json};

use crate::{
    args::AuditArgs,
    commands::{Context, devices},
    connect::{self, Gateway, Manner},
    failure::Failure,
    output::{self, Output, Style},
    settings,
};

/// How long a running gateway may take to answer.
const DEEP_TIMEOUT: Duration = Duration::from_secs(5);
/// A device or node that was not seen for so long is left over, in milliseconds.
const LEFT_OVER_MS: u64 = 90 * DAY_MS;
/// A node's request that was not decided for so long is forgotten, in milliseconds.
const FORGOTTEN_MS: u64 = 7 * DAY_MS;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(crate) async fn audit(cx: &Context, args: &AuditArgs) -> Result<(), Failure> {
    let paths = settings::paths(&cx.root, &cx.env)?;
    let mut findings = audit::audit(&paths, &cx.env);
    let deep = if args.deep { Some(look_deep(cx, args, &mut findings).await) } else { None };
    let mended = if args.fix { mend(&mut findings, &paths, &cx.env)? } else { Vec::new() };
    findings.sort_by_key(|finding| finding.severity);
    if args.json {
        let mut document = json!({
            "ts": devices::now(),
            "summary": Summary::of(&findings),
            "findings": findings,
        });
        if let Some(deep) = deep {
            document["deep"] = json!({ "gateway": deep });
        }
        if args.fix {
            document["fixed"] = mended.into();
        }
        return output::json(&document);
    }
    for done in &mended {
        output::line(format!("fixed: {done}"))?;
    }
    output::lines(&render(&findings, cx.out))
}

/// Mends what can be; what is left in the list needs a person.
fn mend(
    findings: &mut Vec<Finding>,
    paths: &Paths,
    env: &Environment,
) -> Result<Vec<String>, Failure> {
    let mut mended = Vec::new();
    let mut left = Vec::new();
    for finding in findings.drain(..) {
        match finding.mend(paths, env) {
            Ok(Some(done)) => mended.push(done),
            Ok(None) => left.push(finding),
            Err(error) => {
                let before = if mended.is_empty() {
                    String::new()
                } else {
                    format!(" (done before it: {})", mended.join("; "))
                };
                let message = format!("{}: {error}{before}", finding.remediation);
                return Err(Failure::new("NOT_FIXED", message));
            }
        }
    }
    *findings = left;
    Ok(mended)
}

/// Asks the running gateway; what cannot be asked is a finding too.
async fn look_deep(cx: &Context, args: &AuditArgs, findings: &mut Vec<Finding>) -> Value {
    match paired(cx, args).await {
        Ok((list, nodes)) => {
            let now = devices::now();
            left_over(&list, now, findings);
            left_over_nodes(&nodes, now, findings);
            json!({ "attempted": true, "ok": true })
        }
        Err(failure) => {
            findings.push(Finding::new(
                "gateway.probe_failed",
                Severity::Warn,
                "The gateway could not be asked",
                failure.message.clone(),
                "Start it, or pass --token or --password.",
            ));
            json!({ "attempted": true, "ok": false, "error": failure.message })
        }
    }
}

async fn paired(
    cx: &Context,
    args: &AuditArgs,
) -> Result<(DevicePairListResult, NodePairListResult), Failure> {
    let manner = Manner::visit(connect::ALL, DEEP_TIMEOUT);
    let gateway = Gateway::connect(&cx.settings()?, &args.remote(), manner).await?;
    let devices = gateway.read::<DevicePairListParams>(json!({})).await?;
    Ok((devices, gateway.read::<NodePairListParams>(json!({})).await?))
}

fn left_over(devices: &DevicePairListResult, now: u64, findings: &mut Vec<Finding>) {
    if !devices.pending.is_empty() {
        findings.push(Finding::new(
            "devices.pending",
            Severity::Info,
            format!("{} devices wait for approval", devices.pending.len()),
            "Whoever approves one gives it what it shows.",
            "Run `openclaw devices list`, and approve or reject them.",
        ));
    }
    let is_old = |device: &&PairedDevice| {
        let seen = device.last_seen_at_ms.unwrap_or(device.approved_at_ms);
        device.connected != Some(true) && now.saturating_sub(seen) > LEFT_OVER_MS
    };
    for device in devices.paired.iter().filter(is_old) {
        let scopes = device.scopes.as_deref().unwrap_or_default();
        let (severity, right) = if scopes.iter().any(|scope| scope == "operator.admin") {
            (Severity::Warn, "may still administer")
        } else if scopes.is_empty() {
            // What a node may do was approved apart; it is looked at with the nodes.
            continue;
        } else {
            (Severity::Info, "may still connect")
        };
        let name = device.display_name.as_deref().unwrap_or("a device without a name");
        findings.push(Finding::new(
            "devices.left_over",
            severity,
            format!("{name} {right}"),
            format!("{} was not seen for more than 90 days.", device.device_id),
            format!("Run `openclaw devices remove {}` if it is gone.", device.device_id),
        ));
    }
}

/// Nodes that nobody missed, and requests that nobody decided.
fn left_over_nodes(nodes: &NodePairListResult, now: u64, findings: &mut Vec<Finding>) {
    let old = nodes.pending.iter().filter(|node| now.saturating_sub(node.ts) > FORGOTTEN_MS);
    for node in old {
        findings.push(Finding::new(
            "nodes.pending_forgotten",
            Severity::Info,
            "A node's request has waited for more than a week",
            format!("{} asks for {}.", node.node_id, listed(&node.commands)),
            format!("Run `openclaw nodes reject {}`, or approve it.", node.request_id),
        ));
    }
    let seen = |node: &PairedNode| {
        let seen = [node.last_seen_at_ms, node.last_disconnected_at_ms, node.last_connected_at_ms];
        seen.into_iter().flatten().max().unwrap_or(node.approved_at_ms)
    };
    let old = nodes.paired.iter().filter(|node| now.saturating_sub(seen(node)) > LEFT_OVER_MS);
    for node in old {
        let runs = node.commands.iter().any(|command| command == "system.run");
        let name = node.display_name.as_deref().unwrap_or("A node without a name");
        findings.push(Finding::new(
            "nodes.left_over",
            if runs { Severity::Warn } else { Severity::Info },
            if runs {
                format!("{name} is still approved to run programs")
            } else {
                format!("{name} is still approved")
            },
            format!(
                "{} was not seen for more than 90 days; it may be asked for {}.",
                node.node_id,
                listed(&node.commands)
            ),
            format!("Run `openclaw nodes remove {}` if it is gone.", node.node_id),
        ));
    }
}

fn listed(commands: &[String]) -> String {
    if commands.is_empty() { "no command".to_owned() } else { commands.join(", ") }
}

fn render(findings: &[Finding], out: Output) -> Vec<String> {
    let Summary { critical, warn, info } = Summary::of(findings);
    let mut lines =
        vec![format!("Security audit: {critical} critical, {warn} warnings, {info} notes")];
    for finding in findings {
        let (style, word) = match finding.severity {
            Severity::Critical => (Style::Red, "CRITICAL"),
            Severity::Warn => (Style::Yellow, "WARN"),
            Severity::Info => (Style::Dim, "INFO"),
        };
        lines.push(String::new());
        lines.push(format!("{} {} ({})", out.style(style, word), finding.title, finding.check_id));
        lines.push(format!("  {}", finding.detail));
        lines.push(format!("  fix: {}", finding.remediation));
    }
    lines
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::methods::{devices::PendingDevice, nodes::PendingNode};

    use super::*;

    const DAY: u64 = DAY_MS;

    fn device(id: &str, scopes: &[&str], seen: u64) -> PairedDevice {
        PairedDevice {
            device_id: id.to_owned(),
            scopes: Some(scopes.iter().map(|s| (*s).to_owned().into()).collect()),
            last_seen_at_ms: Some(seen),
            ..PairedDevice::default()
        }
    }

    fn ids(findings: &[Finding]) -> Vec<(&str, Severity)> {
        findings.iter().map(|finding| (finding.check_id, finding.severity)).collect()
    }

    #[test]
    fn devices_that_are_gone_are_left_over() {
        let now = 1_000 * DAY;
        let mut here = device("here", &["operator.admin"], now - 500 * DAY);
        here.connected = Some(true);
        let paired = vec![
            device("old-admin", &["operator.admin"], now - 91 * DAY),
            device("new-admin", &["operator.admin"], now - DAY),
            device("old-reader", &["operator.read"], now - 500 * DAY),
            device("old-node", &[], now - 500 * DAY),
            here,
        ];
        let mut findings = Vec::new();
        left_over(&DevicePairListResult { paired, ..Default::default() }, now, &mut findings);
        let id = "devices.left_over";
        assert_eq!(ids(&findings), [(id, Severity::Warn), (id, Severity::Info)]);
        assert!(findings[0].remediation.contains("devices remove old-admin"));
        assert!(findings[1].remediation.contains("devices remove old-reader"));
        let pending = vec![PendingDevice::default(); 2];
        let mut findings = Vec::new();
        left_over(&DevicePairListResult { pending, ..Default::default() }, now, &mut findings);
        assert_eq!(ids(&findings), [("devices.pending", Severity::Info)]);
        assert!(findings[0].title.starts_with("2 devices"));
    }

    #[test]
    fn nodes_that_are_gone_and_requests_that_were_forgotten() {
        let now = 1_000 * DAY;
        let node = |id: &str, command: &str, seen: u64| PairedNode {
            node_id: id.to_owned(),
            commands: vec![command.to_owned()],
            last_disconnected_at_ms: Some(seen),
            ..PairedNode::default()
        };
        let request = |id: &str, ts: u64| PendingNode {
            request_id: id.to_owned(),
            ts,
            ..PendingNode::default()
        };
        let nodes = NodePairListResult {
            pending: vec![request("old", now - 8 * DAY), request("new", now - DAY)],
            paired: vec![
                node("runs", "system.run", now - 91 * DAY),
                node("looks", "camera.list", now - 91 * DAY),
                node("here", "system.run", now - DAY),
            ],
        };
        let mut findings = Vec::new();
        left_over_nodes(&nodes, now, &mut findings);
        let expected = [
            ("nodes.pending_forgotten", Severity::Info),
            ("nodes.left_over", Severity::Warn),
            ("nodes.left_over", Severity::Info),
        ];
        assert_eq!(ids(&findings), expected);
        let fixes = ["nodes reject old", "nodes remove runs", "nodes remove looks"];
        assert!(findings.iter().zip(fixes).all(|(f, fix)| f.remediation.contains(fix)));
    }
}
