//! Which providers have the key that they want. No key leaves this file.

use super::{Snapshot, known};
use crate::config::Secret;

/// Where a provider's key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFrom {
    /// `models.providers.<id>.apiKey`.
    Config,
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: &'static str,
    },
}

/// A provider that is asked with a key, or wants one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderKey {
    /// The provider.
    pub provider: String,
    /// Where its key comes from; `None` when it has none, so that it will refuse.
    pub from: Option<KeyFrom>,
}

impl Snapshot {
    /// The providers that are asked with a key or want one. A server that is asked without, on this
    /// machine for one, is not among them, nor is one that the program brought.
    pub fn provider_keys(&self) -> Vec<ProviderKey> {
        let mut all: Vec<ProviderKey> = Vec::new();
        for ((id, _), made) in &self.providers {
            let Some(source) = made.source() else { continue };
            let known = known::provider(id);
            let wants = known.is_some_and(|known| known.base_url == source.base_url);
            let named = all.last().is_some_and(|last| last.provider == *id);
            if named || source.key.is_none() && (!wants || !source.headers.is_empty()) {
                continue;
            }
            let given = self.config.models.providers.get(id).and_then(|e| e.api_key.as_ref());
            let from = source.key.as_ref().and_then(|_| {
                if given.and_then(Secret::text).is_some() {
                    return Some(KeyFrom::Config);
                }
                let (variable, _) = self.keys.of(known?)?;
                Some(KeyFrom::Environment { variable })
            });
            all.push(ProviderKey { provider: id.clone(), from });
        }
        all
    }
}
