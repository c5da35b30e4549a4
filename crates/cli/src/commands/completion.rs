//! `completion` and `man`: scripts and pages made from the definition of the command line, so that
//! neither can say what the parser does not take.

use std::{
    fs,
    io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin},
    path::{Path, PathBuf},
};

use clap::{CommandFactory as _, builder::PossibleValuesParser};
use clap_complete::Shell;
use openclaw_gateway::config::Paths;
use openclaw_protocol::methods;

use crate::{
    args::{Cli, CompletionArgs, ManArgs, documented},
    commands::Context,
    failure::Failure,
    output, settings,
};

/// Prints the script, or puts it where the shell finds it.
pub(crate) fn run(cx: &Context, args: &CompletionArgs) -> Result<(), Failure> {
    let shell = args.shell.map_or_else(|| usual(cx), Ok)?;
    if !args.write_state && !args.install {
        return output::line(script(shell).trim_end());
    }
    let paths = settings::paths(&cx.root, &cx.env)?;
    let file = write(&paths, shell)?;
    if !args.install {
        return output::line(format!("Wrote {}", file.display()));
    }
    let home = paths.home.as_deref().ok_or_else(|| {
        Failure::new("NO_HOME", format!("there is no home directory; source {}", file.display()))
    })?;
    install(shell, &file, home, args.yes)
}

/// The shell that this user has.
fn usual(cx: &Context) -> Result<Shell, Failure> {
    let path = cx.env.get("SHELL").unwrap_or_default();
    Shell::from_shell_path(path).ok_or_else(|| {
        Failure::usage("SHELL names no shell that is known here; say --shell bash, zsh or fish")
    })
}

/// The script, with the methods of the gateway for `gateway call`.
fn script(shell: Shell) -> String {
    let names = PossibleValuesParser::new(methods::all().map(|spec| spec.name));
    let whole = Cli::command().mut_subcommand("gateway", |gateway| {
        gateway.mut_subcommand("call", |call| call.mut_arg("method", |arg| arg.value_parser(names)))
    });
    // Hidden commands would be offered too.
    let mut command = clap::Command::new("openclaw")
        .disable_help_subcommand(true)
        .args(whole.get_arguments().cloned())
        .subcommands(whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "openclaw", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn write(paths: &Paths, shell: Shell) -> Result<PathBuf, Failure> {
    let dir = paths.state_dir.join("completions");
    let file = dir.join(format!("openclaw.{shell}"));
    let written = fs::create_dir_all(&dir).and_then(|()| fs::write(&file, script(shell)));
    written.map(|()| file.clone()).map_err(|error| not_written(&file, &error))
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new("NOT_WRITTEN", format!("cannot write {}: {error}", path.display()))
}

/// Adds a line to the shell's own file, once, and not without being told to.
fn install(shell: Shell, file: &Path, home: &Path, yes: bool) -> Result<(), Failure> {
    let profile = home.join(match shell {
        Shell::Bash => ".bashrc",
        Shell::Zsh => ".zshrc",
        Shell::Fish => ".config/fish/config.fish",
        other => {
            let message =
                format!("--install knows bash, zsh and fish; for {other} load {}", file.display());
            return Err(Failure::usage(message));
        }
    });
    let line = format!("source \"{}\"", file.display());
    let before = match fs::read_to_string(&profile) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(not_written(&profile, &error)),
    };
    if before.lines().any(|present| present.trim() == line) {
        return output::line(format!("{} loads the completion already", profile.display()));
    }
    if !yes && !agreed(&format!("Add `{line}` to {}?", profile.display()))? {
        return output::line(format!("Nothing was changed; the script is {}", file.display()));
    }
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let after = format!("{before}{gap}# OpenClaw completion\n{line}\n");
    let written = profile.parent().map_or(Ok(()), fs::create_dir_all);
    let written = written.and_then(|()| fs::write(&profile, after));
    written.map_err(|error| not_written(&profile, &error))?;
    output::line(format!("{} loads the completion from the next shell on", profile.display()))
}

/// Asks the person, when there is one.
fn agreed(question: &str) -> Result<bool, Failure> {
    if !stdin().is_terminal() {
        return Err(Failure::usage(format!("{question} Say so with --yes")));
    }
    drop(write!(stderr(), "{question} [y/N] "));
    let mut answer = String::new();
    let read = stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::new("STDIN", error.to_string()))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Writes a manual page for each command, or prints the first one.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(documented()).render(&mut page);
        rendered.map_err(|error| Failure::new("MAN", error.to_string()))?;
        return output::line(String::from_utf8_lossy(&page).trim_end());
    };
    let written = fs::create_dir_all(dir);
    let written = written.and_then(|()| clap_mangen::generate_to(documented(), dir));
    written.map_err(|error| not_written(dir, &error))?;
    output::line(format!("Wrote the manual pages to {}", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_know_commands_flags_and_methods() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            for word in ["gateway", "expect-final", "validate", "tui"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
            // What clap_complete makes for fish has no values of positional arguments.
            assert_eq!(script.contains("sessions.list"), shell != Shell::Fish, "{shell}");
            assert!(
                !script.contains("JSON Schemas of frames"),
                "{shell}: hidden commands stay hidden"
            );
        }
    }

    #[test]
    fn a_profile_gets_one_line_and_keeps_the_rest() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("openclaw.bash");
        let profile = home.path().join(".bashrc");
        fs::write(&profile, "alias x=y").unwrap();
        for _ in 0..2 {
            install(Shell::Bash, &file, home.path(), true).unwrap();
        }
        let expected = format!("alias x=y\n# OpenClaw completion\nsource \"{}\"\n", file.display());
        assert_eq!(fs::read_to_string(&profile).unwrap(), expected);
        install(Shell::Fish, &file, home.path(), true).unwrap();
        assert!(home.path().join(".config/fish/config.fish").exists());
        let odd = install(Shell::Elvish, &file, home.path(), true).unwrap_err();
        assert!(odd.message.contains("elvish"), "{}", odd.message);
    }

    #[test]
    fn each_command_has_a_page() {
        let dir = tempfile::tempdir().unwrap();
        man(&ManArgs { dir: Some(dir.path().to_owned()) }).unwrap();
        for page in ["openclaw.1", "openclaw-gateway-call.1", "openclaw-tui.1"] {
            assert!(dir.path().join(page).exists(), "{page}");
        }
        assert!(!dir.path().join("openclaw-man.1").exists());
    }
}
