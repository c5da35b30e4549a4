//! The edge: where what clients say is turned into one model, and the model into what they expect.
//!
//! Protocols 3 and 4 differ in one file per direction. The first frame or the upgrade chooses the door
//! for the socket's whole life (`first`), `admit` decides who comes in by it, and each older door is
//! one file: what its frames look like, and which events it calls otherwise.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use openclaw_protocol::{
    RpcError, Version, methods::aliases::Answer, scan, validate::FrameRefusal,
};
use serde_json::value::RawValue;

use crate::dispatch;

pub(crate) mod admit;
pub(crate) mod downgrade;
pub(crate) mod first;

mod bare;
mod broadcast;
mod messages;
pub(crate) mod query;
mod short;
mod words;

/// In whose words a connection is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Protocols 3 and 4, as recorded.
    Protocol(Version),
    /// Protocol 3 after a short `connect`.
    Short,
    /// Requests behind a token in the query.
    Query,
    /// `request`, `response`, `broadcast`.
    Broadcast,
    /// Frames without a type.
    Bare,
    /// `message` and `status`.
    Messages,
}

impl Voice {
    /// How many there are, for tables by [`Voice::index`].
    pub(crate) const COUNT: usize = 7;

    /// Its place in a table.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Protocol(Version::V3) => 0,
            Self::Protocol(Version::V4) => 1,
            Self::Short => 2,
            Self::Query => 3,
            Self::Broadcast => 4,
            Self::Bare => 5,
            Self::Messages => 6,
        }
    }

    /// The protocol whose parameters and results it carries.
    pub(crate) const fn version(self) -> Version {
        match self {
            Self::Protocol(version) => version,
            Self::Short => Version::V3,
            _ => Version::V4,
        }
    }

    /// Whether its frames are `req`, `res` and `event`.
    pub(crate) const fn is_framed(self) -> bool {
        matches!(self, Self::Protocol(_) | Self::Short | Self::Query)
    }

    /// Whether it is that of protocols 3 and 4, for which what was recorded holds to the letter.
    pub(crate) const fn is_protocol(self) -> bool {
        matches!(self, Self::Protocol(_))
    }

    /// Whether it hears of new sessions without having subscribed.
    pub(crate) const fn hears_new_sessions(self) -> bool {
        matches!(self, Self::Query)
    }
}

/// Where the answers to one request go. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Return {
    /// The request's id: its text, or at a door whose ids may be numbers the JSON that the caller wrote.
    pub(crate) id: Arc<str>,
    /// What a message's answer repeats of it.
    mirror: Option<Arc<messages::Mirror>>,
    /// What an older name does to the result at the bare door.
    answer: Option<Answer>,
}

impl Return {
    fn to(id: &str) -> Self {
        Self { id: id.into(), mirror: None, answer: None }
    }
}

/// One request, in our words.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// Where its answers go.
    pub(crate) back: Return,
    /// The method as the caller wrote it.
    pub(crate) said: Cow<'a, str>,
    /// The method that is meant.
    pub(crate) method: Cow<'a, str>,
    /// Its parameters.
    pub(crate) params: Option<Cow<'a, RawValue>>,
}

/// Why a frame is no request.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is passed over.
    Ignored,
    /// It is answered with this frame.
    Answer(Bytes),
}

/// Why a request was refused; doors that have numbers for errors tell these apart.
#[derive(Debug)]
pub(crate) enum Fault {
    /// There is no such method.
    Unknown(String),
    /// The parameters do not fit.
    Params(RpcError),
    /// The request cannot succeed.
    Refused(RpcError),
    /// Our own failure.
    Internal(RpcError),
}

impl Fault {
    /// Why, for the log.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Unknown(_) => "unknown method",
            Self::Params(error) | Self::Refused(error) | Self::Internal(error) => &error.message,
        }
    }

    /// The error in the words of protocols 3 and 4.
    fn into_error(self) -> RpcError {
        match self {
            Self::Unknown(method) => RpcError::invalid(format!("unknown method: {method}")),
            Self::Params(error) | Self::Refused(error) | Self::Internal(error) => error,
        }
    }
}

impl From<RpcError> for Fault {
    fn from(error: RpcError) -> Self {
        Self::Refused(error)
    }
}

/// Reads one frame. What raw values would hide is refused before anything is parsed from it.
pub(crate) fn read(voice: Voice, bytes: &[u8]) -> Result<Asked<'_>, Unread> {
    match voice {
        Voice::Broadcast => broadcast::read(scanned(bytes)),
        Voice::Bare => bare::read(scanned(bytes)),
        Voice::Messages => messages::read(scanned(bytes)),
        Voice::Protocol(_) | Voice::Short | Voice::Query => framed(voice, bytes),
    }
}

fn scanned(bytes: &[u8]) -> Option<&str> {
    scan::scan_bytes(bytes).ok()
}

fn framed(voice: Voice, bytes: &[u8]) -> Result<Asked<'_>, Unread> {
    let request = dispatch::read(bytes, voice.version()).map_err(|refusal| match refusal {
        FrameRefusal::NotJson => Unread::Ignored,
        FrameRefusal::NotRequest { id, error } => {
            Unread::Answer(dispatch::response(&id, Err(error)))
        }
    })?;
    let (back, params) = (Return::to(&request.id), request.params.map(Cow::Borrowed));
    if voice.is_protocol() {
        let said = request.method.clone();
        return Ok(Asked { back, said, method: request.method, params });
    }
    Ok(words::translate(back, request.method, params, voice != Voice::Short))
}

/// The frame that answers a request; `None` when its door says nothing yet.
pub(crate) fn answer(voice: Voice, back: &Return, result: Result<Vec<u8>, Fault>) -> Option<Bytes> {
    match voice {
        Voice::Protocol(_) | Voice::Short | Voice::Query => {
            Some(dispatch::response(&back.id, result.map_err(Fault::into_error)))
        }
        Voice::Broadcast => Some(broadcast::answer(&back.id, result)),
        Voice::Bare => Some(bare::answer(back, result)),
        Voice::Messages => messages::answer(back.mirror.as_deref(), result, false),
    }
}

/// The second answer to a request, where a door knows of second answers.
pub(crate) fn answer_again(
    voice: Voice,
    back: &Return,
    result: Result<Vec<u8>, Fault>,
) -> Option<Bytes> {
    match voice {
        // One answer to a request; the end of a run is told by events.
        Voice::Broadcast | Voice::Bare => None,
        Voice::Messages => messages::answer(back.mirror.as_deref(), result, true),
        _ => answer(voice, back, result),
    }
}

/// How the frame of an event begins: all but its numbers and the closing brace.
pub(crate) fn event(voice: Voice, name: &'static str, payload: &str) -> String {
    match voice {
        Voice::Protocol(_) | Voice::Short => {
            format!(r#"{{"type":"event","event":"{name}","payload":{payload}"#)
        }
        Voice::Query => {
            let name = query::event(name, payload);
            format!(r#"{{"type":"event","event":"{name}","payload":{payload}"#)
        }
        Voice::Broadcast => broadcast::event(name, payload),
        Voice::Bare => bare::event(name, payload),
        Voice::Messages => messages::event(name, payload),
    }
}

/// What decides about the name of an event.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Kind {
    /// Of `chat`.
    state: String,
    /// Of `agent`.
    stream: String,
    /// Of `sessions.changed`.
    reason: String,
}

impl Kind {
    fn of(payload: &str) -> Self {
        serde_json::from_str(payload).unwrap_or_default()
    }
}
