//! What can go wrong with a model call, as decisions that the caller can make.
//!
//! Messages are one line, say what to do, and never hold a key: no address with a query, no header
//! and no body goes into them except a provider's own error text, which is cut and cleaned.

use std::{fmt, time::Duration};

/// The provider's own text is cut at this many bytes.
const MAX_DETAIL: usize = 400;

/// One of the four limits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `Limits::connect`.
    Connect,
    /// `Limits::first_byte`.
    FirstByte,
    /// `Limits::idle`.
    Idle,
    /// `Limits::total`.
    Total,
}

/// Why a model call failed. `provider` is the provider's id in the configuration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProviderError {
    /// No connection: refused, unknown name, TLS fault.
    #[error(
        "cannot reach provider \"{provider}\" ({reason}); check that it runs and its baseUrl is right"
    )]
    Connect {
        /// The provider.
        provider: String,
        /// What the system said.
        reason: String,
    },
    /// No connection within `Limits::connect`.
    #[error(
        "provider \"{provider}\" did not accept a connection within {limit:?} (connect limit); check the network and its baseUrl"
    )]
    ConnectTimeout {
        /// The provider.
        provider: String,
        /// The limit.
        limit: Duration,
    },
    /// Connected, but not a byte of an answer within `Limits::first_byte`.
    #[error(
        "provider \"{provider}\" sent nothing within {limit:?} (first byte limit); try again, or a smaller or faster model"
    )]
    FirstByteTimeout {
        /// The provider.
        provider: String,
        /// The limit.
        limit: Duration,
    },
    /// Began to answer, then nothing but keep-alives for `Limits::idle`.
    #[error(
        "provider \"{provider}\" stalled: nothing new for {limit:?} (idle limit); try again or another model"
    )]
    IdleTimeout {
        /// The provider.
        provider: String,
        /// The limit.
        limit: Duration,
    },
    /// The whole call took longer than `Limits::total`.
    #[error(
        "provider \"{provider}\" was not done within {limit:?} (total limit); ask for less or raise agents.defaults.timeoutSeconds"
    )]
    TotalTimeout {
        /// The provider.
        provider: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection broke in the middle of an answer.
    #[error("the connection to provider \"{provider}\" broke ({reason}); try again")]
    Disconnected {
        /// The provider.
        provider: String,
        /// What the system said.
        reason: String,
    },
    /// A status that none of the others is for.
    #[error("provider \"{provider}\" answered HTTP {status}: {message}")]
    Http {
        /// The provider.
        provider: String,
        /// The status.
        status: u16,
        /// The provider's own words.
        message: String,
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
    },
    /// 429: too many calls, or the quota is used up.
    #[error("provider \"{provider}\" limits our rate{}: {message}", Wait(*retry_after))]
    RateLimited {
        /// The provider.
        provider: String,
        /// The provider's own words.
        message: String,
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
    },
    /// 529 or an overload event: the provider is too busy.
    #[error("provider \"{provider}\" is overloaded{}: {message}", Wait(*retry_after))]
    Overloaded {
        /// The provider.
        provider: String,
        /// The provider's own words.
        message: String,
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
    },
    /// 401 or 403: the key is missing, wrong or not allowed to use the model.
    #[error(
        "provider \"{provider}\" refused our key (HTTP {status}); set a valid one as models.providers.{provider}.apiKey: {message}"
    )]
    Auth {
        /// The provider.
        provider: String,
        /// 401 or 403.
        status: u16,
        /// The provider's own words.
        message: String,
    },
    /// The conversation is longer than the model can take: compact and try again.
    #[error(
        "the conversation is too long for this model of provider \"{provider}\"; compact it with /compact: {message}"
    )]
    ContextOverflow {
        /// The provider.
        provider: String,
        /// The provider's own words.
        message: String,
    },
    /// The provider's own filter withheld the answer: the same request fails again.
    #[error(
        "provider \"{provider}\" withheld the answer ({message}); word the request differently"
    )]
    ContentFilter {
        /// The provider.
        provider: String,
        /// What it said.
        message: String,
    },
    /// The answer broke the dialect: not JSON, cut off, too large, without an end.
    #[error(
        "provider \"{provider}\" sent a malformed answer ({reason}); check that models.providers.{provider}.api fits the server"
    )]
    Malformed {
        /// The provider.
        provider: String,
        /// What is wrong.
        reason: String,
    },
    /// Our own settings cannot work: a bad address, header or missing root certificates.
    #[error("provider \"{provider}\" is not usable: {reason}")]
    Config {
        /// The provider.
        provider: String,
        /// What to change.
        reason: String,
    },
    /// The caller ended the call.
    #[error("the call was cancelled")]
    Cancelled,
}

impl ProviderError {
    /// A limit that ran out.
    pub(crate) fn timeout(provider: &str, limit: Limit, after: Duration) -> Self {
        let provider = provider.to_owned();
        match limit {
            Limit::Connect => Self::ConnectTimeout { provider, limit: after },
            Limit::FirstByte => Self::FirstByteTimeout { provider, limit: after },
            Limit::Idle => Self::IdleTimeout { provider, limit: after },
            Limit::Total => Self::TotalTimeout { provider, limit: after },
        }
    }

    /// An answer that broke the dialect.
    pub(crate) fn malformed(provider: &str, reason: impl Into<String>) -> Self {
        Self::Malformed { provider: provider.to_owned(), reason: reason.into() }
    }

    /// Sorts a refusal into the variant that its status and words mean.
    pub(crate) fn refused(
        provider: &str,
        status: u16,
        message: &str,
        retry_after: Option<Duration>,
    ) -> Self {
        let overflow = matches!(status, 400 | 413 | 422 | 500) && is_context_overflow(message);
        let (provider, message) = (provider.to_owned(), clean(message));
        match status {
            _ if overflow => Self::ContextOverflow { provider, message },
            401 | 403 => Self::Auth { provider, status, message },
            429 => Self::RateLimited { provider, message, retry_after },
            529 => Self::Overloaded { provider, message, retry_after },
            _ => Self::Http { provider, status, message, retry_after },
        }
    }

    /// Takes these secrets out of what the provider said: some repeat the key that they refuse.
    #[must_use]
    pub(crate) fn without(mut self, secrets: &[String]) -> Self {
        match &mut self {
            Self::Connect { reason: text, .. }
            | Self::Disconnected { reason: text, .. }
            | Self::Malformed { reason: text, .. }
            | Self::Config { reason: text, .. }
            | Self::Http { message: text, .. }
            | Self::RateLimited { message: text, .. }
            | Self::Overloaded { message: text, .. }
            | Self::Auth { message: text, .. }
            | Self::ContextOverflow { message: text, .. }
            | Self::ContentFilter { message: text, .. } => *text = redact(text, secrets),
            Self::ConnectTimeout { .. }
            | Self::FirstByteTimeout { .. }
            | Self::IdleTimeout { .. }
            | Self::TotalTimeout { .. }
            | Self::Cancelled => {}
        }
        self
    }

    /// How long the provider asked us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Http { retry_after, .. }
            | Self::RateLimited { retry_after, .. }
            | Self::Overloaded { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The limit that ran out, if that is what happened.
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Self::ConnectTimeout { .. } => Some(Limit::Connect),
            Self::FirstByteTimeout { .. } => Some(Limit::FirstByte),
            Self::IdleTimeout { .. } => Some(Limit::Idle),
            Self::TotalTimeout { .. } => Some(Limit::Total),
            _ => None,
        }
    }
}

/// Replaces every secret in a text.
pub(crate) fn redact(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"))
}

/// Renders the wait that a provider asked for.
struct Wait(Option<Duration>);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(wait) => write!(f, "; try again in {} s", wait.as_secs().max(1)),
            None => f.write_str("; try again later"),
        }
    }
}

/// What the well-known servers say when a conversation does not fit.
const OVERFLOW_WORDS: [&str; 8] = [
    "context_length_exceeded",
    "maximum context length",
    "context length",
    "context window",
    "prompt is too long",
    "exceeds the available context size",
    "input is too long",
    "too many tokens",
];

/// Whether a provider's text means that the conversation is too long.
pub(crate) fn is_context_overflow(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    OVERFLOW_WORDS.iter().any(|words| message.contains(words))
}

/// One line, at most [`MAX_DETAIL`] bytes, and no word that looks like a key: some servers repeat
/// the key that they refuse.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(if looks_like_key(word) { "[redacted]" } else { word });
        if line.len() > MAX_DETAIL {
            line.truncate(line.floor_char_boundary(MAX_DETAIL));
            line.push('…');
            break;
        }
    }
    if line.is_empty() { "no further detail".to_owned() } else { line }
}

/// Prefixes that the well-known providers give their keys.
const KEY_PREFIXES: [&str; 6] = ["sk-", "gsk_", "xai-", "AIza", "key-", "Bearer"];
/// A run of letters and digits this long is taken for a key.
const KEY_LENGTH: usize = 40;

fn looks_like_key(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let key_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '.');
    KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix) && word.len() > prefix.len() + 4)
        || (word.len() >= KEY_LENGTH && word.chars().all(key_like))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ProviderError, clean};

    #[test]
    fn a_refusal_becomes_the_variant_that_it_means() {
        let refused = |status, text| ProviderError::refused("p", status, text, None);
        assert!(matches!(refused(401, "no"), ProviderError::Auth { status: 401, .. }));
        assert!(matches!(refused(429, "slow"), ProviderError::RateLimited { .. }));
        assert!(matches!(refused(529, "busy"), ProviderError::Overloaded { .. }));
        assert!(matches!(refused(500, "oops"), ProviderError::Http { status: 500, .. }));
        let long = refused(400, "This model's maximum context length is 8192 tokens");
        assert!(matches!(long, ProviderError::ContextOverflow { .. }));
        // A rate limit may speak of tokens and is still a rate limit.
        assert!(matches!(refused(429, "too many tokens"), ProviderError::RateLimited { .. }));
    }

    #[test]
    fn a_key_in_the_providers_words_is_cut_out() {
        let text = "Incorrect API key provided: sk-proj-abcdef123456.\nSee the page";
        assert_eq!(clean(text), "Incorrect API key provided: [redacted] See the page");
        let hex = "token 0123456789abcdef0123456789abcdef01234567 is bad";
        assert_eq!(clean(hex), "token [redacted] is bad");
        assert!(clean(&"word ".repeat(500)).len() < 410);
    }

    #[test]
    fn messages_name_the_limit_and_are_one_line() {
        let error =
            ProviderError::IdleTimeout { provider: "p".into(), limit: Duration::from_mins(2) };
        assert_eq!(
            error.to_string(),
            "provider \"p\" stalled: nothing new for 120s (idle limit); try again or another model"
        );
        let limited = ProviderError::refused("p", 429, "slow\ndown", Some(Duration::from_secs(7)));
        assert_eq!(
            limited.to_string(),
            "provider \"p\" limits our rate; try again in 7 s: slow down"
        );
    }
}
