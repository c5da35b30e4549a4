//! The flags of `openclaw node`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct NodeArgs {
    #[command(subcommand)]
    pub(crate) command: NodeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// Be a node in this terminal: run programs for a gateway, as far as exec-approvals.json lets it
    Run(NodeRunArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NodeRunArgs {
    /// The gateway's host; the last one or 127.0.0.1 when absent
    #[arg(long, value_name = "host")]
    pub(crate) host: Option<String>,
    /// The gateway's port; the last one or 18789 when absent
    #[arg(long, value_name = "port", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Connect over TLS
    #[arg(long)]
    pub(crate) tls: bool,
    /// Connect over TLS, and only to the certificate with this SHA-256
    #[arg(long, value_name = "sha256")]
    pub(crate) tls_fingerprint: Option<String>,
    /// What tells this node's instances apart; made once when absent
    #[arg(long, value_name = "id")]
    pub(crate) node_id: Option<String>,
    /// The name that people see; that of this machine when absent
    #[arg(long, value_name = "name")]
    pub(crate) display_name: Option<String>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
}

/// How a node proves itself before it has a token of its own.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SecretArgs {
    /// The gateway's token
    #[arg(long, value_name = "token")]
    pub(crate) token: Option<String>,
    /// The gateway's password
    #[arg(long, value_name = "password", conflicts_with = "token")]
    pub(crate) password: Option<String>,
}
