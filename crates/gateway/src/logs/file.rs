//! The log file: one a day or one named by the config, private, never through a link.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Map;
use tracing::Level;

use super::{
    LogFile,
    line::{Host, Record},
    options::{Destination, LogOptions},
    sink::Write,
};

/// The usual directory, shared with OpenClaw.
const DIRECTORY: &str = "/tmp/openclaw";

/// Writes lines to the file of the day.
pub(super) struct Writer {
    destination: Destination,
    max_bytes: u64,
    zone: TimeZone,
    host: Host,
    current: LogFile,
    open: Option<Open>,
}

struct Open {
    file: File,
    path: PathBuf,
    day: Date,
    bytes: u64,
}

impl Writer {
    /// `None` when no file is wanted.
    pub(super) fn new(options: &LogOptions, current: LogFile) -> Option<Self> {
        if options.destination == Destination::None {
            return None;
        }
        let host = Host {
            name: options.hostname.clone(),
            now: options.now.clone(),
            zone: options.zone.clone(),
        };
        let writer = Self {
            destination: options.destination.clone(),
            max_bytes: options.max_file_bytes,
            zone: options.zone.clone(),
            host,
            current,
            open: None,
        };
        // The name is known before the first line, so that `logs.tail` can tell it.
        let today = writer.day((options.now)());
        writer.current.set(writer.path(today).ok());
        Some(writer)
    }

    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    fn path(&self, day: Date) -> io::Result<PathBuf> {
        let name = format!("openclaw-{day}.log");
        match &self.destination {
            Destination::None => Err(io::Error::other("no log file is wanted")),
            Destination::Daily => Ok(own_directory()?.join(name)),
            Destination::DailyIn(dir) => Ok(dir.join(name)),
            Destination::File(path) => Ok(path.clone()),
        }
    }

    /// The open file for lines of `day`; opened anew at midnight and when someone moved it away.
    fn file(&mut self, day: Date) -> io::Result<&mut Open> {
        let path = self.path(day)?;
        let stays = self.open.as_ref().is_some_and(|open| {
            open.path == path && open.day == day && same_file(&open.file, &path)
        });
        if !stays {
            self.open = None;
            let file = open(&path)?;
            let bytes = file.metadata()?.len();
            self.current.set(Some(path.clone()));
            self.open = Some(Open { file, path, day, bytes });
        }
        self.open.as_mut().ok_or_else(|| io::Error::other("the log file is not open"))
    }
}

impl Write for Writer {
    fn write(&mut self, at: Timestamp, lines: &str) -> io::Result<()> {
        let (day, max_bytes) = (self.day(at), self.max_bytes);
        let open = self.file(day)?;
        if open.bytes >= max_bytes {
            return Err(io::Error::other("the log file is full"));
        }
        open.file.write_all(lines.as_bytes())?;
        open.bytes += lines.len() as u64;
        Ok(())
    }

    fn lost(&self, at: Timestamp, count: u64) -> Option<String> {
        let record = Record {
            at,
            level: Level::WARN,
            subsystem: "gateway/logs".into(),
            message: format!("{count} log lines were dropped"),
            fields: Map::new(),
        };
        Some(record.json(&self.host))
    }
}

/// `/tmp/openclaw`, or a directory of our own beside it when another user could write there.
fn own_directory() -> io::Result<PathBuf> {
    let usual = PathBuf::from(DIRECTORY);
    if ensure_own(&usual).is_ok() {
        return Ok(usual);
    }
    let own = PathBuf::from(format!("{DIRECTORY}-{}", rustix::process::geteuid().as_raw()));
    ensure_own(&own)?;
    Ok(own)
}

/// Makes the directory 0700, or checks that it is ours alone to write to and no link.
fn ensure_own(dir: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(dir)?;
    let own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    if own && found.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(io::Error::other("the directory is not this user's alone"))
    }
}

/// Opens for appending: a regular file of this user with one name, mode 0600.
fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    #[expect(clippy::cast_possible_wrap, reason = "flag bits, not a number")]
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits() as i32;
    let mut options = OpenOptions::new();
    let file = options.append(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
    let found = file.metadata()?;
    let own = found.uid() == rustix::process::geteuid().as_raw();
    if !found.is_file() || !own || found.nlink() != 1 {
        return Err(io::Error::other("the log file is not a plain file of this user"));
    }
    if found.mode() & 0o077 != 0 {
        rustix::fs::fchmod(&file, rustix::fs::Mode::from_raw_mode(0o600))?;
    }
    Ok(file)
}

fn same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_foreign_shapes_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link, hard) =
            (dir.path().join("real"), dir.path().join("link"), dir.path().join("hard"));
        std::fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(open(&link).is_err());
        std::fs::hard_link(&real, &hard).unwrap();
        assert!(open(&hard).is_err());
        std::fs::remove_file(&hard).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        std::fs::set_permissions(&real, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .unwrap();
        open(&real).unwrap();
        assert_eq!(mode(&real), 0o600);
        open(&dir.path().join("new/file.log")).unwrap();
        assert_eq!(
            (mode(&dir.path().join("new")), mode(&dir.path().join("new/file.log"))),
            (0o700, 0o600)
        );
        assert!(open(dir.path()).is_err());
        // A pipe with a reader can be opened, and is no file.
        let pipe = dir.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let _reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        assert!(open(&pipe).is_err());
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_not_ours() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("d");
        ensure_own(&dir).unwrap();
        std::fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o777))
            .unwrap();
        assert!(ensure_own(&dir).is_err());
        std::fs::write(root.path().join("f"), "").unwrap();
        assert!(ensure_own(&root.path().join("f")).is_err());
        std::os::unix::fs::symlink(root.path(), root.path().join("l")).unwrap();
        assert!(ensure_own(&root.path().join("l")).is_err());
    }
}
