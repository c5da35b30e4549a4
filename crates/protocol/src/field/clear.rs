//! A field of a patch: absent leaves it alone, `null` clears it, a value sets it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a patch does with a field that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clearable<T> {
    /// `null`: back to the default.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Clearable<T> {
    /// The new value, or `None` when the field is cleared.
    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, owned, or `None` when the field is cleared.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T: Serialize> Serialize for Clearable<T> {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        self.as_option().serialize(output)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Clearable<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(input)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T: JsonSchema> JsonSchema for Clearable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Clearable{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<T>(), { "type": "null" }] })
    }
}
