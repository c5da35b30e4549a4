//! Unknown keys: found, kept, and told with the nearest known name.

mod unused;

use std::collections::BTreeSet;

use serde_json::Value;

use super::{error::Problem, json5::Node, source::Sources};

/// The keys at the root that OpenClaw 2026.3.28 and 2026.9.6 know or that an older spelling uses. Sections without a
/// struct here are accepted as they are.
const ROOT: &[&str] = &[
    "$schema",
    "acp",
    "agent",
    "agents",
    "approvals",
    "audio",
    "auth",
    "bindings",
    "broadcast",
    "browser",
    "canvasHost",
    "channels",
    "cli",
    "commands",
    "cron",
    "diagnostics",
    "discovery",
    "env",
    "gateway",
    "hooks",
    "identity",
    "logging",
    "mcp",
    "media",
    "memory",
    "messages",
    "meta",
    "models",
    "nodeHost",
    "plugins",
    "routing",
    "secrets",
    "session",
    "skills",
    "talk",
    "tools",
    "ui",
    "update",
    "web",
    "wizard",
    "workspace",
];
/// Names that differ more than this are no suggestion.
const SIMILAR: f64 = 0.72;
/// More unknown keys than this are counted, not listed.
const MAX_LISTED: usize = 50;

/// Finds the keys of `root` that neither [`ROOT`] nor the schemas of the sections know; apart from them, those that
/// OpenClaw knows and nothing here uses. `schema_of` makes a section's schema and is asked for those in `root` only.
pub(super) fn unknown_keys(
    root: &Node,
    schema_of: fn(&str) -> Option<Value>,
    sources: &Sources,
) -> (Vec<Problem>, Vec<Problem>) {
    let mut walk = Walk { root, sources, path: Vec::new(), found: Vec::new(), unused: Vec::new() };
    for member in root.members() {
        walk.path.push(member.key.clone());
        if !ROOT.contains(&member.key.as_str()) {
            walk.report(ROOT.iter().copied());
        } else if let Some(schema) = schema_of(&member.key) {
            walk.node(&member.value, &[&schema], &schema);
        }
        walk.path.pop();
    }
    let more = walk.found.len().saturating_sub(MAX_LISTED);
    walk.found.truncate(MAX_LISTED);
    if more > 0 {
        walk.found.push(sources.problem((0, 0), &[""; 0], format!("{more} more unknown keys")));
    }
    (walk.found, walk.unused)
}

struct Walk<'a> {
    root: &'a Node,
    sources: &'a Sources,
    path: Vec<String>,
    found: Vec<Problem>,
    unused: Vec<Problem>,
}

impl Walk<'_> {
    /// `schemas` are the alternatives for `node`; `document` holds the definitions that they refer to.
    fn node<'s>(&mut self, node: &Node, schemas: &[&'s Value], document: &'s Value) {
        let mut alternatives = Vec::new();
        for schema in schemas {
            flatten(schema, document, &mut alternatives);
        }
        if let super::json5::Kind::Array(items) = &node.kind {
            let inner: Vec<_> =
                alternatives.iter().filter_map(|schema| schema.get("items")).collect();
            if !inner.is_empty() {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    self.node(item, &inner, document);
                    self.path.pop();
                }
            }
            return;
        }
        self.object(node, &alternatives, document);
    }

    fn object<'s>(&mut self, node: &Node, alternatives: &[&'s Value], document: &'s Value) {
        let objects: Vec<_> = alternatives.iter().filter(|schema| is_object(schema)).collect();
        if objects.is_empty() || alternatives.iter().any(|schema| is_free(schema)) {
            return;
        }
        let names: BTreeSet<&str> = objects
            .iter()
            .filter_map(|schema| schema.get("properties")?.as_object())
            .flat_map(|properties| properties.keys().map(String::as_str))
            .collect();
        for member in node.members() {
            self.path.push(member.key.clone());
            let named: Vec<_> = objects
                .iter()
                .filter_map(|schema| schema.get("properties")?.get(&member.key))
                .collect();
            let others: Vec<_> =
                objects.iter().filter_map(|schema| schema.get("additionalProperties")).collect();
            if !named.is_empty() && unused::is_unused(&self.path) {
                self.report_unused();
            } else if !named.is_empty() {
                self.node(&member.value, &named, document);
            } else if others.iter().any(|other| other.is_object()) {
                self.node(&member.value, &others, document);
            } else if !others.iter().any(|other| **other == Value::Bool(true)) {
                self.report(names.iter().copied());
            }
            self.path.pop();
        }
    }

    fn report_unused(&mut self) {
        let message = "known to OpenClaw, kept but not used here";
        self.unused.push(self.sources.problem_at(self.root, (&self.path, true), message));
    }

    fn report<'n>(&mut self, known: impl Iterator<Item = &'n str>) {
        if unused::is_unused(&self.path) {
            return self.report_unused();
        }
        let name = self.path.last().cloned().unwrap_or_default();
        let parent = self.path.get(..self.path.len().saturating_sub(1)).unwrap_or_default();
        let unused: Vec<&str> = unused::names_at(parent).collect();
        let nearest = known
            .chain(unused)
            .map(|known| (strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()), known))
            .filter(|(score, _)| *score >= SIMILAR)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let message = match nearest {
            Some((_, nearest)) => {
                format!("unknown key, kept but not used; did you mean {nearest:?}?")
            }
            None => "unknown key, kept but not used".to_owned(),
        };
        self.found.push(self.sources.problem_at(self.root, (&self.path, true), message));
    }
}

/// Resolves references and alternatives down to schemas that say something themselves.
fn flatten<'s>(schema: &'s Value, document: &'s Value, into: &mut Vec<&'s Value>) {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        if let Some(target) = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer))
        {
            flatten(target, document, into);
        }
        return;
    }
    let mut alternatives = false;
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for inner in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            alternatives = true;
            flatten(inner, document, into);
        }
    }
    if !alternatives || schema.get("properties").is_some() {
        into.push(schema);
    }
}

fn is_object(schema: &Value) -> bool {
    schema.get("properties").is_some() || schema.get("additionalProperties").is_some()
}

/// A schema that allows anything.
fn is_free(schema: &Value) -> bool {
    *schema == Value::Bool(true)
        || schema.as_object().is_some_and(|map| {
            map.keys().all(|key| matches!(key.as_str(), "description" | "default" | "title"))
                || (map.get("type").and_then(Value::as_str) == Some("object") && !is_object(schema))
        })
}
