//! The `gateway` section.

mod bind;
mod control_ui;
mod http;
mod nodes;

use std::path::PathBuf;

use openclaw_auth::config::{AuthConfig, SecretInput};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use self::bind::address;
pub(crate) use self::control_ui::PageFolder;
pub use self::{
    bind::{Bind, BindMode},
    control_ui::ControlUiConfig,
    http::{Endpoint, Endpoints, HttpConfig, SecurityHeaders, TextOrOff},
    nodes::NodesConfig,
};

/// The port when nothing names one.
pub const DEFAULT_PORT: u16 = 18789;

/// How the gateway listens, whom it lets in and what it serves.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayConfig {
    /// Absent means local; `remote` makes this file a client's, and the gateway does not start from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<GatewayMode>,
    /// The port, 18789 when absent. The command line and `OPENCLAW_GATEWAY_PORT` come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// Which addresses to listen on, loopback when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<BindMode>,
    /// The address of `bind: "custom"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_bind_host: Option<String>,
    /// Credentials and their rules.
    pub auth: AuthConfig,
    /// Addresses or networks of reverse proxies whose forwarding headers count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<String>,
    /// Takes `X-Real-IP` from a trusted proxy that sends no `X-Forwarded-For`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_real_ip_fallback: Option<bool>,
    /// Names under which clients may reach a gateway that does not listen on loopback only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_hosts: Vec<String>,
    /// The page in the browser.
    pub control_ui: ControlUiConfig,
    /// The HTTP interfaces.
    pub http: HttpConfig,
    /// How changes of the file are taken up.
    pub reload: ReloadConfig,
    /// How a client on this machine reaches a gateway elsewhere.
    pub remote: RemoteConfig,
    /// HTTPS on the port.
    pub tls: TlsConfig,
    /// Serving through Tailscale.
    pub tailscale: TailscaleConfig,
    /// Which tools `POST /tools/invoke` may run, on top of the tool policy.
    pub tools: ToolLists,
    /// What nodes may be asked to do.
    pub nodes: NodesConfig,
    /// Ways in for clients of older descriptions.
    pub doors: DoorsConfig,
    /// Minutes between two looks at every channel; 0 turns them off; 5 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_health_check_minutes: Option<u32>,
    /// Minutes without an event after which a channel counts as stuck; 30 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_stale_event_threshold_minutes: Option<u32>,
    /// Restarts an hour after which a channel is left alone; 10 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_max_restarts_per_hour: Option<u32>,
    /// Push notifications to phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<Value>,
}

impl GatewayConfig {
    /// Whether this file describes a gateway that runs here.
    pub fn is_local(&self) -> bool {
        self.mode != Some(GatewayMode::Remote)
    }
}

/// Where the gateway of this config runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GatewayMode {
    /// On this machine.
    Local,
    /// Elsewhere; `gateway.remote` says where.
    Remote,
}

/// How changes of the file are taken up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ReloadConfig {
    /// `hybrid` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ReloadMode>,
    /// Milliseconds to wait for further changes; 300 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debounce_ms: Option<u64>,
    /// Milliseconds that a restart waits for running turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferral_timeout_ms: Option<u64>,
}

/// What a change of the file does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReloadMode {
    /// Nothing.
    Off,
    /// Always a restart.
    Restart,
    /// What can be applied is; what needs a restart is reported.
    Hot,
    /// What can be applied is; the rest restarts.
    #[default]
    Hybrid,
}

/// How a client on this machine reaches a gateway elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RemoteConfig {
    /// Its WebSocket address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `ssh` or `direct`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
    /// Its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretInput>,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretInput>,
    /// The SHA-256 fingerprint of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_fingerprint: Option<String>,
    /// `user@host` of the tunnel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_target: Option<String>,
    /// The key file of the tunnel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_identity: Option<String>,
}

/// HTTPS on the port.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TlsConfig {
    /// Off when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Makes a certificate when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_generate: Option<bool>,
    /// The certificate chain, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_path: Option<PathBuf>,
    /// The private key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_path: Option<PathBuf>,
    /// Authorities for client certificates, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_path: Option<PathBuf>,
}

/// Serving through Tailscale.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TailscaleConfig {
    /// `off` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<TailscaleMode>,
    /// Undoes the serving at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_on_exit: Option<bool>,
}

/// How Tailscale serves the port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TailscaleMode {
    /// Not at all.
    #[default]
    Off,
    /// To the tailnet.
    Serve,
    /// To the public.
    Funnel,
}

/// Names that are allowed and denied.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ToolLists {
    /// Allowed although they are denied by default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

/// Ways in for clients of older descriptions; each can be shut.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DoorsConfig {
    /// Takes `?token=` at the upgrade of exactly `/ws`; on when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_token: Option<bool>,
    /// Lets the gateway's own user in from loopback without a secret, through the oldest doors only; on when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_permit: Option<bool>,
}
