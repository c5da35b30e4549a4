//! `gateway status`: where the gateway is, whether it runs and whether it answers.

use openclaw_gateway::lock::Holder;
use serde_json::{Value, json};

use crate::{
    args::GatewayStatusArgs,
    commands::Context,
    connect::{Gateway, Manner, READ, Target},
    failure::{Exit, Failure},
    output,
    settings::Settings,
};

mod services;

/// What the look at the gateway gave.
enum Probe {
    Skipped,
    Answered { ms: u128, version: String },
    Failed(Failure),
}

pub(crate) async fn run(cx: &Context, args: &GatewayStatusArgs) -> Result<(), Failure> {
    let settings = cx.settings()?;
    let target = Target::find(&settings, &args.ask.remote)?;
    let probe = if args.no_probe { Probe::Skipped } else { look(&settings, &target, args).await };
    let holder = settings.claimed_holder();
    let services =
        args.deep.then(|| services::find(&services::places(settings.paths.home.as_deref())));
    if args.ask.json {
        let mut document = document(&settings, (&target, holder.as_ref(), &probe))?;
        if let Some(services) = &services {
            document["services"] = services::document(services);
        }
        output::json(&document)?;
    } else {
        let mut lines = render(&settings, (&target, holder.as_ref(), &probe))?;
        lines.extend(services.iter().flat_map(|services| services::render(services)));
        output::lines(&lines)?;
    }
    match probe {
        Probe::Failed(failure) if args.require_rpc => {
            output::note(format!("openclaw: {}", failure.message));
            Err(Failure::shown(Exit::Failed))
        }
        _ => Ok(()),
    }
}

async fn look(settings: &Settings, target: &Target, args: &GatewayStatusArgs) -> Probe {
    let manner = Manner { mode: "probe", ..Manner::visit(READ, args.ask.timeout) };
    match Gateway::reach(settings, target.clone(), manner).await {
        Ok(gateway) => Probe::Answered {
            ms: gateway.latency.as_millis(),
            version: gateway.client.hello().server.version.clone(),
        },
        Err(error) => Probe::Failed(target.explain(error)),
    }
}

fn document(
    settings: &Settings,
    (target, holder, probe): (&Target, Option<&Holder>, &Probe),
) -> Result<Value, Failure> {
    let (port, source) = settings.port()?;
    let snapshot = &settings.snapshot;
    let mut document = json!({
        "config": { "cli": { "path": snapshot.path, "exists": snapshot.exists, "valid": snapshot.valid } },
        "stateDir": settings.paths.state_dir,
        "gateway": {
            "bindMode": settings.gateway.bind.unwrap_or_default(), "bindHost": settings.host(),
            "port": port, "portSource": source.name(), "probeUrl": target.url,
        },
        "process": holder,
    });
    match probe {
        Probe::Skipped => {}
        Probe::Answered { ms, version } => {
            let ms = u64::try_from(*ms).unwrap_or(u64::MAX);
            document["rpc"] =
                json!({ "ok": true, "url": target.url, "latencyMs": ms, "version": version });
        }
        Probe::Failed(failure) => {
            document["rpc"] = json!({ "ok": false, "url": target.url, "error": failure.message });
        }
    }
    Ok(document)
}

fn render(
    settings: &Settings,
    (target, holder, probe): (&Target, Option<&Holder>, &Probe),
) -> Result<Vec<String>, Failure> {
    let (port, source) = settings.port()?;
    let snapshot = &settings.snapshot;
    let config = match (snapshot.exists, snapshot.valid) {
        (_, false) => " (invalid; run `openclaw config validate`)",
        (false, true) => " (no file; the defaults apply)",
        (true, true) => "",
    };
    let bind = serde_json::to_value(settings.gateway.bind.unwrap_or_default()).unwrap_or_default();
    let process = match holder {
        Some(holder) => format!("running (pid {}, version {})", holder.pid, holder.version),
        None => "not running with this state directory".to_owned(),
    };
    let mut lines = vec![
        format!("Config: {}{config}", snapshot.path.display()),
        format!("State: {}", settings.paths.state_dir.display()),
        format!(
            "Gateway: bind={} ({}), port={port} ({})",
            bind.as_str().unwrap_or("?"),
            settings.host(),
            source.name()
        ),
        format!("Probe target: {}", target.url),
    ];
    if target.mode == "local" {
        lines.push(format!("Dashboard: {}", settings.page(port)));
        lines.push(format!("Process: {process}"));
    }
    match probe {
        Probe::Skipped => {}
        Probe::Answered { ms, version } => {
            lines.push(format!("Gateway version: {version}"));
            lines.push(format!("RPC probe: ok ({ms}ms)"));
        }
        Probe::Failed(failure) => lines.push(format!("RPC probe: failed: {}", failure.message)),
    }
    Ok(lines)
}
