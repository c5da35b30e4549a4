//! `agents list`.

use std::time::Duration;

use openclaw_protocol::methods::agents::{AgentsListParams, AgentsListResult};
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

pub(crate) async fn list(cx: &Context, json: bool) -> Result<(), Failure> {
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(READ, TIMEOUT)).await?;
    let agents = gateway.read::<AgentsListParams>(json!({})).await?;
    if json {
        return output::json(&document(&agents));
    }
    output::lines(&render(&agents))
}

/// A list, as OpenClaw's own `agents list --json` gives it.
fn document(list: &AgentsListResult) -> Value {
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
        entry
    };
    list.agents.iter().map(agent).collect()
}

fn render(list: &AgentsListResult) -> Vec<String> {
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
        .assert_eq(&render(&list).join("\n"));
        assert_eq!(document(&list)[1], json!({ "id": "ops", "isDefault": false }));
    }
}
