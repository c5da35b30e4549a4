//! Params of a client that is newer than we are: names that we do not know are dropped and
//! counted, but never a name that may claim authority or limit an action.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};

use super::{object_text, parse};
use crate::{error::RpcError, method::Method, schema, version::Version};

/// Parts of names that are never dropped, wherever they stand: such a name speaks of rights or of
/// who somebody is, and neither granting nor ignoring it is right. Compared in lower case.
pub const AUTHORITY_PARTS: &[&str] = &[
    "admin",
    "auth",
    "bypass",
    "elevat",
    "exec",
    "identity",
    "internal",
    "owner",
    "password",
    "permission",
    "principal",
    "privileg",
    "role",
    "sandbox",
    "scope",
    "secret",
    "token",
    "trust",
    "unsafe",
    "userid",
    "profileid",
    "deviceid",
];

/// Beginnings of names that are never dropped: such a name limits an action, and without it more
/// would happen than was asked for. Compared in lower case.
pub const GUARD_PREFIXES: &[&str] = &[
    "allow", "approv", "deny", "dry", "except", "exclude", "expected", "force", "if", "ignore",
    "only", "operator", "require", "restrict", "skip", "system", "tool",
];

/// Parameters, and how many names were dropped from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerant<M> {
    /// The parameters.
    pub params: M,
    /// How many names were dropped.
    pub dropped: usize,
}

/// Reads the parameters of a method from a client whose protocol range goes beyond ours.
pub fn parse_tolerant<M: Method>(
    raw: Option<&RawValue>,
    version: Version,
) -> Result<Tolerant<M>, RpcError> {
    let refusal = match parse(raw, version) {
        Ok(params) => return Ok(Tolerant { params, dropped: 0 }),
        Err(refusal) => refusal,
    };
    let Ok(mut fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(object_text::<M>(raw))
    else {
        return Err(refusal);
    };
    let before = fields.len();
    let known = names::<M>();
    fields.retain(|name, _| known.contains(name) || never_dropped(name));
    let dropped = before - fields.len();
    if dropped == 0 {
        return Err(refusal);
    }
    let Ok(rest) = to_raw_value(&fields) else { return Err(refusal) };
    Ok(Tolerant { params: parse(Some(&rest), version)?, dropped })
}

fn never_dropped(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    AUTHORITY_PARTS.iter().any(|part| name.contains(part))
        || GUARD_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Every name at the top of a method's parameters.
fn names<M: Method>() -> Vec<String> {
    let schema = schema::params(&M::SPEC);
    let mut names = Vec::new();
    let mut open = vec![&schema];
    while let Some(part) = open.pop() {
        if let Some(target) = part["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            open.extend(schema.pointer(target));
        }
        open.extend(part["anyOf"].as_array().into_iter().flatten());
        names.extend(part["properties"].as_object().into_iter().flat_map(|p| p.keys().cloned()));
    }
    names
}
