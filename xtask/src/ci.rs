//! Everything that must pass, cheap things first.

use anyhow::Result;

use crate::run::{has, run, say};

const LOOK: &str = "read what it printed above";

/// Runs all checks.
pub(crate) fn run_all() -> Result<()> {
    run("cargo fmt --all --check", "run `cargo fmt --all`")?;
    run("cargo clippy --workspace --all-targets --quiet -- -D warnings", LOOK)?;
    tests()?;
    run("cargo doc --workspace --no-deps --quiet", "fix the links in the documentation")?;
    crate::interop::run_all(false)?;
    if has("node") && has("npm") {
        crate::ui::run(true)?;
        crate::ui::test(false)?;
    } else {
        say("!!! SKIPPED: the page's freshness and its tests, since Node is not here");
    }
    Ok(())
}

/// The tests, by the runner that is there.
fn tests() -> Result<()> {
    run("cargo test --workspace", LOOK)
}
