//! `commands.list`: what may be typed with a stroke before it.

use super::chat::CommandEntry;
use crate::{field::NonEmpty, methods, params, results, words};

methods! {
    "commands.list": CommandsListParams => CommandsListResult, v4 READ;
}

words! {
    /// Where a command may be given.
    pub enum CommandScope: any_of {
        /// As a message.
        Text = "text",
        /// In a platform's own list.
        Native = "native",
        /// Either way.
        Both = "both",
    }
}

params! {
    /// Lists the commands that the caller may give in a chat.
    #[derive(Default)]
    pub struct CommandsListParams {
        /// The session.
        session_key?: NonEmpty,
        /// The agent.
        agent_id?: NonEmpty,
        /// The channel whose own names are wanted.
        provider?: NonEmpty,
        /// Only those that may be given this way; `both` when absent, which is all.
        scope?: CommandScope,
        /// Whether to add the arguments; true when absent.
        include_args?: bool,
    }
}

results! {
    /// The commands.
    #[derive(Default)]
    pub struct CommandsListResult {
        /// The commands, in the order of the help.
        commands: Vec<CommandEntry>,
    }
}
