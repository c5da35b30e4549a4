//! Who else on this machine may read or change what the gateway keeps.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use super::{Finding, Severity};
use crate::config::{Loaded, Paths};

const DIR: u32 = 0o700;
const FILE: u32 = 0o600;

/// Folders that programs copy to other machines.
const SYNCED: [&str; 5] = ["Dropbox", "OneDrive", "Google Drive", "iCloud Drive", "Nextcloud"];

pub(super) fn look(paths: &Paths, findings: &mut Vec<Finding>) {
    let state = &paths.state_dir;
    if let Some(place) = SYNCED.iter().find(|name| {
        state.components().any(|part| part.as_os_str().to_string_lossy().starts_with(**name))
    }) {
        findings.push(Finding::new(
            "fs.synced_dir",
            Severity::Warn,
            "The state folder is copied to other machines",
            format!("{} lies below {place}: tokens and transcripts leave this machine, and two writers break the database.", state.display()),
            "Set OPENCLAW_STATE_DIR to a folder that is not synchronised.",
        ));
    }
    if state.is_symlink() {
        findings.push(Finding::new(
            "fs.state_dir.symlink",
            Severity::Warn,
            "The state folder is a link",
            format!(
                "{} points elsewhere; the modes that matter are those of its target.",
                state.display()
            ),
            "Name the folder itself in OPENCLAW_STATE_DIR.",
        ));
    }
    check(state, DIR, ["fs.state_dir.perms_writable", "fs.state_dir.perms_readable"], findings);
    config_file(&paths.config_file, findings);
    for name in ["identity", "credentials", "devices", "agents", "originals", "logs"] {
        let path = state.join(name);
        check(
            &path,
            DIR,
            ["fs.credentials_dir.perms_writable", "fs.credentials_dir.perms_readable"],
            findings,
        );
    }
    let database = openclaw_store::Layout::new(state).database();
    // What is written there last stands beside the database first.
    let beside = ["-wal", "-shm"].map(|end| {
        let mut name = database.clone().into_os_string();
        name.push(end);
        name.into()
    });
    let own = [".env", "identity/device.json", "node.json", "exec-approvals.json"];
    let own = own.into_iter().map(|name| state.join(name));
    for path in std::iter::once(database).chain(beside).chain(own) {
        check(
            &path,
            FILE,
            ["fs.credentials.perms_writable", "fs.credentials.perms_readable"],
            findings,
        );
    }
}

/// What the config names: the files that it includes hold secrets as well, and a log tells what was said.
pub(super) fn look_configured(loaded: &Loaded, paths: &Paths, findings: &mut Vec<Finding>) {
    if let Some(log) =
        loaded.config.logging.file.as_deref().map(str::trim).filter(|l| !l.is_empty())
    {
        let ids = ["fs.log_file.perms_writable", "fs.log_file.perms_readable"];
        check(&paths.expand(log), FILE, ids, findings);
    }
    for path in loaded.files.iter().filter(|path| **path != paths.config_file) {
        check(
            path,
            FILE,
            ["fs.config_include.perms_writable", "fs.config_include.perms_world_readable"],
            findings,
        );
    }
}

fn config_file(path: &Path, findings: &mut Vec<Finding>) {
    if path.is_symlink() {
        findings.push(Finding::new(
            "fs.config.symlink",
            Severity::Info,
            "The config file is a link",
            format!(
                "{} points elsewhere; keep its target as private as the config itself.",
                path.display()
            ),
            "Nothing, when the target is yours alone.",
        ));
    }
    check(path, FILE, ["fs.config.perms_writable", "fs.config.perms_world_readable"], findings);
}

/// Names what others may do to a file or folder: first change, then read.
fn check(
    path: &Path,
    want: u32,
    [writable, readable]: [&'static str; 2],
    findings: &mut Vec<Finding>,
) {
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.mode() & 0o777;
    // A key that others may read is as good as theirs; a folder whose files are private is not.
    let (id, severity, what) = match mode {
        mode if mode & 0o022 != 0 => (writable, Severity::Critical, "change"),
        mode if mode & 0o044 != 0 && want == FILE => (readable, Severity::Critical, "read"),
        mode if mode & 0o044 != 0 => (readable, Severity::Warn, "list"),
        _ => return,
    };
    let shown = path.display();
    let finding = Finding::new(
        id,
        severity,
        format!("Others may {what} {shown}"),
        format!("Its mode is {mode:o}."),
        format!("chmod {want:o} {shown}"),
    );
    findings.push(finding.with_mode(path, want));
}
