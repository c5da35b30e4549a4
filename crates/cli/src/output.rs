//! The only place that prints: results on stdout, everything else on stderr.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::failure::{Exit, Failure};

/// How this run prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// Whether stdout gets colours.
    pub(crate) color: bool,
    /// Whether a person looks at stdout.
    pub(crate) terminal: bool,
}

/// A style of text on a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Output {
    /// Colours only on a terminal, unless they are unwanted.
    pub(crate) fn new(plain: bool) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self { color: terminal && !plain, terminal }
    }

    /// Dresses a text for stdout, when colours are wanted.
    pub(crate) fn style(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "31",
            Style::Green => "32",
            Style::Yellow => "33",
        };
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Prints one line.
pub(crate) fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    write(text.as_ref())?;
    write("\n")
}

/// Prints a text as it is.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    write(text)
}

/// Prints many lines.
pub(crate) fn lines(lines: &[String]) -> Result<(), Failure> {
    lines.iter().try_for_each(line)
}

/// Prints one JSON document over several lines.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new("ENCODE", error.to_string()))?;
    line(text)
}

/// Prints one JSON document in one line.
pub(crate) fn json_line(value: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string(value).map_err(|error| Failure::new("ENCODE", error.to_string()))?;
    line(text)
}

/// Tells a person something that is not part of the result. A closed stderr is not a failure.
pub(crate) fn note(text: impl AsRef<str>) {
    drop(writeln!(std::io::stderr().lock(), "{}", text.as_ref()));
}

/// Shows a failure: one line on stderr and, with `--json`, its envelope on stdout.
pub(crate) fn failure(failure: &Failure, json: bool) -> Exit {
    if !failure.message.is_empty() {
        note(format!("openclaw: {}", failure.message));
        if json {
            // Whoever closed stdout does not want the envelope either.
            drop(self::json(&failure.envelope()));
        }
    }
    failure.exit
}

/// A reader that went away (`openclaw logs | head`) ends the command without a complaint.
fn write(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::shown(Exit::Failed),
        _ => Failure::new("STDOUT", format!("cannot write to stdout: {error}")),
    })
}
