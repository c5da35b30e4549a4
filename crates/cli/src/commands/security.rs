//! `security audit`: what opens more than it should, and what to do about it.

use std::time::Duration;

use openclaw_gateway::audit::{self, Finding, Severity, Summary};
use openclaw_protocol::methods::devices::{
    DevicePairListParams, DevicePairListResult, PairedDevice,
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
/// A device that was not seen for so long is left over, in milliseconds.
const LEFT_OVER_MS: u64 = 90 * 24 * 60 * 60 * 1000;

pub(crate) async fn audit(cx: &Context, args: &AuditArgs) -> Result<(), Failure> {
    let paths = settings::paths(&cx.root, &cx.env)?;
    let mut findings = audit::audit(&paths, &cx.env);
    let deep = if args.deep { Some(look_deep(cx, args, &mut findings).await) } else { None };
    let mended = if args.fix { mend(&mut findings)? } else { Vec::new() };
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
fn mend(findings: &mut Vec<Finding>) -> Result<Vec<String>, Failure> {
    let mut mended = Vec::new();
    let mut left = Vec::new();
    for finding in findings.drain(..) {
        match finding.mend() {
            Ok(Some(done)) => mended.push(done),
            Ok(None) => left.push(finding),
            Err(error) => {
                let message = format!("{}: {error}", finding.remediation);
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
        Ok(list) => {
            left_over(&list, devices::now(), findings);
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

async fn paired(cx: &Context, args: &AuditArgs) -> Result<DevicePairListResult, Failure> {
    let manner = Manner::visit(connect::ALL, DEEP_TIMEOUT);
    let gateway = Gateway::connect(&cx.settings()?, &args.remote(), manner).await?;
    connect::read::<DevicePairListParams>(gateway.ask::<DevicePairListParams>(json!({})).await?)
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
    let may_administer = |device: &&PairedDevice| {
        device.scopes.iter().flatten().any(|scope| scope == "operator.admin")
    };
    let old = devices.paired.iter().filter(may_administer).filter(|device| {
        let seen = device.last_seen_at_ms.unwrap_or(device.approved_at_ms);
        now.saturating_sub(seen) > LEFT_OVER_MS
    });
    for device in old {
        let name = device.display_name.as_deref().unwrap_or("a device without a name");
        findings.push(Finding::new(
            "devices.left_over",
            Severity::Warn,
            format!("{name} may still administer"),
            format!("{} was not seen for more than 90 days.", device.device_id),
            format!("Run `openclaw devices remove {}` if it is gone.", device.device_id),
        ));
    }
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
    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1000;

    fn device(id: &str, scopes: &[&str], seen: u64) -> PairedDevice {
        PairedDevice {
            device_id: id.to_owned(),
            scopes: Some(scopes.iter().map(|s| (*s).to_owned()).collect()),
            last_seen_at_ms: Some(seen),
            ..PairedDevice::default()
        }
    }

    #[test]
    fn administrators_that_are_gone_are_left_over() {
        let now = 1_000 * DAY;
        let paired = vec![
            device("old-admin", &["operator.admin"], now - 91 * DAY),
            device("new-admin", &["operator.admin"], now - DAY),
            device("old-reader", &["operator.read"], now - 500 * DAY),
        ];
        let mut findings = Vec::new();
        left_over(&DevicePairListResult { paired, ..Default::default() }, now, &mut findings);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].remediation.contains("devices remove old-admin"));
    }
}
