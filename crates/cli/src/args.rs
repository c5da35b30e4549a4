//! The command line: names and flags as OpenClaw has them, as far as this build does what they say.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{
    Args, CommandFactory as _, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};

mod agent;
mod alias;
mod approvals;
mod channels;
mod dead_letters;
mod devices;
mod exits;
mod gateway;
mod lists;
mod missing;
mod node;
mod nodes;
mod secrets;
mod security;
mod system;

pub(crate) use agent::AgentArgs;
pub(crate) use approvals::{
    AllowlistChange, AllowlistCommand, ApprovalsArgs, ApprovalsCommand, ApprovalsFileArgs,
    ApprovalsResolveArgs, ApprovalsSetArgs, Decision,
};
pub(crate) use channels::{ChannelsArgs, ChannelsCommand};
pub(crate) use dead_letters::{DeadLettersArgs, DeadLettersCommand};
pub(crate) use devices::{DevicesArgs, DevicesCommand, QrArgs, RecordArgs};
pub(crate) use exits::documented;
pub(crate) use gateway::{
    CallArgs, GatewayArgs, GatewayCommand, GatewayStatusArgs, ProbeArgs, RunArgs, UsageCostArgs,
    WsLog,
};
pub(crate) use lists::{
    AgentsArgs, AgentsCommand, Limit, ModelsArgs, ModelsCommand, ModelsListArgs, SessionFormat,
    SessionGetArgs, SessionsArgs, SessionsCommand,
};
pub(crate) use node::{NodeArgs, NodeCommand, NodeRunArgs, SecretArgs};
pub(crate) use nodes::{
    AskPerson, InvokeArgs, NodeExecArgs, NodesArgs, NodesCommand, NodesListArgs, OneNodeArgs,
    RenameArgs, RequestArgs,
};
pub(crate) use secrets::{ReloadArgs, RotateArgs, SecretsArgs, SecretsCommand};
pub(crate) use security::{AuditArgs, SecurityArgs, SecurityCommand};
pub(crate) use system::{HeartbeatCommand, SystemArgs, SystemCommand, SystemEventArgs};

use crate::failure::Failure;

/// OpenClaw: a gateway between chat channels, apps and agents.
#[derive(Debug, Parser)]
#[command(name = "openclaw", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) root: Root,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Root {
    /// Use the development profile: state in ~/.openclaw-dev, port 19001
    #[arg(long, global = true, conflicts_with = "profile", help_heading = "Global options")]
    pub(crate) dev: bool,
    /// Use a profile: state in `~/.openclaw-<name>`
    #[arg(long, global = true, value_name = "name", help_heading = "Global options")]
    pub(crate) profile: Option<String>,
    /// How much is told on stderr
    #[arg(long, global = true, value_name = "level", help_heading = "Global options")]
    pub(crate) log_level: Option<LogLevel>,
    /// No colours
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_color: bool,
}

/// OpenClaw's log levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    Silent,
    Fatal,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway, or ask and stop a running one
    Gateway(GatewayArgs),
    /// What the gateway is doing, in one page
    Status(StatusArgs),
    /// Whether the gateway works, and its channels, agents and sessions
    Health(HealthArgs),
    /// Run one turn of an agent and print its reply
    Agent(AgentArgs),
    /// The agents that there are
    Agents(AgentsArgs),
    /// The sessions that there are, newest first
    Sessions(SessionsArgs),
    /// The devices that may connect, and those that ask to
    Devices(DevicesArgs),
    /// A setup code for a new device, as a picture to scan
    Qr(QrArgs),
    /// What was decided about devices, and who was refused
    Audit(RecordArgs),
    /// The chat channels
    Channels(ChannelsArgs),
    /// What was accepted and then dropped or given up
    DeadLetters(DeadLettersArgs),
    /// The models that agents may use
    Models(ModelsArgs),
    /// This machine as one that runs commands for a gateway
    Node(NodeArgs),
    /// The machines that run commands for the gateway
    Nodes(NodesArgs),
    /// The end of the gateway's log
    Logs(LogsArgs),
    /// Which commands may run, and requests that wait for a decision
    #[command(alias = "exec-approvals")]
    Approvals(ApprovalsArgs),
    /// Read and check the config file
    Config(ConfigArgs),
    /// Look up secrets again, and replace the gateway's own
    Secrets(SecretsArgs),
    /// What opens more than it should
    Security(SecurityArgs),
    /// Who is connected, and heartbeats
    System(SystemArgs),
    /// The address of the page in the browser, with the token
    Dashboard(DashboardArgs),
    /// Chat in this terminal
    #[command(alias = "chat", alias = "terminal")]
    Tui(TuiArgs),
    /// Completion for a shell
    Completion(CompletionArgs),
    /// The manual pages
    #[command(hide = true)]
    Man(ManArgs),
    /// Write the JSON Schemas of frames, methods and events
    #[command(hide = true)]
    Schema(SchemaArgs),
}

impl Command {
    /// Whether it was asked to tell what it does.
    pub(crate) fn is_verbose(&self) -> bool {
        match self {
            Self::Status(args) => args.verbose,
            Self::Health(args) => args.debug,
            Self::Sessions(args) => args.verbose,
            _ => false,
        }
    }
}

/// Where the gateway is, and who asks.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RemoteArgs {
    /// The gateway's WebSocket address; needs --token or --password
    #[arg(long, value_name = "url")]
    pub(crate) url: Option<String>,
    /// The port of a gateway on this machine
    #[arg(long, value_name = "port", conflicts_with = "url", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// The gateway's token
    #[arg(long, value_name = "token")]
    pub(crate) token: Option<String>,
    /// The gateway's password
    #[arg(long, value_name = "password")]
    pub(crate) password: Option<String>,
}

/// The flags of a command that asks one thing of a gateway.
#[derive(Debug, Clone, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "10000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Also take a fresh look at channels, agents and sessions
    #[arg(long)]
    pub(crate) deep: bool,
    /// Everything there is to tell
    #[arg(long)]
    pub(crate) all: bool,
    /// Also how much of the providers' quotas is used
    #[arg(long)]
    pub(crate) usage: bool,
    /// Tell on stderr what the client does
    #[arg(long, alias = "debug")]
    pub(crate) verbose: bool,
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "10000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// Longest wait, in milliseconds
    #[arg(long, value_name = "ms", default_value = "10000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Take a fresh look instead of the last one
    #[arg(long)]
    pub(crate) verbose: bool,
    /// The same, and tell on stderr what the client does
    #[arg(long)]
    pub(crate) debug: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// Go on as lines are written
    #[arg(long)]
    pub(crate) follow: bool,
    /// Time between two looks when following, in milliseconds
    #[arg(long, value_name = "ms", default_value = "1000", value_parser = millis)]
    pub(crate) interval: Duration,
    /// Most lines at once
    #[arg(long, value_name = "n", default_value = "200", value_parser = clap::value_parser!(u64).range(1..=5000))]
    pub(crate) limit: u64,
    /// Most bytes at once
    #[arg(long, value_name = "n", default_value = "250000", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) max_bytes: u64,
    /// Longest wait for one answer, in milliseconds
    #[arg(long, value_name = "ms", default_value = "30000", value_parser = millis)]
    pub(crate) timeout: Duration,
    /// Times in this machine's zone instead of UTC
    #[arg(long)]
    pub(crate) local_time: bool,
    /// Times in UTC, as they are without a flag too
    #[arg(long, conflicts_with = "local_time")]
    pub(crate) utc: bool,
    /// No colours, even on a terminal
    #[arg(long, conflicts_with = "json")]
    pub(crate) plain: bool,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// As with `gateway call`; this method answers once
    #[arg(long, hide = true)]
    pub(crate) expect_final: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// One value of the config, secrets masked
    Get {
        /// The path, for example `gateway.port` or `agents.list[0].id`
        path: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Where the config file is
    File,
    /// The JSON Schema of the config
    Schema {
        /// It is JSON anyway
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Check the config file
    Validate {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DashboardArgs {
    /// Only print the address
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Print JSON, and open nothing
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TuiArgs {
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    /// The session; the agent's main one when absent
    #[arg(long, value_name = "key")]
    pub(crate) session: Option<String>,
    /// Say this first
    #[arg(long, value_name = "text")]
    pub(crate) message: Option<String>,
    /// How much to think: off, minimal, low, medium, high, xhigh
    #[arg(long, value_name = "level")]
    pub(crate) thinking: Option<String>,
    /// Deliver answers to the session's channel too
    #[arg(long)]
    pub(crate) deliver: bool,
    /// Messages to show of what was said before
    #[arg(long, value_name = "n", default_value = "200", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) history_limit: u64,
    /// Longest turn, in milliseconds
    #[arg(long, value_name = "ms", value_parser = millis)]
    pub(crate) timeout_ms: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {
    /// The shell; that of SHELL when absent
    #[arg(short, long, value_name = "shell")]
    pub(crate) shell: Option<clap_complete::Shell>,
    /// Write the script below the state directory instead of printing it
    #[arg(long)]
    pub(crate) write_state: bool,
    /// Write it there and load it in the shell's own file
    #[arg(short, long)]
    pub(crate) install: bool,
    /// Do not ask; only --install does
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command there
    #[arg(long, value_name = "dir")]
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Compare with the files instead of writing them
    #[arg(long)]
    pub(crate) check: bool,
    /// The folder
    #[arg(long, value_name = "dir", default_value = "schema")]
    pub(crate) dir: PathBuf,
}

fn millis(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(ms) if ms > 0 => Ok(Duration::from_millis(ms)),
        _ => Err("a number of milliseconds above 0 is needed".into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(s) if s > 0 => Ok(Duration::from_secs(s)),
        _ => Err("a number of seconds above 0 is needed".into()),
    }
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Parsed {
    Run(Box<Cli>),
    /// Help or version: to print, and done.
    Print(String),
}

/// Reads the command line; `args` begins with the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Parsed, Failure> {
    let args = alias::canonical(args.into_iter().collect());
    match Cli::try_parse_from(&args) {
        Ok(cli) => Ok(Parsed::Run(Box::new(cli))),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let text = exits::help(&args).unwrap_or_else(|| error.render().to_string());
                Ok(Parsed::Print(text + &method_help(&args)))
            }
            ErrorKind::UnknownArgument => {
                let flag = match error.get(ContextKind::InvalidArg) {
                    Some(ContextValue::String(flag)) => flag.as_str(),
                    _ => "",
                };
                let words = alias::words(&args);
                let told = missing::explain_flag(&words, flag);
                let told = told.or_else(|| missing::explain(&words));
                Err(told.unwrap_or_else(|| one_line(&error)))
            }
            ErrorKind::InvalidSubcommand => {
                let words = alias::words(&args);
                Err(missing::explain(&words).unwrap_or_else(|| one_line(&error)))
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                Err(incomplete(&alias::words(&args)))
            }
            _ => Err(one_line(&error)),
        },
    }
}

/// What the help of `gateway call` says of a method that is named beside it.
fn method_help(args: &[OsString]) -> String {
    let mut words = args.iter().filter_map(|arg| arg.to_str()).filter(|arg| !arg.starts_with('-'));
    let call = words.by_ref().any(|word| word == "gateway") && words.next() == Some("call");
    let told = words.next().filter(|_| call).and_then(crate::commands::gateway::call::help);
    told.map_or_else(String::new, |text| format!("\n{text}\n"))
}

/// What clap says before it shows the usage, as one line.
fn one_line(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let paragraphs = text.split("\n\n");
    let told =
        |text: &&str| !["Usage:", "For more information"].iter().any(|h| text.starts_with(h));
    let told = paragraphs.take_while(told).map(|text| text.trim().trim_start_matches("tip: "));
    let head = told.collect::<Vec<_>>().join("; ");
    let line = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    Failure::usage(format!("{line}; see --help"))
}

/// What may follow a command that needs a further word.
fn incomplete(words: &[String]) -> Failure {
    let mut command = Cli::command();
    let mut path = "openclaw".to_owned();
    for word in words {
        let Some(next) = command.find_subcommand(word).cloned() else { break };
        path = format!("{path} {word}");
        command = next;
    }
    let names: Vec<&str> = command
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
        .map(clap::Command::get_name)
        .collect();
    Failure::usage(format!("`{path}` needs a command: {}; see --help", names.join(", ")))
}

#[cfg(test)]
mod tests;
