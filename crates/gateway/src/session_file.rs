//! A `sessions.json` as it lies on a disk, read without a gateway.

use std::{collections::BTreeMap, fs, io, path::Path};

use openclaw_agent::session::SessionEntry;
use openclaw_protocol::{ids::SessionKey, methods::sessions::SessionRow};

use crate::handlers::sessions::row;

/// Why a file has no sessions to show.
#[derive(Debug, thiserror::Error)]
pub enum SessionFileError {
    /// It cannot be read.
    #[error("{0}; --store takes the path of a sessions.json")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("this is no sessions.json: {0}")]
    Content(#[from] serde_json::Error),
}

/// The sessions in it, in the order of their keys: what the file tells, without what only a running
/// gateway knows.
pub fn rows(path: &Path) -> Result<Vec<SessionRow>, SessionFileError> {
    let entries: BTreeMap<String, SessionEntry> = serde_json::from_slice(&fs::read(path)?)?;
    let row = |(key, entry): (String, SessionEntry)| {
        let mut row = row::from_entry(&SessionKey::from(key), &entry);
        row.updated_at = Some(row::millis(entry.updated_at));
        row
    };
    Ok(entries.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_tells() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sessions.json");
        let text = r#"{"agent:main:main":{"sessionId":"s","updatedAt":5,"totalTokens":7,"model":"echo","foreign":1},
            "agent:main:telegram:group:-1":{"sessionId":"t","updatedAt":6}}"#;
        fs::write(&file, text).unwrap();
        let rows = rows(&file).unwrap();
        let told: Vec<_> =
            rows.iter().map(|row| (&*row.key, row.kind.name(), row.updated_at)).collect();
        let expected = [
            ("agent:main:main", "direct", Some(5)),
            ("agent:main:telegram:group:-1", "group", Some(6)),
        ];
        assert_eq!(told, expected);
        assert_eq!((rows[0].total_tokens, rows[0].model.as_deref()), (Some(7), Some("echo")));
        assert!(super::rows(dir.path()).unwrap_err().to_string().contains("sessions.json"));
        fs::write(&file, "[]").unwrap();
        assert!(
            super::rows(&file).unwrap_err().to_string().starts_with("this is no sessions.json")
        );
    }
}
