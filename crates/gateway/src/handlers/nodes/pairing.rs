//! `node.pair.*`: what nodes may be asked for is an operator's decision.

use openclaw_auth::{
    Secret,
    node::{NodeAbout, NodeError, Surface, book::OnBehalf},
};
use openclaw_protocol::{
    Role, RpcError,
    field::NonEmpty,
    methods::nodes::{
        NodePairApproveParams, NodePairApproveResult, NodePairListParams, NodePairListResult,
        NodePairRejectParams, NodePairRejectResult, NodePairRemoveParams, NodePairRemoveResult,
        NodePairRequestParams, NodePairRequestResult, NodePairVerifyParams, NodePairVerifyResult,
    },
};

use super::{approver, device, unreadable};
use crate::{context::Cx, handlers::millis};

pub(super) async fn request(
    cx: Cx,
    params: NodePairRequestParams,
) -> Result<NodePairRequestResult, RpcError> {
    let text = |text: Option<NonEmpty>| text.map(NonEmpty::into_string);
    let names = |list: Option<Vec<NonEmpty>>| -> Vec<String> {
        list.into_iter().flatten().map(NonEmpty::into_string).collect()
    };
    let none: [(String, bool); 0] = [];
    let asked = OnBehalf {
        node_id: params.node_id.into_string(),
        about: NodeAbout {
            display_name: text(params.display_name),
            platform: text(params.platform),
            device_family: text(params.device_family),
            model_identifier: text(params.model_identifier),
            version: text(params.version),
            core_version: text(params.core_version),
            ui_version: text(params.ui_version),
            remote_ip: text(params.remote_ip),
            ..NodeAbout::default()
        },
        surface: Surface::declared(names(params.caps), names(params.commands), none),
        silent: params.silent.unwrap_or(false),
    };
    let now = millis(cx.app().clock.now_ms());
    let asked = cx.app().nodes.book.request(asked, now).await;
    let (request, created) = asked.map_err(|error| error.rpc(cx.peer().version))?;
    Ok(NodePairRequestResult { status: "pending".to_owned(), request, created })
}

pub(super) async fn list(cx: Cx, _: NodePairListParams) -> Result<NodePairListResult, RpcError> {
    cx.app().nodes.book.list(&approver(&cx)).await.map_err(unreadable)
}

pub(super) async fn approve(
    cx: Cx,
    params: NodePairApproveParams,
) -> Result<NodePairApproveResult, RpcError> {
    let (request_id, now) = (params.request_id.into_string(), millis(cx.app().clock.now_ms()));
    let approved = cx.app().nodes.book.approve(&request_id, &approver(&cx), now).await;
    let (node, surface) = approved.map_err(|error| refused(&cx, "node.pair.approve", &error))?;
    cx.app().nodes.live.approved(&node.node_id, &surface);
    Ok(NodePairApproveResult { request_id, node })
}

pub(super) async fn reject(
    cx: Cx,
    params: NodePairRejectParams,
) -> Result<NodePairRejectResult, RpcError> {
    let (request_id, now) = (params.request_id.into_string(), millis(cx.app().clock.now_ms()));
    let rejected = cx.app().nodes.book.reject(&request_id, &approver(&cx), now).await;
    let node_id = rejected.map_err(|error| refused(&cx, "node.pair.reject", &error))?;
    Ok(NodePairRejectResult { request_id, node_id })
}

/// A decision that was not its caller's to make is noted.
fn refused(cx: &Cx, what: &str, error: &NodeError) -> RpcError {
    if matches!(error, NodeError::NotYours | NodeError::MissingScope(_)) {
        let now = millis(cx.app().clock.now_ms());
        cx.app().authority.note_denial(&approver(cx), what, error, now);
    }
    error.rpc(cx.peer().version)
}

pub(super) async fn verify(
    cx: Cx,
    params: NodePairVerifyParams,
) -> Result<NodePairVerifyResult, RpcError> {
    let token = Secret::new(params.token.into_string());
    let node = cx.app().nodes.book.verify(params.node_id.trim(), &token).await;
    let node = node.map_err(unreadable)?;
    Ok(NodePairVerifyResult { ok: node.is_some(), node })
}

pub(super) async fn remove(
    cx: Cx,
    params: NodePairRemoveParams,
) -> Result<NodePairRemoveResult, RpcError> {
    let (node_id, by) = (params.node_id.trim().to_owned(), approver(&cx));
    let taken = cx
        .app()
        .authority
        .remove_role(&device(&node_id), Role::Node, &by, millis(cx.app().clock.now_ms()))
        .await;
    let taken = match taken {
        Ok(()) => true,
        Err(openclaw_auth::AuthError::UnknownDevice) => false,
        Err(openclaw_auth::AuthError::Store(problem)) => return Err(unreadable(problem)),
        Err(_) => return Err(RpcError::invalid("node pairing removal denied")),
    };
    // Once this is answered, nothing more begins by the right that was taken away.
    cx.app().fence(&device(&node_id)).await;
    let now = millis(cx.app().clock.now_ms());
    let known = cx.app().nodes.book.forget(&node_id, &by, now).await.map_err(unreadable)?;
    if taken || known {
        Ok(NodePairRemoveResult { node_id })
    } else {
        Err(RpcError::invalid("unknown nodeId"))
    }
}
