//! A transcript file that an import writes: whole under its name, or not there at all.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::Cx;
use crate::{
    error::{DbError, Result},
    files::{self, Replacement},
};

/// Lines on their way into a file. Dropped unfinished, nothing is left of it.
pub(super) struct Writer {
    path: PathBuf,
    file: Replacement,
    /// Lines so far.
    pub(super) lines: usize,
}

impl Writer {
    /// A file that will take this place; what lies there now is copied first.
    pub(super) fn create(cx: &Cx<'_>, path: PathBuf) -> Result<Self> {
        cx.keep_original(&path)?;
        let create = || -> io::Result<Replacement> {
            files::create_dir(path.parent().unwrap_or(Path::new(".")))?;
            Replacement::of(&path)
        };
        let file = create().map_err(DbError::file(&path))?;
        Ok(Self { path, file, lines: 0 })
    }

    /// Adds a line, without its line feed. Space between tokens may hold one; inside a string it is escaped.
    pub(super) fn line(&mut self, text: &str) -> Result<()> {
        let one_line = text.contains(['\n', '\r']).then(|| text.replace(['\n', '\r'], " "));
        let text = one_line.as_deref().unwrap_or(text);
        let mut write = || -> io::Result<()> {
            self.file.write_all(text.as_bytes())?;
            self.file.write_all(b"\n")
        };
        write().map_err(DbError::file(&self.path))?;
        self.lines += 1;
        Ok(())
    }

    /// Puts the file in its place.
    pub(super) fn finish(mut self) -> Result<()> {
        let path = self.path.clone();
        self.file.sync().map_err(DbError::file(&path))?;
        Ok(self.file.rename().map_err(DbError::file(&path))?)
    }
}
