//! The flags of `openclaw gateway`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};

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
    /// What the agents used day by day, and what it cost
    UsageCost(UsageCostArgs),
    /// Try to reach the gateways that are set up
    Probe(ProbeArgs),
    /// Stop the gateway of this state directory
    Stop {
        /// From a script too; nothing stands in its way here
        #[arg(long, hide = true)]
        force: bool,
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
    /// With --dev: put its whole state aside and begin anew
    #[arg(long)]
    pub(crate) reset: bool,
    /// Tell more on the console
    #[arg(long)]
    pub(crate) verbose: bool,
    /// What the log tells of requests: auto (none that goes well), compact (a line each), full
    #[arg(
        long,
        value_name = "style",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) ws_log: WsLog,
    /// The same as --ws-log compact
    #[arg(long, conflicts_with = "ws_log")]
    pub(crate) compact: bool,
    /// Only off, as it is without the flag: Tailscale is not driven from here
    #[arg(long, value_name = "mode", value_parser = tailscale)]
    pub(crate) tailscale: Option<String>,
}

/// How requests are logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WsLog {
    #[default]
    Auto,
    Compact,
    Full,
}

fn tailscale(mode: &str) -> Result<String, String> {
    match mode {
        "off" => Ok(mode.to_owned()),
        "serve" | "funnel" => Err(format!(
            "this build does not drive Tailscale; run `tailscale {mode}` beside it, with its name in gateway.allowedHosts"
        )),
        _ => Err("off, serve or funnel is meant".into()),
    }
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
pub(crate) struct UsageCostArgs {
    /// How many days, today included
    #[arg(long, value_name = "days", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3650))]
    pub(crate) days: u64,
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
    /// Call nothing unless the gateway's address is this one
    #[arg(long, value_name = "url")]
    pub(crate) expect_url: Option<String>,
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
    /// Also look for services of the system and of this user that start a gateway
    #[arg(long)]
    pub(crate) deep: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// Also the gateway of another machine, by way of ssh: user@host, or user@host:port
    #[arg(long, value_name = "target")]
    pub(crate) ssh: Option<String>,
    /// The key for that
    #[arg(long, value_name = "path", requires = "ssh")]
    pub(crate) ssh_identity: Option<PathBuf>,
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "3000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
