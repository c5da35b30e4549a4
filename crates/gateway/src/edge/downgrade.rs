//! From the one model, which is protocol 4's, to what clients of protocol 3 know.
//!
//! Most results and events are the same in both; a name that is not listed here needs no change.
//! Protocol 3's clients pass over names that they do not know, so only what they would read
//! wrongly is changed.

use openclaw_protocol::Version;
use serde_json::{Value, json};

/// A change of a payload in place.
pub(crate) type Change = fn(&mut Value);

/// The change that a method's result needs.
pub(crate) fn result(method: &str, version: Version) -> Option<Change> {
    if version != Version::V3 {
        return None;
    }
    match method {
        "connect" => Some(hello),
        "sessions.list" => Some(sessions_list),
        "sessions.resolve" => Some(sessions_resolve),
        "chat.history" => Some(chat_history),
        "sessions.get" => Some(messages),
        "agent" => Some(agent),
        "device.token.rotate" => Some(rotate),
        "node.event" => Some(node_event),
        "node.list" => Some(nodes),
        "node.describe" => Some(node),
        _ => None,
    }
}

/// The change that an event's payload needs.
pub(crate) fn event(event: &str, version: Version) -> Option<Change> {
    if version != Version::V3 {
        return None;
    }
    match event {
        "session.message" => Some(session_message),
        "chat" => Some(chat_event),
        _ => None,
    }
}

fn remove(value: &mut Value, names: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
}

fn hello(value: &mut Value) {
    remove(&mut value["server"], &["bootId", "buildId"]);
    remove(&mut value["snapshot"], &["suspension", "appliedConfigHash"]);
    remove(
        &mut value["snapshot"]["sessionDefaults"],
        &["modelConfigured", "ownership", "selectionRequired"],
    );
    remove(&mut value["policy"], &["attachments", "allowedSessionVisibilities"]);
}

fn sessions_list(value: &mut Value) {
    remove(value, &["totalCount", "limitApplied", "nextOffset", "hasMore", "owners"]);
    remove(&mut value["defaults"], &["modelSelectionTarget"]);
}

/// Protocol 3 answers with the key alone.
fn sessions_resolve(value: &mut Value) {
    remove(value, &["agentId", "displayName"]);
}

fn chat_history(value: &mut Value) {
    remove(
        value,
        &[
            "pendingInputs",
            "hasMore",
            "nextOffset",
            "totalMessages",
            "defaults",
            "sessionInfo",
            "inFlightRun",
        ],
    );
    messages(value);
}

fn messages(value: &mut Value) {
    for message in value["messages"].as_array_mut().into_iter().flatten() {
        parts(message);
    }
}

fn session_message(value: &mut Value) {
    parts(&mut value["message"]);
}

/// A text is a list of one part there.
fn parts(message: &mut Value) {
    if let Some(text) = message["content"].as_str() {
        message["content"] = json!([{"type": "text", "text": text}]);
    }
}

fn chat_event(value: &mut Value) {
    remove(value, &["agentId", "deltaText", "replace"]);
    // A run out of time is one that was stopped there.
    if value["errorKind"] == "timeout" {
        value["state"] = json!("aborted");
        remove(value, &["errorKind"]);
    }
}

fn agent(value: &mut Value) {
    remove(value, &["sessionKey", "agentId", "stopReason"]);
}

/// There the text is in the answer, whoever asks.
fn rotate(value: &mut Value) {
    remove(value, &["tokenDelivery"]);
}

/// Protocol 3 says that it has arrived, and no more.
fn node_event(value: &mut Value) {
    remove(value, &["event", "handled", "reason"]);
}

fn nodes(value: &mut Value) {
    value["nodes"].as_array_mut().into_iter().flatten().for_each(node);
}

/// There a paired node may be asked for what it declares, and is here or not.
fn node(value: &mut Value) {
    const NEWER: [&str; 16] = [
        "clientId",
        "clientMode",
        "hostStats",
        "sessionHost",
        "approvalState",
        "approvedAtMs",
        "pendingRequestId",
        "pendingDeclaredCaps",
        "pendingDeclaredCommands",
        "pendingDeclaredPermissions",
        "lastConnectedAtMs",
        "lastDisconnectedAtMs",
        "lastSeenAtMs",
        "lastSeenReason",
        "lastActiveAtMs",
        "presenceUpdatedAtMs",
    ];
    remove(value, &NEWER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_parts_for_protocol_3_alone() {
        let mut value = json!({"messages": [{"role": "user", "content": "hi"}], "hasMore": true});
        result("chat.history", Version::V3).unwrap()(&mut value);
        let expected =
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]});
        assert_eq!(value, expected);
        assert!(result("chat.history", Version::V4).is_none());
    }

    #[test]
    fn a_run_out_of_time_is_a_stopped_one_for_protocol_3() {
        let told = json!({"state": "error", "errorKind": "timeout", "stopReason": "timeout"});
        let mut value = told.clone();
        event("chat", Version::V3).unwrap()(&mut value);
        assert_eq!(value, json!({"state": "aborted", "stopReason": "timeout"}));
        let mut other = json!({"state": "error", "errorMessage": "no"});
        event("chat", Version::V3).unwrap()(&mut other);
        assert_eq!(other["state"], "error");
        assert!(event("chat", Version::V4).is_none());
    }
}
