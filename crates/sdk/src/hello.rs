//! `hello-ok`: what a gateway tells a client that it has let in. Read tolerantly, both versions.

use openclaw_protocol::frame::{MAX_BUFFERED, MAX_PAYLOAD, TICK_INTERVAL_MS};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The payload of the answer to `connect`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hello {
    /// The protocol that both sides speak from here on.
    pub protocol: u32,
    /// Who answers.
    pub server: HelloServer,
    /// What it can do.
    pub features: HelloFeatures,
    /// Presence, health and defaults at this moment.
    pub snapshot: Value,
    /// What was granted; absent when protocol 3 issued no device token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<HelloAuth>,
    /// Limits.
    pub policy: HelloPolicy,
}

/// Who answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HelloServer {
    /// The gateway's version.
    pub version: String,
    /// This connection's id.
    pub conn_id: String,
}

/// What the gateway can do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HelloFeatures {
    /// Its methods, as far as it advertises them.
    pub methods: Vec<String>,
    /// Its events.
    pub events: Vec<String>,
}

/// What was granted.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HelloAuth {
    /// A token for this device and role, to keep for the next connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// The role.
    pub role: String,
    /// The scopes.
    pub scopes: Vec<String>,
}

impl std::fmt::Debug for HelloAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HelloAuth")
            .field("device_token", &self.device_token.as_ref().map(|_| ".."))
            .field("role", &self.role)
            .field("scopes", &self.scopes)
            .finish()
    }
}

/// Limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HelloPolicy {
    /// Largest frame that the gateway accepts, in bytes.
    pub max_payload: usize,
    /// Bytes that may wait for a slow reader.
    pub max_buffered_bytes: usize,
    /// Time between two ticks, in milliseconds.
    pub tick_interval_ms: u64,
}

impl Default for HelloPolicy {
    fn default() -> Self {
        Self {
            max_payload: MAX_PAYLOAD,
            max_buffered_bytes: MAX_BUFFERED,
            tick_interval_ms: TICK_INTERVAL_MS,
        }
    }
}
