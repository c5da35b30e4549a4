//! The frame around a request.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use super::issues;
use crate::{
    error::RpcError,
    frame::{RequestFrame, RequestIn},
    schema,
    version::Version,
};

/// Why a text is no request.
#[derive(Debug, Clone, PartialEq)]
pub enum FrameRefusal {
    /// It is not JSON at all: OpenClaw ignores it after `connect`, and closes the socket before.
    NotJson,
    /// It is JSON, and not a request: answered with this error under this id.
    NotRequest {
        /// The id as it was sent, or `invalid`.
        id: String,
        /// `invalid request frame: ...`.
        error: RpcError,
    },
}

/// Reads a request frame.
pub fn parse_request(text: &str, version: Version) -> Result<RequestIn<'_>, FrameRefusal> {
    match serde_json::from_str::<RequestIn<'_>>(text) {
        Ok(request) if text.trim_start().starts_with('{') && fits(&request) => Ok(request),
        Ok(_) | Err(_) => Err(refuse(text, version)),
    }
}

fn fits(request: &RequestIn<'_>) -> bool {
    request.kind == "req"
        && !request.id.is_empty()
        && !request.method.is_empty()
        && request.traceparent.as_ref().is_none_or(|trace| trace.chars().count() <= 128)
        && request.expected_profile_id.as_ref().is_none_or(|profile| !profile.is_empty())
}

fn refuse(text: &str, version: Version) -> FrameRefusal {
    static COMPILED: LazyLock<Validator> = LazyLock::new(|| {
        let mut generator = schema::generator();
        let frame = generator.subschema_for::<RequestFrame>().to_value();
        super::compile(&schema::with_definitions(frame, generator))
    });
    let Ok(frame) = serde_json::from_str::<Value>(text) else {
        return FrameRefusal::NotJson;
    };
    let issues = issues::list(&COMPILED, &frame, version);
    let issues = if issues.is_empty() { "must be a request".to_owned() } else { issues.join("; ") };
    FrameRefusal::NotRequest {
        id: frame["id"].as_str().unwrap_or("invalid").to_owned(),
        error: RpcError::invalid(format!("invalid request frame: {issues}")),
    }
}
