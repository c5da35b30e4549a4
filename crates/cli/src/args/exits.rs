//! Exit codes, said in the help and the manual page of each command.

use std::ffi::OsString;

use clap::{Command, CommandFactory as _, error::ErrorKind};

use super::Cli;

/// What holds for every command.
const COMMON: [(&str, &str); 3] = [
    ("0", "done"),
    ("1", "it failed; the line on stderr says why and what to do"),
    ("2", "the command line makes no sense, or asks for what is not in this build"),
];

/// What holds for one command besides, or instead.
const OWN: &[(&str, &[(&str, &str)])] = &[
    (
        "gateway run",
        &[
            ("0", "stopped by a signal, after everything was brought to an end"),
            ("1", "it cannot start: the port or the state directory is taken"),
            (
                "78",
                "the config or the environment cannot be used; service managers should not try again",
            ),
            ("130", "a second signal ended it at once"),
        ],
    ),
    (
        "gateway status",
        &[
            ("0", "also when no gateway answers, unless --require-rpc is given"),
            ("1", "with --require-rpc: no gateway answers"),
        ],
    ),
    ("gateway probe", &[("1", "no gateway answers")]),
    ("status", &[("1", "no gateway answers")]),
    ("health", &[("1", "no gateway answers")]),
    (
        "agent",
        &[
            ("1", "no gateway answers, or the turn did not end well"),
            ("78", "with --local: the config cannot be used"),
            ("130", "with --local: interrupted, and the turn was stopped"),
        ],
    ),
    ("config validate", &[("0", "the config can be used"), ("1", "it cannot")]),
    (
        "security audit",
        &[
            ("0", "it looked, whatever it found"),
            ("1", "with --fix: something could not be mended"),
        ],
    ),
    ("nodes run", &[("1", "no answer, or the program ended with another code than 0")]),
];

/// The whole command line with the exit codes of each command behind its help.
pub(crate) fn documented() -> Command {
    with_codes(Cli::command(), "")
}

/// The help that was asked for, with the exit codes.
pub(super) fn help(args: &[OsString]) -> Option<String> {
    let error = documented().try_get_matches_from(args).err()?;
    (error.kind() == ErrorKind::DisplayHelp).then(|| error.render().to_string())
}

fn with_codes(command: Command, path: &str) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = names.into_iter().fold(command, |command, name| {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command.mut_subcommand(name, |sub| with_codes(sub, &path))
    });
    command.after_help(text(path))
}

fn text(path: &str) -> String {
    let own = OWN.iter().find(|(command, _)| *command == path).map_or(&[][..], |(_, codes)| codes);
    let mut codes: Vec<(&str, &str)> = COMMON
        .into_iter()
        .map(|(code, usual)| {
            (code, own.iter().find(|(c, _)| *c == code).map_or(usual, |(_, o)| *o))
        })
        .collect();
    codes.extend(own.iter().filter(|(code, _)| COMMON.iter().all(|(c, _)| c != code)));
    let lines: Vec<String> =
        codes.iter().map(|(code, meaning)| format!("  {code:<4} {meaning}")).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str) -> Option<Command> {
        path.split(' ')
            .try_fold(documented(), |command, name| command.find_subcommand(name).cloned())
    }

    #[test]
    fn every_command_says_its_exit_codes() {
        for (path, codes) in OWN {
            let mut command = find(path).unwrap_or_else(|| panic!("{path} is a command"));
            let help = command.render_help().to_string();
            for (code, meaning) in *codes {
                assert!(help.contains(&format!("  {code:<4} {meaning}")), "{path}: {help}");
            }
        }
        let help = find("devices list").unwrap().render_help().to_string();
        assert!(help.contains("  2    the command line makes no sense"), "{help}");
    }

    #[test]
    fn help_is_what_was_asked_for() {
        let help = |line: &str| {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            help(&args)
        };
        assert!(help("openclaw gateway run --help").unwrap().contains("  78 "));
        assert!(help("openclaw --help").unwrap().contains("Exit codes:"));
        assert!(help("openclaw --version").is_none() && help("openclaw status").is_none());
    }
}
