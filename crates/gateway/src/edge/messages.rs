//! The message door: a `message` is one turn of an agent, a `status` asks how the gateway does, and
//! answers have the shape of what was sent.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use openclaw_protocol::{RpcError, methods::agent::AgentRunResult};
use serde_json::{Map, Value, json, value::to_raw_value};
use uuid::Uuid;

use super::{Asked, Fault, Return, Unread};

/// The types of what is sent here.
pub(super) const TYPES: [&str; 2] = ["message", "status"];
/// Names under which a frame carries its text, at the top or in a container.
const TEXTS: [&str; 3] = ["content", "text", "message"];
/// Names of containers; one may be the text itself.
const CONTAINERS: [&str; 2] = ["payload", "data"];
/// Names that are repeated in the answer as they came.
const REPEATED: [&str; 5] = ["id", "agentId", "agent", "sessionId", "sessionKey"];

/// What an answer repeats of the frame that it answers.
#[derive(Debug)]
pub(super) struct Mirror {
    is_status: bool,
    repeated: Map<String, Value>,
    text_at: Place,
}

/// Where a frame carries its text.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Under this name.
    Top(&'static str),
    /// In this container, under this name.
    Within(&'static str, &'static str),
}

pub(super) fn read(text: Option<&str>) -> Result<Asked<'static>, Unread> {
    let frame: Option<Map<String, Value>> = text.and_then(|text| serde_json::from_str(text).ok());
    let kind = frame.as_ref().and_then(|frame| frame.get("type")?.as_str());
    let Some((frame, kind)) = frame.as_ref().zip(kind.filter(|kind| TYPES.contains(kind))) else {
        return Err(unread(None, "a frame needs type message or status"));
    };
    let found = find(frame);
    let mut repeated = frame.clone();
    repeated.retain(|name, _| REPEATED.contains(&name.as_str()));
    let mirror = Mirror {
        is_status: kind == "status",
        repeated,
        text_at: found.map_or(Place::Top("content"), |(place, _)| place),
    };
    let (method, params) = match (mirror.is_status, found) {
        (true, _) => ("status", json!({})),
        (false, Some((_, text))) => ("agent", turn(frame, text)),
        (false, None) => return Err(unread(Some(&mirror), "a message needs content")),
    };
    let back = Return { id: "".into(), mirror: Some(Arc::new(mirror)), answer: None };
    let params = to_raw_value(&params).ok().map(Cow::Owned);
    Ok(Asked { back, said: Cow::Borrowed(method), method: Cow::Borrowed(method), params })
}

fn unread(mirror: Option<&Mirror>, problem: &'static str) -> Unread {
    Unread::Answer(error(mirror, &RpcError::invalid(problem)))
}

/// The text of a frame, and where it stands.
fn find(frame: &Map<String, Value>) -> Option<(Place, &str)> {
    let top = TEXTS
        .iter()
        .chain(&CONTAINERS)
        .find_map(|name| Some((Place::Top(name), frame.get(*name)?.as_str()?)));
    top.or_else(|| {
        CONTAINERS.iter().find_map(|container| {
            let within = frame.get(*container)?.as_object()?;
            TEXTS.iter().find_map(|name| {
                Some((Place::Within(container, name), within.get(*name)?.as_str()?))
            })
        })
    })
}

/// The parameters of the turn. A name that is there and no text is handed on, to be refused.
fn turn(frame: &Map<String, Value>, text: &str) -> Value {
    let named = |names: [&str; 2]| {
        let places = [Some(frame), CONTAINERS.iter().find_map(|c| frame.get(*c)?.as_object())];
        let mut found = places.into_iter().flatten().flat_map(|place| names.map(|n| place.get(n)));
        found.find_map(|value| value.filter(|value| !value.is_null())).cloned()
    };
    let mut params = json!({"message": text, "idempotencyKey": Uuid::new_v4().to_string()});
    for (name, value) in [
        ("agentId", named(["agentId", "agent"])),
        ("sessionKey", named(["sessionKey", "sessionId"])),
    ] {
        if let Some(value) = value {
            params[name] = value;
        }
    }
    params
}

/// A message is answered once, when its turn has ended.
pub(super) fn answer(
    mirror: Option<&Mirror>,
    result: Result<Vec<u8>, Fault>,
    ended: bool,
) -> Option<Bytes> {
    match (result, mirror) {
        (Err(fault), _) => Some(error(mirror, &fault.into_error())),
        (Ok(payload), Some(mirror)) if mirror.is_status => {
            let status = serde_json::from_slice(&payload).unwrap_or(Value::Null);
            Some(frame(Some(mirror), "status", [("data", status)]))
        }
        (Ok(payload), Some(mirror)) if ended => Some(message(mirror, &payload)),
        (Ok(_), _) => None,
    }
}

fn message(mirror: &Mirror, payload: &[u8]) -> Bytes {
    let run: Option<AgentRunResult> = serde_json::from_slice(payload).ok();
    let output = run.as_ref().and_then(|run| run.result.as_ref());
    let texts = output.into_iter().flat_map(|output| &output.payloads);
    let text: Vec<&str> = texts.filter_map(|payload| payload.text.as_deref()).collect();
    let agent = run.as_ref().and_then(|run| run.agent_id.clone());
    let mut more = vec![mirror.text_at.holding(text.join("\n"))];
    if let Some(agent) = agent.filter(|_| !mirror.repeated.contains_key("agentId")) {
        more.push(("agentId", agent.into()));
    }
    frame(Some(mirror), "message", more)
}

fn error(mirror: Option<&Mirror>, problem: &RpcError) -> Bytes {
    let place = mirror.map_or(Place::Top("content"), |mirror| mirror.text_at);
    let error = json!({"code": problem.code, "message": problem.message});
    frame(mirror, "error", [place.holding(problem.message.to_string()), ("error", error)])
}

impl Place {
    /// A text in this place.
    fn holding(self, text: String) -> (&'static str, Value) {
        match self {
            Self::Top(name) => (name, text.into()),
            Self::Within(container, name) => (container, json!({ name: text })),
        }
    }
}

fn frame(
    mirror: Option<&Mirror>,
    kind: &str,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Bytes {
    let mut frame = mirror.map(|mirror| mirror.repeated.clone()).unwrap_or_default();
    frame.insert("type".to_owned(), kind.into());
    frame.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(frame).to_string().into()
}

pub(super) fn event(name: &'static str, payload: &str) -> String {
    format!(r#"{{"type":"event","event":"{name}","data":{payload}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(frame: &Value) -> Value {
        let text = frame.to_string();
        let asked = read(Some(&text)).expect("a message");
        assert_eq!(asked.method, "agent");
        serde_json::from_str(asked.params.unwrap().get()).unwrap()
    }

    #[test]
    fn answers_have_the_shape_of_what_was_sent() {
        let result = json!({"runId": "r", "agentId": "main", "status": "ok",
            "result": {"payloads": [{"text": "yes", "mediaUrl": null}], "meta": {}}});
        let cases = [
            (json!({"content": "hi"}), json!({"content": "yes"})),
            (json!({"text": "hi", "id": 4}), json!({"text": "yes", "id": 4})),
            (json!({"payload": "hi"}), json!({"payload": "yes"})),
            (json!({"data": {"message": "hi"}}), json!({"data": {"message": "yes"}})),
        ];
        for (mut sent, mut expected) in cases {
            sent["type"] = "message".into();
            (expected["type"], expected["agentId"]) = ("message".into(), "main".into());
            assert_eq!(params(&sent)["message"], "hi");
            let text = sent.to_string();
            let back = read(Some(&text)).unwrap().back;
            let mirror = back.mirror.as_deref();
            assert!(answer(mirror, Ok(b"{}".to_vec()), false).is_none(), "not before the end");
            let answer = answer(mirror, Ok(result.to_string().into()), true).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&answer).unwrap(), expected);
        }
    }

    #[test]
    fn agent_and_session_are_found_beside_the_text_or_in_the_container() {
        let top =
            params(&json!({"type": "message", "content": "a", "agentId": "ada", "sessionId": "s"}));
        assert_eq!((&top["agentId"], &top["sessionKey"]), (&json!("ada"), &json!("s")));
        let within = params(
            &json!({"type": "message", "payload": {"content": "a", "agent": "ada", "sessionKey": "s"}}),
        );
        assert_eq!((&within["agentId"], &within["sessionKey"]), (&json!("ada"), &json!("s")));
        let odd = params(&json!({"type": "message", "content": "a", "agentId": ["ada"]}));
        assert_eq!(odd["agentId"], json!(["ada"]), "handed on, to be refused");
    }
}
