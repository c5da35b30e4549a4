//! Strings of a frame: where one ends, whether its escapes are whole, and what they stand for.

use super::ScanError;

/// A string that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read {
    /// The byte after the closing quote.
    pub(super) end: usize,
    /// Whether it has escapes.
    pub(super) escaped: bool,
}

/// Reads the string whose opening quote is at `open`.
pub(super) fn string(text: &[u8], open: usize) -> Result<Read, ScanError> {
    let mut at = open + 1;
    let mut escaped = false;
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(Read { end: at + 1, escaped }),
            Some(b'\\') => {
                escaped = true;
                at = escape(text, at)?;
            }
            Some(0x20..) => at += 1,
            _ => return Err(ScanError::Syntax { at }),
        }
    }
}

/// Reads the escape at `at` and returns the byte after it.
fn escape(text: &[u8], at: usize) -> Result<usize, ScanError> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match unit(text, at)? {
            0xD800..=0xDBFF => match unit(text, at + 6) {
                Ok(0xDC00..=0xDFFF) => Ok(at + 12),
                _ => Err(ScanError::LoneSurrogate { at }),
            },
            0xDC00..=0xDFFF => Err(ScanError::LoneSurrogate { at }),
            _ => Ok(at + 6),
        },
        _ => Err(ScanError::Syntax { at }),
    }
}

/// The UTF-16 unit of the `\uXXXX` at `at`.
fn unit(text: &[u8], at: usize) -> Result<u32, ScanError> {
    let syntax = ScanError::Syntax { at };
    let escape = text.get(at..at + 6).ok_or_else(|| syntax.clone())?;
    if !escape.starts_with(b"\\u") {
        return Err(syntax);
    }
    escape[2..].iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16).ok_or_else(|| syntax.clone())?;
        Ok(unit * 16 + digit)
    })
}

/// The characters that a checked string stands for, one by one.
pub(super) fn characters(mut raw: &str) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        let first = raw.chars().next()?;
        let (character, length) =
            if first == '\\' { unescape(raw.as_bytes()) } else { (first, first.len_utf8()) };
        raw = &raw[length..];
        Some(character)
    })
}

/// The character of a checked escape and the escape's length.
fn unescape(raw: &[u8]) -> (char, usize) {
    let simple = match raw.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let high = unit(raw, 0).unwrap_or_default();
            if (0xD800..=0xDBFF).contains(&high) {
                let low = unit(raw, 6).unwrap_or_default();
                let code = 0x10000 + ((high - 0xD800) << 10) + low.saturating_sub(0xDC00);
                return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
            }
            return (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
        }
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (simple, 2)
}
