//! The first frame: which door a socket comes in by.

use openclaw_auth::{AuthFields, Secret};
use openclaw_protocol::{Scope, Version, frame::RequestIn, validate::FrameRefusal};
use serde_json::{Map, Value};

use super::{Return, Voice, broadcast, messages, query::Offered, scanned, short::Short};
use crate::dispatch;

/// What the first frame is.
pub(crate) enum First<'a> {
    /// A `connect` of protocols 3 and 4.
    Connect(RequestIn<'a>),
    /// That of an older door.
    Older(Entry),
    /// Another request, which is not the way in.
    Request(RequestIn<'a>),
    /// JSON, and the first frame of nothing.
    Frame,
    /// No JSON.
    NotJson,
}

/// A client at an older door.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The door.
    pub(crate) voice: Voice,
    /// The secret by which it wants in.
    pub(crate) auth: AuthFields,
    /// The role that it asks for; absent means operator.
    pub(crate) role: Option<String>,
    /// The scopes that it asks for; a door that knows no scopes asks for what the secret is worth.
    pub(crate) scopes: Vec<String>,
    /// Where the first answer goes.
    pub(crate) back: Return,
    /// Whether the frame is a `connect`, answered with hello; else it is the first request.
    pub(crate) is_connect: bool,
}

impl Entry {
    fn new(voice: Voice, auth: AuthFields, back: Return) -> Self {
        let scopes = Scope::ALL.iter().map(|scope| scope.name().to_owned()).collect();
        Self { voice, auth, role: None, scopes, back, is_connect: false }
    }
}

/// Tells the door. What a door does not know for its own stays what it was recorded to be.
pub(crate) fn choose<'a>(bytes: &'a [u8], offered: &Offered) -> First<'a> {
    match dispatch::read(bytes, Version::MAX) {
        Ok(request) if request.method == "connect" => First::Connect(request),
        Ok(request) if offered.query.is_some() => {
            let back = Return::to(&request.id);
            First::Older(Entry::new(Voice::Query, offered.fields(), back))
        }
        Ok(request) => First::Request(request),
        Err(FrameRefusal::NotJson) => First::NotJson,
        Err(FrameRefusal::NotRequest { .. }) => {
            untyped(bytes, offered).map_or(First::Frame, First::Older)
        }
    }
}

/// The short form of `connect`, once the whole one did not fit.
pub(crate) fn short(request: &RequestIn<'_>) -> Option<Entry> {
    let short = Short::read(request.params)?;
    let entry = Entry::new(Voice::Short, short.auth(), Return::to(&request.id));
    Some(Entry { role: short.role, scopes: short.scopes, is_connect: true, ..entry })
}

/// The doors whose frames are no `req`.
fn untyped(bytes: &[u8], offered: &Offered) -> Option<Entry> {
    let frame: Map<String, Value> = serde_json::from_str(scanned(bytes)?).ok()?;
    let voice = voice_of(&frame)?;
    let asked = super::read(voice, bytes).ok();
    if voice == Voice::Broadcast
        && let Some(asked) = asked.as_ref().filter(|asked| asked.method == "connect")
    {
        let connect = broadcast::Connect::read(asked.params.as_deref());
        let silent = connect.auth.token.is_none() && connect.auth.password.is_none();
        let auth = if silent { offered.fields() } else { connect.auth };
        let entry = Entry::new(voice, auth, asked.back.clone());
        let scopes = connect.scopes.unwrap_or_else(|| entry.scopes.clone());
        return Some(Entry { role: connect.role, scopes, is_connect: true, ..entry });
    }
    let mut auth = offered.fields();
    if auth.token.is_none() && names_a_secret(&frame) {
        // No door takes a secret there: it is a wrong one, and no reason for the permit.
        auth.token = Some(Secret::default());
    }
    let back = asked.map_or_else(|| Return::to("null"), |asked| asked.back);
    Some(Entry::new(voice, auth, back))
}

fn voice_of(frame: &Map<String, Value>) -> Option<Voice> {
    let text = |name: &str| frame.get(name).and_then(Value::as_str);
    if !frame.contains_key("type") {
        let id = frame.get("id").is_some_and(|id| id.is_string() || id.is_number());
        let method = text("method").is_some_and(|method| !method.is_empty());
        return (id && method).then_some(Voice::Bare);
    }
    match text("type")? {
        broadcast::REQUEST => Some(Voice::Broadcast),
        kind if messages::TYPES.contains(&kind) && !frame.contains_key("method") => {
            Some(Voice::Messages)
        }
        _ => None,
    }
}

/// Whether a frame holds something that is called like a secret.
fn names_a_secret(frame: &Map<String, Value>) -> bool {
    const NAMES: [&str; 4] = ["auth", "authorization", "password", "token"];
    let holds = |fields: &Map<String, Value>| NAMES.iter().any(|name| fields.contains_key(*name));
    holds(frame) || frame.get("params").and_then(Value::as_object).is_some_and(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(frame: &str) -> Option<Voice> {
        match choose(frame.as_bytes(), &Offered::default()) {
            First::Older(entry) => Some(entry.voice),
            _ => None,
        }
    }

    #[test]
    fn the_first_frame_chooses_the_door() {
        let cases = [
            (r#"{"type":"request","id":"1","method":"health"}"#, Some(Voice::Broadcast)),
            (r#"{"type":"request"}"#, Some(Voice::Broadcast)),
            (r#"{"id":1,"method":"health"}"#, Some(Voice::Bare)),
            (r#"{"jsonrpc":"2.0","id":"a","method":"health"}"#, Some(Voice::Bare)),
            (r#"{"type":"message","content":"hi"}"#, Some(Voice::Messages)),
            (r#"{"type":"status"}"#, Some(Voice::Messages)),
            // As recorded.
            (r#"{"type":"req","id":"1","method":"health"}"#, None),
            (r#"{"type":"event","event":"x"}"#, None),
            (r#"{"type":"message","method":"health"}"#, None),
            (r#"{"type":null,"id":1,"method":"health"}"#, None),
            (r#"{"id":1}"#, None),
            (r#"{"id":null,"method":"health"}"#, None),
            (r#"{"id":1,"method":""}"#, None),
            (r#"{"id":1,"id":2,"method":"health"}"#, None),
            ("{}", None),
            ("[]", None),
            ("hello", None),
        ];
        for (frame, expected) in cases {
            assert_eq!(door(frame), expected, "{frame}");
        }
    }

    #[test]
    fn what_is_called_a_secret_was_offered() {
        for frame in [
            r#"{"id":1,"method":"connect","params":{"token":"x"}}"#,
            r#"{"id":1,"method":"health","auth":{}}"#,
            r#"{"type":"message","content":"hi","password":""}"#,
            r#"{"type":"request","id":1,"method":"connect","params":{"auth":{"token":7}}}"#,
        ] {
            let First::Older(entry) = choose(frame.as_bytes(), &Offered::default()) else {
                panic!("{frame} has a door");
            };
            assert_eq!(entry.auth.token.unwrap().expose(), "", "{frame}");
        }
    }
}
