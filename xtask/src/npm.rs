//! Packages from npm that checks need: installed beside what the build makes, never into the repository.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::run::say;

/// Installs what a `package.json` lists into a folder, unless it is there already. `node` runs npm when
/// a package refuses to be installed by the machine's own.
pub(crate) fn install(dir: &Path, package: &str, node: Option<&Path>) -> Result<()> {
    fs::create_dir_all(dir)?;
    let list = dir.join("package.json");
    let known = fs::read_to_string(&list).is_ok_and(|known| known == package);
    if known && dir.join("node_modules/.package-lock.json").exists() {
        return Ok(());
    }
    fs::write(&list, package)?;
    say(format!("$ npm install (in {})", dir.display()));
    let mut path = OsString::new();
    if let Some(folder) = node.and_then(Path::parent) {
        path.push(folder);
        path.push(":");
    }
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let status = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent"])
        .env("PATH", path)
        .current_dir(dir)
        .status()?;
    if !status.success() {
        bail!("npm install failed in {}", dir.display());
    }
    Ok(())
}

/// The Node that a folder's packages bring; it need not be there.
pub(crate) fn node(dir: &Path) -> PathBuf {
    dir.join("node_modules/node/bin/node")
}
