//! The secrets in force, and how others take their place while the gateway runs.
//!
//! Only secrets change: the gateway's own, and the providers of models with their keys. What else is new in the
//! file waits for a restart, and a file that cannot be used changes nothing.

use std::{collections::BTreeSet, sync::Arc};

use openclaw_agent::{
    catalog::FoundKeys,
    config::{Config as AgentConfig, Models},
};
use openclaw_auth::{Approver, Credentials, Mode, Secret, config::SecretInput};
use serde_json::Value;
use tracing::{error, info, warn};

use crate::{
    config::{self, LoadError, Loaded},
    gateway::{limits, mode_name, rules},
    state::App,
};

/// Parts of the config that a reload takes over, or that nothing here uses.
const TAKEN_OVER: [&str; 8] = [
    "/env",
    "/gateway/auth/mode",
    "/gateway/auth/token",
    "/gateway/auth/password",
    "/gateway/remote",
    "/models",
    "/secrets",
    "/meta",
];

/// The secrets that the gateway works with now.
pub(crate) struct InForce {
    /// What clients prove.
    pub(crate) credentials: Credentials,
    /// The shared token, when that is how clients prove their right.
    pub(crate) token: Option<Secret>,
    /// Identifies the config that is in force.
    pub(crate) revision: String,
    models: Models,
    keys: FoundKeys,
}

impl InForce {
    /// Those of a config.
    pub(crate) fn new(loaded: &Loaded) -> Self {
        let auth = &loaded.config.gateway.auth;
        let credentials = Credentials::new(auth);
        let token = match (credentials.mode, &auth.token) {
            (Mode::Token, Some(SecretInput::Text(token))) => Some(token.clone()),
            _ => None,
        };
        Self {
            credentials,
            token,
            revision: loaded.snapshot.revision.clone(),
            models: loaded.config.models.clone(),
            keys: found_keys(loaded),
        }
    }

    /// The name of the secret that the mode asks for.
    fn place(&self) -> Option<&'static str> {
        match self.credentials.mode {
            Mode::Password => Some("gateway.auth.password"),
            Mode::Token | Mode::Tailscale | Mode::Device => Some("gateway.auth.token"),
            Mode::None | Mode::TrustedProxy => None,
        }
    }
}

/// The keys of providers that the environment and its files have.
pub(crate) fn found_keys(loaded: &Loaded) -> FoundKeys {
    FoundKeys::collect(|name| loaded.environment.get(name).map(str::to_owned))
}

/// What a reload has changed.
#[derive(Debug, Default)]
pub(crate) struct Reloaded {
    /// Places of the config and names of variables.
    pub(crate) changed: Vec<String>,
    /// What whoever asked should know.
    pub(crate) warnings: Vec<String>,
}

impl App {
    /// Loads the config again and takes over its secrets; what the former secret let in ends. On an error,
    /// which is one line without a secret, nothing has changed.
    pub(crate) async fn reload_secrets(&self, by: &Approver) -> Result<Reloaded, String> {
        // One after another, whichever way they are asked for.
        let _turn = self.reloading.lock().await;
        let reloaded = self.take_over(by).await;
        match &reloaded {
            Ok(Reloaded { changed, warnings }) => {
                info!(by = by.name, ?changed, "secrets were loaded again");
                for warning in warnings {
                    warn!("{warning}");
                }
            }
            Err(reason) => {
                warn!(
                    by = by.name,
                    reason, "secrets could not be loaded again; those in force stay"
                );
            }
        }
        reloaded
    }

    async fn take_over(&self, by: &Approver) -> Result<Reloaded, String> {
        let fresh = self.load_again().await?;
        let before = self.in_force();
        let mut now = InForce::new(&fresh);
        same_mode(&before.credentials, &now.credentials)?;
        let mut reloaded = Reloaded::default();
        if !self.config.overrides.is_empty() {
            let given = "the gateway's own secret was given on the command line, or could not be kept in the config, and stays until it stops";
            reloaded.warnings.push(given.to_owned());
        }
        if rest(&self.config.snapshot.config) != rest(&fresh.snapshot.config) {
            now.revision.clone_from(&before.revision);
            let waits = "other changes of the config wait for a restart of the gateway";
            reloaded.warnings.push(waits.to_owned());
        }
        // Before anything is told of them.
        self.log.secrets().add(&fresh.secrets);
        self.take_models(&before, &now, &mut reloaded);
        let (credentials, place) = (now.credentials.clone(), now.place());
        *self.in_force.write() = Arc::new(now);
        let running = &self.config.config;
        let replaced = self.authority.configure(credentials, rules(running), limits(running));
        if let Some(place) = place.filter(|_| replaced) {
            reloaded.changed.push(place.to_owned());
            self.record_replaced(place, by).await;
        }
        Ok(reloaded)
    }

    /// The config as it is now, with what stands over it since the start.
    async fn load_again(&self) -> Result<Loaded, String> {
        let (paths, env) = (self.paths.clone(), self.config.environment.as_started());
        let flags = self.config.overrides.clone();
        let load = move || {
            let mut fresh = config::load(&paths, &env).map_err(|error| first(&error))?;
            if !flags.is_empty() {
                fresh.override_auth(flags).map_err(|_| {
                    "the flags of the command line no longer fit gateway.auth".to_owned()
                })?;
            }
            Ok(fresh)
        };
        let loaded = tokio::task::spawn_blocking(load).await;
        loaded
            .unwrap_or_else(|_| Err("the config cannot be read; see the gateway's log".to_owned()))
    }

    /// Gives the catalog the providers of the fresh config. Those that stayed keep their connections.
    fn take_models(&self, before: &InForce, now: &InForce, reloaded: &mut Reloaded) {
        let ids: BTreeSet<&String> =
            before.models.providers.keys().chain(now.models.providers.keys()).collect();
        let provider = |in_force: &'_ InForce, id: &str| in_force.models.providers.get(id).cloned();
        let other = ids.into_iter().filter(|id| provider(before, id) != provider(now, id));
        reloaded.changed.extend(other.map(|id| format!("models.providers.{id}")));
        reloaded.changed.extend(before.keys.changed(&now.keys).map(str::to_owned));
        if before.models == now.models && before.keys.changed(&now.keys).next().is_none() {
            return;
        }
        let agent = AgentConfig { models: now.models.clone(), ..self.config.config.agent() };
        // A choice that changes is announced.
        if self.catalog.reload_with(Arc::new(agent), now.keys.clone()).is_some() {
            info!("{}", self.model_line());
        }
    }

    async fn record_replaced(&self, place: &str, by: &Approver) {
        let now = u64::try_from(self.clock.now_ms()).unwrap_or_default();
        if let Err(problem) = self.authority.record_replaced(place, by, now).await {
            error!(%problem, "that the secret was replaced is not recorded");
        }
    }
}

/// The mode is no secret: changing it needs the checks of a start.
fn same_mode(before: &Credentials, now: &Credentials) -> Result<(), String> {
    if now.mode != before.mode || now.local_only != before.local_only {
        let (was, is) = (mode_name(before.mode), mode_name(now.mode));
        let other = if was == is { "another one now".to_owned() } else { format!("{is} now") };
        return Err(format!(
            "gateway.auth.mode is {other} and was {was} when the gateway started; restart it"
        ));
    }
    if now.secret_missing() {
        let name = mode_name(now.mode);
        return Err(format!("the config has no gateway.auth.{name} any more"));
    }
    Ok(())
}

/// The first problem, and how many more there are.
fn first(error: &LoadError) -> String {
    let more = match error.problems.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more; see `openclaw config validate`)", count - 1),
    };
    let first = error.problems.first().map(ToString::to_string).unwrap_or_default();
    format!("{first}{more}")
}

/// The config without what a reload takes over.
fn rest(config: &Value) -> Value {
    let mut config = config.clone();
    for path in TAKEN_OVER {
        let Some((above, name)) = path.rsplit_once('/') else { continue };
        if let Some(above) = config.pointer_mut(above).and_then(Value::as_object_mut) {
            above.remove(name);
        }
    }
    config
}
