//! A request on its way to those who decide, and the decision on its way back.

use std::{sync::Arc, time::Duration};

use openclaw_agent::approvals::{Approval, NewApproval, Outcome, ask::Asked};
use openclaw_protocol::{
    Method, RpcError, Version, event::Event as _, events::approvals::ExecApprovalRequestedEvent,
    methods::approvals::ApprovalRequestResult,
};

use super::{accepted, decided, requester};
use crate::{context::Cx, error::OrRefuse as _};

/// How a request is made.
pub(crate) struct How {
    /// The asker's own name for it.
    pub(crate) id: Option<String>,
    /// How long it waits.
    pub(crate) wait: Duration,
    /// Whether to answer at once, and again when it is decided.
    pub(crate) two_phase: bool,
    /// Whether it ends at once when nobody is there to decide.
    pub(crate) needs_route: bool,
    /// Whether nobody is told.
    pub(crate) quiet: bool,
}

/// Makes a request, and waits for its decision unless the asker wants two answers.
pub(crate) async fn submit<M>(
    cx: &Cx,
    asked: Asked,
    how: How,
) -> Result<ApprovalRequestResult, RpcError>
where
    M: Method<Result = ApprovalRequestResult>,
{
    let has_route = !how.quiet && someone_shows(cx, &asked);
    let new = NewApproval {
        id: how.id,
        request: asked.request,
        binding: asked.binding,
        requester: requester(cx),
        timeout: how.wait,
        quiet: how.quiet,
    };
    let approval = cx.app().approvals.ask(new).await.or_refuse()?;
    if !has_route && how.needs_route {
        let ended = cx.app().approvals.give_up(&approval.id, Outcome::NoRoute).await.or_refuse()?;
        return Ok(decided(&ended.approval));
    }
    if how.two_phase {
        answer_when_decided::<M>(cx, &approval);
        let route = if has_route { "approval-client" } else { "none" };
        let route = (cx.peer().version != Version::V3).then(|| route.to_owned());
        return Ok(ApprovalRequestResult { delivery_route: route, ..accepted(&approval) });
    }
    let ended = cx.app().approvals.wait(&approval.id).await.or_refuse()?;
    Ok(decided(ended.as_deref().unwrap_or(&approval)))
}

/// Whether a connection beside the asker's own shows the request to someone who may decide.
fn someone_shows(cx: &Cx, asked: &Asked) -> bool {
    let (kind, audience) = (asked.request.kind(), ExecApprovalRequestedEvent::SPEC.audience);
    let peers = cx.app().bus.peers();
    peers
        .iter()
        .any(|peer| peer.id != cx.peer().id && peer.hears(audience) && peer.shows_requests(kind))
}

/// Answers a second time when the request has ended.
fn answer_when_decided<M>(cx: &Cx, approval: &Arc<Approval>)
where
    M: Method<Result = ApprovalRequestResult>,
{
    let (cx, approval) = (cx.clone(), Arc::clone(approval));
    let app = Arc::clone(cx.app());
    app.tasks.spawn("approval answer", async move {
        let ended = cx.app().approvals.wait(&approval.id).await.or_refuse();
        let result = ended.map(|ended| decided(ended.as_deref().unwrap_or(&approval)));
        cx.answer_again::<M>(result.as_ref().map_err(Clone::clone));
    });
}
