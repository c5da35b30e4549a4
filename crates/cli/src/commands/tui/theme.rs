//! How things look, with colours and without.

use ratatui::style::{Color, Modifier, Style};

/// A heading, a name.
pub(super) const HEADING: Style = Style::new().add_modifier(Modifier::BOLD);
/// The line at the top.
pub(super) const BAR: Style = Style::new().add_modifier(Modifier::REVERSED);

/// Whether there are colours. Without, weight and inversion say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    pub(super) color: bool,
}

impl Theme {
    fn colored(self, color: Color, otherwise: Modifier) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new().add_modifier(otherwise) }
    }

    pub(super) fn dim(self) -> Style {
        self.colored(Color::DarkGray, Modifier::DIM)
    }

    pub(super) fn accent(self) -> Style {
        self.colored(Color::Cyan, Modifier::BOLD)
    }

    pub(super) fn user(self) -> Style {
        self.accent().add_modifier(Modifier::BOLD)
    }

    pub(super) fn problem(self) -> Style {
        self.colored(Color::Red, Modifier::BOLD)
    }

    pub(super) fn good(self) -> Style {
        self.colored(Color::Green, Modifier::empty())
    }

    pub(super) fn busy(self) -> Style {
        self.colored(Color::Yellow, Modifier::empty())
    }

    pub(super) fn code(self) -> Style {
        self.colored(Color::Yellow, Modifier::empty())
    }

    pub(super) fn chosen(self) -> Style {
        self.accent().add_modifier(Modifier::REVERSED)
    }
}
