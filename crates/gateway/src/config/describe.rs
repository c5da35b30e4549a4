//! What the config's JSON Schema says of one place, and the hints that forms are made with.
//!
//! A place is written with dots: `gateway.auth.token`. `*` stands for any name or index.

use std::{borrow::Cow, collections::BTreeMap};

use openclaw_protocol::methods::config::{ConfigHint, ConfigSchemaChild, ConfigSchemaLookupResult};
use serde_json::{Map, Value};

use super::redact;

/// Any name or index.
const ANY: &str = "*";
/// The config is read at the start alone.
const RELOAD: Cow<'static, str> = Cow::Borrowed("restart");
/// Words of a schema that speak of the place itself and not of what is inside.
const OWN: [&str; 14] = [
    "type",
    "title",
    "description",
    "enum",
    "const",
    "default",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "deprecated",
];

/// The hints of every place, by place.
pub fn hints(schema: &Value) -> BTreeMap<String, ConfigHint> {
    let mut all = BTreeMap::new();
    collect(schema, &mut Vec::new(), &mut all);
    all
}

fn collect(schema: &Value, path: &mut Vec<String>, all: &mut BTreeMap<String, ConfigHint>) {
    for (name, child, _) in children(schema) {
        path.push(name.to_owned());
        all.insert(path.join("."), hint_of(path, child));
        collect(child, path, all);
        path.pop();
    }
}

/// What may be at a place; `None` when nothing may.
pub fn lookup(schema: &Value, path: &str) -> Option<ConfigSchemaLookupResult> {
    let steps = steps(path);
    let mut found = schema;
    for step in &steps {
        let inside = children(found);
        let named = inside.iter().find(|(name, ..)| name == step);
        found = named.or_else(|| inside.iter().find(|(name, ..)| *name == ANY))?.1;
    }
    let place = steps.join(".");
    let child = |(name, schema, required): (&str, &Value, bool)| {
        let steps: Vec<String> = steps.iter().cloned().chain([name.to_owned()]).collect();
        let path = steps.join(".");
        ConfigSchemaChild {
            key: name.to_owned(),
            r#type: schema.get("type").cloned(),
            required,
            has_children: !children(schema).is_empty(),
            reload_kind: Some(RELOAD),
            hint_path: Some(path.clone()),
            hint: Some(hint_of(&steps, schema)),
            path,
        }
    };
    Some(ConfigSchemaLookupResult {
        path: path.to_owned(),
        schema: own(found),
        reload_kind: Some(RELOAD),
        hint_path: Some(place),
        hint: Some(hint_of(&steps, found)),
        children: children(found).into_iter().map(child).collect(),
    })
}

/// `agents.list[0].id` becomes `agents`, `list`, `*`, `id`.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, index) = part.split_once('[').map_or((part, None), |(n, i)| (n, Some(i)));
        steps.extend((!name.is_empty()).then(|| name.to_owned()));
        let indices = index.map_or(0, |rest| 1 + rest.matches('[').count());
        steps.extend(std::iter::repeat_n(ANY.to_owned(), indices));
    }
    steps
}

/// What may be inside, with its schema, and whether it must be there.
fn children(schema: &Value) -> Vec<(&str, &Value, bool)> {
    let required = schema.get("required").and_then(Value::as_array);
    let must = |name: &str| required.is_some_and(|names| names.iter().any(|n| n == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let named = properties.into_iter().flatten();
    let mut all: Vec<_> = named.map(|(name, child)| (name.as_str(), child, must(name))).collect();
    let rest = ["additionalProperties", "items"].into_iter().filter_map(|word| schema.get(word));
    all.extend(rest.filter(|inside| inside.is_object()).map(|inside| (ANY, inside, false)));
    // One of several: what may be in any of them.
    let several = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|word| schema.get(word));
    all.extend(several.filter_map(Value::as_array).flatten().flat_map(children));
    all
}

fn own(schema: &Value) -> Value {
    let mut own = Map::new();
    for word in OWN {
        if let Some(value) = schema.get(word) {
            own.insert(word.to_owned(), value.clone());
        }
    }
    if let Some(Value::Bool(open)) = schema.get("additionalProperties") {
        own.insert("additionalProperties".to_owned(), Value::Bool(*open));
    }
    Value::Object(own)
}

fn hint_of(path: &[String], schema: &Value) -> ConfigHint {
    let help = schema.get("description").and_then(Value::as_str).map(str::to_owned);
    // A group that is named like a secret holds some; only a value is one.
    let sensitive = (redact::is_secret(path) && !is_group(schema)).then_some(true);
    let named = path.iter().rev().find(|step| *step != ANY);
    ConfigHint { label: named.map(|name| label(name)), help, sensitive }
}

/// `allowedOrigins` becomes `Allowed origins`.
fn label(name: &str) -> String {
    let mut label = String::new();
    for letter in name.chars() {
        if label.is_empty() {
            label.extend(letter.to_uppercase());
        } else if letter.is_uppercase() {
            label.push(' ');
            label.extend(letter.to_lowercase());
        } else {
            label.push(letter);
        }
    }
    label
}

/// Whether it is an object and nothing else.
fn is_group(schema: &Value) -> bool {
    schema.get("properties").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_schema_follows_no_references_and_hints_name_secrets() {
        let schema = Config::json_schema();
        assert!(!schema.to_string().contains("$ref"));
        let hints = hints(&schema);
        assert_eq!(hints["gateway.auth.token"].sensitive, Some(true));
        assert_eq!(hints["models.providers.*.apiKey"].sensitive, Some(true));
        assert_eq!(hints["gateway.port"].sensitive, None);
        assert!(hints["gateway.port"].help.as_ref().is_some_and(|help| help.contains("18789")));
        let origins = &hints["gateway.controlUi.allowedOrigins"];
        assert_eq!(origins.label.as_deref(), Some("Allowed origins"));
        assert!(hints.contains_key("agents.list.*.id"));
    }

    #[test]
    fn a_place_is_looked_up() {
        let schema = Config::json_schema();
        let found = lookup(&schema, "gateway.auth").unwrap();
        let token = found.children.iter().find(|child| child.key == "token").unwrap();
        assert_eq!((token.path.as_str(), token.required), ("gateway.auth.token", false));
        assert!(token.has_children, "a reference to a secret has fields");
        assert!(found.schema.get("properties").is_none());
        let id = lookup(&schema, "agents.list[].id").unwrap();
        assert_eq!(id.hint_path.as_deref(), Some("agents.list.*.id"));
        assert!(id.children.is_empty());
        assert_eq!(lookup(&schema, "agents.list[0].id").unwrap().schema, id.schema);
        assert!(lookup(&schema, "models.providers.mine.baseUrl").is_some());
        for nowhere in ["no.such", "gateway.port.deeper", "gateway.nope"] {
            assert!(lookup(&schema, nowhere).is_none(), "{nowhere}");
        }
    }
}
