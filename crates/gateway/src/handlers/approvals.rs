//! `exec.approval.*`, `plugin.approval.*`, `approval.*`: requests that a person decides.

use std::sync::Arc;

use openclaw_agent::approvals::{
    Approval, ApprovalError, Decider, Kind, Requester, Resolved, Resolver, Verdict,
};
use openclaw_protocol::{
    RpcError, Version,
    field::Clearable,
    methods::approvals::{
        ApprovalDecision, ApprovalDecisionResult, ApprovalDoneResult, ApprovalRequestResult,
        ApprovalReviewer, RequestStatus,
    },
};
use serde_json::json;

use crate::{context::Cx, error::OrRefuse as _, handlers::millis, router::RouterBuilder};

mod exec;
mod plugin;
mod request;
mod unified;

pub(super) use request::{How, submit};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    unified::routes(plugin::routes(exec::routes(builder)))
}

/// Who asks, by our records.
pub(super) fn requester(cx: &Cx) -> Requester {
    let connection = Some(cx.peer().id.as_str().to_owned());
    Requester { principal: cx.caller().principal(), connection }
}

/// Who decides, by our records: a device that proved its key, or whoever proved the shared secret.
pub(super) fn decider(cx: &Cx) -> Decider {
    let resolver = match &cx.caller().device {
        Some(device) => Resolver::Device { id: device.to_string() },
        None => Resolver::Runtime { id: cx.caller().principal() },
    };
    Decider { resolver, connection: Some(cx.peer().id.as_str().to_owned()) }
}

/// The decision as it is answered; null when nobody made one.
fn decided(approval: &Approval) -> ApprovalRequestResult {
    let decision = approval.decision().map_or(Clearable::Clear, Clearable::Set);
    ApprovalRequestResult { status: None, decision: Some(decision), ..accepted(approval) }
}

/// The first of two answers.
fn accepted(approval: &Approval) -> ApprovalRequestResult {
    ApprovalRequestResult {
        status: Some(RequestStatus::Accepted),
        id: approval.id.clone(),
        delivery_route: None,
        decision: None,
        created_at_ms: millis(approval.created_at),
        expires_at_ms: millis(approval.expires_at),
    }
}

/// Waits for the decision about a request of this kind.
async fn wait_decision(
    cx: &Cx,
    kind: Kind,
    id: Option<&str>,
) -> Result<ApprovalDecisionResult, RpcError> {
    let Some(id) = id.map(str::trim).filter(|id| !id.is_empty()) else {
        return Err(RpcError::invalid("id is required"));
    };
    let ended = cx.app().approvals.wait(id).await.or_refuse()?;
    let Some(approval) = ended.filter(|approval| approval.kind() == kind) else {
        return Err(RpcError::invalid("approval expired or not found"));
    };
    Ok(ApprovalDecisionResult {
        id: approval.id.clone(),
        decision: approval.decision(),
        created_at_ms: millis(approval.created_at),
        expires_at_ms: millis(approval.expires_at),
        terminal_reason: approval.reason(),
    })
}

/// What a client says about a request: `id` and the word of its decision.
struct Said<'a> {
    id: &'a str,
    decision: &'a str,
    reviewer: Option<&'a ApprovalReviewer>,
}

/// Decides about a request of this kind.
async fn resolve(cx: &Cx, kind: Kind, said: Said<'_>) -> Result<ApprovalDoneResult, RpcError> {
    let Some(decision) = ApprovalDecision::parse(said.decision) else {
        return Err(RpcError::invalid("invalid decision"));
    };
    // Who clicked on a channel is what that channel's own part knows, not what a client says.
    if said.reviewer.is_some() {
        return Err(not_found(cx));
    }
    let found = match cx.app().approvals.lookup(kind, said.id).await {
        Err(ApprovalError::NotFound) => return Err(not_found(cx)),
        found => found.or_refuse()?,
    };
    let verdict = Verdict::Decision(decision);
    let resolved = cx.app().approvals.resolve(&found.id, verdict, decider(cx)).await.or_refuse()?;
    if resolved.applied {
        return Ok(ApprovalDoneResult { ok: true });
    }
    decided_before(cx, &resolved, decision)
}

/// Protocol 3 does not know requests that have ended; in protocol 4 the same decision is the same.
fn decided_before(
    cx: &Cx,
    resolved: &Resolved,
    decision: ApprovalDecision,
) -> Result<ApprovalDoneResult, RpcError> {
    if cx.peer().version == Version::V3 {
        return Err(not_found(cx));
    }
    if resolved.approval.decision() == Some(decision) {
        return Ok(ApprovalDoneResult { ok: true });
    }
    Err(RpcError::invalid("approval already resolved")
        .with_details(json!({ "reason": "APPROVAL_ALREADY_RESOLVED" })))
}

fn not_found(cx: &Cx) -> RpcError {
    let mut details = json!({ "reason": "APPROVAL_NOT_FOUND" });
    if cx.peer().version != Version::V3 {
        details["remediation"] = json!("Ask again; a request ends when its time is up.");
    }
    RpcError::invalid(ApprovalError::NotFound.to_string()).with_details(details)
}

/// The requests of a kind that wait, as `show` tells them.
fn waiting<T>(cx: &Cx, kind: Kind, show: impl Fn(&Arc<Approval>) -> Option<T>) -> Vec<T> {
    cx.app().approvals.pending(kind).iter().filter_map(show).collect()
}
