//! The flags of commands that list something.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct AgentsArgs {
    #[command(subcommand)]
    pub(crate) command: AgentsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentsCommand {
    /// The agents, with their models and workspaces
    List {
        /// Also which channels, accounts and peers lead to an agent
        #[arg(long)]
        bindings: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SessionsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SessionsCommand>,
    /// Only those that changed within so many minutes
    #[arg(long, value_name = "minutes", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) active: Option<u64>,
    /// The sessions of this agent; of the default one when absent
    #[arg(long, value_name = "id", conflicts_with = "all_agents")]
    pub(crate) agent: Option<String>,
    /// The sessions of every agent
    #[arg(long)]
    pub(crate) all_agents: bool,
    /// Most sessions to list, or all; a gateway lists 100 when absent
    #[arg(long, value_name = "count", value_parser = count)]
    pub(crate) limit: Option<Limit>,
    /// Read a sessions.json instead of asking a gateway
    #[arg(long, value_name = "path", conflicts_with_all = ["agent", "all_agents"])]
    pub(crate) store: Option<PathBuf>,
    /// Tell on stderr what the client does
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// The messages of a session
    Get(SessionGetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SessionGetArgs {
    /// The session's key, for example main or agent:main:main
    pub(crate) key: String,
    /// One document, or one flat entry a line as in a workspace's session.jsonl; without it text for people
    #[arg(long, value_name = "format")]
    pub(crate) format: Option<SessionFormat>,
    /// Only the last so many messages
    #[arg(long, value_name = "n", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// How a session is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SessionFormat {
    Json,
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// The models, one a line
    List(ModelsListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ModelsListArgs {
    /// The whole catalogue, as it is without the flag too
    #[arg(long)]
    pub(crate) all: bool,
    /// Only models that run on this machine
    #[arg(long)]
    pub(crate) local: bool,
    /// Only names, one a line
    #[arg(long, conflicts_with = "json")]
    pub(crate) plain: bool,
    /// Only this provider's
    #[arg(long, value_name = "name")]
    pub(crate) provider: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// How many to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    All,
    Count(u64),
}

fn count(text: &str) -> Result<Limit, String> {
    match text.parse() {
        _ if text == "all" => Ok(Limit::All),
        Ok(count) if count > 0 => Ok(Limit::Count(count)),
        _ => Err("a number above 0 or `all` is needed".into()),
    }
}
