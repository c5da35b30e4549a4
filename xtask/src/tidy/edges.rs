//! Who may depend on whom.

use std::collections::BTreeMap;

/// Each package and what it may use of ours; anything else is a mistake.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("openclaw-protocol", &[]),
    ("openclaw-auth", &["openclaw-protocol"]),
    ("openclaw-channels", &["openclaw-protocol"]),
    ("openclaw-agent", &["openclaw-protocol"]),
    ("openclaw-sdk", &["openclaw-protocol"]),
    (
        "openclaw-store",
        &["openclaw-protocol", "openclaw-auth", "openclaw-channels", "openclaw-agent"],
    ),
    (
        "openclaw-gateway",
        &[
            "openclaw-protocol",
            "openclaw-auth",
            "openclaw-channels",
            "openclaw-agent",
            "openclaw-store",
        ],
    ),
    ("openclaw", &["openclaw-sdk", "openclaw-protocol", "openclaw-gateway", "openclaw-agent"]),
    (
        "openclaw-tests",
        &[
            "openclaw-protocol",
            "openclaw-auth",
            "openclaw-channels",
            "openclaw-agent",
            "openclaw-store",
            "openclaw-gateway",
            "openclaw-sdk",
            "openclaw",
        ],
    ),
    ("xtask", &[]),
];

/// Every edge that is not allowed, and every package without a rule.
pub(crate) fn check(dependencies: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut problems = Vec::new();
    for (package, needs) in dependencies {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == package) else {
            problems.push(format!("{package}: say in xtask/src/tidy/edges.rs what it may use"));
            continue;
        };
        let wrong = needs.iter().filter(|need| !allowed.contains(&need.as_str()));
        problems.extend(wrong.map(|need| format!("{package} must not depend on {need}")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_edge_and_an_unknown_package_are_named() {
        let of = |pairs: &[(&str, &[&str])]| {
            let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
            check(&pairs.iter().map(|(name, needs)| ((*name).to_owned(), own(needs))).collect())
        };
        assert!(of(&[("openclaw-agent", &["openclaw-protocol"])]).is_empty());
        assert_eq!(
            of(&[("openclaw-protocol", &["openclaw-agent"])]),
            ["openclaw-protocol must not depend on openclaw-agent"]
        );
        assert_eq!(of(&[("openclaw-new", &[])]).len(), 1);
    }
}
