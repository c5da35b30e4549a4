//! `gateway.http`: the HTTP interfaces and their switches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The HTTP interfaces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpConfig {
    /// What is served.
    pub endpoints: Endpoints,
    /// Headers on every answer.
    pub security_headers: SecurityHeaders,
}

/// What is served over HTTP besides the page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Endpoints {
    /// `POST /v1/chat/completions`.
    pub chat_completions: Endpoint,
}

impl Endpoints {
    /// Whether `/v1/chat/completions` is served: as configured, else on a loopback bind only.
    pub fn chat_completions(&self, loopback: bool) -> bool {
        self.chat_completions.enabled.unwrap_or(loopback)
    }
}

/// One interface that takes model input, with its limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Endpoint {
    /// Absent means what the interface does by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The largest body in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_body_bytes: Option<u64>,
    /// The most images in a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_image_parts: Option<u32>,
    /// The most bytes of all images of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_total_image_bytes: Option<u64>,
}

/// Headers on every answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityHeaders {
    /// The value of `Strict-Transport-Security`, or false for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_transport_security: Option<TextOrOff>,
}

impl SecurityHeaders {
    /// The value of `Strict-Transport-Security`; `None` when it is not sent.
    pub fn strict_transport_security(&self) -> Option<&str> {
        match &self.strict_transport_security {
            Some(TextOrOff::Text(value)) => Some(value.trim()).filter(|value| !value.is_empty()),
            Some(TextOrOff::Switch(_)) | None => None,
        }
    }
}

/// A text, or `false`. A bare `true` says no value and is `false` too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TextOrOff {
    /// The text.
    Text(String),
    /// Switched off.
    Switch(bool),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_are_for_this_machine_unless_the_config_says_so() {
        let served = |enabled| {
            let chat_completions = Endpoint { enabled, ..Endpoint::default() };
            let endpoints = Endpoints { chat_completions };
            [true, false].map(|loopback| endpoints.chat_completions(loopback))
        };
        assert_eq!(served(None), [true, false]);
        assert_eq!((served(Some(true)), served(Some(false))), ([true; 2], [false; 2]));
    }
}
