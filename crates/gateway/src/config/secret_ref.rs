//! Secret references: `{source, provider, id}` in the place of a secret.
//!
//! They are looked up when the config is loaded; the references themselves stay in what is shown. Programs run only
//! for who needs the secrets: a gateway that starts or reloads, and a client for the one secret that it offers.

mod program;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
};

use serde_json::Value;

use super::{
    environment::Environment,
    error::Problem,
    include::read_limited,
    json5::{Kind, Node},
    paths::Paths,
    source::Sources,
};

/// Sections whose references may stay unresolved, because nothing that serves needs them.
const INACTIVE: &[&str] = &["secrets", "skills", "plugins", "talk", "tools", "messages"];
/// Where the secrets of a client stand: the gateway that serves does not need them.
const REMOTE: [&str; 2] = ["gateway", "remote"];

/// What becomes of references to a program's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Programs {
    /// The programs run, and the secrets are filled in.
    Run,
    /// The references stay: whoever only reads the config runs nothing.
    Leave,
}

/// What was found out while references were looked up.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What keeps the config from being used.
    pub(super) problems: Vec<Problem>,
    /// What only a client of a gateway elsewhere will miss.
    pub(super) warnings: Vec<Problem>,
}

/// Replaces the references under `root` by their secrets.
pub(super) fn resolve(
    root: &mut Node,
    (env, paths, sources): (&Environment, &Paths, &Sources),
    programs: Programs,
) -> Findings {
    let providers = root.at(&["secrets", "providers"]).map(Node::to_value).unwrap_or_default();
    let mut keeper = Keeper { env, paths, providers: &providers, told: BTreeMap::new() };
    if programs == Programs::Run {
        keeper.run_programs(root);
    }
    let elsewhere = has_remote(root);
    let mut findings = Findings::default();
    active(root, &mut |node, path| {
        let Some((source, provider, id)) = reference(node) else { return };
        let remote = path.starts_with(&REMOTE.map(str::to_owned));
        if source == "exec" && (remote || programs == Programs::Leave) {
            return;
        }
        match keeper.secret(source, provider, id) {
            Ok(secret) => node.kind = Kind::String(secret),
            Err(reason) => {
                let problem = sources.problem((node.file, node.span.start), path, reason);
                match remote {
                    false => findings.problems.push(problem),
                    true if elsewhere => findings.warnings.push(problem),
                    true => {}
                }
            }
        }
    });
    findings
}

/// Looks up the one secret that `value`, a reference at `path` of this config, stands for.
///
/// # Errors
/// One line that says why there is none.
pub fn look_up(
    config: &Value,
    (paths, env): (&Paths, &Environment),
    path: &str,
    value: &Value,
) -> Result<String, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let (Some(source), Some(provider), Some(id)) = (text("source"), text("provider"), text("id"))
    else {
        return Err(format!("{path} is neither a text nor {{source, provider, id}}"));
    };
    let providers = config.pointer("/secrets/providers").unwrap_or(&Value::Null);
    let mut keeper = Keeper { env, paths, providers, told: BTreeMap::new() };
    if source == "exec" {
        keeper.run(provider, &BTreeSet::from([id.to_owned()]));
    }
    keeper.secret(source, provider, id).map_err(|reason| format!("{path}: {reason}"))
}

/// Whether this config is also a client's.
fn has_remote(root: &Node) -> bool {
    root.at(&["gateway", "remote", "url"]).is_some()
        || root.at(&["gateway", "mode"]).and_then(Node::as_str) == Some("remote")
}

/// Visits every node of the sections that are looked at.
fn active(root: &mut Node, visit: &mut impl FnMut(&mut Node, &[String])) {
    let Kind::Object(members) = &mut root.kind else { return };
    for member in members.iter_mut().filter(|member| !INACTIVE.contains(&member.key.as_str())) {
        walk(&mut member.value, &mut vec![member.key.clone()], visit);
    }
}

fn walk(node: &mut Node, path: &mut Vec<String>, visit: &mut impl FnMut(&mut Node, &[String])) {
    visit(node, path);
    match &mut node.kind {
        Kind::Object(members) => {
            for member in members {
                path.push(member.key.clone());
                walk(&mut member.value, path, visit);
                path.pop();
            }
        }
        Kind::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push(index.to_string());
                walk(item, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Where secrets are kept.
struct Keeper<'a> {
    env: &'a Environment,
    paths: &'a Paths,
    providers: &'a Value,
    /// What programs have told, by provider.
    told: BTreeMap<String, Result<BTreeMap<String, String>, String>>,
}

impl Keeper<'_> {
    /// Asks every program once for all that is wanted of it.
    fn run_programs(&mut self, root: &mut Node) {
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        active(root, &mut |node, path| match reference(node) {
            Some(("exec", provider, id)) if !path.starts_with(&REMOTE.map(str::to_owned)) => {
                wanted.entry(provider.to_owned()).or_default().insert(id.to_owned());
            }
            _ => {}
        });
        for (provider, ids) in wanted {
            self.run(&provider, &ids);
        }
    }

    fn run(&mut self, provider: &str, ids: &BTreeSet<String>) {
        let settings = self.providers.get(provider).unwrap_or(&Value::Null);
        let told = program::ask((provider, settings), ids, self.env.process());
        self.told.insert(provider.to_owned(), told);
    }

    fn secret(&self, source: &str, provider: &str, id: &str) -> Result<String, String> {
        match source {
            "env" => self.variable(provider, id),
            "file" => self.file(provider, id),
            "exec" => match self.told.get(provider) {
                Some(Ok(secrets)) => secrets.get(id).cloned().ok_or_else(|| {
                    format!("the program of secrets.providers.{provider} gave no secret {id}")
                }),
                Some(Err(reason)) => Err(format!("secrets.providers.{provider}: {reason}")),
                None => Err(format!("secrets.providers.{provider} was not asked")),
            },
            other => Err(format!("there is no source {other}; use env, file or exec")),
        }
    }

    fn variable(&self, provider: &str, id: &str) -> Result<String, String> {
        let settings = self.providers.get(provider);
        let listed = settings.and_then(|settings| settings.get("allowlist")?.as_array());
        if listed.is_some_and(|names| names.iter().all(|name| name.as_str() != Some(id))) {
            return Err(format!("{id} is not in secrets.providers.{provider}.allowlist"));
        }
        let value = self.env.get(id).map(str::to_owned);
        value.ok_or_else(|| format!("environment variable {id} of this secret is not set or empty"))
    }

    fn file(&self, provider: &str, id: &str) -> Result<String, String> {
        let settings = self.providers.get(provider);
        let path = settings.and_then(|settings| settings.get("path")).and_then(Value::as_str);
        let path = path.ok_or_else(|| format!("secrets.providers.{provider}.path is not set"))?;
        let path = self.paths.expand(path);
        let fail = |reason: String| format!("secret file {}: {reason}", path.display());
        let file = File::open(&path).map_err(|error| fail(error.to_string()))?;
        let text = read_limited(file).map_err(|why| fail(why.to_string()))?;
        let mode = settings.and_then(|settings| settings.get("mode")).and_then(Value::as_str);
        let secret = if mode == Some("singleValue") {
            Some(text.trim().to_owned())
        } else {
            let content: Value =
                serde_json::from_str(&text).map_err(|_| fail("it is no JSON".into()))?;
            content.pointer(id).and_then(Value::as_str).map(str::to_owned)
        };
        secret
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| fail(format!("it has no secret at {id}")))
    }
}

/// The parts of a reference, when the node is one and nothing else.
fn reference(node: &Node) -> Option<(&str, &str, &str)> {
    let part = |key| node.get(key).and_then(Node::as_str);
    let found = (part("source")?, part("provider")?, part("id")?);
    (node.members().len() == 3 && matches!(found.0, "env" | "file" | "exec")).then_some(found)
}

#[cfg(test)]
mod tests;
