//! One gateway per state directory: a kernel lock that ends with the process.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::error::GatewayError;

mod original;

/// The file's name inside the state directory.
pub const FILE_NAME: &str = "gateway.lock";

/// Who holds the lock; written for people and for `openclaw gateway stop`, never trusted as the lock.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// The port that it serves; 0 until it is bound.
    #[serde(default)]
    pub port: u16,
    /// When it started, in milliseconds since 1970.
    #[serde(default)]
    pub started_at: u64,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Whether SIGUSR2 makes it load its secrets again; any other program would be ended by that.
    #[serde(default)]
    pub reloads: bool,
}

/// The held lock; dropping it lets another gateway in.
#[derive(Debug)]
pub struct StateLock {
    file: File,
    path: PathBuf,
}

/// Refuses where OpenClaw's own gateway runs with the config.
pub(crate) fn no_original(temporary: &Path, config_file: &Path) -> Result<(), GatewayError> {
    let Some(original::Running { pid, path }) = original::running(temporary, config_file) else {
        return Ok(());
    };
    let path = path.display();
    Err(GatewayError::Refused(format!(
        "OpenClaw's own gateway (process {pid}, lock {path}) runs with this config and would write the same sessions; stop it, or set OPENCLAW_STATE_DIR to another directory"
    )))
}

impl StateLock {
    /// Takes the lock, or says who has it.
    pub fn acquire(state_dir: &Path, holder: &Holder) -> Result<Self, GatewayError> {
        let path = state_dir.join(FILE_NAME);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let mut file = open.map_err(|source| GatewayError::State { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(GatewayError::Locked { path, holder: read(&mut file) });
            }
            Err(std::fs::TryLockError::Error(source)) => {
                return Err(GatewayError::State { path, source });
            }
        }
        let mut lock = Self { file, path };
        lock.describe(holder)?;
        Ok(lock)
    }

    /// Rewrites what the file says, once more is known.
    pub fn describe(&mut self, holder: &Holder) -> Result<(), GatewayError> {
        let text = serde_json::to_vec(holder).unwrap_or_default();
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(&text)
        };
        write(&mut self.file)
            .map_err(|source| GatewayError::State { path: self.path.clone(), source })
    }
}

/// Who holds the lock of a state directory, or `None` when nobody does.
pub fn holder(state_dir: &Path) -> Option<Holder> {
    let mut file =
        OpenOptions::new().read(true).write(true).open(state_dir.join(FILE_NAME)).ok()?;
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => read(&mut file),
        _ => None,
    }
}

fn read(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn holder_of(pid: u32) -> Holder {
        Holder { pid, port: 18789, started_at: 1, version: "0".into(), reloads: false }
    }

    #[test]
    fn a_second_gateway_hears_who_is_first() {
        let dir = tempfile::tempdir().unwrap();
        assert!(holder(dir.path()).is_none());
        let first = StateLock::acquire(dir.path(), &holder_of(7)).unwrap();
        let mode = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let refused = StateLock::acquire(dir.path(), &holder_of(8)).unwrap_err();
        assert!(refused.to_string().contains("process 7"), "{refused}");
        assert_eq!(holder(dir.path()).unwrap().pid, 7);
        drop(first);
        assert!(holder(dir.path()).is_none());
        StateLock::acquire(dir.path(), &holder_of(8)).unwrap();
    }
}
