//! Branches of a transcript: going back to an earlier place, and from one branch to another.

use serde_json::json;

use super::{SessionEdit, StoreError, StoredEntry};
use crate::transcript::{EntryBody, NewEntry};

/// Whose data the entry is that a branch begins with.
const MARKER: &str = "openclaw:branch";

/// Where a transcript shall go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Before this message of the active branch, as if it had not been said.
    Before(String),
    /// At the end of the branch with this last message.
    Tip(String),
}

impl Place {
    /// It is not there.
    pub fn not_found(&self) -> StoreError {
        match self {
            Self::Before(entry) => StoreError::not_found("entry", entry),
            Self::Tip(entry) => StoreError::not_found("branch", entry),
        }
    }
}

/// How a transcript goes on at another place.
pub struct Checkout {
    /// Where.
    pub place: Place,
    /// The entry that is appended behind that place, so that the file's last line is on the branch.
    pub marker: NewEntry,
    /// What becomes of the session's entry; may refuse.
    pub session: SessionEdit,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

impl Checkout {
    /// With a marker that says what was asked for.
    pub fn new(place: Place, session: SessionEdit, at: i64) -> Self {
        let data = match &place {
            Place::Before(entry) => json!({ "rewoundTo": entry }),
            Place::Tip(entry) => json!({ "switchedTo": entry }),
        };
        let body = EntryBody::Custom { custom_type: MARKER.to_owned(), data };
        Self { place, marker: NewEntry::new(at, body), session, at }
    }
}

/// A branch of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its last message.
    pub tip: StoredEntry,
    /// How many messages and compactions lie on it.
    pub messages: u64,
    /// The transcript goes on here.
    pub active: bool,
}
