//! The service that the gateway asks: what may this node, approve, reject, name, forget.
//!
//! It holds no connection. A gateway listens to [`NodeEvent`]s to tell operators, and asks
//! [`NodeBook::standing`] once after it has registered a node, so that an approval between the
//! declaration and the registration is not missed.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_protocol::{
    Scope,
    events::nodes::NodeDecision,
    ids::DeviceId,
    methods::nodes::{NodePairListResult, PairedNode, PendingNode},
};
use parking_lot::Mutex as Lock;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::{Mutex, broadcast};

use super::{
    Approved, CommandPolicy, NodeAbout, NodeRecord, NodeStore, Platform, Surface, SurfaceRequest,
    policy::approval_scope,
    record::{REGISTERED, short},
    view::View as _,
};
use crate::{
    audit::{AuditEntry, AuditEvent},
    authority::Approver,
    credential::Secret,
    store::StoreError,
};

mod error;
mod queue;

pub use error::NodeError;
pub use queue::{Deferred, Drained, Wanted};

/// Nodes without an approval that are kept because somebody asked on their behalf. When full a further
/// one is refused until some were decided.
pub const MAX_ON_BEHALF: usize = 256;
/// Events that wait for a slow listener; it misses the oldest.
pub const EVENT_CAPACITY: usize = 256;
/// How exactly `lastSeenAtMs` is kept where nobody asks for it, in milliseconds.
pub const SEEN_RESOLUTION_MS: u64 = 60_000;

/// Something that operators are told.
#[derive(Debug, Clone)]
pub enum NodeEvent {
    /// A node asks to be approved: `node.pair.requested`.
    Requested(Box<PendingNode>),
    /// A request was decided, or a node removed: `node.pair.resolved`.
    Resolved {
        /// The request; empty when a node was removed.
        request_id: String,
        /// The node.
        node_id: String,
        /// What became of it.
        decision: NodeDecision,
        /// When, in milliseconds since 1970.
        at_ms: u64,
    },
}

/// What a node says at connect.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The device that it proved to be.
    pub node_id: String,
    /// What it says of itself.
    pub about: NodeAbout,
    /// What it says that it can do.
    pub surface: Surface,
}

/// What holds for a connection of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What it declared, less what policy withholds.
    pub declared: Surface,
    /// What it may be asked for.
    pub effective: Surface,
}

/// A request as somebody makes it on a node's behalf.
#[derive(Debug, Clone)]
pub struct OnBehalf {
    /// The node.
    pub node_id: String,
    /// What is said of it.
    pub about: NodeAbout,
    /// What it shall be able to do.
    pub surface: Surface,
    /// Whether no person has to be asked; kept for the list.
    pub silent: bool,
}

/// Keeps what nodes may, and what waits for them. Cheap to share; one for each gateway.
pub struct NodeBook {
    store: Arc<dyn NodeStore>,
    policy: CommandPolicy,
    /// Held while records are read, changed and written back.
    writes: Mutex<()>,
    events: broadcast::Sender<NodeEvent>,
    /// How often what waits for a node has changed since the start.
    revisions: Lock<BTreeMap<String, u64>>,
}

impl NodeBook {
    /// A service over these records and this policy.
    pub fn new(store: Arc<dyn NodeStore>, policy: CommandPolicy) -> Self {
        let (events, _) = broadcast::channel(EVENT_CAPACITY);
        Self { store, policy, writes: Mutex::default(), events, revisions: Lock::default() }
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<NodeEvent> {
        self.events.subscribe()
    }

    /// Whether policy lets a node on this platform be asked for a command.
    pub fn allows(&self, about: &NodeAbout, command: &str) -> bool {
        self.policy.allows(platform(about), command)
    }

    /// A node connects: what it may be asked for. What it declares beyond that waits for an operator.
    pub async fn connect(&self, said: Declaration, now_ms: u64) -> Result<Standing, StoreError> {
        let Declaration { node_id, about, surface } = said;
        let about = about.shown();
        let declared = self.policy.admit(platform(&about), surface);
        let _writing = self.writes.lock().await;
        let known = self.store.node(&node_id).await?;
        let mut node = known.unwrap_or_else(|| NodeRecord::new(node_id));
        node.about = about.clone();
        node.last_connected_at_ms = Some(now_ms);
        node.last_seen_at_ms = Some(now_ms);
        node.last_seen_reason = Some("connect".to_owned());
        let approved = node.approved.as_ref().map(|approved| &approved.surface);
        // Even a node that declares nothing is seen once: an operator decides that it is one.
        let covered = approved.is_some_and(|approved| declared.within(approved));
        let effective = approved.map_or_else(Surface::default, |a| declared.cut_to(a));
        let told = if covered {
            let done = node.request.take();
            done.map(|request| resolved(&node.id, request.id, NodeDecision::Rejected, now_ms))
                .into_iter()
                .collect()
        } else {
            let asked = SurfaceRequest {
                id: new_id(),
                surface: declared.clone(),
                about,
                silent: false,
                on_behalf: false,
                at_ms: now_ms,
            };
            ask(&mut node, asked).1
        };
        self.store.put(node, None).await?;
        self.tell(told);
        Ok(Standing { declared, effective })
    }

    /// What of a declaration counts now.
    pub async fn standing(&self, node_id: &str, declared: &Surface) -> Result<Surface, StoreError> {
        let node = self.store.node(node_id).await?;
        let approved = node.and_then(|node| node.approved);
        Ok(approved.map_or_else(Surface::default, |approved| declared.cut_to(&approved.surface)))
    }

    /// A node has gone.
    pub async fn disconnected(&self, node_id: &str, now_ms: u64) -> Result<(), StoreError> {
        self.change(node_id, |node| node.last_disconnected_at_ms = Some(now_ms)).await
    }

    /// A node gave a sign of life; false when the last one is too fresh to be worth a write.
    pub async fn seen(&self, node_id: &str, reason: &str, now_ms: u64) -> Result<bool, StoreError> {
        let mut noted = false;
        self.change(node_id, |node| {
            let last = node.last_seen_at_ms.unwrap_or_default();
            noted = now_ms.saturating_sub(last) >= SEEN_RESOLUTION_MS;
            if noted {
                node.last_seen_at_ms = Some(now_ms);
                node.last_seen_reason = Some(reason.to_owned());
            }
        })
        .await?;
        Ok(noted)
    }

    /// A registered node tells that it lives; false when nothing of that id was registered.
    pub async fn beat(&self, node_id: &str, reason: &str, now_ms: u64) -> Result<bool, StoreError> {
        let mut known = false;
        self.change(node_id, |node| {
            known = reason == REGISTERED || node.is_registered();
            if known {
                node.last_seen_at_ms = Some(now_ms);
                node.last_seen_reason = Some(reason.to_owned());
            }
        })
        .await?;
        Ok(known)
    }

    async fn change(
        &self,
        node_id: &str,
        change: impl FnOnce(&mut NodeRecord),
    ) -> Result<(), StoreError> {
        let _writing = self.writes.lock().await;
        let Some(mut node) = self.store.node(node_id).await? else { return Ok(()) };
        let before = node.clone();
        change(&mut node);
        if node == before { Ok(()) } else { self.store.put(node, None).await }
    }

    /// Every node.
    pub async fn records(&self) -> Result<Vec<NodeRecord>, StoreError> {
        self.store.nodes().await
    }

    /// One node.
    pub async fn record(&self, node_id: &str) -> Result<Option<NodeRecord>, StoreError> {
        self.store.node(node_id).await
    }

    /// What waits and what was approved; of a caller that speaks for one device, that one's.
    pub async fn list(&self, by: &Approver) -> Result<NodePairListResult, StoreError> {
        let nodes = self.store.nodes().await?;
        let seen = || nodes.iter().filter(|node| by_sees(by, &node.id));
        let mut pending: Vec<PendingNode> = seen().filter_map(PendingNode::of).collect();
        let mut paired: Vec<PairedNode> = seen().filter_map(PairedNode::of).collect();
        pending.sort_by_key(|request| std::cmp::Reverse(request.ts));
        paired.sort_by_key(|node| std::cmp::Reverse(node.approved_at_ms));
        Ok(NodePairListResult { pending, paired })
    }

    /// Somebody asks on a node's behalf; the request, and whether it is a new one.
    pub async fn request(
        &self,
        asked: OnBehalf,
        now_ms: u64,
    ) -> Result<(PendingNode, bool), NodeError> {
        let OnBehalf { node_id, about, surface, silent } = asked;
        let node_id = short(Some(node_id)).ok_or(NodeError::UnknownNode)?;
        let about = about.shown();
        let surface = self.policy.admit(platform(&about), surface);
        let _writing = self.writes.lock().await;
        let known = self.store.node(&node_id).await?;
        if known.is_none() && self.unapproved().await? >= MAX_ON_BEHALF {
            return Err(NodeError::Full);
        }
        let mut node = known.unwrap_or_else(|| NodeRecord::new(node_id));
        let id = new_id();
        let asked = SurfaceRequest { id, surface, about, silent, on_behalf: true, at_ms: now_ms };
        let (created, told) = ask(&mut node, asked);
        let pending = PendingNode::of(&node).ok_or(NodeError::UnknownRequest)?;
        self.store.put(node, None).await?;
        self.tell(told);
        Ok((pending, created))
    }

    async fn unapproved(&self) -> Result<usize, StoreError> {
        let nodes = self.store.nodes().await?;
        Ok(nodes.iter().filter(|node| node.approved.is_none()).count())
    }

    /// Approves a request: the node may what the request shows, and nothing that was approved before.
    pub async fn approve(
        &self,
        request_id: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<(PairedNode, Surface), NodeError> {
        let _writing = self.writes.lock().await;
        let (mut node, request) = self.find_request(request_id, by).await?;
        let needed = approval_scope(&request.surface);
        if let Some(missing) = needed.filter(|scope| !by.scopes.allows(*scope)) {
            return Err(NodeError::MissingScope(missing));
        }
        let first_at_ms = node.approved.as_ref().map_or(now_ms, |before| before.first_at_ms);
        let surface = request.surface;
        node.approved = Some(Approved { surface: surface.clone(), first_at_ms, at_ms: now_ms });
        node.about = request.about;
        node.request = None;
        let token = request.on_behalf.then(Secret::generate).transpose();
        let token = token.map_err(|_| NodeError::Entropy)?;
        if let Some(token) = &token {
            node.token_digest = Some(digest(token));
        }
        let view = PairedNode::of(&node).ok_or(NodeError::UnknownRequest)?;
        let view = PairedNode { token: token.map(|token| token.expose().to_owned()), ..view };
        let done = resolved(&node.id, request.id, NodeDecision::Approved, now_ms);
        let noted = entry(by, AuditEvent::NodeApproved, &node.id, now_ms);
        self.store.put(node, Some(of_surface(noted, &surface))).await?;
        self.tell(vec![done]);
        Ok((view, surface))
    }

    /// Rejects a request; the node that had asked.
    pub async fn reject(
        &self,
        request_id: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<String, NodeError> {
        let _writing = self.writes.lock().await;
        let (mut node, request) = self.find_request(request_id, by).await?;
        node.request = None;
        let node_id = node.id.clone();
        let noted = entry(by, AuditEvent::NodeRejected, &node_id, now_ms);
        let noted = Some(of_surface(noted, &request.surface));
        if node.approved.is_none() && node.last_connected_at_ms.is_none() {
            self.store.remove(&node_id, noted).await?;
        } else {
            self.store.put(node, noted).await?;
        }
        self.tell(vec![resolved(&node_id, request.id, NodeDecision::Rejected, now_ms)]);
        Ok(node_id)
    }

    /// The node whose approval on request has made this token.
    pub async fn verify(
        &self,
        node_id: &str,
        token: &Secret,
    ) -> Result<Option<PairedNode>, StoreError> {
        let node = self.store.node(node_id).await?;
        let right = |node: &NodeRecord| {
            let kept = node.token_digest.as_deref().unwrap_or_default();
            !kept.is_empty() && bool::from(kept.as_bytes().ct_eq(digest(token).as_bytes()))
        };
        Ok(node.filter(right).as_ref().and_then(PairedNode::of))
    }

    /// Gives a node the name that people see. `paired` says whether a device of that id has the role.
    pub async fn rename(
        &self,
        node_id: &str,
        label: &str,
        paired: bool,
        by: &Approver,
    ) -> Result<String, NodeError> {
        let label = short(Some(label.to_owned())).ok_or(NodeError::NameNeeded)?;
        if !by_sees(by, node_id) {
            return Err(NodeError::NotYours);
        }
        let _writing = self.writes.lock().await;
        let known = self.store.node(node_id).await?;
        let new = || paired.then(|| NodeRecord::new(node_id));
        let mut node = known.or_else(new).ok_or(NodeError::UnknownNode)?;
        node.label = Some(label.clone());
        self.store.put(node, None).await?;
        Ok(label)
    }

    /// Forgets a node and what waits for it; whether it was known.
    pub async fn forget(
        &self,
        node_id: &str,
        by: &Approver,
        now_ms: u64,
    ) -> Result<bool, StoreError> {
        let _writing = self.writes.lock().await;
        self.give_up_all(node_id, "the node was removed", now_ms).await?;
        let noted = entry(by, AuditEvent::NodeForgotten, node_id, now_ms);
        let known = self.store.remove(node_id, Some(noted)).await?;
        self.revisions.lock().remove(node_id);
        if known {
            self.tell(vec![resolved(node_id, String::new(), NodeDecision::Removed, now_ms)]);
        }
        Ok(known)
    }

    async fn find_request(
        &self,
        request_id: &str,
        by: &Approver,
    ) -> Result<(NodeRecord, SurfaceRequest), NodeError> {
        let nodes = self.store.nodes().await?;
        let asks = |node: &NodeRecord| node.request.as_ref().is_some_and(|r| r.id == request_id);
        let Some(node) = nodes.into_iter().find(asks) else {
            // Who speaks for one device is not told which ids there are.
            let hidden = by.device.is_some() && !by.scopes.contains(Scope::Admin);
            return Err(if hidden { NodeError::NotYours } else { NodeError::UnknownRequest });
        };
        if !by_sees(by, &node.id) {
            return Err(NodeError::NotYours);
        }
        let request = node.request.clone().ok_or(NodeError::UnknownRequest)?;
        Ok((node, request))
    }

    fn tell(&self, events: Vec<NodeEvent>) {
        for event in events {
            // Nobody listens while a gateway starts or stops.
            self.events.send(event).ok();
        }
    }
}

/// Leaves a request with its node: the same again lives on, another one takes its place. Whether it is
/// a new one, and what is told.
fn ask(node: &mut NodeRecord, asked: SurfaceRequest) -> (bool, Vec<NodeEvent>) {
    let at_ms = asked.at_ms;
    let mut told = Vec::new();
    if let Some(waiting) = node.request.take() {
        let same = waiting.surface == asked.surface && waiting.on_behalf == asked.on_behalf;
        if same {
            node.request = Some(SurfaceRequest { id: waiting.id, ..asked });
            return (false, told);
        }
        told.push(resolved(&node.id, waiting.id, NodeDecision::Rejected, at_ms));
    }
    node.request = Some(asked);
    told.extend(PendingNode::of(node).map(|pending| NodeEvent::Requested(Box::new(pending))));
    (true, told)
}

fn resolved(node_id: &str, request_id: String, decision: NodeDecision, at_ms: u64) -> NodeEvent {
    NodeEvent::Resolved { request_id, node_id: node_id.to_owned(), decision, at_ms }
}

fn entry(by: &Approver, event: AuditEvent, node_id: &str, at_ms: u64) -> AuditEntry {
    by.entry(event, &DeviceId::from(node_id), at_ms)
}

/// Adds what a node may, or would have liked to be asked for.
fn of_surface(entry: AuditEntry, surface: &Surface) -> AuditEntry {
    let names: Vec<&str> = surface.commands.iter().map(String::as_str).collect();
    entry.with("commands", names.join(" "))
}

fn platform(about: &NodeAbout) -> Platform {
    Platform::of(about.platform.as_deref(), about.device_family.as_deref())
}

/// Whether it may know of a node: a node's id is its device's.
fn by_sees(by: &Approver, node_id: &str) -> bool {
    by.sees(&DeviceId::from(node_id))
}

fn digest(token: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose().as_bytes()))
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests;
