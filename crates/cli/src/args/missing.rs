//! Commands that OpenClaw has and this build does not have yet: said plainly, not as a typing mistake.

use crate::failure::Failure;

/// Root commands of OpenClaw 2026.3.28 and 2026.9.6.
const ROOT: &[&str] = &[
    "acp",
    "attach",
    "automations",
    "backup",
    "browser",
    "capability",
    "clawbot",
    "configure",
    "connect",
    "cron",
    "daemon",
    "database",
    "directory",
    "dns",
    "docs",
    "doctor",
    "exec-policy",
    "file-transfer",
    "fleet",
    "googlemeet",
    "hooks",
    "infer",
    "mcp",
    "memory",
    "message",
    "migrate",
    "onboard",
    "pairing",
    "plugins",
    "promos",
    "proxy",
    "reset",
    "resume",
    "sandbox",
    "setup",
    "skills",
    "tasks",
    "teamsmeetings",
    "telemetry",
    "transcripts",
    "triage",
    "uninstall",
    "update",
    "users",
    "webhooks",
    "worker",
    "worktrees",
    "zoommeetings",
];

/// Their further commands, of the groups that are here.
const NESTED: &[(&str, &[&str])] = &[
    ("gateway", &["discover", "install", "reinstall", "restart", "start", "uninstall"]),
    ("agents", &["add", "bind", "bindings", "delete", "set-identity", "unbind"]),
    ("sessions", &["cleanup", "export"]),
    ("channels", &["add", "capabilities", "login", "logout", "logs", "remove", "resolve"]),
    (
        "models",
        &["aliases", "auth", "fallbacks", "image-fallbacks", "scan", "set", "set-image", "status"],
    ),
    ("config", &["set", "unset"]),
    ("approvals", &["grants"]),
    ("secrets", &["apply", "audit", "configure", "store"]),
    ("devices", &["join-code"]),
    ("node", &["install", "restart", "status", "stop", "uninstall"]),
    ("nodes", &["camera", "canvas", "location", "notify", "push", "screen"]),
];

/// Their flags that do nothing here, and what to do instead: a flag is refused rather than passed over.
/// An empty command stands for every one.
pub(super) const FLAGS: &[(&str, &str, &str)] = &[
    ("", "--container", "run the command inside, for example `docker exec NAME openclaw status`"),
    ("gateway run", "--ambient-channels", AMBIENT),
    ("gateway run", "--dev-ambient-channels", AMBIENT),
    ("gateway run", "--claude-cli-logs", BACKENDS),
    ("gateway run", "--cli-backend-logs", BACKENDS),
    ("gateway run", "--raw-stream", RAW),
    ("gateway run", "--raw-stream-path", RAW),
    (
        "gateway run",
        "--tailscale-reset-on-exit",
        "run `tailscale serve` or `tailscale funnel` beside the gateway, and `tailscale serve reset` after it",
    ),
    (
        "gateway probe",
        "--ssh-auto",
        "nothing is looked for in the network; name the host with --ssh",
    ),
    ("gateway stop", "--disable", "it is for launchd; `launchctl disable` does that"),
    ("status", "--agent", "usage is that of the whole gateway"),
    ("agents list", "--tree", "no agent makes another one here"),
    ("models list", "--agent", "the list is that of all agents"),
    ("models list", "--refresh", "a gateway looks for models when it starts"),
    ("models", "--agent", MODELS_STATUS),
    ("models", "--status-json", MODELS_STATUS),
    ("models", "--status-plain", MODELS_STATUS),
    ("config", "--section", "set up by hand what `openclaw config schema` describes"),
    ("dashboard", "--yes", "start the gateway with `openclaw gateway run`"),
    ("tui", "--local", "start a gateway with `openclaw gateway run`"),
    ("chat", "--local", "start a gateway with `openclaw gateway run`"),
    (
        "tui",
        "--tls-fingerprint",
        "a gateway with TLS is believed when the system trusts its certificate",
    ),
];

/// Where everything that is in this build is listed.
const LISTED: &str = "README.md#what-works tells what is";

const AMBIENT: &str = "channels come from the config alone";
const BACKENDS: &str = "no command-line program is a model here";
const RAW: &str = "what a model said is in the session's transcript";
const MODELS_STATUS: &str = "`openclaw models list` tells which models there are";

/// One line for a flag that is known but does nothing here.
pub(super) fn explain_flag(words: &[String], flag: &str) -> Option<Failure> {
    let words = words.join(" ");
    let fits = |command: &str| {
        words.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let (command, name, instead) = FLAGS
        .iter()
        .find(|(command, name, _)| *name == flag && (command.is_empty() || fits(command)))?;
    let command = if command.is_empty() { String::new() } else { format!("{command} ") };
    Some(Failure::usage(format!(
        "`openclaw {command}{name}` is not in this build: {instead}; {LISTED}"
    )))
}

/// One line for a command that is known but not here.
pub(super) fn explain(words: &[String]) -> Option<Failure> {
    let mut words = words.iter().map(String::as_str);
    let (first, second) = (words.next()?, words.next());
    let name = if ROOT.contains(&first) {
        first.to_owned()
    } else {
        let (group, names) = NESTED.iter().find(|(group, _)| *group == first)?;
        format!("{group} {}", second.filter(|second| names.contains(second))?)
    };
    Some(Failure::usage(format!("`openclaw {name}` is not in this build; {LISTED}")))
}
