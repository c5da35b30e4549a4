//! `exec-approvals.json`: reading it so that whatever cannot be understood allows nothing, and
//! replacing it whole, only over the text that was looked at.

mod shape;
mod wire;
mod write;

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

pub use shape::{Agent, ApprovalsFile, Entry, LimitWords, Socket, Source};
pub use wire::{shown, stored, told};
pub use write::{Base, UpdateError, update};

use crate::approvals::binding::hex;

/// The name of the file in the state directory.
pub const FILE_NAME: &str = "exec-approvals.json";
/// Tools of MCP servers, which are shown although nothing here reads them.
const MCP_TOOLS: &str = "mcpTools";
/// The longest file that is read, in bytes.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// The file as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it exists.
    pub exists: bool,
    /// SHA-256 of its text, hex; that of no text when it does not exist.
    pub hash: String,
    /// What it says. When it cannot be understood, that nothing may run.
    pub file: ApprovalsFile,
    /// Why it cannot be understood.
    pub problem: Option<String>,
}

impl Snapshot {
    /// Reads the file of a state directory.
    pub fn of_state(state_dir: &Path) -> io::Result<Self> {
        Self::read(&state_dir.join(FILE_NAME))
    }

    /// Reads the file. An error is one of the system; a text that makes no sense is none.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut text = Vec::new();
        let exists = match File::open(path) {
            Ok(file) => {
                file.take(MAX_BYTES + 1).read_to_end(&mut text)?;
                true
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        let (file, problem) = match exists.then(|| ApprovalsFile::parse(&text)) {
            None => (ApprovalsFile::default(), None),
            Some(Ok(file)) => (file, None),
            Some(Err(why)) => (ApprovalsFile::closed(), Some(why)),
        };
        let hash = hex(&Sha256::digest(&text));
        Ok(Self { path: path.to_owned(), exists, hash, file, problem })
    }
}
