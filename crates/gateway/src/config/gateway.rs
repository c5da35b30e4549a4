//! The `gateway` section.

mod bind;
mod control_ui;
mod http;
mod nodes;

use std::{net::IpAddr, path::PathBuf};

use openclaw_auth::{
    Credentials, Mode,
    config::{AuthConfig, SecretInput},
};
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
    /// HTTPS on the port: read and refused, a proxy in front does it.
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

    /// Why it must not listen at these addresses: nothing is asked of whoever reaches them.
    pub fn open_to_others(
        &self,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Option<&'static str> {
        let asks_nothing = Credentials::new(&self.auth).mode == Mode::None;
        let reached = addresses.into_iter().any(|ip| !ip.to_canonical().is_loopback());
        (asks_nothing && reached).then_some(
            "auth mode none is for loopback only: whoever reaches the port would own the agent; set gateway.auth.mode to token or password, or gateway.bind to loopback",
        )
    }

    /// Whether Tailscale's word lets the Control UI in. Like OpenClaw's, where nothing is said it does
    /// when Tailscale serves the port; modes that ask for no secret have no use for it.
    pub fn believes_tailscale(&self) -> bool {
        let serves = self.tailscale.mode == Some(TailscaleMode::Serve);
        let named = self.auth.mode == Some(Mode::Tailscale);
        let mode = Credentials::new(&self.auth).mode;
        matches!(mode, Mode::Token | Mode::Password)
            && self.auth.allow_tailscale.unwrap_or(serves || named)
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

/// HTTPS on the port: read and refused, a proxy in front does it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TlsConfig {
    /// Off when absent; on is an error of the config.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(config: Value) -> GatewayConfig {
        serde_json::from_value(config).unwrap()
    }

    #[test]
    fn mode_none_listens_on_loopback_alone() {
        let open = read(json!({"auth": {"mode": "none"}}));
        let secret = read(json!({"auth": {"mode": "token"}}));
        for (address, refused) in [
            ("127.0.0.1", false),
            ("127.9.9.9", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("0.0.0.0", true),
            ("::", true),
            ("192.0.2.1", true),
            ("100.64.0.7", true),
        ] {
            let addresses = [IpAddr::from([127, 0, 0, 1]), address.parse().unwrap()];
            assert_eq!(open.open_to_others(addresses).is_some(), refused, "{address}");
            assert_eq!(secret.open_to_others(addresses), None);
        }
    }

    #[test]
    fn tailscale_is_believed_where_the_config_says_so() {
        for (config, believed) in [
            (json!({}), false),
            (json!({"tailscale": {"mode": "serve"}}), true),
            (json!({"tailscale": {"mode": "funnel"}}), false),
            (json!({"tailscale": {"mode": "serve"}, "auth": {"allowTailscale": false}}), false),
            (json!({"auth": {"allowTailscale": true, "password": "p"}}), true),
            (json!({"auth": {"mode": "tailscale"}}), true),
            (json!({"auth": {"mode": "tailscale", "allowTailscale": false}}), false),
            (json!({"auth": {"mode": "none", "allowTailscale": true}}), false),
            (json!({"auth": {"mode": "trusted-proxy", "allowTailscale": true}}), false),
        ] {
            assert_eq!(read(config.clone()).believes_tailscale(), believed, "{config}");
        }
    }
}
