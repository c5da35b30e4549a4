//! Tells the linker to put the code that a start runs into one place, in release builds for Linux.
//!
//! The kernel maps 64 KiB around each page of code that is touched. Left to chance, a start runs a
//! sixth of the code and has four fifths of it in memory. `start.txt` lists the functions that a start
//! runs, as `cargo xtask layout` finds them; a stale list costs memory and nothing else.

use std::{env, fs, io, path::Path};

/// Set to anything, it leaves the order to chance; so the program is built whose start is listed.
const OFF: &str = "OPENCLAW_BUILD_UNORDERED";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=start.txt");
    println!("cargo:rerun-if-env-changed={OFF}");
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|found| found == value);
    let off = env::var_os(OFF).is_some() || other_linker();
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("PROFILE", "release") || off {
        return Ok(());
    }
    let Some(out) = env::var_os("OUT_DIR") else { return Ok(()) };
    let script = Path::new(&out).join("layout.ld");
    fs::write(&script, linker_script(&fs::read_to_string("start.txt")?))?;
    println!("cargo:rustc-link-arg-bins=-T{}", script.display());
    Ok(())
}

/// Whether the flags choose mold or wild, which read no such scripts; LLD and GNU ld do.
fn other_linker() -> bool {
    let flags = env::var_os("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let flags = flags.to_string_lossy();
    ["mold", "wild"].iter().any(|linker| flags.contains(linker))
}

/// The rest of the linker's own script stays in force (`INSERT`).
fn linker_script(functions: &str) -> String {
    let names = functions.lines().filter(|line| !line.starts_with('#'));
    // The parts of a function that are rarely taken may stand in a section of their own.
    let rules: String =
        names.flat_map(|name| ["    *(.text.", name, " .text.unlikely.", name, ")\n"]).collect();
    format!("SECTIONS\n{{\n  .text.start :\n  {{\n{rules}  }}\n}}\nINSERT BEFORE .text;\n")
}
