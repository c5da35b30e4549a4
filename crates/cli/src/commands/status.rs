//! `status`: the gateway in one page.

use openclaw_protocol::methods::health::{HealthParams, StatusParams, StatusResult};
use openclaw_sdk::Hello;
use serde_json::{Value, json};

use crate::{
    args::{RemoteArgs, StatusArgs},
    commands::{Context, health},
    connect::{self, Gateway, Manner, READ, Target},
    failure::{Exit, Failure},
    format,
    output::{self, Style},
    settings::Settings,
};

mod usage;

/// Sessions in the table.
const RECENT: usize = 10;
/// Widest key in the table.
const KEY_WIDTH: usize = 40;

pub(crate) async fn run(cx: &Context, args: &StatusArgs) -> Result<(), Failure> {
    let settings = cx.settings()?;
    let target = Target::find(&settings, &RemoteArgs::default())?;
    let manner = Manner { mode: "probe", ..Manner::visit(READ, args.timeout) };
    let found = match Gateway::reach(&settings, target.clone(), manner).await {
        Ok(gateway) => gateway.ask::<StatusParams>(json!({})).await.map(|answer| (gateway, answer)),
        Err(error) => Err(target.explain(error)),
    };
    let (gateway, answer) = match found {
        Ok(found) => found,
        Err(failure) if args.json => {
            output::json(&json!({ "gateway": unreachable(&target, &failure) }))?;
            output::note(format!("openclaw: {}", failure.message));
            return Err(Failure::shown(Exit::Failed));
        }
        Err(failure) => return Err(failure),
    };
    let hello = gateway.client.hello();
    let used = if args.usage { Some(usage::ask(&gateway, &hello).await?) } else { None };
    if args.json {
        let mut document = answer;
        if let Some(used) = used {
            document["usage"] = used;
        }
        if args.deep || args.all {
            document["health"] = gateway.ask::<HealthParams>(json!({ "probe": true })).await?;
        }
        document["gateway"] = reachable(&gateway, &hello);
        document["os"] =
            json!({ "platform": std::env::consts::OS, "arch": std::env::consts::ARCH });
        return output::json(&document);
    }
    let status = connect::read::<StatusParams>(answer)?;
    output::line(cx.out.style(Style::Bold, "OpenClaw status"))?;
    output::line("")?;
    output::lines(&overview(&settings, &gateway, &hello, &status)?)?;
    let sessions = sessions(&status);
    if !sessions.is_empty() {
        output::line("")?;
        output::line(cx.out.style(Style::Bold, "Sessions"))?;
    }
    output::lines(&sessions)?;
    if let Some(used) = used {
        output::line("")?;
        output::line(cx.out.style(Style::Bold, "Usage"))?;
        output::lines(&usage::render(&used))?;
    }
    if args.deep || args.all {
        let health = gateway.read::<HealthParams>(json!({ "probe": true })).await?;
        output::line("")?;
        output::line(cx.out.style(Style::Bold, "Health"))?;
        output::lines(&health::render(&health))?;
    }
    Ok(())
}

fn unreachable(target: &Target, failure: &Failure) -> Value {
    json!({
        "mode": target.mode, "url": target.url, "urlSource": target.url_source,
        "reachable": false, "connectLatencyMs": null, "self": null,
        "error": failure.message, "errorCode": failure.code,
    })
}

fn reachable(gateway: &Gateway, hello: &Hello) -> Value {
    let target = &gateway.target;
    json!({
        "mode": target.mode, "url": target.url, "urlSource": target.url_source,
        "reachable": true, "connectLatencyMs": millis(gateway), "authMode": target.auth_name(),
        "self": { "version": hello.server.version, "protocol": hello.protocol },
        "error": null,
    })
}

fn millis(gateway: &Gateway) -> u64 {
    u64::try_from(gateway.latency.as_millis()).unwrap_or(u64::MAX)
}

fn overview(
    settings: &Settings,
    gateway: &Gateway,
    hello: &Hello,
    status: &StatusResult,
) -> Result<Vec<String>, Failure> {
    let Target { mode, url, .. } = &gateway.target;
    let mut rows = Vec::new();
    if *mode == "local" {
        rows.push(("Dashboard", settings.page(settings.port()?.0)));
    }
    let (version, protocol) = (&hello.server.version, hello.protocol);
    let (ms, auth) = (millis(gateway), gateway.target.auth_name());
    rows.push((
        "Gateway",
        format!(
            "{mode} · {url} · reachable {ms}ms · auth {auth} · app {version} · protocol {protocol}"
        ),
    ));
    rows.extend(summary(status));
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    Ok(format::table(&rows))
}

fn summary(status: &StatusResult) -> Vec<(&'static str, String)> {
    let beat = &status.heartbeat;
    let on = beat.agents.iter().filter(|agent| agent.enabled);
    let beats: Vec<String> = on.map(|a| format!("{} ({})", a.every, a.agent_id)).collect();
    let channels = &status.channel_summary;
    let sessions = &status.sessions;
    let model = sessions.defaults.model.as_deref().unwrap_or("none");
    let window = sessions.defaults.context_tokens;
    let window =
        window.map(|count| format!(" ({} ctx)", format::tokens(count))).unwrap_or_default();
    let or = |list: &[String], none: &str| {
        if list.is_empty() { none.to_owned() } else { list.join(", ") }
    };
    let (agents, default) = (beat.agents.len(), &beat.default_agent_id);
    vec![
        ("Agents", format!("{agents} · default {default}")),
        ("Sessions", format!("{} · default {model}{window}", sessions.count)),
        ("Heartbeat", or(&beats, "off")),
        ("Channels", or(channels, "none")),
    ]
}

fn sessions(status: &StatusResult) -> Vec<String> {
    let recent = &status.sessions.recent;
    if recent.is_empty() {
        return Vec::new();
    }
    let heads = ["Key", "Kind", "Age", "Model", "Tokens"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(recent.iter().take(RECENT).map(|session| {
        vec![
            format::shorten(&session.key, KEY_WIDTH),
            session.kind.clone(),
            format::age(session.age),
            session.model.clone().unwrap_or_else(|| "-".into()),
            format::context(session.total_tokens, session.context_tokens),
        ]
    }));
    format::table(&rows)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn the_recorded_status_in_one_page() {
        // Recorded from OpenClaw 2026.3.28, shortened.
        let answer = json!({
            "runtimeVersion": "2026.3.28",
            "heartbeat": { "defaultAgentId": "main", "agents": [{ "agentId": "main", "enabled": true, "every": "30m", "everyMs": 1_800_000 }] },
            "channelSummary": [], "queuedSystemEvents": [],
            "sessions": {
                "paths": ["/s"], "count": 48, "defaults": { "model": "echo", "contextTokens": 128_000 },
                "recent": [{ "agentId": "main", "key": "agent:main:main", "kind": "direct", "sessionId": "x", "updatedAt": 1, "age": 78_238, "totalTokens": 100, "totalTokensFresh": true, "remainingTokens": 1, "percentUsed": 0, "model": "echo", "contextTokens": 128_000, "flags": [] }],
                "byAgent": [],
            },
        });
        let status = connect::read::<StatusParams>(answer).unwrap();
        let rows: Vec<String> =
            summary(&status).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        expect![[r"
            Agents: 1 · default main
            Sessions: 48 · default echo (128k ctx)
            Heartbeat: 30m (main)
            Channels: none"]]
        .assert_eq(&rows.join("\n"));
        expect![[r"
            Key              Kind    Age     Model  Tokens
            agent:main:main  direct  1m ago  echo   100/128k (0%)"]]
        .assert_eq(&sessions(&status).join("\n"));
    }
}
