//! `gateway probe`: tries every gateway that is set up, and says what each lets us see.

use std::time::Duration;

use jiff::Timestamp;
use openclaw_protocol::{
    ErrorCode, Method,
    methods::{
        health::{HealthParams, StatusParams},
        system::SystemPresenceParams,
    },
};
use openclaw_sdk::{CallOptions, Client, Error};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    args::{ProbeArgs, RemoteArgs},
    commands::Context,
    connect::{Gateway, Manner, READ, Target},
    failure::{Exit, Failure},
    output::{self, Style},
    settings::Settings,
};

/// One gateway and what it answered.
struct Seen {
    id: &'static str,
    label: &'static str,
    target: Target,
    connect: Result<Answers, Failure>,
}

/// What it answered.
struct Answers {
    latency: Duration,
    version: String,
    protocol: u32,
    health: Value,
    status: Value,
    presence: Value,
    /// The first refusal.
    error: Option<String>,
    /// Whether that was for want of a scope.
    limited: bool,
}

pub(crate) async fn run(cx: &Context, args: &ProbeArgs) -> Result<(), Failure> {
    let start = Instant::now();
    let settings = cx.settings()?;
    let mut seen = Vec::new();
    for (id, label, flags) in targets(&settings, &args.remote) {
        let target = Target::find(&settings, &flags)?;
        let connect = look(&settings, &target, args.timeout).await;
        seen.push(Seen { id, label, target, connect });
    }
    let ok = seen.iter().any(|seen| seen.connect.is_ok());
    if args.json {
        let mut document = document(&seen, start.elapsed());
        document["timeoutMs"] = millis(args.timeout);
        output::json(&document)?;
    } else {
        output::line(cx.out.style(Style::Bold, "Gateway Status"))?;
        output::lines(&render(&seen, args.timeout))?;
    }
    if ok { Ok(()) } else { Err(Failure::shown(Exit::Failed)) }
}

/// The explicit address, else the one that the config means.
fn targets(
    settings: &Settings,
    flags: &RemoteArgs,
) -> Vec<(&'static str, &'static str, RemoteArgs)> {
    let (id, label) = match (&flags.url, settings.gateway.is_local()) {
        (Some(_), _) => ("explicit", "URL (explicit)"),
        (None, true) => ("localLoopback", "Local loopback"),
        (None, false) => ("configRemote", "Remote (configured)"),
    };
    vec![(id, label, flags.clone())]
}

async fn look(settings: &Settings, target: &Target, timeout: Duration) -> Result<Answers, Failure> {
    let manner = Manner { mode: "probe", ..Manner::visit(READ, timeout) };
    let gateway = Gateway::reach(settings, target.clone(), manner).await;
    let gateway = gateway.map_err(|error| target.explain(error))?;
    let hello = gateway.client.hello();
    let mut answers = Answers {
        latency: gateway.latency,
        version: hello.server.version.clone(),
        protocol: hello.protocol,
        health: Value::Null,
        status: Value::Null,
        presence: Value::Null,
        error: None,
        limited: false,
    };
    let options = CallOptions { timeout, expect_final: false };
    let client = &gateway.client;
    let (health, status, presence) = tokio::join!(
        see::<HealthParams>(client, options),
        see::<StatusParams>(client, options),
        see::<SystemPresenceParams>(client, options),
    );
    answers.health = answers.take(health);
    answers.status = answers.take(status);
    answers.presence = answers.take(presence);
    Ok(answers)
}

async fn see<M: Method + Default + Sync>(
    client: &Client,
    options: CallOptions,
) -> Result<Value, Error> {
    client.call_with(M::SPEC.name, Some(&M::default()), options).await
}

impl Answers {
    fn take(&mut self, answer: Result<Value, Error>) -> Value {
        answer.unwrap_or_else(|error| {
            self.limited |= matches!(&error, Error::Refused(refusal)
                if refusal.code == ErrorCode::Forbidden || refusal.message.starts_with("missing scope"));
            self.error.get_or_insert(error.to_string());
            Value::Null
        })
    }
}

fn millis(time: Duration) -> Value {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).into()
}

fn document(seen: &[Seen], took: Duration) -> Value {
    let ok = seen.iter().any(|seen| seen.connect.is_ok());
    let degraded = seen.iter().any(|s| s.connect.as_ref().is_ok_and(|a| a.error.is_some()));
    let first = seen.iter().find(|seen| seen.connect.is_ok()).map(|seen| seen.id);
    json!({
        "ok": ok,
        "degraded": degraded,
        "ts": Timestamp::now().as_millisecond(),
        "durationMs": millis(took),
        "primaryTargetId": first,
        "targets": seen.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn entry(seen: &Seen) -> Value {
    let mut entry = json!({
        "id": seen.id, "kind": seen.id, "url": seen.target.url, "active": true,
        "self": null, "health": null, "summary": null, "presence": null,
    });
    match &seen.connect {
        Ok(answers) => {
            entry["connect"] = json!({
                "ok": true, "rpcOk": answers.error.is_none(), "scopeLimited": answers.limited,
                "latencyMs": millis(answers.latency), "error": answers.error,
            });
            entry["self"] = json!({ "version": answers.version, "protocol": answers.protocol });
            entry["health"] = answers.health.clone();
            entry["summary"] = answers.status.clone();
            entry["presence"] = answers.presence.clone();
        }
        Err(failure) => {
            entry["connect"] = json!({
                "ok": false, "rpcOk": false, "scopeLimited": false, "latencyMs": null,
                "error": failure.message, "details": failure.details,
            });
        }
    }
    entry
}

fn render(seen: &[Seen], budget: Duration) -> Vec<String> {
    let reachable = if seen.iter().any(|seen| seen.connect.is_ok()) { "yes" } else { "no" };
    let mut lines = vec![
        format!("Reachable: {reachable}"),
        format!("Probe budget: {}ms", budget.as_millis()),
        String::new(),
        "Targets".to_owned(),
    ];
    for Seen { label, target, connect, .. } in seen {
        lines.push(format!("{label} {}", target.url));
        match connect {
            Ok(answers) => {
                let rpc = match (&answers.error, answers.limited) {
                    (None, _) => "ok".to_owned(),
                    (Some(error), true) => format!("limited - {error}"),
                    (Some(error), false) => format!("failed - {error}"),
                };
                lines.push(format!(
                    "  Connect: ok ({}ms) · RPC: {rpc}",
                    answers.latency.as_millis()
                ));
                let Answers { version, protocol, .. } = answers;
                lines.push(format!("  Gateway: app {version} · protocol {protocol}"));
            }
            Err(failure) => lines.push(format!("  Connect: failed - {}", failure.message)),
        }
    }
    lines
}
