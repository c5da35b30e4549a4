//! Hands the linker the order of the code, `layout.ld`, in release builds for Linux.

use std::{env, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=layout.ld");
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("PROFILE", "release") || other_linker() {
        return;
    }
    let Some(here) = env::var_os("CARGO_MANIFEST_DIR") else { return };
    println!("cargo:rustc-link-arg-bins=-T{}", Path::new(&here).join("layout.ld").display());
}

/// Whether the flags choose mold or wild, which read no such scripts; LLD and GNU ld do.
fn other_linker() -> bool {
    let flags = env::var_os("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let flags = flags.to_string_lossy();
    ["mold", "wild"].iter().any(|linker| flags.contains(linker))
}
