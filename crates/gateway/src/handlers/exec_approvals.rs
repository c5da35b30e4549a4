//! `exec.approvals.*`: the file that says which commands may run, here and on a node.

use openclaw_agent::exec::policy::{
    Snapshot,
    file::{self, Base, UpdateError},
};
use openclaw_auth::audit::{AuditEntry, AuditEvent};
use openclaw_protocol::{
    RpcError,
    ids::DeviceId,
    methods::exec_approvals::{
        ExecApprovalsGetParams, ExecApprovalsNodeGetParams, ExecApprovalsNodeSetParams,
        ExecApprovalsSetParams, ExecApprovalsSnapshot,
    },
};
use serde_json::{Value, json};
use tracing::error;

use super::{millis, nodes::ask_node};
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(get).handle(set).handle(node_get).handle(node_set)
}

async fn get(cx: Cx, _: ExecApprovalsGetParams) -> Result<ExecApprovalsSnapshot, RpcError> {
    let state_dir = cx.app().paths.state_dir.clone();
    let read = blocking(move || Snapshot::of_state(&state_dir)).await?;
    let snapshot = read.map_err(|problem| unusable(&problem))?;
    file::shown(&snapshot).map_err(|problem| unusable(&problem))
}

async fn set(cx: Cx, params: ExecApprovalsSetParams) -> Result<ExecApprovalsSnapshot, RpcError> {
    let path = cx.app().paths.state_dir.join(file::FILE_NAME);
    let wanted = file::stored(&params.file).map_err(RpcError::invalid)?;
    let base = params.base_hash;
    let write = move || file::update(&path, Base::Hash(base.as_deref()), |_| Ok(wanted));
    match blocking(write).await? {
        Ok(snapshot) => {
            note(&cx, None, &snapshot.hash).await?;
            file::shown(&snapshot).map_err(|problem| unusable(&problem))
        }
        Err(UpdateError::Io { source, .. }) => Err(unusable(&source)),
        Err(refused) => Err(RpcError::invalid(refused.to_string())),
    }
}

async fn node_get(
    cx: Cx,
    params: ExecApprovalsNodeGetParams,
) -> Result<ExecApprovalsSnapshot, RpcError> {
    let target = (params.node_id.as_str(), "system.execApprovals.get");
    told(ask_node(&cx, target, json!({})).await?)
}

async fn node_set(
    cx: Cx,
    params: ExecApprovalsNodeSetParams,
) -> Result<ExecApprovalsSnapshot, RpcError> {
    let target = (params.node_id.as_str(), "system.execApprovals.set");
    let mut wanted = json!({ "file": params.file });
    if let Some(base) = &params.base_hash {
        wanted["baseHash"] = json!(base);
    }
    let told = told(ask_node(&cx, target, wanted).await?)?;
    note(&cx, Some(params.node_id.trim()), &told.hash).await?;
    Ok(told)
}

/// Notes who has written the rules, here or on a node.
async fn note(cx: &Cx, node_id: Option<&str>, hash: &str) -> Result<(), RpcError> {
    let now = millis(cx.app().clock.now_ms());
    let entry = AuditEntry::new(AuditEvent::ExecRules, cx.peer().approver().name, now);
    let entry = entry.with("hash", hash);
    let entry = match node_id {
        Some(node_id) => entry.about(&DeviceId::from(node_id)),
        None => entry,
    };
    cx.app().authority.record(entry).await.map_err(|problem| {
        error!(%problem, "the rules are written, and who wrote them cannot be noted");
        RpcError::unavailable(
            "the rules are written, but not who wrote them; see the gateway's log",
        )
    })
}

/// What a node says of its file, with what we know of it and no secret.
fn told(payload: Option<Value>) -> Result<ExecApprovalsSnapshot, RpcError> {
    file::told(payload.unwrap_or_default()).map_err(|problem| {
        RpcError::unavailable(format!("the node's answer is no exec-approvals.json: {problem}"))
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RpcError> {
    tokio::task::spawn_blocking(work).await.map_err(|problem| unusable(&problem))
}

fn unusable(problem: &dyn std::fmt::Display) -> RpcError {
    error!(%problem, "exec-approvals.json cannot be used");
    RpcError::unavailable("exec-approvals.json cannot be used; see the gateway's log")
}
