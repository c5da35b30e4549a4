//! Texts with bounds, counted in characters as JSON Schema counts them.

use std::{borrow::Cow, fmt, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::method::LaneKey;

/// A text of at least `MIN` and at most `MAX` characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// A text that is not empty.
pub type NonEmpty = Text<1, { usize::MAX }>;
/// A session's label, 1 to 512 characters.
pub type Label = Text<1, 512>;
/// A session key as `chat.send` bounds it, 1 to 512 characters.
pub type SessionKeyText = Text<1, 512>;
/// An identifier of 1 to 256 characters.
pub type IdText = Text<1, 256>;
/// A prepared title, 1 to 500 characters.
pub type Title = Text<1, 500>;

/// A text outside its bounds or its pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Fewer characters than allowed.
    #[error("must not have fewer than {0} characters")]
    TooShort(usize),
    /// More characters than allowed.
    #[error("must not have more than {0} characters")]
    TooLong(usize),
    /// The characters do not fit the pattern.
    #[error("must match pattern \"{0}\"")]
    Pattern(&'static str),
}

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Checks the bounds.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        // Bytes bound characters from above, so most texts are not counted.
        if text.len() < MIN || (MIN > 1 && text.chars().count() < MIN) {
            return Err(TextError::TooShort(MIN));
        }
        if text.len() > MAX && text.chars().count() > MAX {
            return Err(TextError::TooLong(MAX));
        }
        Ok(Self(text))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MIN: usize, const MAX: usize> Deref for Text<MIN, MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> AsRef<str> for Text<MIN, MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> Self {
        text.0
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<&str> for Text<MIN, MAX> {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(input)?).map_err(D::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> JsonSchema for Text<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "string" });
        if MIN > 0 {
            schema.insert("minLength".to_owned(), MIN.into());
        }
        if MAX < usize::MAX {
            schema.insert("maxLength".to_owned(), MAX.into());
        }
        schema
    }
}

impl<const MIN: usize, const MAX: usize> LaneKey for Text<MIN, MAX> {
    fn lane_key(&self) -> Option<&str> {
        Some(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> LaneKey for Option<Text<MIN, MAX>> {
    fn lane_key(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// A text with a pattern, which `$check` decides and the schema shows.
macro_rules! pattern {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the pattern.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::field::TextError> {
                let text = text.into();
                if $check(&text) { Ok(Self(text)) } else { Err($crate::field::TextError::Pattern($pattern)) }
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Self::new(<String as ::serde::Deserialize>::deserialize(input)?)
                    .map_err(::serde::de::Error::custom)
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
                ::schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}
pub(crate) use pattern;

pattern! {
    /// 64 lower-case hexadecimal digits.
    Hex64, "^[a-f0-9]{64}$", is_hex64
}
pattern! {
    /// A day: `2026-11-20`. Whether the calendar has it is not looked at here.
    Day, r"^\d{4}-\d{2}-\d{2}$", is_day
}
pattern! {
    /// A distance from UTC: `UTC+2`, `UTC-03:30`.
    UtcOffset, r"^UTC[+-]\d{1,2}(?::[0-5]\d)?$", is_utc_offset
}
pattern! {
    /// A place in the config: names with dots between them, `[]` or `*` for any index or name.
    ConfigPath, r"^[A-Za-z0-9_./\[\]\-*]+$", is_config_path
}
pattern! {
    /// The name of a managed worktree; its branch is `openclaw/<name>`.
    WorktreeName, "^[a-z0-9][a-z0-9-]{0,63}$", is_worktree_name
}

fn is_hex64(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'a'..=b'f' | b'0'..=b'9'))
}

fn is_day(text: &str) -> bool {
    let digit = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(digit)
}

fn is_utc_offset(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let Some(rest) = text.strip_prefix("UTC").and_then(|rest| rest.strip_prefix(['+', '-'])) else {
        return false;
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    matches!(hours.len(), 1 | 2)
        && digits(hours)
        && minutes.len() == 2
        && digits(minutes)
        && minutes.as_bytes()[0] < b'6'
}

fn is_config_path(text: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"_./[]-*".contains(&b);
    !text.is_empty() && text.bytes().all(part)
}

fn is_worktree_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
