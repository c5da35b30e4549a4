//! Transcripts: the lines of a session's JSONL file.
//!
//! Line 1 is the header, every other line an entry of a tree: id, parent, time, and a body by type.
//! The format is that of OpenClaw 2026.3.28. Lines are kept as text; what is inside a message is the
//! message module's affair.

pub mod entry;
pub mod line;
pub mod scan;
pub mod tree;

pub use entry::{EntryBody, NewEntry, header_line};
pub use line::{LineInfo, LineKind, inspect};
