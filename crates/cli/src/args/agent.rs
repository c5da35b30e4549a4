//! The flags of `openclaw agent`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use super::seconds;

#[derive(Debug, Args)]
pub(crate) struct AgentArgs {
    /// What to say
    #[arg(short, long, value_name = "text", required_unless_present = "message_file")]
    pub(crate) message: Option<String>,
    /// A file with what to say, UTF-8, at most 4 MiB
    #[arg(long, value_name = "path", conflicts_with = "message")]
    pub(crate) message_file: Option<PathBuf>,
    /// The agent; the default one when absent
    #[arg(long, value_name = "id")]
    pub(crate) agent: Option<String>,
    /// Continue this session
    #[arg(long, value_name = "id", conflicts_with = "session_key")]
    pub(crate) session_id: Option<String>,
    /// The same by its key, for example agent:main:main
    #[arg(long, value_name = "key")]
    pub(crate) session_key: Option<String>,
    /// Continue the session of this sender, for example a phone number: the agent's main one
    #[arg(short, long, value_name = "number")]
    pub(crate) to: Option<String>,
    /// How much to think: off, minimal, low, medium, high, xhigh
    #[arg(long, value_name = "level")]
    pub(crate) thinking: Option<String>,
    /// The model of this turn, as provider/model
    #[arg(long, value_name = "id")]
    pub(crate) model: Option<String>,
    /// Whether the session tells much from now on
    #[arg(long, value_name = "on|off", hide_possible_values = true)]
    pub(crate) verbose: Option<OnOff>,
    /// Run the turn in this process; for when no gateway runs
    #[arg(long)]
    pub(crate) local: bool,
    /// Deliver the reply to a channel too
    #[arg(long)]
    pub(crate) deliver: bool,
    /// The channel that the message belongs to
    #[arg(long, value_name = "channel")]
    pub(crate) channel: Option<String>,
    /// Deliver to another recipient
    #[arg(long, value_name = "target", requires = "deliver")]
    pub(crate) reply_to: Option<String>,
    /// Deliver over another channel
    #[arg(long, value_name = "channel", requires = "deliver")]
    pub(crate) reply_channel: Option<String>,
    /// Deliver from another account
    #[arg(long, value_name = "id", requires = "deliver")]
    pub(crate) reply_account: Option<String>,
    /// Longest turn, in seconds
    #[arg(long, value_name = "seconds", default_value = "600", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A switch of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

impl OnOff {
    /// The word on the wire.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}
