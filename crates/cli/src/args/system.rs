//! The flags of `system`.

use clap::{Args, Subcommand, ValueEnum};

use super::AskArgs;

#[derive(Debug, Args)]
pub(crate) struct SystemArgs {
    #[command(subcommand)]
    pub(crate) command: SystemCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SystemCommand {
    /// Who is connected, and what clients say of themselves; JSON, as OpenClaw prints it
    Presence(SystemAskArgs),
    /// Hand a line to the agent's main session, where the gateway takes such lines
    Event(SystemEventArgs),
    /// What the gateway's heartbeats did last, and turn them on and off
    Heartbeat(HeartbeatArgs),
}

/// The flags of a question whose answer is JSON in any case.
#[derive(Debug, Args)]
pub(crate) struct SystemAskArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// As with `gateway call`; these methods answer once
    #[arg(long, hide = true)]
    pub(crate) expect_final: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SystemEventArgs {
    /// The line
    #[arg(long, value_name = "text")]
    pub(crate) text: String,
    /// When the agent hears of it
    #[arg(long, value_name = "mode", default_value = "next-heartbeat")]
    pub(crate) mode: WakeMode,
    /// Another session than the main one
    #[arg(long, value_name = "key")]
    pub(crate) session_key: Option<String>,
    #[command(flatten)]
    pub(crate) ask: SystemAskArgs,
}

/// When an agent hears of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WakeMode {
    Now,
    NextHeartbeat,
}

impl WakeMode {
    /// The word on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::NextHeartbeat => "next-heartbeat",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct HeartbeatArgs {
    #[command(subcommand)]
    pub(crate) command: HeartbeatCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HeartbeatCommand {
    /// The last heartbeat, or null; JSON, as OpenClaw prints it
    Last(SystemAskArgs),
    /// Turn heartbeats on, where the gateway has them
    Enable(SystemAskArgs),
    /// Turn heartbeats off, where the gateway has them
    Disable(SystemAskArgs),
}
