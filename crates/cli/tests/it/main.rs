//! The command against a gateway of a process of its own, as a person uses both.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

mod audit;
mod greeting;
mod home;
mod import;
mod lists;
mod system;
