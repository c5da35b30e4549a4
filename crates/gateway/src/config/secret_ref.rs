//! Secret references: `{source, provider, id}` in the place of a secret.
//!
//! `env` and `file` sources are resolved when the config is loaded; the references themselves stay in what is shown.

use std::fs::File;

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

/// Replaces every reference under `root` by its secret. One that cannot be resolved is a problem.
pub(super) fn resolve(
    root: &mut Node,
    (env, paths, sources): (&Environment, &Paths, &Sources),
) -> Vec<Problem> {
    let providers = root.at(&["secrets", "providers"]).map(Node::to_value).unwrap_or_default();
    let context = Context { env, paths, providers };
    let mut problems = Vec::new();
    let mut path = Vec::new();
    if let Kind::Object(members) = &mut root.kind {
        for member in members.iter_mut().filter(|member| !INACTIVE.contains(&member.key.as_str())) {
            path.push(member.key.clone());
            context.walk(&mut member.value, &mut path, &mut |node, path, reason| {
                problems.push(sources.problem((node.file, node.span.start), path, reason));
            });
            path.pop();
        }
    }
    problems
}

struct Context<'a> {
    env: &'a Environment,
    paths: &'a Paths,
    providers: Value,
}

impl Context<'_> {
    fn walk(
        &self,
        node: &mut Node,
        path: &mut Vec<String>,
        fail: &mut impl FnMut(&Node, &[String], String),
    ) {
        if let Some((source, provider, id)) = reference(node) {
            match self.secret(source, provider, id) {
                Ok(secret) => node.kind = Kind::String(secret),
                // Remote credentials are a client's; the gateway starts without them.
                Err(_) if path.starts_with(&["gateway".into(), "remote".into()]) => {}
                Err(reason) => fail(node, path, reason),
            }
            return;
        }
        match &mut node.kind {
            Kind::Object(members) => {
                for member in members {
                    path.push(member.key.clone());
                    self.walk(&mut member.value, path, fail);
                    path.pop();
                }
            }
            Kind::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.push(index.to_string());
                    self.walk(item, path, fail);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn secret(&self, source: &str, provider: &str, id: &str) -> Result<String, String> {
        match source {
            "env" => {
                let value = self.env.get(id).map(str::to_owned);
                value.ok_or_else(|| {
                    format!("environment variable {id} of this secret is not set or empty")
                })
            }
            "file" => self.file(provider, id),
            other => Err(format!("secrets of source {other} cannot be read here; use env or file")),
        }
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
