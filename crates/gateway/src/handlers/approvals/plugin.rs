//! `plugin.approval.*`: what plugins want to do.

use std::time::Duration;

use openclaw_agent::approvals::{Kind, Request, ask};
use openclaw_protocol::{
    RpcError,
    methods::approvals::{
        ApprovalDecisionResult, ApprovalDoneResult, ApprovalKind, ApprovalRequestResult,
        PluginApprovalListParams, PluginApprovalListResult, PluginApprovalRequestParams,
        PluginApprovalResolveParams, PluginApprovalWaitDecisionParams,
    },
};

use super::{How, Said, resolve, submit, wait_decision, waiting};
use crate::{
    approvals::plugin_requested, context::Cx, error::OrRefuse as _, router::RouterBuilder,
};

/// The methods of this file.
pub(super) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(request).handle(wait).handle(decide).handle(list)
}

async fn request(
    cx: Cx,
    params: PluginApprovalRequestParams,
) -> Result<ApprovalRequestResult, RpcError> {
    let usual = ask::plugin::DEFAULT_WAIT;
    let how = How {
        id: None,
        wait: params.timeout_ms.map_or(usual, |ms| Duration::from_millis(ms.get())),
        two_phase: params.two_phase == Some(true),
        needs_route: true,
        quiet: false,
    };
    let asked = ask::plugin::read(params).or_refuse()?;
    submit::<PluginApprovalRequestParams>(&cx, asked, how).await
}

async fn wait(
    cx: Cx,
    params: PluginApprovalWaitDecisionParams,
) -> Result<ApprovalDecisionResult, RpcError> {
    wait_decision(&cx, Kind::Plugin, params.id.as_deref()).await
}

async fn decide(
    cx: Cx,
    params: PluginApprovalResolveParams,
) -> Result<ApprovalDoneResult, RpcError> {
    let PluginApprovalResolveParams { id, decision, reviewer } = &params;
    let said = Said { id, decision, reviewer: reviewer.as_ref() };
    resolve(&cx, Kind::Plugin, said).await
}

async fn list(cx: Cx, _: PluginApprovalListParams) -> Result<PluginApprovalListResult, RpcError> {
    let listed = waiting(&cx, Kind::Plugin, |approval| match &approval.request {
        Request::Plugin(request) => {
            let mut told = plugin_requested(approval, request);
            told.approval_kind = Some(ApprovalKind::Plugin);
            Some(told)
        }
        _ => None,
    });
    Ok(PluginApprovalListResult(listed))
}
