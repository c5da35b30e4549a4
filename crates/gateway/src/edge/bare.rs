//! The bare door: frames without a type, errors with the numbers of JSON-RPC.

use std::borrow::Cow;

use bytes::Bytes;
use openclaw_protocol::RpcError;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{Asked, Fault, Kind, Return, Unread, words};
use crate::dispatch::push_json;

const INVALID_REQUEST: i32 = -32_600;
const UNKNOWN_METHOD: i32 = -32_601;
const INVALID_PARAMS: i32 = -32_602;
const INTERNAL: i32 = -32_603;
/// Every other refusal; the string code is in `data`.
const REFUSED: i32 = -32_000;

/// A request. Further names are passed over, `jsonrpc` for one.
#[derive(Deserialize)]
struct Frame<'a> {
    /// A text or a number; answered as it was written.
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// Whether an id can be answered: a text or a number.
pub(super) fn is_id(id: &RawValue) -> bool {
    id.get().starts_with(|first: char| matches!(first, '"' | '-' | '0'..='9'))
}

pub(super) fn read(text: Option<&str>) -> Result<Asked<'_>, Unread> {
    let frame: Option<Frame<'_>> = text.and_then(|text| serde_json::from_str(text).ok());
    match frame.filter(|frame| is_id(frame.id)) {
        Some(frame) => {
            let params = frame.params.map(Cow::Borrowed);
            Ok(words::translate(Return::to(frame.id.get()), frame.method, params, true))
        }
        None => Err(Unread::Answer(error("null", INVALID_REQUEST, "Invalid request format", None))),
    }
}

pub(super) fn answer(back: &Return, result: Result<Vec<u8>, Fault>) -> Bytes {
    let id = &back.id;
    match result {
        Ok(payload) => {
            let payload = turned(back, payload);
            let mut out = Vec::with_capacity(32 + payload.len());
            out.extend_from_slice(br#"{"id":"#);
            out.extend_from_slice(id.as_bytes());
            out.extend_from_slice(br#","result":"#);
            out.extend_from_slice(&payload);
            out.push(b'}');
            out.into()
        }
        Err(Fault::Unknown(method)) => {
            error(id, UNKNOWN_METHOD, &format!("Unknown method: {method}"), None)
        }
        Err(Fault::Params(problem)) => refused(id, INVALID_PARAMS, &problem),
        Err(Fault::Internal(problem)) => refused(id, INTERNAL, &problem),
        Err(Fault::Refused(problem)) => refused(id, REFUSED, &problem),
    }
}

/// The result in the shape that callers of an older name expect.
fn turned(back: &Return, payload: Vec<u8>) -> Vec<u8> {
    let Some(change) = back.answer else { return payload };
    let Ok(mut value) = serde_json::from_slice(&payload) else { return payload };
    change(&mut value);
    let mut out = Vec::with_capacity(payload.len());
    push_json(&mut out, &value);
    out
}

fn refused(id: &str, number: i32, problem: &RpcError) -> Bytes {
    let mut data = serde_json::to_value(problem).unwrap_or_default();
    if let Some(data) = data.as_object_mut() {
        data.remove("message");
    }
    error(id, number, &problem.message, Some(data))
}

fn error(id: &str, number: i32, message: &str, data: Option<Value>) -> Bytes {
    let mut error = json!({"code": number, "message": message});
    if let Some(data) = data {
        error["data"] = data;
    }
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(br#"{"id":"#);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(br#","error":"#);
    push_json(&mut out, &error);
    out.push(b'}');
    out.into()
}

pub(super) fn event(name: &'static str, payload: &str) -> String {
    let name = match name {
        "agent" => match Kind::of(payload).stream.as_str() {
            "assistant" => "agent.message",
            "tool" => "agent.tool",
            "thinking" => "agent.thinking",
            _ => name,
        },
        "health" => "health.changed",
        "shutdown" => "gateway.closing",
        name => name,
    };
    format!(r#"{{"event":"{name}","data":{payload}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(result: Result<Vec<u8>, Fault>) -> Value {
        serde_json::from_slice(&answer(&Return::to("7"), result)).unwrap()
    }

    #[test]
    fn each_refusal_has_its_number() {
        let unknown = said(Err(Fault::Unknown("x.y".to_owned())));
        assert_eq!(unknown["error"], json!({"code": -32601, "message": "Unknown method: x.y"}));
        let cases = [
            (Fault::Params(RpcError::invalid("p")), -32602, "INVALID_REQUEST"),
            (Fault::Internal(RpcError::unavailable("i")), -32603, "UNAVAILABLE"),
            (Fault::Refused(RpcError::unavailable("r")), -32000, "UNAVAILABLE"),
        ];
        for (fault, number, code) in cases {
            let answer = said(Err(fault));
            assert_eq!(answer["id"], 7);
            assert_eq!(
                (&answer["error"]["code"], &answer["error"]["data"]["code"]),
                (&json!(number), &json!(code))
            );
        }
        assert_eq!(said(Ok(b"[1]".to_vec())), json!({"id": 7, "result": [1]}));
    }

    #[test]
    fn ids_are_texts_or_numbers() {
        for (frame, fits) in [
            (r#"{"id":1,"method":"m"}"#, true),
            (r#"{"id":"a","method":"m","jsonrpc":"2.0"}"#, true),
            (r#"{"id":null,"method":"m"}"#, false),
            (r#"{"id":{},"method":"m"}"#, false),
            (r#"{"id":true,"method":"m"}"#, false),
            (r#"{"id":1}"#, false),
            ("[]", false),
        ] {
            assert_eq!(read(Some(frame)).is_ok(), fits, "{frame}");
        }
    }
}
