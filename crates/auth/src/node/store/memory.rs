//! Nodes in memory. Forgets everything at the end of the process.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Action, Dispatch, DispatchState, GivenUp, NodeRecord, NodeStore, WorkItem};
use crate::{audit::AuditEntry, store::StoreError};

/// A [`NodeStore`] that keeps nothing.
#[derive(Debug, Default)]
pub struct MemoryNodeStore {
    state: Mutex<State>,
}

/// Nothing yet; an answer, unless it was too long to keep.
type Answer = Option<Option<String>>;

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<String, NodeRecord>,
    work: BTreeMap<String, Vec<WorkItem>>,
    actions: BTreeMap<String, Vec<Action>>,
    dispatches: BTreeMap<(String, String), (Dispatch, Answer)>,
    audit: Vec<AuditEntry>,
    given_up: Vec<GivenUp>,
}

impl MemoryNodeStore {
    /// What was noted of decisions, the oldest first.
    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state.lock().audit.clone()
    }

    /// What was given up, in its order.
    pub fn given_up(&self) -> Vec<GivenUp> {
        self.state.lock().given_up.clone()
    }
}

#[async_trait]
impl NodeStore for MemoryNodeStore {
    async fn node(&self, id: &str) -> Result<Option<NodeRecord>, StoreError> {
        Ok(self.state.lock().nodes.get(id).cloned())
    }

    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError> {
        Ok(self.state.lock().nodes.values().cloned().collect())
    }

    async fn put(&self, node: NodeRecord, noted: Option<AuditEntry>) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.nodes.insert(node.id.clone(), node);
        state.audit.extend(noted);
        Ok(())
    }

    async fn remove(&self, id: &str, noted: Option<AuditEntry>) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        state.work.remove(id);
        state.actions.remove(id);
        let known = state.nodes.remove(id).is_some();
        state.audit.extend(noted.filter(|_| known));
        Ok(known)
    }

    async fn work(&self, node: &str) -> Result<Vec<WorkItem>, StoreError> {
        Ok(self.state.lock().work.get(node).cloned().unwrap_or_default())
    }

    async fn put_work(&self, node: &str, item: WorkItem) -> Result<(), StoreError> {
        self.state.lock().work.entry(node.to_owned()).or_default().push(item);
        Ok(())
    }

    async fn actions(&self, node: &str) -> Result<Vec<Action>, StoreError> {
        Ok(self.state.lock().actions.get(node).cloned().unwrap_or_default())
    }

    async fn put_action(&self, node: &str, action: Action) -> Result<(), StoreError> {
        self.state.lock().actions.entry(node.to_owned()).or_default().push(action);
        Ok(())
    }

    async fn share_work(&self, id: &str) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        for item in state.work.values_mut().flatten().filter(|item| item.id == id) {
            item.asker = None;
        }
        Ok(())
    }

    async fn take_back(&self, asker: &str) -> Result<Vec<String>, StoreError> {
        let mut state = self.state.lock();
        for actions in state.actions.values_mut() {
            actions.retain(|action| action.asker.as_deref() != Some(asker));
        }
        let mut changed = Vec::new();
        for (node, work) in &mut state.work {
            let before = work.len();
            work.retain(|item| item.asker.as_deref() != Some(asker));
            if work.len() < before {
                changed.push(node.clone());
            }
        }
        Ok(changed)
    }

    async fn take_out(&self, node: &str, ids: &[String]) -> Result<usize, StoreError> {
        let mut state = self.state.lock();
        if let Some(actions) = state.actions.get_mut(node) {
            actions.retain(|action| !ids.contains(&action.id));
        }
        let Some(work) = state.work.get_mut(node) else { return Ok(0) };
        let before = work.len();
        work.retain(|item| !ids.contains(&item.id));
        Ok(before - work.len())
    }

    async fn give_up(&self, node: &str, given_up: Vec<GivenUp>) -> Result<(), StoreError> {
        let ids: Vec<String> = given_up.iter().map(|gone| gone.id.clone()).collect();
        self.take_out(node, &ids).await?;
        self.state.lock().given_up.extend(given_up);
        Ok(())
    }

    async fn overdue(&self, now_ms: u64, left_ms: u64) -> Result<Vec<String>, StoreError> {
        let state = self.state.lock();
        let work = state.work.iter().filter(|(_, w)| w.iter().any(|i| i.expires_at_ms <= now_ms));
        let actions = state.actions.iter().filter(|(_, a)| a.iter().any(|a| a.at_ms <= left_ms));
        let nodes = work.map(|(node, _)| node).chain(actions.map(|(node, _)| node));
        Ok(nodes.cloned().collect::<BTreeSet<_>>().into_iter().collect())
    }

    async fn begin_dispatch(
        &self,
        dispatch: Dispatch,
        since_ms: u64,
    ) -> Result<DispatchState, StoreError> {
        let mut state = self.state.lock();
        state.dispatches.retain(|_, (known, _)| known.at_ms >= since_ms);
        let key = (dispatch.principal.clone(), dispatch.key.clone());
        if let Some((known, answer)) = state.dispatches.get(&key) {
            return Ok(match answer {
                _ if known.digest != dispatch.digest => DispatchState::Reused,
                None => DispatchState::Begun,
                Some(answer) => DispatchState::Answered(answer.clone()),
            });
        }
        state.dispatches.insert(key, (dispatch, None));
        Ok(DispatchState::New)
    }

    async fn end_dispatch(
        &self,
        principal: &str,
        key: &str,
        answer: Option<String>,
    ) -> Result<(), StoreError> {
        let key = (principal.to_owned(), key.to_owned());
        if let Some((_, noted)) = self.state.lock().dispatches.get_mut(&key) {
            *noted = Some(answer);
        }
        Ok(())
    }

    async fn undo_dispatch(&self, principal: &str, key: &str) -> Result<(), StoreError> {
        self.state.lock().dispatches.remove(&(principal.to_owned(), key.to_owned()));
        Ok(())
    }
}
