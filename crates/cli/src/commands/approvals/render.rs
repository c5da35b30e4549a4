//! The file, as a person reads it.

use jiff::Timestamp;
use openclaw_agent::{approvals::visible, exec::policy::carriers};
use openclaw_protocol::methods::exec_approvals::{AllowlistEntry, ExecApprovalsSnapshot};

use crate::format;

/// The file and its rules.
pub(super) fn snapshot(target: &str, snapshot: &ExecApprovalsSnapshot) -> Vec<String> {
    let file = &snapshot.file;
    let agents = file.agents.clone().unwrap_or_default();
    let listed: Vec<(&String, &AllowlistEntry)> = agents
        .iter()
        .flat_map(|(agent, rules)| {
            rules.allowlist.iter().flatten().map(move |entry| (agent, entry))
        })
        .collect();
    let socket = file.socket.as_ref().and_then(|socket| socket.path.clone());
    let mut rows = vec![
        ("Target", target.to_owned()),
        ("Path", snapshot.path.clone()),
        ("Exists", if snapshot.exists { "yes" } else { "no" }.to_owned()),
        ("Hash", snapshot.hash.clone()),
        ("Version", file.version.to_string()),
        ("Socket", socket.unwrap_or_else(|| "none".to_owned())),
        ("Defaults", defaults(snapshot)),
        ("Agents", agents.len().to_string()),
        ("Allowlist", listed.len().to_string()),
    ];
    if let Some(limits) = &snapshot.resolved_defaults {
        let (security, ask) = (limits.security.name(), limits.ask.name());
        let fallback = limits.ask_fallback.name();
        let told = format!("security={security}, ask={ask}, askFallback={fallback}");
        rows.push(("In force", told));
    }
    if let Some(why) = &snapshot.invalid {
        rows.push(("Problem", format!("{why}; nothing may run until it is replaced")));
    }
    let table: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), visible::line(&value)])
        .collect();
    let mut lines = vec!["Approvals".to_owned()];
    lines.extend(format::table(&table));
    lines.push(String::new());
    if listed.is_empty() {
        lines.push("No allowlist entries.".to_owned());
        return lines;
    }
    let mut table = vec![["Agent", "Pattern", "Scope", "Last used"].map(str::to_owned).to_vec()];
    table.extend(listed.into_iter().map(|(agent, entry)| {
        let used = entry.last_used_at.as_ref().and_then(serde_json::Number::as_f64);
        let scope = visible::line(&scope(entry));
        vec![visible::line(agent), visible::line(&entry.pattern), scope, last_used(used)]
    }));
    lines.push("Allowlist".to_owned());
    lines.extend(format::table(&table));
    lines
}

fn defaults(snapshot: &ExecApprovalsSnapshot) -> String {
    let defaults = snapshot.file.defaults.clone().unwrap_or_default();
    let parts: Vec<String> = [
        ("security", defaults.security),
        ("ask", defaults.ask),
        ("askFallback", defaults.ask_fallback),
        ("autoAllowSkills", defaults.auto_allow_skills.map(|on| on.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
    .collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// Which uses of a program an entry covers.
fn scope(entry: &AllowlistEntry) -> String {
    match &entry.arg_pattern {
        Some(pattern) if pattern.starts_with("sha256:cwd-argv:") => "argv+cwd".to_owned(),
        Some(pattern) if pattern.starts_with("sha256:") => "inactive".to_owned(),
        Some(pattern) => format!("arguments {pattern}"),
        None if entry.source.is_some() => "inactive".to_owned(),
        None => "any args".to_owned(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a time far from now is shown as unknown")]
fn last_used(at: Option<f64>) -> String {
    let now = Timestamp::now().as_millisecond();
    let ago = at.map(|at| now.saturating_sub(at as i64));
    format::age(ago.and_then(|ago| u64::try_from(ago).ok()))
}

/// What to know about a pattern that will not do what it seems to.
pub(super) fn hint(pattern: &str) -> Option<String> {
    if pattern != "*" && !pattern.contains('/') {
        return Some(format!(
            "{pattern} names no path, so no program is meant; give the whole path, for example /usr/bin/{pattern}"
        ));
    }
    if !pattern.contains(['*', '?']) && carriers::is_carrier(pattern) {
        return Some(format!(
            "{pattern} runs what its arguments say, so it is asked about all the same; an entry with argPattern says which arguments are meant"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_and_its_rules() {
        let told: ExecApprovalsSnapshot = serde_json::from_value(json!({
            "path": "/s/exec-approvals.json", "exists": true, "hash": "h",
            "file": {
                "version": 1, "defaults": {"security": "allowlist", "ask": "on-miss"},
                "agents": {"main": {"allowlist": [
                    {"pattern": "/usr/bin/\u{202e}gr"},
                    {"pattern": "/bin/ls", "source": "allow-always", "argPattern": "sha256:cwd-argv:v1:00"},
                    {"pattern": "/bin/ls", "argPattern": "-l"},
                    {"pattern": "/bin/ls", "source": "allow-always"},
                ]}},
            },
            "resolvedDefaults": {"security": "allowlist", "ask": "on-miss", "askFallback": "deny", "autoAllowSkills": false},
        }))
        .unwrap();
        let text = snapshot("local", &told).join("\n");
        expect![[r"
            Approvals
            Target     local
            Path       /s/exec-approvals.json
            Exists     yes
            Hash       h
            Version    1
            Socket     none
            Defaults   security=allowlist, ask=on-miss
            Agents     1
            Allowlist  4
            In force   security=allowlist, ask=on-miss, askFallback=deny

            Allowlist
            Agent  Pattern              Scope         Last used
            main   /usr/bin/\u{202E}gr  any args      unknown
            main   /bin/ls              argv+cwd      unknown
            main   /bin/ls              arguments -l  unknown
            main   /bin/ls              inactive      unknown"]]
        .assert_eq(&text);
    }

    #[test]
    fn patterns_that_do_not_do_what_they_seem_to() {
        assert!(hint("rg").unwrap().contains("/usr/bin/rg"));
        assert!(hint("/usr/bin/env").unwrap().contains("argPattern"));
        assert_eq!(hint("/usr/bin/rg"), None);
        assert_eq!(hint("*"), None);
    }
}
