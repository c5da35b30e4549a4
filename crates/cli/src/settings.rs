//! What the config and the environment say about the gateway, for commands that only talk to it.

use openclaw_gateway::{
    config::{
        self, ConfigError, ConfigSnapshot, Environment, GatewayConfig, LoadError, Paths, Profile,
        gateway::DEFAULT_PORT,
    },
    lock::{self, Holder},
};
use serde::Deserialize as _;
use serde_json::Value;

use crate::{args::Root, failure::Failure};

/// The places of the gateway that the root flags mean.
pub(crate) fn paths(root: &Root, env: &Environment) -> Result<Paths, Failure> {
    let profile = match (&root.profile, root.dev) {
        (_, true) => Ok(Profile::dev()),
        (Some(name), _) => Profile::named(name),
        (None, false) => Profile::from_environment(env),
    };
    profile.and_then(|profile| Paths::resolve(env, &profile)).map_err(config_failure)
}

/// A config that cannot be used, as a failure: the first problem in one line, all of them as details.
pub(crate) fn config_failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::Load(error) => load_failure(&error),
        error => Failure::config(error.to_string()),
    }
}

pub(crate) fn load_failure(error: &LoadError) -> Failure {
    let lines: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
    let more = match lines.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more; see `openclaw config validate`)", count - 1),
    };
    let first = lines.first().map_or("the config cannot be used", String::as_str);
    Failure::config(format!("{first}{more}")).with_details(Some(lines.into()))
}

/// The config as a client needs it. A broken one is read as far as it goes.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) paths: Paths,
    /// With what `.env` files add.
    pub(crate) env: Environment,
    pub(crate) snapshot: ConfigSnapshot,
    pub(crate) gateway: GatewayConfig,
}

/// Where the port comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortSource {
    Environment,
    Running,
    Config,
    Default,
}

impl PortSource {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Environment => "env",
            Self::Running => "running gateway",
            Self::Config => "config",
            Self::Default => "default",
        }
    }
}

impl Settings {
    pub(crate) fn load(root: &Root, env: &Environment) -> Result<Self, Failure> {
        let paths = paths(root, env)?;
        let (env, snapshot) = match config::look(&paths, env) {
            Ok(loaded) => (loaded.environment, loaded.snapshot),
            Err(_) => (env.clone(), ConfigSnapshot::take(&paths, env)),
        };
        let section = snapshot.config.get("gateway");
        let gateway = section.and_then(|section| GatewayConfig::deserialize(section).ok());
        Ok(Self { paths, env, snapshot, gateway: gateway.unwrap_or_default() })
    }

    /// The port: the environment's, else that of the running gateway of this state directory, else
    /// the config's, else the usual one.
    pub(crate) fn port(&self) -> Result<(u16, PortSource), Failure> {
        if let Some(port) = self.env.gateway_port().map_err(config_failure)? {
            return Ok((port, PortSource::Environment));
        }
        let running = self.claimed_holder().map(|holder| holder.port).filter(|port| *port != 0);
        Ok(match (running, self.gateway.port) {
            (Some(port), _) => (port, PortSource::Running),
            (None, Some(port)) => (port, PortSource::Config),
            (None, None) => (self.paths.default_port.unwrap_or(DEFAULT_PORT), PortSource::Default),
        })
    }

    /// What the lock file claims, if that process lives. The lock itself is not touched: a gateway
    /// that starts in this moment must find it free.
    pub(crate) fn claimed_holder(&self) -> Option<Holder> {
        let text = std::fs::read(self.paths.state_dir.join(lock::FILE_NAME)).ok()?;
        let holder: Holder = serde_json::from_slice(&text).ok()?;
        let pid = rustix::process::Pid::from_raw(i32::try_from(holder.pid).ok()?)?;
        match rustix::process::test_kill_process(pid) {
            // Alive, and another user's.
            Ok(()) | Err(rustix::io::Errno::PERM) => Some(holder),
            Err(_) => None,
        }
    }

    /// Whether `gateway.auth` or `gateway.remote` has a secret, and whether it is from the file (else it is
    /// from the environment). Nothing is looked up for that.
    pub(crate) fn has_secret(&self, section: &str, name: &str) -> Option<bool> {
        let path = format!("/gateway/{section}/{name}");
        match self.snapshot.config.pointer(&path)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(_) | Value::Object(_) => {
                Some(self.snapshot.resolved.pointer(&path).is_some())
            }
            _ => None,
        }
    }

    /// A secret of `gateway.auth` or `gateway.remote`. A reference is looked up now; a program that keeps it
    /// is run for that.
    pub(crate) fn secret(&self, section: &str, name: &str) -> Result<Option<String>, Failure> {
        let config = &self.snapshot.config;
        match config.pointer(&format!("/gateway/{section}/{name}")) {
            Some(Value::String(text)) => {
                Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
            }
            Some(reference @ Value::Object(_)) => {
                let path = format!("gateway.{section}.{name}");
                let found = config::look_up(config, (&self.paths, &self.env), &path, reference);
                found.map(Some).map_err(Failure::config)
            }
            _ => Ok(None),
        }
    }

    /// The page's address for a browser on this machine, without a secret.
    pub(crate) fn page(&self, port: u16) -> String {
        let prefix = self.gateway.control_ui.prefix();
        format!("http://{}:{port}{prefix}/", self.host())
    }

    /// The host under which a client on this machine reaches the gateway.
    pub(crate) fn host(&self) -> String {
        let custom = self.gateway.custom_bind_host.as_deref().map(str::trim);
        let named = self.gateway.bind == Some(config::BindMode::Custom);
        match custom.and_then(|host| host.parse::<std::net::IpAddr>().ok()).filter(|_| named) {
            Some(std::net::IpAddr::V6(host)) if !host.is_unspecified() => format!("[{host}]"),
            Some(std::net::IpAddr::V4(host)) if !host.is_unspecified() => host.to_string(),
            _ => "127.0.0.1".to_owned(),
        }
    }
}
