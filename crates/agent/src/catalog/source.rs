//! The settings of one provider, from which it is made. Two equal sources share one provider.

use std::{collections::BTreeMap, sync::Arc};

use super::known::{FoundKeys, KnownProvider};
use crate::{
    config::{ModelApi, ModelProvider, Secret},
    provider::{Api, Provider, ProviderError, anthropic::Anthropic, demo::Demo, openai::OpenAi},
};

/// Where a provider is and what it needs. Has no `Debug`, since it holds a key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) base_url: String,
    pub(super) api: Api,
    pub(super) key: Option<String>,
    pub(super) auth_header: bool,
    pub(super) headers: BTreeMap<String, String>,
}

impl Source {
    /// A server without a key.
    pub(super) fn open_server(id: &str, base_url: &str) -> Self {
        Self {
            id: id.to_owned(),
            base_url: base_url.to_owned(),
            api: Api::OpenaiCompletions,
            key: None,
            auth_header: false,
            headers: BTreeMap::new(),
        }
    }

    /// A known provider with its key.
    pub(super) fn known(provider: &KnownProvider, key: &str) -> Self {
        let server = Self::open_server(provider.id, provider.base_url);
        Self { api: provider.api, key: Some(key.to_owned()), ..server }
    }

    /// A provider of the configuration; the dialect may differ by model.
    pub(super) fn configured(
        id: &str,
        entry: &ModelProvider,
        api: Api,
        known: Option<&KnownProvider>,
        keys: &FoundKeys,
    ) -> Result<Self, String> {
        let given = entry.base_url.as_deref().map(str::trim).filter(|url| !url.is_empty());
        let base_url = given.or(known.map(|known| known.base_url));
        let base_url = base_url.ok_or("baseUrl is missing; set it to the server's address")?;
        let text = |secret: &Secret, what: &str| match secret {
            Secret::Text(_) => Ok(secret.text().map(str::to_owned)),
            Secret::Reference { .. } => Err(format!("{what} is a reference that was not resolved")),
        };
        let mut key = match &entry.api_key {
            Some(secret) => text(secret, "apiKey")?,
            None => None,
        };
        // A key from the environment goes only to the address that it is for.
        if let Some(known) = known.filter(|known| key.is_none() && base_url == known.base_url) {
            key = keys.of(known).map(|(_, key)| key.to_owned());
        }
        let mut headers = BTreeMap::new();
        for (name, secret) in &entry.headers {
            if let Some(value) = text(secret, &format!("headers.{name}"))? {
                headers.insert(name.clone(), value);
            }
        }
        let auth_header = entry.auth_header.unwrap_or(false);
        Ok(Self {
            id: id.to_owned(),
            base_url: base_url.to_owned(),
            api,
            key,
            auth_header,
            headers,
        })
    }

    /// Makes the provider. Opens no connection.
    pub(super) fn provider(&self) -> Result<Arc<dyn Provider>, ProviderError> {
        let key = self.key.as_deref();
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(match self.api {
            Api::OpenaiCompletions => {
                Arc::new(OpenAi::new(&self.id, &self.base_url, key, headers)?)
            }
            Api::AnthropicMessages => {
                Arc::new(Anthropic::new(&self.id, &self.base_url, key, self.auth_header, headers)?)
            }
            Api::Demo => Arc::new(Demo { thought: Some(Demo::THOUGHT), ..Demo::default() }),
        })
    }
}

/// The dialect that is spoken for one that the file names.
pub(super) fn spoken(api: ModelApi) -> Result<Api, String> {
    api.spoken().ok_or_else(|| {
        format!(
            "api {api:?} is not spoken; use \"openai-completions\" or \"anthropic-messages\" with \
             an address that takes it"
        )
    })
}
