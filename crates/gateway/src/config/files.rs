//! Private files: directories 0700, files 0600, replaced as a whole or not at all.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::error::ConfigError;

/// Makes `dir` and what is missing above it, readable by its owner only.
///
/// # Errors
/// When it cannot be made.
pub fn create_private_dir(dir: &Path) -> Result<(), ConfigError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(ConfigError::io(dir))
}

/// Replaces the content of `path` so that a reader or a crash sees the old or the new text, never a part.
///
/// The new file has mode 0600 whatever the umask and the old mode were. A symbolic link is followed, so that a
/// config kept elsewhere stays there.
///
/// # Errors
/// When a step fails; the old file is then untouched.
pub fn replace_private(path: &Path, text: &str) -> Result<(), ConfigError> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_private_dir(dir)?;
    let temporary = temporary_beside(&target)?;
    let written = write_new(&temporary, text).and_then(|()| std::fs::rename(&temporary, &target));
    if let Err(source) = written {
        drop(std::fs::remove_file(&temporary));
        return Err(ConfigError::Io { path: target, source });
    }
    // The rename is durable once the directory is; some file systems cannot sync one, which loses nothing else.
    drop(File::open(dir).and_then(|dir| dir.sync_all()));
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn temporary_beside(target: &Path) -> Result<PathBuf, ConfigError> {
    let suffix = random_hex(6).map_err(ConfigError::io(target))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    Ok(target.with_file_name(format!(".{name}.{suffix}.tmp")))
}

/// `bytes` random bytes from the system, in hex.
pub(super) fn random_hex(bytes: usize) -> io::Result<String> {
    let mut raw = vec![0; bytes];
    getrandom::fill(&mut raw).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(hex(&raw))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_broad_file_becomes_private() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/openclaw.json");
        replace_private(&path, "one").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        replace_private(&path, "two").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let root = tempfile::tempdir().unwrap();
        let (real, link) = (root.path().join("real.json"), root.path().join("link.json"));
        std::fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace_private(&link, "new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
    }

    #[test]
    fn a_failure_leaves_the_old_file() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("dir");
        std::fs::create_dir(&path).unwrap();
        assert!(replace_private(&path, "x").is_err());
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
