//! For every method: what serde accepts and refuses is what the schema accepts and refuses.

use super::*;
use crate::method::Visitor;

/// A value that fits a schema.
fn sample(schema: &Value, root: &Value) -> Value {
    let schema = resolve(schema, root);
    if let Some(word) = schema.get("const") {
        return word.clone();
    }
    if let Some(words) = schema.get("enum") {
        return words[0].clone();
    }
    if let Some(parts) = schema.get("anyOf") {
        return sample(&parts[0], root);
    }
    match schema["type"].as_str() {
        Some("string") if schema.get("pattern").is_some() => json!("a".repeat(64)),
        Some("string") => {
            json!("x".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap()))
        }
        Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => {
            let count = schema["minItems"].as_u64().unwrap_or(1).max(1);
            (0..count).map(|_| sample(&schema["items"], root)).collect()
        }
        Some("object") => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let names = required.iter().map(|name| name.as_str().unwrap().to_owned());
            names.map(|n| (n.clone(), sample(&schema["properties"][&n], root))).collect()
        }
        _ => json!({"any": [1]}),
    }
}

fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |path| root.pointer(&path[1..]).unwrap())
}

/// Values around a schema: some fit, some do not.
fn variants(schema: &Value, root: &Value) -> Vec<Value> {
    let schema = resolve(schema, root);
    let mut values = vec![
        sample(schema, root),
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(2.0),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("auto"),
        json!("bogus"),
        json!([]),
        json!([null]),
        json!(["x", "x"]),
        json!({}),
        json!({"bogus": 1}),
    ];
    for bound in ["minLength", "maxLength"] {
        if let Some(length) = schema[bound].as_u64() {
            let length = usize::try_from(length).unwrap();
            values.extend(
                [length.saturating_sub(1), length, length + 1].map(|n| json!("ü".repeat(n))),
            );
        }
    }
    for bound in ["minimum", "maximum"] {
        if let Some(limit) = schema[bound].as_u64() {
            values.extend([limit.saturating_sub(1), limit, limit + 1].map(|n| json!(n)));
        }
    }
    for word in schema["enum"].as_array().into_iter().flatten() {
        values.push(word.clone());
        values.push(json!({ word.as_str().unwrap(): null }));
    }
    for part in schema["anyOf"].as_array().into_iter().flatten() {
        values.extend(variants(part, root));
    }
    if schema["type"] == "array" {
        let items = variants(&schema["items"], root);
        values.extend(items.into_iter().map(|item| json!([item])));
        if let Some(limit) = schema["maxItems"].as_u64() {
            values.push((0..=limit).map(|_| sample(&schema["items"], root)).collect());
        }
    }
    if schema["type"] == "object" {
        values.extend(objects(schema, root));
    }
    values
}

/// The sample object with each field in turn left out or replaced.
fn objects(schema: &Value, root: &Value) -> Vec<Value> {
    let base = sample(schema, root);
    let mut values = vec![base.as_object().unwrap().values().cloned().collect()];
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let mut without = base.clone();
        without.as_object_mut().unwrap().remove(name);
        values.push(without);
        for variant in variants(field, root) {
            let mut with = base.clone();
            with[name] = variant;
            values.push(with);
        }
    }
    let mut more = base;
    more["bogus"] = json!(1);
    values.push(more);
    values
}

/// How many values were accepted and refused.
fn compare<M: Method>() -> (usize, usize) {
    let root = schema::params(&M::SPEC);
    let validator = super::super::compile(&root);
    let mut counts = (0, 0);
    let mut parts = vec![resolve(&root, &root)];
    parts.extend(parts[0]["anyOf"].as_array().into_iter().flatten().map(|p| resolve(p, &root)));
    for value in parts.iter().flat_map(|part| objects_or_samples(part, &root)) {
        let by_serde = parse::<M>(Some(&raw(&value)), V4);
        let by_schema = M::SPEC.lenient && !value.is_object() || validator.is_valid(&value);
        assert_eq!(
            by_serde.is_ok(),
            by_schema,
            "{} {value}: {:?}",
            M::SPEC.name,
            by_serde.as_ref().err()
        );
        if let Err(error) = by_serde {
            counts.1 += 1;
            let issues = error.message.split_once(" params: ").unwrap().1;
            assert!(!issues.contains(" at line "), "not explained: {value}: {issues}");
        } else {
            counts.0 += 1;
        }
    }
    counts
}

fn objects_or_samples(schema: &Value, root: &Value) -> Vec<Value> {
    if schema["type"] == "object" { objects(schema, root) } else { vec![sample(schema, root)] }
}

/// Compares every method that it is shown.
#[derive(Debug, Default)]
struct Compare {
    methods: usize,
    accepted: usize,
    refused: usize,
}

impl Visitor for Compare {
    fn visit<M: Method>(&mut self) {
        let (accepted, refused) = compare::<M>();
        self.methods += 1;
        self.accepted += accepted;
        self.refused += refused;
    }
}

#[test]
fn serde_and_schema_agree_for_every_method() {
    let mut seen = Compare::default();
    methods::visit_all(&mut seen);
    assert_eq!(seen.methods, methods::all().count());
    assert!(seen.accepted > 500 && seen.refused > 3000, "{seen:?}");
}
