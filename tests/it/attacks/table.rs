//! Tables of variants: each is sent, all are looked at before any fails, and docs/security.md says how
//! many there are.

use std::fmt::Debug;

/// The rows of docs/security.md.
pub(super) const DOCUMENT: &str = include_str!("../../../docs/security.md");

/// One test's variants.
pub(crate) struct Table {
    test: &'static str,
    count: usize,
    wrong: Vec<String>,
}

impl Table {
    /// The table of a test, by its name in the document.
    pub(crate) fn of(test: &'static str) -> Self {
        Self { test, count: 0, wrong: Vec::new() }
    }

    /// What became of a variant.
    pub(crate) fn row(&mut self, variant: impl AsRef<str>, fits: bool, got: impl Debug) {
        self.count += 1;
        if !fits {
            let variant: String = variant.as_ref().chars().take(100).collect();
            let got: String = format!("{got:?}").chars().take(400).collect();
            self.wrong.push(format!("{variant:?}: {got}"));
        }
    }

    /// Fails when a variant was not met as it should be, or when the document has another count.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "the count of a table is for whoever runs it")]
    pub(crate) fn end(self) {
        let Self { test, count, wrong } = self;
        println!("{test}: {count} variants, {} wrong", wrong.len());
        assert!(wrong.is_empty(), "{test}:\n{}", wrong.join("\n"));
        listed(test, count);
    }
}

/// Fails when the document has another count for a test.
#[track_caller]
pub(crate) fn listed(test: &str, count: usize) {
    let cell = format!("`{test}` {count}");
    let there = DOCUMENT.split([',', '|']).any(|other| other.trim() == cell);
    assert!(there, "docs/security.md does not say that {test} has {count} variants");
}
