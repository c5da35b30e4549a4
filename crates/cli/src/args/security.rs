//! The flags of `security`.

use clap::{Args, Subcommand};

use super::RemoteArgs;

#[derive(Debug, Args)]
pub(crate) struct SecurityArgs {
    #[command(subcommand)]
    pub(crate) command: SecurityCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecurityCommand {
    /// Look for what in config, secrets and files opens more than it should
    Audit(AuditArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Also ask the running gateway: does it answer, and which devices and nodes are left over
    #[arg(long)]
    pub(crate) deep: bool,
    /// Mend what can be mended unasked: modes of files and folders, and keys of the config that only weaken it
    #[arg(long)]
    pub(crate) fix: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The gateway's token, for --deep
    #[arg(long, value_name = "token")]
    pub(crate) token: Option<String>,
    /// The gateway's password, for --deep
    #[arg(long, value_name = "password")]
    pub(crate) password: Option<String>,
}

impl AuditArgs {
    /// The gateway of this machine with the given secret.
    pub(crate) fn remote(&self) -> RemoteArgs {
        RemoteArgs {
            url: None,
            port: None,
            token: self.token.clone(),
            password: self.password.clone(),
        }
    }
}
