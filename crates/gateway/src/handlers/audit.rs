//! `audit.list`: what was granted, refused and taken back.

use openclaw_auth::{
    AuthError,
    audit::{AuditEntry, AuditQuery, AuditRecord},
};
use openclaw_protocol::{
    RpcError, Scope,
    field::Int,
    ids::DeviceId,
    methods::audit::{
        AuditActor, AuditKind, AuditListParams, AuditListResult, AuditRow, AuditStatus,
    },
};
use tracing::error;

use super::millis;
use crate::{context::Cx, router::RouterBuilder};

/// Entries in one answer when nothing else is asked for.
const PAGE: usize = 100;
/// Told to who asks for what is not kept: an empty list would say that nothing happened.
const NO_RUNS: &str = "this gateway's audit record is about devices, nodes and decisions and has no runs or tool calls; ask without kind, agentId, sessionKey and runId";

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list)
}

async fn list(cx: Cx, params: AuditListParams) -> Result<AuditListResult, RpcError> {
    let mut query = query(&params).map_err(RpcError::invalid)?;
    let caller = cx.caller();
    let own = caller.device.clone().filter(|own| query.device.as_ref().is_none_or(|id| id == own));
    match own {
        Some(own) if !caller.scopes.allows(Scope::Admin) => query.device = Some(own),
        _ => cx.require(Scope::Admin)?,
    }
    let now_ms = millis(cx.app().clock.now_ms());
    let records = cx.app().authority.audit(&query, now_ms).await;
    Ok(page(&query, records.map_err(|problem| unreadable(&problem))?))
}

fn unreadable(problem: &AuthError) -> RpcError {
    error!(%problem, "the audit record cannot be read");
    RpcError::unavailable("the audit record cannot be read; see the gateway's log")
}

/// What is asked for.
pub(crate) fn query(params: &AuditListParams) -> Result<AuditQuery, &'static str> {
    let runs = params.agent_id.is_some() || params.session_key.is_some() || params.run_id.is_some();
    if runs || params.kind.is_some_and(|kind| kind != AuditKind::Device) {
        return Err(NO_RUNS);
    }
    let cursor = params.cursor.as_ref().map(|cursor| cursor.parse::<u64>());
    Ok(AuditQuery {
        cursor: cursor.transpose().map_err(|_| "invalid audit.list range or cursor")?,
        device: params.device_id.as_deref().map(|id| DeviceId::from(id.trim())),
        refusals: match params.status {
            None => None,
            Some(AuditStatus::Blocked) => Some(true),
            Some(AuditStatus::Succeeded) => Some(false),
            Some(_) => return Err("entries about devices are succeeded or blocked"),
        },
        after_ms: params.after.map(u64::from),
        before_ms: params.before.map(u64::from),
        limit: params.limit.map_or(PAGE, Int::to_usize),
    })
}

/// The answer.
pub(crate) fn page(query: &AuditQuery, records: Vec<AuditRecord>) -> AuditListResult {
    let full = records.len() >= query.limit;
    let last = records.last().map(|record| record.seq.to_string());
    let events = records.into_iter().map(row).collect();
    AuditListResult { events, next_cursor: last.filter(|_| full) }
}

fn row(AuditRecord { seq, entry }: AuditRecord) -> AuditRow {
    let AuditEntry { at_ms, event, actor, device, detail, count } = entry;
    let (kind, id) = actor.split_once(':').unwrap_or(("proof", &actor));
    AuditRow {
        event_id: format!("device-{seq}"),
        sequence: seq,
        source_sequence: seq,
        occurred_at: at_ms,
        kind: AuditKind::Device,
        action: event.name().to_owned(),
        status: if event.is_refusal() { AuditStatus::Blocked } else { AuditStatus::Succeeded },
        actor: AuditActor { r#type: kind.to_owned(), id: id.to_owned() },
        device_id: device.map(|device| device.to_string()),
        detail,
        count,
        redaction: "metadata_only".to_owned(),
    }
}
