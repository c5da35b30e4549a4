//! What waits for a node, and what it was asked for.

use openclaw_protocol::methods::{
    dead_letters::DeadLetterKind,
    nodes::{WorkPriority, WorkType},
};

/// How long work is worth doing when nobody says, in milliseconds.
pub const WORK_TTL_MS: u64 = 24 * 60 * 60 * 1000;
/// How long a command waits until the node's screen is on, in milliseconds.
pub const ACTION_TTL_MS: u64 = 10 * 60 * 1000;
/// Commands that wait for one node; a further one takes the place of the oldest.
pub const MAX_ACTIONS: usize = 64;
/// How long an answered or begun dispatch is remembered, in milliseconds.
pub const DISPATCH_TTL_MS: u64 = 24 * 60 * 60 * 1000;
/// Longest answer that is kept for a repetition, in bytes; of a longer one only that it was given.
pub const MAX_KEPT_ANSWER: usize = 256 * 1024;

/// Work that a node finds when it drains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: WorkType,
    /// How urgent it is.
    pub priority: WorkPriority,
    /// When it was left, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// When it runs out.
    pub expires_at_ms: u64,
    /// Who left it; nobody when several want it.
    pub asker: Option<String>,
}

/// A command that a node could not carry out with its screen off, and finds when it pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its id.
    pub id: String,
    /// The command.
    pub command: String,
    /// What it needs, as JSON text.
    pub params: Option<String>,
    /// The key of who asked: the same is not left twice.
    pub key: String,
    /// When it was left, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who left it.
    pub asker: Option<String>,
}

/// Something that waited for a node and will never be done; people find it among the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The id of the work or of the command.
    pub id: String,
    /// What was to be done.
    pub what: String,
    /// How it ended.
    pub kind: DeadLetterKind,
    /// Why, for people.
    pub reason: &'static str,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A command on its way to a node, by the key of who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Who asked.
    pub principal: String,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of what was asked, to tell a repetition from another request with the same key.
    pub digest: [u8; 32],
    /// The node.
    pub node_id: String,
    /// The command.
    pub command: String,
    /// When it was asked, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What is known of a key before its command is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DispatchState {
    /// Nothing; it is noted now.
    New,
    /// It was sent, and no answer was noted: it may have been carried out.
    Begun,
    /// It was answered; `None` when the answer was too long to keep.
    Answered(Option<String>),
    /// The key was used for something else.
    Reused,
}
