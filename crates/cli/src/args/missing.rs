//! Commands that OpenClaw has and this build does not have yet: said plainly, not as a typing mistake.

use crate::failure::Failure;

/// Root commands of OpenClaw 2026.3.28 and 2026.9.6.
const ROOT: &[&str] = &[
    "acp",
    "approvals",
    "attach",
    "audit",
    "automations",
    "backup",
    "browser",
    "capability",
    "channels",
    "chat",
    "clawbot",
    "configure",
    "connect",
    "cron",
    "daemon",
    "database",
    "devices",
    "directory",
    "dns",
    "docs",
    "doctor",
    "exec-approvals",
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
    "node",
    "nodes",
    "onboard",
    "pairing",
    "plugins",
    "promos",
    "proxy",
    "qr",
    "reset",
    "resume",
    "sandbox",
    "secrets",
    "security",
    "setup",
    "skills",
    "system",
    "tasks",
    "teamsmeetings",
    "telemetry",
    "terminal",
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
    (
        "gateway",
        &["discover", "install", "reinstall", "restart", "start", "uninstall", "usage-cost"],
    ),
    ("agents", &["add", "bind", "bindings", "delete", "set-identity", "unbind"]),
    ("sessions", &["cleanup", "get", "export"]),
    (
        "models",
        &["aliases", "auth", "fallbacks", "image-fallbacks", "scan", "set", "set-image", "status"],
    ),
    ("config", &["set", "unset"]),
];

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
    Some(Failure::usage(format!("`openclaw {name}` is not in this build")))
}
