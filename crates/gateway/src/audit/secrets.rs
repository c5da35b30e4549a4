//! Secrets that are weak, or that open two things.

use std::collections::BTreeMap;

use openclaw_auth::{Mode, config::SecretInput};
use serde_json::Value;

use super::{Finding, Severity, mode};
use crate::config::{Loaded, redact};

/// What OpenClaw asks of a token, in characters.
const SHORTEST: usize = 24;
/// Placeholders and empty words are as short as this; that two of them are the same means nothing.
const PLACEHOLDER: usize = 8;

/// Looks at every secret that is written out, whatever the mode: another mode may be in force tomorrow,
/// and a secret that opens something else is given away today.
pub(super) fn look(loaded: &Loaded, findings: &mut Vec<Finding>) {
    let auth = &loaded.config.gateway.auth;
    let resolved = &loaded.snapshot.resolved;
    let written = texts(resolved);
    let own = [
        ("gateway.auth.token", text(auth.token.as_ref())),
        ("gateway.auth.password", text(auth.password.as_ref())),
    ];
    let own: Vec<_> = own.into_iter().filter_map(|(name, secret)| Some((name, secret?))).collect();
    let generates = mode(&loaded.config.gateway) == Mode::Token;
    for (name, secret) in &own {
        weak(name, secret, generates, findings);
        reused(name, secret, &written, findings);
    }
    hooks(resolved, findings);
    let known: Vec<&str> = own.iter().map(|(_, secret)| *secret).collect();
    shared(resolved, &written, &known, findings);
}

fn weak(name: &str, secret: &str, generates: bool, findings: &mut Vec<Finding>) {
    let Some(why) = weakness(secret) else { return };
    let fix = if generates && name.ends_with("token") {
        "Remove it from the config: the next start makes a random one.".to_owned()
    } else {
        format!("Take at least {SHORTEST} random characters, or remove {name} if nobody needs it.")
    };
    findings.push(Finding::new(
        "gateway.token_too_short",
        Severity::Warn,
        "The gateway's secret can be guessed",
        format!("{name} {why}."),
        fix,
    ));
}

fn reused(name: &str, secret: &str, written: &[Written<'_>], findings: &mut Vec<Finding>) {
    for (path, _) in written.iter().filter(|(path, text)| *text == secret && !is_own(path)) {
        let other = shown(path);
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

fn hooks(resolved: &Value, findings: &mut Vec<Finding>) {
    let token = resolved.pointer("/hooks/token").and_then(Value::as_str);
    if let Some(why) = token.and_then(weakness) {
        findings.push(Finding::new(
            "hooks.token_too_short",
            Severity::Warn,
            "The secret of the hooks can be guessed",
            format!("hooks.token {why}."),
            format!("Take at least {SHORTEST} random characters."),
        ));
    }
}

/// The same secret for two parties other than the gateway: each of them could use it against the other.
fn shared(resolved: &Value, written: &[Written<'_>], known: &[&str], findings: &mut Vec<Finding>) {
    let mut places: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let secrets = written.iter().filter(|(path, text)| {
        let long = text.chars().count() >= PLACEHOLDER;
        long && !known.contains(text) && !is_own(path) && redact::is_secret(path)
    });
    for (path, text) in secrets {
        places.entry(text).or_default().push((shown(path), party(path, resolved)));
    }
    for found in places.into_values() {
        let Some((first, party)) = found.first() else { continue };
        let Some((second, _)) = found.iter().find(|(_, other)| other != party) else { continue };
        findings.push(Finding::new(
            "secrets.reused",
            Severity::Warn,
            "Two services share one secret",
            format!(
                "{first} and {second} are the same: each of the two can act as you at the other."
            ),
            format!("Give {second} a secret of its own."),
        ));
    }
}

/// Who is told the secret at `path`: the host of a provider, or the section and its member.
fn party(path: &[String], resolved: &Value) -> String {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    if let ["models", "providers", name, ..] = steps.as_slice() {
        let url = resolved["models"]["providers"][*name]["baseUrl"].as_str().unwrap_or(name);
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        return rest.split(['/', '?']).next().unwrap_or(rest).to_ascii_lowercase();
    }
    steps.iter().take(2).copied().collect::<Vec<_>>().join(".")
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

/// Where a text stands, and the text.
type Written<'a> = (Vec<String>, &'a str);

/// Every text of the config.
fn texts(config: &Value) -> Vec<Written<'_>> {
    let mut found = Vec::new();
    walk(config, &mut Vec::new(), &mut found);
    found
}

/// The gateway's own places; what a client of this very gateway is told is no second use, and a variable of
/// the config's own is where a secret comes from, not where it goes.
fn is_own(path: &[String]) -> bool {
    match path {
        [first, ..] if first == "env" => true,
        [first, second, ..] => first == "gateway" && (second == "auth" || second == "remote"),
        _ => false,
    }
}

/// `models.providers.x.apiKey`, `agents.list[0].token`.
fn shown(path: &[String]) -> String {
    let mut shown = String::new();
    for step in path {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            shown = format!("{shown}[{step}]");
        } else if shown.is_empty() {
            shown.push_str(step);
        } else {
            shown = format!("{shown}.{step}");
        }
    }
    shown
}

fn walk<'a>(value: &'a Value, path: &mut Vec<String>, found: &mut Vec<Written<'a>>) {
    match value {
        Value::String(text) => found.push((path.clone(), text)),
        Value::Object(fields) => {
            for (name, value) in fields {
                path.push(name.clone());
                walk(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.push(index.to_string());
                walk(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}
