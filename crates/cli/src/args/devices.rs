//! The flags of `openclaw devices`, `openclaw qr` and `openclaw audit`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{AskArgs, millis};

#[derive(Debug, Args)]
pub(crate) struct DevicesArgs {
    #[command(subcommand)]
    pub(crate) command: DevicesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// The devices that are paired, and those that ask to be
    List(AskArgs),
    /// Let a device in; without a request, show what waits
    Approve {
        /// The request, as `devices list` shows it
        #[arg(value_name = "requestId", conflicts_with = "latest")]
        request: Option<String>,
        /// The request that was made last
        #[arg(long)]
        latest: bool,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Turn a request down; the device may ask again
    Reject {
        /// The request, as `devices list` shows it
        #[arg(value_name = "requestId")]
        request: String,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Forget a device and close its connections
    Remove {
        /// The device's id, or its beginning
        #[arg(value_name = "deviceId")]
        device: String,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Forget every device
    Clear {
        /// Turn down every request too
        #[arg(long)]
        pending: bool,
        /// Do it
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Give a device a name
    Rename {
        /// The device's id, or its beginning
        #[arg(long, value_name = "id")]
        device: String,
        /// The name, at most 64 characters
        #[arg(long, value_name = "label")]
        name: String,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Replace a device's token
    Rotate {
        #[command(flatten)]
        token: TokenArgs,
        /// What the new token allows; as the old one when absent
        #[arg(long, value_name = "scope", num_args = 1..)]
        scope: Option<Vec<String>>,
        /// The new token allows nothing
        #[arg(long, conflicts_with = "scope")]
        no_scopes: bool,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Withdraw a device's token and close its connections of that role
    Revoke {
        #[command(flatten)]
        token: TokenArgs,
        #[command(flatten)]
        ask: AskArgs,
    },
}

/// Which token.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The device's id, or its beginning
    #[arg(long, value_name = "id")]
    pub(crate) device: String,
    /// The role whose token is meant: operator or node
    #[arg(long, value_name = "role")]
    pub(crate) role: String,
}

/// A setup code for a new device.
#[derive(Debug, Args)]
pub(crate) struct QrArgs {
    /// The address that the device shall use
    #[arg(long, visible_alias = "url", value_name = "url")]
    pub(crate) public_url: Option<String>,
    /// Use the address of gateway.remote.url
    #[arg(long, conflicts_with = "public_url")]
    pub(crate) remote: bool,
    /// A device that cannot administrate
    #[arg(long, conflicts_with = "node")]
    pub(crate) limited: bool,
    /// A device that only runs commands for the gateway
    #[arg(long)]
    pub(crate) node: bool,
    /// The gateway's token
    #[arg(long, value_name = "token", conflicts_with = "password")]
    pub(crate) token: Option<String>,
    /// The gateway's password
    #[arg(long, value_name = "password")]
    pub(crate) password: Option<String>,
    /// Only the code
    #[arg(long, conflicts_with = "json")]
    pub(crate) setup_code_only: bool,
    /// No picture
    #[arg(long)]
    pub(crate) no_ascii: bool,
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "10000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The record of decisions and refusals.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// Only what is about this device
    #[arg(long, value_name = "id")]
    pub(crate) device: Option<String>,
    /// Only what became so: succeeded, or blocked for refusals
    #[arg(long, value_name = "status", value_parser = ["succeeded", "blocked"])]
    pub(crate) status: Option<String>,
    /// Only what happened then or later: a date with time and zone, or milliseconds since 1970
    #[arg(long, value_name = "timestamp", value_parser = moment)]
    pub(crate) after: Option<u64>,
    /// Only what happened before
    #[arg(long, value_name = "timestamp", value_parser = moment)]
    pub(crate) before: Option<u64>,
    /// Go on where the list before ended
    #[arg(long, value_name = "cursor")]
    pub(crate) cursor: Option<String>,
    /// Most entries
    #[arg(long, value_name = "n", default_value = "50", value_parser = clap::value_parser!(u64).range(1..=500))]
    pub(crate) limit: u64,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

fn moment(text: &str) -> Result<u64, String> {
    let problem = "a date like 2026-11-18T11:00:00Z or milliseconds since 1970 is needed";
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    let time: jiff::Timestamp = text.parse().map_err(|_| problem.to_owned())?;
    u64::try_from(time.as_millisecond()).map_err(|_| problem.to_owned())
}
