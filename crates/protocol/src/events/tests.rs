//! The event tables and the shapes on the wire.

use serde_json::json;

use super::{
    agent::{AgentEvent, AgentStream, LifecycleData, SessionToolEvent},
    all,
    chat::{ChatEvent, ChatState},
    sessions::SessionsChangedEvent,
};
use crate::{
    event::{Audience, Event as _},
    methods::sessions::{SessionKind, SessionRow},
    scope::Scope,
};

#[test]
fn names_are_unique_and_everyone_hears_little() {
    let mut names: Vec<_> = all().map(|spec| spec.name).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
    let everyone: Vec<_> =
        all().filter(|s| s.audience == Audience::Everyone).map(|s| s.name).collect();
    assert_eq!(everyone, ["tick", "shutdown", "health", "heartbeat"]);
    let counted: Vec<_> = all().filter(|s| s.state_version).map(|s| s.name).collect();
    assert_eq!(counted, ["presence", "health"]);
    assert_eq!(SessionToolEvent::SPEC.audience, Audience::Subscribers(Scope::Read));
}

#[test]
fn only_passing_steps_of_an_answer_are_dropped() {
    let event = |state: ChatState| -> ChatEvent {
        serde_json::from_value(json!({
            "runId": "r", "sessionKey": "k", "seq": 1, "state": state.name(),
        }))
        .unwrap()
    };
    let dropped: Vec<_> =
        ChatState::ALL.iter().filter(|s| event(**s).droppable()).map(|s| s.name()).collect();
    assert_eq!(dropped, ["status", "delta"]);
}

#[test]
fn a_stream_travels_beside_its_data() {
    let text = json!({
        "runId": "run-1", "stream": "lifecycle", "sessionKey": "agent:main:main",
        "data": {"phase": "start", "startedAt": 1}, "seq": 1, "ts": 2,
    });
    let event: AgentEvent = serde_json::from_value(text.clone()).unwrap();
    assert!(
        matches!(&event.stream, AgentStream::Lifecycle(data) if LifecycleData::clone(data).started_at == Some(1))
    );
    assert_eq!(serde_json::to_value(&event).unwrap(), text);
}

#[test]
fn a_row_is_repeated_at_the_top_once() {
    let mut row = SessionRow::new("agent:main:main", SessionKind::Direct);
    row.session_id = Some("s".to_owned());
    row.label = Some("l".to_owned());
    let event = SessionsChangedEvent {
        session_key: Some(row.key.clone()),
        session_id: Some("s".to_owned()),
        reason: Some("patch".to_owned()),
        ts: 1,
        session: Some(Box::new(row)),
        ..SessionsChangedEvent::default()
    };
    let text = serde_json::to_string(&event).unwrap();
    crate::scan::scan(&text).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["session"]["key"], "agent:main:main");
    assert_eq!((&value["sessionId"], &value["label"]), (&json!("s"), &json!("l")));
    assert!(value["endedAt"].is_null() && value.get("key").is_none());
    assert_eq!(serde_json::from_str::<SessionsChangedEvent>(&text).unwrap().session, event.session);
}
