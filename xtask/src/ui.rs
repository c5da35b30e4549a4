//! The page: built by npm from `crates/gateway/ui`, committed under `crates/gateway/assets/ui`.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{
    npm,
    run::{find, has, root, run_in, say, skip},
};

const ADVICE: &str = "see crates/gateway/ui/README.md";
/// Where a Chromium usually is.
const BROWSERS: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// What audits the page, with a Node that is new enough for it.
const LIGHTHOUSE: &str =
    r#"{"private":true,"type":"module","dependencies":{"lighthouse":"13.5.0","node":"24"}}"#;
/// The proxies of `deploy/`, and the programs that their test needs.
const PROXIES: [(&str, &[&str]); 2] = [("nginx", &["nginx", "openssl"]), ("caddy", &["caddy"])];

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
    let types = source.join("src/protocol.d.ts");
    let committed = fs::read(&types)?;
    run_in(&source, "npm run --silent types", ADVICE)?;
    if check && fs::read(&types)? != committed {
        bail!("src/protocol.d.ts is not what schema/ makes; it is now: commit it");
    }
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

/// Where Chromium is, if it is here.
pub(crate) fn browser() -> Option<&'static str> {
    BROWSERS.into_iter().find(|path| Path::new(path).exists())
}

/// Installs what the page's tests need.
pub(crate) fn prepare() -> Result<()> {
    let source = root().join("crates/gateway/ui");
    if source.join("node_modules/playwright-core").exists() {
        return Ok(());
    }
    run_in(&source, "npm ci --no-audit --no-fund", ADVICE)
}

/// The page's own tests; then against the gateway of a release build the page in a browser, what
/// Lighthouse says of it, and the proxies of `deploy/` in front of it.
pub(crate) fn test(no_build: bool) -> Result<()> {
    prepare()?;
    run_in(&root().join("crates/gateway/ui"), "npm test --silent", ADVICE)?;
    let Some(browser) = browser() else {
        skip("the page in a browser, since there is no Chromium here");
        return Ok(());
    };
    if !no_build {
        run_in(&root(), "cargo build --release -p openclaw", "fix the build first")?;
    }
    let node = Path::new("node");
    let shots = root().join("target/ui-shots").display().to_string();
    script(node, "page.mjs", browser, &["--shots", &shots])?;
    lighthouse(browser)?;
    proxies(node, browser)
}

fn lighthouse(browser: &str) -> Result<()> {
    let dir = root().join("target/lighthouse");
    if let Err(error) = npm::install(&dir, LIGHTHOUSE, None) {
        skip(format!("what Lighthouse says of the page: {error}"));
        return Ok(());
    }
    let folder = dir.display().to_string();
    script(&npm::node(&dir), "lighthouse.mjs", browser, &["--lighthouse", &folder])
}

fn proxies(node: &Path, browser: &str) -> Result<()> {
    for (proxy, needs) in PROXIES {
        if let Some(absent) = needs.iter().find(|program| find(program).is_none()) {
            skip(format!("{proxy} in front of the gateway, since {absent} is not here"));
        } else {
            script(node, "proxies.mjs", browser, &["--only", proxy])?;
        }
    }
    Ok(())
}

/// Runs one of the scripts that test the gateway of the release build in a browser.
pub(crate) fn script(node: &Path, name: &str, browser: &str, more: &[&str]) -> Result<()> {
    say(format!("$ node test/{name} {}", more.join(" ")));
    let status = Command::new(node)
        .arg(format!("test/{name}"))
        .arg("--binary")
        .arg(root().join("target/release/openclaw"))
        .args(["--chromium", browser])
        .args(more)
        .current_dir(root().join("crates/gateway/ui"))
        .status()
        .with_context(|| format!("cannot run {}", node.display()))?;
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
