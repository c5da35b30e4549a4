//! Nodes in memory. Forgets everything at the end of the process.

use std::collections::BTreeMap;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Action, Dispatch, DispatchState, NodeRecord, NodeStore, WorkItem};
use crate::store::StoreError;

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
}

#[async_trait]
impl NodeStore for MemoryNodeStore {
    async fn node(&self, id: &str) -> Result<Option<NodeRecord>, StoreError> {
        Ok(self.state.lock().nodes.get(id).cloned())
    }

    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError> {
        Ok(self.state.lock().nodes.values().cloned().collect())
    }

    async fn put(&self, node: NodeRecord) -> Result<(), StoreError> {
        self.state.lock().nodes.insert(node.id.clone(), node);
        Ok(())
    }

    async fn remove(&self, id: &str) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        state.work.remove(id);
        state.actions.remove(id);
        Ok(state.nodes.remove(id).is_some())
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
