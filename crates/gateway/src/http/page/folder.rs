//! A page of another folder, `gateway.controlUi.root`. Nothing outside of it is opened, no link is followed, and
//! what begins with a dot is not there.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, stream};
use openclaw_agent::tool::open_beneath;

use super::{
    content_type,
    document::{self, Document},
    file::{Found, PageFile},
};
use crate::config::gateway::PageFolder;

/// Bytes of a file that are held at a time; a smaller file is read at once.
const CHUNK: u64 = 64 * 1024;
/// A larger page is sent as it is, and its inline scripts do not run.
const MAX_DOCUMENT: u64 = 4 * 1024 * 1024;
const TOO_LARGE: &str = "index.html is no text, or larger than 4 MiB";
const ADVICE: &str = "set it right, or remove it to get the built-in page";
/// What every other kind of file is.
const UNKNOWN: &str = "application/octet-stream";

/// Looks for a name below the folder.
pub(super) async fn find(folder: PageFolder, name: String, prefix: String) -> Found {
    blocking(move || look(&folder, &name, &prefix)).await
}

/// The page itself.
pub(super) async fn index(folder: PageFolder, prefix: String) -> Found {
    blocking(move || page(&folder, &prefix)).await
}

async fn blocking(work: impl FnOnce() -> Found + Send + 'static) -> Found {
    let looked = tokio::task::spawn_blocking(work).await;
    looked.unwrap_or_else(|_| Found::Fault("its folder could not be read".to_owned()))
}

fn look(folder: &PageFolder, name: &str, prefix: &str) -> Found {
    if matches!(name, "" | "index.html") {
        return page(folder, prefix);
    }
    // A folder that is no page is not looked into either: it was hardly meant to be shown.
    if name.split('/').any(|part| part.starts_with('.')) || folder.fault().is_some() {
        return Found::Nothing;
    }
    let whole = if name.ends_with('/') { format!("{name}index.html") } else { name.to_owned() };
    open(&folder.root, &whole).unwrap_or(Found::Nothing)
}

fn page(folder: &PageFolder, prefix: &str) -> Found {
    let read = || match folder.fault() {
        Some(fault) => Err(fault),
        None => open_beneath(&folder.root, "index.html")
            .ok()
            .and_then(document)
            .ok_or_else(|| TOO_LARGE.to_owned()),
    };
    match read() {
        Ok(html) => Found::Document(Document::open(&html, Some(prefix))),
        Err(fault) => Found::Fault(format!("{fault} (gateway.controlUi.root; {ADVICE})")),
    }
}

fn open(root: &Path, name: &str) -> Option<Found> {
    let file = open_beneath(root, name).ok()?;
    let kind = content_type(name).unwrap_or(UNKNOWN);
    if kind.starts_with("text/html")
        && let Some(html) = document(file.try_clone().ok()?)
    {
        return Some(Found::Document(Document::open(&html, None)));
    }
    send(file, kind).ok().map(Found::File)
}

/// The text of a page.
fn document(file: File) -> Option<String> {
    let mut html = String::new();
    file.take(MAX_DOCUMENT + 1).read_to_string(&mut html).ok()?;
    u64::try_from(html.len()).is_ok_and(|length| length <= MAX_DOCUMENT).then_some(html)
}

fn send(mut file: File, kind: &'static str) -> io::Result<PageFile> {
    let metadata = file.metadata()?;
    let length = metadata.len();
    // Weak: two states within one tick of the file system's clock look the same.
    let tag = format!(
        "W/\"{:x}-{:x}-{:x}-{length:x}\"",
        metadata.ino(),
        metadata.mtime(),
        metadata.mtime_nsec()
    );
    let policy = document::policy(&[]);
    if length > CHUNK {
        let body = Body::from_stream(chunks(file, length));
        return Ok(PageFile { kind, tag, length, body, policy });
    }
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(CHUNK).read_to_end(&mut bytes)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(PageFile { kind, tag, length, body: Body::from(bytes), policy })
}

/// The file piece by piece, read as fast as the client takes it. One that became shorter meanwhile ends in an
/// error, and with it the connection: the length was told already.
fn chunks(file: File, length: u64) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold((file, length), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let read = move || {
            let mut bytes = Vec::new();
            Read::by_ref(&mut file).take(left.min(CHUNK)).read_to_end(&mut bytes)?;
            if bytes.is_empty() {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok((bytes, file))
            }
        };
        let read: io::Result<_> =
            tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?;
        let (bytes, file) = read?;
        let left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(Some((Bytes::from(bytes), (file, left))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_too_large_is_no_document() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.html");
        let read = |size| {
            File::create(&path).unwrap().set_len(size).unwrap();
            document(File::open(&path).unwrap()).map(|html| html.len())
        };
        assert_eq!(read(MAX_DOCUMENT), Some(4 * 1024 * 1024));
        assert_eq!(read(MAX_DOCUMENT + 1), None);
    }
}
