//! Everything that must pass, cheap things first.

use anyhow::Result;

use crate::run::{has, run, settle, skip};

const LOOK: &str = "read what it printed above";

/// Runs all checks.
pub(crate) fn run_all(nothing_skipped: bool) -> Result<()> {
    run("cargo fmt --all --check", "run `cargo fmt --all`")?;
    run("cargo clippy --workspace --all-targets --quiet -- -D warnings", LOOK)?;
    tests()?;
    // Nothing but its arguments tells rustdoc that a warning is an error.
    run("RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --quiet", LOOK)?;
    crate::interop::run_all(false)?;
    if has("node") && has("npm") {
        crate::ui::run(true)?;
        crate::ui::test(false)?;
    } else {
        skip("the page's freshness and its tests, since Node is not here");
    }
    settle(nothing_skipped)
}

/// The tests, by the runner that is there.
fn tests() -> Result<()> {
    run("cargo test --workspace", LOOK)
}
