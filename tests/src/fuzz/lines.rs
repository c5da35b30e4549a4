//! Inputs of several parts: one `name: value` a line, so that a person can read and write a corpus.

/// The lines of one input. A line without a name, and bytes that are no text, are passed over.
#[derive(Debug)]
pub struct Lines<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Lines<'a> {
    /// Reads an input; `None` when it is no text at all.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        Some(Self(text.split('\n').filter_map(|line| line.split_once(": ")).collect()))
    }

    /// Every value of a name, in order.
    pub fn all(&self, name: &str) -> Vec<&'a str> {
        self.0.iter().filter(|line| line.0 == name).map(|line| line.1).collect()
    }

    /// The same as owned texts.
    pub fn owned(&self, name: &str) -> Vec<String> {
        self.all(name).into_iter().map(str::to_owned).collect()
    }

    /// The first value of a name.
    pub fn one(&self, name: &str) -> Option<&'a str> {
        self.all(name).first().copied()
    }

    /// Whether there is a line `flag: name`.
    pub fn flag(&self, name: &str) -> bool {
        self.all("flag").contains(&name)
    }
}
