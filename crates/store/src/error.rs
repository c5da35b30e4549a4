//! What goes wrong between the database, the files, and those who use them.

use std::{io, path::PathBuf};

use openclaw_agent::store::StoreError;

/// Why the database did not do a piece of work. Nothing of that piece was kept.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The write queue is full; nothing was accepted. Try again soon.
    #[error("the database is busy; try again")]
    Busy,
    /// The database has been closed.
    #[error("the database is closed")]
    Closed,
    /// The file was written by a newer version of this program.
    #[error(
        "the database has a table layout that this version does not know ({0}); install the newer version again"
    )]
    Newer(String),
    /// State of another program cannot be taken over. Nothing of it was changed.
    #[error("cannot take over {}: {why}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// SQLite failed.
    #[error("sqlite: {error}{advice}", error = .0, advice = sqlite_advice(.0))]
    Sqlite(#[from] rusqlite::Error),
    /// The transaction that held the work was not committed.
    #[error("sqlite could not commit: {0}")]
    Commit(String),
    /// A file or a folder of the state directory failed.
    #[error("{}: {source}{}", path.display(), advice(source))]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DbError {
    /// [`Self::File`], as `map_err` wants it.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

/// What to do about a file that cannot be used, as the end of a sentence; empty where that is clear.
pub fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            "; make the state directory writable for this user, or set OPENCLAW_STATE_DIR to another one"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and start again, nothing was lost"
        }
        _ => "",
    }
}

fn sqlite_advice(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode as Code;
    match error.sqlite_error_code() {
        Some(Code::DiskFull) => "; free some space and start again, nothing was lost",
        // What SQLite says when the disk is too full for its shared memory file, too.
        Some(Code::SystemIoFailure) => {
            "; look whether the disk is full or failing, then start again, nothing was lost"
        }
        Some(Code::ReadOnly | Code::CannotOpen) => {
            "; make the state directory writable for this user, or set OPENCLAW_STATE_DIR to another one"
        }
        Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
            "; put gateway.sqlite back from a backup, or move it and gateway.sqlite-wal away: sessions and history are then read anew from their files, and devices pair again"
        }
        _ => "",
    }
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy => Self::Busy,
            DbError::Closed => Self::Closed,
            DbError::Sqlite(error) if is_unreadable(&error) => Self::Unreadable(error.to_string()),
            other => Self::failed("the state directory", other),
        }
    }
}

/// Whether a value in the database is not what the program writes there: asking again does not help.
fn is_unreadable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        error,
        Error::InvalidColumnType(..)
            | Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
    )
}

/// What goes wrong inside a transaction of the turn store: the database fails, or the store refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TurnError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Refused(#[from] StoreError),
}

impl From<TurnError> for DbError {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Db(error) => error,
            TurnError::Refused(error) => Self::Commit(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for TurnError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<serde_json::Error> for TurnError {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(StoreError::failed("a stored value", error))
    }
}

impl From<TurnError> for StoreError {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Db(error) => error.into(),
            TurnError::Refused(error) => error,
        }
    }
}

/// A result inside a transaction.
pub(crate) type Result<T, E = TurnError> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_state_directory_that_cannot_be_used_says_what_to_do() {
        let file = |kind| DbError::file("/s/x")(io::Error::from(kind)).to_string();
        assert!(
            file(io::ErrorKind::ReadOnlyFilesystem).contains("make the state directory writable")
        );
        assert!(file(io::ErrorKind::StorageFull).contains("free some space"));
        let sqlite = |code| {
            DbError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)).to_string()
        };
        assert!(sqlite(ffi::SQLITE_FULL).contains("free some space"));
        assert!(sqlite(ffi::SQLITE_IOERR).contains("disk is full or failing"));
        assert!(sqlite(ffi::SQLITE_CORRUPT).contains("put gateway.sqlite back"));
        assert!(!sqlite(ffi::SQLITE_ERROR).contains(';'));
    }
}
