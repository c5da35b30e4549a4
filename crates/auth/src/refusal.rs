//! Refusals of `connect`: code, message, details and close reason as the two versions were recorded to send them.
//!
//! A client of protocol 3 gets the words of 2026.3.28, one of protocol 4 those of 2026.9.6.

use openclaw_protocol::{Close, ErrorCode, Role, RpcError, ScopeSet, Version};
use serde_json::{Value, json};

use crate::{
    attempt::{Attempt, ClientInfo, provided},
    device::DeviceError,
    origin::OriginVerdict,
    pairing::{Device, PairingAsk, PairingReason},
};

/// A refused connect: send the error as the response, then close.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The response's error.
    pub error: RpcError,
    /// The close that follows.
    pub close: Close,
    /// For logs: a fixed word, never anything that the client sent.
    pub reason: &'static str,
}

/// Why a credential did not let someone in: `details.authReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthReason {
    /// No token was sent.
    TokenMissing,
    /// The wrong token.
    TokenMismatch,
    /// The gateway has no token to compare with.
    TokenNotConfigured,
    /// No password was sent.
    PasswordMissing,
    /// The wrong password.
    PasswordMismatch,
    /// The gateway has no password to compare with.
    PasswordNotConfigured,
    /// Not this device's token for this role, or it was revoked.
    DeviceTokenMismatch,
    /// Not a setup code's token that is still good.
    BootstrapTokenInvalid,
    /// Too many failures; nothing was compared.
    RateLimited,
    /// The proxy did not name a user.
    TrustedProxyUserMissing,
    /// The user may not come in.
    TrustedProxyUserNotAllowed,
    /// The peer is not a listed proxy.
    TrustedProxyUntrustedSource,
    /// A header that the proxy must set is missing.
    TrustedProxyMissingHeader,
    /// Mode `trusted-proxy` without its section.
    TrustedProxyConfigMissing,
    /// A tailnet's proxy forwards, and names no user.
    TailscaleUserMissing,
    /// A user is named, but not by this machine's Tailscale, or without one address that it forwards for.
    TailscaleProxyMissing,
    /// Tailscale on this machine does not answer, or knows nobody at that address.
    TailscaleWhoisFailed,
    /// Tailscale knows somebody else at that address.
    TailscaleUserMismatch,
}

impl AuthReason {
    /// `details.authReason`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::TokenMismatch => "token_mismatch",
            Self::TokenNotConfigured => "token_missing_config",
            Self::PasswordMissing => "password_missing",
            Self::PasswordMismatch => "password_mismatch",
            Self::PasswordNotConfigured => "password_missing_config",
            Self::DeviceTokenMismatch => "device_token_mismatch",
            Self::BootstrapTokenInvalid => "bootstrap_token_invalid",
            Self::RateLimited => "rate_limited",
            Self::TrustedProxyUserMissing => "trusted_proxy_user_missing",
            Self::TrustedProxyUserNotAllowed => "trusted_proxy_user_not_allowed",
            Self::TrustedProxyUntrustedSource => "trusted_proxy_untrusted_source",
            Self::TrustedProxyMissingHeader => "trusted_proxy_missing_header",
            Self::TrustedProxyConfigMissing => "trusted_proxy_config_missing",
            Self::TailscaleUserMissing => "tailscale_user_missing",
            Self::TailscaleProxyMissing => "tailscale_proxy_missing",
            Self::TailscaleWhoisFailed => "tailscale_whois_failed",
            Self::TailscaleUserMismatch => "tailscale_user_mismatch",
        }
    }

    /// `details.code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMissing => "AUTH_TOKEN_MISSING",
            Self::TokenMismatch => "AUTH_TOKEN_MISMATCH",
            Self::TokenNotConfigured => "AUTH_TOKEN_NOT_CONFIGURED",
            Self::PasswordMissing => "AUTH_PASSWORD_MISSING",
            Self::PasswordMismatch => "AUTH_PASSWORD_MISMATCH",
            Self::PasswordNotConfigured => "AUTH_PASSWORD_NOT_CONFIGURED",
            Self::DeviceTokenMismatch => "AUTH_DEVICE_TOKEN_MISMATCH",
            Self::BootstrapTokenInvalid => "AUTH_BOOTSTRAP_TOKEN_INVALID",
            Self::RateLimited => "AUTH_RATE_LIMITED",
            Self::TrustedProxyUserMissing
            | Self::TrustedProxyUserNotAllowed
            | Self::TrustedProxyUntrustedSource
            | Self::TrustedProxyMissingHeader
            | Self::TrustedProxyConfigMissing => "AUTH_UNAUTHORIZED",
            Self::TailscaleUserMissing => "AUTH_TAILSCALE_IDENTITY_MISSING",
            Self::TailscaleProxyMissing => "AUTH_TAILSCALE_PROXY_MISSING",
            Self::TailscaleWhoisFailed => "AUTH_TAILSCALE_WHOIS_FAILED",
            Self::TailscaleUserMismatch => "AUTH_TAILSCALE_IDENTITY_MISMATCH",
        }
    }

    /// Whether it is for want of somebody who vouches, where no secret was asked for.
    pub(crate) const fn is_of_a_voucher(self) -> bool {
        matches!(
            self,
            Self::TrustedProxyUserMissing
                | Self::TrustedProxyUserNotAllowed
                | Self::TrustedProxyUntrustedSource
                | Self::TrustedProxyMissingHeader
                | Self::TrustedProxyConfigMissing
                | Self::TailscaleUserMissing
                | Self::TailscaleProxyMissing
                | Self::TailscaleWhoisFailed
                | Self::TailscaleUserMismatch
        )
    }

    /// `details.recommendedNextStep`, unless the device's own token may help.
    const fn next_step(self) -> &'static str {
        match self {
            Self::TokenMissing
            | Self::PasswordMissing
            | Self::TokenNotConfigured
            | Self::PasswordNotConfigured => "update_auth_configuration",
            Self::TokenMismatch | Self::PasswordMismatch | Self::DeviceTokenMismatch => {
                "update_auth_credentials"
            }
            Self::RateLimited => "wait_then_retry",
            _ => "review_auth_configuration",
        }
    }

    fn message(self, client: &ClientInfo, version: Version) -> String {
        match self {
            Self::TokenMissing => {
                format!("gateway token missing ({})", token_hint(client, version))
            }
            Self::TokenMismatch => {
                format!("gateway token mismatch ({})", token_hint(client, version))
            }
            Self::PasswordMissing => {
                format!("gateway password missing ({})", password_hint(client, version))
            }
            Self::PasswordMismatch => {
                format!("gateway password mismatch ({})", password_hint(client, version))
            }
            Self::TokenNotConfigured => {
                "gateway token not configured on gateway (set gateway.auth.token)".to_owned()
            }
            Self::PasswordNotConfigured => {
                "gateway password not configured on gateway (set gateway.auth.password)".to_owned()
            }
            // Clients look for these three words in the close reason and forget their stored token.
            Self::DeviceTokenMismatch => {
                "device token mismatch (pair this device again)".to_owned()
            }
            Self::BootstrapTokenInvalid => {
                "bootstrap token invalid or expired (make a new setup code)".to_owned()
            }
            Self::RateLimited => "too many failed authentication attempts (retry later)".to_owned(),
            Self::TrustedProxyUserMissing
            | Self::TrustedProxyUserNotAllowed
            | Self::TrustedProxyUntrustedSource
            | Self::TrustedProxyMissingHeader
            | Self::TrustedProxyConfigMissing => {
                format!("trusted proxy authentication failed ({})", self.name())
            }
            Self::TailscaleUserMissing => {
                "tailscale identity missing (use Tailscale Serve, or provide gateway auth)"
                    .to_owned()
            }
            Self::TailscaleProxyMissing => {
                "tailscale proxy headers missing (use Tailscale Serve, or provide gateway auth)"
                    .to_owned()
            }
            Self::TailscaleWhoisFailed => {
                "tailscale identity check failed (provide gateway auth)".to_owned()
            }
            Self::TailscaleUserMismatch => {
                "tailscale identity mismatch (provide gateway auth)".to_owned()
            }
        }
    }
}

fn token_hint(client: &ClientInfo, version: Version) -> &'static str {
    match version {
        _ if client.is_operator_ui() || client.is_webchat() => {
            "enter the token in the Control UI settings"
        }
        Version::V3 if client.is_cli() => "set gateway.remote.token to match gateway.auth.token",
        Version::V4 if client.is_cli() => {
            "use this gateway's gateway.auth.token or pair the device"
        }
        _ => "provide gateway auth token",
    }
}

fn password_hint(client: &ClientInfo, version: Version) -> &'static str {
    match version {
        _ if client.is_operator_ui() || client.is_webchat() => {
            "enter the password in the Control UI settings"
        }
        Version::V3 if client.is_cli() => {
            "set gateway.remote.password to match gateway.auth.password"
        }
        Version::V4 if client.is_cli() => {
            "use this gateway's gateway.auth.password or pair the device"
        }
        _ => "provide gateway auth password",
    }
}

impl Refusal {
    /// The same text as message and as close reason.
    fn new(error: RpcError, reason: &'static str) -> Self {
        Self { close: Close::policy(error.message.clone()), error, reason }
    }

    /// Neither operator nor node.
    pub fn role() -> Self {
        Self::new(RpcError::invalid("invalid role"), "invalid-role")
    }

    /// A page that may not speak to this gateway, or a page's client without an `Origin`.
    pub fn origin(verdict: OriginVerdict) -> Self {
        let reason = match verdict {
            OriginVerdict::NotAllowed => "origin not allowed",
            _ => "origin missing or invalid",
        };
        let error = RpcError::invalid(
            "origin not allowed (open the Control UI from the gateway host or allow it in \
             gateway.controlUi.allowedOrigins)",
        )
        .with_details(json!({ "code": "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason": reason }));
        Self::new(error, "origin")
    }

    /// The Control UI or the terminal UI without a device.
    pub fn control_ui_device() -> Self {
        let error = RpcError::invalid(
            "control ui requires device identity (use HTTPS or localhost secure context)",
        )
        .with_details(json!({ "code": "CONTROL_UI_DEVICE_IDENTITY_REQUIRED" }));
        Self::new(error, "control-ui-device-required")
    }

    /// A client that needs a device and has none.
    pub fn device_required() -> Self {
        let error = RpcError::new(ErrorCode::NotPaired, "device identity required")
            .with_details(json!({ "code": "DEVICE_IDENTITY_REQUIRED" }));
        Self::new(error, "device-required")
    }

    /// A device that is not believed.
    pub fn device(failure: DeviceError) -> Self {
        let error = RpcError::invalid(failure.message())
            .with_details(json!({ "code": failure.code(), "reason": failure.reason() }));
        Self::new(error, failure.reason())
    }

    /// A credential that does not let in. `retry_after_ms` is for [`AuthReason::RateLimited`].
    pub fn unauthorized(
        attempt: &Attempt,
        reason: AuthReason,
        retry_after_ms: Option<u64>,
    ) -> Self {
        let auth = &attempt.auth;
        let can_retry = reason == AuthReason::TokenMismatch
            && attempt.device.is_some()
            && provided(auth.token.as_ref()).is_some()
            && provided(auth.device_token.as_ref()).is_none();
        let next = if can_retry { "retry_with_device_token" } else { reason.next_step() };
        let message = format!("unauthorized: {}", reason.message(&attempt.client, attempt.version));
        let mut error = RpcError::invalid(message).with_details(json!({
            "code": reason.code(),
            "authReason": reason.name(),
            "canRetryWithDeviceToken": can_retry,
            "recommendedNextStep": next,
        }));
        error.retry_after_ms = retry_after_ms;
        Self::new(error, reason.name())
    }

    /// The device records could not be read or written: nothing is granted, try again.
    pub fn unavailable() -> Self {
        Self::new(RpcError::busy("device records are not available, try again", 1_000), "store")
    }

    /// A device that must be approved first. `request` is absent when no more can wait.
    pub fn pairing(
        version: Version,
        reason: PairingReason,
        request: Option<&str>,
        ask: &PairingAsk,
        device: Option<&Device>,
    ) -> Self {
        match version {
            Version::V3 => {
                let mut details = json!({ "code": "PAIRING_REQUIRED", "reason": reason.name() });
                put(&mut details, "requestId", request);
                let error =
                    RpcError::new(ErrorCode::NotPaired, "pairing required").with_details(details);
                Self::new(error, reason.name())
            }
            Version::V4 => Self::pairing_v4(reason, request, ask, device),
        }
    }

    fn pairing_v4(
        reason: PairingReason,
        request: Option<&str>,
        ask: &PairingAsk,
        device: Option<&Device>,
    ) -> Self {
        let (requirement, hint) = requirement(reason);
        let mut details = json!({
            "code": "PAIRING_REQUIRED",
            "reason": reason.name(),
            "remediationHint": hint,
            "deviceId": ask.device.id.as_str(),
            "requestedRole": ask.role.name(),
        });
        put(&mut details, "requestId", request);
        if !ask.scopes.is_empty() {
            put(&mut details, "requestedScopes", Some(ask.scopes.names()));
        }
        if let Some(device) = device {
            let roles: Vec<&str> = device.roles.iter().copied().map(Role::name).collect();
            put(&mut details, "approvedRoles", Some(roles));
            put(&mut details, "approvedScopes", Some(ScopeSet::names(device.scopes)));
        }
        let message = format!("pairing required: {requirement}");
        let close = match request {
            Some(id) => Close::policy(format!("{message} (requestId: {id})")),
            None => Close::policy(message.clone()),
        };
        let error = RpcError::new(ErrorCode::NotPaired, message).with_details(details);
        Self { error, close, reason: reason.name() }
    }
}

/// What clients of protocol 4 look for in the message, and what a person should do.
const fn requirement(reason: PairingReason) -> (&'static str, &'static str) {
    match reason {
        PairingReason::NotPaired => {
            ("device is not approved yet", "Approve the device among the pending pairing requests.")
        }
        PairingReason::RoleUpgrade => (
            "device is asking for a higher role than currently approved",
            "Review the requested role upgrade, then approve the pending request.",
        ),
        PairingReason::ScopeUpgrade => (
            "device is asking for more scopes than currently approved",
            "Review the requested scopes, then approve the pending request.",
        ),
        PairingReason::MetadataUpgrade => (
            "device identity changed and must be re-approved",
            "Review what the device says it is now, then approve the pending request.",
        ),
    }
}

fn put(details: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let (Some(value), Some(object)) = (value, details.as_object_mut()) {
        object.insert(key.to_owned(), value.into());
    }
}
