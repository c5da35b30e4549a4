//! Opens a file beneath a folder and nowhere else: no `..`, no absolute path, no symbolic link on
//! the way, no device, pipe or file with a second name. The kernel checks while it resolves, so a link swapped
//! in meanwhile changes nothing.

use std::{
    fs::File,
    io,
    os::{fd::OwnedFd, unix::fs::MetadataExt as _},
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::Errno,
};

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path leads out of the folder, by its spelling.
    #[error("the path must be inside the folder, without `..`")]
    Outside,
    /// The path crosses a symbolic link.
    #[error("the path crosses a symbolic link, which is not followed")]
    Link,
    /// A folder, device, pipe or socket.
    #[error("it is not a regular file")]
    NotAFile,
    /// The file has another name, perhaps outside.
    #[error("the file has more than one hard link, so it may belong to another place")]
    HardLink,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Errno> for OpenError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::LOOP => Self::Link,
            Errno::XDEV => Self::Outside,
            other => Self::Io(other.into()),
        }
    }
}

/// Opens `path` for reading beneath `root`. An absolute path is taken if it begins with `root`.
///
/// # Errors
/// When the path leads elsewhere, when what is there is no plain file with one name, or when the system refuses.
pub fn open_beneath(root: &Path, path: &str) -> Result<File, OpenError> {
    let relative = relative(root, path)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(CWD, root, flags, Mode::empty())?;
    // NONBLOCK: opening a pipe must not wait for its other end.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = File::from(resolve(&folder, &relative, flags)?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(OpenError::NotAFile);
    }
    if meta.nlink() > 1 {
        return Err(OpenError::HardLink);
    }
    Ok(file)
}

/// The path as seen from `root`, of normal components only.
fn relative(root: &Path, path: &str) -> Result<PathBuf, OpenError> {
    let path = Path::new(path);
    let path = if path.is_absolute() {
        path.strip_prefix(root).map_err(|_| OpenError::Outside)?
    } else {
        path
    };
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            _ => return Err(OpenError::Outside),
        }
    }
    if clean.as_os_str().is_empty() { Err(OpenError::NotAFile) } else { Ok(clean) }
}

#[cfg(target_os = "linux")]
fn resolve(folder: &OwnedFd, path: &Path, flags: OFlags) -> Result<OwnedFd, OpenError> {
    use rustix::fs::ResolveFlags;

    let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(folder, path, flags, Mode::empty(), how) {
        // Older kernels and some sandboxes do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => walk(folder, path, flags),
        other => Ok(other?),
    }
}

#[cfg(not(target_os = "linux"))]
fn resolve(folder: &OwnedFd, path: &Path, flags: OFlags) -> Result<OwnedFd, OpenError> {
    walk(folder, path, flags)
}

/// The same without the kernel's help: one component at a time, each relative to the open folder before it.
fn walk(folder: &OwnedFd, path: &Path, flags: OFlags) -> Result<OwnedFd, OpenError> {
    let mut at = folder.try_clone()?;
    let mut names = path.iter().peekable();
    while let Some(name) = names.next() {
        let flags = if names.peek().is_some() {
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
        } else {
            flags
        };
        at = match rustix::fs::openat(&at, name, flags | OFlags::NOFOLLOW, Mode::empty()) {
            // A link where a folder is wanted is told as "not a folder".
            Err(Errno::NOTDIR) if is_link(&at, name) => return Err(OpenError::Link),
            other => other?,
        };
    }
    Ok(at)
}

fn is_link(folder: &OwnedFd, name: &std::ffi::OsStr) -> bool {
    rustix::fs::statat(folder, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_symlink())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    type Opener = fn(&Path, &str) -> Result<File, OpenError>;

    /// The same cases by the kernel's way and by ours.
    const WAYS: [Opener; 2] = [open_beneath, |root, path| {
        let relative = relative(root, path)?;
        let folder = OwnedFd::from(File::open(root)?);
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(walk(&folder, &relative, flags)?);
        let meta = file.metadata()?;
        match (meta.is_file(), meta.nlink()) {
            (false, _) => Err(OpenError::NotAFile),
            (true, 1) => Ok(file),
            (true, _) => Err(OpenError::HardLink),
        }
    }];

    #[test]
    fn only_plain_files_beneath_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let (root, out) = (dir.path(), outside.path());
        std::fs::create_dir(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/a.txt"), "a").unwrap();
        std::fs::write(root.join("-dash\nname"), "n").unwrap();
        std::fs::write(out.join("secret"), "s").unwrap();
        symlink(out, root.join("away")).unwrap();
        symlink(out.join("secret"), root.join("link")).unwrap();
        symlink("sub/a.txt", root.join("inner")).unwrap();
        std::fs::hard_link(out.join("secret"), root.join("hard")).unwrap();
        rustix::fs::mknodat(CWD, root.join("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0)
            .unwrap();
        let absolute = root.join("sub/a.txt");
        for open in WAYS {
            for path in ["sub/a.txt", "./sub//a.txt", "-dash\nname", absolute.to_str().unwrap()] {
                assert!(open(root, path).is_ok(), "{path:?}");
            }
            for path in ["../x", "sub/../../x", "/etc/passwd", "sub/.."] {
                assert!(matches!(open(root, path), Err(OpenError::Outside)), "{path:?}");
            }
            for path in ["away/secret", "link", "inner"] {
                let error = open(root, path).unwrap_err();
                assert!(matches!(error, OpenError::Link), "{path:?}: {error}");
            }
            for path in ["sub", "pipe", "", "."] {
                assert!(matches!(open(root, path), Err(OpenError::NotAFile)), "{path:?}");
            }
            assert!(matches!(open(root, "hard"), Err(OpenError::HardLink)));
            assert!(matches!(open(root, "nul\0byte"), Err(OpenError::Io(_))));
            assert!(matches!(open(root, "missing"), Err(OpenError::Io(_))));
        }
        for path in ["/proc/self/environ", "/dev/fd/3", "/proc/self/root/etc/passwd"] {
            assert!(matches!(open_beneath(root, path), Err(OpenError::Outside)));
        }
        assert!(matches!(open_beneath(Path::new("/proc"), "self/environ"), Err(OpenError::Link)));
    }
}
