//! Frames: what travels in one WebSocket message.
//!
//! Envelopes keep `params` and `payload` raw; the handler that needs them parses them once.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::RpcError;

/// Largest frame before `hello-ok`, in bytes. Larger ones close the socket with 1009.
pub const MAX_PREAUTH_FRAME: usize = 64 * 1024;
/// Largest frame after `hello-ok`, in bytes; sent to clients as `policy.maxPayload`.
pub const MAX_PAYLOAD: usize = 25 * 1024 * 1024;
/// Bytes of answers that may wait for one slow reader; sent to clients as `policy.maxBufferedBytes`. Above it the
/// connection is closed. Events have a bound of their own, which is less: see docs/differences.md.
pub const MAX_BUFFERED: usize = 50 * 1024 * 1024;
/// Time between two `tick` events, in milliseconds; sent as `policy.tickIntervalMs`.
pub const TICK_INTERVAL_MS: u64 = 30_000;
/// Deepest nesting of a frame that is accepted.
pub const MAX_DEPTH: usize = 64;

/// A request as it arrives: `{type:"req", id, method, params?}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RequestIn<'a> {
    /// Always `req`.
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    /// Chosen by the client; not empty.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// The method's name; not empty.
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    /// The method's parameters, not parsed yet.
    #[serde(borrow, default)]
    pub params: Option<&'a RawValue>,
    /// W3C trace context (protocol 4), at most 128 characters.
    #[serde(borrow, default)]
    pub traceparent: Option<Cow<'a, str>>,
    /// The profile that the client believes it acts as (protocol 4).
    #[serde(borrow, default)]
    pub expected_profile_id: Option<Cow<'a, str>>,
}

/// A request frame, as it is described to clients.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RequestFrame {
    /// Always `req`.
    #[serde(rename = "type")]
    #[schemars(extend("const" = "req"))]
    pub kind: String,
    /// Chosen by the client; answered with the same id.
    #[schemars(length(min = 1))]
    pub id: String,
    /// The method's name.
    #[schemars(length(min = 1))]
    pub method: String,
    /// The method's parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<serde_json::Value>,
    /// W3C trace context (protocol 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub traceparent: Option<String>,
    /// The profile that the client believes it acts as (protocol 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub expected_profile_id: Option<String>,
}

/// A response frame. One request may get two: an interim `accepted`, then the final one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResponseFrame {
    /// Always `res`.
    #[serde(rename = "type")]
    #[schemars(extend("const" = "res"))]
    pub kind: String,
    /// The request's id.
    pub id: String,
    /// Whether the request succeeded.
    pub ok: bool,
    /// The method's result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<serde_json::Value>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RpcError>,
}

/// The counters that accompany `presence` and `health`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateVersion {
    /// Grows with each change of the presence list; starts at 1.
    pub presence: u64,
    /// Grows with each health refresh; starts at 1.
    pub health: u64,
}

/// An event frame.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventFrame {
    /// Always `event`.
    #[serde(rename = "type")]
    #[schemars(extend("const" = "event"))]
    pub kind: String,
    /// The event's name.
    #[schemars(length(min = 1))]
    pub event: String,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<serde_json::Value>,
    /// Counts the events of this connection, without gaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Present on `presence` and `health`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_version: Option<StateVersion>,
}
