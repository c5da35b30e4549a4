//! From the state to the screen. Draws, and changes nothing but what it tells the state about room.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Clear, Paragraph},
};

use super::{
    app::{App, COMMANDS, Link, Run, short_key},
    picker::{Choice, Picker},
    text,
    theme::{BAR, Theme},
};

mod lines;

pub(super) use lines::Lines;

/// Rows that the composer takes at most.
const COMPOSER_ROWS: usize = 8;
/// Widest popup.
const POPUP: u16 = 76;
/// What turns while something runs.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠹"];

/// Draws the whole screen.
pub(super) fn draw(frame: &mut Frame<'_>, app: &mut App, lines: &mut Lines, theme: Theme) {
    let area = frame.area();
    let (rows, cursor) = app.composer.rows(usize::from(area.width.saturating_sub(2)));
    let shown = rows.len().clamp(1, COMPOSER_ROWS);
    let height = u16::try_from(shown).unwrap_or(1) + 1;
    let parts = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(height),
        Constraint::Length(1),
    ]);
    let [head, feed, status, composer, hint] = parts.areas(area);
    frame.render_widget(header(app, head.width), head);
    let hidden = draw_feed(frame, feed, app, lines, theme);
    frame.render_widget(status_line(app, hidden, theme), status);
    draw_composer(frame, composer, (&rows, cursor, shown), theme);
    frame.render_widget(Paragraph::new(hints(hint.width)).style(theme.dim()), hint);
    if let Some(picker) = &app.picker {
        draw_picker(frame, feed, picker, theme);
    } else if app.help {
        draw_help(frame, area, theme);
    }
}

/// Left what is open, right what answers.
fn header(app: &App, width: u16) -> Paragraph<'static> {
    let mut right = vec![text::clean(app.model.as_deref().unwrap_or("no model"))];
    if let Some(level) = app.thinking.as_deref().filter(|level| *level != "off") {
        right.push(format!("think {}", text::clean(level)));
    }
    if let Some(row) = app.row.as_deref().filter(|row| row.total_tokens.is_some()) {
        right.push(crate::format::context(row.total_tokens, row.context_tokens));
    }
    let width = usize::from(width);
    let right = text::cut(&right.join(" · "), width / 2);
    let room = width.saturating_sub(text::width(&right) + 3);
    let key = short_key(&app.key);
    let title = app.title();
    let name = if title == key { key.to_owned() } else { format!("{key} · {title}") };
    let left = text::cut(&format!("{} · {name}", app.agent()), room);
    let gap = " ".repeat(width.saturating_sub(text::width(&left) + text::width(&right) + 2));
    Paragraph::new(format!(" {left}{gap}{right} ")).style(BAR)
}

/// The conversation; says how many lines are below the screen.
fn draw_feed(
    frame: &mut Frame<'_>,
    area: Rect,
    app: &mut App,
    lines: &mut Lines,
    theme: Theme,
) -> usize {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let before = lines.total();
    lines.update(app, width, theme);
    let total = lines.total();
    // Who reads further up stays where he is when more comes below.
    if app.scroll > 0 && before > 0 {
        app.scroll = app.scroll.saturating_add(total.saturating_sub(before));
    }
    app.scroll = app.scroll.min(total.saturating_sub(height));
    app.page = height.saturating_sub(2).max(1);
    let end = total - app.scroll;
    let shown = lines.slice(end.saturating_sub(height), end);
    if shown.is_empty() {
        let word = if app.loaded { "Nothing has been said here yet." } else { "…" };
        frame.render_widget(Paragraph::new(format!("\n  {word}")).style(theme.dim()), area);
    } else {
        frame.render_widget(Paragraph::new(shown), area);
    }
    app.scroll
}

fn status_line(app: &App, hidden: usize, theme: Theme) -> Paragraph<'static> {
    let turn = usize::try_from(app.now.as_millis() / 100).unwrap_or_default() % SPINNER.len();
    let mut spans = Vec::new();
    if let Link::Down(since) = app.link {
        let seconds = app.now.saturating_sub(since).as_secs();
        let text = format!(
            " {} no connection to {} for {seconds} s, trying again",
            SPINNER[turn], app.place
        );
        spans.push(Span::styled(text, theme.problem()));
    } else if let Some(Run { since, phase, .. }) = &app.run {
        let seconds = app.now.saturating_sub(*since).as_secs();
        let what = phase.map_or_else(|| "working".to_owned(), |phase| phase.replace('_', " "));
        spans.push(Span::styled(format!(" {} {what} ", SPINNER[turn]), theme.accent()));
        spans.push(Span::styled(format!("{seconds} s · Esc stops it"), theme.dim()));
    }
    if let Some(flash) = app.flashed() {
        let gap = if spans.is_empty() { " " } else { " · " };
        spans.push(Span::styled(format!("{gap}{}", text::clean(flash)), theme.accent()));
    }
    if hidden > 0 {
        spans.push(Span::styled(format!(" ↓ {hidden} more lines · Esc to the end"), theme.dim()));
    }
    Paragraph::new(Line::from(spans))
}

fn draw_composer(
    frame: &mut Frame<'_>,
    area: Rect,
    (rows, (row, cell), shown): (&[String], (usize, usize), usize),
    theme: Theme,
) {
    let block = Block::new().borders(Borders::TOP).border_style(theme.dim());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let first = row.saturating_sub(shown - 1);
    let text: Vec<Line<'_>> = rows[first..]
        .iter()
        .take(shown)
        .enumerate()
        .map(|(at, row)| {
            let prompt = if first + at == 0 { "❯ " } else { "  " };
            Line::from(vec![Span::styled(prompt, theme.accent()), Span::raw(row.as_str())])
        })
        .collect();
    frame.render_widget(Paragraph::new(text), inner);
    let cell = u16::try_from(cell).unwrap_or_default() + 2;
    let line = u16::try_from(row - first).unwrap_or_default();
    frame.set_cursor_position(Position::new(inner.x + cell, inner.y + line));
}

/// As many hints as there is room for.
fn hints(width: u16) -> String {
    let all = [
        "Enter sends",
        "Ctrl+J new line",
        "Ctrl+P sessions",
        "Ctrl+L models",
        "Ctrl+O tools",
        "F1 help",
        "Ctrl+D quit",
    ];
    let mut text = String::new();
    for hint in all {
        let next = format!("{text} {hint} ·");
        if text::width(&next) > usize::from(width) + 2 {
            break;
        }
        text = next;
    }
    text.trim_end_matches(" ·").to_owned()
}

/// A box in the middle, cleared.
fn popup(frame: &mut Frame<'_>, area: Rect, rows: usize, title: &str, theme: Theme) -> Rect {
    let width = area.width.saturating_sub(4).clamp(1, POPUP);
    let height = u16::try_from(rows + 2).unwrap_or(u16::MAX).min(area.height);
    let [_, middle, _] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(width), Constraint::Fill(1)])
            .areas(area);
    let [_, middle, _] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(height), Constraint::Fill(1)])
            .areas(middle);
    let block = Block::bordered().border_style(theme.dim()).title(format!(" {title} "));
    let inner = block.inner(middle);
    frame.render_widget(Clear, middle);
    frame.render_widget(block, middle);
    inner
}

fn draw_picker(frame: &mut Frame<'_>, area: Rect, picker: &Picker, theme: Theme) {
    let title = match picker.choice {
        Choice::Session => "Sessions",
        Choice::Model => "Models",
    };
    let items = picker.shown();
    let inner = popup(frame, area, items.len().max(1) + 2, title, theme);
    let width = usize::from(inner.width);
    let mut lines = vec![Line::from(vec![
        Span::styled("❯ ", theme.accent()),
        Span::raw(text::clean(&picker.filter)),
    ])];
    lines.push(Line::from(Span::styled("─".repeat(width), theme.dim())));
    if items.is_empty() {
        let word = if picker.is_waiting() { "…" } else { "nothing like that" };
        lines.push(Line::from(Span::styled(format!("  {word}"), theme.dim())));
    }
    let room = usize::from(inner.height).saturating_sub(2).max(1);
    let first = picker.position().saturating_sub(room - 1);
    for (at, item) in items.iter().enumerate().skip(first).take(room) {
        let chosen = at == picker.position();
        let mark = if item.key == picker.current { "• " } else { "  " };
        let detail = text::cut(&item.detail, width / 3);
        let name = text::cut(&item.title, width.saturating_sub(text::width(&detail) + 4));
        let gap = width.saturating_sub(text::width(&name) + text::width(&detail) + 3);
        let base = if chosen { theme.chosen() } else { Style::new() };
        let faded = if chosen { base } else { theme.dim() };
        lines.push(Line::from(vec![
            Span::styled(format!("{mark}{name}{}", " ".repeat(gap)), base),
            Span::styled(format!("{detail} "), faded),
        ]));
    }
    frame.render_widget(Paragraph::new(lines), inner);
    let end = u16::try_from(text::width(&text::clean(&picker.filter))).unwrap_or_default();
    let x = (inner.x + 2 + end).min(inner.right().saturating_sub(1));
    frame.set_cursor_position(Position::new(x, inner.y));
}

fn draw_help(frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let keys = [
        ("Enter", "send"),
        ("Ctrl+J, Alt+Enter", "new line"),
        ("Esc", "to the end, or stop the turn"),
        ("PgUp PgDn, Shift+↑↓", "scroll; Ctrl+Home and Ctrl+End to the ends"),
        ("↑ ↓", "what was sent before"),
        ("Ctrl+O, Ctrl+T", "unfold tool results, thinking"),
        ("Ctrl+C", "clear the line; twice to quit"),
    ];
    let typed = COMMANDS.map(|(name, argument, what)| (format!("{name} {argument}"), what));
    let keys = keys.map(|(key, what)| (key.to_owned(), what));
    let lines: Vec<Line<'_>> = keys
        .into_iter()
        .chain(typed)
        .map(|(left, what)| {
            let pad = " ".repeat(22_usize.saturating_sub(text::width(&left)));
            Line::from(vec![Span::styled(format!(" {left}{pad}"), theme.accent()), Span::raw(what)])
        })
        .collect();
    let inner = popup(frame, area, lines.len(), "Help · any key closes it", theme);
    frame.render_widget(Paragraph::new(lines), inner);
}

#[cfg(test)]
mod tests;
