//! Which failed calls may be made again, and when. Only for calls that gave no delta yet: what the
//! user has already read is never said twice.

use std::time::Duration;

use super::ProviderError;

/// How often a call is made again at most.
pub const MAX_RETRIES: u32 = 2;
/// The wait before the first retry; the second waits three times as long.
pub const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A provider that asks for a longer wait is not called again; the person is told instead.
pub const MAX_WAIT: Duration = Duration::from_secs(30);

/// How long to wait before the call is made again; `None` when it is not. `retries` counts those
/// already made for this call.
pub fn wait_before(error: &ProviderError, retries: u32) -> Option<Duration> {
    if retries >= MAX_RETRIES || !is_transient(error) {
        return None;
    }
    let wait = error.retry_after().unwrap_or(FIRST_WAIT * 3_u32.pow(retries));
    (wait <= MAX_WAIT).then_some(wait)
}

/// Whether the same call may well succeed a moment later. A limit that ran out is not: the wait
/// was long already, and the provider may still be at work on it.
pub fn is_transient(error: &ProviderError) -> bool {
    match error {
        ProviderError::Connect { .. }
        | ProviderError::ConnectTimeout { .. }
        | ProviderError::Disconnected { .. }
        | ProviderError::RateLimited { .. }
        | ProviderError::Overloaded { .. } => true,
        ProviderError::Http { status, .. } => matches!(status, 408 | 500 | 502 | 503 | 504),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MAX_RETRIES, wait_before};
    use crate::provider::ProviderError;

    #[test]
    fn transient_faults_are_retried_twice_with_the_wait_that_was_asked_for() {
        let refused = |status, secs: Option<u64>| {
            ProviderError::refused("p", status, "x", secs.map(Duration::from_secs))
        };
        let secs =
            |error: &ProviderError, retries| wait_before(error, retries).map(|wait| wait.as_secs());
        assert_eq!(secs(&refused(429, Some(7)), 0), Some(7));
        assert_eq!(secs(&refused(429, Some(600)), 0), None);
        assert_eq!(
            (secs(&refused(529, None), 0), secs(&refused(503, None), 1)),
            (Some(1), Some(3))
        );
        assert_eq!(secs(&refused(500, None), MAX_RETRIES), None);
        for status in [400, 401, 403, 404, 501] {
            assert_eq!(secs(&refused(status, None), 0), None, "{status}");
        }
        assert_eq!(secs(&ProviderError::malformed("p", "x"), 0), None);
    }
}
