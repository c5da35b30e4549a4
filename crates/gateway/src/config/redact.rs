//! Secrets out of what is shown, and back into what is sent back unchanged.

use serde_json::Value;

pub use openclaw_auth::credential::REDACTED;

use super::json5::{self, Kind, Node};

/// Secrets shorter than this are not looked for outside their own place, where they would match by chance.
const MIN_FREE: usize = 8;

/// Whether the value at `path` is a secret, by the names on the way to it.
pub fn is_secret<S: AsRef<str>>(path: &[S]) -> bool {
    let name: String = path
        .last()
        .map(|name| name.as_ref().chars().filter(char::is_ascii_alphanumeric).collect())
        .unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let within = |index: usize, key: &str| path.get(index).is_some_and(|step| step.as_ref() == key);
    if within(0, "env") && name.ends_with("key") {
        return true;
    }
    if within(0, "models")
        && path.iter().rev().nth(1).is_some_and(|step| step.as_ref() == "headers")
    {
        return true;
    }
    let ends = [
        "token",
        "serviceaccount",
        "authorization",
        "credential",
        "credentials",
        "authtag",
        "pushkey",
    ];
    let holds = [
        "password",
        "passphrase",
        "secret",
        "apikey",
        "privatekey",
        "encryptkey",
        "identitydata",
        "certificatedata",
        "knownhostsdata",
    ];
    let plain =
        ["file", "path", "env", "provider", "providers", "mode", "id", "enabled", "secrets"];
    (ends.iter().any(|end| name.ends_with(end)) || holds.iter().any(|part| name.contains(part)))
        && !plain.iter().any(|end| name.ends_with(end))
}

/// Whether what stands at `path` is a secret, or inside of what should be one: a list or an object in the place of a
/// text is a mistake, and its texts are no less secret for that. The parts of a reference are none.
fn in_secret<S: AsRef<str>>(path: &[S]) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    let refers = matches!(last.as_ref(), "source" | "provider" | "id") && is_secret(above);
    !refers && (1..=path.len()).any(|steps| path.get(..steps).is_some_and(is_secret))
}

/// Whether a text at `path` is to be hidden: a secret that is written out, or an address with a password in it.
fn hidden<S: AsRef<str>>(path: &[S], text: &str) -> bool {
    let reference = text.starts_with("${") && text.ends_with('}');
    !text.is_empty() && !reference && (in_secret(path) || has_userinfo(text))
}

/// `https://user:password@host`.
fn has_userinfo(text: &str) -> bool {
    let authority = text
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    user.and_then(|user| user.split_once(':')).is_some_and(|(_, word)| !word.is_empty())
}

/// Replaces every secret in `root`.
pub fn value(root: &mut Value) {
    walk(root, &mut Vec::new(), &mut |path, value| {
        let hide = match &*value {
            Value::String(text) => hidden(path, text),
            Value::Number(_) => in_secret(path),
            _ => false,
        };
        if hide {
            *value = Value::from(REDACTED);
        }
    });
}

/// The secrets in `root`.
pub fn secrets(root: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(&mut root.clone(), &mut Vec::new(), &mut |path, value| match &*value {
        Value::String(text) if hidden(path, text) => found.push(text.clone()),
        Value::Number(number) if in_secret(path) => found.push(number.to_string()),
        _ => {}
    });
    found.sort();
    found.dedup();
    found
}

/// The config text without its secrets: those at their places, and `known` ones wherever they stand (in comments,
/// say). `None` when the text cannot be read, because then no place is certain.
pub fn text(raw: &str, known: &[String]) -> Option<String> {
    let mut root = json5::parse(raw, 0).ok()?;
    let mut spans = Vec::new();
    root.for_each_string(&mut Vec::new(), &mut |node, path| {
        if hidden(path, node.as_str().unwrap_or_default()) {
            spans.push((node.span.clone(), node.as_str().unwrap_or_default().to_owned()));
        }
    });
    let mut out = raw.to_owned();
    for (span, _) in spans.iter().rev() {
        let quote = raw.get(span.start..=span.start).unwrap_or("\"");
        out.replace_range(span.clone(), &format!("{quote}{REDACTED}{quote}"));
    }
    let mut free: Vec<&String> = known.iter().chain(spans.iter().map(|(_, text)| text)).collect();
    free.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in free.into_iter().filter(|secret| secret.len() >= MIN_FREE && *secret != REDACTED)
    {
        out = out.replace(secret.as_str(), REDACTED);
    }
    Some(out)
}

/// Puts the secrets of `original` back into `text` wherever it has the placeholder.
///
/// Items of lists are matched by their `id`, else by their place.
///
/// # Errors
/// The paths whose placeholder stands for nothing, when there are any; or that the text is no JSON5.
pub fn restore(text: &str, original: &str) -> Result<String, Vec<String>> {
    let unreadable = |_| vec![String::new()];
    let mut edited = json5::parse(text, 0).map_err(unreadable)?;
    let before = json5::parse(original, 0).ok();
    let lookup = edited.clone();
    let (mut spans, mut missing) = (Vec::new(), Vec::new());
    edited.for_each_string(&mut Vec::new(), &mut |node, path| {
        if node.as_str() != Some(REDACTED) {
            return;
        }
        let source = before.as_ref().and_then(|before| counterpart(&lookup, before, path));
        match source.and_then(|node| original.get(node.span.clone())) {
            Some(written) => spans.push((node.span.clone(), written)),
            None => missing.push(path.join(".")),
        }
    });
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut out = text.to_owned();
    for (span, written) in spans.into_iter().rev() {
        out.replace_range(span, written);
    }
    Ok(out)
}

/// The node of `before` that stands where `path` stands in `edited`.
fn counterpart<'n>(edited: &Node, before: &'n Node, path: &[String]) -> Option<&'n Node> {
    let (mut here, mut there) = (edited, before);
    for step in path {
        let next = here.at(&[step])?;
        there = match (&there.kind, next.get("id").and_then(Node::as_str)) {
            (Kind::Array(items), Some(id)) => {
                items.iter().find(|item| item.get("id").and_then(Node::as_str) == Some(id))?
            }
            _ => there.at(&[step])?,
        };
        here = next;
    }
    Some(there)
}

fn walk(node: &mut Value, path: &mut Vec<String>, visit: &mut impl FnMut(&[String], &mut Value)) {
    match node {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push(index.to_string());
                walk(item, path, visit);
                path.pop();
            }
        }
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                path.push(key.clone());
                walk(value, path, visit);
                path.pop();
            }
        }
        _ => visit(path, node),
    }
}

#[cfg(test)]
mod tests;
