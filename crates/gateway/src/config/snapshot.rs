//! The config as `config.get` shows it.

use std::{fmt, path::PathBuf};

use serde_json::{Value, json};

use super::{
    environment::Environment,
    error::Problem,
    load::{self, Loaded},
    paths::Paths,
    redact,
    source::sha256,
};

/// The config file at one moment, with its secrets.
#[derive(Clone)]
pub struct ConfigSnapshot {
    /// The config file.
    pub path: PathBuf,
    /// Whether it exists.
    pub exists: bool,
    /// Its text.
    pub raw: Option<String>,
    /// The text as a value, before includes and variables.
    pub parsed: Value,
    /// The value after includes, before variables.
    pub source: Value,
    /// The value after includes and variables.
    pub resolved: Value,
    /// The value in force: older spellings normalised, references resolved, fallbacks filled in.
    pub config: Value,
    /// SHA-256 of the text in hex; that of the empty text when there is no file.
    pub hash: String,
    /// SHA-256 over the text and everything that it includes, in hex.
    pub revision: String,
    /// Whether it can be used.
    pub valid: bool,
    /// What keeps it from being used.
    pub issues: Vec<Problem>,
    /// What to look at.
    pub warnings: Vec<Problem>,
}

impl fmt::Debug for ConfigSnapshot {
    /// Without the config: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, hash, valid, issues, .. } = self;
        write!(f, "ConfigSnapshot({}, {hash}, valid {valid}, {issues:?})", path.display())
    }
}

impl ConfigSnapshot {
    /// The file as it is now, usable or not.
    pub fn take(paths: &Paths, env: &Environment) -> Self {
        let raw = load::read(paths);
        let loaded = match &raw {
            Ok(raw) => load::load_text(paths, env, raw.clone()).map_err(|error| error.problems),
            Err(problem) => Err(vec![problem.clone()]),
        };
        match loaded {
            Ok(Loaded { snapshot, .. }) => snapshot,
            Err(issues) => Self::invalid(paths, raw.ok().flatten(), issues),
        }
    }

    fn invalid(paths: &Paths, raw: Option<String>, issues: Vec<Problem>) -> Self {
        let parsed = raw.as_deref().and_then(|raw| super::json5::parse(raw, 0).ok());
        let parsed = parsed.map_or_else(|| json!({}), |node| node.to_value());
        let hash = sha256(raw.as_deref().unwrap_or_default());
        Self {
            path: paths.config_file.clone(),
            exists: paths.config_file.exists(),
            raw,
            source: parsed.clone(),
            resolved: parsed.clone(),
            config: parsed.clone(),
            parsed,
            revision: hash.clone(),
            hash,
            valid: false,
            issues,
            warnings: Vec::new(),
        }
    }

    /// What `config.get` tells beside that in protocol 4; `in_force` is what the gateway runs with.
    pub fn redacted_further(&self, in_force: &Self) -> Value {
        json!({
            "sourceConfig": shown(&self.source),
            "runtimeConfig": shown(&in_force.config),
            "configRevisionHash": self.revision,
            "appliedConfigHash": in_force.revision,
        })
    }

    /// The payload of `config.get` in protocol 3, with every secret replaced.
    pub fn redacted(&self) -> Value {
        let mut secrets = redact::secrets(&self.config);
        secrets.extend(redact::secrets(&self.resolved));
        let value = shown;
        json!({
            "path": self.path,
            "exists": self.exists,
            "raw": self.raw.as_deref().and_then(|raw| redact::text(raw, &secrets)),
            "parsed": value(&self.parsed),
            "resolved": value(&self.resolved),
            "config": value(&self.config),
            "hash": self.hash,
            "valid": self.valid,
            "issues": self.issues.iter().map(entry).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(entry).collect::<Vec<_>>(),
            "legacyIssues": [],
        })
    }
}

/// A value with every secret replaced.
fn shown(value: &Value) -> Value {
    let mut value = value.clone();
    redact::value(&mut value);
    value
}

/// A problem as it travels; the place is added to what OpenClaw sends.
fn entry(problem: &Problem) -> Value {
    let mut entry = json!({ "path": problem.path, "message": problem.message });
    if let Some(position) = problem.position {
        entry["line"] = position.line.into();
        entry["column"] = position.column.into();
    }
    entry
}
