//! JSON Schema (draft-07) documents of frames, methods and events, for clients in other languages.
//!
//! The layout is that of the published contract: frames under `oneOf`, the methods with their
//! scopes, and every type under `definitions`. This crate writes no file: the binary's hidden
//! `schema` command does.

use std::collections::BTreeMap;

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    event::{Audience, EventSpec},
    events,
    frame::{EventFrame, RequestFrame, ResponseFrame},
    method::{Access, Domain, Lane, MethodSpec},
    methods,
};

/// The documents, each with its path under `schema/`.
pub fn documents() -> Vec<(String, Value)> {
    vec![
        ("protocol.schema.json".to_owned(), protocol()),
        ("events.schema.json".to_owned(), event_document()),
    ]
}

/// The documents as they are committed: sorted, indented by two, with a final line break.
pub fn files() -> BTreeMap<String, String> {
    documents().into_iter().map(|(path, document)| (path, format!("{document:#}\n"))).collect()
}

/// The paths of those of `files` whose committed text, as `read` returns it, is missing or old.
pub fn stale(
    files: BTreeMap<String, String>,
    read: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    files
        .into_iter()
        .filter(|(path, text)| read(path).as_ref() != Some(text))
        .map(|(path, _)| path)
        .collect()
}

/// The schema of a method's parameters alone, with the definitions that it needs.
pub fn params(spec: &MethodSpec) -> Value {
    let mut generator = generator();
    let params = (spec.schemas)(&mut generator).params.to_value();
    with_definitions(params, generator)
}

pub(crate) fn generator() -> SchemaGenerator {
    SchemaSettings::draft07().into_generator()
}

pub(crate) fn with_definitions(mut schema: Value, mut generator: SchemaGenerator) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), "http://json-schema.org/draft-07/schema#".into());
        object.insert("definitions".to_owned(), generator.take_definitions(true).into());
    }
    schema
}

fn protocol() -> Value {
    let mut generator = generator();
    let frames = [
        ("req", generator.subschema_for::<RequestFrame>().to_value()),
        ("res", generator.subschema_for::<ResponseFrame>().to_value()),
        ("event", generator.subschema_for::<EventFrame>().to_value()),
    ];
    let methods: Map<String, Value> = methods::DOMAINS
        .iter()
        .flat_map(|domain| domain.methods.iter().map(move |spec| (domain, spec)))
        .map(|(domain, spec)| (spec.name.to_owned(), method(domain, spec, &mut generator)))
        .collect();
    let mapping: Map<String, Value> =
        frames.iter().map(|(kind, schema)| ((*kind).to_owned(), schema["$ref"].clone())).collect();
    let frames: Vec<Value> = frames.into_iter().map(|(_, schema)| schema).collect();
    let document = json!({
        "$id": "https://openclaw.ai/protocol.schema.json",
        "title": "OpenClaw gateway protocol",
        "description": "What travels on the gateway's WebSocket in protocols 3 and 4.",
        "oneOf": frames,
        "discriminator": { "propertyName": "type", "mapping": mapping },
        "methods": methods,
    });
    with_definitions(document, generator)
}

fn method(domain: &Domain, spec: &MethodSpec, generator: &mut SchemaGenerator) -> Value {
    let schemas = (spec.schemas)(generator);
    let mut access = Map::new();
    for (version, rule) in [("3", spec.v3), ("4", spec.v4)] {
        if let Some(rule) = rule {
            access.insert(version.to_owned(), scope(rule).into());
        }
    }
    json!({
        "domain": domain.name,
        "scope": spec.v4.or(spec.v3).map(scope),
        "access": access,
        "advertised": !spec.hidden,
        "lane": lane(spec.lane),
        "lenient": spec.lenient,
        "params": schemas.params,
        "result": schemas.result,
    })
}

fn event_document() -> Value {
    let mut generator = generator();
    let events: Map<String, Value> =
        events::all().map(|spec| (spec.name.to_owned(), event(spec, &mut generator))).collect();
    let document = json!({
        "$id": "https://openclaw.ai/events.schema.json",
        "title": "OpenClaw gateway events",
        "description": "What the gateway tells without being asked.",
        "events": events,
    });
    with_definitions(document, generator)
}

fn event(spec: &EventSpec, generator: &mut SchemaGenerator) -> Value {
    let (audience, scope) = match spec.audience {
        Audience::Everyone => ("everyone", None),
        Audience::Scope(scope) => ("scope", Some(scope.name())),
        Audience::Subscribers(scope) => ("subscribers", Some(scope.name())),
        Audience::Target => ("target", None),
    };
    json!({
        "audience": audience,
        "scope": scope,
        "droppable": spec.droppable,
        "stateVersion": spec.state_version,
        "protocols": if spec.v3 { json!([3, 4]) } else { json!([4]) },
        "payload": (spec.schema)(generator),
    })
}

fn scope(access: Access) -> &'static str {
    match access {
        Access::Open => "none",
        Access::Scope(scope) => scope.name(),
        Access::Node => "node",
        Access::Dynamic => "dynamic",
    }
}

fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Concurrent => "concurrent",
        Lane::Session => "session",
        Lane::Config => "config",
    }
}

#[cfg(test)]
mod tests {
    use super::{documents, files, stale};

    #[test]
    fn committed_documents_are_current() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/");
        let old = stale(files(), |path| std::fs::read_to_string(format!("{folder}{path}")).ok());
        assert!(old.is_empty(), "{old:?} in schema/ are old: run `cargo xtask schema`");
    }

    #[test]
    fn documents_are_valid_schemas() {
        for (path, document) in documents() {
            assert!(jsonschema::meta::is_valid(&document), "{path}");
            jsonschema::validator_for(&document).unwrap();
        }
    }

    #[test]
    fn no_two_types_share_a_name() {
        for (path, document) in documents() {
            for name in document["definitions"].as_object().unwrap().keys() {
                assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "{path}: {name}");
            }
        }
    }
}
