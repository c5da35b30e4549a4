//! What a look for a name has found.

use axum::body::Body;

use super::document::Document;

/// What is there under a name.
pub(super) enum Found {
    /// A page.
    Document(Document),
    /// Something that a page is made of.
    File(PageFile),
    /// Nothing, or nothing that may be shown.
    Nothing,
    /// The page cannot be served at all, and why.
    Fault(String),
}

/// A file to send.
pub(super) struct PageFile {
    pub(super) kind: &'static str,
    /// What tells one state of it from another.
    pub(super) tag: String,
    pub(super) length: u64,
    pub(super) body: Body,
    /// Its Content-Security-Policy: that of a picture that is opened by itself, or of a worker.
    pub(super) policy: String,
}
