//! Time as a dependency: what needs the hour takes a [`Clock`], so that a test can set it.
//!
//! Deadlines inside one process use tokio's clock; this one is for what is written down or shown.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// Tells the time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// A clock that stands still until a test moves it. Clones share the time.
#[derive(Debug, Clone, Default)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `now_ms`.
    pub fn at(now_ms: i64) -> Self {
        Self(Arc::new(AtomicI64::new(now_ms)))
    }

    /// Moves the clock forward and gives the new time.
    pub fn advance(&self, ms: i64) -> i64 {
        self.0.fetch_add(ms, Ordering::AcqRel) + ms
    }

    /// Sets the clock.
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::Release);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }
}

/// `2026-11-20T23:30:31.434Z`: the form of timestamps inside transcripts.
pub fn iso(ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Milliseconds since the epoch of a text such as [`iso`] makes, in any zone that it names.
pub fn parse_iso(text: &str) -> Option<i64> {
    Some(text.trim().parse::<jiff::Timestamp>().ok()?.as_millisecond())
}

/// `2026-11-20T23-30-31.434Z`: the form of timestamps inside the names of archived transcripts.
pub fn iso_with_dashes(ms: i64) -> String {
    iso(ms).replace(':', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(1_000);
        let other = clock.clone();
        assert_eq!(other.now_ms(), 1_000);
        assert_eq!(clock.advance(5), 1_005);
        assert_eq!(other.now_ms(), 1_005);
        other.set(7);
        assert_eq!(clock.now_ms(), 7);
    }

    #[test]
    fn timestamps_have_the_recorded_form() {
        assert_eq!(iso(1_795_217_431_434), "2026-11-20T23:30:31.434Z");
        assert_eq!(iso_with_dashes(1_795_217_431_434), "2026-11-20T23-30-31.434Z");
        assert_eq!(iso(i64::MAX), "1970-01-01T00:00:00.000Z");
        assert_eq!(parse_iso("2026-11-20T23:30:31.434Z"), Some(1_795_217_431_434));
        assert_eq!(parse_iso("2026-11-21T00:30:31.434+01:00"), Some(1_795_217_431_434));
        assert_eq!(parse_iso("yesterday"), None);
    }
}
