//! One pass over the raw text of a frame, before anything is parsed from it: what raw values hide
//! (names that occur twice, too deep nesting, half surrogates) is refused here.
//!
//! Nothing is allocated while the open objects have at most [`INLINE_KEYS`] names together.

mod keys;
mod text;

use keys::{Key, Keys};

use crate::frame::MAX_DEPTH;

/// Most names of one object. A frame with more is refused.
pub const MAX_OBJECT_KEYS: usize = 4096;
/// Most names of a whole frame. A frame with more is refused.
pub const MAX_FRAME_KEYS: usize = 262_144;
/// Names of open objects that are remembered without allocating.
pub const INLINE_KEYS: usize = 64;

/// Why a frame was refused before it was parsed. Positions are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The text is not UTF-8.
    #[error("not UTF-8 at byte {at}")]
    Utf8 {
        /// Where.
        at: usize,
    },
    /// The text is not JSON.
    #[error("not JSON at byte {at}")]
    Syntax {
        /// Where.
        at: usize,
    },
    /// Objects and lists are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} at byte {at}")]
    Depth {
        /// Where.
        at: usize,
    },
    /// A name occurs twice in one object.
    #[error("duplicate property '{key}'")]
    DuplicateKey {
        /// The name, at most 64 characters of it.
        key: String,
    },
    /// An object or the frame has too many names.
    #[error("too many properties at byte {at}")]
    TooManyKeys {
        /// Where.
        at: usize,
    },
    /// A `\u` escape is half of a surrogate pair.
    #[error("half a surrogate pair at byte {at}")]
    LoneSurrogate {
        /// Where.
        at: usize,
    },
}

/// Checks one frame that came as bytes.
pub fn scan_bytes(frame: &[u8]) -> Result<&str, ScanError> {
    let text =
        str::from_utf8(frame).map_err(|error| ScanError::Utf8 { at: error.valid_up_to() })?;
    scan(text)?;
    Ok(text)
}

/// Checks one frame. What passes is one JSON value, except that numbers may be out of range.
pub fn scan(frame: &str) -> Result<(), ScanError> {
    let mut scanner = Scanner {
        text: frame.as_bytes(),
        at: 0,
        open: [Open::List; MAX_DEPTH],
        depth: 0,
        keys: Keys::new(),
        total: 0,
    };
    loop {
        scanner.value()?;
        if scanner.close()? {
            return Ok(());
        }
    }
}

/// An object or a list that has begun.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// A list.
    List,
    /// An object, whose names begin at this place of [`Scanner::keys`].
    Object(usize),
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    open: [Open; MAX_DEPTH],
    depth: usize,
    keys: Keys,
    total: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn syntax<T>(&self) -> Result<T, ScanError> {
        Err(ScanError::Syntax { at: self.at })
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads up to the end of a plain value, or of an empty object or list. Objects and lists that
    /// are not empty stay open.
    fn value(&mut self) -> Result<(), ScanError> {
        loop {
            self.space();
            match self.peek() {
                Some(b'{') => {
                    self.push(Open::Object(self.keys.len()))?;
                    if self.peek() == Some(b'}') {
                        return Ok(());
                    }
                    self.key()?;
                }
                Some(b'[') => {
                    self.push(Open::List)?;
                    if self.peek() == Some(b']') {
                        return Ok(());
                    }
                }
                Some(b'"') => {
                    self.at = text::string(self.text, self.at)?.end;
                    return Ok(());
                }
                Some(b'-' | b'0'..=b'9') => return self.number(),
                Some(b't') => return self.word(b"true"),
                Some(b'f') => return self.word(b"false"),
                Some(b'n') => return self.word(b"null"),
                _ => return self.syntax(),
            }
        }
    }

    /// Reads what follows a value: closes what ends here and stops before the next value. True at
    /// the end of the text.
    fn close(&mut self) -> Result<bool, ScanError> {
        loop {
            self.space();
            let Some(top) = self.depth.checked_sub(1) else {
                return if self.at == self.text.len() { Ok(true) } else { self.syntax() };
            };
            match (self.open[top], self.peek()) {
                (Open::List, Some(b',')) => {
                    self.at += 1;
                    return Ok(false);
                }
                (Open::Object(start), Some(b',')) if self.keys.len() > start => {
                    self.at += 1;
                    self.space();
                    self.key()?;
                    return Ok(false);
                }
                (Open::List, Some(b']')) => {
                    self.at += 1;
                    self.depth = top;
                }
                (Open::Object(start), Some(b'}')) => {
                    self.at += 1;
                    self.depth = top;
                    self.keys.finish(start, self.text)?;
                }
                _ => return self.syntax(),
            }
        }
    }

    fn push(&mut self, open: Open) -> Result<(), ScanError> {
        let Some(slot) = self.open.get_mut(self.depth) else {
            return Err(ScanError::Depth { at: self.at });
        };
        *slot = open;
        self.depth += 1;
        self.at += 1;
        self.space();
        Ok(())
    }

    /// Reads a name and its colon.
    fn key(&mut self) -> Result<(), ScanError> {
        if self.peek() != Some(b'"') {
            return self.syntax();
        }
        let string = text::string(self.text, self.at)?;
        let start = match self.open[self.depth - 1] {
            Open::Object(start) => start,
            Open::List => return self.syntax(),
        };
        self.total += 1;
        if self.keys.len() - start >= MAX_OBJECT_KEYS || self.total > MAX_FRAME_KEYS {
            return Err(ScanError::TooManyKeys { at: self.at });
        }
        self.keys.push(Key { start: self.at + 1, end: string.end - 1, escaped: string.escaped });
        self.at = string.end;
        self.space();
        if self.peek() != Some(b':') {
            return self.syntax();
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), ScanError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            self.syntax()
        }
    }

    fn number(&mut self) -> Result<(), ScanError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ScanError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.syntax() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
