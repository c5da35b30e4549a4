//! The commands that the gateway answers itself: what may be typed, by whom, and what it does.
//! Listing, help and the table of the protocol are made from here; `run::command` carries them out.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandInfo {
    /// What is typed after the stroke.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Where it stands in the help.
    pub group: Group,
    /// What may follow it.
    pub argument: Option<Argument>,
    /// It needs the scope `operator.admin`.
    pub admin: bool,
}

/// A word behind a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
    /// With it the command needs the scope `operator.admin`.
    pub admin: bool,
}

/// A section of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// About the session as a whole.
    Session,
    /// What a session chooses.
    Options,
    /// What there is to know.
    Status,
}

impl Group {
    /// The section's word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Options => "options",
            Self::Status => "status",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Session => "Session",
            Self::Options => "Options",
            Self::Status => "Status",
        }
    }
}

/// Every command, section by section.
pub const ALL: [CommandInfo; 6] = [
    CommandInfo {
        name: "new",
        description: "Begin a new, empty conversation in this session.",
        group: Group::Session,
        argument: None,
        admin: true,
    },
    CommandInfo {
        name: "reset",
        description: "The same as /new.",
        group: Group::Session,
        argument: None,
        admin: true,
    },
    CommandInfo {
        name: "stop",
        description: "Stop the answer that is being written.",
        group: Group::Session,
        argument: None,
        admin: false,
    },
    CommandInfo {
        name: "model",
        description: "Show or choose the model of this session.",
        group: Group::Options,
        argument: Some(Argument {
            name: "model",
            description: "provider/model, or default",
            admin: true,
        }),
        admin: false,
    },
    CommandInfo {
        name: "help",
        description: "Show the commands.",
        group: Group::Status,
        argument: None,
        admin: false,
    },
    CommandInfo {
        name: "status",
        description: "Show the model, the context and the session.",
        group: Group::Status,
        argument: None,
        admin: false,
    },
];

/// The commands that a person with or without `operator.admin` may give, without the arguments that
/// they may not give.
pub fn of(admin: bool) -> impl Iterator<Item = CommandInfo> {
    let argument = move |argument: &Argument| admin || !argument.admin;
    let allowed = ALL.into_iter().filter(move |command| admin || !command.admin);
    allowed
        .map(move |command| CommandInfo { argument: command.argument.filter(argument), ..command })
}

/// The help for such a person.
pub(crate) fn help(admin: bool) -> String {
    let mut text = "ℹ️ Help".to_owned();
    let mut group = None;
    for command in of(admin) {
        if group.replace(command.group) == Some(command.group) {
            text.push_str("  |  /");
        } else {
            text = format!("{text}\n\n{}\n  /", command.group.title());
        }
        text.push_str(command.name);
        if let Some(Argument { name, .. }) = command.argument {
            text = format!("{text} [{name}]");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_what_its_reader_may_do() {
        expect_test::expect![[r"
            ℹ️ Help

            Session
              /new  |  /reset  |  /stop

            Options
              /model [model]

            Status
              /help  |  /status"]]
        .assert_eq(&help(true));
        expect_test::expect![[r"
            ℹ️ Help

            Session
              /stop

            Options
              /model

            Status
              /help  |  /status"]]
        .assert_eq(&help(false));
    }
}
