//! See `tests/src/fuzz/connect.rs`, which is included so that only what it reads is instrumented.
#![no_main]

#[path = "../../tests/src/fuzz/connect.rs"]
mod connect;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connect::check(bytes));
