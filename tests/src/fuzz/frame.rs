//! Frame decoding: the scanner and the envelope against serde reading the same text once more.

use std::{collections::BTreeSet, fmt};

use openclaw_protocol::{
    Version,
    frame::{MAX_DEPTH, RequestFrame, RequestIn},
    scan::{self, MAX_OBJECT_KEYS, ScanError},
    validate::{FrameRefusal, parse_request},
};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Judges one frame.
pub fn check(bytes: &[u8]) {
    let text = match scan::scan_bytes(bytes) {
        Ok(text) => text,
        Err(error) => return refused_rightly(bytes, &error),
    };
    assert_ne!(strictly(text), Some(false), "the scan passes what the plain reading refuses");
    assert!(serde_json::from_str::<IgnoredAny>(text).is_ok(), "the scan passes what is not JSON");
    match serde_json::from_str::<Value>(text) {
        Ok(value) => envelope(text, &value),
        // What a number is worth is the one thing that the scan leaves to those who read it.
        Err(error) => assert!(error.to_string().starts_with("number out of range"), "{error}"),
    }
}

fn refused_rightly(bytes: &[u8], error: &ScanError) {
    let Ok(text) = str::from_utf8(bytes) else {
        return assert!(matches!(error, ScanError::Utf8 { .. }), "{error}");
    };
    match error {
        ScanError::Utf8 { .. } => panic!("this is UTF-8"),
        ScanError::Syntax { .. } => assert!(serde_json::from_str::<IgnoredAny>(text).is_err()),
        ScanError::LoneSurrogate { .. } => assert!(serde_json::from_str::<Value>(text).is_err()),
        ScanError::TooManyKeys { .. } => assert!(text.matches('"').count() > MAX_OBJECT_KEYS),
        ScanError::Depth { .. } | ScanError::DuplicateKey { .. } => {
            assert_ne!(strictly(text), Some(true), "{error}");
        }
    }
}

/// A frame that passed: what is read from the raw text is what is read from its value.
fn envelope(text: &str, value: &Value) {
    let again = value.to_string();
    assert_eq!(scan::scan(&again), Ok(()), "what we write of a frame passes as well");
    let owned = serde_json::from_str::<RequestFrame>(text).ok().filter(|_| value.is_object());
    let answers = Version::ALL.map(|version| parse_request(text, version));
    assert_eq!(answers[0].is_ok(), answers[1].is_ok(), "both versions know the same frames");
    for answer in answers {
        match answer {
            Ok(request) => {
                same(&request, value);
                let owned = owned.as_ref().expect("the described frame is the one that is read");
                assert_eq!((&*owned.id, &*owned.method), (&*request.id, &*request.method));
            }
            Err(FrameRefusal::NotJson) => panic!("this is JSON"),
            Err(FrameRefusal::NotRequest { id, error }) => {
                assert_eq!(id, value["id"].as_str().unwrap_or("invalid"));
                assert!(error.message.starts_with("invalid request frame: "), "{}", error.message);
                assert!(!fits(owned.as_ref()), "a frame that fits is refused: {}", error.message);
            }
        }
    }
}

fn same(request: &RequestIn<'_>, value: &Value) {
    assert_eq!(request.kind, "req");
    assert!(!request.id.is_empty() && !request.method.is_empty());
    assert_eq!(value["id"], *request.id);
    assert_eq!(value["method"], *request.method);
    let params = request.params.map(|raw| serde_json::from_str::<Value>(raw.get()).unwrap());
    assert_eq!(params.as_ref().unwrap_or(&Value::Null), &value["params"]);
    if let Some(raw) = request.params {
        assert_eq!(scan::scan(raw.get()), Ok(()), "parameters stand for themselves");
    }
    let known = ["type", "id", "method", "params", "traceparent", "expectedProfileId"];
    assert!(value.as_object().unwrap().keys().all(|name| known.contains(&name.as_str())));
}

/// The same rule, said once more over the described frame.
fn fits(frame: Option<&RequestFrame>) -> bool {
    frame.is_some_and(|frame| {
        frame.kind == "req"
            && !frame.id.is_empty()
            && !frame.method.is_empty()
            && frame.traceparent.as_ref().is_none_or(|trace| trace.chars().count() <= 128)
            && frame.expected_profile_id.as_ref().is_none_or(|id| !id.is_empty())
    })
}

/// Whether the text is right, by serde, which here remembers every name. `None` when it stops at a number.
fn strictly(text: &str) -> Option<bool> {
    let mut input = serde_json::Deserializer::from_str(text);
    match Strict(0).deserialize(&mut input) {
        Err(error) if error.to_string().starts_with("number out of range") => None,
        answer => Some(answer.is_ok() && input.end().is_ok()),
    }
}

struct Strict(usize);

impl Strict {
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.0 < MAX_DEPTH { Ok(self.0 + 1) } else { Err(E::custom("too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while list.next_element_seed(Self(depth))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let mut names = BTreeSet::new();
        while let Some(name) = object.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name occurs twice"));
            }
            object.next_value_seed(Self(depth))?;
        }
        Ok(())
    }
}
