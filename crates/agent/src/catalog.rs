//! The models there are and the one that is used.
//!
//! Models come from the configuration, then from providers whose key was found, then from model
//! servers on this machine, then the built-in `local/demo`. The first of that order is the default
//! unless the configuration names one. A change of the default is always returned to the caller,
//! who announces it; a model that was asked for and is missing is an error, never another model.

use std::{fmt, sync::Arc};

use openclaw_protocol::methods::models::ModelChoice as ListedModel;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    config::Config,
    discover::{LocalServer, Product},
    provider::{ModelInfo, Provider, ProviderError},
};

mod build;
mod keys;
pub mod known;
mod listing;
mod resolve;
mod source;

use build::Sources;

pub use build::Snapshot;
pub use keys::{KeyFrom, ProviderKey};
pub use known::FoundKeys;
pub use listing::{Listing, Thinking};

/// The catalog. Cheap to read, replaced as a whole; clones share it.
#[derive(Clone)]
pub struct Catalog(Arc<Shared>);

struct Shared {
    inputs: Mutex<Inputs>,
    snapshot: watch::Sender<Arc<Snapshot>>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalog").field(&self.snapshot()).finish()
    }
}

/// What the snapshot is made from.
struct Inputs {
    config: Arc<Config>,
    keys: Arc<FoundKeys>,
    servers: Arc<[LocalServer]>,
    brought: Vec<ResolvedModel>,
}

/// A model that can be called.
#[derive(Clone)]
pub struct ResolvedModel {
    /// Whom to call.
    pub provider: Arc<dyn Provider>,
    /// What to call.
    pub info: Arc<ModelInfo>,
}

impl fmt::Debug for ResolvedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResolvedModel").field(&self.info.reference()).finish()
    }
}

/// The default model and why it is the default.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The model.
    pub model: Arc<ModelInfo>,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.model.reference(), self.reason)
    }
}

/// Why a model is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The program that embeds the gateway brought it.
    Brought,
    /// The configuration names it or its provider.
    Config,
    /// A key was found in this environment variable.
    Key {
        /// The variable's name.
        variable: &'static str,
    },
    /// A model server answers on this machine.
    LocalServer {
        /// Which.
        product: Product,
        /// Its address.
        address: String,
    },
    /// Nothing else was found.
    BuiltIn,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brought => f.write_str("from the program"),
            Self::Config => f.write_str("from the configuration"),
            Self::Key { variable } => write!(f, "key in {variable}"),
            Self::LocalServer { product, address } => write!(f, "{product} at {address}"),
            Self::BuiltIn => f.write_str("built in: no model is configured and none was found"),
        }
    }
}

/// Why there is no model to call. Every message says what to change.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CatalogError {
    /// No model goes by that name.
    #[error("unknown model \"{reference}\"{hint}")]
    Unknown {
        /// What was asked for.
        reference: String,
        /// What to do.
        hint: String,
    },
    /// The provider is known but has no key.
    #[error(
        "no key for provider \"{provider}\"; set {variable} or models.providers.{provider}.apiKey"
    )]
    NoKey {
        /// The provider.
        provider: String,
        /// The variable that would hold it.
        variable: &'static str,
    },
    /// The configuration lists the models that may be chosen, and this is not one of them.
    #[error("model \"{reference}\" is not allowed; add it to agents.defaults.models")]
    NotAllowed {
        /// What was asked for.
        reference: String,
    },
    /// The provider's settings cannot work.
    #[error(transparent)]
    Provider(ProviderError),
}

impl Catalog {
    /// A catalog without local servers; those come with [`Catalog::found`]. Opens nothing.
    pub fn new(config: Arc<Config>, keys: FoundKeys) -> Self {
        Self::with_models(config, keys, Vec::new())
    }

    /// A catalog that also has models which the program brings itself. They come first, and stay
    /// over every reload.
    pub fn with_models(config: Arc<Config>, keys: FoundKeys, brought: Vec<ResolvedModel>) -> Self {
        let inputs = Inputs { config, keys: Arc::new(keys), servers: Arc::from([]), brought };
        let first = Arc::new(inputs.build(None));
        let (inputs, snapshot) = (Mutex::new(inputs), watch::Sender::new(first));
        Self(Arc::new(Shared { inputs, snapshot }))
    }

    /// What there is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.snapshot.borrow())
    }

    /// Tells of every change.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.snapshot.subscribe()
    }

    /// Takes a new configuration; keys and servers stay. Gives the new default when it is another
    /// one. Providers whose settings stay keep their connections.
    pub fn reload(&self, config: Arc<Config>) -> Option<Result<Choice, CatalogError>> {
        self.change(|inputs| inputs.config = config)
    }

    /// The same with keys that were looked for anew.
    pub fn reload_with(
        &self,
        config: Arc<Config>,
        keys: FoundKeys,
    ) -> Option<Result<Choice, CatalogError>> {
        self.change(|inputs| (inputs.config, inputs.keys) = (config, Arc::new(keys)))
    }

    /// Takes the servers that were found on this machine, in place of those found before. Gives the
    /// new default when it is another one. The server in use keeps its place before new ones.
    pub fn found(&self, mut servers: Vec<LocalServer>) -> Option<Result<Choice, CatalogError>> {
        self.change(|inputs| {
            let known = |server: &LocalServer| {
                inputs.servers.iter().position(|old| old.product == server.product)
            };
            servers.sort_by_key(|server| known(server).unwrap_or(usize::MAX));
            inputs.servers = servers.into();
        })
    }

    fn change(&self, change: impl FnOnce(&mut Inputs)) -> Option<Result<Choice, CatalogError>> {
        let mut inputs = self.0.inputs.lock();
        change(&mut inputs);
        let old = self.snapshot();
        let new = Arc::new(inputs.build(Some(&old)));
        let default = new.default_choice();
        let changed = old.default_choice() != default;
        self.0.snapshot.send_replace(new);
        changed.then_some(default)
    }

    /// The model for a run: what was asked for, else the agent's, else the default.
    pub fn resolve(
        &self,
        agent_id: &str,
        asked_for: Option<&str>,
    ) -> Result<ResolvedModel, CatalogError> {
        self.snapshot().resolve(agent_id, asked_for)
    }

    /// What to use when the agent's model fails, in order. Those that are missing are left out.
    pub fn fallbacks(&self, agent_id: &str) -> Vec<ResolvedModel> {
        self.snapshot().fallbacks(agent_id)
    }

    /// The models that may be chosen, the default first.
    pub fn models(&self) -> Vec<ListedModel> {
        self.listed(Listing::Allowed)
    }

    /// The models of `models.list`, the default first.
    pub fn listed(&self, listing: Listing) -> Vec<ListedModel> {
        self.snapshot().listed(listing)
    }
}

impl Inputs {
    fn build(&self, previous: Option<&Snapshot>) -> Snapshot {
        let sources = Sources { brought: &self.brought, servers: &self.servers };
        Snapshot::build(&self.config, &self.keys, sources, previous)
    }
}

#[cfg(test)]
mod tests;
