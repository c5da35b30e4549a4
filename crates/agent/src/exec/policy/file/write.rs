//! Replacing the file: whole or not at all, and only over the text that was looked at.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{ApprovalsFile, MCP_TOOLS, Snapshot, Socket};

/// Why the file was not replaced. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It has another text than the one that was looked at.
    #[error("exec approvals changed since last load; re-run exec.approvals.get and retry")]
    Changed,
    /// Nothing says which text was looked at.
    #[error("exec approvals base hash required; re-run exec.approvals.get and retry")]
    NoBase,
    /// What it shall say makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Replaces the file with what `change` makes of it. With a base the text must still have that
/// hash; without one there must be no file, unless `change` itself looked at the present text.
///
/// One writer at a time, in this process and others: a kernel lock, which ends with its holder.
pub fn update(
    path: &Path,
    base: Base<'_>,
    change: impl FnOnce(ApprovalsFile) -> Result<ApprovalsFile, String>,
) -> Result<Snapshot, UpdateError> {
    let io = |source| UpdateError::Io { path: path.to_owned(), source };
    let _lock = lock(path).map_err(io)?;
    let present = Snapshot::read(path).map_err(io)?;
    match base {
        Base::Hash(Some(base)) if base != present.hash => return Err(UpdateError::Changed),
        Base::Hash(None) if present.exists => return Err(UpdateError::NoBase),
        Base::Present if present.problem.is_some() => {
            return Err(UpdateError::Invalid(format!(
                "{} cannot be understood ({}); replace it with `openclaw approvals set`",
                path.display(),
                present.problem.unwrap_or_default()
            )));
        }
        _ => {}
    }
    let before = present.file.clone();
    let changed = change(present.file).and_then(ApprovalsFile::normalised);
    let mut file = changed.map_err(UpdateError::Invalid)?;
    keep_hidden(before, &mut file);
    let text = serde_json::to_string_pretty(&file)
        .map_err(|error| UpdateError::Invalid(error.to_string()))?;
    replace(path, &format!("{text}\n")).map_err(io)?;
    Snapshot::read(path).map_err(io)
}

/// Keeps what is not shown to whoever sets the file, who could not repeat it: the secret of the
/// socket, and what is not known here.
fn keep_hidden(before: ApprovalsFile, file: &mut ApprovalsFile) {
    let (kept, given) = (before.socket.unwrap_or_default(), file.socket.take().unwrap_or_default());
    let socket = Socket { path: given.path.or(kept.path), token: given.token.or(kept.token) };
    file.socket = (socket != Socket::default()).then_some(socket);
    keep_names(before.rest, &mut file.rest);
    for (id, kept) in before.agents {
        if let Some(agent) = file.agents.get_mut(&id) {
            let unknown = kept.rest.into_iter().filter(|(name, _)| name != MCP_TOOLS).collect();
            keep_names(unknown, &mut agent.rest);
        }
    }
}

fn keep_names(before: Map<String, Value>, now: &mut Map<String, Value>) {
    for (name, value) in before {
        now.entry(name).or_insert(value);
    }
}

/// Which text a change is made to.
#[derive(Debug, Clone, Copy)]
pub enum Base<'a> {
    /// The one with this hash; without a hash there must be none.
    Hash(Option<&'a str>),
    /// The one that is there when the change is made.
    Present,
}

/// Locks the folder, so that nothing is left behind.
fn lock(path: &Path) -> io::Result<File> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir)?;
    let dir = File::open(dir)?;
    dir.lock()?;
    Ok(dir)
}

/// A link stays a link; what it names is replaced.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", uuid::Uuid::new_v4().simple()));
    let temporary = target.with_file_name(name);
    let written = write_new(&temporary, text).and_then(|()| fs::rename(&temporary, &target));
    if let Err(error) = written {
        fs::remove_file(&temporary).ok();
        return Err(error);
    }
    // Some systems cannot sync a folder; the rename is then as durable as they make it.
    if let Some(dir) = target.parent() {
        File::open(dir).and_then(|dir| dir.sync_all()).ok();
    }
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
