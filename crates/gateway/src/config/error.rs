//! What can be wrong with a config, and how it is told.

use std::{fmt, path::PathBuf};

use super::json5::Position;

/// The exit code for a config that cannot be used (`EX_CONFIG`); service managers do not restart on it.
pub const EXIT_CONFIG: u8 = 78;

/// One thing that is wrong or odd, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The place in the file; absent when the file as a whole is meant.
    pub position: Option<Position>,
    /// The config path, dotted as OpenClaw writes it (`agents.list.0.id`); empty for the root.
    pub path: String,
    /// One line, lower case, without a trailing dot.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Every problem that keeps a config from being used, at least one. Shown one line a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The problems, by file and place.
    pub problems: Vec<Problem>,
    /// What else is worth a look, as far as it was found out.
    pub warnings: Vec<Problem>,
    /// Older spellings and how they are read, as far as it was found out.
    pub notes: Vec<Problem>,
}

impl LoadError {
    pub(super) fn new(mut problems: Vec<Problem>, warnings: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        Self { problems, warnings, notes: Vec::new() }
    }

    /// The same with these notes.
    pub(super) fn with_notes(self, notes: Vec<Problem>) -> Self {
        Self { notes, ..self }
    }
}

impl From<Problem> for LoadError {
    fn from(problem: Problem) -> Self {
        Self::new(vec![problem], Vec::new())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// Failures around a config that are no problem of its text.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither `OPENCLAW_HOME` nor `HOME` nor `OPENCLAW_STATE_DIR` says where the state belongs.
    #[error("no home directory: set HOME, OPENCLAW_HOME or OPENCLAW_STATE_DIR")]
    NoHome,
    /// A profile name that cannot be a directory name.
    #[error(
        "profile {0:?} is no profile name: use letters, digits, - and _, at most 64, starting with a letter or digit"
    )]
    Profile(String),
    /// An environment variable with a value that means nothing.
    #[error("{name} is {value:?}, expected {expected}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A file or directory could not be read, made or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The config itself cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// An edit that the text does not allow.
    #[error("cannot change {path}: {reason}")]
    Edit {
        /// The config path.
        path: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl ConfigError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
