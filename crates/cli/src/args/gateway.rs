//! The flags of `openclaw gateway`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};

use super::{AskArgs, RemoteArgs, millis};

#[derive(Debug, Args)]
pub(crate) struct GatewayArgs {
    #[command(subcommand)]
    pub(crate) command: GatewayCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GatewayCommand {
    /// Run the gateway in this terminal (also `openclaw gateway` alone)
    Run(RunArgs),
    /// Where the gateway is, whether it runs and answers
    Status(GatewayStatusArgs),
    /// Call one method and print its result
    Call(CallArgs),
    /// The gateway's health
    Health(GatewayHealthArgs),
    /// Try to reach the gateways that are set up
    Probe(ProbeArgs),
    /// Stop the gateway of this state directory
    Stop {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// How to run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    /// The port; the config's or 18789 when absent
    #[arg(long, value_name = "port", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Where to listen: loopback, lan, tailnet, auto, custom, or an address
    #[arg(long, value_name = "mode")]
    pub(crate) bind: Option<String>,
    /// How clients prove themselves: none, token, password, trusted-proxy
    #[arg(long, value_name = "mode")]
    pub(crate) auth: Option<String>,
    /// The token that clients prove
    #[arg(long, value_name = "token")]
    pub(crate) token: Option<String>,
    /// The password that clients prove
    #[arg(long, value_name = "password", conflicts_with = "password_file")]
    pub(crate) password: Option<String>,
    /// A file with the password in its first line
    #[arg(long, value_name = "path")]
    pub(crate) password_file: Option<PathBuf>,
    /// Start even if the config says that the gateway is elsewhere
    #[arg(long)]
    pub(crate) allow_unconfigured: bool,
    /// First stop the gateway that runs with this state directory
    #[arg(long)]
    pub(crate) force: bool,
    /// Tell more on the console
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GatewayHealthArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// As with `call`; this method answers once
    #[arg(long, hide = true)]
    pub(crate) expect_final: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    /// The method, for example health
    pub(crate) method: String,
    /// The parameters, a JSON object
    #[arg(long, value_name = "json", default_value = "{}")]
    pub(crate) params: String,
    /// Wait for the final answer of a method that answers twice
    #[arg(long)]
    pub(crate) expect_final: bool,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GatewayStatusArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// Do not connect
    #[arg(long, conflicts_with = "require_rpc")]
    pub(crate) no_probe: bool,
    /// Fail when the gateway does not answer
    #[arg(long)]
    pub(crate) require_rpc: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "3000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
