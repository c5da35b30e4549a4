//! The log on standard error.

use std::io::{self, Write as _};

use jiff::Timestamp;
use tracing::Level;

use crate::config::logging::ConsoleStyle;

use super::{
    line::{Host, Record, level},
    sink::Write,
};

const RESET: &str = "\u{1b}[0m";
const DIM: &str = "\u{1b}[2m";

/// How lines look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) style: ConsoleStyle,
    pub(super) color: bool,
}

impl Look {
    /// `12:34:56 [gateway/ws] message key=value`, with the level when it is not `info`.
    pub(super) fn line(self, record: &Record, host: &Host) -> String {
        if self.style == ConsoleStyle::Json {
            return record.json(host);
        }
        let mut line = String::new();
        if self.style == ConsoleStyle::Pretty {
            let time = record.at.to_zoned(host.zone.clone()).strftime("%H:%M:%S").to_string();
            line += &self.paint(DIM, &time);
            line.push(' ');
        }
        if record.level != Level::INFO {
            line += &self.paint(color(record.level), &level(record.level).1.to_ascii_lowercase());
            line.push(' ');
        }
        line += &self.paint(DIM, &format!("[{}]", record.subsystem));
        line.push(' ');
        line += &record.message;
        for (key, value) in &record.fields {
            let value = value.as_str().map_or_else(|| value.to_string(), quoted);
            line += &self.paint(DIM, &format!(" {key}={value}"));
        }
        line.push('\n');
        line
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("{code}{text}{RESET}") } else { text.to_owned() }
    }
}

/// Quotes a value that would run into the next one.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains([' ', '"', '=']) {
        format!("{text:?}")
    } else {
        text.to_owned()
    }
}

fn color(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "",
        Level::DEBUG | Level::TRACE => DIM,
    }
}

/// Writes to standard error.
pub(super) fn stderr() -> impl Write {
    Stderr
}

struct Stderr;

impl Write for Stderr {
    fn write(&mut self, _: Timestamp, lines: &str) -> io::Result<()> {
        io::stderr().lock().write_all(lines.as_bytes())
    }

    fn lost(&self, _: Timestamp, count: u64) -> Option<String> {
        Some(format!("[logs] {count} lines were dropped, standard error is not read fast enough\n"))
    }
}
