//! The files of an agent's workspace that belong to its system prompt.

use std::{
    io::{self, Read as _},
    path::Path,
    sync::Arc,
    time::UNIX_EPOCH,
};

use crate::tool::open_beneath;

/// The files, in the order in which they are given.
pub const FILES: [&str; 5] = ["AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md"];
/// The longest file that people are shown, in bytes; a prompt takes less of it.
const MAX_SHOWN: u64 = 1024 * 1024;

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its size in bytes.
    pub size: u64,
    /// The last change, milliseconds since the epoch.
    pub changed_at: i64,
}

/// What is known of a file of the workspace; `None` when it is not there or the prompt leaves it out
/// because it is no plain file.
pub fn facts(workspace: &Path, name: &str) -> Option<FileFacts> {
    let metadata = open_beneath(workspace, name).ok()?.metadata().ok()?;
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let changed_at = i64::try_from(changed.as_millis()).unwrap_or(i64::MAX);
    Some(FileFacts { size: metadata.len(), changed_at })
}

/// The whole text of a file of the workspace, for people; an error when it is no text or too long.
pub fn whole(workspace: &Path, name: &str) -> io::Result<String> {
    let file = open_beneath(workspace, name).map_err(io::Error::other)?;
    if file.metadata()?.len() > MAX_SHOWN {
        return Err(io::Error::other(format!("it is longer than {MAX_SHOWN} bytes")));
    }
    let mut text = String::new();
    file.take(MAX_SHOWN).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads what is there: each file up to a number of characters, all together up to another. What is
/// missing, is no plain file or no text is left out.
pub(crate) async fn files(
    workspace: Arc<Path>,
    (each, all): (usize, usize),
) -> Vec<(String, String)> {
    if each == 0 {
        return Vec::new();
    }
    let read = move || {
        let mut left = all;
        let known = FILES.iter().filter_map(|name| {
            let text = text(&workspace, name, each.min(left))?;
            left = left.saturating_sub(text.chars().count());
            (!text.trim().is_empty()).then(|| ((*name).to_owned(), text))
        });
        known.collect()
    };
    tokio::task::spawn_blocking(read).await.unwrap_or_default()
}

fn text(workspace: &Path, name: &str, max_chars: usize) -> Option<String> {
    let file = open_beneath(workspace, name).ok()?;
    let mut bytes = Vec::new();
    // Four bytes hold any character; one more shows that there is more.
    let limit = u64::try_from(max_chars.saturating_mul(4).saturating_add(1)).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut bytes).ok()?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.utf8_error().error_len().is_none() => {
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
        Err(_) => {
            tracing::warn!(file = name, "a workspace file is not UTF-8 text and was left out");
            return None;
        }
    };
    match text.char_indices().nth(max_chars) {
        None => Some(text),
        Some((end, _)) => Some(format!("{}\n[the rest of {name} was left out]", &text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_plain_texts_in_order_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("SOUL.md"), "ü".repeat(30)).unwrap();
        std::fs::write(dir.path().join("AGENTS.md"), "rules").unwrap();
        std::fs::write(dir.path().join("USER.md"), b"\xff\xfe\xfd").unwrap();
        std::fs::write(dir.path().join("TOOLS.md"), " \n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("IDENTITY.md")).unwrap();
        let files = files(dir.path().into(), (10, 1_000)).await;
        assert_eq!(files[0], ("AGENTS.md".to_owned(), "rules".to_owned()));
        assert_eq!(files[1].1, format!("{}\n[the rest of SOUL.md was left out]", "ü".repeat(10)));
        assert_eq!(files.len(), 2);
        assert!(super::files(dir.path().into(), (0, 1_000)).await.is_empty());
        assert_eq!(
            super::files(dir.path().into(), (10, 3)).await[0].1,
            "rul\n[the rest of AGENTS.md was left out]"
        );
    }

    #[test]
    fn a_file_is_shown_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(dir.path().join("SOUL.md")).unwrap();
        file.set_len(MAX_SHOWN).unwrap();
        assert_eq!(whole(dir.path(), "SOUL.md").unwrap().len(), 1024 * 1024);
        file.set_len(MAX_SHOWN + 1).unwrap();
        let error = whole(dir.path(), "SOUL.md").unwrap_err().to_string();
        assert!(error.contains("longer than 1048576 bytes"), "{error}");
    }
}
