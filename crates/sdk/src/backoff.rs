//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// Wait before the first attempt.
pub(crate) const FIRST: Duration = Duration::from_secs(1);
/// Longest wait.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// Doubles from [`FIRST`] to [`LONGEST`]; up to a quarter is taken off, so that many clients of one
/// gateway do not come back in the same moment.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    attempt: u32,
}

impl Backoff {
    /// The next wait; `random` spreads it over three quarters to the whole.
    pub(crate) fn next(&mut self, random: u32) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.attempt.min(5)).min(LONGEST);
        self.attempt = self.attempt.saturating_add(1);
        whole.mul_f64(1.0 - f64::from(random) / f64::from(u32::MAX) / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_to_the_longest() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..8).map(|_| backoff.next(0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(Backoff::default().next(u32::MAX), Duration::from_millis(750));
    }
}
