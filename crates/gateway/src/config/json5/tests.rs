use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    let index = LineIndex::new(text);
    match parse(text, 0) {
        Ok(node) => node.to_value().to_string(),
        Err(faults) => faults
            .iter()
            .map(|fault| {
                let Position { line, column } = index.position(text, fault.offset);
                format!("{line}:{column}: {}", fault.message)
            })
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(text));
}

#[test]
fn everything_that_json5_adds_to_json() {
    check(
        "\u{feff}// c\n{a: 1, 'b': [0x1F, +1, .5, 5., 1e3, -0x2, 2.5e-1,], /* x */ $_c: 'it\\'s \\x41\\u0042 \\ud83d\\ude00',}",
        &expect![[r#"{"$_c":"it's AB 😀","a":1,"b":[31,1,0.5,5,1000,-2,0.25]}"#]],
    );
    check(
        "{ l: 'one \\\n two', \\u0061b: null, t: true, f: false }",
        &expect![[r#"{"ab":null,"f":false,"l":"one  two","t":true}"#]],
    );
}

#[test]
fn syntax_errors_are_worded_as_clients_know_them() {
    check("{bad json", &expect!["1:6: JSON5: invalid character 'j'"]);
    check("{", &expect!["1:2: JSON5: invalid end of input"]);
    check("", &expect!["1:1: JSON5: invalid end of input"]);
    check("{a: 1} x", &expect!["1:8: JSON5: invalid character 'x'"]);
    check("{a: 'x\ny'}", &expect![[r"1:7: JSON5: invalid character '\n'"]]);
    check("{\n  a: 1\n  b: 2\n}", &expect!["3:3: JSON5: invalid character 'b'"]);
    check("{a: tru}", &expect!["1:8: JSON5: invalid character '}'"]);
    check("[01]", &expect!["1:3: JSON5: invalid character '1'"]);
    check("{a: /* never closed", &expect!["1:20: JSON5: invalid end of input"]);
    check("{a: \"é\", b: \u{1}}", &expect![[r"1:13: JSON5: invalid character '\x01'"]]);
}

#[test]
fn what_json5_allows_and_a_config_must_not() {
    check(
        "{\n  a: 1,\n  b: { c: 1, c: 2 },\n  'a': 3,\n}",
        &expect![[r#"
        3:14: duplicate key "c"; only one of them can count, remove the other
        4:3: duplicate key "a"; only one of them can count, remove the other"#]],
    );
    check(
        "{\n  a: 1,\n  a: 2,\n  b: ,\n}",
        &expect![[r#"
            3:3: duplicate key "a"; only one of them can count, remove the other
            4:6: JSON5: invalid character ','"#]],
    );
    check("{a: Infinity}", &expect!["1:5: a number in a config must be finite"]);
    check("{a: -NaN}", &expect!["1:6: a number in a config must be finite"]);
    check(
        "{a: 'x\0'}",
        &expect![
            "1:7: the file holds a NUL byte, as after a crash while it was written; restore it"
        ],
    );
    check(&"[".repeat(100_000), &expect!["1:66: nested deeper than 64 levels"]);
    check("{a: 0xFFFFFFFFFFFFFFFFFF}", &expect!["1:7: the number is too large"]);
}

#[test]
fn every_key_and_value_knows_its_place() {
    let text = "{\n  gateway: {\n    port: 1,\n    list: [ 10, 20 ],\n  },\n}";
    let node = parse(text, 0).unwrap();
    let index = LineIndex::new(text);
    let place = |path: &[&str], key| index.position(text, node.locate(path, key).1);
    assert_eq!(place(&["gateway", "port"], true), Position { line: 3, column: 5 });
    assert_eq!(place(&["gateway", "port"], false), Position { line: 3, column: 11 });
    assert_eq!(place(&["gateway", "list", "1"], false), Position { line: 4, column: 17 });
    assert_eq!(place(&["gateway", "missing"], false), Position { line: 2, column: 12 });
}

proptest! {
    /// The reference is the `json5` crate: where it accepts, we read the same value or refuse on purpose.
    #[test]
    fn agrees_with_the_json5_crate(text in "[\\[\\]{},:'\"a-c0-9.+xe \\\\/*\n-]{0,24}") {
        let theirs = json5::from_str::<Value>(&text);
        match (parse(&text, 0), theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(normal(ours.to_value()), normal(theirs)),
            (Err(faults), Ok(_)) => prop_assert!(faults[0].message.starts_with("duplicate"), "{faults:?}"),
            (Ok(_), Err(error)) => prop_assert!(false, "accepted {text:?}, reference says {error}"),
            (Err(_), Err(_)) => {}
        }
    }

    /// Plain JSON, however nested, is read as serde_json reads it.
    #[test]
    fn reads_json(keys in prop::collection::btree_map("\\PC{0,6}", "\\PC{0,6}", 0..5), number in any::<i64>()) {
        let mut value = serde_json::json!(keys);
        value["n"] = serde_json::json!([number, { "deep": [null, true, "\u{2028}\\\"/"] }]);
        let text = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(parse(&text, 0).unwrap().to_value(), value);
    }

    /// No text makes the parser panic.
    #[test]
    fn survives_anything(text in "\\PC{0,64}") {
        std::hint::black_box(shown(&text));
    }
}

/// Whole floats and integers are one kind of number to us.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, normal(value))).collect(),
        other => other,
    }
}
