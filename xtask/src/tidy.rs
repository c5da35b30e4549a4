//! Rules that neither the compiler nor clippy knows: who may depend on whom, sizes, headings.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::run::{root, say};

mod edges;
mod files;

/// Runs every rule and lists all that is wrong.
pub(crate) fn run() -> Result<()> {
    let mut problems = edges::check(&dependencies()?);
    for path in sources()? {
        let text = fs::read_to_string(&path)?;
        let name = path.strip_prefix(root())?.display().to_string();
        problems.extend(files::check(&name, &text));
    }
    if problems.is_empty() {
        say("tidy: nothing to complain about");
        return Ok(());
    }
    problems.iter().for_each(say);
    bail!("tidy: {} problems", problems.len())
}

/// The workspace's own dependencies: package to packages.
fn dependencies() -> Result<BTreeMap<String, Vec<String>>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&out.stdout).context("cargo metadata failed")?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let name = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();
    let own: Vec<String> = packages.iter().map(name).collect();
    let needs = |package: &Value| -> Vec<String> {
        let all = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().map(name).filter(|dependency| own.contains(dependency)).collect()
    };
    Ok(packages.iter().map(|package| (name(package), needs(package))).collect())
}

/// Every Rust file of the workspace.
fn sources() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates"), root().join("xtask"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() && name != "node_modules" && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        super::run().unwrap();
    }
}
