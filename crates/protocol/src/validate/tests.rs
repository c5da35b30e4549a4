//! Complaints word for word, and what newer clients may send.

use serde_json::{Value, json, value::RawValue};

use super::{FrameRefusal, Spoken, parse, parse_request, parse_tolerant, spoken};
use crate::{
    method::Method,
    methods::{self, agent, chat, connect, health, logs, nodes, sessions},
    schema,
    version::Version::{self, V3, V4},
};

mod verdict;

fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap()
}

fn refusal<M: Method>(value: &Value, version: Version) -> String {
    match parse::<M>(Some(&raw(value)), version) {
        Ok(_) => panic!("accepted: {value}"),
        Err(error) => error.message.into_owned(),
    }
}

#[track_caller]
fn check<M: Method>(value: &Value, v3: &str, v4: &str) {
    assert_eq!(refusal::<M>(value, V3), v3);
    assert_eq!(refusal::<M>(value, V4), v4);
}

/// Recorded from OpenClaw 2026.3.28 (protocol 3) and 2026.9.6 (protocol 4).
#[test]
fn complaints_are_in_the_words_that_clients_know() {
    check::<chat::ChatHistoryParams>(
        &json!({"sessionKey": "agent:main:live", "limit": 5000}),
        "invalid chat.history params: at /limit: must be <= 1000",
        "invalid chat.history params: at /limit: must be <= 1000",
    );
    check::<chat::ChatHistoryParams>(
        &json!({"sessionKey": ""}),
        "invalid chat.history params: at /sessionKey: must NOT have fewer than 1 characters",
        "invalid chat.history params: at /sessionKey: must not have fewer than 1 characters",
    );
    check::<chat::ChatSendParams>(
        &json!({"sessionKey": "main", "message": "x", "idempotencyKey": "k", "bogus": true}),
        "invalid chat.send params: at root: unexpected property 'bogus'",
        "invalid chat.send params: at root: unexpected property 'bogus'",
    );
    check::<sessions::SessionsListParams>(
        &json!({"limit": "ten"}),
        "invalid sessions.list params: at /limit: must be integer",
        "invalid sessions.list params: at /limit: must be integer",
    );
    check::<logs::LogsTailParams>(
        &json!({"limit": -1}),
        "invalid logs.tail params: at /limit: must be >= 1",
        "invalid logs.tail params: at /limit: must be >= 1",
    );
    check::<agent::AgentParams>(
        &json!({}),
        "invalid agent params: must have required property 'message'; \
         must have required property 'idempotencyKey'",
        "invalid agent params: must have required property 'message'",
    );
    check::<sessions::SessionsPatchParams>(
        &json!({}),
        "invalid sessions.patch params: must have required property 'key'",
        "invalid sessions.patch params: must have required property 'key'",
    );
    assert_eq!(
        refusal::<chat::ChatSendParams>(&json!({}), V3),
        "invalid chat.send params: must have required property 'sessionKey'; \
         must have required property 'message'; must have required property 'idempotencyKey'"
    );
    assert_eq!(
        refusal::<chat::ChatStartupParams>(&json!({}), V4),
        "invalid chat.startup params: must have required property 'sessionKey'; \
         must have required property 'shortId'; must match a schema in anyOf"
    );
}

/// Recorded from OpenClaw 2026.3.28 and 2026.9.6, the alternatives from its `wake`.
#[test]
fn complaints_about_connect_are_in_the_words_that_clients_know() {
    let connect = |id: &str, mode: &str| {
        json!({
            "minProtocol": 3, "maxProtocol": 4,
            "client": {"id": id, "version": "1", "platform": "linux", "mode": mode},
        })
    };
    check::<connect::ConnectParams>(
        &json!({}),
        "invalid connect params: must have required property 'minProtocol'; \
         must have required property 'maxProtocol'; must have required property 'client'",
        "invalid connect params: must have required property 'minProtocol'",
    );
    check::<connect::ConnectParams>(
        &connect("my-custom-client", "backend"),
        "invalid connect params: at /client/id: must be equal to constant; \
         at /client/id: must match a schema in anyOf",
        "invalid connect params: at /client/id: must be equal to one of the allowed values",
    );
    check::<connect::ConnectParams>(
        &connect("cli", "operator"),
        "invalid connect params: at /client/mode: must be equal to constant; \
         at /client/mode: must match a schema in anyOf",
        "invalid connect params: at /client/mode: must be equal to one of the allowed values",
    );
    check::<sessions::SessionsPatchParams>(
        &json!({"key": "k", "sendPolicy": "maybe"}),
        "invalid sessions.patch params: at /sendPolicy: must be equal to constant; \
         at /sendPolicy: must match a schema in anyOf; at /sendPolicy: must be null",
        "invalid sessions.patch params: at /sendPolicy: must be equal to constant; \
         at /sendPolicy: must match a schema in anyOf; at /sendPolicy: must be null",
    );
    check::<chat::ChatSendParams>(
        &json!({"sessionKey": "k", "message": "m", "idempotencyKey": "i",
                "mentions": [{"profileId": "", "start": 0, "end": 1, "as": 1}]}),
        "invalid chat.send params: at /mentions/0: unexpected property 'as'; \
         at /mentions/0/profileId: must NOT have fewer than 1 characters",
        "invalid chat.send params: at /mentions/0: unexpected property 'as'; \
         at /mentions/0/profileId: must not have fewer than 1 characters",
    );
}

/// Recorded from OpenClaw 2026.3.28 and 2026.9.6.
#[test]
fn complaints_about_frames_are_in_the_words_that_clients_know() {
    let check =
        |text: &str, version: Version, id: &str, message: &str| match parse_request(text, version)
            .unwrap_err()
        {
            FrameRefusal::NotRequest { id: said, error } => {
                assert_eq!((said.as_str(), &*error.message), (id, message));
            }
            FrameRefusal::NotJson => panic!("not JSON: {text}"),
        };
    let prefix = "invalid request frame: ";
    for (text, id, v3, v4) in [
        (
            r#"{"type":"req","id":"","method":"health"}"#,
            "",
            "at /id: must NOT have fewer than 1 characters",
            "at /id: must not have fewer than 1 characters",
        ),
        (
            r#"{"type":"req","id":"x2","method":"health","params":{},"extra":1}"#,
            "x2",
            "at root: unexpected property 'extra'",
            "at root: unexpected property 'extra'",
        ),
        (
            r#"{"type":"req","method":"health"}"#,
            "invalid",
            "must have required property 'id'",
            "must have required property 'id'",
        ),
        (
            r#"{"type":"event","event":"x"}"#,
            "invalid",
            "must have required property 'id'; must have required property 'method'; \
             at root: unexpected property 'event'; at /type: must be equal to constant",
            "must have required property 'id'; at root: unexpected property 'event'; \
             at /type: must be equal to constant",
        ),
        (r#"["req","1","health"]"#, "invalid", "must be object", "must be object"),
    ] {
        check(text, V3, id, &format!("{prefix}{v3}"));
        check(text, V4, id, &format!("{prefix}{v4}"));
    }
    let long = "x".repeat(129);
    for (part, value) in [
        ("type", "request"),
        ("method", ""),
        ("traceparent", long.as_str()),
        ("expectedProfileId", ""),
    ] {
        let mut frame = json!({"type": "req", "id": "1", "method": "health"});
        frame[part] = json!(value);
        let text = frame.to_string();
        let refused = parse_request(&text, V4);
        assert!(matches!(refused, Err(FrameRefusal::NotRequest { .. })), "{part}");
    }
    assert_eq!(parse_request("{", V4).unwrap_err(), FrameRefusal::NotJson);
    let request = parse_request(r#"{"type":"req","id":"1","method":"health"}"#, V4).unwrap();
    assert_eq!((&*request.method, request.params.is_some()), ("health", false));
}

/// A value may be a secret that came in the wrong place.
#[test]
fn a_complaint_that_has_no_words_of_its_own_repeats_no_value() {
    let validator = super::compile(&json!({"multipleOf": 2, "format": "email"}));
    let issues = super::issues::list(&validator, &json!(4711), V4).join("; ");
    assert!(!issues.is_empty() && !issues.contains("4711"), "{issues}");
}

#[test]
fn absent_params_are_empty_and_lenient_methods_take_anything() {
    assert!(parse::<nodes::NodeListParams>(None, V3).is_ok());
    assert!(parse::<nodes::NodeListParams>(Some(&raw(&json!(null))), V3).is_ok());
    assert!(parse::<nodes::NodeListParams>(Some(&raw(&json!([]))), V3).is_err());
    for odd in [json!([1]), json!("x"), json!({"bogus": 1}), json!({"probe": "yes"})] {
        let params = parse::<health::HealthParams>(Some(&raw(&odd)), V4).unwrap();
        assert_eq!(params.probe, None);
    }
    let params = parse::<health::HealthParams>(Some(&raw(&json!({"probe": true}))), V4).unwrap();
    assert_eq!(params.probe, Some(true));
}

#[test]
fn the_words_fit_the_version_that_is_asked_for() {
    for (params, version, newer) in [
        (json!({"minProtocol": 3, "maxProtocol": 3}), V3, false),
        (json!({"minProtocol": 3, "maxProtocol": 4}), V4, false),
        (json!({"minProtocol": 4, "maxProtocol": 5}), V4, true),
        (json!({"minProtocol": 9, "maxProtocol": 9}), V4, true),
        (json!({"minProtocol": 3, "maxProtocol": "5"}), V4, false),
        (json!({}), V4, false),
        (json!([]), V4, false),
    ] {
        assert_eq!(spoken(Some(&raw(&params))), Spoken { version, newer }, "{params}");
    }
    assert_eq!(spoken(None), Spoken { version: V4, newer: false });
}

#[test]
fn newer_names_are_dropped_but_authority_is_not() {
    let read = |value: Value| parse_tolerant::<logs::LogsTailParams>(Some(&raw(&value)), V4);
    let tolerant = read(json!({"limit": 5, "newName": 1, "other": {}})).unwrap();
    assert_eq!((tolerant.params.limit.map(u64::from), tolerant.dropped), (Some(5), 2));
    assert_eq!(read(json!({"limit": 5})).unwrap().dropped, 0);
    for name in [
        "scopes",
        "asAdmin",
        "senderIsOwner",
        "execHost",
        "elevatedLevel",
        "Token",
        "dryRun",
        "expectedHash",
        "onlyIf",
    ] {
        assert_eq!(
            read(json!({name: 1, "newName": 1})).unwrap_err().message,
            format!("invalid logs.tail params: at root: unexpected property '{name}'")
        );
    }
    assert!(read(json!({"limit": 0, "newName": 1})).is_err());
}
