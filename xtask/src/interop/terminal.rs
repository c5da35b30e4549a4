//! A program in a terminal of its own, which `script` makes: what it shows, and what is typed into it.

use std::{
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::bench::gateway::now;

/// How long a text may take to be shown. A busy machine needs half of it to start a Node program.
const PATIENCE: Duration = Duration::from_secs(40);
/// How much of the screen a complaint shows, in characters.
const COMPLAINT: usize = 800;

/// The program, and what it has shown since the last wait.
pub(super) struct Terminal {
    child: Child,
    output: Receiver<Vec<u8>>,
    raw: Vec<u8>,
}

impl Terminal {
    /// Whether terminals can be had here.
    pub(super) fn available() -> bool {
        let version = Command::new("script").arg("--version").output();
        version.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("util-linux"))
    }

    /// Starts a command line in a terminal of 120 by 40.
    pub(super) fn open(line: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let mut child = Command::new("script")
            .args(["-qefc", &format!("stty cols 120 rows 40; exec {line}"), "/dev/null"])
            .envs(environment.iter().copied())
            .env("TERM", "xterm-256color")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run script")?;
        let mut stdout = child.stdout.take().context("script has no output")?;
        let (send, output) = mpsc::channel();
        // It ends with the program, or with the terminal that nobody reads any more.
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n @ 1..) = stdout.read(&mut buffer) {
                if send.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, output, raw: Vec::new() })
    }

    /// Waits until the program has shown this text.
    pub(super) fn wait_for(&mut self, text: &str) -> Result<()> {
        // For all of it: a program that draws a spinner never falls silent.
        let deadline = now() + PATIENCE;
        loop {
            let shown = plain(&self.raw);
            if shown.contains(text) {
                self.raw.clear();
                return Ok(());
            }
            let left = deadline.saturating_duration_since(now());
            let why = match self.output.recv_timeout(left) {
                Ok(more) => {
                    self.raw.extend(more);
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => "did not show",
                Err(RecvTimeoutError::Disconnected) => "ended before it showed",
            };
            let from = shown.chars().count().saturating_sub(COMPLAINT);
            let last: String = shown.chars().skip(from).collect();
            bail!("it {why} {text:?}; the last that it showed was:\n{last}");
        }
    }

    /// Types a line. The line is sent when the program shows it, as with a person who types.
    pub(super) fn enter(&mut self, line: &str) -> Result<()> {
        self.write(line)?;
        self.wait_for(line)?;
        self.write("\r")
    }

    /// Presses keys.
    pub(super) fn write(&mut self, text: &str) -> Result<()> {
        let input = self.child.stdin.as_mut().context("script has no input")?;
        input.write_all(text.as_bytes())?;
        Ok(input.flush()?)
    }

    /// Waits for the end, which must be a good one.
    pub(super) fn end(mut self) -> Result<()> {
        let deadline = now() + PATIENCE;
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => bail!("it did not end"),
            }
        }
        let status = self.child.wait()?;
        if !status.success() {
            bail!("it ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a person reads: the text without the commands to the terminal.
fn plain(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        if next != '\u{1b}' {
            out.push(next);
            continue;
        }
        match rest.next() {
            Some('[') => {
                rest.by_ref().find(|c| ('@'..='~').contains(c));
            }
            // A text for the terminal, for example its title; it ends with BEL or with ESC \.
            Some(']' | 'P' | '_' | '^') => {
                while let Some(c) = rest.next() {
                    if c == '\u{7}' || (c == '\u{1b}' && rest.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_the_terminal_are_no_text() {
        let raw =
            b"\x1b[?2026h\x1b[1;31mYou\x1b[0m said\x1b]8;;http://x\x07:\x1b]0;title\x1b\\ hi\x1b7";
        assert_eq!(plain(raw), "You said: hi");
        assert_eq!(plain("ü\u{1b}[".as_bytes()), "ü");
    }

    #[test]
    fn a_program_is_typed_to_and_read() {
        if !Terminal::available() {
            return;
        }
        let mut terminal = Terminal::open("cat", &[]).unwrap();
        terminal.enter("hello").unwrap();
        terminal.wait_for("hello").unwrap();
        terminal.write("\u{4}").unwrap();
        terminal.end().unwrap();
        let mut terminal = Terminal::open("printf gone", &[]).unwrap();
        let problem = terminal.wait_for("here").unwrap_err().to_string();
        assert!(
            problem.contains("ended before it showed") && problem.ends_with("gone"),
            "{problem}"
        );
    }
}
