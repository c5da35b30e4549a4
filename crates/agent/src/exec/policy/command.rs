//! A command as it is judged and as it is run: the words, the program behind the first of them, the
//! folder, the variables. Looked up once; [`Command::unchanged`] tells whether that still holds.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::carriers;
use crate::approvals::binding::hex;

/// Folders in which programs are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchPath(Vec<PathBuf>);

impl SearchPath {
    /// From a text like that of `PATH`. Only absolute folders count: any other means another folder
    /// for each command.
    pub fn parse(text: &str) -> Self {
        Self(text.split(':').map(PathBuf::from).filter(|folder| folder.is_absolute()).collect())
    }
}

/// Why a command cannot be judged. It does not run.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// There is no first word, or a word that no program can be given.
    #[error("the command has no program, or holds a zero byte")]
    Words,
    /// The folder is not there.
    #[error("the folder {} cannot be used: {source}", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No program is found under the first word.
    #[error("no program is found for {0:?}; give its whole path")]
    Program(String),
}

/// What the command was judged by is not what is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Changed {
    /// The program was replaced.
    #[error("the program has changed since the command was judged")]
    Program,
    /// The folder was replaced.
    #[error("the folder has changed since the command was judged")]
    Folder,
}

/// What identifies a file or a folder without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    /// Of a file: size and times. Those of a folder change with what is in it.
    content: Option<(u64, i64, i64, i64, i64)>,
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        let meta = fs::metadata(path)?;
        let times = (meta.size(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec());
        let content = meta.is_file().then_some(times);
        Ok(Self { device: meta.dev(), inode: meta.ino(), content })
    }
}

/// A command that can be judged and run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    argv: Vec<String>,
    program: PathBuf,
    program_identity: Identity,
    cwd: PathBuf,
    cwd_identity: Identity,
    env: BTreeMap<String, String>,
}

impl Command {
    /// Looks a command up. Blocks on the file system.
    pub fn resolve(
        argv: Vec<String>,
        cwd: &Path,
        env: BTreeMap<String, String>,
        search: &SearchPath,
    ) -> Result<Self, Unresolved> {
        let named = argv.first().filter(|word| !word.trim().is_empty());
        let whole = |text: &String| !text.contains('\0');
        let sound = |(name, value): (&String, &String)| {
            !name.is_empty() && !name.contains('=') && whole(name) && whole(value)
        };
        let Some(word) = named.filter(|_| argv.iter().all(whole) && env.iter().all(sound)) else {
            return Err(Unresolved::Words);
        };
        let folder = |source| Unresolved::Folder { path: cwd.to_owned(), source };
        let cwd = fs::canonicalize(cwd).map_err(folder)?;
        let cwd_identity = Identity::of(&cwd).map_err(folder)?;
        if cwd_identity.content.is_some() || !cwd.is_dir() {
            return Err(folder(io::ErrorKind::NotADirectory.into()));
        }
        let found = if word.contains('/') {
            program_at(&cwd.join(word))
        } else {
            search.0.iter().find_map(|folder| program_at(&folder.join(word)))
        };
        let not_found = || Unresolved::Program(word.clone());
        let program = found.ok_or_else(not_found)?;
        let program_identity = Identity::of(&program).map_err(|_| not_found())?;
        Ok(Self { argv, program, program_identity, cwd, cwd_identity, env })
    }

    /// The words; the first is what the program is told its name is.
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// The file to run, by its real path: no links, no `.` and `..`.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The folder to run it in, by its real path.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The variables to set.
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// The name of the program, when it runs what its arguments say. Links hide neither: both the
    /// name that was called and that of the file count.
    pub fn carrier(&self) -> Option<&str> {
        let word = self.argv.first().map_or("", String::as_str);
        let file = self.program.to_str().unwrap_or_default();
        [word, file].into_iter().find(|name| carriers::is_carrier(name))
    }

    /// A variable that can change what a program does. Few cannot.
    pub fn odd_variable(&self) -> Option<&str> {
        let odd = |(name, value): &(&String, &String)| !is_plain(name, value);
        self.env.iter().find(odd).map(|(name, _)| name.as_str())
    }

    /// Whether program and folder are still those that were judged. A runner asks right before it runs.
    pub fn unchanged(&self) -> Result<(), Changed> {
        if Identity::of(&self.program).ok() != Some(self.program_identity) {
            return Err(Changed::Program);
        }
        if Identity::of(&self.cwd).ok() != Some(self.cwd_identity) {
            return Err(Changed::Folder);
        }
        Ok(())
    }

    /// Identifies the program and the folder: another content, or another folder under the same name, has
    /// another one. Reads the program.
    pub fn fingerprint(&self) -> io::Result<String> {
        let Identity { device, inode, .. } = self.cwd_identity;
        let mut hash = Sha256::new();
        hash.update(digest_of(&self.program)?);
        hash.update(format!(" {device}:{inode} "));
        hash.update(self.cwd.as_os_str().as_encoded_bytes());
        Ok(hex(&hash.finalize()))
    }
}

/// The real path of a program, if one is there that can be run.
fn program_at(path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    let meta = fs::metadata(&real).ok()?;
    (meta.is_file() && meta.mode() & 0o111 != 0).then_some(real)
}

fn digest_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            None | Some([]) => return Ok(hex(&hash.finalize())),
            Some(part) => hash.update(part),
        }
    }
}

/// Whether a variable only says in which words and colours a program speaks.
fn is_plain(name: &str, value: &str) -> bool {
    const NAMES: [&str; 10] = [
        "LANG",
        "LANGUAGE",
        "TERM",
        "COLORTERM",
        "COLUMNS",
        "LINES",
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
    ];
    let known = NAMES.contains(&name)
        || name
            .strip_prefix("LC_")
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_uppercase()));
    let quiet = |c: char| c.is_ascii_alphanumeric() || "_.@:+-".contains(c);
    known && value.chars().all(quiet)
}
