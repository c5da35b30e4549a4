//! Field types whose serde verdict equals their JSON Schema: bounded texts, integers and lists,
//! and a field that `null` clears.

mod clear;
mod int;
mod lenient;
mod list;
mod null;
mod text;

pub use clear::Clearable;
pub use int::{Int, Limit, MAX_SAFE_INTEGER, Ms, Offset};
pub use lenient::lenient;
pub use list::{Dict, List};
pub use null::{OrNull, True};
pub(crate) use text::pattern;
pub use text::{
    ConfigPath, Day, Hex64, IdText, Label, NonEmpty, SessionKeyText, Text, TextError, Title,
    UtcOffset, WorktreeName,
};

use serde::{Deserialize, Deserializer};

/// Reads a field that may be absent but, when it is there, must be a value: `null` is refused
/// unless the field's own type accepts it.
pub fn present<'de, D, T>(input: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(input).map(Some)
}

#[cfg(test)]
mod tests;
