//! Reads a transcript file from front to back, line by line, in bounded memory.
//!
//! Nothing in a file stops it: what is not a line of a transcript is told and skipped.

use std::io::{self, BufRead};

use super::{LineInfo, line::Head};

/// The longest line that is indexed. A longer one is skipped as damaged, so that one line cannot fill the memory.
pub const MAX_LINE: usize = 32 * 1024 * 1024;
/// The buffer is given back after a line longer than this.
const KEEP_BUFFER: usize = 256 * 1024;

/// A piece of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// An entry, or the header.
    Line {
        /// Where it begins in the file, in bytes.
        offset: u64,
        /// How long it is without its line feed.
        length: u64,
        /// What it says about itself.
        info: LineInfo,
    },
    /// Bytes that are no entry.
    Damaged {
        /// Where they begin.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// The file ends in the middle of a line that cannot be read.
    Torn {
        /// Where the line begins.
        offset: u64,
        /// How many bytes of it there are.
        length: u64,
    },
}

/// Reads pieces off a file.
#[derive(Debug)]
pub struct Scanner<R> {
    reader: R,
    /// Where the next line begins.
    offset: u64,
    buffer: Vec<u8>,
    /// Further records that stood on the same line.
    queued: std::collections::VecDeque<Scanned>,
    /// The last line read had a line feed.
    ended: bool,
}

impl<R: BufRead> Scanner<R> {
    /// Scans `reader`, whose first byte is at `offset` of the file and begins a line.
    pub fn new(reader: R, offset: u64) -> Self {
        Self {
            reader,
            offset,
            buffer: Vec::new(),
            queued: std::collections::VecDeque::new(),
            ended: true,
        }
    }

    /// The next piece, or `None` at the end of the file.
    pub fn next_piece(&mut self) -> io::Result<Option<Scanned>> {
        loop {
            if let Some(piece) = self.queued.pop_front() {
                return Ok(Some(piece));
            }
            if !self.read_line()? {
                return Ok(None);
            }
        }
    }

    /// How far the scan has come, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The last line read ended with a line feed; true for an empty file.
    pub fn ended_with_line_feed(&self) -> bool {
        self.ended
    }

    /// Reads one line and queues what is on it. False at the end of the file.
    fn read_line(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let (length, ended) = read_until_line_feed(&mut self.reader, &mut self.buffer)?;
        if length == 0 {
            return Ok(false);
        }
        let start = self.offset;
        self.offset += length;
        self.ended = ended;
        if length > MAX_LINE as u64 {
            self.queued.push_back(Scanned::Damaged { offset: start, length });
        } else {
            self.split(start);
        }
        if self.buffer.capacity() > KEEP_BUFFER {
            self.buffer = Vec::new();
        }
        Ok(true)
    }

    /// Queues the records of the line in the buffer: one, or several where a line feed was lost.
    fn split(&mut self, start: u64) {
        let mut from = usize::from(start == 0 && self.buffer.starts_with(b"\xef\xbb\xbf")) * 3;
        let end = self.buffer.trim_ascii_end().len();
        loop {
            from += leading_space(&self.buffer[from.min(end)..end]);
            if from >= end {
                return;
            }
            let rest = &self.buffer[from..end];
            let mut records = serde_json::Deserializer::from_slice(rest).into_iter::<Head<'_>>();
            let record = records.next();
            let used = records.byte_offset();
            let offset = start + from as u64;
            if let Some(Ok(head)) = record {
                let info = head.into();
                self.queued.push_back(Scanned::Line { offset, length: used as u64, info });
                from += used;
            } else {
                let length = rest.len() as u64;
                self.queued.push_back(if self.ended {
                    Scanned::Damaged { offset, length }
                } else {
                    Scanned::Torn { offset, length }
                });
                return;
            }
        }
    }
}

fn leading_space(bytes: &[u8]) -> usize {
    bytes.len() - bytes.trim_ascii_start().len()
}

/// Reads up to and with the next line feed; keeps at most [`MAX_LINE`] bytes of it. How many bytes
/// there were, and whether a line feed came.
pub(crate) fn read_until_line_feed(
    reader: &mut impl BufRead,
    into: &mut Vec<u8>,
) -> io::Result<(u64, bool)> {
    let mut length = 0_u64;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if chunk.is_empty() {
            return Ok((length, false));
        }
        let line_feed = chunk.iter().position(|b| *b == b'\n');
        let used = line_feed.map_or(chunk.len(), |at| at + 1);
        let room = MAX_LINE.saturating_sub(into.len());
        into.extend_from_slice(&chunk[..used.min(room)]);
        reader.consume(used);
        length += used as u64;
        if line_feed.is_some() {
            return Ok((length, true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::LineKind;

    /// What a scan finds: `<kind>:<id>@<offset>+<length>`, `damaged@..`, `torn@..`.
    fn found(bytes: &[u8]) -> Vec<String> {
        let mut scanner = Scanner::new(io::BufReader::with_capacity(7, bytes), 0);
        let mut out = Vec::new();
        while let Some(piece) = scanner.next_piece().unwrap() {
            out.push(match piece {
                Scanned::Line { offset, length, info } => {
                    format!("{}:{}@{offset}+{length}", info.kind.as_str(), info.id)
                }
                Scanned::Damaged { offset, length } => format!("damaged@{offset}+{length}"),
                Scanned::Torn { offset, length } => format!("torn@{offset}+{length}"),
            });
        }
        assert_eq!(scanner.offset(), bytes.len() as u64);
        out
    }

    const A: &str = r#"{"type":"message","id":"a"}"#;
    const B: &str = r#"{"type":"compaction","id":"b"}"#;

    #[test]
    fn good_lines_are_found_where_they_are() {
        assert_eq!(
            found(format!("{A}\n{B}\n").as_bytes()),
            ["message:a@0+27", "compaction:b@28+30"]
        );
        assert_eq!(
            found(format!("{A}\r\n\n{B}").as_bytes()),
            ["message:a@0+27", "compaction:b@30+30"]
        );
        assert_eq!(found(format!("\u{feff}{A}\n").as_bytes()), ["message:a@3+27"]);
        assert_eq!(found(b""), [""; 0]);
    }

    #[test]
    fn damage_is_skipped_and_told() {
        assert_eq!(
            found(format!("{A}\n\0\0\0\0\nrubbish\n{B}\n").as_bytes()),
            ["message:a@0+27", "damaged@28+4", "damaged@33+7", "compaction:b@41+30"]
        );
        assert_eq!(found(format!("{A}{B}\n").as_bytes()), ["message:a@0+27", "compaction:b@27+30"]);
        assert_eq!(
            found(&[b"\xff\xfe\n".as_slice(), A.as_bytes()].concat()),
            ["damaged@0+2", "message:a@3+27"]
        );
    }

    #[test]
    fn a_file_cut_anywhere_gives_its_whole_lines() {
        let whole = format!("{A}\n{B}\n");
        for cut in 0..=whole.len() {
            let found = found(&whole.as_bytes()[..cut]);
            let lines = found.iter().filter(|f| !f.starts_with("torn")).count();
            let expected = usize::from(cut >= A.len()) + usize::from(cut >= A.len() + 1 + B.len());
            assert_eq!(lines, expected, "cut at {cut}: {found:?}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_damage() {
        let mut bytes =
            format!("{{\"type\":\"message\",\"id\":\"{}\"}}\n", "x".repeat(MAX_LINE)).into_bytes();
        let length = bytes.len() as u64;
        bytes.extend_from_slice(A.as_bytes());
        let mut scanner = Scanner::new(bytes.as_slice(), 0);
        assert_eq!(scanner.next_piece().unwrap(), Some(Scanned::Damaged { offset: 0, length }));
        let Some(Scanned::Line { info, .. }) = scanner.next_piece().unwrap() else {
            panic!("no line")
        };
        assert_eq!(info.kind, LineKind::Message);
    }
}
