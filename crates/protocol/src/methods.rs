//! The method tables, one file a domain.

use crate::method::{Domain, MethodSpec};

pub mod aliases;
pub mod common;

pub mod agent;
pub mod agents;
pub mod approvals;
pub mod audit;
pub mod channels;
pub mod chat;
pub mod commands;
pub mod config;
pub mod connect;
pub mod devices;
pub mod exec_approvals;
pub mod health;
pub mod logs;
pub mod models;
pub mod nodes;
pub mod questions;
pub mod sessions;
pub mod skills;
pub mod system;
pub mod tools;
pub mod usage;

/// Every domain, in the order of the reference.
pub const DOMAINS: &[Domain] = &[
    Domain { name: "connect", methods: connect::METHODS },
    Domain { name: "health", methods: health::METHODS },
    Domain { name: "system", methods: system::METHODS },
    Domain { name: "agents", methods: agents::METHODS },
    Domain { name: "agent", methods: agent::METHODS },
    Domain { name: "models", methods: models::METHODS },
    Domain { name: "sessions", methods: sessions::METHODS },
    Domain { name: "chat", methods: chat::METHODS },
    Domain { name: "commands", methods: commands::METHODS },
    Domain { name: "tools", methods: tools::METHODS },
    Domain { name: "usage", methods: usage::METHODS },
    Domain { name: "config", methods: config::METHODS },
    Domain { name: "channels", methods: channels::METHODS },
    Domain { name: "logs", methods: logs::METHODS },
    Domain { name: "devices", methods: devices::METHODS },
    Domain { name: "nodes", methods: nodes::METHODS },
    Domain { name: "skills", methods: skills::METHODS },
    Domain { name: "approvals", methods: approvals::METHODS },
    Domain { name: "exec_approvals", methods: exec_approvals::METHODS },
    Domain { name: "questions", methods: questions::METHODS },
    Domain { name: "audit", methods: audit::METHODS },
];

/// Every method of every domain.
pub fn all() -> impl Iterator<Item = &'static MethodSpec> {
    DOMAINS.iter().flat_map(|domain| domain.methods)
}

/// Finds a method by its name.
pub fn find(name: &str) -> Option<&'static MethodSpec> {
    all().find(|spec| spec.name == name)
}

#[cfg(test)]
mod tests;
