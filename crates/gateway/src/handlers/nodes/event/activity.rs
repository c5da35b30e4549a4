//! `node.presence.activity`: when a person was last at the machine. It is kept while the node is connected.

use openclaw_auth::node::Platform;
use openclaw_protocol::{RpcError, events::nodes::NodePresenceEvent};
use serde::Deserialize;
use serde_json::Value;

use super::{super::own, Handled};
use crate::{
    bus::To,
    context::Cx,
    handlers::millis,
    nodes::session::{Activity, ActivitySource, NodeSession},
};

/// Longest time without a person that is told, in seconds: 30 days.
const LONGEST_IDLE: u64 = 30 * 24 * 60 * 60;
/// What the operating system must let a node see before it can know of a person.
const PERMISSION: &str = "accessibility";

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Told {
    Idle(Idleness),
    Clear(Clear),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Idleness {
    #[serde(rename = "idleSeconds")]
    seconds: u64,
    #[serde(default)]
    source: ActivitySource,
    /// The node counts no further; it may have been longer.
    #[serde(default)]
    saturated: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clear {
    action: Action,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Action {
    Clear,
}

pub(super) fn activity(cx: &Cx, payload: Option<Value>) -> Result<Handled, RpcError> {
    let session = own(cx)?;
    let told = payload.and_then(|payload| serde_json::from_value(payload).ok());
    let (activity, reason) = match told {
        Some(Told::Idle(idle)) if idle.seconds <= LONGEST_IDLE => {
            if !may_know(session, idle.source) {
                return Ok((false, "permission_required"));
            }
            let now_ms = millis(cx.app().clock.now_ms());
            (Some(note(session, &idle, now_ms)), "updated")
        }
        Some(Told::Clear(Clear { action: Action::Clear })) => {
            if session.activity().is_none() {
                return Ok((true, "already_clear"));
            }
            session.set_activity(None);
            (None, "cleared")
        }
        _ => return Ok((false, "invalid_payload")),
    };
    let event = NodePresenceEvent {
        node_id: session.node_id.clone(),
        last_active_at_ms: activity.map(|activity| activity.active_at_ms),
        presence_updated_at_ms: activity.map(|activity| activity.told_at_ms),
    };
    cx.app().bus.emit(&event, To::Audience);
    Ok((true, reason))
}

/// Whether such a node can know what it tells.
fn may_know(session: &NodeSession, source: ActivitySource) -> bool {
    let about = &session.about;
    match source {
        ActivitySource::System => session.effective().permissions.get(PERMISSION) == Some(&true),
        ActivitySource::App => {
            about.client_id.as_deref() == Some("openclaw-macos")
                && Platform::of(about.platform.as_deref(), about.device_family.as_deref())
                    == Platform::Macos
        }
    }
}

fn note(session: &NodeSession, idle: &Idleness, now_ms: u64) -> Activity {
    let said = now_ms.saturating_sub(idle.seconds * 1000);
    let active_at_ms = match session.activity().filter(|before| before.source == idle.source) {
        None => said,
        Some(before) if idle.saturated => before.active_at_ms,
        // Clocks and messages are late by different amounts; a person does not become less recent.
        Some(before) => said.max(before.active_at_ms),
    };
    let activity = Activity { source: idle.source, active_at_ms, told_at_ms: now_ms };
    session.set_activity(Some(activity));
    activity
}
