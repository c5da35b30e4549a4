//! Labelled crash points: places where a test kills the process to prove that nothing is lost.
//!
//! Without an installed hook a point costs one atomic load. Only a test harness installs one.

use std::sync::OnceLock;

/// Called at every point with its label.
pub type Hook = Box<dyn Fn(&'static str) + Send + Sync>;

static HOOK: OnceLock<Hook> = OnceLock::new();

/// All labels, in the order in which a run passes them.
pub const POINTS: &[&str] = &[
    "accepted",
    "before-model",
    "first-delta",
    "text-marked",
    "step-begun",
    "step-done",
    "before-finish",
    "after-finish",
];

/// Installs the hook of this process; `false` when there is one already.
pub fn install(hook: Hook) -> bool {
    HOOK.set(hook).is_ok()
}

/// A crash point.
pub fn point(label: &'static str) {
    if let Some(hook) = HOOK.get() {
        hook(label);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[test]
    fn the_first_hook_stays_and_hears_labels() {
        // Process-wide: this is the only test of the crate that installs one, and it stays harmless.
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        assert!(install(Box::new(move |label| {
            if label == "unit-test" {
                count.fetch_add(1, Ordering::Relaxed);
            }
        })));
        assert!(!install(Box::new(|_| ())));
        point("unit-test");
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }
}
