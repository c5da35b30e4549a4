//! `approvals`: which commands may run, and requests that wait for a decision.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};

use super::{AskArgs, RemoteArgs, millis};

#[derive(Debug, Args)]
pub(crate) struct ApprovalsArgs {
    #[command(subcommand)]
    pub(crate) command: ApprovalsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApprovalsCommand {
    /// Which commands may run: exec-approvals.json
    Get(ApprovalsFileArgs),
    /// Replace exec-approvals.json
    Set(ApprovalsSetArgs),
    /// Programs that may run without asking
    Allowlist(AllowlistArgs),
    /// Requests that wait for a decision
    Pending(AskArgs),
    /// Decide about a request
    Resolve(ApprovalsResolveArgs),
}

/// Whose file is meant.
#[derive(Debug, Clone, Args)]
pub(crate) struct ApprovalsFileArgs {
    /// The file of the running gateway instead of the one on this machine
    #[arg(long, conflicts_with = "node")]
    pub(crate) gateway: bool,
    /// The file of a connected node: its id or the beginning of it, its name, or its address
    #[arg(long, value_name = "node")]
    pub(crate) node: Option<String>,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "60000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApprovalsSetArgs {
    /// The file with what it shall say, as JSON or JSON5
    #[arg(long, value_name = "path", required_unless_present = "stdin", conflicts_with = "stdin")]
    pub(crate) file: Option<PathBuf>,
    /// Read that from standard input
    #[arg(long)]
    pub(crate) stdin: bool,
    #[command(flatten)]
    pub(crate) of: ApprovalsFileArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AllowlistArgs {
    #[command(subcommand)]
    pub(crate) command: AllowlistCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AllowlistCommand {
    /// Let a program run without asking
    Add(AllowlistChange),
    /// Ask about it again
    Remove(AllowlistChange),
}

#[derive(Debug, Args)]
pub(crate) struct AllowlistChange {
    /// The program's path; `*` and `?` stay within a name, `**` goes through folders, `~` is the home
    pub(crate) pattern: String,
    /// The agent; every one when absent
    #[arg(long, value_name = "id", default_value = "*")]
    pub(crate) agent: String,
    #[command(flatten)]
    pub(crate) of: ApprovalsFileArgs,
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decision {
    AllowOnce,
    AllowAlways,
    Deny,
}

#[derive(Debug, Args)]
pub(crate) struct ApprovalsResolveArgs {
    /// The request, as `approvals pending` names it
    pub(crate) id: String,
    /// What is decided
    pub(crate) decision: Decision,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}
