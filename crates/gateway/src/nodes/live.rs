//! The nodes that are connected, and the commands that they have not answered yet.
//!
//! A command belongs to the connection that it was sent to. Only that connection can answer it or tell of it.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Ask, Unsent};
use crate::peer::Peer;

/// Commands that one connection may have to answer at a time; a further one is not sent.
pub(crate) const MAX_UNANSWERED: usize = 128;

/// What became of a command that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// The node carried it out.
    Done {
        /// What it gave.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
        /// The same as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// It did not, or nobody knows.
    Failed {
        /// A name for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// One line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
}

impl Outcome {
    pub(crate) fn problem(code: &str, message: impl Into<String>) -> Self {
        Self::Failed { code: Some(code.to_owned()), message: Some(message.into()) }
    }

    /// The connection ended before it answered.
    pub(crate) fn gone(command: &str) -> Self {
        Self::problem("DISCONNECTED", format!("node disconnected ({command})"))
    }

    /// The right by which it was asked for holds no longer.
    fn withdrawn() -> Self {
        Self::problem("CANCELLED", "the right of whoever asked was withdrawn")
    }
}

/// Why a connection does not count any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It ended.
    Ended,
    /// Its right to be here was withdrawn.
    Revoked,
}

/// A command that was noted for a connection, before it is sent there.
pub(crate) struct Sent {
    /// Its id on the wire.
    pub(crate) id: String,
    /// The connection.
    pub(crate) peer: Arc<Peer>,
    /// What becomes of it.
    pub(crate) answer: oneshot::Receiver<Outcome>,
}

/// The nodes that are connected.
#[derive(Default)]
pub(crate) struct Live(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// The connections of each node, the latest last: that one is asked.
    nodes: BTreeMap<String, Vec<Arc<Peer>>>,
    waiting: BTreeMap<String, Waiting>,
}

struct Waiting {
    /// The connection that was asked.
    peer: Arc<Peer>,
    /// Who asks.
    principal: String,
    command: String,
    /// What `exec.*` events of this command are known by.
    run_id: Option<String>,
    reply: oneshot::Sender<Outcome>,
}

impl Live {
    /// A node's connection has said hello.
    pub(crate) fn join(&self, peer: &Arc<Peer>) {
        if let Some(session) = &peer.node {
            let mut inner = self.0.lock();
            inner.nodes.entry(session.node_id.clone()).or_default().push(Arc::clone(peer));
        }
    }

    /// A connection does not count any longer, and what it has not answered ends. Whether it counted,
    /// and was its node's last.
    pub(crate) fn leave(&self, peer: &Peer, why: Left) -> bool {
        let Some(session) = &peer.node else { return false };
        let mut inner = self.0.lock();
        let Some(peers) = inner.nodes.get_mut(&session.node_id) else { return false };
        let before = peers.len();
        peers.retain(|own| own.id != peer.id);
        let (left, counted) = (peers.len(), peers.len() < before);
        if left == 0 {
            inner.nodes.remove(&session.node_id);
        }
        let ended = inner.waiting.extract_if(.., |_, waiting| waiting.peer.id == peer.id);
        for (_, waiting) in ended {
            let outcome = match why {
                Left::Ended => Outcome::gone(&waiting.command),
                Left::Revoked => Outcome::problem(
                    "PAIRING_CHANGED",
                    "node pairing changed while invocation was active",
                ),
            };
            // Whoever asked has given up in this moment.
            waiting.reply.send(outcome).ok();
        }
        counted && left == 0
    }

    /// The connection of a node that is asked.
    pub(crate) fn peer(&self, node_id: &str) -> Option<Arc<Peer>> {
        self.0.lock().nodes.get(node_id)?.last().cloned()
    }

    /// Every connection of a node.
    pub(crate) fn peers(&self, node_id: &str) -> Vec<Arc<Peer>> {
        self.0.lock().nodes.get(node_id).cloned().unwrap_or_default()
    }

    /// The connections that are asked, one a node.
    pub(crate) fn all(&self) -> Vec<Arc<Peer>> {
        self.0.lock().nodes.values().filter_map(|peers| peers.last().cloned()).collect()
    }

    /// Something was approved for a node.
    pub(crate) fn approved(&self, node_id: &str, surface: &openclaw_auth::node::Surface) {
        for peer in self.peers(node_id) {
            if let Some(session) = &peer.node {
                session.approve(surface);
            }
        }
    }

    /// Notes a command for the node's connection.
    pub(super) fn begin(&self, ask: &Ask) -> Result<Sent, Unsent> {
        let mut inner = self.0.lock();
        let peer = inner.nodes.get(&ask.node_id).and_then(|peers| peers.last()).cloned();
        let peer = peer.ok_or(Unsent::NotConnected)?;
        let unanswered = inner.waiting.values().filter(|w| w.peer.id == peer.id).count();
        if unanswered >= MAX_UNANSWERED {
            return Err(Unsent::Busy);
        }
        let id = Uuid::new_v4().to_string();
        let (reply, answer) = oneshot::channel();
        let run_id = ask.params.as_ref().and_then(|params| params["runId"].as_str());
        let waiting = Waiting {
            peer: Arc::clone(&peer),
            principal: ask.principal.clone(),
            command: ask.command.clone(),
            run_id: run_id.filter(|_| ask.command == "system.run").map(str::to_owned),
            reply,
        };
        inner.waiting.insert(id.clone(), waiting);
        Ok(Sent { id, peer, answer })
    }

    /// Nobody waits for a command any longer.
    pub(super) fn give_up(&self, id: &str) {
        self.0.lock().waiting.remove(id);
    }

    /// Whoever asked has lost the right to: what it waits for ends. The connections that are to be told, with
    /// the ids.
    pub(super) fn withdraw(&self, principal: &str) -> Vec<(Arc<Peer>, String)> {
        let mut inner = self.0.lock();
        let ended = inner.waiting.extract_if(.., |_, waiting| waiting.principal == principal);
        let told = ended.map(|(id, waiting)| {
            // Whoever asked has given up in this moment.
            waiting.reply.send(Outcome::withdrawn()).ok();
            (waiting.peer, id)
        });
        told.collect()
    }

    /// A connection answers; whether the command was its own and somebody waits.
    pub(crate) fn answer(&self, peer: &Peer, id: &str, outcome: Outcome) -> bool {
        let mut inner = self.0.lock();
        if !inner.owns(peer, id) {
            return false;
        }
        let waiting = inner.waiting.remove(id);
        drop(inner);
        waiting.is_some_and(|waiting| waiting.reply.send(outcome).is_ok())
    }

    /// Whether a command that this connection has to answer has this id.
    pub(crate) fn owns(&self, peer: &Peer, id: &str) -> bool {
        self.0.lock().owns(peer, id)
    }

    /// Whether a program that this connection was asked to run has this run id, and still runs.
    pub(crate) fn runs(&self, peer: &Peer, run_id: &str) -> bool {
        let inner = self.0.lock();
        inner
            .waiting
            .values()
            .any(|waiting| waiting.peer.id == peer.id && waiting.run_id.as_deref() == Some(run_id))
    }
}

impl Inner {
    fn owns(&self, peer: &Peer, id: &str) -> bool {
        self.waiting.get(id).is_some_and(|waiting| waiting.peer.id == peer.id)
    }
}

#[cfg(test)]
mod tests {
    use openclaw_auth::node::{NodeAbout, Surface};
    use openclaw_protocol::{Role, ScopeSet, Version, ids::ConnId};
    use serde_json::json;

    use super::*;
    use crate::{
        edge::Voice,
        nodes::session::NodeSession,
        peer::{Caller, ClientInfo},
    };

    fn node(live: &Live, id: &str) -> Arc<Peer> {
        let caller = Caller { role: Role::Node, scopes: ScopeSet::EMPTY, device: None, user: None };
        let voice = Voice::Protocol(Version::V4);
        let peer = Peer::new(ConnId::new(id), voice, caller, ClientInfo::default());
        let surfaces = (Surface::default(), Surface::default());
        let session = NodeSession::new((id.to_owned(), NodeAbout::default()), None, surfaces, 1);
        let peer = Arc::new(peer.with_node(session));
        live.join(&peer);
        peer
    }

    fn ask(command: &str, run_id: &str) -> Ask {
        Ask {
            digest: [0; 32],
            node_id: "n".to_owned(),
            command: command.to_owned(),
            params: Some(json!({ "runId": run_id })),
            timeout_ms: None,
            principal: "p".to_owned(),
            key: "k".to_owned(),
            session_key: None,
            claim: None,
        }
    }

    #[test]
    fn a_node_has_a_bounded_number_of_commands_to_answer() {
        let live = Live::default();
        let _node = node(&live, "n");
        let ask = ask("canvas.present", "");
        let sent: Vec<_> = (0..MAX_UNANSWERED).map(|_| live.begin(&ask).ok().unwrap()).collect();
        assert!(matches!(live.begin(&ask), Err(Unsent::Busy)));
        live.give_up(&sent[0].id);
        assert!(live.begin(&ask).is_ok());
    }

    #[test]
    fn a_program_runs_where_it_was_asked_for_and_under_its_own_name() {
        let live = Live::default();
        let (own, other) = (node(&live, "n"), node(&live, "m"));
        let _program = live.begin(&ask("system.run", "r")).ok().unwrap();
        let _picture = live.begin(&ask("canvas.present", "c")).ok().unwrap();
        assert!(live.runs(&own, "r"));
        assert!(!live.runs(&own, "another") && !live.runs(&other, "r"));
        assert!(!live.runs(&own, "c"), "it is no program");
    }
}
