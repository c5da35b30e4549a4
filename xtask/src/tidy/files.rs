//! Rules for one file: a heading, a bounded body, no `mod.rs`.

/// Longest body of a file, without its inline tests, in lines.
const MAX_BODY: usize = 600;
/// Tables may be longer: their length is that of what they list.
const TABLES: [&str; 0] = [];

/// What is wrong with a file.
pub(crate) fn check(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    // The tests of a file are its own: the heading is there.
    if !text.starts_with("//!") && !name.ends_with("/tests.rs") {
        problems.push(format!("{name}: start with `//!` and what the file is for"));
    }
    if name.ends_with("/mod.rs") {
        problems.push(format!("{name}: use foo.rs beside foo/ instead of mod.rs"));
    }
    let body = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text).lines().count();
    if body > MAX_BODY && !TABLES.contains(&name) && !name.contains("/tests") {
        problems.push(format!("{name}: {body} lines; change its shape, {MAX_BODY} is the most"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_can_be_broken() {
        assert!(check("a.rs", "//! A.\n").is_empty());
        assert_eq!(check("a.rs", "fn a() {}\n").len(), 1);
        assert!(check("a/tests.rs", "fn a() {}\n").is_empty());
        assert_eq!(check("a/mod.rs", "//! A.\n").len(), 1);
        let long = format!("//! A.\n{}", "fn a() {}\n".repeat(MAX_BODY));
        assert_eq!(check("a.rs", &long).len(), 1);
        let tested = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{}}}", "x\n".repeat(MAX_BODY));
        assert!(check("a.rs", &tested).is_empty());
    }
}
