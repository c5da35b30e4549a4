//! `secrets`: has the running gateway look up its secrets again, and replaces its own.

use std::io::BufRead as _;

use openclaw_gateway::{
    config::{self, Replaced},
    lock::Holder,
};
use openclaw_protocol::methods::secrets::{SecretsReloadParams, SecretsReloadResult};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::{
    args::{ReloadArgs, RemoteArgs, RotateArgs, SecretsCommand},
    commands::Context,
    connect::{self, ALL, Gateway, Manner},
    failure::Failure,
    output, patience,
    settings::Settings,
};

/// The first pause before another attempt to come in; each one is twice as long as the one before, so that few
/// attempts are counted as wrong ones.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn run(cx: &Context, command: &SecretsCommand) -> Result<(), Failure> {
    match command {
        SecretsCommand::Reload(args) => Box::pin(reload(cx, args)).await,
        SecretsCommand::Rotate(args) => rotate(cx, args).await,
    }
}

async fn reload(cx: &Context, args: &ReloadArgs) -> Result<(), Failure> {
    let settings = cx.settings()?;
    let (remote, timeout) = (&args.ask.remote, args.ask.timeout);
    let manner = Manner::visit(ALL, timeout);
    let gateway = match Gateway::connect(&settings, remote, manner).await {
        Err(failure) if is_mismatch(&failure) => {
            let holder = ours(&settings, remote).ok_or(failure)?;
            signal(&holder)?;
            let coming = Box::pin(come_in(&settings, remote, manner));
            patience::wait("the gateway loads its secrets", coming).await?
        }
        gateway => gateway?,
    };
    let answer = gateway.ask::<SecretsReloadParams>(json!({})).await?;
    if args.ask.json {
        return output::json(&answer);
    }
    let SecretsReloadResult { warnings, changed, .. } =
        connect::read::<SecretsReloadParams>(answer)?;
    for warning in warnings.unwrap_or_default() {
        output::note(warning);
    }
    let changed = changed.unwrap_or_default();
    output::line(match changed.as_slice() {
        [] => "The gateway has the secrets of the config.".to_owned(),
        changed => {
            format!("The gateway has the secrets of the config; new: {}", changed.join(", "))
        }
    })
}

/// Whether the gateway did not know the secret that the config has.
fn is_mismatch(failure: &Failure) -> bool {
    let code = failure.details.as_ref().and_then(|details| details["code"].as_str());
    matches!(code, Some("AUTH_TOKEN_MISMATCH" | "AUTH_PASSWORD_MISMATCH"))
}

/// The gateway of this state directory, when it is the one that is meant and listens to the signal.
fn ours(settings: &Settings, remote: &RemoteArgs) -> Option<Holder> {
    let elsewhere = remote.url.is_some() || remote.port.is_some() || !settings.gateway.is_local();
    let given = remote.token.is_some() || remote.password.is_some();
    settings.claimed_holder().filter(|holder| !elsewhere && !given && holder.reloads)
}

/// The secret in the config is newer than the gateway's, so that no connection can ask: the owner of the process
/// may send it a signal.
fn signal(holder: &Holder) -> Result<(), Failure> {
    let pid = i32::try_from(holder.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Failure::new("NOT_RUNNING", "no gateway runs"))?;
    kill_process(pid, Signal::USR2).map_err(|error| {
        Failure::new("NOT_RELOADED", format!("cannot signal process {}: {error}", holder.pid))
    })
}

/// Comes in with the config's secret as soon as the gateway knows it.
async fn come_in(
    settings: &Settings,
    remote: &RemoteArgs,
    manner: Manner,
) -> Result<Gateway, Failure> {
    let until = Instant::now() + manner.timeout;
    let mut pause = FIRST_PAUSE;
    loop {
        sleep(pause).await;
        pause *= 2;
        match Gateway::connect(settings, remote, manner).await {
            Err(failure) if is_mismatch(&failure) && Instant::now() + pause < until => {}
            Err(failure) if is_mismatch(&failure) => {
                let message = "the gateway has not taken over the secret that the config has now; its log says why";
                return Err(Failure::new("NOT_RELOADED", message));
            }
            gateway => return gateway,
        }
    }
}

async fn rotate(cx: &Context, args: &RotateArgs) -> Result<(), Failure> {
    let settings = cx.settings()?;
    if !settings.gateway.is_local() {
        let message = "gateway.mode is remote: run this on the machine of the gateway";
        return Err(Failure::config(message));
    }
    // With the secret that is still right; when it cannot come in, nothing is changed.
    let here = RemoteArgs::default();
    let running = match settings.claimed_holder() {
        Some(_) => {
            Some(Gateway::connect(&settings, &here, Manner::visit(ALL, args.timeout)).await?)
        }
        None => None,
    };
    let secret = if args.stdin { first_line()?.into() } else { made()? };
    let replaced = config::replace_secret(&settings.paths, &settings.env, &secret);
    let replaced = replaced.map_err(crate::settings::config_failure)?;
    let place = replaced.place;
    if let Some(gateway) = &running {
        take_over(gateway, replaced).await?;
    }
    tell(args, place, running.is_some(), secret.expose())
}

fn made() -> Result<config::Secret, Failure> {
    config::new_secret().map_err(crate::settings::config_failure)
}

fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::new("STDIN", format!("stdin cannot be read: {error}")))?;
    Ok(line.trim().to_owned())
}

/// Has the gateway take over the new secret. When it says that it has not, the former one is put back.
async fn take_over(gateway: &Gateway, replaced: Replaced) -> Result<(), Failure> {
    let place = replaced.place;
    let why = match gateway.ask::<SecretsReloadParams>(json!({})).await {
        Ok(answer) if has_changed(&answer, place) => return Ok(()),
        Ok(answer) => answer["warnings"][0].as_str().unwrap_or("it has another one").to_owned(),
        // Refused by the gateway. Whoever is cut off does not know what became of it.
        Err(failure) if failure.code == "UNAVAILABLE" => failure.message,
        Err(failure) => {
            let message = format!(
                "{place} was written, and whether the running gateway has it is not known ({}); run `openclaw secrets reload`",
                failure.message
            );
            return Err(Failure::new("NOT_RELOADED", message));
        }
    };
    let undone = match replaced.undo() {
        Ok(()) => "the former secret stays".to_owned(),
        Err(error) => format!("the former secret could not be put back: {error}"),
    };
    let message = format!("the running gateway did not take over {place}, {undone}: {why}");
    Err(Failure::new("NOT_RELOADED", message))
}

fn has_changed(answer: &Value, place: &str) -> bool {
    answer["changed"].as_array().is_some_and(|changed| changed.iter().any(|name| name == place))
}

fn tell(args: &RotateArgs, place: &str, running: bool, secret: &str) -> Result<(), Failure> {
    if args.json {
        let mut document = json!({ "ok": true, "path": place, "reloaded": running });
        if args.show {
            document["secret"] = secret.into();
        }
        return output::json(&document);
    }
    output::line(if running {
        format!("{place} was replaced, and what the former one had let in was closed.")
    } else {
        format!("{place} was replaced; the next start of the gateway has it.")
    })?;
    if args.show {
        return output::line(secret);
    }
    output::note("`openclaw dashboard` prints the page's address with it; --show prints it here.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use openclaw_gateway::{config::Environment, lock};

    use super::*;
    use crate::args::Root;

    /// Whether the gateway of this state directory, which is this process, would be sent a signal.
    fn meant(config: &str, reloads: bool, remote: &RemoteArgs) -> bool {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("openclaw.json"), config).unwrap();
        let holder = json!({ "pid": std::process::id(), "port": 5, "reloads": reloads });
        std::fs::write(dir.path().join(lock::FILE_NAME), holder.to_string()).unwrap();
        let env = Environment::from_vars([("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap())]);
        let settings = Settings::load(&Root::default(), &env).unwrap();
        ours(&settings, remote).is_some()
    }

    #[test]
    fn only_a_gateway_that_is_meant_and_listens_to_the_signal_gets_it() {
        let here = RemoteArgs::default();
        assert!(meant("{}", true, &here));
        // Any other program would be ended by the signal.
        assert!(!meant("{}", false, &here));
        assert!(!meant("{ gateway: { mode: 'remote' } }", true, &here));
        let text = || Some("x".to_owned());
        for remote in [
            RemoteArgs { url: text(), ..RemoteArgs::default() },
            RemoteArgs { port: Some(5), ..RemoteArgs::default() },
            RemoteArgs { token: text(), ..RemoteArgs::default() },
            RemoteArgs { password: text(), ..RemoteArgs::default() },
        ] {
            assert!(!meant("{}", true, &remote), "{remote:?}");
        }
    }
}
