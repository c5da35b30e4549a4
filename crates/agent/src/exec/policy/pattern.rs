//! What an entry covers: the path of a program, and its arguments.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::approvals::binding::hex;

/// The longest pattern that is looked at, in bytes. A longer one covers nothing.
const MAX_PATTERN: usize = 4_096;
/// The largest regular expression, in bytes of its program. A larger one covers nothing.
const MAX_REGEX: usize = 1 << 20;
/// How a digest of a folder and of arguments begins, as OpenClaw 2026.9.6 writes it.
const DIGEST: &str = "sha256:cwd-argv:v1:";
/// How an older one begins, which stood for no folder. It covers nothing.
const OLD_DIGEST: &str = "sha256:argv:";

/// Whether a pattern covers the real path of a program. `*` and `?` stay within a name, `**` goes
/// through folders, `~` is the home; `*` alone covers every program. Another name without a folder
/// covers nothing: it would say nothing about which program is meant.
pub fn path(pattern: &str, program: &str, home: Option<&Path>) -> bool {
    let pattern = pattern.trim();
    if pattern == "*" {
        return true;
    }
    if pattern.len() > MAX_PATTERN {
        return false;
    }
    let expanded = match pattern.strip_prefix('~') {
        None => pattern.to_owned(),
        Some(rest) if rest.starts_with('/') => match home.and_then(Path::to_str) {
            // A home may hold the signs that mean something in a pattern.
            Some(home) if !home.contains(['*', '?']) => format!("{home}{rest}"),
            _ => return false,
        },
        Some(_) => return false,
    };
    expanded.starts_with(['/', '*']) && expanded.contains('/') && glob(&expanded, program)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Char(char),
    /// `?`: one character of a name.
    One,
    /// `*`: any of a name.
    Name,
    /// `**`: anything.
    Any,
}

/// Compares in a time that pattern and text bound together, whatever they are.
fn glob(pattern: &str, text: &str) -> bool {
    let signs = signs(pattern);
    // Which of the first signs cover the text that was read so far.
    let mut covered = vec![false; signs.len() + 1];
    covered[0] = true;
    skip_empty(&signs, &mut covered);
    for c in text.chars() {
        let mut next = vec![false; signs.len() + 1];
        for (i, sign) in signs.iter().enumerate().filter(|(i, _)| covered[*i]) {
            match sign {
                Sign::Char(own) if *own == c => next[i + 1] = true,
                Sign::One if c != '/' => next[i + 1] = true,
                Sign::Name if c != '/' => next[i] = true,
                Sign::Any => next[i] = true,
                _ => {}
            }
        }
        covered = next;
        skip_empty(&signs, &mut covered);
    }
    covered[signs.len()]
}

/// Stars may stand for nothing.
fn skip_empty(signs: &[Sign], covered: &mut [bool]) {
    for (i, sign) in signs.iter().enumerate() {
        if covered[i] && matches!(sign, Sign::Name | Sign::Any) {
            covered[i + 1] = true;
        }
    }
}

fn signs(pattern: &str) -> Vec<Sign> {
    let mut signs = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        signs.push(match c {
            '*' if chars.next_if_eq(&'*').is_some() => Sign::Any,
            '*' => Sign::Name,
            '?' => Sign::One,
            c => Sign::Char(c),
        });
    }
    signs
}

/// Whether a pattern covers the arguments of a command, the first word being its program.
///
/// A digest covers one list of arguments in one folder. A regular expression must cover all of the
/// arguments with one blank between them, and none of them may hold a blank of its own.
pub fn arguments(pattern: &str, argv: &[String], cwd: &str) -> bool {
    if pattern.starts_with(DIGEST) {
        return pattern == digest(argv, cwd);
    }
    if pattern.starts_with(OLD_DIGEST) || pattern.len() > MAX_PATTERN {
        return false;
    }
    let arguments = argv.get(1..).unwrap_or_default();
    if arguments.iter().any(|word| word.is_empty() || word.contains(char::is_whitespace)) {
        return false;
    }
    let built = |text: &str| regex::RegexBuilder::new(text).size_limit(MAX_REGEX).build();
    // By itself first: one that closes a bracket which it never opened would leave the anchors.
    let whole = built(pattern).and_then(|_| built(&format!(r"\A(?:{pattern})\z")));
    whole.is_ok_and(|whole| whole.is_match(&arguments.join(" ")))
}

/// Whether a pattern of arguments is a digest, which only a decision writes.
pub fn is_digest(pattern: &str) -> bool {
    pattern.starts_with(DIGEST)
}

/// The digest of a folder and of arguments, the first word being the program.
pub fn digest(argv: &[String], cwd: &str) -> String {
    let arguments = argv.get(1..).unwrap_or_default();
    let mut text = format!("{}\0{cwd}\0{}\0", cwd.len(), arguments.len());
    for word in arguments {
        text.extend([&word.len().to_string(), "\0", word, "\0"]);
    }
    format!("{DIGEST}{}", hex(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(pattern: &str, program: &str, fits: bool) {
        let home = Path::new("/home/ada");
        assert_eq!(path(pattern, program, Some(home)), fits, "{pattern} {program}");
    }

    #[test]
    fn patterns_of_programs() {
        check("/usr/bin/rg", "/usr/bin/rg", true);
        check(" /usr/bin/rg ", "/usr/bin/rg", true);
        check("/usr/bin/rg", "/usr/bin/rgx", false);
        check("/usr/bin/RG", "/usr/bin/rg", false);
        check("/usr/bin/*", "/usr/bin/rg", true);
        check("/usr/bin/*", "/usr/bin/x/rg", false);
        check("/usr/**/rg", "/usr/local/bin/rg", true);
        check("/usr/**", "/usr/local/bin/rg", true);
        check("**/rg", "/usr/bin/rg", true);
        check("/usr/bin/r?", "/usr/bin/rg", true);
        check("/usr/bin?rg", "/usr/bin/rg", false);
        check("~/bin/*", "/home/ada/bin/x", true);
        check("~root/bin/x", "/root/bin/x", false);
        check("*", "/anything", true);
        check("rg", "/usr/bin/rg", false);
        check("r*", "/usr/bin/rg", false);
        check("**rg", "/usr/bin/rg", false);
        check("bin/rg", "/usr/bin/rg", false);
        check("", "/usr/bin/rg", false);
        check("/usr/bin/../../tmp/x", "/tmp/x", false);
        check("/usr/bin/**", "/usr/bin/../../tmp/x", true);
        assert!(!path("~/x", "/x", None));
    }

    #[test]
    fn a_long_pattern_does_not_take_long() {
        let pattern = format!("/{}b", "*a".repeat(1_000));
        assert!(!path(&pattern, &format!("/{}", "a".repeat(3_000)), None));
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn patterns_of_arguments_cover_all_of_them() {
        let argv = |arguments: &[&str]| [words(&["x"]), words(arguments)].concat();
        for (pattern, arguments, fits) in [
            ("--version", &["--version"][..], true),
            ("--version", &["-rf", "/", "--version"], false),
            ("--version", &["--version", "; rm"], false),
            ("-n [0-9]+", &["-n", "12"], true),
            ("-n [0-9]+", &["-n 12"], false),
            ("", &[], true),
            ("", &["x"], false),
            ("(", &["("], false),
            ("a|b c", &["a"], true),
            ("a|b", &["a", "c"], false),
            ("a", &["a\n"], false),
            (".*", &["a", "", "b"], false),
            // What would leave the anchors, or comment them out.
            ("a)|(?:b", &["a", "rest"], false),
            ("a)|(?:b", &["a"], false),
            ("(?x)a # b", &["a"], false),
        ] {
            assert_eq!(self::arguments(pattern, &argv(arguments), "/"), fits, "{pattern}");
        }
    }

    #[test]
    fn a_digest_is_that_of_2026_9_6() {
        // sha256("4\0/tmp\02\x001\0a\x003\0b c\0"), written out.
        let argv = words(&["x", "a", "b c"]);
        let text = ["4", "/tmp", "2", "1", "a", "3", "b c", ""].join("\0");
        let expected = format!("sha256:cwd-argv:v1:{}", hex(&Sha256::digest(text)));
        assert_eq!(digest(&argv, "/tmp"), expected);
        assert!(arguments(&expected, &argv, "/tmp"));
        assert!(!arguments(&expected, &argv, "/"));
        assert!(!arguments(&expected, &words(&["x", "a b", "c"]), "/tmp"));
        assert!(!arguments("sha256:argv:00", &argv, "/tmp"));
    }

    proptest! {
        #[test]
        fn a_path_covers_itself_alone(one in "(/[a-c]{1,2}){1,3}", other in "(/[a-c]{1,2}){1,3}") {
            prop_assert_eq!(path(&one, &other, None), one == other);
        }

        #[test]
        fn stars_agree_with_a_regular_expression(
            pattern in "/[ab*?/]{0,6}", text in "/[ab/]{0,6}",
        ) {
            let mut expression = String::from(r"\A");
            for sign in signs(&pattern) {
                match sign {
                    Sign::Char(c) => expression.push(c),
                    Sign::One => expression.push_str("[^/]"),
                    Sign::Name => expression.push_str("[^/]*"),
                    Sign::Any => expression.push_str(".*"),
                }
            }
            expression.push_str(r"\z");
            let expected = regex::Regex::new(&expression).unwrap().is_match(&text);
            prop_assert_eq!(glob(&pattern, &text), expected);
        }

        #[test]
        fn a_digest_stands_for_one_list(
            one in prop::collection::vec("[ab]{0,2}", 1..4), other in prop::collection::vec("[ab]{0,2}", 1..4),
        ) {
            let same = one.get(1..) == other.get(1..);
            prop_assert_eq!(digest(&one, "/") == digest(&other, "/"), same);
        }
    }

    #[test]
    fn what_is_too_long_or_too_much_covers_nothing() {
        assert!(!path(&format!("/{}", "*".repeat(MAX_PATTERN)), "/x", None));
        assert!(!path("~/x", "/h/other/x", Some(Path::new("/h/*"))), "a home is no pattern");
        let itself = |text: &str| arguments(text, &words(&["x", text]), "/");
        assert!(itself("a"));
        assert!(!itself("sha256:argv:a"), "a digest without a folder");
        assert!(!itself(&"a".repeat(MAX_PATTERN + 1)));
        assert!(!arguments(r"\w{500}|a", &words(&["x", "a"]), "/"), "its program is too large");
    }
}
