//! The page: built by npm from `crates/gateway/ui`, committed under `crates/gateway/assets/ui`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail};

use crate::run::{has, root, run_in, say};

const ADVICE: &str = "see crates/gateway/ui/README.md";

/// Builds the page, or compares a fresh build with what is committed.
pub(crate) fn run(check: bool) -> Result<()> {
    if !has("node") {
        bail!(
            "Node is needed to build the page; the built one is committed, so cargo build does not need it"
        );
    }
    let (source, output) =
        (root().join("crates/gateway/ui"), root().join("crates/gateway/assets/ui"));
    run_in(&source, "npm ci --no-audit --no-fund", ADVICE)?;
    run_in(&source, "npm run --silent types", ADVICE)?;
    run_in(&source, "npm run --silent check", ADVICE)?;
    if !check {
        return run_in(&source, "npm run --silent build", ADVICE);
    }
    let fresh = root().join("target/ui-check");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    run_in(&source, &format!("npm run --silent build -- --outdir {}", fresh.display()), ADVICE)?;
    let (ours, theirs) = (files(&output)?, files(&fresh)?);
    let differs =
        ours.keys().chain(theirs.keys()).find(|name| ours.get(*name) != theirs.get(*name));
    if let Some(name) = differs {
        bail!("{name} is not what its sources make; run `cargo xtask ui` and commit the result");
    }
    say(format!("the page is fresh: {} files", ours.len()));
    Ok(())
}

fn files(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir)?.display().to_string();
                found.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(found)
}
