//! What a measurement must keep to.

use std::fmt;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// A measured number and its bound.
pub(super) struct Bound {
    what: &'static str,
    value: f64,
    limit: f64,
    most: bool,
}

/// The number must not be larger.
pub(super) fn at_most(what: &'static str, value: impl Number, limit: u32) -> Bound {
    Bound { what, value: value.number(), limit: limit.into(), most: true }
}

/// The number must not be smaller.
pub(super) fn at_least(what: &'static str, value: impl Number, limit: f64) -> Bound {
    Bound { what, value: value.number(), limit, most: false }
}

impl Bound {
    /// Whether it is kept. What is no number keeps to nothing.
    pub(super) fn kept(&self) -> bool {
        if self.most { self.value <= self.limit } else { self.value >= self.limit }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, verdict) = (
            if self.most { "at most" } else { "at least" },
            if self.kept() { "kept" } else { "MISSED" },
        );
        let (value, what, limit) = (self.value, self.what, self.limit);
        // Three digits behind the point, and none where there are none.
        let value = (value * 1000.0).round() / 1000.0;
        write!(f, "{value} {what}, {word} {limit}: {verdict}")
    }
}

/// Whatever is measured.
pub(super) trait Number {
    fn number(self) -> f64;
}

impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

impl Number for u64 {
    #[expect(clippy::cast_precision_loss, reason = "no figure has 53 bits")]
    fn number(self) -> f64 {
        self as f64
    }
}

/// A number of what the load generator printed.
pub(super) fn number(result: &Value, pointer: &str) -> Result<f64> {
    let found = result.pointer(pointer).and_then(Value::as_f64);
    found.with_context(|| format!("{pointer} is no number in {result}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missed_says_so() {
        let most = |value: f64| at_most("ms", value, 2).to_string();
        assert_eq!(most(2.0), "2 ms, at most 2: kept");
        assert_eq!(most(2.0011), "2.001 ms, at most 2: MISSED");
        assert_eq!(most(f64::NAN), "NaN ms, at most 2: MISSED");
        assert!(at_least("", 0.75, 0.75).kept() && !at_least("", 0.7499, 0.75).kept());
        assert!(!at_least("", f64::NAN, 0.0).kept());
    }

    #[test]
    fn a_number_is_found_or_named() {
        let result = json!({"micros": {"p50": 3}});
        assert!((number(&result, "/micros/p50").unwrap() - 3.0).abs() < f64::EPSILON);
        assert!(number(&result, "/micros/p99").unwrap_err().to_string().starts_with("/micros/p99"));
    }
}
