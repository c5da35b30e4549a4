//! Lists and maps with bounds.

use std::{borrow::Cow, collections::BTreeMap, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A list of at least `MIN` and at most `MAX` entries; with `UNIQUE` no two are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List<T, const MIN: usize, const MAX: usize, const UNIQUE: bool = false>(Vec<T>);

impl<T: PartialEq, const MIN: usize, const MAX: usize, const UNIQUE: bool>
    List<T, MIN, MAX, UNIQUE>
{
    /// Checks the bounds.
    pub fn new(entries: Vec<T>) -> Option<Self> {
        let fits = (MIN..=MAX).contains(&entries.len());
        let repeated = UNIQUE && entries.iter().enumerate().any(|(i, e)| entries[..i].contains(e));
        (fits && !repeated).then_some(Self(entries))
    }

    /// The entries, owned.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MIN: usize, const MAX: usize, const UNIQUE: bool> Deref
    for List<T, MIN, MAX, UNIQUE>
{
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T, const MIN: usize, const MAX: usize, const UNIQUE: bool> Deserialize<'de>
    for List<T, MIN, MAX, UNIQUE>
where
    T: Deserialize<'de> + PartialEq,
{
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(input)?).ok_or_else(|| {
            D::Error::custom(format_args!("must have {MIN} to {MAX} entries, none twice"))
        })
    }
}

impl<T: JsonSchema, const MIN: usize, const MAX: usize, const UNIQUE: bool> JsonSchema
    for List<T, MIN, MAX, UNIQUE>
{
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List{MIN}To{MAX}Of{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "array", "items": generator.subschema_for::<T>() });
        if MIN > 0 {
            schema.insert("minItems".to_owned(), MIN.into());
        }
        if MAX < usize::MAX {
            schema.insert("maxItems".to_owned(), MAX.into());
        }
        if UNIQUE {
            schema.insert("uniqueItems".to_owned(), true.into());
        }
        schema
    }
}

/// An object with free names and at most `MAX` of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Dict<T, const MAX: usize>(BTreeMap<String, T>);

impl<T, const MAX: usize> Dict<T, MAX> {
    /// Checks the bound.
    pub fn new(entries: BTreeMap<String, T>) -> Option<Self> {
        (entries.len() <= MAX).then_some(Self(entries))
    }
}

impl<T, const MAX: usize> Deref for Dict<T, MAX> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &BTreeMap<String, T> {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Dict<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::new(BTreeMap::deserialize(input)?)
            .ok_or_else(|| D::Error::custom(format_args!("must have at most {MAX} properties")))
    }
}

impl<T: JsonSchema, const MAX: usize> JsonSchema for Dict<T, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Dict{MAX}Of{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({
            "type": "object",
            "additionalProperties": generator.subschema_for::<T>(),
        });
        if MAX < usize::MAX {
            schema.insert("maxProperties".to_owned(), MAX.into());
        }
        schema
    }
}
