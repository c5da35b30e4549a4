//! The built-in page: files that are part of the binary.

use axum::body::Body;
use rust_embed::RustEmbed;

use super::{
    content_type,
    document::{Document, STRICT, tag},
    file::{Found, PageFile},
};

/// The built page, made by `cargo xtask ui`.
#[derive(RustEmbed)]
#[folder = "assets/ui"]
struct Assets;

const INDEX: &str = "index.html";

/// The page itself, for the path that it is served under.
pub(super) fn index(prefix: &str) -> Option<Document> {
    let html = Assets::get(INDEX)?.data;
    Some(Document::strict(&String::from_utf8_lossy(&html), prefix))
}

/// The file of a name.
pub(super) fn find(name: &str, index: &Document) -> Found {
    if matches!(name, "" | INDEX) {
        return Found::Document(index.clone());
    }
    let (Some(file), Some(kind)) = (Assets::get(name), content_type(name)) else {
        return Found::Nothing;
    };
    let length = u64::try_from(file.data.len()).unwrap_or(u64::MAX);
    let tag = tag(&file.data);
    Found::File(PageFile {
        kind,
        tag,
        length,
        body: Body::from(file.data.into_owned()),
        policy: STRICT.to_owned(),
    })
}
