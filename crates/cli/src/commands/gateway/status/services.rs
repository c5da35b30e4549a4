//! Services that start a gateway, ours or another OpenClaw's: the files that say so, of the system and
//! of this user. Two of them on one state directory keep each other out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

/// A file of more bytes is no unit.
const MAX_FILE: u64 = 256 * 1024;

/// Where units are, and how their files end.
#[derive(Debug, Clone)]
pub(super) struct Place {
    scope: &'static str,
    dir: PathBuf,
    extension: &'static str,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Service {
    scope: &'static str,
    name: String,
    file: PathBuf,
}

/// The places of this system.
pub(super) fn places(home: Option<&Path>) -> Vec<Place> {
    let (system, user, extension): (&[&str], &str, _) = if cfg!(target_os = "macos") {
        (&["/Library/LaunchAgents", "/Library/LaunchDaemons"], "Library/LaunchAgents", "plist")
    } else {
        (
            &["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"],
            ".config/systemd/user",
            "service",
        )
    };
    let user = home.map(|home| Place { scope: "user", dir: home.join(user), extension });
    let system = system.iter().map(|dir| Place { scope: "system", dir: dir.into(), extension });
    user.into_iter().chain(system).collect()
}

/// What is there, each file once.
pub(super) fn find(places: &[Place]) -> Vec<Service> {
    let mut found: Vec<(PathBuf, Service)> = Vec::new();
    for place in places {
        let entries = fs::read_dir(&place.dir).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        for file in files {
            let fits = file.extension().is_some_and(|extension| extension == place.extension);
            let (true, Some(text)) = (fits, read(&file)) else { continue };
            let real = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
            if !starts_a_gateway(&text) || found.iter().any(|(known, _)| *known == real) {
                continue;
            }
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            found.push((real, Service { scope: place.scope, name, file }));
        }
    }
    found.into_iter().map(|(_, service)| service).collect()
}

fn read(file: &Path) -> Option<String> {
    let whole = fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_FILE);
    if whole { fs::read_to_string(file).ok() } else { None }
}

/// Whether a line that says what to run names OpenClaw and its gateway. In a plist the words are on
/// lines of their own.
fn starts_a_gateway(text: &str) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("openclaw") && text.contains("gateway")
    };
    if text.trim_start().starts_with('<') {
        return says(text);
    }
    let runs = |line: &&str| line.trim_start().starts_with("ExecStart");
    // A long command goes on behind a backslash.
    text.replace("\\\n", " ").lines().filter(runs).any(says)
}

/// For `--json`.
pub(super) fn document(services: &[Service]) -> Value {
    let entry = |service: &Service| json!({ "scope": service.scope, "label": service.name, "file": service.file });
    services.iter().map(entry).collect()
}

/// For people.
pub(super) fn render(services: &[Service]) -> Vec<String> {
    if services.is_empty() {
        return vec!["Services: none starts a gateway".to_owned()];
    }
    let line = |service: &Service| {
        let Service { scope, name, file } = service;
        format!("Service: {name} ({scope}, {})", file.display())
    };
    services.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_start_a_gateway_are_found_once() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("openclaw-gateway.service", "[Service]\nExecStart=/usr/bin/openclaw gateway run\n");
        write(
            "wrapped.service",
            "[Service]\nExecStart=/usr/bin/node \\\n  /opt/openclaw/entry.js gateway --port 1\n",
        );
        write("other.service", "# openclaw gateway\n[Service]\nExecStart=/bin/true\n");
        write("openclaw-gateway.timer", "ExecStart=openclaw gateway");
        write(
            "launched.plist",
            "<plist><string>openclaw</string>\n<string>gateway</string></plist>",
        );
        std::os::unix::fs::symlink(
            dir.path().join("wrapped.service"),
            dir.path().join("alias.service"),
        )
        .unwrap();
        let place = |extension| Place { scope: "user", dir: dir.path().to_owned(), extension };
        let names = |places: &[Place]| -> Vec<String> {
            find(places).into_iter().map(|service| service.name).collect()
        };
        assert_eq!(names(&[place("service"), place("service")]), ["alias", "openclaw-gateway"]);
        assert_eq!(names(&[place("plist")]), ["launched"]);
        let none = Place { scope: "system", dir: "/nowhere/at/all".into(), extension: "service" };
        assert_eq!(render(&find(&[none])), ["Services: none starts a gateway"]);
    }
}
