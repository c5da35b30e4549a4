//! What the field types accept is what their schemas accept.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Clearable, ConfigPath, Dict, Hex64, Int, List, OrNull, Text, True, WorktreeName};

fn verdict<T: DeserializeOwned + schemars::JsonSchema>(value: &Value) -> (bool, bool) {
    let schema =
        schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<T>();
    let by_schema = jsonschema::validator_for(schema.as_value()).unwrap().is_valid(value);
    (serde_json::from_str::<T>(&value.to_string()).is_ok(), by_schema)
}

#[track_caller]
fn check<T: DeserializeOwned + schemars::JsonSchema>(value: &Value, expected: bool) {
    assert_eq!(verdict::<T>(value), (expected, expected), "{value}");
}

#[test]
fn texts_count_characters() {
    for (value, fits) in [("", false), ("ü", false), ("üü", true), ("üüü", true), ("üüüü", false)]
    {
        check::<Text<2, 3>>(&json!(value), fits);
    }
    check::<Text<1, 3>>(&json!(null), false);
    check::<Text<1, 3>>(&json!(1), false);
}

#[test]
fn integers_accept_whole_floats() {
    for (value, fits) in [
        (json!(0), false),
        (json!(1), true),
        (json!(5.0), true),
        (json!(5.5), false),
        (json!(9), false),
        (json!(-1), false),
        (json!(1e30), false),
        (json!("5"), false),
        (json!(true), false),
    ] {
        check::<Int<1, 8>>(&value, fits);
    }
}

#[test]
fn lists_maps_and_patterns_are_bounded() {
    type Few = List<u8, 1, 2, true>;
    check::<Few>(&json!([]), false);
    check::<Few>(&json!([1, 2]), true);
    check::<Few>(&json!([1, 1]), false);
    check::<Few>(&json!([1, 2, 3]), false);
    check::<Dict<bool, 1>>(&json!({"a": true}), true);
    check::<Dict<bool, 1>>(&json!({"a": true, "b": true}), false);
    check::<Hex64>(&json!("a".repeat(64)), true);
    check::<Hex64>(&json!("A".repeat(64)), false);
    check::<WorktreeName>(&json!("a-1"), true);
    check::<WorktreeName>(&json!("-a"), false);
    check::<WorktreeName>(&json!("a".repeat(65)), false);
    check::<WorktreeName>(&json!("a\n"), false);
    check::<ConfigPath>(&json!("agents.list[].id"), true);
    check::<ConfigPath>(&json!(""), false);
    check::<ConfigPath>(&json!("a b"), false);
}

#[test]
fn null_clears_and_absence_leaves_alone() {
    #[derive(Deserialize)]
    struct Patch {
        #[serde(default, deserialize_with = "super::present")]
        label: Option<Clearable<Text<1, 3>>>,
        #[serde(default, deserialize_with = "super::lenient")]
        probe: Option<bool>,
    }
    let read = |text: &str| serde_json::from_str::<Patch>(text);
    assert_eq!(read("{}").unwrap().label, None);
    assert_eq!(read(r#"{"label":null}"#).unwrap().label, Some(Clearable::Clear));
    let set = read(r#"{"label":"x","probe":"yes"}"#).unwrap();
    assert_eq!(set.label.unwrap().into_option().unwrap().as_str(), "x");
    assert_eq!(set.probe, None);
    assert!(read(r#"{"label":""}"#).is_err());
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Named {
    #[expect(dead_code, reason = "only whether it can be read matters")]
    text: OrNull<String>,
}

#[test]
fn a_field_that_may_be_null_must_still_be_named() {
    for (value, fits) in [
        (json!({"text": "a"}), true),
        (json!({"text": null}), true),
        (json!({}), false),
        (json!({"text": 1}), false),
    ] {
        check::<Named>(&value, fits);
    }
    for (value, fits) in [(json!(true), true), (json!(false), false), (json!(1), false)] {
        check::<True>(&value, fits);
    }
}
