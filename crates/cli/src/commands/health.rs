//! `health`, `gateway health`: the gateway's own words on its state.

use std::time::Duration;

use openclaw_protocol::methods::health::{HealthParams, HealthResult};
use serde_json::json;

use crate::{
    args::RemoteArgs,
    commands::Context,
    connect::{self, Gateway, Manner, READ},
    failure::Failure,
    format, output,
};

pub(crate) async fn run(
    cx: &Context,
    remote: &RemoteArgs,
    (timeout, json, probe): (Duration, bool, bool),
) -> Result<(), Failure> {
    let gateway = Gateway::connect(&cx.settings()?, remote, Manner::visit(READ, timeout)).await?;
    let params = if probe { json!({ "probe": true }) } else { json!({}) };
    let answer = gateway.ask::<HealthParams>(params).await?;
    if json {
        return output::json(&answer);
    }
    output::lines(&render(&connect::read::<HealthParams>(answer)?))
}

pub(super) fn render(health: &HealthResult) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for id in &health.channel_order {
        let label = health.channel_labels.get(id).unwrap_or(id);
        let channel = health.channels.get(id);
        let is = |key: &str| channel.and_then(|channel| channel[key].as_bool());
        let state = match (is("configured"), is("running"), is("linked")) {
            (Some(false), ..) => "not configured",
            (_, Some(true), _) => "running",
            (_, _, Some(false)) => "not linked",
            _ => "configured",
        };
        lines.push(format!("{label}: {state}"));
    }
    let name = |agent: &openclaw_protocol::methods::health::HealthAgent| {
        format!("{}{}", agent.agent_id, if agent.is_default { " (default)" } else { "" })
    };
    let names: Vec<String> = health.agents.iter().map(name).collect();
    lines.push(format!("Agents: {}", names.join(", ")));
    let beats = health.agents.iter().filter(|agent| agent.heartbeat.enabled);
    let beats: Vec<String> =
        beats.map(|agent| format!("{} ({})", agent.heartbeat.every, agent.agent_id)).collect();
    let beats = if beats.is_empty() { "off".to_owned() } else { beats.join(", ") };
    lines.push(format!("Heartbeat interval: {beats}"));
    for agent in &health.agents {
        let sessions = &agent.sessions;
        let (id, path, count) = (&agent.agent_id, &sessions.path, sessions.count);
        lines.push(format!("Session store ({id}): {path} ({count} entries)"));
        lines.extend(
            sessions.recent.iter().map(|s| format!("- {} ({})", s.key, format::age(s.age))),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn it_reads_as_the_recorded_one() {
        // Recorded from OpenClaw 2026.3.28, shortened.
        let answer = json!({
            "ok": true, "ts": 1, "durationMs": 0, "channels": { "telegram": { "configured": true, "running": true } },
            "channelOrder": ["telegram"], "channelLabels": { "telegram": "Telegram" },
            "heartbeatSeconds": 1800, "defaultAgentId": "main",
            "agents": [{
                "agentId": "main", "isDefault": true,
                "heartbeat": { "enabled": true, "every": "30m", "everyMs": 1_800_000, "prompt": "p", "target": "none", "ackMaxChars": 300 },
                "sessions": { "path": "/s/sessions.json", "count": 48, "recent": [{ "key": "agent:main:main", "updatedAt": 1, "age": 309_396 }] },
            }],
            "sessions": { "path": "/s/sessions.json", "count": 48, "recent": [] },
        });
        let health = connect::read::<HealthParams>(answer).unwrap();
        expect![[r"
            Telegram: running
            Agents: main (default)
            Heartbeat interval: 30m (main)
            Session store (main): /s/sessions.json (48 entries)
            - agent:main:main (5m ago)"]]
        .assert_eq(&render(&health).join("\n"));
    }
}
