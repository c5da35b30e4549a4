//! The broadcast door: `request`, `response`, and `broadcast` with `data`. Errors are ours.

use std::borrow::Cow;

use bytes::Bytes;
use openclaw_auth::{AuthFields, Secret};
use openclaw_protocol::RpcError;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Asked, Fault, Kind, Return, Unread, words};
use crate::dispatch::push_json;

/// The type of a request.
pub(super) const REQUEST: &str = "request";

/// A request frame. Further names are passed over.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    /// A text or a number; answered as it was written.
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

pub(super) fn read(text: Option<&str>) -> Result<Asked<'_>, Unread> {
    let frame: Option<Frame<'_>> = text.and_then(|text| serde_json::from_str(text).ok());
    let fits = |frame: &Frame<'_>| frame.kind == REQUEST && super::bare::is_id(frame.id);
    let Some(frame) = frame.filter(fits) else {
        let error = RpcError::invalid("invalid request frame: needs type, id and method");
        return Err(Unread::Answer(answer("null", Err(error.into()))));
    };
    let params = frame.params.map(Cow::Borrowed);
    Ok(words::translate(Return::to(frame.id.get()), frame.method, params, true))
}

/// `{type, id, ok, result}`; the result is under `payload` too, as `res` frames call it.
pub(super) fn answer(id: &str, result: Result<Vec<u8>, Fault>) -> Bytes {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(br#"{"type":"response","id":"#);
    out.extend_from_slice(id.as_bytes());
    match result {
        Ok(payload) => {
            out.extend_from_slice(br#","ok":true,"result":"#);
            out.extend_from_slice(&payload);
            out.extend_from_slice(br#","payload":"#);
            out.extend_from_slice(&payload);
        }
        Err(fault) => {
            out.extend_from_slice(br#","ok":false,"error":"#);
            push_json(&mut out, &fault.into_error());
        }
    }
    out.push(b'}');
    out.into()
}

pub(super) fn event(name: &'static str, payload: &str) -> String {
    let name = match name {
        "presence" => "presence.update",
        "chat" if Kind::of(payload).state == "delta" => "chat.delta",
        name => name,
    };
    format!(r#"{{"type":"broadcast","event":"{name}","data":{payload}"#)
}

/// What a `connect` of this door asks for.
#[derive(Debug, Default)]
pub(super) struct Connect {
    /// The secret, in `auth` or at the top.
    pub(super) auth: AuthFields,
    /// `role`.
    pub(super) role: Option<String>,
    /// `scopes`; absent means all that the secret is worth.
    pub(super) scopes: Option<Vec<String>>,
}

impl Connect {
    /// Reads the parameters. What stands where a secret belongs and is no text is a wrong one.
    pub(super) fn read(params: Option<&RawValue>) -> Self {
        let params: Value =
            params.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let secret = |name: &str| {
            let found = [&params["auth"][name], &params[name]].into_iter().find(|v| !v.is_null());
            found.map(|value| Secret::new(value.as_str().unwrap_or_default()))
        };
        let bare = (!params["auth"].is_object() && !params["auth"].is_null())
            .then(|| Secret::new(params["auth"].as_str().unwrap_or_default()));
        let names = |value: &Value| {
            let list = value.as_array().into_iter().flatten();
            list.map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            auth: AuthFields {
                token: secret("token").or(bare),
                password: secret("password"),
                ..AuthFields::default()
            },
            role: (!params["role"].is_null()).then(|| text(&params["role"])),
            scopes: params.get("scopes").map(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(params: &str) -> Connect {
        Connect::read(Some(&RawValue::from_string(params.to_owned()).unwrap()))
    }

    #[test]
    fn the_secret_may_stand_in_three_places_and_anything_there_was_offered() {
        for params in [r#"{"auth":{"token":"s"}}"#, r#"{"token":"s"}"#, r#"{"auth":"s"}"#] {
            assert_eq!(connect(params).auth.token.unwrap().expose(), "s", "{params}");
        }
        assert_eq!(connect(r#"{"password":"p"}"#).auth.password.unwrap().expose(), "p");
        for params in
            [r#"{"token":7}"#, r#"{"auth":[]}"#, r#"{"auth":{"token":{}}}"#, r#"{"token":""}"#]
        {
            assert_eq!(connect(params).auth.token.unwrap().expose(), "", "{params}");
        }
        assert!(connect(r#"{"client":"x"}"#).auth.token.is_none());
    }

    #[test]
    fn scopes_narrow_and_empty_means_none() {
        assert_eq!(connect("{}").scopes, None);
        assert_eq!(connect(r#"{"scopes":[]}"#).scopes, Some(Vec::new()));
        assert_eq!(connect(r#"{"scopes":null}"#).scopes, Some(Vec::new()));
        assert_eq!(connect(r#"{"role":7}"#).role.as_deref(), Some(""));
    }
}
