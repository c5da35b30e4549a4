//! See `tests/src/fuzz/frame.rs`, which is included so that only what it reads is instrumented.
#![no_main]

#[path = "../../tests/src/fuzz/frame.rs"]
mod frame;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| frame::check(bytes));
