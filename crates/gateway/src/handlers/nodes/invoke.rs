//! `node.invoke`, `node.invoke.result`, `node.invoke.progress`.

use openclaw_auth::node::book::Deferred;
use openclaw_protocol::{
    RpcError, Version,
    field::NonEmpty,
    methods::nodes::{
        NodeInvokeParams, NodeInvokeProgressParams, NodeInvokeReceipt, NodeInvokeResult,
        NodeInvokeResultParams, is_admin_command,
    },
    scope::Scope,
};
use serde_json::{Value, json};
use tracing::{debug, info};
use uuid::Uuid;

use super::{own, pairing_changed, unreadable};
use crate::{
    context::Cx,
    handlers::{approvals::requester, millis},
    nodes::{Ask, Unsent, claim::Claim, guard, live::Outcome, session::NodeSession},
};

/// The longest piece of progress, in bytes.
const MAX_PIECE: usize = 16 * 1024;

pub(super) async fn invoke(cx: Cx, params: NodeInvokeParams) -> Result<NodeInvokeResult, RpcError> {
    let (node_id, command) = (params.node_id.trim(), params.command.trim());
    if node_id.is_empty() || command.is_empty() {
        return Err(RpcError::invalid("nodeId and command required"));
    }
    guard::command(command)?;
    if is_admin_command(command) {
        cx.require(Scope::Admin)?;
    }
    let platform = reachable(&cx, node_id, command).await?;
    let session_key = params.session_key.map(NonEmpty::into_string);
    let (target, said) = ((node_id, command), params.params.as_ref());
    let digest = Ask::digest_of(target, said, session_key.as_deref());
    let passed = guard::params(command, params.params)?;
    let claim = passed.claimed.map(|id| Claim {
        id,
        by: requester(&cx),
        paired: cx.caller().device.is_some(),
    });
    let ask = Ask {
        digest,
        node_id: node_id.to_owned(),
        command: command.to_owned(),
        params: passed.params,
        timeout_ms: params.timeout_ms.map(u64::from),
        principal: cx.caller().principal(),
        key: params.idempotency_key.into_string(),
        session_key,
        claim,
    };
    send(&cx, ask, platform.as_deref()).await
}

/// Asks a node for a command that has a method of its own; what it gave.
pub(in crate::handlers) async fn ask_node(
    cx: &Cx,
    (node_id, command): (&str, &str),
    params: Value,
) -> Result<Option<Value>, RpcError> {
    let node_id = node_id.trim();
    let platform = reachable(cx, node_id, command).await?;
    let ask = Ask {
        digest: Ask::digest_of((node_id, command), Some(&params), None),
        node_id: node_id.to_owned(),
        command: command.to_owned(),
        params: Some(params),
        timeout_ms: None,
        principal: cx.caller().principal(),
        key: Uuid::new_v4().to_string(),
        session_key: None,
        claim: None,
    };
    send(cx, ask, platform.as_deref()).await.map(|answer| answer.payload)
}

/// Whether the node is there and may be asked for the command; its platform.
async fn reachable(cx: &Cx, node_id: &str, command: &str) -> Result<Option<String>, RpcError> {
    let Some(peer) = cx.app().nodes.live.peer(node_id) else {
        return Err(absent(cx, node_id).await);
    };
    match peer.node.as_deref() {
        Some(session) => allowed(cx, session, command).map(|()| session.about.platform.clone()),
        None => Err(RpcError::invalid("unknown nodeId")),
    }
}

async fn send(cx: &Cx, ask: Ask, platform: Option<&str>) -> Result<NodeInvokeResult, RpcError> {
    let (node, command) = (&ask.node_id, &ask.command);
    info!(node, command, by = ask.principal, "a node is asked for a command");
    let (app, now) = (cx.app(), millis(cx.app().clock.now_ms()));
    match app.nodes.ask((&app.bus, &app.approvals), ask.clone(), now).await {
        Ok(Outcome::Done { payload, text }) => Ok(answered(ask, payload, text)),
        Ok(Outcome::Failed { code, message }) => {
            Err(failed(cx, &ask, platform, (code, message)).await)
        }
        Err(unsent) => Err(not_sent(cx, &unsent)),
    }
}

/// The node is not connected, or nobody knows it.
async fn absent(cx: &Cx, node_id: &str) -> RpcError {
    if cx.peer().version == Version::V3 {
        return not_sent(cx, &Unsent::NotConnected);
    }
    match cx.app().nodes.book.record(node_id).await {
        Ok(Some(_)) => not_sent(cx, &Unsent::NotConnected),
        Ok(None) => pairing_changed("invocation"),
        Err(problem) => unreadable(problem),
    }
}

/// Whether the node may be asked for the command; if not, what to do.
fn allowed(cx: &Cx, session: &NodeSession, command: &str) -> Result<(), RpcError> {
    if session.may(command) && cx.app().nodes.book.allows(&session.about, command) {
        return Ok(());
    }
    let platform = session.about.platform.as_deref().unwrap_or("unknown");
    let (reason, hint) = if session.declared.commands.contains(command) {
        (
            "command not approved",
            "the node's declared command surface is pending approval; run `openclaw nodes pending`, \
             then `openclaw nodes approve <requestId>`"
                .to_owned(),
        )
    } else if !cx.app().nodes.book.allows(&session.about, command) {
        (
            "command not allowlisted",
            format!("\"{command}\" is not in the allowlist for platform \"{platform}\""),
        )
    } else if session.declared.commands.is_empty() {
        (
            "node did not declare commands",
            "the node did not declare any supported commands".to_owned(),
        )
    } else {
        (
            "command not declared by node",
            format!("the node (platform: {platform}) does not support \"{command}\""),
        )
    };
    let details = json!({ "reason": reason, "command": command });
    Err(RpcError::invalid(format!("node command not allowed: {hint}")).with_details(details))
}

fn answered(ask: Ask, payload: Option<Value>, text: Option<String>) -> NodeInvokeResult {
    let parsed = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let parsed = parsed
        .map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!({ "payloadJSON": text })));
    NodeInvokeResult {
        ok: true,
        node_id: ask.node_id,
        command: ask.command,
        payload: parsed.or(payload),
        payload_JSON: text,
    }
}

/// The command was sent and not carried out, or nobody knows.
async fn failed(
    cx: &Cx,
    ask: &Ask,
    platform: Option<&str>,
    (code, message): (Option<String>, Option<String>),
) -> RpcError {
    if code.as_deref() == Some("PAIRING_CHANGED") {
        return pairing_changed("invocation");
    }
    if needs_screen(platform, &ask.command, code.as_deref(), message.as_deref()) {
        match deferred(cx, ask, (code.as_deref(), message.as_deref())).await {
            Ok(told) | Err(told) => return told,
        }
    }
    let said = message.clone().unwrap_or_else(|| "node invoke failed".to_owned());
    let line = code.as_ref().map_or_else(|| said.clone(), |code| format!("{code}: {said}"));
    let mut problem = json!({});
    for (name, value) in [("code", code), ("message", message)] {
        if let Some(value) = value {
            problem[name] = value.into();
        }
    }
    RpcError::unavailable(line)
        .with_details(json!({ "nodeError": problem, "nodeCommandDispatched": true }))
}

/// Whether an iPhone or iPad says that its screen must be on for this.
fn needs_screen(
    platform: Option<&str>,
    command: &str,
    code: Option<&str>,
    message: Option<&str>,
) -> bool {
    let platform = platform.unwrap_or_default().trim().to_ascii_lowercase();
    let shown = ["canvas.", "camera.", "screen.", "talk."];
    let says = |text: Option<&str>, what: &str| {
        text.unwrap_or_default().to_ascii_uppercase().contains(what)
    };
    (platform.starts_with("ios") || platform.starts_with("ipados"))
        && shown.iter().any(|family| command.starts_with(family))
        && (says(code, "NODE_BACKGROUND_UNAVAILABLE") || says(message, "BACKGROUND_UNAVAILABLE"))
}

/// Leaves the command until the screen is on.
async fn deferred(
    cx: &Cx,
    ask: &Ask,
    (code, message): (Option<&str>, Option<&str>),
) -> Result<RpcError, RpcError> {
    let deferred = Deferred {
        command: ask.command.clone(),
        params: ask.params.as_ref().map(Value::to_string),
        key: ask.key.clone(),
        asker: ask.principal.clone(),
    };
    let now = millis(cx.app().clock.now_ms());
    let left = cx.app().nodes.book.defer(&ask.node_id, deferred, now).await;
    let id = left.map_err(unreadable)?;
    let told = RpcError {
        retryable: Some(true),
        ..RpcError::unavailable("node command queued until iOS returns to foreground")
    };
    Ok(told.with_details(json!({
        "code": "QUEUED_UNTIL_FOREGROUND",
        "queuedActionId": id,
        "nodeId": ask.node_id,
        "command": ask.command,
        "wake": { "path": "no-registration", "available": false, "throttled": false },
        "nodeError": { "code": code, "message": message },
    })))
}

/// Nothing was sent.
fn not_sent(cx: &Cx, why: &Unsent) -> RpcError {
    match why {
        Unsent::NotConnected => {
            let mut details = json!({ "code": "NOT_CONNECTED" });
            if cx.peer().version == Version::V4 {
                details["nodeError"] =
                    json!({ "code": "NOT_CONNECTED", "message": "node not connected" });
                details["nodeCommandDispatched"] = false.into();
            }
            RpcError::unavailable("node not connected").with_details(details)
        }
        Unsent::Busy => RpcError::busy("the node has too many commands to answer already", 1000),
        Unsent::KeyReused => {
            RpcError::invalid("idempotencyKey was used for another command; use a new one")
        }
        Unsent::Unknown => RpcError::unavailable(
            "the command was sent before the gateway last started and its answer is not known; \
             look at the node before it is sent again with a new key",
        )
        .with_details(json!({ "code": "OUTCOME_UNKNOWN", "nodeCommandDispatched": true })),
        Unsent::NotKept => RpcError::unavailable(
            "the command was carried out and its answer was too long to keep; ask with a new key",
        )
        .with_details(json!({ "code": "ANSWER_NOT_KEPT", "nodeCommandDispatched": true })),
        Unsent::Refused(refused) => refused.rpc(),
        Unsent::Store(_) => RpcError::busy("node records are not available, try again", 1000),
    }
}

pub(super) async fn result(
    cx: Cx,
    params: NodeInvokeResultParams,
) -> Result<NodeInvokeReceipt, RpcError> {
    if own(&cx)?.node_id != params.node_id.as_str() {
        return Err(RpcError::invalid("nodeId mismatch"));
    }
    let outcome = if params.ok {
        let (payload, text) = match params.payload_JSON {
            Some(Value::String(text)) => (params.payload, Some(text)),
            other => (params.payload.or(other.filter(|value| !value.is_null())), None),
        };
        Outcome::Done { payload, text }
    } else {
        let problem = params.error.flatten().unwrap_or_default();
        let text = |text: Option<NonEmpty>| text.map(NonEmpty::into_string);
        Outcome::Failed { code: text(problem.code), message: text(problem.message) }
    };
    let taken = cx.app().nodes.live.answer(cx.peer(), &params.id, outcome);
    if !taken {
        debug!(
            node = params.node_id.as_str(),
            id = params.id.as_str(),
            "an answer that nobody waits for is not taken"
        );
    }
    Ok(NodeInvokeReceipt { ok: true, ignored: (!taken).then_some(true) })
}

/// A piece of what a command gives. As with OpenClaw, whoever asked with `node.invoke` hears the whole alone;
/// the node is told whether anybody still waits.
pub(super) async fn progress(
    cx: Cx,
    params: NodeInvokeProgressParams,
) -> Result<NodeInvokeReceipt, RpcError> {
    if own(&cx)?.node_id != params.node_id.as_str() {
        return Err(RpcError::invalid("nodeId mismatch"));
    }
    if params.chunk.len() > MAX_PIECE {
        return Err(RpcError::invalid("progress chunk too large"));
    }
    let waited_for = cx.app().nodes.live.owns(cx.peer(), &params.invoke_id);
    if !waited_for {
        debug!(
            node = params.node_id.as_str(),
            id = params.invoke_id.as_str(),
            "progress of a command that this connection was not asked for"
        );
    }
    Ok(NodeInvokeReceipt { ok: true, ignored: Some(!waited_for) })
}
