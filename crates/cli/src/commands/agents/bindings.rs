//! Which channels, accounts and peers lead to an agent, as the config's `bindings` say.

use std::collections::BTreeMap;

use serde_json::Value;

/// The rules of each agent, in the config's order.
#[derive(Debug, Default)]
pub(super) struct Bindings(BTreeMap<String, Vec<String>>);

impl Bindings {
    /// Reads the `bindings` of a config; what is no rule is passed over.
    pub(super) fn read(bindings: &Value) -> Self {
        let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for binding in bindings.as_array().into_iter().flatten() {
            let agent = binding["agentId"].as_str().map(|id| id.trim().to_lowercase());
            if let (Some(agent), Some(rule)) = (agent, rule(&binding["match"])) {
                rules.entry(agent).or_default().push(rule);
            }
        }
        Self(rules)
    }

    /// Those of one agent.
    pub(super) fn of(&self, agent: &str) -> &[String] {
        self.0.get(agent).map_or(&[], Vec::as_slice)
    }
}

/// A rule in OpenClaw's words: `telegram accountId=work peer=group:-100`.
fn rule(matched: &Value) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut words = vec![text(&matched["channel"])?];
    words.extend(text(&matched["accountId"]).map(|id| format!("accountId={id}")));
    if let (Some(kind), Some(id)) = (text(&matched["peer"]["kind"]), text(&matched["peer"]["id"])) {
        words.push(format!("peer={kind}:{id}"));
    }
    words.extend(text(&matched["guildId"]).map(|id| format!("guild={id}")));
    words.extend(text(&matched["teamId"]).map(|id| format!("team={id}")));
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_in_words() {
        let bindings = Bindings::read(&json!([
            { "agentId": "Ops", "match": { "channel": "telegram", "accountId": "work" } },
            { "agentId": "ops", "match": { "channel": "discord", "peer": { "kind": "group", "id": "7" }, "guildId": "g", "teamId": "t" } },
            { "agentId": "main", "match": {} },
            { "match": { "channel": "slack" } },
            7,
        ]));
        assert_eq!(
            bindings.of("ops"),
            ["telegram accountId=work", "discord peer=group:7 guild=g team=t"]
        );
        assert!(bindings.of("main").is_empty());
        assert!(Bindings::read(&Value::Null).of("ops").is_empty());
    }
}
