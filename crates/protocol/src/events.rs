//! The event tables, one file a domain.
//!
//! Audiences are those of protocol 4 (recorded from OpenClaw 2026.9.6) for clients of both
//! protocols: protocol 3 sent nearly everything to every connection, nodes included.

use crate::event::EventSpec;

pub mod agent;
pub mod approvals;
pub mod chat;
pub mod config;
pub mod devices;
pub mod health;
pub mod nodes;
pub mod questions;
pub mod sessions;
pub mod system;

/// Every table, in the order of the reference.
pub const DOMAINS: &[&[EventSpec]] = &[
    system::EVENTS,
    health::EVENTS,
    agent::EVENTS,
    chat::EVENTS,
    sessions::EVENTS,
    devices::EVENTS,
    nodes::EVENTS,
    config::EVENTS,
    approvals::EVENTS,
    questions::EVENTS,
];

/// Every event.
pub fn all() -> impl Iterator<Item = &'static EventSpec> {
    DOMAINS.iter().copied().flatten()
}

/// Finds an event by its name.
pub fn find(name: &str) -> Option<&'static EventSpec> {
    all().find(|spec| spec.name == name)
}

#[cfg(test)]
mod tests;
