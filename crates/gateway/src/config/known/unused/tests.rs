use std::collections::BTreeSet;

use expect_test::expect_file;
use serde_json::Value;

use super::*;
use crate::config::Config;

/// Every key of our structs is in `used.txt`, because it works, or in [`UNUSED`], so that whoever sets it is told.
/// A new key turns this red: let it work, or list it in [`UNUSED`].
#[test]
fn every_key_that_is_checked_works_or_is_told() {
    let mut keys = BTreeSet::new();
    collect(&[&Config::json_schema()], &mut Vec::new(), &mut keys);
    let keys: String = keys.into_iter().map(|key| key + "\n").collect();
    expect_file!["used.txt"].assert_eq(&keys);
}

/// The places that hold no further keys, but for those that nothing uses.
fn collect(schemas: &[&Value], path: &mut Vec<String>, keys: &mut BTreeSet<String>) {
    if is_unused(path) {
        return;
    }
    let mut all = Vec::new();
    for schema in schemas {
        alternatives(schema, &mut all);
    }
    let mut inner: Vec<(String, &Value)> = Vec::new();
    for schema in &all {
        let properties = schema.get("properties").and_then(Value::as_object);
        inner.extend(properties.into_iter().flatten().map(|(name, s)| (name.clone(), s)));
        let others = [schema.get("additionalProperties"), schema.get("items")];
        inner.extend(
            others.into_iter().flatten().filter(|s| s.is_object()).map(|s| ("*".to_owned(), s)),
        );
    }
    // A text in the place of an object, or a list of texts, is one setting.
    let is_text = |schema: &&Value| schema.get("type") == Some(&"string".into());
    if inner.is_empty() || all.iter().any(is_text) {
        keys.insert(path.join("."));
        return;
    }
    for (name, schema) in inner {
        path.push(name);
        collect(&[schema], path, keys);
        path.pop();
    }
}

fn alternatives<'s>(schema: &'s Value, into: &mut Vec<&'s Value>) {
    let inner =
        ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|word| schema.get(word)?.as_array());
    let before = into.len();
    for schema in inner.flatten() {
        alternatives(schema, into);
    }
    if into.len() == before || schema.get("properties").is_some() {
        into.push(schema);
    }
}
