//! `schema/`: written and compared by a hidden subcommand of the binary, which knows the definitions.

use anyhow::Result;

use crate::run;

/// Writes `schema/`, or compares it with the definitions.
pub(crate) fn run(check: bool) -> Result<()> {
    let flag = if check { " --check" } else { "" };
    run::run(
        &format!("cargo run -q -p openclaw -- schema{flag}"),
        "run `cargo xtask schema` and commit schema/",
    )
}
