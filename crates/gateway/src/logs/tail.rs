//! `logs.tail`: the lines after a cursor, or the last ones. Recorded from OpenClaw 2026.3.28 and 2026.9.6.

use std::{
    fs::File,
    io::{self, ErrorKind, Read as _, Seek as _, SeekFrom},
};

use openclaw_protocol::methods::logs::LogsTailResult;

use super::LogFile;

/// The most bytes of one answer.
const MAX_BYTES: usize = 1_000_000;
/// The most lines of one answer.
const MAX_LINES: usize = 5_000;

/// Reads at most `limit` lines of at most `max_bytes` bytes. A cursor past the end (the file was cut or is another day's)
/// or too far behind begins anew at the end, which `reset` tells. A missing file is an empty one.
///
/// # Errors
/// When the file cannot be read.
pub fn tail(
    log: &LogFile,
    cursor: Option<u64>,
    limit: usize,
    max_bytes: usize,
) -> io::Result<LogsTailResult> {
    let path = log.path();
    let name = path.as_ref().map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    let file = match path.map(File::open) {
        None => return Ok(LogsTailResult { file: name, ..empty() }),
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => {
            return Ok(LogsTailResult { file: name, ..empty() });
        }
        Some(opened) => opened?,
    };
    let size = file.metadata()?.len();
    let slice = Slice::choose(cursor, size, max_bytes.clamp(1, MAX_BYTES) as u64);
    let (mut lines, cursor) = slice.read(file, size)?;
    let limit = limit.clamp(1, MAX_LINES);
    let surplus = lines.len().saturating_sub(limit);
    lines.drain(..surplus);
    let lines = lines.iter().map(|line| log.secrets.mask(line).into_owned()).collect();
    Ok(LogsTailResult {
        file: name,
        cursor,
        size,
        lines,
        truncated: Some(slice.truncated),
        reset: Some(slice.reset),
        ..LogsTailResult::default()
    })
}

fn empty() -> LogsTailResult {
    LogsTailResult { truncated: Some(false), reset: Some(false), ..LogsTailResult::default() }
}

/// The part of the file that is read.
struct Slice {
    start: u64,
    truncated: bool,
    reset: bool,
}

impl Slice {
    fn choose(cursor: Option<u64>, size: u64, max_bytes: u64) -> Self {
        let end = size.saturating_sub(max_bytes);
        match cursor {
            None => Self { start: end, truncated: end > 0, reset: false },
            Some(cursor) if cursor > size => Self { start: end, truncated: end > 0, reset: true },
            Some(cursor) if size - cursor > max_bytes => {
                Self { start: end, truncated: true, reset: true }
            }
            Some(cursor) => Self { start: cursor, truncated: false, reset: false },
        }
    }

    /// The whole lines from the start, and where the next read begins. A line that is cut by the start is left out; one
    /// that is still being written is left for the next read.
    fn read(&self, mut file: File, size: u64) -> io::Result<(Vec<String>, u64)> {
        // One byte before the start tells whether a line begins there.
        let from = self.start.saturating_sub(1);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(size.saturating_sub(from)).read_to_end(&mut bytes)?;
        let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            return Ok((Vec::new(), if self.truncated { size } else { self.start }));
        };
        let cursor = from + last as u64 + 1;
        bytes.truncate(last);
        let first = match self.start {
            0 => Some(0),
            _ => bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1),
        };
        let whole = first.and_then(|first| bytes.get(first..)).unwrap_or_default();
        if first.is_none() {
            return Ok((Vec::new(), cursor));
        }
        Ok((String::from_utf8_lossy(whole).split('\n').map(str::to_owned).collect(), cursor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(text: &str) -> (tempfile::TempDir, LogFile) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        std::fs::write(&path, text).unwrap();
        (dir, LogFile::fixed(path))
    }

    #[track_caller]
    fn check(
        text: &str,
        asked: (Option<u64>, usize, usize),
        lines: &[&str],
        rest: (u64, bool, bool),
    ) {
        let (_dir, log) = log(text);
        let found = tail(&log, asked.0, asked.1, asked.2).unwrap();
        assert_eq!(found.lines, lines);
        assert_eq!(
            (found.cursor, found.truncated, found.reset),
            (rest.0, Some(rest.1), Some(rest.2))
        );
        assert_eq!(found.size, text.len() as u64);
    }

    #[test]
    fn cursors_and_limits() {
        let text = "one\ntwo\nthree\n";
        check(text, (None, 10, 100), &["one", "two", "three"], (14, false, false));
        check(text, (None, 1, 100), &["three"], (14, false, false));
        check(text, (None, 10, 8), &["three"], (14, true, false));
        check(text, (None, 10, 6), &["three"], (14, true, false));
        check(text, (None, 10, 3), &[], (14, true, false));
        check(text, (Some(4), 10, 100), &["two", "three"], (14, false, false));
        check(text, (Some(14), 10, 100), &[], (14, false, false));
        check(text, (Some(15), 10, 100), &["one", "two", "three"], (14, false, true));
        check(text, (Some(999_999_999), 10, 6), &["three"], (14, true, true));
        check(text, (Some(0), 10, 6), &["three"], (14, true, true));
        check("", (None, 10, 100), &[], (0, false, false));
        check("\n\n", (None, 10, 100), &["", ""], (2, false, false));
        check("é\nü", (None, 10, 4), &[], (3, true, false));
    }

    #[test]
    fn more_than_the_most_is_not_read() {
        let (_dir, lines) = log(&"\n".repeat(MAX_LINES + 1));
        assert_eq!(tail(&lines, None, usize::MAX, MAX_BYTES).unwrap().lines.len(), MAX_LINES);
        let (_dir, bytes) = log(&format!("{}\nlast\n", "x".repeat(MAX_BYTES)));
        assert_eq!(tail(&bytes, None, MAX_LINES, usize::MAX).unwrap().lines, ["last"]);
    }

    #[test]
    fn a_line_in_the_making_is_left_for_the_next_read() {
        check("one\ntw", (None, 10, 100), &["one"], (4, false, false));
        check("one\ntw", (Some(4), 10, 100), &[], (4, false, false));
        check("one\ntwo\n", (Some(4), 10, 100), &["two"], (8, false, false));
    }

    #[test]
    fn bytes_that_are_no_text_do_not_hide_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.log");
        std::fs::write(&path, b"\xff\nok\n").unwrap();
        assert_eq!(tail(&LogFile::fixed(path), None, 10, 100).unwrap().lines, ["\u{fffd}", "ok"]);
    }

    #[test]
    fn secrets_that_others_wrote_do_not_come_out() {
        let (_dir, log) = log("has canary-1 in it\n");
        log.secrets.add(["canary-1"]);
        assert_eq!(tail(&log, None, 10, 100).unwrap().lines, ["has *** in it"]);
    }

    #[test]
    fn no_file_is_an_empty_one() {
        let missing = tail(&LogFile::fixed("/nonexistent/x.log"), Some(5), 10, 100).unwrap();
        assert_eq!(
            (missing.file.as_str(), missing.cursor, missing.size),
            ("/nonexistent/x.log", 0, 0)
        );
        assert_eq!(tail(&LogFile::none(), None, 10, 100).unwrap().file, "none");
    }
}
