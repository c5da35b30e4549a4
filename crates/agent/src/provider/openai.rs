//! `openai-completions`: the chat completions dialect of `OpenAI` and of most other servers.

mod decode;
mod request;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use reqwest::{Response, Url};
use tokio::time::Instant;

use self::decode::Decoder;
use super::{DeltaStream, Limits, ModelRequest, Provider, ProviderError, events, http::Endpoint};

/// A server that speaks chat completions.
#[derive(Debug)]
pub struct OpenAi {
    endpoint: Endpoint,
    /// The server was found under `/v1` below the configured address.
    under_v1: AtomicBool,
}

impl OpenAi {
    /// A server at `base_url`, to which `chat/completions` is appended. `headers` win over the
    /// `Authorization` made from `key`. Nothing is opened yet.
    pub fn new<'a>(
        id: &str,
        base_url: &str,
        key: Option<&str>,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ProviderError> {
        let mut endpoint = Endpoint::new(id, base_url)?;
        if let Some(key) = key.filter(|key| !key.trim().is_empty()) {
            endpoint.secret_header("authorization", &format!("Bearer {}", key.trim()))?;
        }
        for (name, value) in headers {
            endpoint.secret_header(name, value)?;
        }
        Ok(Self { endpoint, under_v1: AtomicBool::new(false) })
    }

    fn url(&self, under_v1: bool) -> Url {
        let segments: &[&str] =
            if under_v1 { &["v1", "chat", "completions"] } else { &["chat", "completions"] };
        self.endpoint.at(segments)
    }

    /// Whether a 404 may only mean that the address lacks its version.
    fn may_lack_v1(&self) -> bool {
        let last = self
            .endpoint
            .base()
            .path_segments()
            .and_then(|mut path| path.rfind(|segment| !segment.is_empty()));
        !last.is_some_and(|last| {
            last.strip_prefix('v')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    }

    /// Posts to the address as given; on 404 once more under `/v1`, and remembers what worked.
    async fn post(
        &self,
        body: Vec<u8>,
        limits: &Limits,
        started: Instant,
    ) -> Result<Response, ProviderError> {
        let under_v1 = self.under_v1.load(Ordering::Relaxed);
        if under_v1 || !self.may_lack_v1() {
            return self.endpoint.post(self.url(under_v1), body, limits, started).await;
        }
        match self.endpoint.post(self.url(false), body.clone(), limits, started).await {
            Err(ProviderError::Http { status: 404, .. }) => {}
            answer => return answer,
        }
        let second = self.endpoint.post(self.url(true), body, limits, started).await;
        if !matches!(second, Err(ProviderError::Http { status: 404, .. })) {
            self.under_v1.store(true, Ordering::Relaxed);
            let provider = self.endpoint.provider();
            tracing::info!(%provider, "provider answers under /v1; add it to its baseUrl");
        }
        second
    }
}

#[async_trait]
impl Provider for OpenAi {
    fn id(&self) -> &str {
        self.endpoint.provider()
    }

    async fn stream(&self, request: ModelRequest) -> Result<DeltaStream, ProviderError> {
        let started = Instant::now();
        let provider = self.endpoint.provider();
        let body = request::body(&request, self.endpoint.base());
        let body = serde_json::to_vec(&body).map_err(|error| ProviderError::Config {
            provider: provider.to_string(),
            reason: error.to_string(),
        })?;
        let response = self.post(body, &request.limits, started).await?;
        let decoder = Decoder::new(Arc::clone(provider));
        events::read(&self.endpoint, response, request.limits, started, decoder).await
    }
}

#[cfg(test)]
mod tests {
    use super::OpenAi;

    #[test]
    fn v1_is_tried_only_where_the_address_has_no_version() {
        for (base, may) in [
            ("http://h:4000", true),
            ("http://h:4000/", true),
            ("http://h/proxy", true),
            ("http://h/v1", false),
            ("http://h/v1/", false),
            ("http://h/v1beta", false),
            ("http://h/vendor", true),
        ] {
            let provider = OpenAi::new("p", base, None, []).unwrap();
            assert_eq!(provider.may_lack_v1(), may, "{base}");
        }
    }
}
