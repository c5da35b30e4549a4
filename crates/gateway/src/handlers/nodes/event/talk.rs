//! What the user of a node says to the agent: a message like any other, without a right of its own.

use openclaw_agent::runtime::{Attachment, Origin, Submission, Submitted};
use openclaw_protocol::{RpcError, ids::RunId, methods::common};
use serde_json::Value;
use uuid::Uuid;

use super::{super::own, Handled};
use crate::{
    context::Cx,
    error::OrRefuse as _,
    handlers::{chat::send, keys},
};

/// Longest message, in bytes.
const MAX_TEXT: usize = 20_000;

/// Something that was said aloud.
pub(super) async fn voice(cx: &Cx, payload: Option<&Value>) -> Result<Handled, RpcError> {
    let Some(payload) = payload else { return Ok((false, "invalid_payload")) };
    let heard = ["eventId", "providerEventId", "transcriptId"];
    let heard = heard.iter().find_map(|name| payload[*name].as_str()).filter(|id| !id.is_empty());
    // The same words may be told twice; their id makes them one message.
    let run_id = heard.map_or_else(|| Uuid::new_v4().to_string(), |id| format!("voice-{id}"));
    say(cx, payload["text"].as_str(), payload["sessionKey"].as_str(), run_id, Vec::new()).await
}

/// Something that was shared with the agent.
pub(super) async fn request(cx: &Cx, payload: Option<&Value>) -> Result<Handled, RpcError> {
    let Some(payload) = payload else { return Ok((false, "invalid_payload")) };
    let sent: Option<Vec<common::Attachment>> =
        serde_json::from_value(payload["attachments"].clone()).unwrap_or_default();
    let Ok(attachments) = send::attachments(sent.as_deref().unwrap_or_default()) else {
        return Ok((false, "invalid_payload"));
    };
    let own_session = format!("node-{}", own(cx)?.node_id);
    let named = payload["sessionKey"].as_str().map(str::trim).filter(|key| !key.is_empty());
    let key = named.unwrap_or(&own_session);
    let run_id = Uuid::new_v4().to_string();
    say(cx, payload["message"].as_str(), Some(key), run_id, attachments).await
}

async fn say(
    cx: &Cx,
    text: Option<&str>,
    key: Option<&str>,
    run_id: String,
    attachments: Vec<Attachment>,
) -> Result<Handled, RpcError> {
    let text = text.map(str::trim).unwrap_or_default();
    if text.is_empty() || text.len() > MAX_TEXT {
        return Ok((false, "invalid_payload"));
    }
    let node = own(cx)?;
    let Ok(key) =
        keys::canonical(cx, key.filter(|key| !key.trim().is_empty()).unwrap_or("main"), None)
    else {
        return Ok((false, "invalid_payload"));
    };
    // The main session and its own are a node's; those of other people and channels are not.
    let main = keys::canonical(cx, "main", None)?;
    let own_session = keys::canonical(cx, &format!("node-{}", node.node_id), None)?;
    if key != main && key != own_session {
        return Ok((false, "session_not_allowed"));
    }
    let submission = Submission {
        principal: cx.caller().principal(),
        scope: "node".to_owned(),
        agent_id: cx.app().agents.default_id().clone(),
        origin: Origin {
            channel: "node".to_owned(),
            chat_type: Some("direct".to_owned()),
            sender_label: node.about.display_name.clone(),
            ..Origin::default()
        },
        attachments,
        ..Submission::new(RunId::from(run_id), key, text)
    };
    match cx.app().runtime.submit(submission).await.or_refuse()? {
        Submitted::Started { .. } => Ok((true, "accepted")),
        Submitted::InFlight(_) | Submitted::Finished(_) => Ok((false, "duplicate")),
    }
}
