//! `agents list`.

use std::time::Duration;

use openclaw_protocol::methods::{
    agents::{AgentsListParams, AgentsListResult},
    config::ConfigGetParams,
};
use serde_json::{Value, json};

use crate::{
    args::RemoteArgs,
    commands::Context,
    connect::{Gateway, Manner, READ},
    failure::Failure,
    output,
};

/// Longest wait.
const TIMEOUT: Duration = Duration::from_secs(10);

mod bindings;

use bindings::Bindings;

pub(crate) async fn list(cx: &Context, bindings: bool, json: bool) -> Result<(), Failure> {
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(READ, TIMEOUT)).await?;
    let agents = gateway.read::<AgentsListParams>(json!({})).await?;
    let rules = if bindings {
        let config = gateway.ask::<ConfigGetParams>(json!({})).await?;
        Some(Bindings::read(&config["resolved"]["bindings"]))
    } else {
        None
    };
    if json {
        return output::json(&document(&agents, rules.as_ref()));
    }
    output::lines(&render(&agents, rules.as_ref()))
}

/// A list, as OpenClaw's own `agents list --json` gives it.
fn document(list: &AgentsListResult, rules: Option<&Bindings>) -> Value {
    let agent = |agent: &openclaw_protocol::methods::agents::AgentSummary| {
        let identity = agent.identity.as_ref();
        let fields = [
            ("name", agent.name.clone()),
            ("identityName", identity.and_then(|identity| identity.name.clone())),
            ("identityEmoji", identity.and_then(|identity| identity.emoji.clone())),
            ("workspace", agent.workspace.clone()),
            ("model", agent.model.as_ref().and_then(|model| model.primary.clone())),
        ];
        let mut entry = json!({ "id": agent.id, "isDefault": agent.id == list.default_id });
        for (name, value) in fields {
            if let Some(value) = value {
                entry[name] = value.into();
            }
        }
        if let Some(rules) = rules {
            let rules = rules.of(&agent.id);
            entry["bindings"] = rules.len().into();
            if !rules.is_empty() {
                entry["bindingDetails"] = json!(rules);
            }
        }
        entry
    };
    list.agents.iter().map(agent).collect()
}

fn render(list: &AgentsListResult, rules: Option<&Bindings>) -> Vec<String> {
    let mut lines = vec!["Agents:".to_owned()];
    for agent in &list.agents {
        let default = if agent.id == list.default_id { " (default)" } else { "" };
        lines.push(format!("- {}{default}", agent.id));
        let identity = agent.identity.as_ref().map(|identity| {
            let parts = [&identity.emoji, &identity.name];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
        });
        let identity = identity.filter(|text| !text.is_empty()).or_else(|| agent.name.clone());
        let model = agent.model.as_ref().and_then(|model| model.primary.clone());
        let rows =
            [("Identity", identity), ("Workspace", agent.workspace.clone()), ("Model", model)];
        for (name, value) in rows {
            lines.extend(value.map(|value| format!("  {name}: {value}")));
        }
        if let Some(rules) = rules {
            let rules = rules.of(&agent.id);
            let none = if rules.is_empty() { " none" } else { "" };
            lines.push(format!("  Routing rules:{none}"));
            lines.extend(rules.iter().map(|rule| format!("    - {rule}")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::connect;

    #[test]
    fn every_agent_has_its_lines() {
        let answer = json!({
            "defaultId": "main", "mainKey": "main", "scope": "per-sender",
            "agents": [
                { "id": "main", "name": "Claw", "identity": { "name": "Claw", "emoji": "🦞" }, "workspace": "/w", "model": { "primary": "mock/echo" } },
                { "id": "ops" },
            ],
        });
        let list = connect::read::<AgentsListParams>(answer).unwrap();
        expect![[r"
            Agents:
            - main (default)
              Identity: 🦞 Claw
              Workspace: /w
              Model: mock/echo
            - ops"]]
        .assert_eq(&render(&list, None).join("\n"));
        assert_eq!(document(&list, None)[1], json!({ "id": "ops", "isDefault": false }));
        let rules = json!([{ "agentId": "ops", "match": { "channel": "telegram" } }]);
        let rules = Bindings::read(&rules);
        let lines = render(&list, Some(&rules));
        let rest: Vec<&str> = lines.iter().map(|line| line.trim()).skip(5).collect();
        assert_eq!(rest, ["Routing rules: none", "- ops", "Routing rules:", "- telegram"]);
        let agents = document(&list, Some(&rules));
        assert_eq!((&agents[0]["bindings"], &agents[1]["bindings"]), (&json!(0), &json!(1)));
        assert_eq!(agents[1]["bindingDetails"], json!(["telegram"]));
    }
}
