//! Where the gateway is, with which secret, and what its refusal means.

use std::{sync::Arc, time::Duration};

use openclaw_protocol::Method;
use openclaw_sdk::{
    Auth, CallOptions, Client, ClientInfo, Dial, Error, Options, TcpDial, Timeouts,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use crate::{args::RemoteArgs, failure::Failure, identity, patience, settings::Settings};

/// Reading state.
pub(crate) const READ: &[&str] = &["operator.read"];
/// Starting turns.
pub(crate) const WRITE: &[&str] = &["operator.write", "operator.read"];
/// Everything that the command line may ask for; recorded from OpenClaw 2026.3.28.
pub(crate) const ALL: &[&str] = &[
    "operator.admin",
    "operator.read",
    "operator.write",
    "operator.approvals",
    "operator.pairing",
];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A flag.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A key of the config file.
    Key(&'static str),
    /// Nowhere.
    Nothing,
}

/// A gateway to talk to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) url: String,
    /// `local` or `remote`, as OpenClaw calls it.
    pub(crate) mode: &'static str,
    /// Where the address comes from, in OpenClaw's words.
    pub(crate) url_source: &'static str,
    pub(crate) auth: Auth,
    pub(crate) auth_source: Source,
    config_file: String,
}

impl Target {
    /// Finds the gateway: `--url`, else `gateway.remote` in remote mode, else this machine.
    pub(crate) fn find(settings: &Settings, flags: &RemoteArgs) -> Result<Self, Failure> {
        if flags.url.is_some() {
            Self::explicit(settings, flags)
        } else if settings.gateway.is_local() || flags.port.is_some() {
            Self::local(settings, flags)
        } else {
            Self::remote(settings, flags)
        }
    }

    /// The gateway of `--url`.
    pub(crate) fn explicit(settings: &Settings, flags: &RemoteArgs) -> Result<Self, Failure> {
        let auth = given(flags).ok_or_else(|| {
            Failure::usage(
                "--url needs --token or --password: the secret in the config belongs to another gateway",
            )
        })?;
        let url = flags.url.clone().unwrap_or_default();
        Ok(Self::new(settings, ("remote", "cli --url"), url, auth))
    }

    /// The gateway that the config names.
    pub(crate) fn remote(settings: &Settings, flags: &RemoteArgs) -> Result<Self, Failure> {
        let url = settings.gateway.remote.url.clone().ok_or_else(|| {
            Failure::config(format!(
                "gateway.mode is remote, but gateway.remote.url is missing; set it in {}",
                settings.paths.config_file.display()
            ))
        })?;
        let auth = given(flags).map_or_else(|| remote_secret(settings), Ok)?;
        Ok(Self::new(settings, ("remote", "config gateway.remote.url"), url, auth))
    }

    /// The gateway of this machine.
    pub(crate) fn local(settings: &Settings, flags: &RemoteArgs) -> Result<Self, Failure> {
        let port = match flags.port {
            Some(port) => port,
            None => settings.port()?.0,
        };
        let url = format!("ws://{}:{port}", settings.host());
        let auth = given(flags).map_or_else(|| local_secret(settings), Ok)?;
        Ok(Self::new(settings, ("local", "local loopback"), url, auth))
    }

    /// The loopback gateway of another machine, by way of a tunnel.
    pub(crate) fn tunnelled(
        settings: &Settings,
        flags: &RemoteArgs,
        port: u16,
    ) -> Result<Self, Failure> {
        let auth = given(flags).map_or_else(|| remote_secret(settings), Ok)?;
        let url = format!("ws://127.0.0.1:{port}");
        Ok(Self::new(settings, ("remote", "cli --ssh"), url, auth))
    }

    fn new(
        settings: &Settings,
        (mode, url_source): (&'static str, &'static str),
        url: String,
        (auth, auth_source): (Auth, Source),
    ) -> Self {
        let config_file = settings.paths.config_file.display().to_string();
        Self { url, mode, url_source, auth, auth_source, config_file }
    }

    /// How the client proves itself, in one word.
    pub(crate) fn auth_name(&self) -> &'static str {
        match self.auth {
            Auth::None => "none",
            Auth::Password(_) => "password",
            Auth::Token(_) | Auth::DeviceToken(_) | Auth::BootstrapToken(_) => "token",
        }
    }

    /// A failure of the connection or of a call, in one line that says what to do.
    pub(crate) fn explain(&self, error: Error) -> Failure {
        let url = &self.url;
        match error {
            Error::Connect { source, .. } => {
                let cause = match source.kind() {
                    std::io::ErrorKind::ConnectionRefused => String::new(),
                    _ => format!(" ({source})"),
                };
                let hint = match self.mode {
                    "local" => "start it with `openclaw gateway run`".to_owned(),
                    _ => format!("check the address ({}) and that it runs there", self.url_source),
                };
                let message = format!("no gateway answers at {url}{cause}; {hint}");
                Failure::new("GATEWAY_UNREACHABLE", message)
            }
            Error::Refused(error) => self.refusal(&error),
            Error::Timeout { what, after } => {
                let ms = after.as_millis();
                let message = format!("{what} took longer than {ms} ms; try a larger --timeout");
                Failure::new("TIMEOUT", message)
            }
            Error::Closed { code, reason } => {
                let details = serde_json::json!({ "closeCode": code, "reason": reason });
                let message =
                    format!("the gateway at {url} closed the connection ({code}): {reason}");
                Failure::new("GATEWAY_CLOSED", message).with_details(Some(details))
            }
            error @ Error::Upgrade { .. } => {
                Failure::new("NOT_A_GATEWAY", format!("{error}; is another program on this port?"))
            }
            error @ Error::Url { .. } => Failure::usage(error.to_string()),
            error => Failure::new("GATEWAY_FAILED", error.to_string()),
        }
    }

    fn refusal(&self, error: &openclaw_protocol::RpcError) -> Failure {
        let name = error.details.as_ref().and_then(|details| details["code"].as_str());
        let code = serde_json::to_value(error.code).unwrap_or_default();
        let code = code.as_str().unwrap_or("REFUSED").to_owned();
        let hint = match name {
            Some("AUTH_RATE_LIMITED") => "; too many failed attempts, wait five minutes".to_owned(),
            Some("PAIRING_REQUIRED") => {
                "; approve it on the gateway's machine with `openclaw devices approve`".to_owned()
            }
            Some(name) if name.starts_with("AUTH_") => format!("; {}", self.auth_hint()),
            _ => String::new(),
        };
        Failure::new(code, format!("{}{hint}", error.message)).with_details(error.details.clone())
    }

    /// Which place to check after a wrong or missing secret.
    fn auth_hint(&self) -> String {
        let file = &self.config_file;
        match (&self.auth_source, self.mode) {
            (Source::Flag(name), _) => format!("check the value of {name}"),
            (Source::Variable(name), _) => format!("check the variable {name}"),
            (Source::Key(key), _) => format!("check {key} in {file}"),
            (Source::Nothing, "remote") => {
                format!("set gateway.remote.token in {file} or pass --token")
            }
            (Source::Nothing, _) => {
                format!(
                    "set gateway.auth.token in {file} or OPENCLAW_GATEWAY_TOKEN, or pass --token"
                )
            }
        }
    }
}

/// The secret that a flag gives.
fn given(flags: &RemoteArgs) -> Option<(Auth, Source)> {
    match (&flags.token, &flags.password) {
        (Some(token), _) => Some((Auth::Token(token.clone()), Source::Flag("--token"))),
        (None, Some(word)) => Some((Auth::Password(word.clone()), Source::Flag("--password"))),
        (None, None) => None,
    }
}

/// The secret of the gateway that the config names.
pub(crate) fn remote_secret(settings: &Settings) -> Result<(Auth, Source), Failure> {
    if let Some(token) = settings.secret("remote", "token")? {
        return Ok((Auth::Token(token), Source::Key("gateway.remote.token")));
    }
    let word = settings.secret("remote", "password")?;
    Ok(word.map_or((Auth::None, Source::Nothing), |word| {
        (Auth::Password(word), Source::Key("gateway.remote.password"))
    }))
}

/// Where the secret of this machine's gateway comes from, by the same choice as the gateway makes: the
/// mode, else the password if there is one.
pub(crate) fn local_source(settings: &Settings) -> Source {
    let source = |name, key, variable| {
        let written = settings.has_secret("auth", name)?;
        Some(if written { Source::Key(key) } else { Source::Variable(variable) })
    };
    let token = source("token", "gateway.auth.token", "OPENCLAW_GATEWAY_TOKEN");
    let password = source("password", "gateway.auth.password", "OPENCLAW_GATEWAY_PASSWORD");
    let mode = settings.snapshot.config.pointer("/gateway/auth/mode").and_then(Value::as_str);
    let chosen = match mode {
        Some("none") => None,
        Some("password") | None => password.or(token),
        Some(_) => token.or(password),
    };
    chosen.unwrap_or(Source::Nothing)
}

/// The secret of this machine's gateway.
pub(crate) fn local_secret(settings: &Settings) -> Result<(Auth, Source), Failure> {
    let source = local_source(settings);
    let auth = match source {
        Source::Key("gateway.auth.token") | Source::Variable("OPENCLAW_GATEWAY_TOKEN") => {
            settings.secret("auth", "token")?.map(Auth::Token)
        }
        Source::Nothing => None,
        _ => settings.secret("auth", "password")?.map(Auth::Password),
    };
    Ok(auth.map_or((Auth::None, Source::Nothing), |auth| (auth, source)))
}

/// How to be on the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// What the client calls itself; gateways know a list.
    pub(crate) id: &'static str,
    /// Whether it proves to be this machine's device, on this machine too.
    pub(crate) device: bool,
    pub(crate) scopes: &'static [&'static str],
    /// `cli`, or `probe` for a mere look.
    pub(crate) mode: &'static str,
    /// For the connection, and for each call.
    pub(crate) timeout: Duration,
    pub(crate) reconnect: bool,
}

impl Manner {
    /// One short visit.
    pub(crate) const fn visit(scopes: &'static [&'static str], timeout: Duration) -> Self {
        Self { id: "cli", device: false, scopes, mode: "cli", timeout, reconnect: false }
    }
}

/// A gateway that has let us in.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) target: Target,
    pub(crate) client: Client,
    /// The device that this came with, when it came with one.
    pub(crate) device: Option<String>,
    /// From the first packet to `hello-ok`.
    pub(crate) latency: Duration,
    timeout: Duration,
}

impl Gateway {
    /// Finds the gateway and connects.
    pub(crate) async fn connect(
        settings: &Settings,
        flags: &RemoteArgs,
        manner: Manner,
    ) -> Result<Self, Failure> {
        let target = Target::find(settings, flags)?;
        Self::reach(settings, target.clone(), manner).await.map_err(|error| target.explain(error))
    }

    /// Connects to a target; for commands to which a failure is an answer.
    pub(crate) async fn reach(
        settings: &Settings,
        target: Target,
        manner: Manner,
    ) -> Result<Self, Error> {
        Self::reach_via(Arc::new(TcpDial), settings, target, manner).await
    }

    /// The same over another way than TCP.
    pub(crate) async fn reach_via(
        dial: Arc<dyn Dial>,
        settings: &Settings,
        target: Target,
        manner: Manner,
    ) -> Result<Self, Error> {
        let mut options = Options::new(&target.url)
            .auth(target.auth.clone())
            .scopes(manner.scopes.iter().copied())
            .reconnect(manner.reconnect)
            .client(ClientInfo {
                id: manner.id.into(),
                mode: manner.mode.into(),
                instance_id: Some(uuid::Uuid::new_v4().to_string()),
                ..ClientInfo::default()
            });
        options.timeouts =
            Timeouts { connect: manner.timeout, call: manner.timeout, ..Timeouts::default() };
        // On this machine the secret is enough; elsewhere the gateway wants a paired device.
        if target.mode == "remote" || manner.device {
            options.identity = Some(identity::load_or_create(&settings.paths.state_dir)?);
        }
        let device = options.identity.as_ref().map(|identity| identity.id().to_string());
        let start = Instant::now();
        let connecting = Client::connect_via(dial, options);
        let client = patience::wait("connecting to the gateway", connecting).await?;
        Ok(Self { target, client, device, latency: start.elapsed(), timeout: manner.timeout })
    }

    /// Calls a method. The parameters are checked against its definition before they leave, the
    /// result is kept as it came.
    pub(crate) async fn ask<M: Method + Sync>(&self, params: Value) -> Result<Value, Failure> {
        let params = typed::<M>(M::SPEC.name, params)?;
        let options = CallOptions { timeout: self.timeout, expect_final: false };
        let call = self.client.call_with(M::SPEC.name, Some(&params), options);
        patience::wait("waiting for the gateway", call)
            .await
            .map_err(|error| self.target.explain(error))
    }

    /// [`Gateway::ask`], read.
    pub(crate) async fn read<M: Method + Sync>(&self, params: Value) -> Result<M::Result, Failure> {
        read::<M>(self.ask::<M>(params).await?)
    }
}

/// Parameters of a method from what the command line gave.
pub(crate) fn typed<M: Method>(method: &str, params: Value) -> Result<M, Failure> {
    serde_json::from_value(params)
        .map_err(|error| Failure::usage(format!("{method} does not take that: {error}")))
}

/// A result as its method defines it.
pub(crate) fn read<M: Method>(answer: Value) -> Result<M::Result, Failure> {
    decode(M::SPEC.name, answer)
}

fn decode<T: DeserializeOwned>(method: &str, answer: Value) -> Result<T, Failure> {
    serde_json::from_value(answer).map_err(|error| {
        Failure::new(
            "DECODE",
            format!("the gateway's answer to {method} is not understood: {error}"),
        )
    })
}

#[cfg(test)]
mod tests;
