//! See `tests/src/fuzz/address.rs`, which is included so that only what it reads is instrumented.
#![no_main]

#[path = "../../tests/src/fuzz/address.rs"]
mod address;
#[path = "../../tests/src/fuzz/lines.rs"]
mod lines;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| address::check(bytes));
