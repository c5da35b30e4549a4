//! Secrets that are weak, or that open two things.

use openclaw_auth::{Mode, config::SecretInput};
use serde_json::Value;

use super::{Finding, Severity, mode};
use crate::config::Loaded;

/// What OpenClaw asks of a token, in characters.
const SHORTEST: usize = 24;

pub(super) fn look(loaded: &Loaded, findings: &mut Vec<Finding>) {
    let auth = &loaded.config.gateway.auth;
    let (name, secret) = match mode(&loaded.config.gateway) {
        Mode::Password => ("gateway.auth.password", text(auth.password.as_ref())),
        Mode::Token | Mode::Tailscale | Mode::Device => {
            ("gateway.auth.token", text(auth.token.as_ref()))
        }
        Mode::None | Mode::TrustedProxy => return,
    };
    let Some(secret) = secret else { return };
    if let Some(why) = weakness(secret) {
        findings.push(Finding::new(
            "gateway.token_too_short",
            Severity::Warn,
            "The gateway's secret can be guessed",
            format!("{name} {why}."),
            "Remove it from the config: the next start makes a random one.",
        ));
    }
    for other in elsewhere(loaded.snapshot.resolved.clone(), secret) {
        let hooks = other.starts_with("hooks.");
        findings.push(Finding::new(
            if hooks { "hooks.token_reuse_gateway_token" } else { "gateway.secret_reused" },
            if hooks { Severity::Critical } else { Severity::Warn },
            "One secret opens two things",
            format!("{other} is the same as {name}: who learns one has both."),
            format!("Give {other} a secret of its own."),
        ));
    }
}

fn text(secret: Option<&SecretInput>) -> Option<&str> {
    match secret? {
        SecretInput::Text(secret) => Some(secret.expose()),
        SecretInput::Reference(_) => None,
    }
}

/// Why a secret is weak.
fn weakness(secret: &str) -> Option<&'static str> {
    let kinds = secret.chars().collect::<std::collections::BTreeSet<_>>().len();
    match secret.chars().count() {
        0..SHORTEST => Some("has fewer than 24 characters"),
        _ if kinds < 8 => Some("repeats a few characters"),
        _ => None,
    }
}

/// The other paths of the config that hold the same text.
fn elsewhere(mut config: Value, secret: &str) -> Vec<String> {
    if let Some(auth) = config.pointer_mut("/gateway/auth") {
        *auth = Value::Null;
    }
    // What a client of this very gateway is told is no second use.
    if let Some(remote) = config.pointer_mut("/gateway/remote") {
        *remote = Value::Null;
    }
    let mut found = Vec::new();
    walk(&config, "", secret, &mut found);
    found
}

fn walk(value: &Value, path: &str, secret: &str, found: &mut Vec<String>) {
    let below = |step: &str| match path {
        "" => step.to_owned(),
        path => format!("{path}.{step}"),
    };
    match value {
        Value::String(text) if text == secret => found.push(path.to_owned()),
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(value, &below(name), secret, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                walk(value, &format!("{path}[{index}]"), secret, found);
            }
        }
        _ => {}
    }
}
