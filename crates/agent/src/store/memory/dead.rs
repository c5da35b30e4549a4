//! Dead letters in memory.

use async_trait::async_trait;

use super::{MemoryStore, State};
use crate::store::{
    DeadLetter, DeadLetterPage, DeadLetterStore, MAX_DEAD_LETTERS, NewDeadLetter, StoreError,
};

#[derive(Clone, Default)]
pub(super) struct DeadLetters {
    list: Vec<DeadLetter>,
    last: i64,
}

impl State {
    pub(super) fn bury(&mut self, letter: NewDeadLetter) {
        let DeadLetters { list, last } = &mut self.dead;
        list.retain(|l| (l.letter.kind, &l.letter.subject) != (letter.kind, &letter.subject));
        *last += 1;
        list.push(DeadLetter { id: *last, letter });
        list.drain(..list.len().saturating_sub(MAX_DEAD_LETTERS));
    }
}

#[async_trait]
impl DeadLetterStore for MemoryStore {
    async fn bury(&self, letter: NewDeadLetter) -> Result<(), StoreError> {
        self.write(|s| {
            s.bury(letter);
            Ok(())
        })
    }

    async fn dead_letters(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<DeadLetterPage, StoreError> {
        self.read(|s| {
            let older = s.dead.list.iter().rev().filter(|l| before.is_none_or(|id| l.id < id));
            DeadLetterPage {
                letters: older.take(limit).cloned().collect(),
                total: s.dead.list.len() as u64,
            }
        })
    }

    async fn discard(&self, ids: Option<Vec<i64>>) -> Result<(u64, u64), StoreError> {
        self.write(|s| {
            let before = s.dead.list.len();
            s.dead.list.retain(|l| ids.as_ref().is_some_and(|ids| !ids.contains(&l.id)));
            let left = s.dead.list.len();
            Ok(((before - left) as u64, left as u64))
        })
    }
}
