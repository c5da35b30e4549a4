//! `exec.approval.*`: commands that want to run.

use std::time::Duration;

use openclaw_agent::approvals::{Kind, Request, ask};
use openclaw_protocol::{
    RpcError, Version,
    methods::approvals::{
        ApprovalDecisionResult, ApprovalDoneResult, ApprovalKind, ApprovalRequestResult,
        ExecApprovalGetParams, ExecApprovalGetResult, ExecApprovalListParams,
        ExecApprovalListResult, ExecApprovalRequestParams, ExecApprovalResolveParams,
        ExecApprovalWaitDecisionParams,
    },
};

use super::{How, Said, resolve, submit, wait_decision, waiting};
use crate::{
    approvals::exec_requested, context::Cx, error::OrRefuse as _, handlers::millis,
    router::RouterBuilder,
};

/// The methods of this file.
pub(super) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(request).handle(wait).handle(decide).handle(get).handle(list)
}

async fn request(
    cx: Cx,
    params: ExecApprovalRequestParams,
) -> Result<ApprovalRequestResult, RpcError> {
    let usual = match cx.peer().version {
        Version::V3 => ask::exec::DEFAULT_WAIT_V3,
        Version::V4 => ask::exec::DEFAULT_WAIT_V4,
    };
    let how = How {
        id: params.id.as_ref().map(ToString::to_string),
        wait: params.timeout_ms.map_or(usual, |ms| Duration::from_millis(ms.get())),
        two_phase: params.two_phase == Some(true),
        needs_route: params.require_delivery_route != Some(false),
        quiet: params.suppress_delivery == Some(true),
    };
    let asked = ask::exec::read(params).or_refuse()?;
    submit::<ExecApprovalRequestParams>(&cx, asked, how).await
}

async fn wait(
    cx: Cx,
    params: ExecApprovalWaitDecisionParams,
) -> Result<ApprovalDecisionResult, RpcError> {
    wait_decision(&cx, Kind::Exec, params.id.as_deref()).await
}

async fn decide(cx: Cx, params: ExecApprovalResolveParams) -> Result<ApprovalDoneResult, RpcError> {
    no_lasting_grant(params.grant_expires_in_days.is_some())?;
    let ExecApprovalResolveParams { id, decision, reviewer, .. } = &params;
    let said = Said { id, decision, reviewer: reviewer.as_ref() };
    resolve(&cx, Kind::Exec, said).await
}

/// Only a permission of an automation has an end of its own, and there are none here.
pub(super) fn no_lasting_grant(asked_for: bool) -> Result<(), RpcError> {
    if asked_for {
        return Err(RpcError::invalid(
            "grantExpiresInDays is for approvals of automations; leave it out",
        ));
    }
    Ok(())
}

async fn get(cx: Cx, params: ExecApprovalGetParams) -> Result<ExecApprovalGetResult, RpcError> {
    let found = cx.app().approvals.lookup(Kind::Exec, &params.id).await.or_refuse()?;
    let allowed_decisions = found.request.allowed();
    match &found.request {
        Request::Exec(request) if found.is_pending() => Ok(ExecApprovalGetResult {
            id: found.id.clone(),
            command_text: request.command.clone(),
            command_preview: None,
            allowed_decisions,
            host: request.host.clone(),
            node_id: request.node_id.clone(),
            agent_id: request.agent_id.clone(),
            expires_at_ms: millis(found.expires_at),
        }),
        _ => Err(super::not_found(&cx)),
    }
}

async fn list(cx: Cx, _: ExecApprovalListParams) -> Result<ExecApprovalListResult, RpcError> {
    let listed = waiting(&cx, Kind::Exec, |approval| match &approval.request {
        Request::Exec(request) => {
            let mut told = exec_requested(approval, request);
            told.approval_kind = Some(ApprovalKind::Exec);
            Some(told)
        }
        _ => None,
    });
    Ok(ExecApprovalListResult(listed))
}
