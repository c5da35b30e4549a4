use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const TEXT: &str = "// my gateway
{
  gateway: {
    port: 18789, // the usual
    auth: { mode: 'token' },
    /* proxies */
    trustedProxies: [
      '10.0.0.1', // caddy
    ],
  },
  channels: {},
}
";

fn steps(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

#[track_caller]
fn check_set(text: &str, path: &str, value: Value, expected: &Expect) {
    expected.assert_eq(&set(text, &steps(path), value).unwrap());
}

#[test]
fn setting_keeps_comments() {
    check_set(
        TEXT,
        "gateway.port",
        json!(1),
        &expect![[r"
        // my gateway
        {
          gateway: {
            port: 1, // the usual
            auth: { mode: 'token' },
            /* proxies */
            trustedProxies: [
              '10.0.0.1', // caddy
            ],
          },
          channels: {},
        }
    "]],
    );
    check_set(
        TEXT,
        "gateway.auth.token",
        json!("t"),
        &expect![[r#"
        // my gateway
        {
          gateway: {
            port: 18789, // the usual
            auth: { mode: 'token', token: "t" },
            /* proxies */
            trustedProxies: [
              '10.0.0.1', // caddy
            ],
          },
          channels: {},
        }
    "#]],
    );
    check_set(
        TEXT,
        "gateway.trustedProxies.1",
        json!("10.0.0.2"),
        &expect![[r#"
        // my gateway
        {
          gateway: {
            port: 18789, // the usual
            auth: { mode: 'token' },
            /* proxies */
            trustedProxies: [
              '10.0.0.1', // caddy
              "10.0.0.2",
            ],
          },
          channels: {},
        }
    "#]],
    );
}

#[test]
fn new_keys_take_the_style_of_their_neighbours() {
    check_set(
        TEXT,
        "channels.telegram.enabled",
        json!(true),
        &expect![[r"
        // my gateway
        {
          gateway: {
            port: 18789, // the usual
            auth: { mode: 'token' },
            /* proxies */
            trustedProxies: [
              '10.0.0.1', // caddy
            ],
          },
          channels: {
            telegram: {
              enabled: true,
            },
          },
        }
    "]],
    );
    check_set(
        TEXT,
        "gateway.bind",
        json!("lan"),
        &expect![[r#"
        // my gateway
        {
          gateway: {
            port: 18789, // the usual
            auth: { mode: 'token' },
            /* proxies */
            trustedProxies: [
              '10.0.0.1', // caddy
            ],
            bind: "lan",
          },
          channels: {},
        }
    "#]],
    );
}

#[test]
fn json_stays_json() {
    let text = "{\n  \"gateway\": {\n    \"port\": 1\n  }\n}\n";
    check_set(
        text,
        "gateway.auth.token",
        json!("t"),
        &expect![[r#"
        {
          "gateway": {
            "port": 1,
            "auth": {
              "token": "t"
            }
          }
        }
    "#]],
    );
    check_set(
        "{\"a\":1}",
        "b.c",
        json!([1, {}]),
        &expect![[r#"
        {"a":1, "b": {
            "c": [
              1,
              {}
            ]
          }}"#]],
    );
    let removed = unset("{\n  \"a\": 1,\n  \"b\": 2\n}", &steps("b")).unwrap();
    assert_eq!(removed, "{\n  \"a\": 1\n}");
}

#[test]
fn removing_takes_the_line() {
    expect![[r"
        // my gateway
        {
          gateway: {
            port: 18789, // the usual
            /* proxies */
            trustedProxies: [
              '10.0.0.1', // caddy
            ],
          },
          channels: {},
        }
    "]]
    .assert_eq(&unset(TEXT, &steps("gateway.auth")).unwrap());
    assert_eq!(unset("{ a: 1, b: 2 }", &steps("a")).unwrap(), "{ b: 2 }");
    assert_eq!(unset("{ a: 1, b: 2 }", &steps("x.y")).unwrap(), "{ a: 1, b: 2 }");
}

#[test]
fn empty_texts_and_odd_paths() {
    check_set(
        "",
        "gateway.port",
        json!(1),
        &expect![[r"
        {
          gateway: {
            port: 1,
          },
        }
    "]],
    );
    check_set(
        "{ // nothing yet\n}",
        "a",
        json!(1),
        &expect![[r"
        {
          a: 1, // nothing yet
        }"]],
    );
    assert!(set("{ a: 1 }", &steps("a.b"), json!(1)).is_err());
    assert!(set("{ a: [1] }", &steps("a.5"), json!(1)).is_err());
    assert!(set("{bad json", &steps("a"), json!(1)).is_err());
}

#[test]
fn patches() {
    let text = "{ a: { b: 1, c: 2 }, list: [ { id: 'x', n: 1 }, { id: 'y' } ] }";
    let patched = patch(
        text,
        &json!({ "a": { "b": null, "d": 3 }, "list": [{ "id": "x", "n": 2 }, { "id": "z" }] }),
    )
    .unwrap();
    expect![[r#"
        { a: { c: 2, d: 3 }, list: [ { id: 'x', n: 2 }, { id: 'y' }, {
            id: "z",
          } ] }"#]]
    .assert_eq(&patched);
}

#[test]
fn references_survive_what_does_not_change_them() {
    let parsed = json!({ "a": "${X}", "b": "${Y}", "list": ["${X}"] });
    let resolved = json!({ "a": "1", "b": "2", "list": ["1"] });
    let mut new = json!({ "a": "1", "b": "3", "list": ["1", "4"] });
    keep_references(&mut new, &parsed, &resolved);
    assert_eq!(new, json!({ "a": "${X}", "b": "3", "list": ["${X}", "4"] }));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<u16>().prop_map(Value::from),
        "[a-z\"' ]{0,4}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]|x y", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    /// Whatever is written has the value it was asked for, and comments outside what changed stay.
    #[test]
    fn rewriting_gives_the_value(old in value(), new in value(), style in 0..3) {
        let (old, new) = (json!({ "k": old, "z": 1 }), json!({ "k": new, "z": 1 }));
        let text = match style {
            0 => render(&old),
            1 => serde_json::to_string(&old).unwrap(),
            _ => serde_json::to_string_pretty(&old).unwrap(),
        };
        let text = format!("// head\n{text}\n// foot");
        let root = json5::parse(&text, 0).unwrap();
        let out = write::rewrite(&text, &root, &new);
        let read = json5::parse(&out, 0).map(|node| node.to_value());
        prop_assert_eq!(read.as_ref(), Ok(&new), "{}", out);
        prop_assert!(out.starts_with("// head\n") && out.ends_with("\n// foot"));
        if style > 0 {
            let body = out.trim_start_matches("// head\n").trim_end_matches("// foot");
            prop_assert!(serde_json::from_str::<Value>(body).is_ok(), "strict JSON stays strict: {body}");
        }
    }
}
