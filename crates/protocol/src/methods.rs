//! The method tables, one file a domain.

use crate::method::{Domain, MethodSpec, Visitor};

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
pub mod dead_letters;
pub mod devices;
pub mod exec_approvals;
pub mod health;
pub mod logs;
pub mod models;
pub mod nodes;
pub mod questions;
pub mod secrets;
pub mod sessions;
pub mod skills;
pub mod system;
pub mod tools;
pub mod usage;

/// Makes what is about every domain of their names, in the order of the reference.
macro_rules! domains {
    ($($domain:ident)+) => {
        /// Every domain, in the order of the reference.
        pub const DOMAINS: &[Domain] =
            &[$(Domain { name: stringify!($domain), methods: $domain::METHODS }),+];

        /// Shows a visitor every method of every domain, each as its type.
        pub fn visit_all(visitor: &mut impl Visitor) {
            $($domain::visit(visitor);)+
        }
    };
}

domains! {
    connect health system agents agent models sessions chat commands tools usage config secrets
    channels logs devices nodes skills approvals exec_approvals questions audit dead_letters
}

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
