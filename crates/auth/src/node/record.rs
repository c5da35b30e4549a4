//! What is kept of a node.

use serde::{Deserialize, Serialize};

use super::Surface;
use crate::attempt::ClientInfo;

/// Longest text that a node says of itself, in characters.
const MAX_TEXT: usize = 128;

/// What a node says of itself; shown to people, never the ground of a decision but for the platform,
/// which its device signs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeAbout {
    /// `client.displayName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `client.platform`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// `client.deviceFamily`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_family: Option<String>,
    /// `client.modelIdentifier`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_identifier: Option<String>,
    /// `client.version`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version of its core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_version: Option<String>,
    /// The version of its surface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui_version: Option<String>,
    /// `client.id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `client.mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_mode: Option<String>,
    /// Its address, when it is another machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<String>,
}

impl NodeAbout {
    /// Of a client that connects.
    pub fn of(client: &ClientInfo) -> Self {
        Self {
            display_name: client.display_name.clone(),
            platform: client.platform.clone(),
            device_family: client.device_family.clone(),
            client_id: Some(client.id.clone()),
            client_mode: Some(client.mode.clone()),
            ..Self::default()
        }
    }

    /// The same with texts that a terminal can show.
    #[must_use]
    pub fn shown(self) -> Self {
        Self {
            display_name: short(self.display_name),
            platform: short(self.platform),
            device_family: short(self.device_family),
            model_identifier: short(self.model_identifier),
            version: short(self.version),
            core_version: short(self.core_version),
            ui_version: short(self.ui_version),
            client_id: short(self.client_id),
            client_mode: short(self.client_mode),
            remote_ip: short(self.remote_ip),
        }
    }
}

/// Drops control characters, trims and cuts; `None` when nothing is left.
pub(super) fn short(text: Option<String>) -> Option<String> {
    let clean: String = text?.chars().filter(|c| !c.is_control()).collect();
    let short: String = clean.trim().chars().take(MAX_TEXT).collect();
    (!short.is_empty()).then_some(short)
}

/// What was approved, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// What the node may.
    pub surface: Surface,
    /// When something was first approved, in milliseconds since 1970.
    pub first_at_ms: u64,
    /// When it was last approved.
    pub at_ms: u64,
}

/// A request that waits for an operator. It does not run out by itself: what is not approved grants
/// nothing, and a node that comes back with the same still waits for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurfaceRequest {
    /// Its id.
    pub id: String,
    /// What the node may once this is approved.
    pub surface: Surface,
    /// What the node said of itself.
    pub about: NodeAbout,
    /// Whether no person had to be asked for its device.
    pub silent: bool,
    /// Whether somebody asked on the node's behalf (protocol 3): its approval makes a token.
    pub on_behalf: bool,
    /// When it last asked, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeRecord {
    /// The id of its device; of a node that somebody asked for, whatever they called it.
    pub id: String,
    /// What it said of itself when it was last connected or approved.
    pub about: NodeAbout,
    /// The name that an operator gave it.
    pub label: Option<String>,
    /// What it may.
    pub approved: Option<Approved>,
    /// What waits for an operator.
    pub request: Option<SurfaceRequest>,
    /// The digest of its token, when an approval on request has made one.
    pub token_digest: Option<String>,
    /// When it last connected, in milliseconds since 1970.
    pub last_connected_at_ms: Option<u64>,
    /// When it last went away.
    pub last_disconnected_at_ms: Option<u64>,
    /// When it was last heard of, to the minute.
    pub last_seen_at_ms: Option<u64>,
    /// By what.
    pub last_seen_reason: Option<String>,
}

/// The reasons by which a node that has registered over a connection of no role was heard of.
pub const REGISTERED: &str = "register";
/// The second of them.
pub const HEARTBEAT: &str = "heartbeat";

impl NodeRecord {
    /// Whether it has registered itself, and has never connected as a node.
    pub fn is_registered(&self) -> bool {
        let reason = self.last_seen_reason.as_deref();
        self.last_connected_at_ms.is_none() && matches!(reason, Some(REGISTERED | HEARTBEAT))
    }

    /// A node that nobody knows yet.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The name that people see.
    pub fn name(&self) -> Option<&str> {
        self.label.as_deref().or(self.about.display_name.as_deref())
    }

    /// `approvalState` of protocol 4.
    pub const fn approval_state(&self) -> &'static str {
        match (&self.approved, &self.request) {
            (Some(_), None) => "approved",
            (Some(_), Some(_)) => "pending-reapproval",
            (None, Some(_)) => "pending-approval",
            (None, None) => "unapproved",
        }
    }
}
