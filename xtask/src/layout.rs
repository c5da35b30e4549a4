//! Which functions a start runs, so that the linker can put them side by side.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    bench::gateway::{free_port, healthy, pause},
    bench::state,
    run::{has, root, run, say},
};

const LIST: &str = "crates/cli/start.txt";
const HEADER: &str = "\
# The functions that a start of the gateway runs, as symbols without their hashes.
# Written by `cargo xtask layout`; read by build.rs.
";
/// What a gateway does at rest belongs to it: the first ticks, and the look for models.
const REST: Duration = Duration::from_secs(15);

/// Starts a gateway under Valgrind and writes down what ran.
pub(crate) fn run_all() -> Result<()> {
    if !has("valgrind") {
        bail!("the list of functions needs valgrind; install it");
    }
    // Of a program with several sections of code Valgrind names the functions of one.
    run("env OPENCLAW_BUILD_UNORDERED=1 cargo build --release", "see above")?;
    let profile = profile()?;
    let list: String = functions(&profile).into_iter().map(|name| name + "\n").collect();
    say(format!("{} functions", list.lines().count()));
    fs::write(root().join(LIST), format!("{HEADER}{list}"))?;
    run("cargo build --release", "see above")
}

fn profile() -> Result<String> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let state = state::empty()?;
    let out = state.path().join("callgrind");
    let port = free_port()?;
    let mut child = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--demangle=no"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(target.join("release/openclaw"))
        .args(["gateway", "run", "--port", &port.to_string()])
        .env("HOME", state.path())
        .env("OPENCLAW_STATE_DIR", state.path())
        .env("OPENCLAW_GATEWAY_TOKEN", "layout")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot run valgrind")?;
    while !healthy(port) {
        if let Some(status) = child.try_wait()? {
            bail!("the gateway ended under valgrind, {status}");
        }
        pause(Duration::from_millis(100));
    }
    pause(REST);
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    child.wait()?;
    Ok(fs::read_to_string(out)?)
}

/// The functions of our program that a profile of Callgrind tells of. It gives each name once, with a
/// number, and the number alone thereafter.
fn functions(profile: &str) -> BTreeSet<String> {
    let (mut objects, mut names) = (BTreeMap::new(), BTreeMap::new());
    let mut found = BTreeSet::new();
    let mut ours = false;
    for line in profile.lines() {
        let Some((key, value)) = line.split_once("=(") else { continue };
        let Some((id, name)) = value.split_once(')') else { continue };
        let name = name.trim_start();
        match key {
            "ob" | "cob" => {
                if !name.is_empty() {
                    objects.insert(id, name.ends_with("/openclaw"));
                }
                ours = if key == "ob" { objects.get(id) == Some(&true) } else { ours };
            }
            "fn" | "cfn" => {
                if !name.is_empty() {
                    names.insert(id, name);
                }
                if let (true, "fn", Some(name)) = (ours, key, names.get(id)) {
                    found.insert(without_hashes(name));
                }
            }
            _ => {}
        }
    }
    // A function without a name is of the linker's own making.
    found.retain(|name| !name.is_empty() && !name.starts_with("0x"));
    found
}

/// A symbol as it is in each build. Hashes stand at the end of the older symbols and after `Cs` in the
/// newer ones; recursion is told with a stroke.
fn without_hashes(symbol: &str) -> String {
    const HASH: usize = "17h0123456789abcdefE".len();
    let symbol = symbol.split(['\'', '(']).next().unwrap_or(symbol);
    if symbol.starts_with("_ZN") {
        let end = symbol.find(".llvm.").unwrap_or(symbol.len());
        let start = end.saturating_sub(HASH);
        return symbol.get(..start).map_or_else(|| symbol.to_owned(), |name| format!("{name}17h*"));
    }
    if !symbol.starts_with("_R") {
        return symbol.to_owned();
    }
    let crates =
        |part: &str| part.split_once('_').map_or(part.to_owned(), |(_, rest)| format!("*_{rest}"));
    let parts: Vec<_> = symbol
        .split("Cs")
        .enumerate()
        .map(|(i, part)| if i == 0 { part.to_owned() } else { crates(part) })
        .collect();
    parts.join("Cs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_our_program_are_found_and_named_without_hashes() {
        let profile = "ob=(1) /lib/libc.so.6\nfn=(1) malloc\n0 1\nob=(2) /x/openclaw\n\
                       fn=(2) _ZN4core3fmt5write17h0123456789abcdefE\n0 1\ncob=(1)\ncfn=(1)\ncalls=1 0\n0 1\n\
                       fn=(3) _RNvNtCsjrHSEGnQ3l9_3std2io4read'2\n0 1\ncfn=(4) never_entered_by_us\n0 1\n\
                       ob=(1)\nfn=(1)\n0 1\nob=(2)\nfn=(5) sqlite3Step\n0 1\nfn=(6) 0x0000000000001050\n";
        let found: Vec<_> = functions(profile).into_iter().collect();
        assert_eq!(found, ["_RNvNtCs*_3std2io4read", "_ZN4core3fmt5write17h*", "sqlite3Step"]);
    }
}
