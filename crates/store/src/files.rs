//! Private files: created for the owner only, replaced whole or not at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Files: read and write for the owner.
const FILE_MODE: u32 = 0o600;
/// Folders: the owner only.
const DIR_MODE: u32 = 0o700;

/// Makes a folder and those above it, durably: what is synced in them later would else be lost with
/// their names. Folders that exist keep their mode.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|dir| !dir.exists()).collect();
    DirBuilder::new().recursive(true).mode(DIR_MODE).create(path)?;
    let parents = missing.into_iter().filter_map(Path::parent);
    parents.filter(|dir| !dir.as_os_str().is_empty()).try_for_each(sync_dir)
}

/// Opens a file to read it and to append to it; makes it where there is none.
pub(crate) fn open_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(FILE_MODE).open(path)
}

/// Makes an empty file for the owner only, where there is none.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path).map(drop)
}

/// Makes the entries of a folder durable: a created, renamed or linked file.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Copies a file of another program before it is changed: to the same place below `originals`, once.
/// A file that is not there, or not below `root`, needs no copy. The copy's path when one was made.
pub(crate) fn keep_original(
    root: &Path,
    originals: &Path,
    path: &Path,
) -> io::Result<Option<PathBuf>> {
    let Ok(place) = path.strip_prefix(root) else { return Ok(None) };
    let copy = originals.join(place);
    if copy.exists() || !path.is_file() {
        return Ok(None);
    }
    create_dir(copy.parent().unwrap_or(originals))?;
    let mut source = File::open(path)?;
    let mut replacement = Replacement::of(&copy)?;
    io::copy(&mut source, &mut replacement)?;
    replacement.sync()?;
    replacement.rename()?;
    Ok(Some(copy))
}

/// A file beside another one that is about to take its place.
#[derive(Debug)]
pub(crate) struct Replacement {
    target: PathBuf,
    temporary: PathBuf,
    writer: BufWriter<File>,
    done: bool,
}

impl Replacement {
    pub(crate) fn of(target: &Path) -> io::Result<Self> {
        let mut name = target.file_name().unwrap_or_default().to_os_string();
        name.push(".tmp");
        let temporary = target.with_file_name(name);
        if let Err(e) = fs::remove_file(&temporary)
            && e.kind() != io::ErrorKind::NotFound
        {
            return Err(e);
        }
        let file =
            OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&temporary)?;
        Ok(Self { target: target.into(), temporary, writer: BufWriter::new(file), done: false })
    }

    /// Puts what was written on the disk, under the temporary name.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()
    }

    /// Takes the place of the target. Call [`Self::sync`] before.
    pub(crate) fn rename(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.target)?;
        self.done = true;
        self.target.parent().map_or(Ok(()), sync_dir)
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.done {
            fs::remove_file(&self.temporary).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_original_is_kept_and_no_later_one() {
        let dir = tempfile::tempdir().unwrap();
        let (file, originals) = (dir.path().join("a/b.json"), dir.path().join("originals"));
        fs::create_dir(dir.path().join("a")).unwrap();
        assert_eq!(keep_original(dir.path(), &originals, &file).unwrap(), None);
        fs::write(&file, "first").unwrap();
        let copy = keep_original(dir.path(), &originals, &file).unwrap().unwrap();
        fs::write(&file, "second").unwrap();
        assert_eq!(keep_original(dir.path(), &originals, &file).unwrap(), None);
        assert_eq!(fs::read_to_string(&copy).unwrap(), "first");
        assert_eq!(copy, originals.join("a/b.json"));
    }

    #[test]
    fn a_replacement_is_whole_or_nothing_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        fs::write(&path, "old").unwrap();
        let mut left = Replacement::of(&path).unwrap();
        left.write_all(b"half").unwrap();
        drop(left);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let mut whole = Replacement::of(&path).unwrap();
        whole.write_all(b"new").unwrap();
        whole.sync().unwrap();
        whole.rename().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_and_folders_are_made_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (inner, file) = (dir.path().join("a/b"), dir.path().join("a/b/c.jsonl"));
        create_dir(&inner).unwrap();
        open_append(&file).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir.path().join("a")), mode(&inner)), (0o700, 0o700));
        assert_eq!(mode(&file), 0o600);
    }
}
