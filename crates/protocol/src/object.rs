//! `params!`, `open_params!`, `lenient!`, `results!` and `words!`: wire structs and string enums
//! whose JSON Schema comes from the same line as their serde rules.

use std::fmt;

use schemars::{Schema, json_schema};
use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// Reads a struct from an object alone. Derived code would also take a list of its values in
/// order, which no schema describes.
#[derive(Debug)]
pub struct MapOnly<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for MapOnly<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads one of several words. Derived code would also take an object with the word as its name.
pub fn word<'de, D, T>(input: D, parse: fn(&str) -> Option<T>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    struct Words<T>(fn(&str) -> Option<T>);

    impl<T> Visitor<'_> for Words<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one of the allowed values")
        }

        fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
            (self.0)(word).ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
        }
    }

    input.deserialize_str(Words(parse))
}

/// One field of an object, as the schema sees it.
#[derive(Debug)]
pub struct Field {
    /// The Rust name; the wire name is its camel case.
    pub name: &'static str,
    /// The doc comment.
    pub doc: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Its own schema.
    pub schema: Schema,
}

/// Builds the schema of an object. A closed one refuses other names.
pub fn schema(doc: &str, closed: bool, fields: Vec<Field>) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let name = camel(field.name);
        let mut schema = field.schema;
        if schema.get("$ref").is_none() {
            schema.insert("description".to_owned(), paragraph(field.doc).into());
        }
        if field.required {
            required.push(Value::from(name.clone()));
        }
        properties.insert(name, schema.to_value());
    }
    let mut object = json_schema!({
        "type": "object",
        "description": paragraph(doc),
        "properties": properties,
    });
    if !required.is_empty() {
        object.insert("required".to_owned(), required.into());
    }
    if closed {
        object.insert("additionalProperties".to_owned(), false.into());
    }
    object
}

/// The doc comment's first paragraph on one line.
fn paragraph(doc: &str) -> String {
    let lines = doc.lines().map(str::trim).skip_while(|line| line.is_empty());
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `session_key` becomes `sessionKey`, as serde's `rename_all` does it.
pub fn camel(name: &str) -> String {
    let mut parts = name.trim_start_matches("r#").split('_');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

/// A struct of parameters: unknown names are refused, `name?: T` is an `Option<T>` that may be
/// absent but not `null`.
///
/// ```text
/// params! {
///     /// Returns a few entries.
///     pub struct ExampleListParams {
///         /// How many.
///         limit?: Limit,
///     }
/// }
/// ```
#[macro_export]
macro_rules! params {
    ($($item:tt)*) => { $crate::object!(closed [] $($item)*); };
}

/// Like `params!`, but unknown names are ignored.
#[macro_export]
macro_rules! open_params {
    ($($item:tt)*) => { $crate::object!(partial [] $($item)*); };
}

/// Like `params!`, for the methods that OpenClaw reads without a schema: unknown names are
/// ignored, and what does not fit counts as absent.
#[macro_export]
macro_rules! lenient {
    ($($item:tt)*) => { $crate::object!(lenient [] $($item)*); };
}

/// A struct that we send: unknown names are ignored when it is read, `name?: T` is an `Option<T>`
/// that is left out when `None`.
#[macro_export]
macro_rules! results {
    ($($item:tt)*) => { $crate::object!(open [] $($item)*); };
}

/// The common part of the macros above.
#[doc(hidden)]
#[macro_export]
macro_rules! object {
    ($kind:ident [] $(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? pub struct $name:ident
        { $($body:tt)* } $($next:tt)*) => {
        $crate::object!(@fields $kind [$($doc)*] [$($($derive)*)?] $name [] [] $($body)*);
        $crate::object!($kind [] $($next)*);
    };
    ($kind:ident []) => {};

    (@fields $kind:ident $docs:tt $derives:tt $name:ident [$($done:tt)*] [$($schema:tt)*]
        $(#[doc = $doc:literal])* $field:ident ? : $type:ty, $($rest:tt)*) => {
        $crate::object!(@fields $kind $docs $derives $name
            [$($done)* ($kind optional [$($doc)*] $field $type)]
            [$($schema)* (false [$($doc)*] $field $type)] $($rest)*);
    };
    (@fields $kind:ident $docs:tt $derives:tt $name:ident [$($done:tt)*] [$($schema:tt)*]
        $(#[doc = $doc:literal])* $field:ident : $type:ty, $($rest:tt)*) => {
        $crate::object!(@fields $kind $docs $derives $name
            [$($done)* ($kind required [$($doc)*] $field $type)]
            [$($schema)* (true [$($doc)*] $field $type)] $($rest)*);
    };
    (@fields $kind:ident [$($doc:literal)*] [$($derive:ident)*] $name:ident [$($field:tt)*]
        [$(($required:literal [$($fdoc:literal)*] $fname:ident $ftype:ty))*]) => {
        $crate::object!(@emit $kind [$($doc)*] [$($derive)*] $name [] $($field)*);

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let _generator = generator;
                $crate::object::schema(
                    concat!($($doc, "\n"),*),
                    $crate::object!(@closed $kind),
                    vec![$($crate::object::Field {
                        name: stringify!($fname),
                        doc: concat!($($fdoc, "\n"),*),
                        required: $required,
                        schema: $crate::object!(@schema $kind _generator $ftype),
                    }),*],
                )
            }
        }
    };

    (@closed closed) => { true };
    (@closed $kind:ident) => { false };
    (@schema lenient $generator:ident $type:ty) => { ::schemars::Schema::default() };
    (@schema $kind:ident $generator:ident $type:ty) => { $generator.subschema_for::<$type>() };

    (@emit $kind:ident $docs:tt $derives:tt $name:ident [$($out:tt)*]
        (closed optional [$($doc:literal)*] $field:ident $type:ty) $($rest:tt)*) => {
        $crate::object!(@emit $kind $docs $derives $name [$($out)*
            $(#[doc = $doc])*
            #[serde(default, deserialize_with = "crate::field::present", skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,] $($rest)*);
    };
    (@emit $kind:ident $docs:tt $derives:tt $name:ident [$($out:tt)*]
        (partial optional [$($doc:literal)*] $field:ident $type:ty) $($rest:tt)*) => {
        $crate::object!(@emit $kind $docs $derives $name [$($out)*
            $(#[doc = $doc])*
            #[serde(default, deserialize_with = "crate::field::present", skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,] $($rest)*);
    };
    (@emit $kind:ident $docs:tt $derives:tt $name:ident [$($out:tt)*]
        (lenient optional [$($doc:literal)*] $field:ident $type:ty) $($rest:tt)*) => {
        $crate::object!(@emit $kind $docs $derives $name [$($out)*
            $(#[doc = $doc])*
            #[serde(default, deserialize_with = "crate::field::lenient", skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,] $($rest)*);
    };
    (@emit $kind:ident $docs:tt $derives:tt $name:ident [$($out:tt)*]
        (open optional [$($doc:literal)*] $field:ident $type:ty) $($rest:tt)*) => {
        $crate::object!(@emit $kind $docs $derives $name [$($out)*
            $(#[doc = $doc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,] $($rest)*);
    };
    (@emit $kind:ident $docs:tt $derives:tt $name:ident [$($out:tt)*]
        ($k:ident required [$($doc:literal)*] $field:ident $type:ty) $($rest:tt)*) => {
        $crate::object!(@emit $kind $docs $derives $name [$($out)*
            $(#[doc = $doc])*
            pub $field: $type,] $($rest)*);
    };
    (@emit closed [$($doc:literal)*] [$($derive:ident)*] $name:ident [$($out:tt)*]) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize, $($derive),*)]
        #[serde(remote = "Self", rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name { $($out)* }
        $crate::object!(@serde $name);
    };
    (@emit $kind:ident [$($doc:literal)*] [$($derive:ident)*] $name:ident [$($out:tt)*]) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize, $($derive),*)]
        #[serde(remote = "Self", rename_all = "camelCase")]
        pub struct $name { $($out)* }
        $crate::object!(@serde $name);
    };
    (@serde $name:ident) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, output)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Self::deserialize($crate::object::MapOnly(input))
            }
        }
    };
}

/// Words of which one travels as a string.
///
/// `any_of` and `one_of` choose how the schema lists them: OpenClaw has both, and complains about
/// a wrong word in different words.
///
/// ```text
/// words! {
///     /// The order of a list.
///     pub enum SessionSort: any_of {
///         /// Latest change first.
///         UpdatedAt = "updatedAt",
///     }
/// }
/// ```
#[macro_export]
macro_rules! words {
    ($($(#[doc = $doc:literal])* pub enum $name:ident : $style:ident
        { $($(#[doc = $vdoc:literal])* $variant:ident = $word:literal),* $(,)? })*) => {
        $($(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ::serde::Serialize)]
        pub enum $name { $($(#[doc = $vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every word, in the order of the schema.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads a word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                $crate::object::word(input, Self::parse)
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                $crate::words!(@schema $style $($word),*)
            }
        })*
    };
    (@schema one_of $($word:literal),*) => {
        ::schemars::json_schema!({ "type": "string", "enum": [$($word),*] })
    };
    (@schema any_of $word:literal) => {
        ::schemars::json_schema!({ "type": "string", "const": $word })
    };
    (@schema any_of $($word:literal),*) => {
        ::schemars::json_schema!({ "anyOf": [$({ "type": "string", "const": $word }),*] })
    };
}

#[cfg(test)]
mod tests {
    use super::{camel, paragraph};

    #[test]
    fn names_become_camel_case() {
        for (rust, wire) in [("key", "key"), ("r#type", "type"), ("delay_p99_ms", "delayP99Ms")] {
            assert_eq!(camel(rust), wire);
        }
    }

    #[test]
    fn a_description_is_the_first_paragraph() {
        assert_eq!(paragraph(" One\n line.\n\n Two."), "One line.");
    }
}
