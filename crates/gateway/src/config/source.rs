//! The files that a config was put together from, and problems placed in them.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{
    error::Problem,
    files::hex,
    json5::{FileId, LineIndex, Node},
};

/// One file as it was read.
#[derive(Debug, Clone)]
struct Source {
    path: PathBuf,
    text: String,
    lines: LineIndex,
}

/// All files of a config; the first is the config file.
#[derive(Debug, Clone, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    pub(super) fn add(&mut self, path: PathBuf, text: String) -> FileId {
        let id = FileId::try_from(self.0.len()).unwrap_or(FileId::MAX);
        let lines = LineIndex::new(&text);
        self.0.push(Source { path, text, lines });
        id
    }

    pub(super) fn text(&self, file: FileId) -> &str {
        self.0.get(usize::from(file)).map_or("", |source| &source.text)
    }

    pub(super) fn path(&self, file: FileId) -> &Path {
        self.0.get(usize::from(file)).map_or(Path::new(""), |source| &source.path)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(|source| source.path.clone()).collect()
    }

    /// SHA-256 over every file, in hex; it changes when any of them does.
    pub(super) fn revision(&self) -> String {
        let mut digest = Sha256::new();
        for source in &self.0 {
            digest.update(source.text.len().to_le_bytes());
            digest.update(&source.text);
        }
        hex(&digest.finalize())
    }

    /// A problem at byte `offset` of `file`.
    pub(super) fn problem<S: AsRef<str>>(
        &self,
        (file, offset): (FileId, usize),
        path: &[S],
        message: impl Into<String>,
    ) -> Problem {
        let source = self.0.get(usize::from(file));
        Problem {
            file: self.path(file).to_owned(),
            position: source.map(|source| source.lines.position(&source.text, offset)),
            path: dotted(path),
            message: message.into(),
        }
    }

    /// A problem with the value at `path`, or with its key.
    pub(super) fn problem_at<S: AsRef<str>>(
        &self,
        root: &Node,
        (path, key): (&[S], bool),
        message: impl Into<String>,
    ) -> Problem {
        self.problem(root.locate(path, key), path, message)
    }
}

/// `["agents", "list", "0"]` as `agents.list.0`.
pub(super) fn dotted<S: AsRef<str>>(path: &[S]) -> String {
    path.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(".")
}

/// SHA-256 of `text` in hex.
pub(super) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}
