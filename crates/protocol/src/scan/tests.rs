//! The scanner against a naive model.

use std::fmt;

use proptest::prelude::*;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{MAX_FRAME_KEYS, MAX_OBJECT_KEYS, ScanError, scan, scan_bytes};
use crate::frame::MAX_DEPTH;

/// The naive model: parses with serde and remembers every name.
struct Model(usize);

impl<'de> DeserializeSeed<'de> for Model {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl Model {
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.0 >= MAX_DEPTH { Err(E::custom("deep")) } else { Ok(self.0 + 1) }
    }
}

impl<'de> Visitor<'de> for Model {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while list.next_element_seed(Self(depth))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let mut seen = Vec::new();
        while let Some(key) = object.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(A::Error::custom("twice"));
            }
            seen.push(key);
            object.next_value_seed(Self(depth))?;
        }
        Ok(())
    }
}

fn model(text: &str) -> bool {
    let mut input = serde_json::Deserializer::from_str(text);
    Model(0).deserialize(&mut input).is_ok() && input.end().is_ok()
}

/// The text of a string, with escapes that mean the same and some that mean nothing.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[abc]",
        2 => prop::sample::select(vec![
            "\\u0061", "\\u0062", "\\n", "\\u000a", "\\\"", "\\/", "/", "ü", "\\u00fc", "😀",
            "\\ud83d\\ude00", "\\uD83D\\uDE00",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["\\ud83d", "\\ude00", "\\ud83d\\u0061", "\\x", "\\u12", "\n"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// The text of a key: few letters, so that some occur twice.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "\\u0061", "\\u0062", "aa", "a\\u0061"])
            .prop_map(|key| format!("\"{key}\"")),
        1 => string(),
    ]
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        string(),
        prop::sample::select(vec![
            "1", "-0", "0.5", "1e3", "01", "-", "1.", ".5", "true", "false", "null", "nul", ""
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 64, 12, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4)
            .prop_map(|values| format!("[{}]", values.join(" ,\t")));
        let object = prop::collection::vec((key(), inner), 0..12).prop_map(|entries| {
            let entries: Vec<_> = entries.iter().map(|(k, v)| format!("{k}\n:{v}")).collect();
            format!("{{{}}}", entries.join(","))
        });
        prop_oneof![list, object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_the_model(text in json()) {
        prop_assert_eq!(scan(&text).is_ok(), model(&text), "{}", text);
    }

    #[test]
    fn agrees_with_the_model_on_damaged_texts(
        text in json(),
        place in any::<prop::sample::Index>(),
        piece in prop::sample::select(vec!["", ",", ":", "\"", "{", "}", "[", "]", "\\", " ", "1"]),
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        if !characters.is_empty() {
            let at = place.index(characters.len());
            characters.splice(at..=at, piece.chars());
        }
        let text: String = characters.into_iter().collect();
        prop_assert_eq!(scan(&text).is_ok(), model(&text), "{}", text);
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let fits = scan_bytes(&bytes).is_ok();
        prop_assert_eq!(fits, str::from_utf8(&bytes).is_ok_and(model));
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(scan(text).unwrap_err().to_string(), expected);
}

#[test]
fn says_what_is_wrong() {
    check(r#"{"a":1,"\u0061":2}"#, "duplicate property 'a'");
    check(r#"{"x":[{"role":1,"role":2}]}"#, "duplicate property 'role'");
    check(r#"["\ud800"]"#, "half a surrogate pair at byte 2");
    check(r#"["\udc00"]"#, "half a surrogate pair at byte 2");
    check(r#"["\ud800\u0061"]"#, "half a surrogate pair at byte 2");
    check(r#"{"a":1,}"#, "not JSON at byte 7");
    check("{} {}", "not JSON at byte 3");
    check("", "not JSON at byte 0");
    assert_eq!(scan_bytes(b"\"\xff\""), Err(ScanError::Utf8 { at: 1 }));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(scan(&nested(MAX_DEPTH)), Ok(()));
    check(&nested(MAX_DEPTH + 1), "nested deeper than 64 at byte 64");
}

#[test]
fn names_are_bounded_over_the_whole_frame() {
    let names: Vec<_> = (0..MAX_OBJECT_KEYS).map(|i| format!("\"{i}\":0")).collect();
    let object = format!("{{{}}}", names.join(","));
    let full = vec![object; MAX_FRAME_KEYS / MAX_OBJECT_KEYS].join(",");
    assert_eq!(scan(&format!("[{full}]")), Ok(()));
    let one_more = scan(&format!("[{full},{{\"a\":0}}]"));
    assert!(matches!(one_more, Err(ScanError::TooManyKeys { .. })));
}

#[test]
fn names_are_bounded_and_found_among_many() {
    let object = |count: usize, last: &str| {
        let names: Vec<_> = (0..count).map(|i| format!("\"k{i}\":{i}")).collect();
        format!("{{{},{last}:0}}", names.join(","))
    };
    assert_eq!(scan(&object(MAX_OBJECT_KEYS - 1, "\"z\"")), Ok(()));
    check(&object(MAX_OBJECT_KEYS - 1, "\"k\\u0037\""), "duplicate property 'k7'");
    assert!(matches!(scan(&object(MAX_OBJECT_KEYS, "\"z\"")), Err(ScanError::TooManyKeys { .. })));
}
