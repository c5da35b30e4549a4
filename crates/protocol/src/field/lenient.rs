//! Fields of the few methods that OpenClaw reads without a schema: what does not fit counts as
//! absent (recorded from OpenClaw 2026.3.28 and 2026.9.6: `health` accepts `{"probe":"yes"}`).

use serde::{Deserialize as _, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Reads a field; a value of another type counts as absent.
pub fn lenient<'de, D, T>(input: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(input)?).ok())
}
