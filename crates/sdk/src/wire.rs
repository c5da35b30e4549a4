//! Frames as this client writes and reads them.

use std::{borrow::Cow, sync::Arc};

use openclaw_protocol::{ErrorCode, RpcError, frame::StateVersion};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use crate::{Error, events::Event};

/// What arrives.
#[derive(Debug)]
pub(crate) enum Incoming {
    Response { id: String, result: Result<Box<RawValue>, RpcError> },
    Event(Event),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameIn<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    ok: bool,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    event: Option<String>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    state_version: Option<StateVersion>,
}

/// Reads one frame.
pub(crate) fn read(text: &str) -> Result<Incoming, Error> {
    let unreadable = |reason: String| Error::Decode { what: "a frame".into(), reason };
    let frame: FrameIn<'_> =
        serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    match (&*frame.kind, frame.id, frame.event) {
        ("res", Some(id), _) => {
            let result =
                if frame.ok { Ok(payload(frame.payload)) } else { Err(refusal(frame.error)) };
            Ok(Incoming::Response { id, result })
        }
        ("event", _, Some(name)) => Ok(Incoming::Event(Event {
            name: name.into(),
            payload: Arc::from(payload(frame.payload)),
            seq: frame.seq,
            state_version: frame.state_version,
        })),
        (kind, ..) => Err(unreadable(format!("type {kind:?}"))),
    }
}

fn payload(raw: Option<&RawValue>) -> Box<RawValue> {
    raw.map_or_else(|| RawValue::NULL.to_owned(), ToOwned::to_owned)
}

/// Reads an error; a code that this client does not know counts as `UNAVAILABLE`, with the code kept.
fn refusal(raw: Option<&RawValue>) -> RpcError {
    let text = raw.map_or("null", RawValue::get);
    serde_json::from_str(text).unwrap_or_else(|_| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let message = value["message"].as_str().unwrap_or("refused without a reason").to_owned();
        RpcError::new(ErrorCode::Unavailable, message)
            .with_details(json!({ "code": value["code"], "details": value["details"] }))
    })
}

#[derive(Serialize)]
struct RequestOut<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a RawValue>,
}

/// Writes one request.
pub(crate) fn request(id: &str, method: &str, params: Option<&RawValue>) -> Result<String, Error> {
    let frame = RequestOut { kind: "req", id, method, params };
    serde_json::to_string(&frame)
        .map_err(|error| Error::Encode { method: method.to_owned(), reason: error.to_string() })
}

/// Whether a request may be sent again after a reconnect: the gateway knows it by its key.
pub(crate) fn has_key(params: Option<&RawValue>) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Keyed {
        #[serde(default)]
        idempotency_key: Option<String>,
    }
    let keyed = params.and_then(|raw| serde_json::from_str::<Keyed>(raw.get()).ok());
    keyed.and_then(|keyed| keyed.idempotency_key).is_some_and(|key| !key.is_empty())
}

/// Whether a payload only says that the work has begun and the real answer follows.
pub(crate) fn is_interim(payload: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Status<'a> {
        #[serde(borrow, default)]
        status: Option<Cow<'a, str>>,
    }
    serde_json::from_str::<Status<'_>>(payload.get())
        .is_ok_and(|payload| payload.status.as_deref() == Some("accepted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.into()).unwrap()
    }

    #[test]
    fn both_kinds_of_frames_are_read() {
        let Incoming::Response { id, result } =
            read(r#"{"type":"res","id":"7","ok":true,"payload":{"a":1}}"#).unwrap()
        else {
            panic!("a response")
        };
        assert_eq!((id.as_str(), result.unwrap().get()), ("7", r#"{"a":1}"#));
        let Incoming::Event(event) =
            read(r#"{"type":"event","event":"tick","payload":{"ts":1},"seq":4}"#).unwrap()
        else {
            panic!("an event")
        };
        assert_eq!((&*event.name, event.seq), ("tick", Some(4)));
        for bad in ["[]", "{}", r#"{"type":"res"}"#, r#"{"type":"req","id":"1"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_error_code_keeps_its_name() {
        let text =
            r#"{"type":"res","id":"1","ok":false,"error":{"code":"TEAPOT","message":"short"}}"#;
        let Incoming::Response { result, .. } = read(text).unwrap() else { panic!("a response") };
        let error = result.unwrap_err();
        assert_eq!((error.code, &*error.message), (ErrorCode::Unavailable, "short"));
        assert_eq!(error.details.unwrap()["code"], "TEAPOT");
    }

    #[test]
    fn only_a_key_makes_a_request_repeatable() {
        assert!(has_key(Some(&raw(r#"{"message":"hi","idempotencyKey":"k"}"#))));
        for other in [r#"{"idempotencyKey":""}"#, r#"{"idempotencyKey":null}"#, "{}", "[1]"] {
            assert!(!has_key(Some(&raw(other))), "{other}");
        }
        assert!(!has_key(None));
    }

    #[test]
    fn accepted_is_not_the_last_word() {
        assert!(is_interim(&raw(r#"{"runId":"r","status":"accepted","acceptedAt":1}"#)));
        assert!(!is_interim(&raw(r#"{"runId":"r","status":"ok"}"#)));
        assert!(!is_interim(&raw("[]")));
    }
}
