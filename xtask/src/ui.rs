//! The page: built by npm from `crates/gateway/ui`, committed under `crates/gateway/assets/ui`.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::run::{has, root, run_in, say};

const ADVICE: &str = "see crates/gateway/ui/README.md";
/// Where a Chromium usually is.
const BROWSERS: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

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

/// The page's own tests, then the page in a browser against the gateway of a release build.
pub(crate) fn test(no_build: bool) -> Result<()> {
    let source = root().join("crates/gateway/ui");
    if !source.join("node_modules/playwright-core").exists() {
        run_in(&source, "npm ci --no-audit --no-fund", ADVICE)?;
    }
    run_in(&source, "npm test --silent", ADVICE)?;
    let Some(browser) = BROWSERS.iter().find(|path| Path::new(path).exists()) else {
        say("!!! SKIPPED: the page in a browser, since there is no Chromium here");
        return Ok(());
    };
    if !no_build {
        run_in(&root(), "cargo build --release -p openclaw", "fix the build first")?;
    }
    let binary = root().join("target/release/openclaw");
    say("$ node test/page.mjs (the page in a browser)");
    let status = Command::new("node")
        .arg("test/page.mjs")
        .arg("--binary")
        .arg(&binary)
        .arg("--chromium")
        .arg(browser)
        .arg("--shots")
        .arg(root().join("target/ui-shots"))
        .current_dir(&source)
        .status()?;
    if !status.success() {
        bail!("the page does not do what it should; {ADVICE}");
    }
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
