//! Commands: shown before they run, with advice when they fail.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, Result, bail};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Prints a line for the person who waits.
#[expect(clippy::print_stdout, reason = "the one place where xtask speaks")]
pub(crate) fn say(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

/// How many checks could not be done here.
static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// Says loudly that something is not checked.
pub(crate) fn skip(what: impl AsRef<str>) {
    say(format!("!!! SKIPPED: {}", what.as_ref()));
    SKIPPED.fetch_add(1, Ordering::Relaxed);
}

/// Says at the end how many were skipped; where nothing may be skipped, that is a failure.
pub(crate) fn settle(nothing_skipped: bool) -> Result<()> {
    match SKIPPED.load(Ordering::Relaxed) {
        0 => Ok(()),
        count if nothing_skipped => bail!("{count} checks were skipped; install what they need"),
        count => {
            say(format!("!!! {count} checks were SKIPPED, see above"));
            Ok(())
        }
    }
}

/// Runs a command in the repository's root; `advice` says what to do when it fails.
pub(crate) fn run(line: &str, advice: &str) -> Result<()> {
    run_in(&root(), line, advice)
}

/// Runs a command in a folder. `NAME=VALUE` before the program is put into its environment.
pub(crate) fn run_in(dir: &Path, line: &str, advice: &str) -> Result<()> {
    say(format!("$ {line}"));
    let mut words = line.split_whitespace().peekable();
    let mut environment = Vec::new();
    while let Some(pair) = words.peek().and_then(|word| word.split_once('=')) {
        environment.push(pair);
        words.next();
    }
    let program = words.next().context("an empty command")?;
    let status = Command::new(program).args(words).envs(environment).current_dir(dir).status();
    let status = status.with_context(|| format!("cannot run {program}; {advice}"))?;
    if !status.success() {
        bail!("`{line}` failed; {advice}");
    }
    Ok(())
}

/// Where a program is; those for administrators are found as well.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let folders = std::env::split_paths(&path).chain(usual);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether a program is there.
pub(crate) fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success())
}
