//! `hello-ok`, the answer to `connect`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    frame::StateVersion,
    methods::{health::HealthResult, system::PresenceEntry},
    results,
};

results! {
    /// What the gateway is, what it offers, what it grants and how it stands.
    pub struct HelloOk {
        /// Always `hello-ok`.
        r#type: String,
        /// The protocol that was chosen.
        protocol: u32,
        /// The gateway.
        server: HelloServer,
        /// What it offers.
        features: HelloFeatures,
        /// How it stands.
        snapshot: HelloSnapshot,
        /// Where the canvas is (protocol 3).
        canvas_host_url?: String,
        /// Where the pages are (protocol 4).
        control_ui_url?: String,
        /// Tabs that plugins add to the pages (protocol 4).
        control_ui_tabs?: Vec<Value>,
        /// Widgets that plugins add to the pages (protocol 4).
        control_ui_widget_kinds?: Vec<Value>,
        /// Links that plugins can read (protocol 4).
        control_ui_link_readers?: Vec<Value>,
        /// Where the surfaces of plugins are (protocol 4).
        plugin_surface_urls?: BTreeMap<String, String>,
        /// What is granted. Protocol 3 leaves it out when no device token was issued.
        auth?: HelloAuth,
        /// Limits.
        policy: HelloPolicy,
    }

    /// The gateway.
    #[derive(Default, Eq)]
    pub struct HelloServer {
        /// Its version.
        version: String,
        /// Its build (protocol 4).
        build_id?: String,
        /// This start of it (protocol 4).
        boot_id?: String,
        /// Where its pages come from: `bundled` or `configured` (protocol 4).
        control_ui_build_source?: String,
        /// This connection.
        conn_id: String,
    }

    /// What the gateway offers.
    #[derive(Default, Eq)]
    pub struct HelloFeatures {
        /// Methods that it answers.
        methods: Vec<String>,
        /// Events that it sends.
        events: Vec<String>,
        /// What else it understands (protocol 4).
        capabilities?: Vec<String>,
    }

    /// How the gateway stands.
    pub struct HelloSnapshot {
        /// Whether it takes new work (protocol 4).
        suspension?: Suspension,
        /// Who is connected.
        presence: Vec<PresenceEntry>,
        /// The last health summary, or `{}` before the first.
        health: HelloHealth,
        /// The counters of both.
        state_version: StateVersion,
        /// How long it runs.
        uptime_ms: u64,
        /// Identifies the config in use (protocol 4).
        applied_config_hash?: String,
        /// The config file.
        config_path?: String,
        /// The state directory.
        state_dir?: String,
        /// What a session begins with.
        session_defaults?: SessionDefaults,
        /// Where people manage their identity (protocol 4).
        control_ui_identity_url?: String,
        /// `none`, `token`, `password` or `trusted-proxy`.
        auth_mode?: String,
        /// A newer version.
        update_available?: UpdateAvailable,
        /// When updates are installed (protocol 4).
        update_schedule?: Value,
    }

    /// Whether the gateway takes new work (protocol 4).
    #[derive(Eq)]
    pub struct Suspension {
        /// `accepting`, `preparing`, `draining` or `prepared`.
        phase: String,
    }

    /// What a session begins with.
    #[derive(Default, Eq)]
    pub struct SessionDefaults {
        /// The default agent.
        default_agent_id: String,
        /// Whether a model is configured (protocol 4).
        model_configured?: bool,
        /// Who owns the agents: `sole`, `legacy` or `explicit` (protocol 4).
        ownership?: String,
        /// Whether a person has to choose an agent first (protocol 4).
        selection_required?: bool,
        /// Always `main`.
        main_key: String,
        /// The default agent's main session.
        main_session_key: String,
        /// `per-sender` or `global`.
        scope?: String,
    }

    /// A newer version.
    #[derive(Eq)]
    pub struct UpdateAvailable {
        /// The version that runs.
        current_version: String,
        /// The newer one.
        latest_version: String,
        /// Where it comes from.
        channel: String,
    }

    /// What is granted.
    #[derive(Default, Eq)]
    pub struct HelloAuth {
        /// What proved it: `token`, `password`, `device-token`, `none` and others (protocol 4).
        method?: String,
        /// A token for the device, to be kept.
        device_token?: String,
        /// Whether tokens may be recovered (protocol 4).
        recovery_migration_allowed?: bool,
        /// For which gateway (protocol 4).
        recovery_scope?: String,
        /// The role.
        role: String,
        /// The scopes, sorted.
        scopes: Vec<String>,
        /// When the token was issued, in milliseconds since 1970.
        issued_at_ms?: u64,
        /// Tokens for other roles (protocol 4).
        device_tokens?: Vec<ExtraDeviceToken>,
    }

    /// A token for another role (protocol 4).
    #[derive(Eq)]
    pub struct ExtraDeviceToken {
        /// The token.
        device_token: String,
        /// Its role.
        role: String,
        /// Its scopes.
        scopes: Vec<String>,
        /// When it was issued, in milliseconds since 1970.
        issued_at_ms: u64,
    }

    /// Limits.
    #[derive(Eq)]
    pub struct HelloPolicy {
        /// The largest frame, in bytes.
        max_payload: u64,
        /// The bytes that may wait for a slow reader.
        max_buffered_bytes: u64,
        /// The time between two ticks.
        tick_interval_ms: u64,
        /// The largest attachments (protocol 4).
        attachments?: AttachmentPolicy,
        /// Who may see a session: some of `shared`, `read-only`, `suggest`, `draft` (protocol 4).
        allowed_session_visibilities?: Vec<String>,
        /// Whether sessions can be shared with others at all (protocol 4).
        has_multiple_session_sharing_identities?: bool,
    }

    /// The largest attachments, in bytes (protocol 4).
    #[derive(Eq)]
    pub struct AttachmentPolicy {
        /// Of any kind.
        max_bytes: u64,
        /// Of a picture.
        max_image_bytes: u64,
    }
}

/// The last health summary; `{}` on the wire before the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum HelloHealth {
    /// A summary.
    Known(Box<HealthResult>),
    /// None yet.
    Unknown {},
}

impl Default for HelloHealth {
    fn default() -> Self {
        Self::Unknown {}
    }
}
