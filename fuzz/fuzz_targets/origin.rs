//! See `tests/src/fuzz/origin.rs`, which is included so that only what it reads is instrumented.
#![no_main]

#[path = "../../tests/src/fuzz/lines.rs"]
mod lines;
#[path = "../../tests/src/fuzz/origin.rs"]
mod origin;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| origin::check(bytes));
