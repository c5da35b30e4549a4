//! The flags of `openclaw secrets`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{AskArgs, millis};

#[derive(Debug, Args)]
pub(crate) struct SecretsArgs {
    #[command(subcommand)]
    pub(crate) command: SecretsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Have the running gateway look up the config's secrets again
    Reload(ReloadArgs),
    /// Replace the gateway's own token or password
    Rotate(RotateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ReloadArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// As with `gateway call`; this method answers once
    #[arg(long, hide = true)]
    pub(crate) expect_final: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Take the new secret from the first line of stdin instead of making one
    #[arg(long)]
    pub(crate) stdin: bool,
    /// Print the new secret
    #[arg(long)]
    pub(crate) show: bool,
    /// Longest wait for the running gateway, in milliseconds
    #[arg(long, value_name = "ms", default_value = "10000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
