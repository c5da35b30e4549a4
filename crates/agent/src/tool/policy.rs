//! Which tools an agent's model may call, by `tools` and `agents.list[].tools` of the config.

use crate::config::{ToolProfile, Tools};

/// Of each tool of this program, its group and the profiles that have it. Another one is in no group,
/// and in the profile `full` alone.
const KNOWN: [(&str, &str, &[ToolProfile]); 2] = [
    ("read", "fs", &[ToolProfile::Coding]),
    (
        "session_status",
        "sessions",
        &[ToolProfile::Minimal, ToolProfile::Coding, ToolProfile::Messaging],
    ),
];
/// The group of all tools of this program.
const ALL: &str = "openclaw";

/// What the config says about an agent's tools.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolPolicy {
    profile: Option<ToolProfile>,
    /// What is common to all agents, then what is the agent's own: each narrows.
    layers: Vec<Tools>,
}

impl ToolPolicy {
    /// The common rules and an agent's own. An agent's profile stands in the place of the common one.
    pub fn new(common: &Tools, own: Option<&Tools>) -> Self {
        let profile = own.and_then(|own| own.profile).or(common.profile);
        Self { profile, layers: [common].into_iter().chain(own).cloned().collect() }
    }

    /// The profile in force.
    pub fn profile(&self) -> ToolProfile {
        self.profile.unwrap_or(ToolProfile::Full)
    }

    /// Whether the model may call this tool.
    pub fn permits(&self, tool: &str) -> bool {
        let also = self.layers.iter().any(|layer| named(&layer.also_allow, tool));
        let narrowed = |layer: &Tools| {
            !named(&layer.deny, tool)
                && layer.allow.as_ref().is_none_or(|allow| named(allow, tool) || also)
        };
        (also || in_profile(self.profile(), tool)) && self.layers.iter().all(narrowed)
    }
}

/// The profiles that have a tool.
pub fn profiles_of(tool: &str) -> &'static [ToolProfile] {
    KNOWN.iter().find(|(name, ..)| *name == tool).map_or(&[], |(.., profiles)| profiles)
}

fn in_profile(profile: ToolProfile, tool: &str) -> bool {
    profile == ToolProfile::Full || profiles_of(tool).contains(&profile)
}

fn named(patterns: &[String], tool: &str) -> bool {
    patterns.iter().any(|pattern| fits(&pattern.trim().to_ascii_lowercase(), tool))
}

/// A name, a group as `group:fs`, or a name with `*` for any letters.
fn fits(pattern: &str, tool: &str) -> bool {
    if let Some(group) = pattern.strip_prefix("group:") {
        let own = KNOWN.iter().find(|(name, ..)| *name == tool);
        return own.is_some_and(|(_, own, _)| group == ALL || group == *own);
    }
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == tool };
    let Some(rest) = tool.strip_prefix(head) else { return false };
    if !tail.contains('*') {
        return rest.ends_with(tail);
    }
    (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| fits(tail, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn policy(common: Value, own: Value) -> ToolPolicy {
        let own: Option<Tools> = serde_json::from_value(own).unwrap();
        ToolPolicy::new(&serde_json::from_value(common).unwrap(), own.as_ref())
    }

    /// What of `read`, `session_status` and a tool of somebody else is permitted.
    #[track_caller]
    fn check(common: Value, own: Value, expected: &[&str]) {
        let policy = policy(common, own);
        let tools = ["read", "session_status", "web_search"];
        let permitted: Vec<_> = tools.into_iter().filter(|tool| policy.permits(tool)).collect();
        assert_eq!(permitted, expected, "{policy:?}");
    }

    #[test]
    fn profiles_begin_and_lists_narrow() {
        let none = || Value::Null;
        check(json!({}), none(), &["read", "session_status", "web_search"]);
        check(json!({"profile": "full"}), none(), &["read", "session_status", "web_search"]);
        check(json!({"profile": "coding"}), none(), &["read", "session_status"]);
        check(json!({"profile": "minimal"}), none(), &["session_status"]);
        check(
            json!({"profile": "minimal", "alsoAllow": ["web_*"]}),
            none(),
            &["session_status", "web_search"],
        );
        check(json!({"deny": ["Read "]}), none(), &["session_status", "web_search"]);
        check(json!({"deny": ["group:fs", "*_s*h"]}), none(), &["session_status"]);
        check(json!({"deny": ["*"], "allow": ["*"]}), none(), &[]);
        check(json!({"allow": ["group:openclaw"]}), none(), &["read", "session_status"]);
        check(json!({"allow": []}), none(), &[]);
    }

    #[test]
    fn an_agent_narrows_what_is_common_and_has_a_profile_of_its_own() {
        check(json!({"deny": ["read"]}), json!({"allow": ["read", "web_search"]}), &["web_search"]);
        check(
            json!({"profile": "minimal"}),
            json!({"profile": "coding"}),
            &["read", "session_status"],
        );
        check(json!({"profile": "coding"}), json!({"deny": ["session_status"]}), &["read"]);
        check(
            json!({"deny": ["web_search"]}),
            json!({"profile": "minimal", "alsoAllow": ["*"]}),
            &["read", "session_status"],
        );
    }
}
