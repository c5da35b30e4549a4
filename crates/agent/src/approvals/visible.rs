//! Text as a person can trust it: what is invisible, turns the line around or moves the cursor is
//! written out, and what looks like something else is named.

/// The longest text that is shown, in characters. What is longer is refused, never cut: a person
/// decides about all of it or not at all.
pub const MAX_SHOWN: usize = 16_384;

/// The text on one line; each character that cannot be seen as itself stands there as `\u{HEX}`.
pub fn line(text: &str) -> String {
    written(text, |_| false)
}

/// The same for prose: lines stay lines.
pub fn prose(text: &str) -> String {
    let breaks = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    written(&breaks, |c| c == '\n')
}

fn written(text: &str, keep: impl Fn(char) -> bool) -> String {
    use std::fmt::Write as _;

    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // What is written like one of our own escapes is none of them.
        if is_hidden(c) && !keep(c) || rest.starts_with("\\u{") {
            // Writing to a text cannot fail.
            write!(out, "\\u{{{:X}}}", u32::from(c)).ok();
        } else {
            out.push(c);
        }
        rest = rest.split_at(c.len_utf8()).1;
    }
    out
}

/// Whether a character has no shape of its own, or one that nobody can rely on.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Spaces that are not the space, and letters that are blank.
            '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}'
            | '\u{205F}' | '\u{3000}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}'
            // Formats: joiners, marks of direction, soft hyphens, tags.
            | '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}' | '\u{891}'
            | '\u{8E2}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}' | '\u{110BD}' | '\u{110CD}'
            | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}' | '\u{34F}' | '\u{17B4}' | '\u{17B5}' | '\u{FE00}'..='\u{FE0F}'
            // Private use, and what will never be a character.
            | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FFFE}' | '\u{FFFF}'
        )
}

/// Characters of a text that look like plain ones and are not, each once, in their order.
pub fn lookalikes(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|c| is_lookalike(*c)) {
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

fn is_lookalike(c: char) -> bool {
    matches!(
        c,
        // Greek, Cyrillic, Armenian, Cherokee, Lisu: whole alphabets with the shapes of ours.
        '\u{370}'..='\u{52F}' | '\u{531}'..='\u{588}' | '\u{13A0}'..='\u{13FD}' | '\u{A4D0}'..='\u{A4F7}'
        // Letters of formulas and wide forms.
        | '\u{2100}'..='\u{214F}' | '\u{FF01}'..='\u{FF5E}' | '\u{1D400}'..='\u{1D7FF}'
        // Single letters, dashes, quotes, dots, slashes and colons.
        | '\u{131}' | '\u{251}' | '\u{261}' | '\u{269}' | '\u{1C0}' | '\u{2010}'..='\u{2015}'
        | '\u{2018}'..='\u{201F}' | '\u{2024}' | '\u{2044}' | '\u{2212}' | '\u{2215}' | '\u{2216}'
        | '\u{2223}' | '\u{2236}' | '\u{A789}' | '\u{2D0}' | '\u{5C3}' | '\u{5F3}'
    )
}

/// A warning about such characters; `None` when there is none.
pub fn warning(text: &str) -> Option<String> {
    /// How many are named.
    const NAMED: usize = 8;
    let found = lookalikes(text);
    if found.is_empty() {
        return None;
    }
    let named = found.iter().take(NAMED).map(|c| format!("{c} (U+{:04X})", u32::from(*c)));
    let more = if found.len() > NAMED { ", and others" } else { "" };
    let named = named.collect::<Vec<_>>().join(", ");
    Some(format!("Contains characters that look like others: {named}{more}."))
}

/// A command as text that a POSIX shell would read as exactly these words.
pub fn command(argv: &[String]) -> String {
    argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_invisible_is_written_out() {
        for (text, shown) in [
            ("ls -l", "ls -l"),
            ("a\u{1b}[2Kb", "a\\u{1B}[2Kb"),
            ("a\rb\nc\td", "a\\u{D}b\\u{A}c\\u{9}d"),
            ("\u{202e}txt.exe", "\\u{202E}txt.exe"),
            ("a\u{200b}b\u{feff}c", "a\\u{200B}b\\u{FEFF}c"),
            ("a\u{a0}b\u{3000}c\u{2800}", "a\\u{A0}b\\u{3000}c\\u{2800}"),
            ("\u{e0041}\u{f8ff}\u{9b}", "\\u{E0041}\\u{F8FF}\\u{9B}"),
            ("gr\u{fc}n 日本 🙂", "grün 日本 🙂"),
        ] {
            assert_eq!(line(text), shown);
        }
        assert_eq!(prose("a\r\nb\rc\u{2028}d\u{7}"), "a\nb\nc\nd\\u{7}");
    }

    #[test]
    fn a_forged_escape_is_no_escape() {
        assert_eq!(line("\\u{202E}"), "\\u{5C}u{202E}");
        assert_ne!(line("\\u{202E}"), line("\u{202e}"));
    }

    #[test]
    fn letters_of_other_alphabets_are_named() {
        assert_eq!(lookalikes("curl аpple.com"), ['а']);
        assert_eq!(
            warning("rm ‐rf").unwrap(),
            "Contains characters that look like others: ‐ (U+2010)."
        );
        assert!(warning("αβγδεζηθικ").unwrap().ends_with("and others."));
        assert_eq!(warning("grün"), None);
    }

    #[test]
    fn words_are_told_apart() {
        let argv = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(command(&argv(&["echo", "hi"])), "echo hi");
        assert_eq!(command(&argv(&["echo", "a b", "", "it's"])), r"echo 'a b' '' 'it'\''s'");
        assert_ne!(command(&argv(&["a", "b c"])), command(&argv(&["a", "b", "c"])));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_nothing_is_lost(text in ".{0,40}", other in ".{0,40}") {
            let shown = line(&text);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert_eq!(shown == line(&other), text == other);
        }

        #[test]
        fn different_commands_look_different(
            one in prop::collection::vec(".{0,8}", 1..4),
            other in prop::collection::vec(".{0,8}", 1..4),
        ) {
            prop_assert_eq!(line(&command(&one)) == line(&command(&other)), one == other);
        }
    }
}
