//! End-to-end tests: a whole gateway, real sockets, one story a test.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
mod approvals;
mod attacks;
mod branches;
mod chat;
mod close;
mod completions;
mod conformance;
mod control_ui;
mod crash;
mod dead_letters;
mod device_setup;
mod devices;
mod doors;
mod examples;
mod flood;
mod fuzz;
mod handshake;
mod health;
mod http;
mod http_history;
mod http_shape;
mod http_slow;
mod import;
mod limits;
mod log_lines;
mod look;
mod memory;
mod nodes;
mod parameters;
mod path;
mod proxied;
mod restart;
mod scopes;
mod secrets;
mod sessions;
mod tailnet;
mod unasked;
mod usage;

/// Every file beside this one is a module of it: a test that nobody names would never run.
#[test]
fn no_forgotten_files() {
    let source = include_str!("main.rs");
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("it");
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_module = path.extension().is_some_and(|extension| extension == "rs");
        if is_module && name != "main" {
            assert!(source.contains(&format!("mod {name};")), "{name}.rs is not in main.rs");
        }
    }
}
