//! Every documented flag, and what is said about the others.

use expect_test::{Expect, expect};

use super::*;
use crate::failure::Exit;

fn given(line: &str) -> Result<Parsed, Failure> {
    parse(["openclaw"].into_iter().chain(line.split_whitespace()).map(OsString::from))
}

#[track_caller]
fn command(line: &str) -> Command {
    match given(line) {
        Ok(Parsed::Run(cli)) => cli.command,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn refused(line: &str, expected: &Expect) {
    let failure = given(line).map(|_| ()).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage, "{line}");
    assert!(!failure.message.contains('\n'), "{line}");
    expected.assert_eq(&failure.message);
}

/// A line for each command with the flags that it has.
const LINES: &str = "gateway
    gateway run
    gateway --port 19001 --bind lan --auth token --token t --verbose
    gateway run --port 1 --bind 127.0.0.1 --auth password --password p --allow-unconfigured
    gateway run --password-file /f
    gateway run --force
    gateway run --ws-log full --tailscale off
    gateway run --compact
    --dev gateway run --reset
    gateway run --ws-log auto --dev --reset
    gateway health --expect-final
    status --all --deep --verbose
    status --debug
    status --usage
    health --debug
    agent -m hi --deliver --channel c --reply-to t --reply-channel c --reply-account a
    sessions --verbose
    sessions --store /s/sessions.json --limit all
    sessions list --limit 5
    logs --expect-final
    config schema --json
    approvals get --gateway --json --timeout 5 --url ws://h --token t
    exec-approvals get
    approvals get --node n --json
    approvals allowlist add /usr/bin/rg --node n
    nodes run --node n --ask always -- ls
    nodes run --node n --ask off --raw ls
    approvals set --file f --gateway --json
    approvals set --stdin
    approvals allowlist add /usr/bin/rg --agent main --gateway
    approvals allowlist remove ~/x --json
    approvals pending --json
    approvals resolve id allow-always --json
    completion
    completion -s bash
    completion --shell zsh --install --yes
    completion -y
    completion --write-state
    man --dir d
    gateway status --json --no-probe --timeout 5 --url ws://h --token t
    gateway status --require-rpc --password p
    gateway status --deep --port 5
    gateway probe --ssh me@far:22 --ssh-identity /k
    gateway call health --expect-url ws://h --port 5
    gateway health --port 5
    gateway call health --params {} --expect-final --json --timeout 5 --url ws://h --token t --password p
    gateway health --json --timeout 5 --url ws://h --token t
    gateway probe --json --timeout 5 --url ws://h --password p
    gateway stop --json --force
    gateway usage-cost --days 7 --json --expect-final --timeout 5 --url ws://h --token t
    channels list --json --no-usage
    channels status --json --probe --timeout 5
    chat --session s
    terminal
    sessions get main --format jsonl
    session get agent:main:main --format json --limit 3
    sessions get main --json
    system presence --json --timeout 5 --url ws://h --token t
    system event --text hi --mode now --session-key main --json --expect-final
    system heartbeat last --json
    system heartbeat enable
    system heartbeat disable --json
    status --json --timeout 5
    health --json --timeout 5 --verbose
    agent --message hi --agent main --session-id s --to +1 --thinking low --timeout 5 --json
    agent -m hi -t +1
    agent --message-file /f --model a/b --session-key agent:main:x --verbose on --local
    agents list --json --bindings
    sessions --active 5 --agent main --json
    sessions --all-agents
    models list --all --local --plain --provider p
    models list --json
    logs --follow --interval 5 --limit 5 --max-bytes 5 --local-time --plain --timeout 5 --url ws://h --token t
    logs --json --utc --port 5
    config get gateway.port --json
    config file
    config validate --json
    dashboard --no-open
    dashboard --json
    tui
    tui --url ws://h --token t --session s --message m --thinking low --deliver --history-limit 5 --timeout-ms 5
    schema --check --dir d
    --dev --log-level debug --no-color status
    status --profile work --no-color";

#[test]
fn every_documented_line_is_taken() {
    for line in LINES.lines() {
        assert!(matches!(given(line), Ok(Parsed::Run(_))), "{line}: {:?}", given(line));
    }
}

#[test]
fn older_spellings_are_the_same_commands() {
    let pairs = [
        ("gateway", "gateway run"),
        ("session --json", "sessions --json"),
        ("session list", "sessions"),
        ("logs tail --limit 3", "logs --limit 3"),
        ("gateway validate", "config validate"),
        ("agent list --json", "agents list --json"),
    ];
    for (old, new) in pairs {
        assert_eq!(format!("{:?}", command(old)), format!("{:?}", command(new)), "{old}");
    }
}

#[test]
fn a_known_command_that_is_not_here_is_said_so() {
    refused(
        "cron list",
        &expect!["`openclaw cron` is not in this build; README.md#what-works tells what is"],
    );
    refused(
        "--dev doctor",
        &expect!["`openclaw doctor` is not in this build; README.md#what-works tells what is"],
    );
    refused(
        "gateway install --force",
        &expect![
            "`openclaw gateway install` is not in this build; README.md#what-works tells what is"
        ],
    );
    refused(
        "config set a b",
        &expect!["`openclaw config set` is not in this build; README.md#what-works tells what is"],
    );
    refused(
        "channels add --channel x",
        &expect![
            "`openclaw channels add` is not in this build; README.md#what-works tells what is"
        ],
    );
    refused(
        "sessions cleanup",
        &expect![
            "`openclaw sessions cleanup` is not in this build; README.md#what-works tells what is"
        ],
    );
    refused(
        "agents add x",
        &expect!["`openclaw agents add` is not in this build; README.md#what-works tells what is"],
    );
}

#[test]
fn a_known_flag_that_would_do_nothing_is_refused_in_one_line() {
    refused(
        "--container box status",
        &expect![
            "`openclaw --container` is not in this build: run the command inside, for example `docker exec NAME openclaw status`; README.md#what-works tells what is"
        ],
    );
    refused(
        "gateway --cli-backend-logs",
        &expect![
            "`openclaw gateway run --cli-backend-logs` is not in this build: no command-line program is a model here; README.md#what-works tells what is"
        ],
    );
    refused(
        "gateway probe --ssh-auto",
        &expect![
            "`openclaw gateway probe --ssh-auto` is not in this build: nothing is looked for in the network; name the host with --ssh; README.md#what-works tells what is"
        ],
    );
    refused(
        "models --status-json",
        &expect![
            "`openclaw models --status-json` is not in this build: `openclaw models list` tells which models there are; README.md#what-works tells what is"
        ],
    );
    refused(
        "gateway run --tailscale serve",
        &expect![
            "invalid value 'serve' for '--tailscale <mode>': this build does not drive Tailscale; run `tailscale serve` beside it, with its name in gateway.allowedHosts; see --help"
        ],
    );
    refused(
        "agent -m hi --reply-to x",
        &expect!["the following required arguments were not provided: --deliver; see --help"],
    );
}

/// A refusal must not outlive the flag's arrival.
#[test]
fn refused_flags_are_not_taken() {
    for (command, flag, _) in missing::FLAGS {
        for line in [format!("{command} {flag}"), format!("{command} {flag} x")] {
            assert!(given(&line).is_err(), "{line}");
        }
    }
}

#[test]
fn mistakes_are_told_in_one_line() {
    refused(
        "statsu",
        &expect![
            "unrecognized subcommand 'statsu'; a similar subcommand exists: 'status'; see --help"
        ],
    );
    refused(
        "gateway run --farce",
        &expect![
            "unexpected argument '--farce' found; a similar argument exists: '--force'; see --help"
        ],
    );
    refused(
        "gateway staus",
        &expect![
            "unrecognized subcommand 'staus'; a similar subcommand exists: 'status'; see --help"
        ],
    );
    refused(
        "agents lst",
        &expect!["unrecognized subcommand 'lst'; a similar subcommand exists: 'list'; see --help"],
    );
    refused(
        "config valdate",
        &expect![
            "unrecognized subcommand 'valdate'; a similar subcommand exists: 'validate'; see --help"
        ],
    );
    refused(
        "sessions --jsn",
        &expect![
            "unexpected argument '--jsn' found; a similar argument exists: '--json'; see --help"
        ],
    );
    refused(
        "gateway run --port 0",
        &expect!["invalid value '0' for '--port <port>': 0 is not in 1..=65535; see --help"],
    );
    refused(
        "health --timeout 0",
        &expect![
            "invalid value '0' for '--timeout <ms>': a number of milliseconds above 0 is needed; see --help"
        ],
    );
    refused(
        "agent",
        &expect![
            "the following required arguments were not provided: --message <text>; see --help"
        ],
    );
    refused(
        "config",
        &expect!["`openclaw config` needs a command: get, file, schema, validate; see --help"],
    );
    refused(
        "",
        &expect![
            "`openclaw` needs a command: gateway, status, health, agent, agents, sessions, devices, qr, audit, channels, dead-letters, models, node, nodes, logs, approvals, config, secrets, security, system, dashboard, tui, completion; see --help"
        ],
    );
    refused(
        "--dev --profile x status",
        &expect!["the argument '--dev' cannot be used with '--profile <name>'; see --help"],
    );
}

#[test]
fn help_and_version_are_printed() {
    let text = |line: &str| match given(line) {
        Ok(Parsed::Print(text)) => text,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(text("-V"), format!("openclaw {}\n", env!("CARGO_PKG_VERSION")));
    assert!(text("--help").contains("gateway") && !text("--help").contains("schema"));
    assert!(text("gateway --help").contains("probe"));
    assert_eq!(text("help gateway run"), text("gateway run --help"));
    assert!(text("help gateway run").contains("78"));
    assert!(text("gateway call --help").contains("--expect-final"));
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}
