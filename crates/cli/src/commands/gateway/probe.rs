//! `gateway probe`: tries every gateway that is set up, and says what each lets us see.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;
use openclaw_gateway::config::DEFAULT_PORT;
use openclaw_protocol::{
    ErrorCode, Method,
    methods::{
        health::{HealthParams, StatusParams},
        system::SystemPresenceParams,
    },
};
use openclaw_sdk::{CallOptions, Client, Dial, Error, TcpDial};
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

mod ssh;

use ssh::Ssh;

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
    let looks = targets(&settings, args)?.into_iter().map(|way| way.look(&settings, args.timeout));
    let seen = join_all(looks).await;
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

/// The explicit address, the other machine, the one that the config means, and always this machine:
/// the first that answers is the one that commands mean.
fn targets(settings: &Settings, args: &ProbeArgs) -> Result<Vec<Way>, Failure> {
    let flags = &args.remote;
    // A secret that is given with an address belongs to that address.
    let own = RemoteArgs { port: flags.port, ..RemoteArgs::default() };
    let others = if flags.url.is_some() || args.ssh.is_some() { &own } else { flags };
    let mut ways = Vec::new();
    if flags.url.is_some() {
        let target = Target::explicit(settings, flags)?;
        ways.push(Way { id: "explicit", label: "URL (explicit)", target, ssh: None });
    }
    if let Some(host) = &args.ssh {
        let port = settings.gateway.port.unwrap_or(DEFAULT_PORT);
        let ssh = Ssh::parse(host, args.ssh_identity.as_deref(), port)?;
        let target = Target::tunnelled(settings, flags, port)?;
        let ssh = Some(Arc::new(ssh));
        ways.push(Way { id: "sshTunnel", label: "Remote over SSH", target, ssh });
    }
    if !settings.gateway.is_local() {
        let target = Target::remote(settings, others)?;
        ways.push(Way { id: "configRemote", label: "Remote (configured)", target, ssh: None });
    }
    let target = Target::local(settings, others)?;
    ways.push(Way { id: "localLoopback", label: "Local loopback", target, ssh: None });
    Ok(ways)
}

/// A gateway and how to get there.
struct Way {
    id: &'static str,
    label: &'static str,
    target: Target,
    ssh: Option<Arc<Ssh>>,
}

impl Way {
    async fn look(self, settings: &Settings, timeout: Duration) -> Seen {
        let Self { id, label, target, ssh } = self;
        let dial: Arc<dyn Dial> = match &ssh {
            Some(ssh) => Arc::clone(ssh) as _,
            None => Arc::new(TcpDial),
        };
        let mut connect = look(settings, &target, dial, timeout).await;
        if let (Err(failure), Some(ssh)) = (&mut connect, ssh)
            && let Some(complaint) = ssh.complaint().await
        {
            failure.message = complaint;
        }
        Seen { id, label, target, connect }
    }
}

async fn look(
    settings: &Settings,
    target: &Target,
    dial: Arc<dyn Dial>,
    timeout: Duration,
) -> Result<Answers, Failure> {
    let manner = Manner { mode: "probe", ..Manner::visit(READ, timeout) };
    let gateway = Gateway::reach_via(dial, settings, target.clone(), manner).await;
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

#[cfg(test)]
mod tests {
    use openclaw_gateway::config::Environment;
    use openclaw_sdk::Auth;

    use super::*;
    use crate::args::Root;

    #[test]
    fn a_secret_goes_where_it_was_given_for() {
        let dir = tempfile::tempdir().unwrap();
        let config = "{ gateway: { mode: 'remote', port: 7, auth: { token: 'of-this-machine' }, remote: { url: 'wss://far', token: 'of-far' } } }";
        std::fs::write(dir.path().join("openclaw.json"), config).unwrap();
        let env = Environment::from_vars([("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap())]);
        let settings = Settings::load(&Root::default(), &env).unwrap();
        let told = |url: Option<&str>, ssh: Option<&str>| -> Vec<(&str, String, String)> {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let remote =
                RemoteArgs { url: text(url), token: Some("given".into()), ..RemoteArgs::default() };
            let timeout = Duration::from_secs(1);
            let args =
                ProbeArgs { remote, ssh: text(ssh), ssh_identity: None, timeout, json: false };
            let ways = targets(&settings, &args).unwrap();
            let secret = |target: &Target| match &target.auth {
                Auth::Token(token) => token.clone(),
                other => panic!("{other:?}"),
            };
            ways.iter().map(|way| (way.id, way.target.url.clone(), secret(&way.target))).collect()
        };
        let way = |id, url: &str, secret: &str| (id, url.to_owned(), secret.to_owned());
        let here = |secret| way("localLoopback", "ws://127.0.0.1:7", secret);
        let far = |secret| way("configRemote", "wss://far", secret);
        assert_eq!(told(None, None), [far("given"), here("given")]);
        let explicit = way("explicit", "ws://x", "given");
        assert_eq!(told(Some("ws://x"), None), [explicit, far("of-far"), here("of-this-machine")]);
        let tunnel = way("sshTunnel", "ws://127.0.0.1:7", "given");
        assert_eq!(told(None, Some("me@far")), [tunnel, far("of-far"), here("of-this-machine")]);
    }
}
