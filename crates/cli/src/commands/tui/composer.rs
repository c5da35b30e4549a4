//! The place where one writes: a text of several lines with a cursor, and what was sent before.

use unicode_segmentation::UnicodeSegmentation as _;

use super::text;

/// Texts that are kept to be called back.
const MAX_HISTORY: usize = 200;

/// A text that is being written.
#[derive(Debug, Default)]
pub(super) struct Composer {
    text: String,
    /// A byte offset at the border of a grapheme.
    cursor: usize,
    history: Vec<String>,
    /// Which text of the history is shown, and what was being written before.
    recalled: Option<(usize, String)>,
}

impl Composer {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn set(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.cursor = self.text.len();
    }

    pub(super) fn clear(&mut self) {
        self.set("");
        self.recalled = None;
    }

    /// Puts in what was typed or pasted; line ends of any kind become one kind.
    pub(super) fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
    }

    /// What was written, which is remembered and gone from here.
    pub(super) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        self.clear();
        if self.history.last() != Some(&text) {
            self.history.push(text.clone());
        }
        if self.history.len() > MAX_HISTORY {
            self.history.remove(0);
        }
        text
    }

    fn before(&self) -> usize {
        let head = &self.text[..self.cursor];
        head.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let tail = &self.text[self.cursor..];
        self.cursor + tail.graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let words = self.text[..self.cursor].split_word_bound_indices();
        words.rev().find(|(_, word)| !word.trim().is_empty()).map_or(0, |(at, _)| at)
    }

    fn word_after(&self) -> usize {
        let mut words = self.text[self.cursor..].split_word_bound_indices();
        let word = words.find(|(_, word)| !word.trim().is_empty());
        word.map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }

    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    pub(super) fn backspace(&mut self) {
        self.remove(self.before(), self.cursor);
    }

    pub(super) fn delete(&mut self) {
        self.remove(self.cursor, self.after());
    }

    pub(super) fn delete_word(&mut self) {
        self.remove(self.word_before(), self.cursor);
    }

    pub(super) fn delete_to_start(&mut self) {
        self.remove(self.line_start(), self.cursor);
    }

    pub(super) fn delete_to_end(&mut self) {
        self.remove(self.cursor, self.line_end());
    }

    pub(super) fn left(&mut self) {
        self.cursor = self.before();
    }

    pub(super) fn right(&mut self) {
        self.cursor = self.after();
    }

    pub(super) fn word_left(&mut self) {
        self.cursor = self.word_before();
    }

    pub(super) fn word_right(&mut self) {
        self.cursor = self.word_after();
    }

    pub(super) fn home(&mut self) {
        self.cursor = self.line_start();
    }

    pub(super) fn end(&mut self) {
        self.cursor = self.line_end();
    }

    /// A line up, or the text that was sent before.
    pub(super) fn up(&mut self) {
        let start = self.line_start();
        if start > 0 {
            let column = self.text[start..self.cursor].graphemes(true).count();
            self.cursor = start - 1;
            self.go_to_column(column);
            return;
        }
        let at = self.recalled.as_ref().map_or(self.history.len(), |(at, _)| *at);
        if at > 0 {
            let draft = self.recalled.take().map_or_else(|| self.text.clone(), |(_, draft)| draft);
            self.set(self.history[at - 1].clone());
            self.recalled = Some((at - 1, draft));
        }
    }

    /// A line down, or the text that was sent after, or what was being written.
    pub(super) fn down(&mut self) {
        let end = self.line_end();
        if end < self.text.len() {
            let column = self.text[self.line_start()..self.cursor].graphemes(true).count();
            self.cursor = end + 1;
            self.go_to_column(column);
            return;
        }
        let Some((at, draft)) = self.recalled.take() else { return };
        match self.history.get(at + 1).cloned() {
            Some(next) => {
                self.set(next);
                self.recalled = Some((at + 1, draft));
            }
            None => self.set(draft),
        }
    }

    fn go_to_column(&mut self, column: usize) {
        let start = self.line_start();
        let line = &self.text[start..self.line_end()];
        let at = line.grapheme_indices(true).nth(column).map_or(line.len(), |(at, _)| at);
        self.cursor = start + at;
    }

    /// The rows at this width, and where the cursor stands: row and cell.
    pub(super) fn rows(&self, cells: usize) -> (Vec<String>, (usize, usize)) {
        let cells = cells.max(2);
        let (mut rows, mut place) = (Vec::new(), (0, 0));
        let (mut row, mut used) = (String::new(), 0);
        for (at, grapheme) in self.text.grapheme_indices(true) {
            if at == self.cursor {
                place = (rows.len(), used);
            }
            if grapheme == "\n" {
                rows.push(std::mem::take(&mut row));
                used = 0;
                continue;
            }
            let shown = text::clean(grapheme);
            let size = text::width(&shown);
            // The cursor behind the last cell needs a cell too.
            if used + size > cells - 1 {
                rows.push(std::mem::take(&mut row));
                used = 0;
                if at == self.cursor {
                    place = (rows.len(), 0);
                }
            }
            row.push_str(&shown);
            used += size;
        }
        if self.cursor == self.text.len() {
            place = (rows.len(), used);
        }
        rows.push(row);
        (rows, place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A composer with this text; `|` is the cursor.
    fn at(marked: &str) -> Composer {
        let mut composer = Composer::default();
        composer.set(marked.replace('|', ""));
        composer.cursor = marked.find('|').unwrap();
        composer
    }

    #[track_caller]
    fn check(marked: &str, act: fn(&mut Composer), expected: &str) {
        let mut composer = at(marked);
        act(&mut composer);
        let mut text = composer.text.clone();
        text.insert(composer.cursor, '|');
        assert_eq!(text, expected);
    }

    #[test]
    fn keys_move_and_remove_whole_graphemes_and_words() {
        check("a👩‍👩‍👧‍👦|b", Composer::backspace, "a|b");
        check("é|x", Composer::left, "|éx");
        check("a|日b", Composer::delete, "a|b");
        check("one two |three", Composer::delete_word, "one |three");
        check("one| two", Composer::word_right, "one two|");
        check("a\nbc|d", Composer::home, "a\n|bcd");
        check("a\nb|cd\ne", Composer::end, "a\nbcd|\ne");
        check("ab\nc|d", Composer::delete_to_start, "ab\n|d");
        check("a|b\nc", Composer::delete_to_end, "a|\nc");
        check("|a", Composer::backspace, "|a");
        check("abc\nde|f", Composer::up, "ab|c\ndef");
        check("abcd|\nef", Composer::down, "abcd\nef|");
        check("|", |c| c.insert("a\r\nb\rc"), "a\nb\nc|");
    }

    #[test]
    fn what_was_sent_comes_back() {
        let mut composer = Composer::default();
        for text in ["one", "two"] {
            composer.insert(text);
            assert_eq!(composer.take(), text);
        }
        composer.insert("draft");
        composer.up();
        assert_eq!(composer.text(), "two");
        composer.up();
        composer.up();
        assert_eq!(composer.text(), "one");
        composer.down();
        composer.down();
        assert_eq!(composer.text(), "draft");
        composer.down();
        assert_eq!(composer.text(), "draft");
    }

    #[test]
    fn rows_and_the_cursor_in_them() {
        assert_eq!(at("abc|").rows(4), (vec!["abc".into()], (0, 3)));
        assert_eq!(at("abcd|").rows(4), (vec!["abc".into(), "d".into()], (1, 1)));
        assert_eq!(at("日|本").rows(4), (vec!["日".into(), "本".into()], (1, 0)));
        assert_eq!(at("a\n|").rows(4), (vec!["a".into(), String::new()], (1, 0)));
        assert_eq!(at("|").rows(4), (vec![String::new()], (0, 0)));
    }
}
