//! `anthropic-messages`: the messages dialect of Anthropic.

mod decode;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use self::decode::Decoder;
use super::{DeltaStream, ModelRequest, Provider, ProviderError, events, http::Endpoint};

/// The version of the dialect that is asked for.
const VERSION: &str = "2023-06-01";

/// A server that speaks messages.
#[derive(Debug)]
pub struct Anthropic {
    endpoint: Endpoint,
}

impl Anthropic {
    /// A server at `base_url`, to which `v1/messages` is appended. The key goes into `x-api-key`,
    /// and with `auth_header` also into `Authorization`; `headers` win over both. Nothing is
    /// opened yet.
    pub fn new<'a>(
        id: &str,
        base_url: &str,
        key: Option<&str>,
        auth_header: bool,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ProviderError> {
        let mut endpoint = Endpoint::new(id, base_url)?;
        endpoint.header("anthropic-version", VERSION)?;
        if let Some(key) = key.filter(|key| !key.trim().is_empty()) {
            endpoint.secret_header("x-api-key", key)?;
            if auth_header {
                endpoint.secret_header("authorization", &format!("Bearer {}", key.trim()))?;
            }
        }
        for (name, value) in headers {
            endpoint.secret_header(name, value)?;
        }
        Ok(Self { endpoint })
    }

    fn url(&self) -> reqwest::Url {
        let base = self.endpoint.base().path().trim_end_matches('/');
        if base.ends_with("/v1") {
            self.endpoint.at(&["messages"])
        } else {
            self.endpoint.at(&["v1", "messages"])
        }
    }
}

#[async_trait]
impl Provider for Anthropic {
    fn id(&self) -> &str {
        self.endpoint.provider()
    }

    async fn stream(&self, request: ModelRequest) -> Result<DeltaStream, ProviderError> {
        let started = Instant::now();
        let provider = self.endpoint.provider();
        let body = serde_json::to_vec(&request::body(&request)).map_err(|error| {
            ProviderError::Config { provider: provider.to_string(), reason: error.to_string() }
        })?;
        let response = self.endpoint.post(self.url(), body, &request.limits, started).await?;
        let decoder = Decoder::new(Arc::clone(provider));
        events::read(&self.endpoint, response, request.limits, started, decoder).await
    }
}

#[cfg(test)]
mod tests {
    use super::Anthropic;

    #[test]
    fn the_version_is_added_once() {
        for base in ["https://api.anthropic.com", "https://api.anthropic.com/v1/"] {
            let provider = Anthropic::new("anthropic", base, Some("k"), false, []).unwrap();
            assert_eq!(provider.url().as_str(), "https://api.anthropic.com/v1/messages");
        }
    }
}
