//! The lock of OpenClaw's own gateway: two gateways would write the same transcripts.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// A gateway of OpenClaw's own that runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Running {
    /// Its process.
    pub(crate) pid: u32,
    /// Its lock file.
    pub(crate) path: PathBuf,
}

/// What 2026.3.28 writes into its lock.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lock {
    pid: u32,
    /// Ticks between the start of the machine and that of the process. Not written where it is not known.
    start_time: Option<u64>,
}

/// The gateway that runs with this config. 2026.3.28 has its lock outside of the state directory: in the
/// folder of temporary files, by the user and the first eight digits of the digest of the config's path.
/// A lock whose process is gone, or is another one by now, is left over.
pub(crate) fn running(temporary: &Path, config_file: &Path) -> Option<Running> {
    let digest = Sha256::digest(config_file.as_os_str().as_encoded_bytes());
    let name = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let user = rustix::process::getuid().as_raw();
    let path = temporary.join(format!("openclaw-{user}")).join(format!("gateway.{name:08x}.lock"));
    let mut text = String::new();
    File::open(&path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    let lock: Lock = serde_json::from_str(&text).ok()?;
    let started = started(lock.pid)?;
    let same = lock.start_time.is_none_or(|then| then == started);
    same.then_some(Running { pid: lock.pid, path })
}

/// When a process started; `None` when there is none.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in parentheses, and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lock_counts_while_its_process_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let config = Path::new("/home/who/.openclaw/openclaw.json");
        let user = rustix::process::getuid().as_raw();
        let folder = dir.path().join(format!("openclaw-{user}"));
        fs::create_dir(&folder).unwrap();
        let path = folder.join("gateway.695fca5a.lock");
        let own = std::process::id();
        let began = started(own).unwrap();
        let found = |text: String| {
            fs::write(&path, text).unwrap();
            running(dir.path(), config).map(|running| running.pid)
        };
        let lock = |pid: u32, began: Option<u64>| {
            json!({"pid": pid, "createdAt": "2026-11-20T00:00:00.000Z", "configPath": config, "startTime": began}).to_string()
        };
        assert_eq!(found(lock(own, Some(began))), Some(own));
        assert_eq!(found(lock(own, None)), Some(own));
        assert_eq!(found(lock(own, Some(began + 1))), None, "another process has the number now");
        assert_eq!(found(lock(u32::MAX, None)), None);
        assert_eq!(found("torn".to_owned()), None);
        fs::write(&path, lock(own, None)).unwrap();
        assert_eq!(running(dir.path(), Path::new("/other/openclaw.json")), None);
        assert_eq!(running(&folder, config), None);
    }
}
