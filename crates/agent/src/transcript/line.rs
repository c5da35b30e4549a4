//! What a transcript line says about itself, read without keeping its body.

use std::borrow::Cow;

use serde::Deserialize;

/// The type of a transcript line. The number is the one in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// The header.
    Session = 0,
    /// A message.
    Message = 1,
    /// A compaction.
    Compaction = 2,
    /// A change of the model.
    ModelChange = 3,
    /// A change of the thinking level.
    ThinkingLevelChange = 4,
    /// Data of a feature.
    Custom = 5,
    /// A message of a feature.
    CustomMessage = 6,
    /// The summary of a branch that was left.
    BranchSummary = 7,
    /// A type that this program does not know; the line is kept.
    Other = 8,
}

impl LineKind {
    const ALL: [Self; 9] = [
        Self::Session,
        Self::Message,
        Self::Compaction,
        Self::ModelChange,
        Self::ThinkingLevelChange,
        Self::Custom,
        Self::CustomMessage,
        Self::BranchSummary,
        Self::Other,
    ];

    /// The `type` of the line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Message => "message",
            Self::Compaction => "compaction",
            Self::ModelChange => "model_change",
            Self::ThinkingLevelChange => "thinking_level_change",
            Self::Custom => "custom",
            Self::CustomMessage => "custom_message",
            Self::BranchSummary => "branch_summary",
            Self::Other => "other",
        }
    }

    /// The kind of a `type`.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|k| k.as_str() == word).unwrap_or(Self::Other)
    }

    /// The number in the database.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The kind of that number.
    pub fn from_number(number: i64) -> Self {
        Self::ALL.into_iter().find(|k| k.number() == number).unwrap_or(Self::Other)
    }

    /// Readers see it, so it has a place among the messages.
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Message | Self::Compaction)
    }
}

/// The head of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineInfo {
    /// Its type.
    pub kind: LineKind,
    /// Its id; empty where it has none. For the header the session's id.
    pub id: String,
    /// The entry before it.
    pub parent_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    parent_id: Option<Cow<'a, str>>,
}

impl From<Head<'_>> for LineInfo {
    fn from(head: Head<'_>) -> Self {
        Self {
            kind: LineKind::parse(&head.kind),
            id: head.id.map(Cow::into_owned).unwrap_or_default(),
            parent_id: head.parent_id.map(Cow::into_owned),
        }
    }
}

/// The head of one line; `None` when it is not one JSON object with a `type`.
pub fn inspect(line: &[u8]) -> Option<LineInfo> {
    serde_json::from_slice::<Head<'_>>(line).ok().map(LineInfo::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_read_and_the_rest_is_not() {
        let info =
            inspect(br#"{"type":"message","id":"a\u0031","parentId":null,"message":{"x":[1]}}"#);
        let expected = LineInfo { kind: LineKind::Message, id: "a1".into(), parent_id: None };
        assert_eq!(info, Some(expected));
        assert_eq!(inspect(br#"{"type":"label","id":"x"}"#).unwrap().kind, LineKind::Other);
        assert_eq!(inspect(b"{}"), None);
        assert_eq!(inspect(b"\0\0\0"), None);
    }

    #[test]
    fn numbers_and_words_go_both_ways() {
        for kind in LineKind::ALL {
            assert_eq!(LineKind::from_number(kind.number()), kind);
            assert_eq!(LineKind::parse(kind.as_str()), kind);
        }
    }
}
