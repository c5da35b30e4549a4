//! `gateway.nodes`: what nodes may be asked for beyond what their platform offers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ToolLists;

/// What nodes may be asked to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct NodesConfig {
    /// Commands allowed besides a platform's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_commands: Vec<String>,
    /// Commands that are never sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny_commands: Vec<String>,
    /// Both, as OpenClaw 2026.9.6 writes them.
    pub commands: ToolLists,
    /// Which node browses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<Value>,
}

impl NodesConfig {
    /// Commands that are allowed besides a platform's own, in either spelling.
    pub fn allowed(&self) -> Vec<String> {
        [self.allow_commands.as_slice(), &self.commands.allow].concat()
    }

    /// Commands that are never sent, in either spelling. Denying wins.
    pub fn denied(&self) -> Vec<String> {
        [self.deny_commands.as_slice(), &self.commands.deny].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_count() {
        let config = serde_json::json!({
            "allowCommands": ["a"], "denyCommands": ["b"],
            "commands": {"allow": ["c"], "deny": ["d"]},
        });
        let config: NodesConfig = serde_json::from_value(config).unwrap();
        assert_eq!((config.allowed(), config.denied()), (words(&["a", "c"]), words(&["b", "d"])));
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }
}
