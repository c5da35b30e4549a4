//! The flags of `openclaw dead-letters`.

use clap::{Args, Subcommand};

use super::AskArgs;

#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    #[command(subcommand)]
    pub(crate) command: DeadLettersCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// The list, the latest first
    List {
        /// Go on where the list before ended
        #[arg(long, value_name = "cursor")]
        cursor: Option<String>,
        /// Most entries
        #[arg(long, value_name = "n", default_value = "50", value_parser = clap::value_parser!(u64).range(1..=500))]
        limit: u64,
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Take entries off the list
    Discard {
        /// Their ids, as the list shows them
        #[arg(value_name = "id", required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<String>,
        /// Every one
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        ask: AskArgs,
    },
}
