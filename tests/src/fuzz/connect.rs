//! The parameters of `connect`, the first thing that a stranger says.

use std::{collections::BTreeSet, sync::LazyLock};

use jsonschema::Validator;
use openclaw_auth::device;
use openclaw_protocol::{
    Method as _, Role, ScopeSet, Version,
    methods::connect::ConnectParams,
    scan, schema,
    validate::{self, AUTHORITY_PARTS, GUARD_PREFIXES},
};
use serde_json::{Value, value::RawValue};

/// The largest number that every client can write.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Judges parameters as they stand in a frame.
pub fn check(bytes: &[u8]) {
    let Ok(text) = scan::scan_bytes(bytes) else { return };
    let raw: &RawValue = serde_json::from_str(text).expect("what passes the scan is JSON");
    let [v3, v4] = Version::ALL.map(|version| validate::parse::<ConnectParams>(Some(raw), version));
    assert_eq!(v3.as_ref().ok(), v4.as_ref().ok(), "both versions read the same");
    for error in [&v3, &v4].into_iter().filter_map(|answer| answer.as_ref().err()) {
        let prefix = "invalid connect params: ";
        assert!(error.message.starts_with(prefix) && error.message.len() > prefix.len());
    }
    let value = serde_json::from_str::<Value>(text).ok();
    let Some(value) = value else {
        return assert!(v4.is_err(), "a number that is none was read");
    };
    assert_eq!(v4.is_ok(), SCHEMA.is_valid(&value), "what is read is what is described");
    spoken(raw, &value);
    match v4 {
        Ok(params) => accepted(raw, &params, &value),
        Err(_) => tolerated(raw, &value),
    }
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .build(&schema::params(&ConnectParams::SPEC))
        .unwrap()
});

/// The names that there are.
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let schema = schema::params(&ConnectParams::SPEC);
    let at = schema["$ref"].as_str().map_or("", |path| path.trim_start_matches('#'));
    schema.pointer(at).unwrap()["properties"].as_object().unwrap().keys().cloned().collect()
});

/// The version that a refusal is worded in is one that is spoken, and the client's where it names one.
fn spoken(raw: &RawValue, value: &Value) {
    let spoken = validate::spoken(Some(raw));
    let bounds = (value["minProtocol"].as_u64(), value["maxProtocol"].as_u64());
    let (Some(min), Some(max)) = bounds else {
        return assert!(!spoken.newer && spoken.version == Version::MAX);
    };
    assert_eq!(spoken.newer, max > 4);
    match Version::negotiate(min, max) {
        Some(version) => {
            assert!((min..=max).contains(&u64::from(version.number())));
            assert_eq!(version, spoken.version);
        }
        None => assert!(min > max || max < 3 || min > 4),
    }
}

/// What was let through says what was written, and nothing that was not.
fn accepted(raw: &RawValue, params: &ConnectParams, value: &Value) {
    let written = serde_json::to_string(params).unwrap();
    assert_eq!(scan::scan(&written), Ok(()));
    let again: ConnectParams = serde_json::from_str(&written).expect("what we write can be read");
    assert_eq!(&again, params);
    let tolerant = validate::parse_tolerant::<ConnectParams>(Some(raw), Version::MAX).unwrap();
    assert_eq!((&tolerant.params, tolerant.dropped), (params, 0));
    for bound in [params.min_protocol.get(), params.max_protocol.get()] {
        assert!((1..=MAX_SAFE).contains(&bound));
    }
    let names = params.scopes.iter().flatten().map(ToString::to_string);
    for scope in ScopeSet::parse(names).iter() {
        let asked = value["scopes"].as_array().unwrap();
        assert!(asked.iter().any(|name| name == scope.name()), "nobody asked for {scope:?}");
    }
    if let Some(role) = params.role.as_ref().and_then(|role| Role::parse(role.as_ref())) {
        assert_eq!(value["role"], role.name());
    }
    if let Some(claim) = &params.device {
        key(claim.public_key.as_ref());
    }
}

/// A key has one spelling in the records and one id, however it was sent.
fn key(text: &str) {
    let Some(key) = device::parse_key(text) else { return };
    let kept = device::key_text(&key);
    assert_eq!(device::parse_key(&kept), Some(key));
    let id = device::id_of(&key);
    let hex = id.as_str().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    assert!(hex && id.as_str().len() == 64);
}

/// A newer client's unknown names may go, but none that speaks of rights or limits what is done.
fn tolerated(raw: &RawValue, value: &Value) {
    let Ok(tolerant) = validate::parse_tolerant::<ConnectParams>(Some(raw), Version::MAX) else {
        return;
    };
    let fields = value.as_object().expect("only an object has names to drop");
    let mut rest = fields.clone();
    rest.retain(|name, _| NAMES.contains(name));
    assert_eq!(tolerant.dropped, fields.len() - rest.len());
    assert!(tolerant.dropped > 0, "else it had been read at once");
    for name in fields.keys().filter(|name| !NAMES.contains(*name)) {
        let name = name.to_ascii_lowercase();
        assert!(!AUTHORITY_PARTS.iter().any(|part| name.contains(part)), "{name} was dropped");
        assert!(!GUARD_PREFIXES.iter().any(|part| name.starts_with(part)), "{name} was dropped");
    }
    let rest: ConnectParams = serde_json::from_value(Value::Object(rest)).unwrap();
    assert_eq!(rest, tolerant.params);
}
