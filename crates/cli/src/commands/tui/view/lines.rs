//! The conversation as lines of a width. What the transcript has is laid out once; what is on its way,
//! each time.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::super::{
    app::{App, Unfolded},
    feed::{Entry, Tool, ToolState},
    text,
    theme::{HEADING, Theme},
};

/// Lines of an unfolded tool result or thought; what is beyond is in the page and in the transcript.
const UNFOLDED: usize = 40;
/// Columns that everything but the user's words is indented by.
const INDENT: usize = 2;

/// The lines, and what they were made from.
#[derive(Debug, Default)]
pub(in super::super) struct Lines {
    settled: Vec<Line<'static>>,
    passing: Vec<Line<'static>>,
    made_from: Option<(u64, usize, Theme)>,
}

impl Lines {
    pub(super) fn total(&self) -> usize {
        self.settled.len() + self.passing.len()
    }

    /// The lines from one place to another.
    pub(super) fn slice(&self, from: usize, to: usize) -> Vec<Line<'static>> {
        let all = self.settled.iter().chain(&self.passing);
        all.skip(from).take(to.saturating_sub(from)).cloned().collect()
    }

    /// Lays out what has changed.
    pub(super) fn update(&mut self, app: &App, width: usize, theme: Theme) {
        let page = Page { width, theme, unfolded: app.unfolded };
        let from = (app.feed.revision, width, theme);
        if self.made_from != Some(from) {
            self.made_from = Some(from);
            self.settled.clear();
            let mut before: Option<&Entry> = None;
            for entry in app.feed.entries() {
                let together = matches!((before, entry), (Some(Entry::Tool(_)), Entry::Tool(_)));
                if before.is_some() && !together {
                    self.settled.push(Line::default());
                }
                self.settled.extend(page.entry(entry));
                before = Some(entry);
            }
        }
        self.passing.clear();
        let mut add = |lines: Vec<Line<'static>>, first: bool| {
            if !first && !lines.is_empty() {
                self.passing.push(Line::default());
            }
            self.passing.extend(lines);
        };
        let empty = self.settled.is_empty();
        if app.run.is_some() && !app.feed.thought.trim().is_empty() {
            add(page.thinking(&app.feed.thought), empty);
        }
        add(page.assistant(app.feed.live()), empty);
        for pending in &app.feed.pending {
            add(page.user(&pending.text, theme.dim()), empty);
        }
    }
}

/// How to lay out.
#[derive(Clone, Copy)]
struct Page {
    width: usize,
    theme: Theme,
    unfolded: Unfolded,
}

impl Page {
    fn room(self) -> usize {
        self.width.saturating_sub(INDENT + 1).max(1)
    }

    fn entry(self, entry: &Entry) -> Vec<Line<'static>> {
        match entry {
            Entry::User(text) => self.user(text, self.theme.user()),
            Entry::Assistant(text) => self.assistant(text),
            Entry::Thinking(text) => self.thinking(text),
            Entry::Tool(tool) => self.tool(tool),
            Entry::Note(text) => self.marked("·", text, self.theme.dim()),
            Entry::Problem(text) => self.marked("✗", text, self.theme.problem()),
        }
    }

    fn user(self, text: &str, style: Style) -> Vec<Line<'static>> {
        self.marked("❯", text, style)
    }

    /// A mark before the first line, the others below the first word.
    fn marked(self, mark: &str, text: &str, style: Style) -> Vec<Line<'static>> {
        let rows = text::wrap(text, self.room());
        let lines = rows.into_iter().enumerate().map(|(at, row)| {
            let mark = if at == 0 { mark } else { " " };
            Line::from(Span::styled(format!("{mark} {row}"), style))
        });
        lines.collect()
    }

    /// Words, headings and code of an answer.
    fn assistant(self, text: &str) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut code = false;
        for source in text.trim_end().lines() {
            let fence = source.trim_start().starts_with("```");
            let style = match (fence, code) {
                (true, _) => self.theme.dim(),
                (false, true) => self.theme.code(),
                (false, false) if source.starts_with('#') => HEADING,
                (false, false) => Style::new(),
            };
            let rows = if code && !fence {
                text::wrap_anywhere(source, self.room())
            } else {
                text::wrap(source, self.room())
            };
            // An empty line is a line too.
            let rows = if rows.is_empty() { vec![String::new()] } else { rows };
            lines.extend(rows.into_iter().map(|row| indented(&row, style)));
            code ^= fence;
        }
        lines
    }

    fn thinking(self, text: &str) -> Vec<Line<'static>> {
        if !self.unfolded.thinking {
            let line = text.trim().lines().last().unwrap_or_default();
            let line = text::cut(line, self.room().saturating_sub(10));
            return vec![indented(&format!("thinking: {line}"), self.theme.dim())];
        }
        self.folded(text, "  ")
    }

    fn tool(self, tool: &Tool) -> Vec<Line<'static>> {
        let (mark, style) = match tool.state {
            ToolState::Running => ("◌", self.theme.busy()),
            ToolState::Done => ("✓", self.theme.good()),
            ToolState::Failed => ("✗", self.theme.problem()),
        };
        let name = text::cut(&tool.name, self.room());
        let room = self.room().saturating_sub(text::width(&name) + 3);
        let result = match tool.result.lines().count() {
            0 => String::new(),
            1 => format!(" → {}", tool.result.trim()),
            count => format!(" → {count} lines"),
        };
        // The result may shorten what it is of, but not drive it away.
        let result = text::cut(&result, room / 2);
        let what = text::cut(&tool.what, room.saturating_sub(text::width(&result)));
        let mut lines = vec![Line::from(vec![
            Span::styled(format!("{}{mark} ", " ".repeat(INDENT)), style),
            Span::styled(name, HEADING),
            Span::raw(format!(" {what}")),
            Span::styled(
                if result.is_empty() { result } else { format!(" {result}") },
                self.theme.dim(),
            ),
        ])];
        if self.unfolded.tools && !tool.result.is_empty() {
            lines.extend(self.folded(&tool.result, "  │ "));
        }
        lines
    }

    fn folded(self, text: &str, margin: &str) -> Vec<Line<'static>> {
        let rows = text::wrap(text.trim(), self.room().saturating_sub(text::width(margin)));
        let more = rows.len().saturating_sub(UNFOLDED);
        let mut lines: Vec<Line<'static>> = rows
            .into_iter()
            .take(UNFOLDED)
            .map(|row| Line::from(Span::styled(format!("{margin}{row}"), self.theme.dim())))
            .collect();
        if more > 0 {
            lines.push(Line::from(Span::styled(
                format!("{margin}… {more} more lines"),
                self.theme.dim(),
            )));
        }
        lines
    }
}

fn indented(row: &str, style: Style) -> Line<'static> {
    Line::from(Span::styled(format!("{}{row}", " ".repeat(INDENT)), style))
}
