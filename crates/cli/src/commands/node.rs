//! `node run`: this machine as a node of a gateway. It answers what [`ExecHost`] answers, until a signal
//! ends it.
//!
//! Reading order: [`place`] (which gateway), [`secret`] (how it proves itself), this file (connecting,
//! again and again), [`serve`] (one connection).

use std::{path::Path, sync::Arc, time::Duration};

use openclaw_agent::exec::host::{COMMANDS, ExecHost};
use openclaw_protocol::RpcError;
use openclaw_sdk::{
    Auth, Client, ClientInfo, DeviceIdentity, Dial, Error, Options, PinnedDial, TcpDial,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use crate::{
    args::{NodeCommand, NodeRunArgs},
    commands::Context,
    failure::Failure,
    identity, output,
    settings::Settings,
};

mod file;
mod place;
mod secret;
mod serve;

use file::NodeFile;
use place::Place;

/// Time until the first new attempt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest time between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Time between two attempts while a person has to approve this machine.
const APPROVAL_PAUSE: Duration = Duration::from_secs(3);

pub(crate) async fn run(cx: &Context, command: &NodeCommand) -> Result<(), Failure> {
    let NodeCommand::Run(args) = command;
    let settings = cx.settings()?;
    let mut host = Host::new(&settings, args)?;
    let failed = |error: std::io::Error| Failure::new("SIGNALS", error.to_string());
    let mut term = signal(SignalKind::terminate()).map_err(failed)?;
    let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
    let stop = async {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    };
    host.run(stop).await
}

/// This machine as a node.
struct Host {
    place: Place,
    file: NodeFile,
    identity: DeviceIdentity,
    secrets: secret::Secrets,
    dial: Arc<dyn Dial>,
    exec: Arc<ExecHost>,
    /// The request for approval of which a person was told.
    told: Option<String>,
}

/// What to do after an attempt.
enum Next {
    /// Try again after this time.
    Again(Duration),
    /// Nothing helps but a person.
    Fail(Failure),
}

impl Host {
    fn new(settings: &Settings, args: &NodeRunArgs) -> Result<Self, Failure> {
        let state_dir = &settings.paths.state_dir;
        let mut file = NodeFile::read(state_dir)?;
        let place = Place::choose(args, &file, &settings.env)?;
        let dial: Arc<dyn Dial> = match &place.fingerprint {
            None => Arc::new(TcpDial),
            Some(print) => Arc::new(PinnedDial::parse(print).ok_or_else(|| {
                Failure::usage("--tls-fingerprint is no SHA-256: 64 hex digits are needed")
            })?),
        };
        file.settle(&place, args);
        file.write(state_dir)?;
        let identity = identity::load_or_create(state_dir)
            .map_err(|error| Failure::new("IDENTITY", error.to_string()))?;
        let secrets = secret::Secrets::find(settings, &args.secret, &place, &file)?;
        let variables = |name: &str| settings.env.get(name).map(str::to_owned);
        let cwd = settings.env.cwd().unwrap_or_else(|| Path::new("/"));
        let exec = ExecHost::new(state_dir, cwd, settings.env.home().as_deref(), variables);
        output::note(format!("node {} for {}", file.name(), place.url()));
        Ok(Self { place, file, identity, secrets, dial, exec: Arc::new(exec), told: None })
    }

    /// Connects and serves, again and again, until `stop`.
    async fn run(&mut self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        tokio::pin!(stop);
        let mut pause = FIRST_PAUSE;
        loop {
            let next = tokio::select! {
                connected = Client::connect_via(Arc::clone(&self.dial), self.options()) => match connected {
                    Ok(client) => {
                        pause = FIRST_PAUSE;
                        match self.serve(client, &mut stop).await? {
                            None => return Ok(()),
                            Some(lost) => self.after(&lost, pause),
                        }
                    }
                    Err(error) => self.after(&error, pause),
                },
                () = &mut stop => return Ok(()),
            };
            match next {
                Next::Fail(failure) => return Err(failure),
                Next::Again(wait) => {
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    tokio::select! {
                        () = sleep(wait) => {}
                        () = &mut stop => return Ok(()),
                    }
                }
            }
        }
    }

    fn options(&self) -> Options {
        let mut options = Options::node(self.place.url(), COMMANDS)
            .auth(self.secrets.next())
            .identity(self.identity.clone())
            .reconnect(false);
        options.caps = vec!["system".to_owned()];
        options.path_env = Some(self.exec.search_path().to_owned());
        options.client = ClientInfo {
            display_name: Some(self.file.name().to_owned()),
            instance_id: Some(self.file.node_id.clone()),
            device_family: Some(family().to_owned()),
            ..options.client
        };
        options
    }

    /// Serves one connection. `None` when it was ended here, else why it was lost.
    async fn serve(
        &mut self,
        client: Client,
        stop: &mut (impl Future<Output = ()> + Unpin),
    ) -> Result<Option<Error>, Failure> {
        // Before anything else is awaited: what the gateway asks first must not be missed.
        let events = client.events();
        self.told = None;
        let hello = client.hello();
        let token = hello.auth.as_ref().and_then(|auth| auth.device_token.as_deref());
        if let Some(token) = token.filter(|token| self.secrets.keep(token)) {
            self.file.token = Some(token.to_owned());
            self.file.write_again()?;
        }
        output::note(format!("connected to {} as {}", self.place.url(), self.identity.id()));
        let device = self.identity.id().to_string();
        let ended = serve::run((&client, events), (&device, &self.exec), stop).await;
        if ended.is_none() {
            client.close().await;
        }
        Ok(ended)
    }

    /// What a failed attempt or a lost connection means.
    fn after(&mut self, error: &Error, pause: Duration) -> Next {
        let Error::Refused(refusal) = error else {
            if matches!(error, Error::Url { .. } | Error::Identity(_)) {
                return Next::Fail(Failure::usage(error.to_string()));
            }
            let seconds = pause.as_secs();
            output::note(format!("{error}; the next attempt is in {seconds} s"));
            return Next::Again(pause);
        };
        match code(refusal) {
            Some("PAIRING_REQUIRED") => {
                self.tell_request(refusal);
                Next::Again(APPROVAL_PAUSE)
            }
            Some("AUTH_RATE_LIMITED") => Next::Again(LONGEST_PAUSE),
            _ if !error.is_final() => Next::Again(pause),
            // The token that this device was given holds no longer; the gateway's own may.
            Some(code) if code.starts_with("AUTH_") && self.secrets.drop_one() => {
                Next::Again(Duration::ZERO)
            }
            _ => Next::Fail(self.refused(refusal)),
        }
    }

    /// Tells a person once what is to be approved.
    fn tell_request(&mut self, refusal: &RpcError) {
        let id = refusal.details.as_ref().and_then(|details| details["requestId"].as_str());
        let id = id.unwrap_or_default();
        if self.told.as_deref() != Some(id) {
            output::note(format!(
                "this machine waits to be approved; approve it there with `openclaw devices approve {id}`"
            ));
            self.told = Some(id.to_owned());
        }
    }

    fn refused(&self, refusal: &RpcError) -> Failure {
        let hint = match (code(refusal), self.secrets.next()) {
            (Some(code), Auth::None) if code.starts_with("AUTH_") => {
                "; set OPENCLAW_GATEWAY_TOKEN or pass --token"
            }
            (Some(code), _) if code.starts_with("AUTH_") => "; check the gateway's token",
            _ => "",
        };
        let message = format!("{}: {}{hint}", self.place.url(), refusal.message);
        Failure::new("REFUSED", message).with_details(refusal.details.clone())
    }
}

fn code(refusal: &RpcError) -> Option<&str> {
    refusal.details.as_ref()?["code"].as_str()
}

/// The kind of this device, as OpenClaw's own hosts call theirs.
fn family() -> &'static str {
    match std::env::consts::OS {
        "macos" => "Mac",
        "linux" => "Linux",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use openclaw_gateway::config::Environment;

    use super::*;
    use crate::args::{Root, SecretArgs};

    #[tokio::test]
    async fn a_fingerprint_that_was_given_decides_about_every_connection() {
        let dir = tempfile::tempdir().unwrap();
        let env = Environment::from_vars([("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap())]);
        let settings = Settings::load(&Root::default(), &env).unwrap();
        let host = |print: String| {
            let args = NodeRunArgs {
                host: Some("127.0.0.1".into()),
                port: Some(5),
                tls: true,
                tls_fingerprint: Some(print),
                node_id: None,
                display_name: None,
                secret: SecretArgs::default(),
            };
            Host::new(&settings, &args)
        };
        assert!(host("00".into()).is_err_and(|failure| failure.message.contains("64 hex digits")));
        let host = host("00".repeat(32)).unwrap_or_else(|failure| panic!("{}", failure.message));
        let Err(Error::Url { reason, .. }) = host.dial.dial("ws://127.0.0.1:1").await else {
            panic!("it must not connect")
        };
        assert_eq!(reason, "a certificate's fingerprint needs wss://");
    }
}
