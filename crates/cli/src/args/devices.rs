//! The flags of `openclaw devices`.

use clap::{Args, Subcommand};

use super::AskArgs;

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
