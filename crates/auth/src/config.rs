//! The `gateway.auth` section of the configuration, and what follows from it.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    credential::{Digest, Secret},
    rate_limit::Limits,
};

/// How connections prove their right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing is asked.
    None,
    /// A shared token, or a paired device's own.
    Token,
    /// A shared password, or a paired device's token.
    Password,
    /// A proxy in front names the user.
    TrustedProxy,
    /// An older spelling: [`Mode::Token`] with `allowTailscale`.
    Tailscale,
    /// An older spelling: [`Mode::Token`], where from other machines only device tokens count.
    Device,
}

/// `gateway.auth`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthConfig {
    /// Absent: `password` if a password is set, else `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The shared token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretInput>,
    /// The shared password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretInput>,
    /// Whether Tailscale's identity headers let the Control UI in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_tailscale: Option<bool>,
    /// Whether the shared secret may be granted `operator.admin` without a device from another
    /// machine too. Off: such a client has read, write, approvals and pairing at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_remote_admin: Option<bool>,
    /// The limiter of failed attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimitConfig>,
    /// For mode `trusted-proxy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_proxy: Option<TrustedProxy>,
}

/// A secret as written, or where to find it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SecretInput {
    /// The text itself, after `${VAR}` was filled in.
    Text(Secret),
    /// A reference that the configuration loader resolves.
    Reference(SecretReference),
}

impl SecretInput {
    /// The secret, when it is written out and usable.
    fn usable(&self) -> Option<Secret> {
        match self {
            Self::Text(secret) => secret.usable(),
            Self::Reference(_) => None,
        }
    }
}

/// Where a secret is kept. With more than these keys it is none: taken for an absent secret, it would be
/// replaced by a made-up one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretReference {
    /// `env`, `file` or `exec`.
    pub source: SecretSource,
    /// The name of the provider.
    pub provider: String,
    /// The name of the secret there.
    pub id: String,
}

/// The kinds of places where secrets are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// An environment variable.
    Env,
    /// A file.
    File,
    /// A command's output.
    Exec,
}

/// `gateway.auth.rateLimit`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitConfig {
    /// Failures within the window that lead to a lockout. Default 10.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u64>,
    /// The window, in milliseconds. Default 60000.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub window_ms: Option<u64>,
    /// The lockout, in milliseconds. Default 300000.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub lockout_ms: Option<u64>,
    /// Whether programs on this machine are delayed instead of locked out. Default true. Pages in
    /// a browser are never exempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt_loopback: Option<bool>,
}

impl RateLimitConfig {
    /// The limits that follow.
    pub fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            max_attempts: self.max_attempts.map_or(default.max_attempts, |n| {
                usize::try_from(n).unwrap_or(Limits::MOST_ATTEMPTS).clamp(1, Limits::MOST_ATTEMPTS)
            }),
            window_ms: self.window_ms.map_or(default.window_ms, |ms| ms.max(1)),
            lockout_ms: self.lockout_ms.unwrap_or(default.lockout_ms),
            exempt_loopback: self.exempt_loopback.unwrap_or(default.exempt_loopback),
        }
    }
}

/// JSON5 writers put `10` and `10.0`; both are ten. Negative numbers are refused.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(u64),
        Float(f64),
    }
    let number = Option::<Number>::deserialize(deserializer)?;
    Ok(match number {
        None => None,
        Some(Number::Whole(n)) => Some(n),
        Some(Number::Float(f)) if (0.0..=9.0e15).contains(&f) =>
        {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range was checked; the fraction is meant to go"
            )]
            Some(f as u64)
        }
        Some(Number::Float(f)) => {
            return Err(serde::de::Error::custom(format!("{f} is not a whole number from 0")));
        }
    })
}

/// `gateway.auth.trustedProxy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustedProxy {
    /// The header that names the user.
    pub user_header: String,
    /// Headers that must be there too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_headers: Vec<String>,
    /// Who may come in. Absent: every user that the proxy names. An empty list lets nobody in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_users: Option<Vec<String>>,
    /// Whether a proxy on this machine is believed; any local program could claim to be it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_loopback: Option<bool>,
}

/// The configured secrets and mode, ready for comparisons.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// One of the four real modes; the older spellings are resolved.
    pub mode: Mode,
    /// Whether the shared secret counts from this machine only.
    pub local_only: bool,
    token: Option<Digest>,
    password: Option<Digest>,
    proxy: Option<TrustedProxy>,
}

impl Credentials {
    /// What follows from the section once references are resolved.
    pub fn new(config: &AuthConfig) -> Self {
        let token = config.token.as_ref().and_then(SecretInput::usable);
        let password = config.password.as_ref().and_then(SecretInput::usable);
        // A reference that nobody has looked up yet is a password all the same.
        let referred = matches!(config.password, Some(SecretInput::Reference(_)));
        let derived = if password.is_some() || referred { Mode::Password } else { Mode::Token };
        let asked = config.mode.unwrap_or(derived);
        Self {
            mode: match asked {
                Mode::Tailscale | Mode::Device => Mode::Token,
                mode => mode,
            },
            local_only: asked == Mode::Device,
            token: token.map(|secret| secret.digest()),
            password: password.map(|secret| secret.digest()),
            proxy: config.trusted_proxy.clone(),
        }
    }

    /// Whether the mode asks for a shared secret and none is configured.
    pub fn secret_missing(&self) -> bool {
        matches!(self.mode, Mode::Token | Mode::Password) && self.shared().is_none()
    }

    /// The secret that the mode asks for.
    pub(crate) fn shared(&self) -> Option<&Digest> {
        match self.mode {
            Mode::Password => self.password.as_ref(),
            Mode::Token | Mode::Tailscale | Mode::Device => self.token.as_ref(),
            Mode::None | Mode::TrustedProxy => None,
        }
    }

    /// Whether a connection that was let in by `self` would be by `other` too.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let same_secret = match (self.shared(), other.shared()) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        };
        let same_users = self.mode != Mode::TrustedProxy || self.proxy == other.proxy;
        self.mode == other.mode && self.local_only == other.local_only && same_secret && same_users
    }
}

/// The switches that widen what the policy grants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// `gateway.auth.allowRemoteAdmin`.
    pub allow_remote_admin: bool,
    /// `gateway.controlUi.allowInsecureAuth`: a page on this machine needs no device.
    pub allow_insecure_auth: bool,
    /// `gateway.controlUi.dangerouslyDisableDeviceAuth`: no page needs a device.
    pub disable_device_auth: bool,
    /// `gateway.doors.localPermit`: see [`crate::Authority::authenticate_or_permit`].
    pub local_permit: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> AuthConfig {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_reference_with_another_key_is_no_secret_that_is_absent() {
        let read = |more: &str| {
            let text = format!(r#"{{"token":{{"source":"env","provider":"p","id":"I"{more}}}}}"#);
            serde_json::from_str::<AuthConfig>(&text)
        };
        assert!(read("").is_ok());
        assert!(read(r#","more":1"#).is_err());
    }

    #[test]
    fn the_mode_follows_from_what_is_set() {
        let cases = [
            ("{}", Mode::Token, true),
            (r#"{"token":"a"}"#, Mode::Token, false),
            (r#"{"password":"a"}"#, Mode::Password, false),
            (r#"{"token":"a","password":"b"}"#, Mode::Password, false),
            (r#"{"mode":"token","password":"b"}"#, Mode::Token, true),
            (r#"{"mode":"none"}"#, Mode::None, false),
            (r#"{"mode":"trusted-proxy"}"#, Mode::TrustedProxy, false),
            (r#"{"mode":"tailscale","token":"a"}"#, Mode::Token, false),
            (r#"{"mode":"device","token":"a"}"#, Mode::Token, false),
            (r#"{"token":"  "}"#, Mode::Token, true),
            (r#"{"token":"undefined"}"#, Mode::Token, true),
            (r#"{"token":{"source":"env","provider":"default","id":"T"}}"#, Mode::Token, true),
            (r#"{"password":{"source":"exec","provider":"p","id":"x"}}"#, Mode::Password, true),
        ];
        for (json, mode, missing) in cases {
            let credentials = Credentials::new(&read(json));
            assert_eq!((credentials.mode, credentials.secret_missing()), (mode, missing), "{json}");
        }
        assert!(Credentials::new(&read(r#"{"mode":"device"}"#)).local_only);
    }

    #[test]
    fn numbers_may_be_written_with_a_fraction_but_not_below_zero() {
        let limits = read(r#"{"rateLimit":{"maxAttempts":5.0,"windowMs":1000}}"#)
            .rate_limit
            .unwrap()
            .limits();
        assert_eq!((limits.max_attempts, limits.window_ms, limits.lockout_ms), (5, 1_000, 300_000));
        assert_eq!(
            read(r#"{"rateLimit":{"maxAttempts":0}}"#).rate_limit.unwrap().limits().max_attempts,
            1
        );
        let most = read(r#"{"rateLimit":{"maxAttempts":1e9,"windowMs":0}}"#).rate_limit.unwrap();
        let limits = most.limits();
        assert_eq!((limits.max_attempts, limits.window_ms), (Limits::MOST_ATTEMPTS, 1));
        assert!(serde_json::from_str::<AuthConfig>(r#"{"rateLimit":{"maxAttempts":-1}}"#).is_err());
    }

    #[test]
    fn unknown_keys_are_no_error_and_secrets_do_not_come_back() {
        let config = read(r#"{"token":"canary-1","later":true,"rateLimit":{"x":1}}"#);
        assert!(!serde_json::to_string(&config).unwrap().contains("canary"));
        assert!(!format!("{config:?}").contains("canary"));
    }

    #[test]
    fn what_lets_others_in_is_not_the_same() {
        let same = |one: &str, other: &str| {
            let (one, other) = (Credentials::new(&read(one)), Credentials::new(&read(other)));
            one.same(&other) && other.same(&one)
        };
        let token = r#"{"token":"a"}"#;
        assert!(same(token, r#"{"token":"a","password":"b","mode":"token"}"#));
        assert!(!same(token, "{}"), "the secret is gone");
        assert!(!same(token, r#"{"password":"a"}"#), "it is asked for as something else");
        assert!(!same(token, r#"{"token":"a","mode":"device"}"#), "it counts in fewer places");
        assert!(!same(r#"{"mode":"none"}"#, r#"{"mode":"trusted-proxy"}"#));
        let users = |who: &str| {
            let proxy = format!(r#"{{"userHeader":"x-user","allowUsers":["{who}"]}}"#);
            format!(r#"{{"mode":"trusted-proxy","trustedProxy":{proxy}}}"#)
        };
        assert!(same(&users("ada"), &users("ada")) && !same(&users("ada"), &users("bob")));
    }
}
