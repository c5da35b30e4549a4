//! Other spellings of commands, from older descriptions of this gateway: same output, same exit code.

use std::ffi::OsString;

/// Spelling, and what it stands for. The first that fits wins.
const ALIASES: [(&[&str], &[&str]); 10] = [
    (&["gateway", "validate"], &["config", "validate"]),
    (&["agent", "list"], &["agents", "list"]),
    (&["agent", "status"], &["status"]),
    (&["agent", "config"], &["config", "get", "agents"]),
    (&["session", "list"], &["sessions"]),
    (&["sessions", "list"], &["sessions"]),
    (&["session"], &["sessions"]),
    (&["logs", "tail"], &["logs"]),
    (&["agents"], &["agents", "list"]),
    (&["gateway"], &["gateway", "run"]),
];
/// Root flags that are followed by a value.
const WITH_VALUE: [&str; 2] = ["--profile", "--log-level"];

/// Replaces an alias at the place of the command.
pub(super) fn canonical(mut args: Vec<OsString>) -> Vec<OsString> {
    let Some(first) = command(&args) else { return args };
    if args[first] == "help" {
        // `help gateway run` is `gateway run --help`.
        args.remove(first);
        args.push("--help".into());
        return args;
    }
    let word = |index: usize| args.get(first + index).and_then(|arg| arg.to_str());
    let fits = |names: &[&str]| names.iter().enumerate().all(|(i, name)| word(i) == Some(name));
    // A group alone stands for its usual command, unless a further word or a cry for help follows.
    let alone = |names: &[&str]| {
        names.len() > 1
            || names == ["session"]
            || word(1).is_none_or(|next| next.starts_with('-') && !["-h", "--help"].contains(&next))
    };
    let found = ALIASES.iter().find(|(from, _)| fits(from) && alone(from));
    if let Some((from, to)) = found {
        args.splice(first..first + from.len(), to.iter().map(OsString::from)).for_each(drop);
    }
    args
}

/// The words of a command line that name the command, without flags and what follows them.
pub(super) fn words(args: &[OsString]) -> Vec<String> {
    let Some(first) = command(args) else { return Vec::new() };
    let words =
        args.iter().skip(first).map_while(|arg| arg.to_str().filter(|a| !a.starts_with('-')));
    words.map(str::to_owned).collect()
}

/// Where the first word stands that is neither a root flag nor its value.
fn command(args: &[OsString]) -> Option<usize> {
    let mut index = 1;
    loop {
        let arg = args.get(index)?.to_str()?;
        match arg {
            _ if WITH_VALUE.contains(&arg) => index += 2,
            _ if arg.starts_with('-') => index += 1,
            _ => return Some(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: &str) {
        let args = given.split(' ').map(OsString::from).collect();
        let got: Vec<String> =
            canonical(args).into_iter().map(|arg| arg.into_string().unwrap()).collect();
        assert_eq!(got.join(" "), expected);
    }

    #[test]
    fn other_spellings() {
        check("openclaw gateway", "openclaw gateway run");
        check("openclaw --dev gateway --port 1", "openclaw --dev gateway run --port 1");
        check("openclaw gateway status", "openclaw gateway status");
        check("openclaw gateway --help", "openclaw gateway --help");
        check("openclaw --profile gateway gateway", "openclaw --profile gateway gateway run");
        check("openclaw gateway validate --json", "openclaw config validate --json");
        check("openclaw session list", "openclaw sessions");
        check("openclaw session --json", "openclaw sessions --json");
        check("openclaw logs tail --follow", "openclaw logs --follow");
        check("openclaw agent list", "openclaw agents list");
        check("openclaw agent status --json", "openclaw status --json");
        check("openclaw agent config", "openclaw config get agents");
        check("openclaw agents --json", "openclaw agents list --json");
        check("openclaw agents add", "openclaw agents add");
        check("openclaw agent -m list", "openclaw agent -m list");
        check("openclaw help", "openclaw --help");
        check("openclaw --dev help gateway run", "openclaw --dev gateway run --help");
        check("openclaw session get main", "openclaw sessions get main");
        check("openclaw", "openclaw");
    }
}
