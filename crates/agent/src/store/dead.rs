//! Dead letters: what was accepted and then dropped or given up, so that it does not end unseen.

use async_trait::async_trait;
pub use openclaw_protocol::methods::dead_letters::DeadLetterKind;

use super::StoreError;

/// Letters that are kept. Beyond it the oldest are forgotten: who has not looked at a thousand does not
/// miss the first of them, and the list must not fill a disk.
pub const MAX_DEAD_LETTERS: usize = 1_000;
/// Characters of what was asked that a letter keeps.
const MAX_TEXT: usize = 200;

/// Something that was dropped or given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeadLetter {
    /// When, milliseconds since the epoch.
    pub at: i64,
    /// How it ended.
    pub kind: DeadLetterKind,
    /// What it was: the id of a run or of a piece of work. One subject has one letter of a kind; a
    /// further one takes its place.
    pub subject: String,
    /// Why, for people.
    pub reason: String,
    /// The session that it belonged to.
    pub session_key: Option<String>,
    /// The node that it was for.
    pub node: Option<String>,
    /// What was asked.
    pub text: Option<String>,
}

/// A letter with its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number; later ones have greater numbers.
    pub id: i64,
    /// What it says.
    pub letter: NewDeadLetter,
}

/// A part of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterPage {
    /// The latest first.
    pub letters: Vec<DeadLetter>,
    /// How many there are in all.
    pub total: u64,
}

/// Keeps dead letters. Those of runs are written by [`super::TurnStore::finish`] in its own commit.
#[async_trait]
pub trait DeadLetterStore: Send + Sync {
    /// Adds one.
    async fn bury(&self, letter: NewDeadLetter) -> Result<(), StoreError>;

    /// The latest ones with a number below `before`.
    async fn dead_letters(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<DeadLetterPage, StoreError>;

    /// Takes off those with these numbers, or all; how many went and how many are left.
    async fn discard(&self, ids: Option<Vec<i64>>) -> Result<(u64, u64), StoreError>;
}

/// The beginning of what was asked, on one line.
pub(crate) fn beginning(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = line.char_indices().nth(MAX_TEXT).map(|(at, _)| format!("{}…", &line[..at]));
    Some(cut.unwrap_or(line)).filter(|text| !text.is_empty())
}
