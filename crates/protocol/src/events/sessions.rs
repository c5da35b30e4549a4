//! `session.message`, `sessions.changed`: what happens in sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    events,
    methods::{chat::ChatMessage, sessions::SessionRow},
};

mod mirror;

pub use mirror::SessionMirror;

events! {
    "session.message": SessionMessageEvent, to SUBSCRIBERS;
    "sessions.changed": SessionsChangedEvent, to SUBSCRIBERS, droppable;
}

/// A message was added to a transcript.
///
/// The fields of the row are twice on the wire, under `session` and at the top; here they are once.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionMessageEvent {
    /// The session's canonical key.
    pub session_key: String,
    /// The agent (protocol 4).
    #[serde(default)]
    pub agent_id: Option<String>,
    /// The run that it belongs to (protocol 4).
    #[serde(default)]
    pub run_id: Option<String>,
    /// Whether a person who owns the gateway sent it (protocol 4).
    #[serde(default)]
    pub sender_is_owner: Option<bool>,
    /// The message.
    pub message: ChatMessage,
    /// The transcript entry.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Its place in the transcript.
    #[serde(default)]
    pub message_seq: Option<u64>,
    /// The session's row.
    #[serde(default)]
    pub session: Option<Box<SessionRow>>,
}

/// A session was made, changed or deleted.
///
/// A step of a run has a `phase`, everything else a `reason`. Protocol 3 says the row at the top
/// alone when there is a `reason`; the gateway's edge leaves `session` out there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionsChangedEvent {
    /// The session's canonical key; absent when many changed.
    #[serde(default)]
    pub session_key: Option<String>,
    /// The agent (protocol 4).
    #[serde(default)]
    pub agent_id: Option<String>,
    /// The transcript, when there is no row.
    #[serde(default)]
    pub session_id: Option<String>,
    /// `start`, `model`, `message`, `end` or `error`.
    #[serde(default)]
    pub phase: Option<String>,
    /// `create`, `send`, `patch`, `reset`, `new`, `delete`, `abort`, `steer` and others.
    #[serde(default)]
    pub reason: Option<String>,
    /// The run.
    #[serde(default)]
    pub run_id: Option<String>,
    /// The transcript entry, with `message`.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Its place in the transcript, with `message`.
    #[serde(default)]
    pub message_seq: Option<u64>,
    /// Whether the transcript was made shorter.
    #[serde(default)]
    pub compacted: Option<bool>,
    /// When, in milliseconds since 1970.
    pub ts: u64,
    /// The session's row.
    #[serde(default)]
    pub session: Option<Box<SessionRow>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageWire<'a> {
    session_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_is_owner: Option<bool>,
    message: &'a ChatMessage,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionRow>,
    #[serde(flatten)]
    mirror: Option<SessionMirror<'a>>,
}

impl Serialize for SessionMessageEvent {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let row = self.session.as_deref();
        MessageWire {
            session_key: &self.session_key,
            agent_id: self.agent_id.as_deref(),
            run_id: self.run_id.as_deref(),
            sender_is_owner: self.sender_is_owner,
            message: &self.message,
            message_id: self.message_id.as_deref(),
            message_seq: self.message_seq,
            session: row,
            mirror: row.map(SessionMirror::of),
        }
        .serialize(output)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangedWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compacted: Option<bool>,
    ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionRow>,
    #[serde(flatten)]
    mirror: Option<SessionMirror<'a>>,
}

impl Serialize for SessionsChangedEvent {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let row = self.session.as_deref();
        ChangedWire {
            session_key: self.session_key.as_deref(),
            agent_id: self.agent_id.as_deref(),
            // The mirror says it already.
            session_id: self.session_id.as_deref().filter(|_| row.is_none()),
            phase: self.phase.as_deref(),
            reason: self.reason.as_deref(),
            run_id: self.run_id.as_deref(),
            message_id: self.message_id.as_deref(),
            message_seq: self.message_seq,
            compacted: self.compacted,
            ts: self.ts,
            session: row,
            mirror: row.map(SessionMirror::of),
        }
        .serialize(output)
    }
}
