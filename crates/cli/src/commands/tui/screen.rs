//! The terminal: taken, drawn on, and given back as it was, also after a panic.

use std::{io::stdout, thread};

use ratatui::{
    DefaultTerminal, Frame,
    crossterm::{
        event::{DisableBracketedPaste, EnableBracketedPaste, Event, read},
        execute,
    },
};
use tokio::sync::mpsc;

use crate::failure::Failure;

/// Keys that wait. A person does not type as many; a longer paste comes as one.
const KEYS: usize = 1024;

/// The whole terminal.
pub(super) struct Screen(DefaultTerminal);

impl Screen {
    /// Takes the terminal and begins to read keys.
    pub(super) fn enter() -> Result<(Self, mpsc::Receiver<Event>), Failure> {
        let terminal = ratatui::try_init().map_err(|error| failed(&error))?;
        let screen = Self(terminal);
        execute!(stdout(), EnableBracketedPaste).map_err(|error| failed(&error))?;
        let (keys, receiver) = mpsc::channel(KEYS);
        // Reading blocks; the thread ends with the process, or with the terminal.
        let reading = thread::Builder::new().name("keys".into()).spawn(move || {
            while let Ok(event) = read() {
                if keys.blocking_send(event).is_err() {
                    return;
                }
            }
        });
        reading.map_err(|error| failed(&error))?;
        Ok((screen, receiver))
    }

    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> Result<(), Failure> {
        self.0.draw(render).map(|_| ()).map_err(|error| failed(&error))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be said about a terminal that does not take this.
        drop(execute!(stdout(), DisableBracketedPaste));
        ratatui::restore();
    }
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::new("TERMINAL", format!("the terminal cannot be used: {error}"))
}
