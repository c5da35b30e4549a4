//! Params into types, and readable complaints about those that do not fit, in the words that
//! clients know.
//!
//! The fast path is serde, whose verdict equals that of the method's JSON Schema. Only when it
//! refuses does the schema, compiled once for each method, say everything that is wrong (recorded
//! from OpenClaw: protocol 3 names every missing property, protocol 4 only the first of each
//! object).

mod frame;
mod issues;
mod tolerant;

pub use frame::{FrameRefusal, parse_request};
pub use tolerant::{AUTHORITY_PARTS, GUARD_PREFIXES, Tolerant, parse_tolerant};

use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use jsonschema::Validator;
use serde_json::{Value, value::RawValue};

use crate::{
    error::RpcError,
    method::{Method, MethodSpec},
    methods, schema,
    version::Version,
};

/// Reads the parameters of a method.
pub fn parse<M: Method>(raw: Option<&RawValue>, version: Version) -> Result<M, RpcError> {
    let text = object_text::<M>(raw);
    match serde_json::from_str(text) {
        Ok(params) if text.starts_with('{') => Ok(params),
        Ok(_) => Err(explain(&M::SPEC, text, version, "must be object")),
        Err(error) => Err(explain(&M::SPEC, text, version, &error.to_string())),
    }
}

/// What a `connect` says of its client's versions, before anything else of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spoken {
    /// The version whose words fit a refusal.
    pub version: Version,
    /// Whether the client knows a later version than we do, so that it may send names that we do not know.
    pub newer: bool,
}

/// Looks at the versions of a `connect` that may be refused before one is chosen.
pub fn spoken(raw: Option<&RawValue>) -> Spoken {
    let params: Value =
        raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let bound = |name: &str| params[name].as_u64();
    match (bound("minProtocol"), bound("maxProtocol")) {
        (Some(min), Some(max)) => Spoken {
            version: Version::negotiate(min, max).unwrap_or(Version::MAX),
            newer: max > u64::from(Version::MAX.number()),
        },
        _ => Spoken { version: Version::MAX, newer: false },
    }
}

/// The text to read: absent and `null` parameters are `{}`, and so is whatever a lenient method
/// gets that is no object.
fn object_text<M: Method>(raw: Option<&RawValue>) -> &str {
    match raw.map(RawValue::get) {
        None | Some("null") => "{}",
        Some(text) if M::SPEC.lenient && !text.starts_with('{') => "{}",
        Some(text) => text,
    }
}

fn explain(spec: &MethodSpec, text: &str, version: Version, otherwise: &str) -> RpcError {
    let issues = serde_json::from_str(text)
        .map(|params: Value| with_validator(spec, |v| issues::list(v, &params, version)))
        .unwrap_or_default();
    let issues = if issues.is_empty() { otherwise.to_owned() } else { issues.join("; ") };
    RpcError::invalid(format!("invalid {} params: {issues}", spec.name))
}

/// Looks with the compiled schema of a method's parameters, which is kept for the methods of
/// [`methods::DOMAINS`].
fn with_validator<T>(spec: &MethodSpec, look: impl FnOnce(&Validator) -> T) -> T {
    static COMPILED: LazyLock<BTreeMap<&'static str, OnceLock<Validator>>> =
        LazyLock::new(|| methods::all().map(|spec| (spec.name, OnceLock::new())).collect());
    let compile = || compile(&schema::params(spec));
    match COMPILED.get(spec.name) {
        Some(slot) => look(slot.get_or_init(compile)),
        None => look(&compile()),
    }
}

#[expect(clippy::expect_used, reason = "our own schemas are valid, which a test checks for each")]
fn compile(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .build(schema)
        .expect("a generated schema compiles")
}

#[cfg(test)]
mod tests;
