//! Chores of this repository. `cargo xtask --help` lists them; each prints the commands that it runs.

use clap::{Parser, Subcommand};

mod bench;
mod ci;
mod interop;
mod layout;
mod npm;
mod run;
mod schema;
mod tidy;
mod ui;

#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check the crates' dependencies, the sizes of files, and their headings. Clippy checks those of functions.
    Tidy,
    /// Write schema/ from the protocol's definitions.
    Schema {
        /// Only compare.
        #[arg(long)]
        check: bool,
    },
    /// Build the page into crates/gateway/assets/ui (needs Node).
    Ui {
        /// Only compare with what is committed.
        #[arg(long)]
        check: bool,
        /// Run the page's tests instead, also those in a browser.
        #[arg(long, conflicts_with = "check")]
        test: bool,
        /// With `--test`: do not build; use target/release/openclaw as it is.
        #[arg(long, requires = "test")]
        no_build: bool,
    },
    /// Measure against the baseline and print raw JSON.
    Bench(bench::Args),
    /// List the functions that a start runs, for the linker (needs Valgrind, and builds twice).
    Layout,
    /// Let the official clients from npm talk with a gateway of ours.
    Interop {
        /// Do not build; use target/release/openclaw as it is.
        #[arg(long)]
        no_build: bool,
        /// A peer that cannot be had here is a failure.
        #[arg(long)]
        nothing_skipped: bool,
    },
    /// Everything that must pass before a change lands.
    Ci {
        /// A check that cannot be done here is a failure.
        #[arg(long)]
        nothing_skipped: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Args::parse().chore {
        Chore::Tidy => tidy::run(),
        Chore::Schema { check } => schema::run(check),
        Chore::Ui { test: true, no_build, .. } => ui::test(no_build),
        Chore::Ui { check, .. } => ui::run(check),
        Chore::Bench(args) => bench::run_all(&args),
        Chore::Interop { no_build, nothing_skipped } => {
            interop::run_all(no_build)?;
            run::settle(nothing_skipped)
        }
        Chore::Layout => layout::run_all(),
        Chore::Ci { nothing_skipped } => ci::run_all(nothing_skipped),
    }
}
