//! The names of the objects that are open, and whether one occurs twice.

use std::cmp::Ordering;

use super::{INLINE_KEYS, ScanError, text::characters};

/// Up to this many names are compared each with each; more are sorted.
const FEW: usize = 8;

/// Where a name is in the frame, without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
}

/// A stack of names; those of the innermost object are on top.
pub(super) struct Keys {
    inline: [Key; INLINE_KEYS],
    length: usize,
    /// Takes over when the inline part is full.
    heap: Vec<Key>,
}

impl Keys {
    pub(super) fn new() -> Self {
        let none = Key { start: 0, end: 0, escaped: false };
        Self { inline: [none; INLINE_KEYS], length: 0, heap: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn push(&mut self, key: Key) {
        if self.heap.is_empty() {
            if let Some(slot) = self.inline.get_mut(self.length) {
                *slot = key;
                self.length += 1;
                return;
            }
            self.heap.extend_from_slice(&self.inline);
        }
        self.heap.push(key);
        self.length += 1;
    }

    /// Forgets the names from `start` on, after looking for one that occurs twice.
    pub(super) fn finish(&mut self, start: usize, text: &[u8]) -> Result<(), ScanError> {
        let keys = if self.heap.is_empty() {
            &mut self.inline[start..self.length]
        } else {
            &mut self.heap[start..]
        };
        if let Some(key) = twice(keys, text) {
            let raw = raw(key, text);
            return Err(ScanError::DuplicateKey { key: characters(raw).take(64).collect() });
        }
        self.length = start;
        self.heap.truncate(start);
        Ok(())
    }
}

fn twice(keys: &mut [Key], text: &[u8]) -> Option<Key> {
    if keys.len() <= FEW {
        let mut rest = &*keys;
        while let [key, others @ ..] = rest {
            if others.iter().any(|other| compare(*key, *other, text).is_eq()) {
                return Some(*key);
            }
            rest = others;
        }
        return None;
    }
    keys.sort_unstable_by(|a, b| compare(*a, *b, text));
    keys.windows(2).find(|pair| compare(pair[0], pair[1], text).is_eq()).map(|pair| pair[0])
}

fn compare(a: Key, b: Key, text: &[u8]) -> Ordering {
    let (raw_a, raw_b) = (raw(a, text), raw(b, text));
    if a.escaped || b.escaped { characters(raw_a).cmp(characters(raw_b)) } else { raw_a.cmp(raw_b) }
}

/// The name as it is written. Names end at quotes, so they are whole characters.
fn raw(key: Key, text: &[u8]) -> &str {
    str::from_utf8(&text[key.start..key.end]).unwrap_or_default()
}
