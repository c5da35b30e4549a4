//! Branches of transcripts in memory.

use openclaw_protocol::ids::SessionKey;

use super::{State, transcripts::Transcript};
use crate::{
    session::SessionRow,
    store::{Branch, Checkout, EntryKind, Place, Reject, StoreError, StoredEntry},
    transcript::{
        NewEntry,
        tree::{self, Fork},
    },
};

impl State {
    pub(super) fn checkout(
        &mut self,
        key: &SessionKey,
        checkout: Checkout,
    ) -> Result<SessionRow, StoreError> {
        let Checkout { place, marker, session, at } = checkout;
        let row = self.sessions.get(key);
        let row = row.ok_or_else(|| StoreError::not_found("session", key.as_str()))?;
        let id = row.entry.session_id.clone();
        let found = self.transcripts.iter().find(|(_, t)| t.session_id.as_ref() == Some(&id));
        let (number, transcript) = found.ok_or_else(|| place.not_found())?;
        let number = *number;
        if self.runs.is_busy(key, number) {
            return Err(StoreError::session_busy());
        }
        let target = transcript.target(&place)?;
        let row = self.edit_session(key, None, at, session)?;
        if let Some(transcript) = self.transcripts.get_mut(&number) {
            transcript.go_on(target, &marker)?;
        }
        Ok(row)
    }
}

impl Transcript {
    /// The entries of the active branch.
    pub(super) fn active(&self) -> impl DoubleEndedIterator<Item = &StoredEntry> {
        self.entries.iter().filter(|entry| !self.aside.contains(&entry.seq))
    }

    fn target(&self, place: &Place) -> Result<StoredEntry, StoreError> {
        match place {
            Place::Before(id) => {
                let mut back = self.active().rev();
                back.find(|e| e.entry_id == *id && e.kind == EntryKind::Message)
                    .ok_or_else(|| place.not_found())?;
                back.next().cloned().ok_or_else(|| Reject::nothing_before().into())
            }
            Place::Tip(id) => {
                let branches = self.branches();
                let branch = branches.into_iter().find(|branch| branch.tip.entry_id == *id);
                let branch = branch.ok_or_else(|| place.not_found())?;
                if branch.active { Err(Reject::same_branch().into()) } else { Ok(branch.tip) }
            }
        }
    }

    fn go_on(&mut self, target: StoredEntry, marker: &NewEntry) -> Result<(), StoreError> {
        self.leaf = Some(target.entry_id);
        let marker = self.push(marker)?;
        self.forks.push(Fork { seq: marker.seq, parent: target.seq });
        let path = tree::path(&self.forks, self.last_seq);
        let on_path = |seq: u64| path.iter().any(|span| span.contains(&seq));
        let mut same = true;
        self.messages = 0;
        for entry in &mut self.entries {
            let was_aside = self.aside.contains(&entry.seq);
            same &= was_aside != on_path(entry.seq);
            if !on_path(entry.seq) {
                self.aside.insert(entry.seq);
                entry.message_seq = None;
                continue;
            }
            self.aside.remove(&entry.seq);
            if entry.kind.is_shown() {
                // What both branches have keeps its number, the rest counts on from there.
                let number = entry.message_seq.filter(|_| same).unwrap_or(self.messages + 1);
                entry.message_seq = Some(number);
                self.messages = number;
            }
        }
        Ok(())
    }

    pub(super) fn branches(&self) -> Vec<Branch> {
        let shown: Vec<_> =
            self.entries.iter().filter(|e| e.kind.is_shown()).map(|e| e.seq).collect();
        let found = tree::branches(&self.forks, &shown, self.last_seq);
        let entry = |seq: u64| self.entries.iter().find(|entry| entry.seq == seq).cloned();
        let branches = found.into_iter().filter_map(|place| {
            let tip = entry(place.tip)?;
            Some(Branch { tip, messages: place.messages, active: place.active })
        });
        branches.collect()
    }
}
