//! `approval.get`, `approval.history`, `approval.resolve`: requests of any kind, waiting or ended.

use openclaw_agent::approvals::{Approval, HistoryQuery, Kind, Place, Verdict};
use openclaw_protocol::{
    RpcError,
    field::Int,
    methods::approvals::{
        ApprovalGetParams, ApprovalGetResult, ApprovalHistoryParams, ApprovalHistoryResult,
        ApprovalKind, ApprovalResolveParams, ApprovalResolveResult, ApprovalSnapshot,
    },
};
use serde_json::json;

use super::{decider, exec::no_lasting_grant};
use crate::{approvals::snapshot, context::Cx, error::OrRefuse as _, router::RouterBuilder};

/// Requests on a page of the history when the caller does not say.
const USUAL_PAGE: usize = 50;

/// The methods of this file.
pub(super) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(get).handle(history).handle(resolve)
}

async fn get(cx: Cx, params: ApprovalGetParams) -> Result<ApprovalGetResult, RpcError> {
    let found = cx.app().approvals.find(&params.id).await.or_refuse()?;
    let approval = found.and_then(|approval| shown(&cx, &approval)).ok_or_else(not_found)?;
    Ok(ApprovalGetResult { approval })
}

async fn history(cx: Cx, params: ApprovalHistoryParams) -> Result<ApprovalHistoryResult, RpcError> {
    let kind = match params.kind {
        None => None,
        Some(ApprovalKind::Exec) => Some(Kind::Exec),
        Some(ApprovalKind::Plugin) => Some(Kind::Plugin),
        // There is no such assistant here, so there are none of its requests.
        Some(ApprovalKind::SystemAgent) => return Ok(ApprovalHistoryResult::default()),
    };
    let before = match &params.cursor {
        None => None,
        Some(cursor) => Some(
            place(cursor).ok_or_else(|| RpcError::invalid("invalid approval.history cursor"))?,
        ),
    };
    let limit = params.limit.map_or(USUAL_PAGE, Int::to_usize);
    let query = HistoryQuery { kind, before, limit };
    let page = cx.app().approvals.history(query).await.or_refuse()?;
    let last = page.last().filter(|_| page.len() == limit);
    let next_cursor = last.map(|(place, _)| format!("{}.{}", place.ended_at, place.seq));
    let items = page.iter().filter_map(|(_, approval)| shown(&cx, approval)).collect();
    Ok(ApprovalHistoryResult { items, next_cursor })
}

fn place(cursor: &str) -> Option<Place> {
    let (ended_at, seq) = cursor.split_once('.')?;
    Some(Place { ended_at: ended_at.parse().ok()?, seq: seq.parse().ok()? })
}

async fn resolve(cx: Cx, params: ApprovalResolveParams) -> Result<ApprovalResolveResult, RpcError> {
    no_lasting_grant(params.grant_expires_in_days.is_some())?;
    // Who clicked on a channel is what that channel's own part knows, not what a client says.
    if params.reviewer.is_some() {
        return Err(not_found());
    }
    let found = cx.app().approvals.find(&params.id).await.or_refuse()?;
    let found = found.filter(|approval| approval.kind() != Kind::Question).ok_or_else(not_found)?;
    let kind = match found.kind() {
        Kind::Exec => ApprovalKind::Exec,
        Kind::Plugin | Kind::Question => ApprovalKind::Plugin,
    };
    // Whoever thinks of something else did not look: that is no yes, and as recorded it is the end.
    let fits = kind == params.kind && found.request.allowed().contains(&params.decision);
    let verdict = if fits { Verdict::Decision(params.decision) } else { Verdict::Malformed };
    let resolved =
        cx.app().approvals.resolve(&found.id, verdict, decider(&cx)).await.or_refuse()?;
    let approval = shown(&cx, &resolved.approval).ok_or_else(not_found)?;
    Ok(ApprovalResolveResult { applied: resolved.applied, approval })
}

fn shown(cx: &Cx, approval: &Approval) -> Option<ApprovalSnapshot> {
    snapshot(approval, &cx.app().config.config.gateway.control_ui.prefix())
}

fn not_found() -> RpcError {
    RpcError::invalid("approval not found").with_details(json!({ "reason": "APPROVAL_NOT_FOUND" }))
}
