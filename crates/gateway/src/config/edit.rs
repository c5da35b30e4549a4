//! Changes to a config text that keep its comments, order and style.
//!
//! The text is compared with the value that it shall have, and only what differs is rewritten.

mod write;

use serde_json::Value;

use super::{
    error::ConfigError,
    json5::{self, Kind, Node},
    source::dotted,
    substitute,
};

pub use self::write::render;

/// Sets the value at `path`; objects on the way are made.
///
/// # Errors
/// When the text is no config or a value on the way is no object.
pub fn set(text: &str, path: &[String], value: Value) -> Result<String, ConfigError> {
    let mut root = parse(text)?.to_value();
    let mut slot = &mut root;
    for (depth, step) in path.iter().enumerate() {
        let at = || dotted(path.get(..=depth).unwrap_or(path));
        slot = match slot {
            Value::Array(items) => {
                let length = items.len();
                match step.parse::<usize>() {
                    Ok(index) if index == length => {
                        items.push(Value::Null);
                        items.last_mut()
                    }
                    Ok(index) => items.get_mut(index),
                    Err(_) => None,
                }
                .ok_or_else(|| {
                    refused(at(), format!("the list has items 0 to {}", length.saturating_sub(1)))
                })?
            }
            slot @ Value::Null => {
                *slot = Value::Object(serde_json::Map::from_iter([(step.clone(), Value::Null)]));
                slot.get_mut(step).ok_or_else(|| refused(at(), "not an object".into()))?
            }
            Value::Object(map) => map.entry(step.clone()).or_insert(Value::Null),
            _ => {
                return Err(refused(
                    at(),
                    "what is above it is neither an object nor a list".into(),
                ));
            }
        };
    }
    *slot = value;
    rewrite(text, &root)
}

/// Removes what stands at `path`; nothing there is no error.
///
/// # Errors
/// When the text is no config.
pub fn unset(text: &str, path: &[String]) -> Result<String, ConfigError> {
    let mut root = parse(text)?.to_value();
    let Some((last, above)) = path.split_last() else { return Ok(text.to_owned()) };
    let slot = above.iter().try_fold(&mut root, |slot, step| match slot {
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        slot => slot.get_mut(step),
    });
    match slot {
        Some(Value::Object(map)) => drop(map.remove(last)),
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
    rewrite(text, &root)
}

/// Applies an RFC 7396 merge patch; lists of objects with an `id` are merged by it, as OpenClaw's code does.
///
/// # Errors
/// When the text is no config.
pub fn patch(text: &str, patch: &Value) -> Result<String, ConfigError> {
    let mut root = parse(text)?.to_value();
    merge(&mut root, patch);
    rewrite(text, &root)
}

/// Gives the text the value `new`; what is equal stays as it is written.
///
/// # Errors
/// When the text is no config.
pub fn rewrite(text: &str, new: &Value) -> Result<String, ConfigError> {
    let root = parse(text)?;
    let out = write::rewrite(text, &root, new);
    match json5::parse(&out, 0) {
        Ok(node) if node.to_value() == *new => Ok(out),
        // A shape that the rewriter does not keep: the value counts more than the comments.
        _ => Ok(render(new)),
    }
}

/// Puts `${VAR}` back into `new` where the value is still what the reference gave.
pub fn keep_references(new: &mut Value, parsed: &Value, resolved: &Value) {
    match (new, parsed, resolved) {
        (Value::Object(new), Value::Object(parsed), Value::Object(resolved)) => {
            for (key, value) in new.iter_mut() {
                if let (Some(parsed), Some(resolved)) = (parsed.get(key), resolved.get(key)) {
                    keep_references(value, parsed, resolved);
                }
            }
        }
        (Value::Array(new), Value::Array(parsed), Value::Array(resolved)) => {
            for ((value, parsed), resolved) in new.iter_mut().zip(parsed).zip(resolved) {
                keep_references(value, parsed, resolved);
            }
        }
        (new, Value::String(written), resolved)
            if *new == *resolved && substitute::has_reference(written) =>
        {
            *new = Value::String(written.clone());
        }
        _ => {}
    }
}

fn parse(text: &str) -> Result<Node, ConfigError> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    let root = json5::parse(text, 0).map_err(|faults| {
        let first = faults.first().map(|fault| fault.message.clone());
        refused("the config".into(), first.unwrap_or_default())
    })?;
    match root.kind {
        Kind::Object(_) => Ok(root),
        _ => Err(refused("the config".into(), "it is no object".into())),
    }
}

fn refused(path: String, reason: String) -> ConfigError {
    ConfigError::Edit { path, reason }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        match (target.get_mut(key), value) {
            (_, Value::Null) => drop(target.remove(key)),
            (Some(Value::Array(old)), Value::Array(new)) if by_id(old) && by_id(new) => {
                for item in new {
                    match old.iter_mut().find(|other| other.get("id") == item.get("id")) {
                        Some(other) => merge(other, item),
                        None => old.push(item.clone()),
                    }
                }
            }
            (Some(slot), value) => merge(slot, value),
            (None, value) => {
                let mut fresh = Value::Null;
                merge(&mut fresh, value);
                target.insert(key.clone(), fresh);
            }
        }
    }
}

fn by_id(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get("id").is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests;
