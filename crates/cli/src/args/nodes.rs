//! The flags of `openclaw nodes`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{AskArgs, millis};

#[derive(Debug, Args)]
pub(crate) struct NodesArgs {
    #[command(subcommand)]
    pub(crate) command: NodesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NodesCommand {
    /// The requests that wait, and the nodes that were approved
    List(NodesListArgs),
    /// The nodes that are known, and which of them are connected
    Status(NodesListArgs),
    /// Everything about one node
    Describe(OneNodeArgs),
    /// The requests that wait
    Pending(AskArgs),
    /// Let a node be asked for what its request shows
    Approve(RequestArgs),
    /// Reject a request
    Reject(RequestArgs),
    /// Take a node's approval and its role, and end its connection
    Remove(OneNodeArgs),
    /// Give a node the name that people see
    Rename(RenameArgs),
    /// Ask a node for a command
    Invoke(InvokeArgs),
    /// Run a program on a node, as far as that node lets it
    Run(NodeExecArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NodesListArgs {
    /// Only those that are connected
    #[arg(long)]
    pub(crate) connected: bool,
    /// Only those that were connected within this time, for example 30m, 24h or 7d
    #[arg(long, value_name = "duration", value_parser = span)]
    pub(crate) last_connected: Option<Duration>,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OneNodeArgs {
    /// The node: its id or the beginning of it, its name, or its address
    #[arg(long, value_name = "node")]
    pub(crate) node: String,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// The request
    #[arg(value_name = "requestId")]
    pub(crate) request: String,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RenameArgs {
    /// The node: its id or the beginning of it, its name, or its address
    #[arg(long, value_name = "node")]
    pub(crate) node: String,
    /// The new name
    #[arg(long, value_name = "name")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// The node: its id or the beginning of it, its name, or its address
    #[arg(long, value_name = "node")]
    pub(crate) node: String,
    /// The command, for example system.which
    #[arg(long, value_name = "command")]
    pub(crate) command: String,
    /// What the command needs, a JSON object
    #[arg(long, value_name = "json", default_value = "{}")]
    pub(crate) params: String,
    /// Longest wait for the node, in milliseconds
    #[arg(long, value_name = "ms", default_value = "15000", value_parser = millis)]
    pub(crate) invoke_timeout: Duration,
    /// Makes a repetition harmless; a new one when absent
    #[arg(long, value_name = "key")]
    pub(crate) idempotency_key: Option<String>,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// When a person is asked about a program on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AskPerson {
    Off,
    OnMiss,
    Always,
}

#[derive(Debug, Args)]
pub(crate) struct NodeExecArgs {
    /// The node: its id or the beginning of it, its name, or its address
    #[arg(long, value_name = "node")]
    pub(crate) node: String,
    /// The folder on the node
    #[arg(long, value_name = "path")]
    pub(crate) cwd: Option<String>,
    /// A variable for the program; may be given again
    #[arg(long, value_name = "key=val", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,
    /// A line for the node's shell instead of a program and its words
    #[arg(
        long,
        value_name = "command",
        conflicts_with = "command",
        required_unless_present = "command"
    )]
    pub(crate) raw: Option<String>,
    /// The agent whose rules apply on the node
    #[arg(long, value_name = "id")]
    pub(crate) agent: Option<String>,
    /// Longest run of the program, in milliseconds
    #[arg(long, value_name = "ms", value_parser = millis)]
    pub(crate) command_timeout: Option<Duration>,
    /// Longest wait for the node, in milliseconds
    #[arg(long, value_name = "ms", default_value = "30000", value_parser = millis)]
    pub(crate) invoke_timeout: Duration,
    /// Only if the node may look at its screen
    #[arg(long)]
    pub(crate) needs_screen_recording: bool,
    /// When a person decides: on-miss where the node wants that, always, or never (off)
    #[arg(long = "ask", value_name = "mode", default_value = "on-miss")]
    pub(crate) person: AskPerson,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// The program and its words
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) command: Vec<String>,
}

/// A length of time: a number with ms, s, m, h or d; milliseconds without one.
fn span(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    let ms = number.parse::<u64>().ok().zip(factor).and_then(|(n, factor)| n.checked_mul(factor));
    ms.map(Duration::from_millis).ok_or_else(|| "a time such as 30m, 24h or 7d is needed".into())
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().into(), value.into())),
        _ => Err("a variable is given as NAME=value".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let ms = |text: &str| span(text).ok().map(|span| span.as_millis());
        assert_eq!(
            ["5", "5ms", "5s", "5m", "5h", "5d", " 24 h "].map(ms),
            [5, 5, 5000, 300_000, 18_000_000, 432_000_000, 86_400_000].map(Some)
        );
        for bad in ["", "h", "-1s", "1w", "1.5h", "99999999999999999d"] {
            assert_eq!(ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_variable_has_a_name() {
        assert_eq!(variable("A=b=c").unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert!(variable("=x").is_err());
        assert!(variable("A").is_err());
    }
}
