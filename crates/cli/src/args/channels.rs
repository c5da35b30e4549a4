//! The flags of `channels`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::millis;

#[derive(Debug, Args)]
pub(crate) struct ChannelsArgs {
    #[command(subcommand)]
    pub(crate) command: ChannelsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelsCommand {
    /// The channels and their accounts
    List {
        /// Leave out quotas of providers, as it is without the flag too
        #[arg(long)]
        no_usage: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// What every channel and account is doing
    Status {
        /// Ask the platforms too
        #[arg(long)]
        probe: bool,
        /// Longest wait, in milliseconds
        #[arg(long, value_name = "ms", default_value = "10000", value_parser = millis)]
        timeout: Duration,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
