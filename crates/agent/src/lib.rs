//! Agents: turns, model providers, tools and transcripts.

pub mod approvals;
pub mod catalog;
pub mod clock;
pub mod commands;
pub mod config;
pub mod crash;
pub mod discover;
pub mod error;
pub mod exec;
mod lane;
pub mod live;
pub mod message;
pub mod observer;
pub mod outcome;
pub mod prompt;
pub mod provider;
mod run;
pub mod runtime;
pub mod session;
pub mod store;
pub mod tool;
pub mod transcript;
pub mod usage;
