//! Requests that wait, and deciding about them.

use jiff::Timestamp;
use openclaw_agent::approvals::visible;
use openclaw_protocol::methods::approvals::{
    ApprovalDecision, ApprovalGetParams, ApprovalKind, ApprovalPresentation, ApprovalResolveParams,
    ApprovalResolveResult, ExecApprovalListParams, PluginApprovalListParams,
};
use serde::Serialize;
use serde_json::json;

use crate::{
    args::{ApprovalsResolveArgs, AskArgs, Decision},
    commands::Context,
    connect::{Gateway, Manner},
    failure::Failure,
    format, output,
};

/// What deciding needs.
const SCOPES: &[&str] = &["operator.approvals"];

/// A request that waits.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Waiting {
    id: String,
    kind: &'static str,
    agent_id: Option<String>,
    session_key: Option<String>,
    created_at_ms: u64,
    expires_at_ms: u64,
    /// What is asked, in full.
    summary: String,
    /// Words of warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

pub(super) async fn list(cx: &Context, args: &AskArgs) -> Result<(), Failure> {
    let manner = Manner::visit(SCOPES, args.timeout);
    let gateway = Gateway::connect(&cx.settings()?, &args.remote, manner).await?;
    let commands = gateway.read::<ExecApprovalListParams>(json!({})).await?.0;
    let plugins = gateway.read::<PluginApprovalListParams>(json!({})).await?.0;
    let commands = commands.into_iter().map(|one| Waiting {
        id: one.id,
        kind: "exec",
        agent_id: one.request.agent_id,
        session_key: one.request.session_key,
        created_at_ms: one.created_at_ms,
        expires_at_ms: one.expires_at_ms,
        summary: one.request.command,
        warning: one.request.warning_text,
    });
    let plugins = plugins.into_iter().map(|one| Waiting {
        id: one.id,
        kind: "plugin",
        agent_id: one.request.agent_id,
        session_key: one.request.session_key,
        created_at_ms: one.created_at_ms,
        expires_at_ms: one.expires_at_ms,
        summary: format!("{}: {}", one.request.title, one.request.description),
        warning: None,
    });
    let mut waiting: Vec<Waiting> = commands.chain(plugins).collect();
    waiting.sort_by_key(|one| std::cmp::Reverse(one.created_at_ms));
    if args.json {
        return output::json(&json!({ "approvals": waiting }));
    }
    let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
    output::lines(&render(&waiting, now))
}

/// All of each request: what is cut cannot be decided about.
fn render(waiting: &[Waiting], now: u64) -> Vec<String> {
    if waiting.is_empty() {
        return vec!["No pending approvals.".to_owned()];
    }
    let mut lines = vec![format!("Pending approvals ({})", waiting.len())];
    for one in waiting {
        let left = one.expires_at_ms.saturating_sub(now) / 1000;
        let asked = format::age(Some(now.saturating_sub(one.created_at_ms)));
        let asker = [&one.agent_id, &one.session_key];
        let asker: Vec<&str> = asker.into_iter().flatten().map(String::as_str).collect();
        let asker = if asker.is_empty() { "-".to_owned() } else { asker.join(" / ") };
        lines.push(String::new());
        // What the gateway sends is written out already; a terminal is not told twice to trust it.
        lines.push(visible::line(&one.id));
        lines.push(format!("  {} by {}, {asked}, {left} s left", one.kind, terminal(&asker)));
        let warnings = one.warning.iter().flat_map(|warning| warning.lines());
        lines.extend(warnings.map(|line| format!("  ! {}", terminal(line))));
        lines.extend(one.summary.lines().map(|line| format!("  {}", terminal(line))));
    }
    lines.push(String::new());
    lines
        .push("Decide with: openclaw approvals resolve ID allow-once|allow-always|deny".to_owned());
    lines
}

/// A line that moves no cursor, whoever sent it.
fn terminal(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

pub(super) async fn resolve(cx: &Context, args: &ApprovalsResolveArgs) -> Result<(), Failure> {
    let manner = Manner::visit(SCOPES, args.ask.timeout);
    let gateway = Gateway::connect(&cx.settings()?, &args.ask.remote, manner).await?;
    let found = gateway.read::<ApprovalGetParams>(json!({ "id": args.id })).await?.approval;
    let (kind, allowed) = match &found.presentation {
        ApprovalPresentation::Exec(shown) => (ApprovalKind::Exec, &shown.allowed_decisions),
        ApprovalPresentation::Plugin(shown) => (ApprovalKind::Plugin, &shown.allowed_decisions),
    };
    let decision = match args.decision {
        Decision::AllowOnce => ApprovalDecision::AllowOnce,
        Decision::AllowAlways => ApprovalDecision::AllowAlways,
        Decision::Deny => ApprovalDecision::Deny,
    };
    // The gateway takes a decision that is not offered as the end of the request.
    if !allowed.contains(&decision) {
        let names: Vec<_> = allowed.iter().map(|one| one.name()).collect();
        let names = names.join(", ");
        let message = format!("{} cannot be decided here; {names} can", decision.name());
        return Err(Failure::new("DECISION_UNAVAILABLE", message));
    }
    let params = json!({ "id": found.id, "kind": kind, "decision": decision });
    let result = gateway.read::<ApprovalResolveParams>(params).await?;
    if args.ask.json {
        output::json(&result)?;
    }
    told(&result, decision, args.ask.json)
}

fn told(
    result: &ApprovalResolveResult,
    wanted: ApprovalDecision,
    quiet: bool,
) -> Result<(), Failure> {
    let approval = &result.approval;
    let by = approval.resolver.as_ref().and_then(|resolver| resolver.id.clone());
    let by = visible::line(&by.unwrap_or_else(|| "the gateway".to_owned()));
    let id = visible::line(&approval.id);
    match approval.decision {
        Some(decision) if decision == wanted => {
            let how = if result.applied { "resolved" } else { "already resolved" };
            let line = format!("Approval {id} {how} {} by {by}.", decision.name());
            if quiet { Ok(()) } else { output::line(line) }
        }
        Some(decision) => {
            let message = format!("approval {id} was already resolved {} by {by}", decision.name());
            Err(Failure::new("ALREADY_RESOLVED", message))
        }
        None => {
            let status = approval.status.name();
            Err(Failure::new("NOT_RESOLVED", format!("approval {id} is {status}; ask again")))
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_request_is_shown_whole() {
        let waiting = Waiting {
            id: "plugin:1".to_owned(),
            kind: "exec",
            agent_id: Some("main".to_owned()),
            session_key: None,
            created_at_ms: 1_000,
            expires_at_ms: 121_000,
            summary: format!("rm -rf {}", "x".repeat(100)),
            warning: Some("careful\u{1b}[2K\nreally".to_owned()),
        };
        expect![[r"
            Pending approvals (1)

            plugin:1
              exec by main, 1m ago, 60 s left
              ! careful�[2K
              ! really
              rm -rf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx

            Decide with: openclaw approvals resolve ID allow-once|allow-always|deny"]]
        .assert_eq(&render(&[waiting], 61_000).join("\n"));
        assert_eq!(render(&[], 0), ["No pending approvals."]);
    }
}
