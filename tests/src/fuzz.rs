//! What is fuzzed: four readers of what strangers send, each with what must hold whatever the bytes are.
//!
//! A broken rule is a panic. `fuzz/` runs them under libFuzzer, `it/fuzz.rs` over the corpus that is kept.

pub mod address;
pub mod connect;
pub mod frame;
pub mod lines;
pub mod origin;

/// A check of one input.
pub type Check = fn(&[u8]);

/// Every target by the name of its folder below `fuzz/corpus`.
pub const TARGETS: [(&str, Check); 4] = [
    ("frame", frame::check),
    ("connect", connect::check),
    ("origin", origin::check),
    ("address", address::check),
];
