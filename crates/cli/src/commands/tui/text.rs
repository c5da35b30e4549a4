//! Text on a grid of cells: what may be shown, how wide it is, and where it breaks.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// A tab is this many cells.
const TAB: &str = "    ";

/// Cells that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Whether a character may reach the terminal. Control characters would move its cursor, and
/// directional ones would show a text in another order than it has.
fn harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One line as it may be shown.
pub(super) fn clean(line: &str) -> String {
    line.replace('\t', TAB).chars().filter(|c| harmless(*c)).collect()
}

/// The beginning of a text on one line, at most so many cells wide.
pub(super) fn cut(text: &str, cells: usize) -> String {
    let line = clean(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if width(&line) <= cells {
        return line;
    }
    let mut out = fitting(&line, cells.saturating_sub(1)).to_owned();
    out.push('…');
    out
}

/// The longest beginning of a text that fits, at least one grapheme.
fn fitting(text: &str, cells: usize) -> &str {
    let mut end = 0;
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > cells && end > 0 {
            break;
        }
        end = at + grapheme.len();
        if used >= cells {
            break;
        }
    }
    &text[..end]
}

/// A text as lines that fit, broken between words where that is possible.
pub(super) fn wrap(text: &str, cells: usize) -> Vec<String> {
    text.lines().flat_map(|line| wrap_line(&clean(line), cells.max(1))).collect()
}

/// The same, broken anywhere: for code, where blanks count.
pub(super) fn wrap_anywhere(text: &str, cells: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let line = clean(line);
        let mut rest = line.as_str();
        loop {
            let head = fitting(rest, cells.max(1));
            out.push(head.to_owned());
            rest = &rest[head.len()..];
            if rest.is_empty() {
                break;
            }
        }
    }
    out
}

fn wrap_line(line: &str, cells: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    for word in line.split_word_bounds() {
        if width(&current) + width(word) <= cells {
            current.push_str(word);
            continue;
        }
        if word.trim().is_empty() {
            // The blank at which a line breaks is not shown.
            out.push(std::mem::take(&mut current));
            continue;
        }
        if !current.trim().is_empty() {
            out.push(std::mem::take(&mut current).trim_end().to_owned());
        }
        let mut rest = word;
        while width(&current) + width(rest) > cells {
            let head = fitting(rest, cells.saturating_sub(width(&current)));
            out.push(std::mem::take(&mut current) + head);
            rest = &rest[head.len()..];
        }
        current.push_str(rest);
    }
    if !current.is_empty() || out.is_empty() {
        out.push(current);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one\n\ntwo", 8), ["one", "", "two"]);
        assert_eq!(wrap("    indented text", 12), ["    indented", "text"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn a_wide_character_is_never_split() {
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap_anywhere("日本語", 3), ["日", "本", "語"]);
        assert_eq!(wrap("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2), ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
        assert!(wrap("x", 0).len() == 1, "a width of nothing still ends");
    }

    #[test]
    fn nothing_in_a_text_steers_the_terminal() {
        assert_eq!(wrap("a\x1b[2Jb\x07\u{202e}c", 20), ["a[2Jbc"]);
        assert_eq!(cut("a\tb\r\n c", 20), "a b c");
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(cut("hello world", 8), "hello w…");
        assert_eq!(cut("日本語", 4), "日…");
    }
}
