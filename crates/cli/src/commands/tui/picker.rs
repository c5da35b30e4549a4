//! A list to choose from, narrowed by what is typed.

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Session,
    Model,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// What it stands for.
    pub(super) key: String,
    pub(super) title: String,
    pub(super) detail: String,
}

/// A list that is open.
#[derive(Debug)]
pub(super) struct Picker {
    pub(super) choice: Choice,
    /// `None` until the gateway has answered.
    items: Option<Vec<Item>>,
    pub(super) filter: String,
    selected: usize,
    /// What is in force, to be marked.
    pub(super) current: String,
}

impl Picker {
    pub(super) fn new(choice: Choice, current: impl Into<String>) -> Self {
        Self { choice, items: None, filter: String::new(), selected: 0, current: current.into() }
    }

    /// Fills the list, the selection staying on its item.
    pub(super) fn fill(&mut self, items: Vec<Item>) {
        let selection = self.selection().map(|item| item.key.clone());
        let key = selection.unwrap_or_else(|| self.current.clone());
        self.items = Some(items);
        self.selected = self.shown().iter().position(|item| item.key == key).unwrap_or_default();
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.items.is_none()
    }

    /// The items that fit the filter.
    pub(super) fn shown(&self) -> Vec<&Item> {
        let wanted = self.filter.to_lowercase();
        let fits = |item: &&Item| {
            let text = format!("{} {} {}", item.key, item.title, item.detail).to_lowercase();
            wanted.split_whitespace().all(|word| text.contains(word))
        };
        self.items.iter().flatten().filter(fits).collect()
    }

    /// Where the selection is among what is shown.
    pub(super) fn position(&self) -> usize {
        self.selected
    }

    pub(super) fn selection(&self) -> Option<&Item> {
        self.shown().get(self.selected).copied()
    }

    /// Moves the selection, stopping at the ends.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.shown().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    pub(super) fn push(&mut self, text: &str) {
        self.filter.extend(text.chars().filter(|c| !c.is_control()));
        self.selected = 0;
    }

    pub(super) fn pop(&mut self) {
        self.filter.pop();
        self.selected = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker() -> Picker {
        let item = |key: &str, title: &str| Item {
            key: key.into(),
            title: title.into(),
            detail: String::new(),
        };
        let mut picker = Picker::new(Choice::Session, "b");
        picker.fill(vec![item("a", "Apples"), item("b", "Pears"), item("c", "Apple cake")]);
        picker
    }

    #[test]
    fn it_begins_at_what_is_in_force_and_stops_at_the_ends() {
        let mut picker = picker();
        assert_eq!(picker.selection().unwrap().key, "b");
        picker.step(5);
        assert_eq!(picker.selection().unwrap().key, "c");
        picker.step(-5);
        assert_eq!(picker.selection().unwrap().key, "a");
    }

    #[test]
    fn typing_narrows_it() {
        let mut picker = picker();
        picker.push("APPLE c");
        assert_eq!(picker.selection().unwrap().key, "c");
        picker.push("x");
        assert!(picker.selection().is_none());
        picker.pop();
        picker.pop();
        assert_eq!(picker.shown().len(), 2);
    }
}
