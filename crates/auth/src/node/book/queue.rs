//! What waits for a node, and the notes about what it was asked for.

use openclaw_protocol::methods::{
    dead_letters::DeadLetterKind,
    nodes::{NodePendingAction, NodePendingItem, WorkPriority, WorkType, WorkUrgency},
};

use super::{NodeBook, new_id};
use crate::{
    node::{
        Action, Dispatch, DispatchState, GivenUp, Surface, WorkItem,
        work::{ACTION_TTL_MS, DISPATCH_TTL_MS, MAX_ACTIONS, MAX_KEPT_ANSWER, WORK_TTL_MS},
    },
    store::StoreError,
};

/// The item that a node finds when nobody left any: it tells how it does.
const BASELINE: &str = "baseline-status";
/// Items that a drain gives when the node does not say how many.
const USUAL_ITEMS: usize = 4;

/// Work for a node.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What is to be done.
    pub kind: WorkType,
    /// How urgent it is; normal when nobody says.
    pub urgency: Option<WorkUrgency>,
    /// How long it is worth doing, in milliseconds.
    pub expires_in_ms: Option<u64>,
    /// Who wants it.
    pub asker: String,
}

/// A command that waits for a node.
#[derive(Debug, Clone)]
pub struct Deferred {
    /// The command.
    pub command: String,
    /// What it needs, as JSON text.
    pub params: Option<String>,
    /// The key of who asked.
    pub key: String,
    /// Who asked.
    pub asker: String,
}

/// What a drain gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Drained {
    /// The items, the most urgent first.
    pub items: Vec<NodePendingItem>,
    /// Whether there are more.
    pub more: bool,
    /// Counts the changes of what waits.
    pub revision: u64,
}

impl NodeBook {
    /// Leaves work for a node, unless work of its kind waits already: what waits, and the revision.
    pub async fn enqueue(
        &self,
        node_id: &str,
        wanted: Wanted,
        now_ms: u64,
    ) -> Result<(NodePendingItem, u64), StoreError> {
        let Wanted { kind, urgency, expires_in_ms, asker } = wanted;
        let _writing = self.writes.lock().await;
        let waiting = self.work(node_id, now_ms).await?;
        if let Some(same) = waiting.into_iter().find(|item| item.kind == kind) {
            let told = shown(&same);
            if same.asker.is_some_and(|first| first != asker) {
                // It does not end with the right of one of them.
                self.store.share_work(&same.id).await?;
            }
            return Ok((told, self.revision(node_id)));
        }
        let item = WorkItem {
            id: new_id(),
            kind,
            priority: match urgency {
                Some(WorkUrgency::High) => WorkPriority::High,
                Some(WorkUrgency::Normal) | None => WorkPriority::Normal,
            },
            created_at_ms: now_ms,
            expires_at_ms: now_ms.saturating_add(expires_in_ms.unwrap_or(WORK_TTL_MS)),
            asker: Some(asker),
        };
        self.store.put_work(node_id, item.clone()).await?;
        Ok((shown(&item), self.changed(node_id)))
    }

    /// What waits for a node. A node that finds nothing is asked how it does.
    pub async fn drain(
        &self,
        node_id: &str,
        most: Option<usize>,
        now_ms: u64,
    ) -> Result<Drained, StoreError> {
        let _writing = self.writes.lock().await;
        let mut waiting = self.work(node_id, now_ms).await?;
        waiting.sort_by(|a, b| {
            (b.priority, a.created_at_ms, &a.id).cmp(&(a.priority, b.created_at_ms, &b.id))
        });
        let mut items: Vec<NodePendingItem> = waiting.iter().map(shown).collect();
        if waiting.iter().all(|item| item.kind != WorkType::Status) {
            items.push(NodePendingItem {
                id: BASELINE.to_owned(),
                r#type: WorkType::Status,
                priority: WorkPriority::Default,
                created_at_ms: now_ms,
                expires_at_ms: None,
                payload: None,
            });
        }
        let most = most.unwrap_or(USUAL_ITEMS);
        let more = items.len() > most;
        items.truncate(most);
        Ok(Drained { items, more, revision: self.revision(node_id) })
    }

    /// The commands that wait for a node and that it still may be asked for.
    pub async fn pull(
        &self,
        node_id: &str,
        effective: &Surface,
        now_ms: u64,
    ) -> Result<Vec<NodePendingAction>, StoreError> {
        let _writing = self.writes.lock().await;
        let waiting = self.actions(node_id, now_ms).await?;
        let (kept, gone): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|action| effective.commands.contains(&action.command));
        let why = (DeadLetterKind::Displaced, "the node may not be asked for this any more");
        self.give_up(node_id, gone.into_iter().map(|gone| (gone.id, gone.command)), why, now_ms)
            .await?;
        let shown = |action: Action| NodePendingAction {
            id: action.id,
            command: action.command,
            params_JSON: action.params,
            enqueued_at_ms: action.at_ms,
        };
        Ok(kept.into_iter().map(shown).collect())
    }

    /// Leaves a command until the node's screen is on; its id. The same key is not left twice.
    pub async fn defer(
        &self,
        node_id: &str,
        deferred: Deferred,
        now_ms: u64,
    ) -> Result<String, StoreError> {
        let Deferred { command, params, key, asker } = deferred;
        let _writing = self.writes.lock().await;
        let waiting = self.actions(node_id, now_ms).await?;
        if let Some(same) = waiting.iter().find(|action| action.key == key) {
            return Ok(same.id.clone());
        }
        let over = (waiting.len() + 1).saturating_sub(MAX_ACTIONS);
        let oldest = waiting.into_iter().take(over).map(|gone| (gone.id, gone.command));
        let why = (DeadLetterKind::Displaced, "too many newer commands wait for the node");
        self.give_up(node_id, oldest, why, now_ms).await?;
        let (id, asker) = (new_id(), Some(asker));
        let action = Action { id: id.clone(), command, params, key, at_ms: now_ms, asker };
        self.store.put_action(node_id, action).await?;
        Ok(id)
    }

    /// Takes out what a node has done; how many commands still wait.
    pub async fn acknowledge(
        &self,
        node_id: &str,
        ids: &[String],
        now_ms: u64,
    ) -> Result<usize, StoreError> {
        let _writing = self.writes.lock().await;
        if self.store.take_out(node_id, ids).await? > 0 {
            self.changed(node_id);
        }
        Ok(self.actions(node_id, now_ms).await?.len())
    }

    /// Takes out everything that somebody has left for nodes.
    pub async fn take_back(&self, asker: &str) -> Result<(), StoreError> {
        let _writing = self.writes.lock().await;
        for node_id in self.store.take_back(asker).await? {
            self.changed(&node_id);
        }
        Ok(())
    }

    /// Notes that a command is about to be sent, unless its key is known.
    pub async fn begin_dispatch(&self, dispatch: Dispatch) -> Result<DispatchState, StoreError> {
        let since = dispatch.at_ms.saturating_sub(DISPATCH_TTL_MS);
        self.store.begin_dispatch(dispatch, since).await
    }

    /// Notes what a command was answered.
    pub async fn end_dispatch(
        &self,
        dispatch: &Dispatch,
        answer: String,
    ) -> Result<(), StoreError> {
        let kept = (answer.len() <= MAX_KEPT_ANSWER).then_some(answer);
        self.store.end_dispatch(&dispatch.principal, &dispatch.key, kept).await
    }

    /// Forgets a command that was not sent after all.
    pub async fn undo_dispatch(&self, dispatch: &Dispatch) -> Result<(), StoreError> {
        self.store.undo_dispatch(&dispatch.principal, &dispatch.key).await
    }

    /// Gives up what ran out, of every node.
    pub async fn expire(&self, now_ms: u64) -> Result<(), StoreError> {
        let left_ms = now_ms.saturating_sub(ACTION_TTL_MS);
        for node_id in self.store.overdue(now_ms, left_ms).await? {
            let _writing = self.writes.lock().await;
            self.work(&node_id, now_ms).await?;
            self.actions(&node_id, now_ms).await?;
        }
        Ok(())
    }

    /// Gives up all that waits for a node.
    pub(super) async fn give_up_all(
        &self,
        node_id: &str,
        why: &'static str,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let work = self.work(node_id, now_ms).await?.into_iter();
        let actions = self.actions(node_id, now_ms).await?.into_iter();
        let all = work
            .map(|item| (item.id, item.kind.name().to_owned()))
            .chain(actions.map(|action| (action.id, action.command)));
        self.give_up(node_id, all, (DeadLetterKind::Displaced, why), now_ms).await
    }

    /// The work that is still worth doing; what ran out is given up.
    async fn work(&self, node_id: &str, now_ms: u64) -> Result<Vec<WorkItem>, StoreError> {
        let (kept, gone): (Vec<_>, Vec<_>) =
            self.store.work(node_id).await?.into_iter().partition(|i| i.expires_at_ms > now_ms);
        if !gone.is_empty() {
            let gone = gone.into_iter().map(|item| (item.id, item.kind.name().to_owned()));
            let why = (DeadLetterKind::Expired, "the node did not come for it in time");
            self.give_up(node_id, gone, why, now_ms).await?;
            self.changed(node_id);
        }
        Ok(kept)
    }

    async fn actions(&self, node_id: &str, now_ms: u64) -> Result<Vec<Action>, StoreError> {
        let fresh = |action: &Action| now_ms.saturating_sub(action.at_ms) < ACTION_TTL_MS;
        let (kept, gone): (Vec<_>, Vec<_>) =
            self.store.actions(node_id).await?.into_iter().partition(fresh);
        let gone = gone.into_iter().map(|action| (action.id, action.command));
        let why = (DeadLetterKind::Expired, "the node's screen was not on in time");
        self.give_up(node_id, gone, why, now_ms).await?;
        Ok(kept)
    }

    /// Gives up what is named by id and what was to be done.
    async fn give_up(
        &self,
        node_id: &str,
        gone: impl Iterator<Item = (String, String)>,
        (kind, reason): (DeadLetterKind, &'static str),
        at_ms: u64,
    ) -> Result<(), StoreError> {
        let given_up: Vec<GivenUp> =
            gone.map(|(id, what)| GivenUp { id, what, kind, reason, at_ms }).collect();
        if given_up.is_empty() { Ok(()) } else { self.store.give_up(node_id, given_up).await }
    }

    fn revision(&self, node_id: &str) -> u64 {
        self.revisions.lock().get(node_id).copied().unwrap_or_default()
    }

    fn changed(&self, node_id: &str) -> u64 {
        let mut revisions = self.revisions.lock();
        let revision = revisions.entry(node_id.to_owned()).or_default();
        *revision += 1;
        *revision
    }
}

fn shown(item: &WorkItem) -> NodePendingItem {
    NodePendingItem {
        id: item.id.clone(),
        r#type: item.kind,
        priority: item.priority,
        created_at_ms: item.created_at_ms,
        expires_at_ms: Some(item.expires_at_ms),
        payload: None,
    }
}
