//! The HTTP side of a provider: one lazy client, one request, refusals sorted into errors.
//!
//! Redirects are never followed, so that a key goes only to the configured host. Loopback servers
//! are reached without a proxy, and plain `http` loads no root certificates.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use reqwest::{
    Client, Response, Url,
    header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::{Limit, Limits, ProviderError, error::redact};

/// The body of a refusal is read up to this many bytes; the rest is not looked at.
const MAX_ERROR_BODY: usize = 64 * 1024;
/// How long the body of a refusal may take.
const ERROR_BODY_LIMIT: Duration = Duration::from_secs(5);
/// A shorter value of a header is not taken for a secret.
const MIN_SECRET: usize = 6;
/// Idle connections kept for the next call.
const POOL_IDLE: usize = 2;
/// How long an idle connection is kept; shorter than what common servers keep.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// The kernel asks a silent peer whether it still lives this often.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// Where a provider lives and what every request to it carries.
pub(crate) struct Endpoint {
    provider: Arc<str>,
    base: Url,
    headers: HeaderMap,
    /// The values that must not appear in an error.
    secrets: Vec<String>,
    client: Mutex<Option<(Duration, Client)>>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password, the headers a key.
        f.debug_struct("Endpoint").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// Checks the address. Nothing is opened or loaded yet.
    pub(crate) fn new(provider: &str, base: &str) -> Result<Self, ProviderError> {
        let unusable = |reason: &str| ProviderError::Config {
            provider: provider.to_owned(),
            reason: format!("{reason}; set models.providers.{provider}.baseUrl to http(s)://host"),
        };
        let base =
            Url::parse(base.trim()).map_err(|_| unusable("its baseUrl is not an address"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(unusable("its baseUrl is not an http address"));
        }
        let (headers, secrets) = (HeaderMap::new(), base.password().map(str::to_owned));
        let (provider, secrets) = (provider.into(), secrets.into_iter().collect());
        Ok(Self { provider, base, headers, secrets, client: Mutex::new(None) })
    }

    /// Sends a secret header with every request, as [`Endpoint::header`] does. A scheme such as
    /// `Bearer` before the secret is no part of it.
    pub(crate) fn secret_header(&mut self, name: &str, value: &str) -> Result<(), ProviderError> {
        self.header(name, value)?;
        let secret = value.trim().rsplit(' ').next().unwrap_or_default();
        // Taking a very short text out of every error would only garble it.
        if secret.len() >= MIN_SECRET && !self.secrets.iter().any(|known| known == secret) {
            self.secrets.push(secret.to_owned());
        }
        Ok(())
    }

    /// Sends a header with every request; a later one of the same name replaces an earlier one.
    pub(crate) fn header(&mut self, name: &str, value: &str) -> Result<(), ProviderError> {
        let unusable = || ProviderError::Config {
            provider: self.provider.to_string(),
            reason: format!(
                "the header or key \"{}\" has characters that HTTP forbids",
                name.escape_debug()
            ),
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable())?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| unusable())?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }

    /// The provider's id.
    pub(crate) fn provider(&self) -> &Arc<str> {
        &self.provider
    }

    /// The values that must not appear in an error.
    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// The address that was configured.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// The base with more path segments.
    pub(crate) fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Posts a JSON body and gives the answer once its status is known to be good.
    pub(crate) async fn post(
        &self,
        url: Url,
        body: Vec<u8>,
        limits: &Limits,
        started: Instant,
    ) -> Result<Response, ProviderError> {
        let client = self.client(limits.connect)?;
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("accept", "text/event-stream")
            .headers(self.headers.clone())
            .body(body);
        // The client keeps the connect limit by itself; what is over is waiting for the answer.
        let headers_by = limits.first_byte_by(started);
        let by = headers_by.min(started + limits.total);
        let response = match timeout_at(by, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.send_error(&error, limits)),
            Err(_) if by < headers_by => return Err(self.timeout(Limit::Total, limits.total)),
            Err(_) => return Err(self.timeout(Limit::FirstByte, limits.first_byte)),
        };
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(self.refusal(response).await)
        }
    }

    fn timeout(&self, limit: Limit, after: Duration) -> ProviderError {
        ProviderError::timeout(&self.provider, limit, after)
    }

    fn send_error(&self, error: &reqwest::Error, limits: &Limits) -> ProviderError {
        let (provider, reason) = (self.provider.to_string(), root_cause(error));
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => self.timeout(Limit::Connect, limits.connect),
            (true, false) => ProviderError::Connect { provider, reason },
            _ => ProviderError::Disconnected { provider, reason },
        }
    }

    async fn refusal(&self, mut response: Response) -> ProviderError {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        if status.is_redirection() {
            let hint = "redirects are not followed; set its baseUrl to the final address";
            return ProviderError::refused(&self.provider, status.as_u16(), hint, None);
        }
        let mut body = Vec::new();
        let by = Instant::now() + ERROR_BODY_LIMIT;
        while body.len() < MAX_ERROR_BODY {
            let Ok(Ok(Some(chunk))) = timeout_at(by, response.chunk()).await else { break };
            body.extend_from_slice(&chunk);
        }
        body.truncate(MAX_ERROR_BODY);
        let message = redact(&error_text(&body), &self.secrets);
        ProviderError::refused(&self.provider, status.as_u16(), &message, retry_after)
    }

    /// The client for a connect limit; made on first use and kept while the limit stays the same.
    fn client(&self, connect: Duration) -> Result<Client, ProviderError> {
        let mut kept = self.client.lock();
        if let Some((limit, client)) = &*kept
            && *limit == connect
        {
            return Ok(client.clone());
        }
        let client = build(&self.base, connect).map_err(|reason| ProviderError::Config {
            provider: self.provider.to_string(),
            reason,
        })?;
        *kept = Some((connect, client.clone()));
        Ok(client)
    }
}

/// Makes a client for one host.
pub(crate) fn build(base: &Url, connect: Duration) -> Result<Client, String> {
    let mut builder = Client::builder()
        .user_agent(concat!("openclaw/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(connect)
        .pool_max_idle_per_host(POOL_IDLE)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .tcp_keepalive(TCP_KEEPALIVE)
        .retry(reqwest::retry::never());
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if base.scheme() == "http" {
        builder = builder.https_only(false).tls_backend_preconfigured(no_roots()?);
    } else if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err("no TLS provider is installed in this process".to_owned());
    }
    builder.build().map_err(|error| root_cause(&error))
}

/// A TLS configuration that trusts nobody, for clients that only speak plain `http`: reading the
/// machine's root certificates would cost milliseconds and megabytes.
fn no_roots() -> Result<rustls::ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}

/// Whether an address names this machine's loopback interface.
pub(crate) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// The innermost cause of an error: the outer ones only repeat the address.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    // Only the outermost error knows the address; if it has no cause, its kind must do.
    match cause.downcast_ref::<reqwest::Error>() {
        Some(error) if error.is_timeout() => "timed out".to_owned(),
        Some(error) if error.is_builder() => "the request could not be built".to_owned(),
        Some(_) => "the connection failed".to_owned(),
        None => super::error::clean(&cause.to_string()),
    }
}

/// The provider's own words in the body of a refusal.
pub(crate) fn error_text(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        // A page of HTML says nothing to a person in a chat.
        return if text.trim_start().starts_with('<') { String::new() } else { text.into_owned() };
    };
    // Some servers wrap the error in a list of one.
    let value = value.get(0).unwrap_or(&value);
    ["/error/message", "/error", "/message", "/detail", "/error_msg"]
        .iter()
        .find_map(|path| value.pointer(path).and_then(Value::as_str))
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `Retry-After` in seconds, or as a date that is compared with the answer's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
    let now = date(headers.get(DATE)?.to_str().ok()?)?;
    let wait = date(text)?.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderValue};

    use super::{Endpoint, error_text, is_loopback, retry_after};

    #[test]
    fn addresses_are_joined_whatever_their_end() {
        for base in ["http://h:1/api", "http://h:1/api/"] {
            let url = Endpoint::new("p", base).unwrap().at(&["chat", "completions"]);
            assert_eq!(url.as_str(), "http://h:1/api/chat/completions");
        }
        for bad in ["", "h:1", "file:///etc/passwd", "ftp://h"] {
            let error = Endpoint::new("p", bad).unwrap_err().to_string();
            assert!(error.contains("models.providers.p.baseUrl"), "{error}");
        }
    }

    #[test]
    fn a_key_is_never_in_a_debug_text() {
        let mut endpoint = Endpoint::new("p", "http://h").unwrap();
        endpoint.secret_header("authorization", "Bearer canary").unwrap();
        assert!(!format!("{endpoint:?}").contains("canary"));
        assert!(!format!("{:?}", endpoint.headers).contains("canary"), "nor in that of a request");
        let error = endpoint.header("x-api-key", "can\nary").unwrap_err().to_string();
        assert!(error.contains("x-api-key") && !error.contains("ary\""), "{error}");
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        let loopback = |url: &str| is_loopback(&url.parse().unwrap());
        for yes in ["http://localhost:1", "http://127.0.0.2", "http://[::1]:8080/v1"] {
            assert!(loopback(yes), "{yes}");
        }
        for no in ["http://10.0.0.1", "http://localhost.example.org", "https://example.org"] {
            assert!(!loopback(no), "{no}");
        }
    }

    #[test]
    fn the_words_of_a_refusal_are_found() {
        assert_eq!(error_text(br#"{"error":{"message":"a"}}"#), "a");
        assert_eq!(error_text(br#"{"error":"b"}"#), "b");
        assert_eq!(error_text(br#"[{"error":{"message":"c"}}]"#), "c");
        assert_eq!(error_text(br#"{"detail":"d"}"#), "d");
        assert_eq!(error_text(b"<html>"), "");
        assert_eq!(error_text(b"plain"), "plain");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", HeaderValue::from_static("7"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
        headers.insert("date", HeaderValue::from_static("Fri, 20 Nov 2026 23:30:00 GMT"));
        headers.insert("retry-after", HeaderValue::from_static("Fri, 20 Nov 2026 23:30:30 GMT"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(30)));
    }
}
