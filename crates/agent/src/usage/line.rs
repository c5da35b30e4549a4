//! What one line of a transcript says of use, read without keeping what was said.

use std::{borrow::Cow, fmt};

use openclaw_protocol::field::lenient;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::{clock::parse_iso, message::Usage, run::entries::INJECTED};

/// A message, as far as it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// When it was said, milliseconds since the epoch.
    pub at: Option<i64>,
    /// Who said it.
    pub said: Said,
}

/// Who spoke.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A person, a channel or a schedule.
    User,
    /// A model, or the gateway in its place.
    Assistant {
        /// The provider and the model; none where the gateway spoke.
        model: Option<(Option<String>, Option<String>)>,
        /// What the answer took.
        usage: Option<Box<Usage>>,
        /// The tools that it calls.
        tools: Vec<String>,
        /// It failed or was stopped.
        failed: bool,
    },
    /// A tool.
    Tool {
        /// It failed.
        failed: bool,
    },
}

impl Fact {
    /// Reads a line; `None` when it is no message.
    pub fn of_line(line: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Line<'_>>(line).ok()?.into_fact()
    }
}

#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    timestamp: Stamp,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow, default)]
    role: Cow<'a, str>,
    #[serde(default)]
    timestamp: Stamp,
    #[serde(borrow, default)]
    provider: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "usage")]
    usage: Option<Usage>,
    #[serde(borrow, default)]
    stop_reason: Option<Cow<'a, str>>,
    #[serde(default)]
    content: Calls,
    #[serde(default, deserialize_with = "lenient")]
    is_error: Option<bool>,
}

impl Line<'_> {
    pub(super) fn into_fact(self) -> Option<Fact> {
        let message = self.message.filter(|_| self.kind == "message")?;
        let said = match &*message.role {
            "user" => Said::User,
            "toolResult" => Said::Tool { failed: message.is_error == Some(true) },
            "assistant" => {
                let stopped = message.stop_reason.as_deref();
                Said::Assistant {
                    failed: matches!(stopped, Some("error" | "aborted" | "timeout")),
                    model: model(message.provider, message.model),
                    usage: message.usage.map(Box::new),
                    tools: message.content.0,
                }
            }
            _ => return None,
        };
        Some(Fact { at: self.timestamp.0.or(message.timestamp.0), said })
    }
}

/// Tokens count even where the price beside them cannot be read.
fn usage<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Usage>, D::Error> {
    let mut value = Value::deserialize(input)?;
    let read = |value: &Value| Usage::deserialize(value).ok();
    Ok(read(&value).or_else(|| {
        value.as_object_mut()?.remove("cost")?;
        read(&value)
    }))
}

type Model = (Option<String>, Option<String>);

fn model(provider: Option<Cow<'_, str>>, model: Option<Cow<'_, str>>) -> Option<Model> {
    let unnamed = provider.is_none() && model.is_none();
    let injected = (provider.as_deref(), model.as_deref()) == (Some(INJECTED.0), Some(INJECTED.1));
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    (!unnamed && !injected).then(|| (owned(provider), owned(model)))
}

/// A time: ISO 8601 in the line, milliseconds in the message. Anything else is no time.
#[derive(Default)]
struct Stamp(Option<i64>);

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(input)?;
        #[expect(clippy::cast_possible_truncation, reason = "a time is far inside the range")]
        let number = || value.as_i64().or_else(|| value.as_f64().map(|ms| ms as i64));
        Ok(Self(value.as_str().map_or_else(number, parse_iso)))
    }
}

/// The names of the tools that a content calls.
#[derive(Default)]
struct Calls(Vec<String>);

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Content;

        impl<'de> Visitor<'de> for Content {
            type Value = Calls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Calls, E> {
                Ok(Calls::default())
            }

            fn visit_unit<E: Error>(self) -> Result<Calls, E> {
                Ok(Calls::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Calls, A::Error> {
                let mut names = Vec::new();
                while let Some(Part { call }) = parts.next_element()? {
                    names.extend(call);
                }
                Ok(Calls(names))
            }
        }

        input.deserialize_any(Content)
    }
}

/// One part of a content; all that counts is which tool it calls.
struct Part {
    call: Option<String>,
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Part;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a part of a content")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Part, E> {
                Ok(Part { call: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Part, A::Error> {
                let (mut kind, mut name) = (None, None);
                while let Some(field) = fields.next_key::<Cow<'de, str>>()? {
                    match &*field {
                        "type" => kind = fields.next_value::<Option<String>>()?,
                        "name" => name = fields.next_value::<Option<String>>()?,
                        _ => {
                            fields.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(Part { call: name.filter(|_| kind.as_deref() == Some("toolCall")) })
            }
        }

        input.deserialize_any(Fields)
    }
}
