//! What agents and nodes may do on a person's machines.

use std::path::Path;

use openclaw_agent::{
    config::{ToolProfile, Tools},
    exec::policy::{Ask, Entry, Limits, Security, Snapshot, carriers},
    tool::policy::ToolPolicy,
};
use serde_json::Value;

use super::{Finding, Severity};
use crate::config::{Loaded, NodesConfig};

/// Tools that run programs, write files, drive a browser or another machine, or act in a person's name.
/// Whoever reaches an agent has them.
const RISKY: &[&str] = &[
    "exec",
    "process",
    "bash",
    "code_execution",
    "write",
    "edit",
    "apply_patch",
    "browser",
    "nodes",
    "gateway",
    "cron",
    "message",
    "sessions_send",
    "sessions_spawn",
];
/// OpenClaw's groups of such tools.
const RISKY_GROUPS: &[&str] = &[
    "group:runtime",
    "group:fs",
    "group:automation",
    "group:nodes",
    "group:messaging",
    "group:ui",
];
/// Every agent.
const EVERY: &str = "*";

/// What of the config exposes tools; `open` when other machines reach the port.
pub(super) fn look(loaded: &Loaded, open: bool, findings: &mut Vec<Finding>) {
    let agent = loaded.config.agent();
    profile("tools", &agent.tools, open, findings);
    let minimal = agent.tools.profile == Some(ToolProfile::Minimal);
    for entry in &agent.agents.list {
        let Some(own) = &entry.tools else { continue };
        let id = entry.id.as_deref().unwrap_or_default();
        let at = format!("agents.list[{id}].tools");
        profile(&at, own, open, findings);
        if minimal && own.profile.is_some_and(|own| own != ToolProfile::Minimal) {
            findings.push(Finding::new(
                "tools.profile_minimal_overridden",
                Severity::Warn,
                format!("The agent {id} has more tools than the others"),
                format!("tools.profile is \"minimal\", but {at}.profile stands in its place."),
                format!("Remove {at}.profile unless that agent needs more."),
            ));
        }
    }
    other_gateways(&loaded.snapshot.resolved, findings);
    nodes(&loaded.config.gateway.nodes, findings);
}

fn profile(at: &str, tools: &Tools, open: bool, findings: &mut Vec<Finding>) {
    if tools.profile == Some(ToolProfile::Full) && tools.allow.is_none() {
        findings.push(Finding::new(
            "tools.profile_full",
            if open { Severity::Warn } else { Severity::Info },
            "Every tool is permitted, and every one that comes later",
            format!("{at}.profile is \"full\"."),
            format!("Set {at}.profile to \"coding\", \"messaging\" or \"minimal\", and name in {at}.alsoAllow what is needed besides."),
        ));
    }
    let lists =
        [("allow", tools.allow.as_deref().unwrap_or_default()), ("alsoAllow", &tools.also_allow)];
    for (list, names) in lists {
        let risky: Vec<&str> =
            names.iter().map(|name| name.trim()).filter(|name| is_risky(name)).collect();
        if risky.is_empty() {
            continue;
        }
        findings.push(Finding::new(
            "tools.allow_dangerous",
            Severity::Warn,
            "Agents may use tools that act on this machine or in your name",
            format!("{at}.{list} permits {}: whoever reaches an agent, also by what it reads, reaches these. Some may be no tools of this build yet; the entry is in force as soon as they are.", risky.join(", ")),
            format!("Take them out of {at}.{list}, or permit them to one agent that strangers do not reach."),
        ));
    }
}

/// Whether a name, a group or a pattern stands for one of them, read as the agents read it.
fn is_risky(name: &str) -> bool {
    let only = Tools { allow: Some(vec![name.to_owned()]), ..Tools::default() };
    let only = ToolPolicy::new(&only, None);
    RISKY_GROUPS.contains(&name.to_ascii_lowercase().as_str())
        || RISKY.iter().any(|tool| only.permits(tool))
}

/// Keys that only OpenClaw's own gateway reads: the same file may be used with it again.
fn other_gateways(resolved: &Value, findings: &mut Vec<Finding>) {
    if resolved.pointer("/tools/exec/security").and_then(Value::as_str) == Some("full") {
        findings.push(Finding::new(
            "tools.exec.security_full_configured",
            Severity::Warn,
            "Programs run without a list",
            "tools.exec.security is \"full\": OpenClaw's own gateway runs whatever a model asks for. This one does not read the key.",
            "Remove tools.exec.security; \"allowlist\" lets listed programs run.",
        ));
    }
    let wild = resolved.pointer("/tools/elevated/allowFrom").and_then(Value::as_object);
    for (channel, names) in wild.into_iter().flatten() {
        if names.as_array().is_some_and(|names| names.iter().any(|name| name == EVERY)) {
            findings.push(Finding::new(
                "tools.elevated.allow_from_wildcard",
                Severity::Critical,
                format!("Everybody on {channel} may leave the sandbox"),
                format!("tools.elevated.allowFrom.{channel} holds \"*\". This gateway does not read the key; OpenClaw's own does."),
                "List the people who may.",
            ));
        }
    }
}

fn nodes(nodes: &NodesConfig, findings: &mut Vec<Finding>) {
    let denied = nodes.denied();
    let wild: Vec<_> = denied.iter().filter(|name| name.contains(['*', '?'])).cloned().collect();
    if !wild.is_empty() {
        findings.push(Finding::new(
            "gateway.nodes.deny_commands_ineffective",
            Severity::Warn,
            "A list of denied commands does not deny what it seems to",
            format!(
                "gateway.nodes.denyCommands holds {}: only whole names count.",
                wild.join(", ")
            ),
            "Name each command.",
        ));
    }
    let wider: Vec<_> = nodes.allowed().into_iter().filter(|name| !denied.contains(name)).collect();
    if !wider.is_empty() {
        findings.push(Finding::new(
            "gateway.nodes.allow_commands_dangerous",
            Severity::Warn,
            "Nodes may be asked for more than their platform offers",
            format!("gateway.nodes.allowCommands adds {}, for every node that an operator approves for it.", wider.join(", ")),
            "Take out what no node of yours needs; cameras, screens, messages and personal data are left out on purpose.",
        ));
    }
}

/// `exec-approvals.json`: what runs without a person.
pub(super) fn look_approvals(state_dir: &Path, findings: &mut Vec<Finding>) {
    let Ok(Snapshot { path, file, problem, exists, .. }) = Snapshot::of_state(state_dir) else {
        return;
    };
    if !exists {
        return;
    }
    let path = path.display();
    if let Some(problem) = problem {
        findings.push(Finding::new(
            "exec.approvals_invalid",
            Severity::Warn,
            "The rules for programs cannot be understood, so nothing may run",
            format!("{path}: {problem}."),
            "Mend the file, or write it anew with `openclaw approvals set`.",
        ));
        return;
    }
    let mut agents: Vec<&str> = file.agents.keys().map(String::as_str).collect();
    if !agents.contains(&EVERY) {
        // What holds for an agent that the file does not name.
        agents.push(EVERY);
    }
    for agent in agents {
        let (limits, _) = file.rules(agent, Limits::BASE);
        let listed = file.agents.get(agent).map(|own| own.allowlist.as_slice()).unwrap_or_default();
        runs(agent, limits, findings);
        for entry in listed {
            broad(agent, entry, findings);
        }
    }
}

fn runs(agent: &str, limits: Limits, findings: &mut Vec<Finding>) {
    let who = if agent == EVERY { "Every agent".to_owned() } else { format!("The agent {agent}") };
    if limits.security == Security::Full && limits.ask != Ask::Always {
        findings.push(Finding::new(
            "exec.security_full",
            Severity::Critical,
            format!("{who} runs any program without asking"),
            format!("security is \"full\" and ask is \"{}\" in exec-approvals.json: what a model reads decides what runs here.", limits.ask.name()),
            "Set security to \"allowlist\" and ask to \"on-miss\" with `openclaw approvals set`.",
        ));
    } else if limits.fallback.min(limits.security) == Security::Full {
        findings.push(Finding::new(
            "exec.ask_fallback_full",
            Severity::Critical,
            format!("{who} runs any program when nobody answers"),
            "askFallback is \"full\" in exec-approvals.json: waiting is as good as a yes.",
            "Set askFallback to \"deny\" with `openclaw approvals set`.",
        ));
    } else if limits.security == Security::Allowlist && limits.ask == Ask::Off {
        findings.push(Finding::new(
            "exec.ask_off",
            Severity::Info,
            format!("{who} never asks a person"),
            "ask is \"off\" in exec-approvals.json: what is listed runs, everything else is refused unseen.",
            "Nothing, when the list is all that shall ever run; else set ask to \"on-miss\".",
        ));
    }
}

/// An entry that covers programs which nobody had in mind.
fn broad(agent: &str, entry: &Entry, findings: &mut Vec<Finding>) {
    let pattern = entry.pattern.trim();
    let any =
        |text: &str| !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '?' | '/' | '.'));
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    let remove = format!(
        "Run `openclaw approvals allowlist remove '{pattern}'` and list the programs that are needed."
    );
    if any(name) || name.contains("**") {
        let everything = any(pattern);
        findings.push(Finding::new(
            "exec.allowlist_broad",
            if everything { Severity::Critical } else { Severity::Warn },
            "The list of programs covers more than programs that somebody chose",
            format!(
                "The entry \"{pattern}\" of {agent} covers {}.",
                if everything { "every program" } else { "every program of a folder" }
            ),
            remove,
        ));
    } else if carriers::is_carrier(name) && entry.arg_pattern.as_deref().is_some_and(is_anything) {
        findings.push(Finding::new(
            "exec.allowlist_interpreter",
            Severity::Critical,
            format!("{name} may run with any arguments"),
            format!("The entry \"{pattern}\" of {agent} covers everything that {name} can be told to run."),
            remove,
        ));
    }
}

/// Whether an expression for arguments is one that covers all of them.
fn is_anything(pattern: &str) -> bool {
    let bare = pattern.trim().trim_start_matches(['^', '(']).trim_end_matches(['$', ')']);
    matches!(bare, ".*" | ".+" | "[\\s\\S]*" | "(.*" | "")
}
