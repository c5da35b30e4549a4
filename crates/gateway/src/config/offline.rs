//! `config get`, `config file` and `config validate` without a gateway.

use std::path::PathBuf;

use serde_json::Value;

use super::{environment::Environment, error::Problem, load::look, paths::Paths, redact};

/// What `config validate` tells.
#[derive(Debug, Clone)]
pub struct Report {
    /// The config file.
    pub path: PathBuf,
    /// Whether it exists; a missing one is valid.
    pub exists: bool,
    /// What keeps it from being used; empty when it is valid.
    pub problems: Vec<Problem>,
    /// Unknown keys and other things to look at; they do not make it invalid.
    pub warnings: Vec<Problem>,
    /// Older spellings and how they are read.
    pub notes: Vec<Problem>,
}

impl Report {
    /// Whether the config can be used.
    pub fn is_valid(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks the config file. No program that keeps secrets is run.
pub fn validate(paths: &Paths, env: &Environment) -> Report {
    let (problems, warnings, notes) = match look(paths, env) {
        Ok(loaded) => (Vec::new(), loaded.warnings, loaded.notes),
        Err(error) => (error.problems, error.warnings, error.notes),
    };
    let path = paths.config_file.clone();
    Report { exists: path.exists(), path, problems, warnings, notes }
}

/// The value at `path` of a resolved config, secrets replaced; `None` when nothing is there.
pub fn get(resolved: &Value, path: &str) -> Option<Value> {
    let steps = parse_path(path)?;
    let mut root = resolved.clone();
    redact::value(&mut root);
    steps
        .iter()
        .try_fold(&root, |node, step| match node {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            node => node.get(step),
        })
        .cloned()
}

/// The steps of a path such as `agents.list[0].id` or `channels["my.channel"]`; `None` when it is malformed or empty.
pub fn parse_path(path: &str) -> Option<Vec<String>> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = match inner.chars().next()? {
                quote @ ('"' | '\'') => {
                    let (step, after) = inner.get(1..)?.split_once(quote)?;
                    (step, after.strip_prefix(']')?)
                }
                _ => inner.split_once(']')?,
            };
            steps.push(step.trim().to_owned());
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(rest.get(..end)?.to_owned());
            let after = rest.get(end..)?;
            rest = after.strip_prefix('.').unwrap_or(after);
            if after == "." {
                return None;
            }
        }
    }
    (!steps.is_empty() && steps.iter().all(|step| !step.is_empty())).then_some(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths() {
        let parse = |path| parse_path(path).map(|steps| steps.join("|"));
        assert_eq!(parse("gateway.port").as_deref(), Some("gateway|port"));
        assert_eq!(parse("agents.list[0].id").as_deref(), Some("agents|list|0|id"));
        assert_eq!(parse("channels[\"a.b\"].x").as_deref(), Some("channels|a.b|x"));
        assert_eq!(parse("[0]").as_deref(), Some("0"));
        for bad in ["", "a..b", ".a", "a.", "a[", "a[]", "a['x]", "a[\"x\""] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn secrets_do_not_come_out() {
        let config = json!({ "gateway": { "port": 28789, "auth": { "token": "canary" } } });
        assert_eq!(get(&config, "gateway.port"), Some(json!(28789)));
        assert_eq!(get(&config, "gateway.auth.token"), Some(json!("__OPENCLAW_REDACTED__")));
        assert_eq!(get(&config, "gateway.auth"), Some(json!({ "token": "__OPENCLAW_REDACTED__" })));
        assert_eq!(get(&config, "gateway.nope"), None);
    }
}
