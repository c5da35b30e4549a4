//! What each key does.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{App, Effect, STOPPING, TWICE};
use crate::commands::tui::picker::{Choice, Picker};

impl App {
    /// A key, a paste or a new size.
    pub(in super::super) fn input(&mut self, event: &Event) -> Vec<Effect> {
        match event {
            Event::Paste(text) => match &mut self.picker {
                Some(picker) => picker.push(text),
                None => self.composer.insert(text),
            },
            Event::Key(key) if key.kind != KeyEventKind::Release => return self.key(*key),
            _ => {}
        }
        Vec::new()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && key.code == KeyCode::Char('c') {
            return self.interrupt();
        }
        self.asked_to_quit = None;
        if self.help {
            self.help = false;
            return Vec::new();
        }
        if self.picker.is_some() {
            return self.pick(key, control);
        }
        if control {
            return self.control(key.code);
        }
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::Enter if alt || shift => self.composer.insert("\n"),
            KeyCode::Enter => return self.enter(),
            KeyCode::Esc => return self.escape(),
            KeyCode::PageUp => self.scroll += self.page,
            KeyCode::PageDown => self.scroll = self.scroll.saturating_sub(self.page),
            KeyCode::Up if shift => self.scroll += 1,
            KeyCode::Down if shift => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Tab => self.complete(),
            KeyCode::F(1) => self.help = true,
            code => self.edit(code, alt),
        }
        Vec::new()
    }

    fn edit(&mut self, code: KeyCode, alt: bool) {
        let composer = &mut self.composer;
        match code {
            KeyCode::Backspace if alt => composer.delete_word(),
            KeyCode::Char('b') | KeyCode::Left if alt => composer.word_left(),
            KeyCode::Char('f') | KeyCode::Right if alt => composer.word_right(),
            KeyCode::Char(c) if !alt => composer.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => composer.backspace(),
            KeyCode::Delete => composer.delete(),
            KeyCode::Left => composer.left(),
            KeyCode::Right => composer.right(),
            KeyCode::Up => composer.up(),
            KeyCode::Down => composer.down(),
            KeyCode::Home => composer.home(),
            KeyCode::End => composer.end(),
            _ => {}
        }
    }

    fn control(&mut self, code: KeyCode) -> Vec<Effect> {
        match code {
            KeyCode::Char('d') if self.composer.is_empty() => return vec![Effect::Quit],
            KeyCode::Char('d') => self.composer.delete(),
            KeyCode::Char('p') => return self.sessions(),
            KeyCode::Char('l') => return self.models(),
            KeyCode::Char('o') => {
                self.unfolded.tools = !self.unfolded.tools;
                self.feed.revision += 1;
            }
            KeyCode::Char('t') => {
                self.unfolded.thinking = !self.unfolded.thinking;
                self.feed.revision += 1;
            }
            KeyCode::Char('j') => self.composer.insert("\n"),
            KeyCode::Char('a') => self.composer.home(),
            KeyCode::Char('e') => self.composer.end(),
            KeyCode::Char('b') => self.composer.left(),
            KeyCode::Char('f') => self.composer.right(),
            KeyCode::Char('h') => self.composer.backspace(),
            KeyCode::Char('w') | KeyCode::Backspace => self.composer.delete_word(),
            KeyCode::Char('u') => self.composer.delete_to_start(),
            KeyCode::Char('k') => self.composer.delete_to_end(),
            KeyCode::Left => self.composer.word_left(),
            KeyCode::Right => self.composer.word_right(),
            KeyCode::Home => self.scroll = usize::MAX,
            KeyCode::End => self.scroll = 0,
            _ => {}
        }
        Vec::new()
    }

    /// Ctrl+C: clears what is being written; twice ends the program.
    fn interrupt(&mut self) -> Vec<Effect> {
        if self.asked_to_quit.is_some_and(|asked| self.now.saturating_sub(asked) <= TWICE) {
            return vec![Effect::Quit];
        }
        self.asked_to_quit = Some(self.now);
        self.picker = None;
        self.help = false;
        self.composer.clear();
        self.flash("Ctrl+C again to quit");
        Vec::new()
    }

    /// Esc: back to the end of the feed, else stops the turn that runs.
    fn escape(&mut self) -> Vec<Effect> {
        if self.scroll > 0 {
            self.scroll = 0;
            return Vec::new();
        }
        match self.run {
            Some(_) => self.abort(),
            None => Vec::new(),
        }
    }

    pub(super) fn abort(&mut self) -> Vec<Effect> {
        self.flash(STOPPING);
        let run = self.run.as_ref().map(|run| run.id.clone());
        vec![Effect::Abort { key: self.key.clone(), run }]
    }

    pub(super) fn sessions(&mut self) -> Vec<Effect> {
        self.picker = Some(Picker::new(Choice::Session, self.key.clone()));
        vec![Effect::Sessions]
    }

    pub(super) fn models(&mut self) -> Vec<Effect> {
        self.picker = Some(Picker::new(Choice::Model, self.model.clone().unwrap_or_default()));
        vec![Effect::Models]
    }

    fn pick(&mut self, key: KeyEvent, control: bool) -> Vec<Effect> {
        let page = isize::try_from(self.page).unwrap_or(10);
        let Some(picker) = &mut self.picker else { return Vec::new() };
        match key.code {
            KeyCode::Esc => self.picker = None,
            KeyCode::Enter => return self.picked(),
            KeyCode::Up => picker.step(-1),
            KeyCode::Down => picker.step(1),
            KeyCode::PageUp => picker.step(-page),
            KeyCode::PageDown => picker.step(page),
            KeyCode::Backspace => picker.pop(),
            KeyCode::Char('p') if control => picker.step(-1),
            KeyCode::Char('n') if control => picker.step(1),
            KeyCode::Char(c) if !control => picker.push(c.encode_utf8(&mut [0; 4])),
            _ => {}
        }
        Vec::new()
    }

    fn picked(&mut self) -> Vec<Effect> {
        let Some(picker) = &self.picker else { return Vec::new() };
        let Some(item) = picker.selection() else { return Vec::new() };
        let (choice, key) = (picker.choice, item.key.clone());
        self.picker = None;
        match choice {
            Choice::Session if key == self.key => Vec::new(),
            Choice::Session => self.open(key),
            Choice::Model => self.patch("model", Some(key)),
        }
    }

    pub(super) fn patch(&mut self, name: &'static str, value: Option<String>) -> Vec<Effect> {
        vec![Effect::Patch { key: self.key.clone(), name, value }]
    }
}
