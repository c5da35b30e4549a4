//! A power cut: the state directory as it would be if nothing but what was synced had reached the disk.
//!
//! A library in C, loaded before libc, keeps what every `fsync` has made durable; after a kill the
//! directory is built anew from that.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

use tempfile::TempDir;

/// Which power cut: the system may have written more than it was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Only what was synced: contents by their file, names by their folder.
    SyncedOnly,
    /// All names, and of each file what was synced.
    AllNames,
    /// All names, and of each file everything or what was synced, as the bits say.
    Some(u64),
}

/// The shim, and what it keeps.
pub struct Power {
    dir: TempDir,
}

impl Power {
    /// Compiles the shim; `None` where there is no C compiler.
    pub fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("powercut/shim.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]);
        let compiled = cc.arg(dir.path().join("shim.so")).arg(source).arg("-ldl").status();
        match compiled {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            other => assert!(other.unwrap().success(), "the shim compiles"),
        }
        fs::create_dir(dir.path().join("shadow")).unwrap();
        Some(Self { dir })
    }

    fn shadow(&self) -> PathBuf {
        self.dir.path().join("shadow")
    }

    /// What the gateway's process is started with.
    pub fn variables(&self, state: &Path) -> [(&'static str, PathBuf); 3] {
        let state = fs::canonicalize(state).unwrap();
        [
            ("LD_PRELOAD", self.dir.path().join("shim.so")),
            ("POWERCUT_DIR", state),
            ("POWERCUT_SHADOW", self.shadow()),
        ]
    }

    /// Everything that is there now is on the disk.
    pub fn settled(&self, state: &Path) {
        fs::remove_dir_all(self.shadow()).unwrap();
        fs::create_dir(self.shadow()).unwrap();
        self.keep(state);
    }

    fn keep(&self, dir: &Path) {
        let mut lines = String::new();
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let (name, id) = (path.file_name().unwrap().to_str().unwrap(), identity(&path));
            if path.is_dir() {
                self.keep(&path);
                lines.extend(["d ", &id, " ", name, "\n"]);
            } else {
                fs::copy(&path, self.shadow().join(&id)).unwrap();
                lines.extend(["f ", &id, " ", name, "\n"]);
            }
        }
        fs::write(self.shadow().join(identity(dir)), lines).unwrap();
    }

    /// Cuts the power: what was not on the disk is gone from the directory, whose gateway is dead.
    pub fn cut(&self, state: &Path, cut: Cut) {
        let left = state.with_extension("left");
        let mut bits = match cut {
            Cut::Some(bits) => bits,
            Cut::SyncedOnly | Cut::AllNames => 0,
        };
        self.rebuild(state, &left, cut, &mut bits);
        fs::remove_dir_all(state).unwrap();
        fs::rename(left, state).unwrap();
    }

    fn rebuild(&self, from: &Path, to: &Path, cut: Cut, bits: &mut u64) {
        fs::create_dir(to).unwrap();
        for (name, (is_dir, id)) in self.entries(from, cut) {
            // A name that was durable may meanwhile be another file's; only its identity counts.
            let (source, target) = (from.join(&name), to.join(&name));
            let same = source.exists() && identity(&source) == id;
            if is_dir {
                assert!(same, "folders are not renamed");
                self.rebuild(&source, &target, cut, bits);
                continue;
            }
            let all = same && *bits & 1 == 1;
            *bits >>= 1;
            let kept = self.shadow().join(&id);
            match (all, kept.exists()) {
                (true, _) => drop(fs::copy(source, target).unwrap()),
                (false, true) => drop(fs::copy(kept, target).unwrap()),
                (false, false) => fs::write(target, "").unwrap(),
            }
        }
    }

    /// The names in a folder.
    fn entries(&self, dir: &Path, cut: Cut) -> BTreeMap<String, (bool, String)> {
        if cut != Cut::SyncedOnly {
            let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
            let named = |path: PathBuf| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, (path.is_dir(), identity(&path)))
            };
            return paths.map(named).collect();
        }
        let kept = fs::read_to_string(self.shadow().join(identity(dir))).unwrap_or_default();
        let entry = |line: &str| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().unwrap().to_owned();
            let (kind, id, name) = (word(), word(), word());
            (name, (kind == "d", id))
        };
        kept.lines().map(entry).collect()
    }
}

/// As the shim names it.
fn identity(path: &Path) -> String {
    let about = fs::symlink_metadata(path).unwrap();
    let born = about.created().unwrap().duration_since(UNIX_EPOCH).unwrap();
    format!("{}-{}-{}", about.ino(), born.as_secs(), born.subsec_nanos())
}
